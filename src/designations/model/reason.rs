//! Why a designation was made, who says so, and how sure that is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::source::Source;
use crate::values::{List, Prose, ReasonId, words};

words! {
    /// The kind of reason that is given for a designation.
    pub enum ReasonCode {
        /// A foreign adversary may use the vendor or its product against the state.
        AdversaryThreat = "adversary_threat",
        /// The product has a weakness that can be exploited.
        Vulnerability = "vulnerability",
        /// The product does something harmful by design, such as a back door.
        MaliciousFunction = "malicious_function",
        /// The vendor or its product was part of a cyber incident.
        CyberIncident = "cyber_incident",
        /// Data goes, or may go, where it must not.
        DataExfiltration = "data_exfiltration",
        /// Foreigners own it.
        ForeignOwnership = "foreign_ownership",
        /// Foreigners control or influence it.
        ForeignControlOrInfluence = "foreign_control_or_influence",
        /// A foreign law can compel it.
        ForeignJurisdiction = "foreign_jurisdiction",
        /// It takes part in a foreign state's programme that joins civil and military work.
        MilitaryCivilFusion = "military_civil_fusion",
        /// It is under sanctions, or evaded them.
        Sanctions = "sanctions",
        /// It broke export controls, or is listed under them.
        ExportControl = "export_control",
        /// Its goods are made with forced labour.
        ForcedLabour = "forced_labour",
        /// Fraud, bribery or another want of integrity.
        FraudOrCorruption = "fraud_or_corruption",
        /// A criminal court convicted it or its people.
        CriminalConviction = "criminal_conviction",
        /// It did not do what its contracts asked.
        PoorPerformance = "poor_performance",
        /// It sold counterfeit parts.
        Counterfeit = "counterfeit",
        /// It may not be able to go on.
        FinancialInstability = "financial_instability",
        /// Too much depends on it alone.
        SupplyConcentration = "supply_concentration",
        /// It may not be able to deliver.
        Availability = "availability",
        /// It and its customer disagree about what its product may be used for.
        UsagePolicyDispute = "usage_policy_dispute",
        /// It refused terms that its customer required.
        ContractTermsRefused = "contract_terms_refused",
        /// A statute names it.
        NamedInStatute = "named_in_statute",
        /// Another list names it.
        DerivedFromOtherList = "derived_from_other_list",
        /// It belongs to somebody who is listed.
        AffiliateOfListed = "affiliate_of_listed",
        /// The authority gave no reason.
        Undisclosed = "undisclosed",
        /// Any other reason; the statement says which.
        Other = "other",
    }
}

words! {
    /// Who asserts a reason.
    pub enum AssertedBy {
        /// The authority that designates.
        Authority = "authority",
        /// A court.
        Court = "court",
        /// The vendor itself.
        Vendor = "vendor",
        /// The press.
        Press = "press",
        /// Ourselves.
        Internal = "internal",
    }
}

words! {
    /// How sure a reason is.
    pub enum Confidence {
        /// A primary source confirms it.
        Confirmed = "confirmed",
        /// It is reported, and not confirmed.
        Reported = "reported",
        /// Sources contradict each other.
        Disputed = "disputed",
        /// Nobody has judged it.
        Unknown = "unknown",
    }
}

words! {
    /// Whether a reason stands.
    pub enum ReasonStatus {
        /// It is asserted, and nobody contests it.
        Asserted = "asserted",
        /// Somebody contests it.
        Contested = "contested",
        /// A court did not accept it.
        RejectedByCourt = "rejected_by_court",
        /// Who asserted it took it back.
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
    /// The reason's id, given when it was stated; it never changes.
    pub id: ReasonId,
    pub code: ReasonCode,
    /// The reason in words, as its source gives it.
    pub statement: Prose<10000>,
    pub asserted_by: AssertedBy,
    pub confidence: Confidence,
    pub status: ReasonStatus,
    /// The evidence for this reason.
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
