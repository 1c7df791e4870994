//! The one table of role and operation. What is not in it nobody may do.

use super::role::{Role, Roles};

impl Operation {
    /// Who may do it, in a sentence for people.
    #[must_use]
    pub fn audience(self) -> String {
        if self.roles() == Roles::ALL {
            return "For everybody who signed in.".to_owned();
        }
        let names: Vec<String> = self.roles().iter().map(|role| format!("{}s", role.as_str())).collect();
        match names.as_slice() {
            [before @ .., last] if !before.is_empty() => format!("For {} and {last}.", before.join(", ")),
            _ => format!("For {}.", names.concat()),
        }
    }
}

/// Roles of a row, by their letters: viewer, analyst, a*p*prover, a*u*ditor, a*d*min.
macro_rules! roles {
    ($($letter:ident)*) => { Roles::NONE$(.and(roles!(@ $letter)))* };
    (@ V) => { Role::Viewer };
    (@ A) => { Role::Analyst };
    (@ P) => { Role::Approver };
    (@ U) => { Role::Auditor };
    (@ D) => { Role::Admin };
}

macro_rules! operations {
    ($($variant:ident = $id:literal: $($role:ident)*;)+) => {
        /// An operation under `/v1`, by its id in the OpenAPI document.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation { $($variant,)+ }

        impl Operation {
            /// Every operation that somebody may do.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its id in the OpenAPI document.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// The roles that may do it.
            #[must_use]
            pub const fn roles(self) -> Roles {
                match self { $(Self::$variant => roles!($($role)*),)+ }
            }

            /// Whether its answers are evidence, whatever they show: they go into the access log.
            #[must_use]
            pub const fn is_evidence(self) -> bool {
                matches!(self, Self::GetVendorStanding | Self::CheckStanding | Self::ExportStandingChecks)
            }

            /// Whether its answers go on after they began, or wait for what comes.
            #[must_use]
            pub const fn lasts(self) -> bool {
                matches!(
                    self,
                    Self::ListJournalEntries
                        | Self::StreamJournalEntries
                        | Self::ExportVendors
                        | Self::ExportDesignations
                        | Self::ExportStandingChecks
                        | Self::ExportStatistics
                )
            }

            /// The operation of an id.
            #[must_use]
            pub fn of_id(id: &str) -> Option<Self> {
                match id { $($id => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

operations! {
    ListVendors = "list_vendors": V A P U D;
    CreateVendor = "create_vendor": A P;
    GetVendor = "get_vendor": V A P U D;
    UpdateVendor = "update_vendor": A P;
    RetireVendor = "retire_vendor": A P;
    ListVendorHistory = "list_vendor_history": V A P U D;
    ListVendorDesignations = "list_vendor_designations": V A P U D;
    GetVendorStanding = "get_vendor_standing": V A P U D;
    CheckStanding = "check_standing": V A P U D;
    GetDesignationStatistics = "get_designation_statistics": V A P U D;
    GetDesignationSeries = "get_designation_series": V A P U D;
    ExportVendors = "export_vendors": V A P U D;
    ExportDesignations = "export_designations": V A P U D;
    ExportStandingChecks = "export_standing_checks": V A P U D;
    ExportStatistics = "export_statistics": V A P U D;
    ListAuthorities = "list_authorities": V A P U D;
    CreateAuthority = "create_authority": A P;
    GetAuthority = "get_authority": V A P U D;
    UpdateAuthority = "update_authority": A P;
    RetireAuthority = "retire_authority": A P;
    ListAuthorityHistory = "list_authority_history": V A P U D;
    ListRegimes = "list_regimes": V A P U D;
    CreateRegime = "create_regime": A P;
    GetRegime = "get_regime": V A P U D;
    UpdateRegime = "update_regime": A P;
    RetireRegime = "retire_regime": A P;
    ListRegimeHistory = "list_regime_history": V A P U D;
    ListDesignations = "list_designations": V A P U D;
    CreateDesignation = "create_designation": A P;
    GetDesignation = "get_designation": V A P U D;
    UpdateDesignation = "update_designation": A P;
    VoidDesignation = "void_designation": A P;
    GetDesignationTimeline = "get_designation_timeline": V A P U D;
    ListDesignationHistory = "list_designation_history": V A P U D;
    ListEvents = "list_events": V A P U D;
    RecordEvent = "record_event": A P;
    ListReasons = "list_reasons": V A P U D;
    AddReason = "add_reason": A P;
    GetReason = "get_reason": V A P U D;
    UpdateReason = "update_reason": A P;
    RemoveReason = "remove_reason": A P;
    ListReviews = "list_reviews": A P U;
    GetReview = "get_review": A P U;
    ListReviewHistory = "list_review_history": A P U;
    ConfirmReview = "confirm_review": P;
    RejectReview = "reject_review": A P;
    ListJournalEntries = "list_journal_entries": V A P U D;
    StreamJournalEntries = "stream_journal_entries": V A P U D;
    GetJournalEntry = "get_journal_entry": V A P U D;
    ListAccessEntries = "list_access_entries": U;
    GetAccessEntry = "get_access_entry": U;
    ListApiKeys = "list_api_keys": U D;
    CreateApiKey = "create_api_key": D;
    GetApiKey = "get_api_key": U D;
    RevokeApiKey = "revoke_api_key": D;
}

#[cfg(test)]
mod tests {
    use super::Operation;

    #[test]
    fn an_operation_says_for_whom_it_is() {
        for (operation, audience) in [
            (Operation::ListVendors, "For everybody who signed in."),
            (Operation::CreateVendor, "For analysts and approvers."),
            (Operation::ListReviews, "For analysts, approvers and auditors."),
            (Operation::CreateApiKey, "For admins."),
        ] {
            assert_eq!(operation.audience(), audience);
        }
        for operation in Operation::ALL {
            for role in operation.roles().iter() {
                let named = operation.audience().contains(&format!("{}s", role.as_str()));
                assert!(named || operation.audience().contains("everybody"), "{}", operation.id());
            }
        }
    }
}
