//! What random histories were made of, so that the properties can say what they were tested on,
//! and fail when some kind of history no longer comes about.

use std::{collections::BTreeMap, fmt};

use risk_registry::designations::model::{Details, Event};

use super::{
    histories::{newest, stated},
    oracle::{Kind, Refusal, ScopeDays},
};

/// Counts of histories, events and refusals, by what they show.
#[derive(Default)]
pub struct Tally {
    histories: BTreeMap<&'static str, usize>,
    events: BTreeMap<&'static str, usize>,
    refusals: BTreeMap<&'static str, usize>,
}

impl Tally {
    pub fn history(&mut self, events: &[Event], days: &[ScopeDays]) {
        for (what, shows) in traits(events, days) {
            *self.histories.entry(what).or_default() += usize::from(shows);
        }
        for event in events {
            *self.events.entry(event.event_type().as_str()).or_default() += 1;
        }
    }

    pub fn refused(&mut self, refusal: &Refusal, candidate: &Event) {
        let own = refusal.event_id == candidate.id;
        let what = match (&refusal.kind, own) {
            (Kind::NotAllowed { .. }, true) => "409 at the candidate",
            (Kind::NotAllowed { .. }, false) => "409 at another event",
            (Kind::Invalid, true) => "422 at the candidate",
            (Kind::Invalid, false) => "422 at another event",
        };
        *self.refusals.entry(what).or_default() += 1;
    }

    pub fn add(&mut self, other: Self) {
        let pairs = [
            (&mut self.histories, other.histories),
            (&mut self.events, other.events),
            (&mut self.refusals, other.refusals),
        ];
        for (mine, theirs) in pairs {
            for (what, number) in theirs {
                *mine.entry(what).or_default() += number;
            }
        }
    }

    /// The kinds of history that are told apart.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.histories.keys().copied()
    }

    /// How many histories, events or refusals show this.
    pub fn of(&self, what: &str) -> usize {
        [&self.histories, &self.events, &self.refusals].iter().filter_map(|counts| counts.get(what)).sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = [("histories", &self.histories), ("events", &self.events), ("refused", &self.refusals)];
        for (name, counts) in counted {
            let all: Vec<String> = counts.iter().map(|(what, number)| format!("{what} {number}")).collect();
            writeln!(f, "{name}: {}", all.join(", "))?;
        }
        Ok(())
    }
}

fn traits(events: &[Event], days: &[ScopeDays]) -> Vec<(&'static str, bool)> {
    let any = |shows: &dyn Fn(&Event) -> bool| newest(events).any(shows);
    let backdated = (1..events.len()).any(|n| {
        let (event, earlier) = (&events[n], &events[..n]);
        event.corrects.is_none() && earlier.iter().any(|other| event.occurred_on < other.occurred_on)
    });
    let corrected = |becomes: &dyn Fn(&Event, &Event) -> bool| {
        let old = |event: &Event| events.iter().find(|old| Some(old.id) == event.corrects);
        events.iter().any(|event| old(event).is_some_and(|old| becomes(old, event)))
    };
    let known = stated(events).len();
    let late = |event: &Event| event.details.effective_on().is_some_and(|on| on > event.occurred_on);
    let early = |event: &Event| event.details.effective_on().is_some_and(|on| on < event.occurred_on);
    let is_end = |event: &Event| {
        matches!(
            event.details,
            Details::Vacated { .. }
                | Details::Rescinded { .. }
                | Details::Delisted { .. }
                | Details::Superseded { .. }
        )
    };
    let stays = |event: &Event| matches!(event.details, Details::Stayed { .. });
    let adds = |event: &Event| {
        matches!(event.details, Details::Amended { .. })
            && event.details.scopes().is_some_and(|scopes| !scopes.is_empty())
    };
    let own_dates = |event: &Event| {
        let scopes = event.details.scopes().unwrap_or_default();
        scopes.iter().any(|scope| scope.effective_from.or(scope.effective_to).is_some())
    };
    vec![
        ("all", true),
        ("backdated", backdated),
        ("corrected", corrected(&|_, _| true)),
        (
            "retracted",
            corrected(&|old, new| {
                !matches!(old.details, Details::Noted) && matches!(new.details, Details::Noted)
            }),
        ),
        ("corrected to another date", corrected(&|old, new| old.occurred_on != new.occurred_on)),
        ("corrected to another type", corrected(&|old, new| old.event_type() != new.event_type())),
        (
            "scopes restated",
            corrected(&|old, new| {
                let ids = |event: &Event| {
                    let scopes = event.details.scopes().unwrap_or_default();
                    scopes.iter().filter_map(|scope| scope.id).collect::<Vec<_>>()
                };
                ids(new).iter().any(|id| ids(old).contains(id))
            }),
        ),
        ("two scopes or more", known > 1),
        ("partial stays", any(&|event| stays(event) && (1..known).contains(&event.scope_ids.len()))),
        ("overlapping stays", days.iter().any(|scope| scope.days.iter().any(|day| day.stays > 1))),
        ("scopes with dates", any(&own_dates)),
        (
            "dates of orders",
            any(&|e| matches!(&e.details, Details::OrderIssued { dates, .. } if !dates.is_empty())),
        ),
        (
            "dates of amendments",
            any(&|e| matches!(&e.details, Details::Amended { dates, .. } if !dates.is_empty())),
        ),
        ("scopes added by amendment", any(&adds)),
        ("reinstated", any(&|event| matches!(event.details, Details::Reinstated { .. }))),
        ("retroactive", any(&|e| matches!(e.details, Details::Vacated { retroactive: true, .. }))),
        ("pending ends", any(&|event| is_end(event) && late(event))),
        ("ends that reach back", any(&|event| is_end(event) && early(event))),
        ("pending stays", any(&|event| stays(event) && late(event))),
    ]
}
