//! What one scope is on one day, from the events that acted on it (rules 5 to 9).
//! Three layers: the calendar of its steps; stays over what is live; ends over everything.

use risk_registry::{
    designations::{
        model::{Details, Event, EventType, ScopeDates},
        timeline::ScopeState,
    },
    values::{Date, EventId, ScopeId},
};

use super::{
    Day,
    chains::{Act, Brought},
    day_of,
};

/// A scope and the events that acted on it, in order.
pub struct Life<'a> {
    scope: ScopeId,
    brought: &'a Brought<'a>,
    acts: Vec<&'a Act<'a>>,
}

/// An end of the scope by an event.
pub struct End<'a> {
    pub act: &'a Act<'a>,
    pub state: ScopeState,
    from: Day,
    /// The reinstatement, and the day on which it takes effect.
    undone: Option<(&'a Act<'a>, Day)>,
}

/// A stay of the scope.
pub struct Stay<'a> {
    pub act: &'a Act<'a>,
    from: Day,
    /// The lift, and the day on which it takes effect.
    lifted: Option<(&'a Act<'a>, Day)>,
    /// The order that found it open, and the day on which it ends it.
    overtaken: Option<(&'a Act<'a>, Day)>,
}

impl Stay<'_> {
    fn until(&self) -> Option<Day> {
        [self.lifted, self.overtaken].into_iter().flatten().map(|(_, day)| day).min()
    }

    fn covers(&self, day: Day) -> bool {
        self.from <= day && self.until().is_none_or(|until| day < until)
    }

    /// Open: no lift is recorded, and no order has ended it. Whether it is in effect makes no difference.
    fn open(&self, day: Day) -> bool {
        self.lifted.is_none() && self.overtaken.is_none_or(|(_, until)| day < until)
    }
}

impl End<'_> {
    fn covers(&self, day: Day) -> bool {
        self.from <= day && self.undone.is_none_or(|(_, until)| day < until)
    }

    fn can_be_undone(&self) -> bool {
        matches!(self.state, ScopeState::Vacated | ScopeState::Rescinded | ScopeState::Delisted)
            && self.undone.is_none()
    }
}

/// The day on which an event's effect starts.
fn effect(act: &Act) -> Day {
    act.event.details.effective_on().map_or(act.day, day_of)
}

impl<'a> Life<'a> {
    /// The scope as the first `known` events of the order make it.
    pub fn of(scope: ScopeId, acts: &'a [Act<'a>], known: usize) -> Self {
        let brought = acts.iter().flat_map(|act| &act.brings).find(|brought| brought.id == scope);
        Self {
            scope,
            brought: brought.expect("some event that counts brings the scope"),
            acts: acts[..known].iter().filter(|act| act.on.contains(&scope)).collect(),
        }
    }

    /// The same scope, before one of the events that acted on it.
    fn before(&self, place: usize) -> Self {
        let acts = self.acts.iter().copied().filter(|act| act.place < place).collect();
        Self { scope: self.scope, brought: self.brought, acts }
    }

    pub const fn stated_by(&self) -> EventId {
        self.brought.stated_by
    }

    // The calendar.

    fn last_dates<T>(&self, date: impl Fn(&ScopeDates) -> Option<T>) -> Option<(&'a Event, T)> {
        let of_scope = |act: &&'a Act<'a>| {
            let dates = act.event.details.dates().iter().find(|dates| dates.scope_id == self.scope)?;
            Some((act.event, date(dates)?))
        };
        self.acts.iter().rev().find_map(of_scope)
    }

    pub fn effective_from(&self) -> Option<Date> {
        let set = self.last_dates(|dates| dates.effective_from).map(|(_, date)| date);
        set.or(self.brought.statement.effective_from)
    }

    pub fn effective_to(&self) -> Option<Date> {
        let set = self.last_dates(|dates| dates.effective_to).map(|(_, date)| date);
        set.or(self.brought.statement.effective_to)
    }

    fn adding_amendment(&self) -> Option<&'a Act<'a>> {
        let adds = |act: &Act| act.event.event_type() == EventType::Amended && act.brings(self.scope);
        self.acts.iter().copied().find(|act| adds(act))
    }

    fn first(&self, event_type: EventType) -> Option<&'a Act<'a>> {
        self.acts.iter().copied().find(|act| act.event.event_type() == event_type)
    }

    /// The order that it is under, or the amendment that put it there.
    fn order(&self) -> Option<&'a Act<'a>> {
        let adding = self.adding_amendment().filter(|act| act.under_order);
        self.first(EventType::OrderIssued).or(adding)
    }

    pub fn ordered(&self) -> bool {
        self.order().is_some()
    }

    /// The first day of effect of the order.
    pub fn takes_effect(&self) -> Option<Day> {
        let order = self.order()?;
        Some(self.effective_from().map_or(order.day, day_of))
    }

    /// The interim measure, and the day on which it began.
    fn interim(&self) -> Option<(&'a Act<'a>, Day)> {
        let adding = self.adding_amendment().filter(|act| !act.under_order);
        if let Some(act) = adding {
            let own = self.brought.statement.effective_from.map(day_of);
            return Some((act, own.map_or(act.day, |own| own.min(act.day))));
        }
        self.first(EventType::UrgentAction).map(|act| (act, act.day))
    }

    /// Whether its last day comes before its first.
    pub fn ends_before_it_begins(&self) -> bool {
        let first = self.takes_effect().or(self.interim().map(|(_, day)| day));
        first.zip(self.effective_to().map(day_of)).is_some_and(|(first, last)| last < first)
    }

    /// The step that it has reached on a day, as if no stay and no end had ever been.
    fn calendar(&self, day: Day) -> Option<ScopeState> {
        let reached = |act: Option<&Act>| act.is_some_and(|act| act.day <= day);
        let state = if self.takes_effect().is_some_and(|from| from <= day) {
            ScopeState::InForce
        } else if self.interim().is_some_and(|(_, from)| from <= day) {
            ScopeState::Interim
        } else if reached(self.order()) {
            ScopeState::Issued
        } else if reached(self.first(EventType::NoticeIssued)) {
            ScopeState::Noticed
        } else if reached(self.first(EventType::ProposalRecorded)) {
            ScopeState::Proposed
        } else {
            return None;
        };
        let over = state.is_live() && self.effective_to().is_some_and(|last| day_of(last) < day);
        Some(if over { ScopeState::Expired } else { state })
    }

    // Ends.

    fn ends(&self) -> Vec<End<'a>> {
        let mut ends: Vec<End<'a>> = Vec::new();
        for act in &self.acts {
            let state = match &act.event.details {
                Details::Vacated { .. } => ScopeState::Vacated,
                Details::Rescinded { .. } => ScopeState::Rescinded,
                Details::Delisted { .. } => ScopeState::Delisted,
                Details::Withdrawn => ScopeState::Withdrawn,
                Details::Superseded { .. } => ScopeState::Superseded,
                Details::Reinstated { .. } => {
                    if let Some(end) = ends.iter_mut().find(|end| end.can_be_undone()) {
                        end.from = end.from.max(end.act.day);
                        end.undone = Some((act, effect(act)));
                    }
                    continue;
                }
                _ => continue,
            };
            // One that is not yet in effect is replaced for good.
            ends.retain(|end| end.from <= act.day);
            let retroactive = matches!(&act.event.details, Details::Vacated { retroactive: true, .. });
            let from = if retroactive { self.reaching_back(act) } else { effect(act) };
            ends.push(End { act, state, from, undone: None });
        }
        ends
    }

    /// The start of a retroactive vacatur: its own day, or the first interim or in-force day if that is earlier.
    fn reaching_back(&self, act: &Act) -> Day {
        let then = self.before(act.place);
        let first = [then.interim().map(|(_, day)| day), then.takes_effect()].into_iter().flatten().min();
        first.map_or(act.day, |first| first.min(act.day))
    }

    /// The end that shows on a day: of several, the latest in the order.
    fn end_over(&self, day: Day) -> Option<End<'a>> {
        self.ends().into_iter().rev().find(|end| end.covers(day))
    }

    /// The end that a reinstatement would undo, in effect or not.
    pub fn end_to_undo(&self) -> Option<End<'a>> {
        self.ends().into_iter().find(End::can_be_undone)
    }

    // Stays.

    fn stays(&self) -> Vec<Stay<'a>> {
        let mut stays: Vec<Stay<'a>> = Vec::new();
        for act in &self.acts {
            let open = stays.iter_mut().filter(|stay| stay.open(act.day));
            match &act.event.details {
                Details::Stayed { .. } => {
                    stays.push(Stay { act, from: effect(act), lifted: None, overtaken: None });
                }
                Details::StayLifted { .. } => {
                    let lifted = |stay: &&mut Stay| act.undoes_root.is_none_or(|root| stay.act.root == root);
                    open.filter(lifted).for_each(|stay| stay.lifted = Some((act, effect(act))));
                }
                Details::OrderIssued { .. } => {
                    let ends = self.takes_effect().map_or(act.day, |day| day.max(act.day));
                    open.for_each(|stay| stay.overtaken = Some((act, ends)));
                }
                _ => {}
            }
        }
        stays
    }

    /// The stays that are open on a day.
    pub fn open_stays(&self, day: Day) -> Vec<Stay<'a>> {
        self.stays().into_iter().filter(|stay| stay.open(day)).collect()
    }

    /// The stays that are in effect on a day, whatever lies beneath.
    pub fn stays_over(&self, day: Day) -> Vec<Stay<'a>> {
        self.stays().into_iter().filter(|stay| stay.covers(day)).collect()
    }

    // What shows.

    /// The state beneath any stay.
    pub fn beneath_stays(&self, day: Day) -> Option<ScopeState> {
        let step = self.calendar(day)?;
        Some(self.end_over(day).map_or(step, |end| end.state))
    }

    /// The state that shows.
    pub fn state(&self, day: Day) -> Option<ScopeState> {
        let beneath = self.beneath_stays(day)?;
        let stayed = beneath.is_live() && !self.stays_over(day).is_empty();
        Some(if stayed { ScopeState::Stayed } else { beneath })
    }

    /// The event behind the state of a day that was not the state of the day before (rule 9).
    pub fn event_behind(&self, day: Day) -> EventId {
        if let Some(end) = self.end_over(day) {
            return end.act.event.id;
        }
        if let Some(undoing) = self.undoing(day) {
            return undoing.event.id;
        }
        let state = self.state(day).expect("only a state has an event behind it");
        if state == ScopeState::Stayed {
            let earliest = self.stays_over(day).into_iter().min_by_key(|stay| stay.act.place);
            return earliest.expect("a stay lies over the day").act.event.id;
        }
        self.step_to(state).id
    }

    /// What undid the stay or the end of the day before.
    fn undoing(&self, day: Day) -> Option<&'a Act<'a>> {
        if let Some(end) = self.calendar(day - 1).and(self.end_over(day - 1)) {
            return end.undone.map(|(act, _)| act);
        }
        if self.state(day - 1) != Some(ScopeState::Stayed) || !self.stays_over(day).is_empty() {
            return None;
        }
        let stopped = self.stays_over(day - 1);
        let undoing = stopped.iter().flat_map(|stay| [stay.lifted, stay.overtaken]).flatten();
        undoing.filter(|(_, on)| *on == day).map(|(act, _)| act).max_by_key(|act| act.place)
    }

    fn step_to(&self, state: ScopeState) -> &'a Event {
        let order = self.order().or(self.interim().map(|(act, _)| act)).map(|act| act.event);
        let step = match state {
            ScopeState::Proposed => self.first(EventType::ProposalRecorded).map(|act| act.event),
            ScopeState::Noticed => self.first(EventType::NoticeIssued).map(|act| act.event),
            ScopeState::Interim => self.interim().map(|(act, _)| act.event),
            ScopeState::Issued => order,
            ScopeState::InForce => self.last_dates(|d| d.effective_from).map(|(event, _)| event).or(order),
            _ => self.last_dates(|d| d.effective_to).map(|(event, _)| event).or(order),
        };
        step.expect("a state that shows was reached by an event")
    }
}
