//! What is known of one scope while the fold walks the events: its steps, stays and ends, and what they make of a day.
//! It judges nothing; `legality` does.

use super::{Period, ScopeState, ScopeTimeline};
use crate::{
    designations::model::Scope,
    values::{Date, EventId},
};

/// An event and the day that counts for it.
pub(super) type Step = (Date, EventId);

/// What undid a stay or an end: the event, its place in the fold's order, and the first day without the stay or end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Undoing {
    pub(super) event: EventId,
    pub(super) place: usize,
    pub(super) on: Date,
}

/// A stay that lies over the scope.
#[derive(Debug, Clone)]
pub(super) struct Stay {
    pub(super) event: EventId,
    /// The first event of its chain of corrections.
    pub(super) root: EventId,
    pub(super) starts: Date,
    pub(super) lifted: Option<Undoing>,
    /// It was open when the final order was issued: it ends when the order takes effect (rule 7).
    pub(super) ends_with_order: bool,
}

/// An end: vacated, rescinded, delisted, withdrawn or superseded.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub(super) event: EventId,
    pub(super) root: EventId,
    pub(super) state: ScopeState,
    pub(super) occurred_on: Date,
    pub(super) starts: Date,
    pub(super) reinstated: Option<Undoing>,
}

impl End {
    /// First day, and the day after the last; an end that was reinstated keeps no day before it was pronounced (rule 8).
    fn span(&self) -> (Date, Option<Date>) {
        match self.reinstated {
            None => (self.starts, None),
            Some(undoing) => (self.occurred_on.max(self.starts), Some(undoing.on)),
        }
    }

    pub(super) fn first_day(&self) -> Date {
        self.span().0
    }

    pub(super) fn covers(&self, day: Date) -> bool {
        let (from, until) = self.span();
        day >= from && until.is_none_or(|until| day < until)
    }

    /// Whether `reinstated` can undo it: never `withdrawn` or `superseded`, and no end twice.
    pub(super) fn can_be_reinstated(&self) -> bool {
        self.reinstated.is_none()
            && matches!(self.state, ScopeState::Vacated | ScopeState::Rescinded | ScopeState::Delisted)
    }
}

/// The final order, or the amendment that added the scope under one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub(super) day: Date,
    pub(super) event: EventId,
    pub(super) place: usize,
}

/// One scope, as far as the fold has come.
#[derive(Debug, Clone)]
pub(super) struct Track {
    pub(super) scope: Scope,
    pub(super) proposed: Option<Step>,
    pub(super) noticed: Option<Step>,
    pub(super) interim: Option<Step>,
    pub(super) order: Option<Order>,
    /// The event whose `details.dates` last set the first day.
    pub(super) from_set_by: Option<EventId>,
    /// The event whose `details.dates` last set the last day.
    pub(super) to_set_by: Option<EventId>,
    pub(super) stays: Vec<Stay>,
    pub(super) ends: Vec<End>,
}

impl Track {
    pub(super) const fn new(scope: Scope) -> Self {
        Self {
            scope,
            proposed: None,
            noticed: None,
            interim: None,
            order: None,
            from_set_by: None,
            to_set_by: None,
            stays: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// The day on which `issued` becomes `in_force`.
    pub(super) fn in_force_from(&self) -> Option<Date> {
        self.order.map(|order| self.scope.effective_from.unwrap_or(order.day))
    }

    /// The scope's first interim or in-force day.
    pub(super) fn first_bound_day(&self) -> Option<Date> {
        let interim = self.interim.map(|(day, _)| day);
        [interim, self.in_force_from()].into_iter().flatten().min()
    }

    /// Whether its last day lies before its first: the day in force, or the day on which the interim measure began.
    pub(super) fn ends_before_it_begins(&self) -> bool {
        let first = self.in_force_from().or(self.interim.map(|(day, _)| day));
        matches!((first, self.scope.effective_to), (Some(first), Some(last)) if last < first)
    }

    fn expires(&self) -> Option<Date> {
        self.scope.effective_to.and_then(|last| last.plus_days(1))
    }

    /// The state without stays and ends.
    fn base(&self, day: Date) -> Option<ScopeState> {
        let reached = |step: Option<Step>| step.is_some_and(|(from, _)| day >= from);
        let in_force = self.in_force_from().is_some_and(|from| day >= from);
        let issued = self.order.is_some_and(|order| day >= order.day);
        let live = if in_force {
            Some(ScopeState::InForce)
        } else if reached(self.interim) {
            Some(ScopeState::Interim)
        } else if issued {
            Some(ScopeState::Issued)
        } else {
            None
        };
        match live {
            Some(_) if self.expires().is_some_and(|expires| day >= expires) => Some(ScopeState::Expired),
            Some(state) => Some(state),
            None if reached(self.noticed) => Some(ScopeState::Noticed),
            None if reached(self.proposed) => Some(ScopeState::Proposed),
            None => None,
        }
    }

    /// The end that covers a day on which the scope is in some state: of several, the latest in the order.
    fn end_on(&self, day: Date) -> Option<&End> {
        self.base(day)?;
        self.ends.iter().rev().find(|end| end.covers(day))
    }

    /// The state beneath any stay: what the event table reads.
    pub(super) fn beneath(&self, day: Date) -> Option<ScopeState> {
        self.end_on(day).map(|end| end.state).or_else(|| self.base(day))
    }

    /// What ends a stay: its lift or the order that takes effect, whichever comes first; on one day the later in the
    /// order.
    fn undoing(&self, stay: &Stay) -> Option<Undoing> {
        let by_order = self.order.filter(|_| stay.ends_with_order).map(|order| Undoing {
            event: order.event,
            place: order.place,
            on: self.in_force_from().map_or(order.day, |from| from.max(order.day)),
        });
        [stay.lifted, by_order]
            .into_iter()
            .flatten()
            .min_by(|a, b| a.on.cmp(&b.on).then(b.place.cmp(&a.place)))
    }

    fn stay_covers(&self, stay: &Stay, day: Date) -> bool {
        day >= stay.starts && self.undoing(stay).is_none_or(|undoing| day < undoing.on)
    }

    /// Whether a stay is open for a lift: from the day it was pronounced until a lift is recorded, or until the order
    /// that was issued over it takes effect.
    pub(super) fn is_open(&self, stay: &Stay, day: Date) -> bool {
        stay.lifted.is_none() && self.undoing(stay).is_none_or(|undoing| day < undoing.on)
    }

    fn stays_on(&self, day: Date) -> impl Iterator<Item = &Stay> {
        self.stays.iter().filter(move |stay| self.stay_covers(stay, day))
    }

    /// The state that the scope shows: an end goes before a stay, a stay lies over live states only.
    pub(super) fn shown(&self, day: Date) -> Option<ScopeState> {
        if let Some(end) = self.end_on(day) {
            return Some(end.state);
        }
        let base = self.base(day);
        match base {
            Some(state) if state.is_live() && self.stays_on(day).next().is_some() => Some(ScopeState::Stayed),
            _ => base,
        }
    }

    /// The event behind the state that begins on a day (rule 9).
    pub(super) fn event_behind(&self, day: Date) -> Option<EventId> {
        if let Some(end) = self.end_on(day) {
            return Some(end.event);
        }
        let shown = self.shown(day)?;
        if let Some(undoing) = self.undone_since(day) {
            return Some(undoing.event);
        }
        match shown {
            ScopeState::Stayed => self.stays_on(day).next().map(|stay| stay.event),
            _ => self.event_of_step(shown),
        }
    }

    /// The event behind the state beneath any stay: what stands against an event that this state does not allow.
    pub(super) fn event_beneath(&self, day: Date) -> Option<EventId> {
        let end = self.end_on(day).map(|end| end.event);
        end.or_else(|| self.base(day).and_then(|state| self.event_of_step(state)))
    }

    /// The event that made a state which is neither a stay nor an end.
    fn event_of_step(&self, state: ScopeState) -> Option<EventId> {
        let order = self.order.map(|order| order.event);
        let step = |step: Option<Step>| step.map(|(_, event)| event);
        match state {
            ScopeState::Proposed => step(self.proposed),
            ScopeState::Noticed => step(self.noticed),
            ScopeState::Interim => step(self.interim),
            ScopeState::Issued => order,
            ScopeState::InForce => self.from_set_by.or(order),
            ScopeState::Expired => self.to_set_by.or(order).or_else(|| step(self.interim)),
            ScopeState::Stayed
            | ScopeState::Vacated
            | ScopeState::Rescinded
            | ScopeState::Delisted
            | ScopeState::Withdrawn
            | ScopeState::Superseded => None,
        }
    }

    /// What undid the end or the stays that the day before showed.
    fn undone_since(&self, day: Date) -> Option<Undoing> {
        let before = day.previous();
        if before == day {
            return None;
        }
        if let Some(end) = self.end_on(before) {
            return end.reinstated;
        }
        if self.shown(before) != Some(ScopeState::Stayed) || self.stays_on(day).next().is_some() {
            return None;
        }
        self.stays_on(before)
            .filter_map(|stay| self.undoing(stay))
            .filter(|undoing| undoing.on == day)
            .max_by_key(|undoing| undoing.place)
    }

    /// The scope and its periods.
    pub(super) fn into_timeline(self) -> ScopeTimeline {
        let mut periods: Vec<Period> = Vec::new();
        let mut current = None;
        for day in self.turning_days() {
            let state = self.shown(day);
            if state == current {
                continue;
            }
            if let Some(last) = periods.last_mut().filter(|_| current.is_some()) {
                last.to = Some(day);
            }
            if let (Some(state), Some(event_id)) = (state, self.event_behind(day)) {
                periods.push(Period { from: day, to: None, state, event_id });
            }
            current = state;
        }
        ScopeTimeline { scope: self.scope, periods }
    }

    /// Every day on which the state can change, in order.
    fn turning_days(&self) -> Vec<Date> {
        let steps = [self.proposed, self.noticed, self.interim].into_iter().flatten().map(|(day, _)| day);
        let order = self.order.map(|order| order.day).into_iter().chain(self.in_force_from());
        let ends = self.ends.iter().flat_map(|end| {
            let (from, until) = end.span();
            [Some(from), until].into_iter().flatten()
        });
        let stays = self.stays.iter().flat_map(|stay| {
            [Some(stay.starts), self.undoing(stay).map(|undoing| undoing.on)].into_iter().flatten()
        });
        let mut days: Vec<Date> = steps.chain(order).chain(self.expires()).chain(ends).chain(stays).collect();
        days.sort_unstable();
        days.dedup();
        days
    }
}
