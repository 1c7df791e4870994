//! The timeline: the states of a designation, scope by scope, over dates. A pure function of its events:
//! it reads no regime, no clock and no configuration, so the same events give the same answer for ever.
//! `fold` walks the events, `track` knows what one scope is on any day, `legality` says what may happen next.

mod chains;
mod fold;
mod legality;
mod track;

pub use fold::{allowed_on, counting, timeline};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{EventType, Scope};
use crate::values::{Date, EventId, ScopeId, words};

words! {
    /// The state of a scope on a day.
    pub enum ScopeState {
        /// Proposed.
        Proposed = "proposed",
        /// The vendor was given notice.
        Noticed = "noticed",
        /// An interim measure is in effect, before the procedure has ended.
        Interim = "interim",
        /// Ordered, not yet in effect.
        Issued = "issued",
        /// Ordered, and in effect.
        InForce = "in_force",
        /// A stay lies over it.
        Stayed = "stayed",
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
    }
}

impl ScopeState {
    /// What a designation as a whole is in as soon as one of its scopes is, the most telling first. Where none is in any of
    /// them, the end that began last tells.
    pub const TELLING: [Self; 6] =
        [Self::InForce, Self::Interim, Self::Stayed, Self::Issued, Self::Noticed, Self::Proposed];

    /// The state of a whole from the states of its scopes and the days since when they are in them; `None` where no scope is
    /// in any.
    #[must_use]
    pub fn of_whole(scopes: &[(Self, Date)]) -> Option<Self> {
        let telling =
            Self::TELLING.into_iter().find(|state| scopes.iter().any(|(of_scope, _)| of_scope == state));
        let latest_end =
            || scopes.iter().max_by_key(|(state, since)| (*since, *state)).map(|(state, _)| *state);
        telling.or_else(latest_end)
    }

    /// Interim, issued or in force: what a stay can lie over.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Interim | Self::Issued | Self::InForce)
    }

    /// One of the six ends, `expired` included.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(
            self,
            Self::Vacated
                | Self::Rescinded
                | Self::Delisted
                | Self::Withdrawn
                | Self::Superseded
                | Self::Expired
        )
    }

    /// The words of the states that something is true of, for queries.
    #[must_use]
    pub fn words_of(is: impl Fn(Self) -> bool) -> Vec<&'static str> {
        Self::ALL.iter().copied().filter(|state| is(*state)).map(Self::as_str).collect()
    }

    /// In force or interim: what binds today.
    #[must_use]
    pub const fn binds(self) -> bool {
        matches!(self, Self::InForce | Self::Interim)
    }
}

/// A maximal run of days in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// The day after the last day; null: open.
    #[schema(required)]
    pub to: Option<Date>,
    pub state: ScopeState,
    /// The event behind the state.
    pub event_id: EventId,
}

impl Period {
    /// Whether a day lies in it.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
}

/// The states of one scope over dates. On days before its first period it is in no state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeTimeline {
    /// The scope as it stands, with the dates that events gave it.
    pub scope: Scope,
    /// In order of dates, without overlaps.
    pub periods: Vec<Period>,
}

/// Why a sequence of events cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Illegal {
    /// The event that can't stand.
    pub event_id: EventId,
    pub fault: IllegalFault,
    /// In words, for the person who recorded it.
    pub detail: String,
}

/// Whether an event is illegal where it stands or wrong in itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IllegalFault {
    /// The state of the scopes on its day does not allow it.
    NotAllowed {
        /// The types of event that its place in the order allows.
        allowed: Vec<EventType>,
        /// The event behind the state that forbids it, where there is one.
        behind: Option<EventId>,
        /// The scopes that forbid it.
        scope_ids: Vec<ScopeId>,
    },
    /// It contradicts itself.
    Invalid {
        /// The field of the event that is wrong, as a JSON Pointer below the event.
        pointer: String,
    },
}
