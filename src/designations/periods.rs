//! The rectangles of dates and knowledge that set queries read: what the timeline said, from which journal position to
//! which. A pure function of what the timeline says now and what was still open.

use super::{
    model::Designation,
    timeline::{ScopeState, ScopeTimeline},
};
use crate::values::{Date, EventId, ScopeId};

/// What the timeline says of one scope over some dates.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    pub scope_id: ScopeId,
    /// The scope's version: the event that stated it.
    pub stated_by: EventId,
    pub from: Date,
    /// The day after the last; `None`: open.
    pub to: Option<Date>,
    pub state: ScopeState,
    pub event_id: EventId,
    /// The scope's environments as `,a,b,`; empty: all.
    pub environments: String,
    /// The scope's actions as `,a,b,`; empty: all.
    pub actions: String,
}

/// A stretch and the positions from which and to which it was known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rectangle {
    pub stretch: Stretch,
    pub known_from: u64,
    /// `None`: still known.
    pub known_to: Option<u64>,
}

/// What changes when the timeline says something new.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Stretches that were open and no longer hold.
    pub closed: Vec<Stretch>,
    /// Stretches that hold from now on.
    pub opened: Vec<Stretch>,
}

/// Everything that a designation's timeline says.
#[must_use]
pub fn stretches(designation: &Designation, timelines: &[ScopeTimeline]) -> Vec<Stretch> {
    if !designation.counts() {
        return Vec::new();
    }
    let of_scope = |timeline: &ScopeTimeline| {
        let scope = timeline.scope.clone();
        let environments = joined(scope.environments.iter().map(|environment| environment.as_str()));
        let actions = joined(scope.actions.iter().map(|action| action.as_str()));
        let periods = timeline.periods.clone();
        periods.into_iter().map(move |period| Stretch {
            scope_id: scope.id,
            stated_by: scope.stated_by,
            from: period.from,
            to: period.to,
            state: period.state,
            event_id: period.event_id,
            environments: environments.clone(),
            actions: actions.clone(),
        })
    };
    timelines.iter().flat_map(of_scope).collect()
}

/// The difference between what was known and what is known now. What stays the same stays one rectangle.
#[must_use]
pub fn turn(open: &[Stretch], now: &[Stretch]) -> Turn {
    Turn {
        closed: open.iter().filter(|stretch| !now.contains(stretch)).cloned().collect(),
        opened: now.iter().filter(|stretch| !open.contains(stretch)).cloned().collect(),
    }
}

/// A list as the table keeps it: `,a,b,`, so that one pattern finds one word; empty for all.
pub fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let list: String = words.flat_map(|word| [",", word]).collect();
    if list.is_empty() { list } else { list + "," }
}
