//! A second evaluation of the rules of the timeline: for every day of a window it asks what each scope is on that
//! day, straight from the events, and remembers nothing from one day to the next. Slow, and meant to be read.
//! `chains` says which events count and in which order, `legality` what may happen, `life` what one scope is on a day.
//!
//! Where the rules leave room, it reads them like this:
//! - A day on which a scope is in no state stays so, even if an end is said to start before it: an end covers states,
//!   and a scope that an amendment added does not exist before.
//! - An end that is not yet in effect is replaced by a later one even if a later day for its reinstatement is recorded.
//! - "The first interim or in-force day" of a retroactive vacatur is that of the calendar, under stays and ends.
//! - A stay that an order overtakes is open until the order takes effect; the earliest of several stays is the first
//!   in the order of those that lie over the day.
//! - What is wrong with a correction or with the scopes that an event states is found before any event is judged, and
//!   so is that no event would give a state. To correct what was already corrected is 409: somebody was faster.
//! - Of one event: what it says wrong whatever the others did (422); then whether it may happen (409); then dates that
//!   an order gives to a scope that it does not act on, and last days before first ones (422).
//! - `reinstates` that names what can never be reinstated is wrong in itself (422), `superseded` and `withdrawn` too.
//! - An amendment finds the scopes that it adds not yet there: it neither names nor dates them. A start that it gives
//!   moves the start, even to the same day.

mod chains;
mod legality;
mod life;

use chrono::{Datelike, NaiveDate};
use risk_registry::{
    designations::{
        model::{Event, EventType},
        timeline::ScopeState,
    },
    values::{Date, EventId, ScopeId},
};

use self::{chains::Act, life::Life};

/// A day, counted from the first of the Common Era.
pub type Day = i32;

/// The number of a date.
pub fn day_of(date: Date) -> Day {
    date.day().num_days_from_ce()
}

/// Why a list of events can't be, and which of them it is that can't stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub event_id: EventId,
    pub kind: Kind,
}

/// 409 or 422.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// 409.
    NotAllowed {
        /// The types of event that some scope would allow in its place.
        possible: Vec<EventType>,
        /// Those that the scopes that it is about would allow, where it is plain which they are.
        allowed: Option<Vec<EventType>>,
    },
    /// 422
    Invalid,
}

impl Kind {
    /// 409, and nothing could stand there.
    const fn nothing() -> Self {
        Self::NotAllowed { possible: Vec::new(), allowed: None }
    }
}

/// One scope on every day of a window.
#[derive(Debug)]
pub struct ScopeDays {
    pub scope_id: ScopeId,
    /// The event whose list of scopes is the last to state it.
    pub stated_by: EventId,
    pub effective_from: Option<Date>,
    pub effective_to: Option<Date>,
    /// From the first day of the window to its last.
    pub days: Vec<OneDay>,
}

/// One day of one scope.
#[derive(Debug)]
pub struct OneDay {
    pub day: Day,
    pub state: Option<ScopeState>,
    /// The event behind a state that did not show the day before.
    pub event_id: Option<EventId>,
    /// How many stays lie over the day.
    pub stays: usize,
}

impl OneDay {
    /// The day as a date.
    pub fn date(&self) -> Date {
        NaiveDate::from_num_days_from_ce_opt(self.day).and_then(Date::new).expect("a day of the calendar")
    }
}

/// Whether these events, in the order of their recording, can be.
pub fn refusal(events: &[Event]) -> Option<Refusal> {
    judged(events).err()
}

/// What every scope is on every day from the first to the last, both included.
pub fn days(events: &[Event], window: (Day, Day)) -> Result<Vec<ScopeDays>, Refusal> {
    let acts = judged(events)?;
    let scopes = acts.iter().flat_map(|act| act.brings.iter().map(|brought| brought.id));
    Ok(scopes.map(|scope_id| scope_days(&acts, scope_id, window)).collect())
}

fn scope_days(acts: &[Act], scope_id: ScopeId, (first, last): (Day, Day)) -> ScopeDays {
    let life = Life::of(scope_id, acts, acts.len());
    let days = (first..=last).map(|day| {
        let state = life.state(day);
        let begins = state.is_some() && (day == first || life.state(day - 1) != state);
        OneDay {
            day,
            state,
            event_id: begins.then(|| life.event_behind(day)),
            stays: life.stays_over(day).len(),
        }
    });
    ScopeDays {
        scope_id,
        stated_by: life.stated_by(),
        effective_from: life.effective_from(),
        effective_to: life.effective_to(),
        days: days.collect(),
    }
}

/// The counting events in their order, each with the scopes that it acts on.
fn judged(events: &[Event]) -> Result<Vec<Act<'_>>, Refusal> {
    chains::check(events)?;
    let mut acts = chains::acts(events);
    if !acts.iter().any(|act| act.event.event_type().gives_state()) {
        // Only a correction can take away the last such event, and it is the last that was recorded.
        let last = events.last().expect("a designation has events");
        return Err(Refusal { event_id: last.id, kind: Kind::nothing() });
    }
    for place in 0..acts.len() {
        legality::judge(events, &mut acts, place)?;
    }
    Ok(acts)
}
