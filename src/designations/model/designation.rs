//! The record of a designation: one act under one regime against one subject.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{event::Event, reason::Reason, scope::Scope};
use crate::{
    db::Sight,
    designations::timeline::ScopeState,
    regimes::Effect,
    values::{
        AuthorityId, Date, DesignationId, Ended, Instant, Line, List, Prose, RegimeId, VendorId, words,
    },
};

words! {
    /// The form of the act.
    pub enum Instrument {
        /// Advice to who decides.
        Recommendation = "recommendation",
        /// A finding that has legal effect.
        Determination = "determination",
        /// An order to keep it out of procurement.
        ExclusionOrder = "exclusion_order",
        /// An order to take it out of systems.
        RemovalOrder = "removal_order",
        /// An entry on a list.
        Listing = "listing",
        /// A binding instruction to agencies.
        Directive = "directive",
        /// An exclusion from contracts for a time.
        Debarment = "debarment",
        /// The firm's own decision.
        Internal = "internal",
    }
}

words! {
    /// Where the designation comes from.
    pub enum Origin {
        /// An authority's act, recorded with evidence.
        Official = "official",
        /// Reported by others; the act itself was not seen.
        Reported = "reported",
        /// The firm's own.
        Internal = "internal",
    }
}

words! {
    /// How much of the basis the authority disclosed.
    pub enum BasisDisclosure {
        /// All of it.
        Public = "public",
        /// Some of it.
        Partial = "partial",
        /// None of it.
        Withheld = "withheld",
        /// A pointer to where classified material is kept; the material itself is never stored here.
        ClassifiedReference = "classified_reference",
    }
}

words! {
    /// Who may see it.
    pub enum Visibility {
        /// Everybody who may sign in.
        Public = "public",
        /// Analysts, approvers and auditors.
        Restricted = "restricted",
    }
}

impl Visibility {
    /// The least sight that sees what has it.
    #[must_use]
    pub const fn sight(self) -> Sight {
        match self {
            Self::Public => Sight::Public,
            Self::Restricted => Sight::Restricted,
        }
    }
}

words! {
    /// Whether a designation counts.
    pub enum DesignationStatus {
        /// It counts.
        Active = "active",
        /// Recorded by mistake; final.
        Voided = "voided",
    }
}

words! {
    /// How a designation relates to another.
    pub enum LinkKind {
        /// It designates anew what the other one designated.
        Redesignates = "redesignates",
        /// It follows from the other one.
        DerivedFrom = "derived_from",
        /// It carries out the other one.
        Implements = "implements",
    }
}

words! {
    /// The state of a designation as a whole: that of its most telling scope.
    pub enum DesignationState {
        /// Ordered, and in effect.
        InForce = "in_force",
        /// An interim measure is in effect, before the procedure has ended.
        Interim = "interim",
        /// A stay lies over it.
        Stayed = "stayed",
        /// Ordered, not yet in effect.
        Issued = "issued",
        /// The vendor was given notice.
        Noticed = "noticed",
        /// Proposed.
        Proposed = "proposed",
        /// A court set it aside.
        Vacated = "vacated",
        /// The authority took it back.
        Rescinded = "rescinded",
        /// Taken off the list.
        Delisted = "delisted",
        /// Given up before it was ordered.
        Withdrawn = "withdrawn",
        /// Another designation took its place.
        Superseded = "superseded",
        /// Its last day has passed.
        Expired = "expired",
        /// No scope is in any state.
        None = "none",
    }
}

impl From<ScopeState> for DesignationState {
    fn from(state: ScopeState) -> Self {
        match state {
            ScopeState::Proposed => Self::Proposed,
            ScopeState::Noticed => Self::Noticed,
            ScopeState::Interim => Self::Interim,
            ScopeState::Issued => Self::Issued,
            ScopeState::InForce => Self::InForce,
            ScopeState::Stayed => Self::Stayed,
            ScopeState::Vacated => Self::Vacated,
            ScopeState::Rescinded => Self::Rescinded,
            ScopeState::Delisted => Self::Delisted,
            ScopeState::Withdrawn => Self::Withdrawn,
            ScopeState::Superseded => Self::Superseded,
            ScopeState::Expired => Self::Expired,
        }
    }
}

/// How this designation relates to another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DesignationLink {
    pub kind: LinkKind,
    /// The other designation.
    pub designation_id: DesignationId,
}

/// Something that an officer should know of a designation that was accepted as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventWarning {
    /// A stable word for programs: `notice_missing`.
    #[schema(max_length = 100, example = "notice_missing")]
    pub code: String,
    /// What it is, in a sentence for people.
    #[schema(max_length = 1000)]
    pub detail: String,
}

/// What a designation is today. Computed at each read; never stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CurrentState {
    /// Today, in UTC.
    pub on: Date,
    pub state: DesignationState,
    /// Whether it binds today; interim measures count.
    pub in_force: bool,
}

impl CurrentState {
    /// The state of a whole from the states of its scopes and the days since when they are in them.
    #[must_use]
    pub fn of(on: Date, scopes: &[(ScopeState, Date)]) -> Self {
        Self {
            on,
            state: ScopeState::of_whole(scopes).map_or(DesignationState::None, Into::into),
            in_force: scopes.iter().any(|(state, _)| state.binds()),
        }
    }
}

/// What a client may change of a designation. Subject, regime, authority, effect, instrument and origin are fixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DesignationPatch, example = json!({"reference": "N-2026-0117", "visibility": "restricted"}))]
pub struct DesignationFields {
    /// The official number; null where there is none.
    #[serde(default)]
    pub reference: Option<Line<200>>,
    /// What the designation is called here, in a line.
    pub title: Line<500>,
    /// What it says, in words; null where nobody wrote it down.
    #[serde(default)]
    pub summary: Option<Prose<10000>>,
    pub basis_disclosure: BasisDisclosure,
    pub visibility: Visibility,
    /// How it relates to other designations.
    #[serde(default)]
    pub links: List<DesignationLink, 50>,
}

/// One act under one regime against one subject, with its reasons, scopes and events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Designation {
    /// The designation's id, given when it was recorded; it never changes.
    pub id: DesignationId,
    /// From 1; each change adds 1. Reasons and events share it.
    #[schema(minimum = 1)]
    pub revision: u64,
    /// When it was first recorded (UTC).
    pub created_at: Instant,
    /// When it last changed, its reasons and events included (UTC).
    pub updated_at: Instant,
    pub status: DesignationStatus,
    /// The vendor that is designated; null where the subject is a category.
    #[schema(required)]
    pub vendor_id: Option<VendorId>,
    /// The category that is designated, in words; null where the subject is a vendor.
    #[schema(required)]
    pub category: Option<Line<500>>,
    /// The regime that it was made under.
    pub regime_id: RegimeId,
    /// The authority that made it.
    pub authority_id: AuthorityId,
    pub effect: Effect,
    /// The official number; null where there is none.
    #[schema(required)]
    pub reference: Option<Line<200>>,
    /// What the designation is called here, in a line.
    pub title: Line<500>,
    /// What it says, in words; null where nobody wrote it down.
    #[schema(required)]
    pub summary: Option<Prose<10000>>,
    pub instrument: Instrument,
    pub origin: Origin,
    pub basis_disclosure: BasisDisclosure,
    pub visibility: Visibility,
    /// Why it was made, as its sources say.
    pub reasons: List<Reason, 200>,
    /// The scopes as they stand now, in the order in which they were first stated.
    pub scopes: List<Scope, 2000>,
    /// Every event, in the order of recording.
    pub events: List<Event, 1000>,
    /// How it relates to other designations.
    pub links: List<DesignationLink, 50>,
    /// The day by which the authority must look at it again; null where none is known.
    #[schema(required)]
    pub next_review_on: Option<Date>,
    /// What an officer should know of it, though it was accepted as it is.
    pub warnings: List<EventWarning, 50>,
    /// When, by whom and why it was voided; null while it counts.
    #[schema(required)]
    pub ended: Option<Ended>,
    /// What it is today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required, nullable = false)]
    pub current: Option<CurrentState>,
}

impl Designation {
    /// What a client may change of it.
    #[must_use]
    pub fn fields(&self) -> DesignationFields {
        DesignationFields {
            reference: self.reference.clone(),
            title: self.title.clone(),
            summary: self.summary.clone(),
            basis_disclosure: self.basis_disclosure,
            visibility: self.visibility,
            links: self.links.clone(),
        }
    }

    /// Whether its events count.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.status == DesignationStatus::Active
    }

    /// The events that count: those that no other corrects.
    pub fn counting_events(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(|event| !self.events.iter().any(|other| other.corrects == Some(event.id)))
    }

    /// The last day on which something happened to it.
    #[must_use]
    pub fn latest_event_on(&self) -> Option<Date> {
        self.counting_events().map(|event| event.occurred_on).max()
    }

    /// Every other designation that it names: in a link, or as the successor in an event, corrected ones included.
    #[must_use]
    pub fn mentioned_designations(&self) -> std::collections::BTreeSet<DesignationId> {
        let successors = self.events.iter().filter_map(|event| event.details.successor_id());
        self.links.iter().map(|link| link.designation_id).chain(successors).collect()
    }

    /// Every authority that it mentions: its issuer, courts, agencies of scopes.
    #[must_use]
    pub fn mentioned_authorities(&self) -> std::collections::BTreeSet<AuthorityId> {
        let stated = self.events.iter().flat_map(|event| event.details.scopes().unwrap_or_default());
        std::iter::once(self.authority_id)
            .chain(self.events.iter().filter_map(|event| event.details.authority_id()))
            .chain(stated.flat_map(|scope| scope.agencies.iter().copied()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_telling_scope_speaks_for_the_whole_and_else_the_latest_end() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let state = |scopes: &[(ScopeState, &str)]| {
            let scopes: Vec<_> = scopes.iter().map(|(state, since)| (*state, day(since))).collect();
            let current = CurrentState::of(day("2026-06-01"), &scopes);
            (current.state, current.in_force)
        };
        assert_eq!(state(&[]), (DesignationState::None, false));
        assert_eq!(
            state(&[(ScopeState::Stayed, "2026-01-01"), (ScopeState::Interim, "2026-01-01")]),
            (DesignationState::Interim, true)
        );
        assert_eq!(
            state(&[(ScopeState::Expired, "2026-03-01"), (ScopeState::Vacated, "2026-02-01")]),
            (DesignationState::Expired, false)
        );
    }
}
