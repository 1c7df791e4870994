//! Where a designation bites: environments, actions, tiers, agencies and dates.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::values::{AuthorityId, Date, EventId, List, Prose, ScopeId, words};

words! {
    /// The sort of system in which something is used.
    pub enum Environment {
        /// Systems with nothing classified.
        Unclassified = "unclassified",
        /// Controlled unclassified information.
        Cui = "cui",
        /// National security systems.
        NationalSecuritySystem = "national_security_system",
        /// Systems up to SECRET.
        Secret = "secret",
        /// Systems up to TOP SECRET.
        TopSecret = "top_secret",
        /// Sensitive compartmented information.
        Sci = "sci",
    }
}

words! {
    /// What is done with a vendor's product.
    pub enum Action {
        /// Buying it.
        Procure = "procure",
        /// Supplying it to the customer.
        Provide = "provide",
        /// Using it.
        Use = "use",
        /// Running it for somebody.
        Operate = "operate",
        /// Building it into something.
        Integrate = "integrate",
        /// Exporting it.
        Export = "export",
        /// Importing it.
        Import = "import",
        /// Investing in the vendor.
        Invest = "invest",
    }
}

words! {
    /// The level of a contract.
    pub enum Tier {
        /// The contract with the customer itself.
        Prime = "prime",
        /// A contract below it.
        Subcontract = "subcontract",
    }
}

/// A scope as an event states it. An empty list means all. `id` is given only to restate a scope in a correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeStatement {
    /// The scope that a correction restates; leave it out for a new scope. Always present in answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ScopeId>,
    #[serde(default)]
    pub environments: List<Environment, 6>,
    #[serde(default)]
    pub actions: List<Action, 8>,
    #[serde(default)]
    pub tiers: List<Tier, 2>,
    /// The authorities whose procurement the scope binds.
    #[serde(default)]
    pub agencies: List<AuthorityId, 500>,
    /// First day of effect; by default the day of the order.
    #[serde(default)]
    pub effective_from: Option<Date>,
    /// Last day of effect; open when absent.
    #[serde(default)]
    pub effective_to: Option<Date>,
    #[serde(default)]
    pub note: Option<Prose<10000>>,
}

/// A scope as it stands: what was last stated of it, with the dates that later events gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Scope {
    pub id: ScopeId,
    /// The event whose `details.scopes` last stated this scope.
    pub stated_by: EventId,
    pub environments: List<Environment, 6>,
    pub actions: List<Action, 8>,
    pub tiers: List<Tier, 2>,
    pub agencies: List<AuthorityId, 500>,
    /// First day of effect, as last set; null: the day of the order.
    #[schema(required)]
    pub effective_from: Option<Date>,
    /// Last day of effect, as last set; null: open.
    #[schema(required)]
    pub effective_to: Option<Date>,
    #[schema(required)]
    pub note: Option<Prose<10000>>,
}
