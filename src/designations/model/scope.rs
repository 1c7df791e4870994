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

/// A scope as an event states it. An empty list means all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeStatement {
    /// The scope's id. A correction restates the scope of this id; without one a scope is new, and is given its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ScopeId>,
    /// The sorts of system that it is about; empty means all.
    #[serde(default)]
    pub environments: List<Environment, 6>,
    /// What it restricts; empty means everything.
    #[serde(default)]
    pub actions: List<Action, 8>,
    /// The levels of contract that it is about; empty means both.
    #[serde(default)]
    pub tiers: List<Tier, 2>,
    /// The authorities whose procurement the scope binds; empty means all.
    #[serde(default)]
    pub agencies: List<AuthorityId, 500>,
    /// First day of effect; null: the day of the order.
    #[serde(default)]
    pub effective_from: Option<Date>,
    /// Last day of effect; null: open.
    #[serde(default)]
    pub effective_to: Option<Date>,
    /// What else is to be said of the scope, in words; null where nothing is.
    #[serde(default)]
    pub note: Option<Prose<10000>>,
}

/// A scope as it stands: what was last stated of it, with the dates that later events gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Scope {
    /// The scope's id, given when it was first stated; it never changes.
    pub id: ScopeId,
    /// The event whose `details.scopes` last stated this scope.
    pub stated_by: EventId,
    /// The sorts of system that it is about; empty means all.
    pub environments: List<Environment, 6>,
    /// What it restricts; empty means everything.
    pub actions: List<Action, 8>,
    /// The levels of contract that it is about; empty means both.
    pub tiers: List<Tier, 2>,
    /// The authorities whose procurement the scope binds; empty means all.
    pub agencies: List<AuthorityId, 500>,
    /// First day of effect, as last set; null: the day of the order.
    #[schema(required)]
    pub effective_from: Option<Date>,
    /// Last day of effect, as last set; null: open.
    #[schema(required)]
    pub effective_to: Option<Date>,
    /// What else is to be said of the scope, in words; null where nothing is.
    #[schema(required)]
    pub note: Option<Prose<10000>>,
}
