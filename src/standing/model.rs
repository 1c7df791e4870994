//! What a standing is: the question, the verdict and the findings. `evaluation` says how it follows. No I/O.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::{PartialSchema, ToSchema, openapi};

use crate::{
    access::FourEyes,
    db::Sight,
    designations::{
        model::{Action, Environment, Reason, Scope, Source, Tier},
        timeline::ScopeState,
    },
    regimes::Effect,
    values::{AuthorityId, Date, DesignationId, EventId, Instant, ScopeId, VendorId, words},
};

words! {
    /// What the designations say of a use on a day.
    pub enum Verdict {
        /// The use is forbidden.
        Prohibited = "prohibited",
        /// The use is allowed under conditions.
        Restricted = "restricted",
        /// The use must be reported.
        Reportable = "reportable",
        /// There is a warning, which binds nobody.
        Advisory = "advisory",
        /// Nothing binds, but something would without a stay.
        Stayed = "stayed",
        /// Nothing binds yet: proposed, noticed or issued.
        Pending = "pending",
        /// Nothing that is recorded binds, is stayed or is pending. Under the coverage `public` it is no clearance.
        Clear = "clear",
    }
}

words! {
    /// Which designations were looked at: those that the asker's role may see.
    pub enum Coverage {
        /// Only public ones: `clear` is then no clearance, and any other verdict may fall short of what holds.
        Public = "public",
        /// Restricted ones too.
        Full = "full",
    }
}

impl Coverage {
    /// What somebody with this sight may see.
    #[must_use]
    pub fn of(sight: Sight) -> Self {
        if sight.sees_restricted() { Self::Full } else { Self::Public }
    }
}

impl From<Effect> for Verdict {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Prohibited => Self::Prohibited,
            Effect::Restricted => Self::Restricted,
            Effect::Reportable => Self::Reportable,
            Effect::Advisory => Self::Advisory,
        }
    }
}

/// An agency of a use: an authority, or a customer that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agency {
    /// A customer that is no agency: it meets only scopes without agencies.
    None,
    Authority(AuthorityId),
}

impl Agency {
    /// The authority, where it is one.
    #[must_use]
    pub const fn authority(&self) -> Option<AuthorityId> {
        match self {
            Self::None => None,
            Self::Authority(id) => Some(*id),
        }
    }
}

impl Serialize for Agency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str("none"),
            Self::Authority(id) => id.serialize(serializer),
        }
    }
}

impl PartialSchema for Agency {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        openapi::ObjectBuilder::new()
            .schema_type(openapi::Type::String)
            .min_length(Some(4))
            .max_length(Some(36))
            .examples(["none"])
            .into()
    }
}

impl ToSchema for Agency {}

/// What a standing was asked for. An empty list asks for every one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StandingInputs {
    /// The day that the verdict is for.
    pub on: Date,
    /// The sorts of system; empty: every one.
    #[schema(max_items = 6)]
    pub environment: Vec<Environment>,
    /// What is done; empty: everything.
    #[schema(max_items = 8)]
    pub action: Vec<Action>,
    /// The levels of contract; empty: both.
    #[schema(max_items = 2)]
    pub tier: Vec<Tier>,
    /// Ids of authorities, or `none` for a customer that is no agency.
    #[schema(max_items = 50)]
    pub agency: Vec<Agency>,
}

impl StandingInputs {
    /// A scope matches when each of its lists is empty, or not asked for, or meets what is asked for.
    pub(super) fn meet(&self, scope: &Scope) -> bool {
        fn meets<T: PartialEq>(listed: &[T], asked: &[T]) -> bool {
            listed.is_empty() || asked.is_empty() || listed.iter().any(|item| asked.contains(item))
        }
        let agencies: Vec<Agency> = scope.agencies.iter().copied().map(Agency::Authority).collect();
        meets(&scope.environments, &self.environment)
            && meets(&scope.actions, &self.action)
            && meets(&scope.tiers, &self.tier)
            && meets(&agencies, &self.agency)
    }

    /// The use in words. `agencies` are the names of the agencies, as known then.
    pub(super) fn in_words(&self, agencies: &HashMap<AuthorityId, String>) -> String {
        let list = |name: &str, words: Vec<&str>| {
            (!words.is_empty()).then(|| format!("{name} {}", words.join(" or ")))
        };
        let named = self.agency.iter().map(|agency| match agency {
            Agency::None => "a customer that is no agency".to_owned(),
            Agency::Authority(id) => agencies.get(id).cloned().unwrap_or_else(|| id.to_string()),
        });
        let agency = (!self.agency.is_empty()).then(|| named.collect::<Vec<_>>().join(" or "));
        let parts: Vec<String> = [
            list("environment", self.environment.iter().map(|word| word.as_str()).collect()),
            list("action", self.action.iter().map(|word| word.as_str()).collect()),
            list("tier", self.tier.iter().map(|word| word.as_str()).collect()),
            agency,
        ]
        .into_iter()
        .flatten()
        .collect();
        if parts.is_empty() { "any use".to_owned() } else { parts.join(", ") }
    }
}

/// A matching scope of a finding, in the state that it is in on the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FindingScope {
    /// The scope's id.
    pub scope_id: ScopeId,
    pub state: ScopeState,
    /// First day of the state.
    pub since: Date,
    /// The day after its last; null: open.
    #[schema(required)]
    pub until: Option<Date>,
    /// The event behind the state.
    pub event_id: EventId,
    /// The evidence for that event.
    #[schema(max_items = 50)]
    pub sources: Vec<Source>,
}

/// A designation with a scope that matches the use and is in some state on the day; ended ones included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Finding {
    /// The designation's id.
    pub designation_id: DesignationId,
    /// The designation's title.
    #[schema(max_length = 500)]
    pub title: String,
    /// The regime's slug.
    #[schema(max_length = 100)]
    pub regime: String,
    /// The authority's id.
    pub authority: AuthorityId,
    pub effect: Effect,
    /// The official number; null where none is recorded.
    #[schema(required, max_length = 200)]
    pub reference: Option<String>,
    /// Why it was made, as recorded.
    #[schema(max_items = 200)]
    pub reasons: Vec<Reason>,
    /// Its scopes that match the use, each in the state that it is in on the day.
    #[schema(max_items = 2000)]
    pub scopes: Vec<FindingScope>,
}

/// A designation that is in force on the day, but not for the use: no scope that binds matches it. It may also be a
/// finding, by another scope that is stayed or has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnmatchedDesignation {
    /// The designation's id.
    pub designation_id: DesignationId,
    /// The designation's title.
    #[schema(max_length = 500)]
    pub title: String,
}

/// A designation of a category that is in force on the day. Whether the vendor falls under it, a person must say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CategoryDesignation {
    /// The designation's id.
    pub designation_id: DesignationId,
    /// The designation's title.
    #[schema(max_length = 500)]
    pub title: String,
    /// The category in words.
    #[schema(max_length = 500)]
    pub category: String,
    pub effect: Effect,
}

/// The verdict on a vendor for a use and a date, as known at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Standing {
    /// The vendor that was asked about.
    pub vendor_id: VendorId,
    /// Whether the vendor was recorded at the position that the answer was given from.
    pub vendor_known: bool,
    pub verdict: Verdict,
    /// The verdict in one sentence that can be quoted; under the coverage `public` it says what was left out.
    #[schema(max_length = 20000)]
    pub summary: String,
    /// Every designation of the vendor with a scope that matches the use, in whatever state; the verdict follows from
    /// these.
    #[schema(max_items = 10000)]
    pub findings: Vec<Finding>,
    /// Designations of the vendor that are in force on the day, but not for the use.
    #[schema(max_items = 10000)]
    pub unmatched: Vec<UnmatchedDesignation>,
    /// Designations of categories that are in force on the day. They are outside of the verdict: whether the vendor falls under
    /// one, a person must say.
    #[schema(max_items = 10000)]
    pub categories: Vec<CategoryDesignation>,
    /// The next day on which, as known, the verdict changes; null: never.
    #[schema(required)]
    pub holds_until: Option<Date>,
    /// The journal position that the answer was given from.
    pub known_seq: u64,
    /// The instant of that position; null where nothing was recorded yet.
    #[schema(required)]
    pub recorded_at: Option<Instant>,
    pub coverage: Coverage,
    /// Whether another person must confirm what counts before it does; what still waits is no part of this answer.
    pub four_eyes: FourEyes,
    /// What was asked for, with ids for names.
    pub inputs: StandingInputs,
}

/// What a batch could not answer for one vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StandingError {
    /// A stable word for programs: `not_found`, `invalid_identifier` or `ambiguous_identifier`.
    #[schema(max_length = 100, example = "not_found")]
    pub code: String,
    /// What was wrong, and what to do, in a sentence.
    #[schema(max_length = 1000)]
    pub detail: String,
}
