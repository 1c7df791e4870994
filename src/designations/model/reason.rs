//! Why a designation was made, who says so, and how sure that is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::source::Source;
use crate::values::{List, Prose, ReasonId, words};

words! {
    /// The kind of reason that is given for a designation.
    pub enum ReasonCode {
        AdversaryThreat = "adversary_threat",
        Vulnerability = "vulnerability",
        MaliciousFunction = "malicious_function",
        CyberIncident = "cyber_incident",
        DataExfiltration = "data_exfiltration",
        ForeignOwnership = "foreign_ownership",
        ForeignControlOrInfluence = "foreign_control_or_influence",
        ForeignJurisdiction = "foreign_jurisdiction",
        MilitaryCivilFusion = "military_civil_fusion",
        Sanctions = "sanctions",
        ExportControl = "export_control",
        ForcedLabour = "forced_labour",
        FraudOrCorruption = "fraud_or_corruption",
        CriminalConviction = "criminal_conviction",
        PoorPerformance = "poor_performance",
        Counterfeit = "counterfeit",
        FinancialInstability = "financial_instability",
        SupplyConcentration = "supply_concentration",
        Availability = "availability",
        UsagePolicyDispute = "usage_policy_dispute",
        ContractTermsRefused = "contract_terms_refused",
        NamedInStatute = "named_in_statute",
        DerivedFromOtherList = "derived_from_other_list",
        AffiliateOfListed = "affiliate_of_listed",
        /// The authority gave no reason.
        Undisclosed = "undisclosed",
        Other = "other",
    }
}

words! {
    /// Who asserts a reason.
    pub enum AssertedBy {
        Authority = "authority",
        Court = "court",
        Vendor = "vendor",
        Press = "press",
        Internal = "internal",
    }
}

words! {
    /// How sure a reason is.
    pub enum Confidence {
        Confirmed = "confirmed",
        Reported = "reported",
        Disputed = "disputed",
        Unknown = "unknown",
    }
}

words! {
    /// Whether a reason stands.
    pub enum ReasonStatus {
        Asserted = "asserted",
        Contested = "contested",
        RejectedByCourt = "rejected_by_court",
        Withdrawn = "withdrawn",
    }
}

/// What a client states of a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReasonCreate, example = json!({
    "code": "usage_policy_dispute", "statement": "The vendor refused to drop two limits on the use of its models.",
    "asserted_by": "press", "confidence": "reported", "status": "contested",
    "sources": [{
        "kind": "press", "title": "A report on the negotiations", "url": "https://www.example.com/report",
        "published_on": "2026-03-05"
    }]
}))]
pub struct ReasonFields {
    pub code: ReasonCode,
    /// The reason in words, as its source gives it.
    pub statement: Prose<10000>,
    pub asserted_by: AssertedBy,
    pub confidence: Confidence,
    pub status: ReasonStatus,
    /// The evidence for this reason.
    #[serde(default)]
    pub sources: List<Source, 50>,
}

/// Why a designation was made: a code, a statement, who asserts it, how sure it is and whether it is contested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    pub id: ReasonId,
    pub code: ReasonCode,
    pub statement: Prose<10000>,
    pub asserted_by: AssertedBy,
    pub confidence: Confidence,
    pub status: ReasonStatus,
    pub sources: List<Source, 50>,
}

impl Reason {
    /// The reason that has this id and says this.
    #[must_use]
    pub fn new(id: ReasonId, fields: ReasonFields) -> Self {
        let ReasonFields { code, statement, asserted_by, confidence, status, sources } = fields;
        Self { id, code, statement, asserted_by, confidence, status, sources }
    }

    /// What a client may change of it.
    #[must_use]
    pub fn fields(&self) -> ReasonFields {
        let Self { id: _, code, statement, asserted_by, confidence, status, sources } = self.clone();
        ReasonFields { code, statement, asserted_by, confidence, status, sources }
    }
}
