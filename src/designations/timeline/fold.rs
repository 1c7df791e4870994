//! The walk over the events: each is judged on its day by what the events before it made of that day, then applied.

use std::collections::HashSet;

use super::{
    Illegal, IllegalFault, ScopeState, ScopeTimeline,
    chains::{BACKWARDS, Chains, Counting, TWICE},
    legality::{allowed, allows},
    track::{End, Order, Stay, Track, Undoing},
};
use crate::{
    designations::model::{Details, Event, EventType, Scope},
    values::{Date, EventId, ScopeId},
};

/// The timeline of a designation from everything that is known of it, in the order of recording.
///
/// # Errors
/// The first event, in the order of the fold, that can't stand, and why.
pub fn timeline(events: &[Event]) -> Result<Vec<ScopeTimeline>, Illegal> {
    let chains = Chains::of(events)?;
    let mut fold = Fold::begin(&chains);
    for (place, counting) in chains.counting.iter().enumerate() {
        fold.take(place, counting)?;
    }
    let mut tracks = fold.tracks;
    let first_stated = first_stated(events);
    tracks.sort_by_key(|track| first_stated.iter().position(|id| *id == track.scope.id));
    Ok(tracks.into_iter().map(Track::into_timeline).collect())
}

/// The events that count, in the order in which the fold takes them. None where they can't be sorted out, which
/// recorded events always can.
#[must_use]
pub fn counting(events: &[Event]) -> Vec<&Event> {
    let chains = Chains::of(events);
    chains.map(|chains| chains.counting.iter().map(|counting| counting.event).collect()).unwrap_or_default()
}

/// The types of event that the states of a day allow, after all that happened by then.
#[must_use]
pub fn allowed_on(events: &[Event], day: Date) -> Vec<EventType> {
    let Ok(chains) = Chains::of(events) else { return Vec::new() };
    let mut fold = Fold::begin(&chains);
    for (place, counting) in chains.counting.iter().enumerate().filter(|(_, c)| c.event.occurred_on <= day) {
        if fold.take(place, counting).is_err() {
            return Vec::new();
        }
    }
    allowed(fold.tracks.iter(), day)
}

/// Scopes in the order in which they were first stated.
fn first_stated(events: &[Event]) -> Vec<ScopeId> {
    let mut order = Vec::new();
    for id in events
        .iter()
        .flat_map(|event| event.details.scopes().unwrap_or_default())
        .filter_map(|scope| scope.id)
    {
        if !order.contains(&id) {
            order.push(id);
        }
    }
    order
}

struct Fold<'a> {
    tracks: Vec<Track>,
    chains: &'a Chains<'a>,
}

impl<'a> Fold<'a> {
    /// Before the first event: every scope but those that an amendment adds is there, in no state (rule 3).
    fn begin(chains: &'a Chains<'a>) -> Self {
        let there_from_the_start = chains
            .counting
            .iter()
            .filter(|counting| counting.event.event_type() != EventType::Amended)
            .flat_map(|counting| counting.brings.iter().cloned());
        Self { tracks: there_from_the_start.map(Track::new).collect(), chains }
    }

    fn take(&mut self, place: usize, counting: &Counting<'_>) -> Result<(), Illegal> {
        let event = counting.event;
        self.check_in_itself(counting)?;
        let names = self.named_chain(event)?;
        let targets = self.targets(counting, names)?;
        match event.event_type() {
            EventType::Amended => self.amend(place, counting)?,
            EventType::OrderIssued => self.order(place, counting, &targets)?,
            _ => {
                for track in self.tracks.iter_mut().filter(|track| targets.contains(&track.scope.id)) {
                    apply(track, place, counting, names);
                }
            }
        }
        if self.tracks.iter().any(Track::ends_before_it_begins) {
            return Err(invalid(
                event,
                "/details",
                "a scope's last day of effect would lie before its first",
            ));
        }
        Ok(())
    }

    /// What is wrong whatever the states are (422).
    fn check_in_itself(&self, counting: &Counting<'_>) -> Result<(), Illegal> {
        let event = counting.event;
        let dates = event.details.dates();
        let stated = |id: &ScopeId| self.chains.ever_stated.contains(id);
        let never = "names a scope that no event of this designation ever stated";
        let named = |index| format!("/scope_ids/{index}");
        let dated = |field| move |index| format!("/details/dates/{index}/{field}");
        let of_dates = || dates.iter().map(|dates| dates.scope_id);
        refuse_at(event, twin(event.scope_ids.iter().copied()).map(named), TWICE)?;
        refuse_at(event, twin(of_dates()).map(dated("scope_id")), TWICE)?;
        refuse_at(event, event.scope_ids.iter().position(|id| !stated(id)).map(named), never)?;
        refuse_at(event, of_dates().position(|id| !stated(&id)).map(dated("scope_id")), never)?;
        let backwards = dates
            .iter()
            .position(|d| matches!((d.effective_from, d.effective_to), (Some(from), Some(to)) if to < from));
        refuse_at(event, backwards.map(dated("effective_to")), BACKWARDS)?;
        if event.event_type() == EventType::Amended {
            let day = event.occurred_on;
            let before = |date: Option<Date>| date.is_some_and(|date| date < day);
            let early = dates.iter().position(|d| before(d.effective_from) || before(d.effective_to));
            let pointer = early.map(|index| format!("/details/dates/{index}"));
            refuse_at(event, pointer, "no date may lie before the day of the amendment")?;
            if dates.is_empty() && counting.brings.is_empty() {
                return Err(invalid(event, "/details", "an amendment must carry scopes or dates"));
            }
        }
        Ok(())
    }

    /// The chain of corrections that `lifts` or `reinstates` means.
    fn named_chain(&self, event: &Event) -> Result<Option<EventId>, Illegal> {
        let (named, types, pointer): (_, &[EventType], _) = match &event.details {
            Details::StayLifted { lifts: Some(stay), .. } => (*stay, &[EventType::Stayed], "/details/lifts"),
            Details::Reinstated { reinstates: Some(end), .. } => (
                *end,
                &[EventType::Vacated, EventType::Rescinded, EventType::Delisted],
                "/details/reinstates",
            ),
            _ => return Ok(None),
        };
        match self.chains.root(named, types) {
            Some(root) => Ok(Some(root)),
            None => Err(invalid(event, pointer, "names no event of this designation of the right type")),
        }
    }

    /// The scopes that the event acts on (rules 3 and 4).
    fn targets(&self, counting: &Counting<'_>, names: Option<EventId>) -> Result<HashSet<ScopeId>, Illegal> {
        let (event, day) = (counting.event, counting.event.occurred_on);
        let event_type = event.event_type();
        if event_type == EventType::Noted {
            return Ok(HashSet::new());
        }
        let brought =
            counting.brings.iter().filter(|_| event_type != EventType::Amended).map(|scope| scope.id);
        let given: HashSet<ScopeId> = event.scope_ids.iter().copied().chain(brought).collect();
        let allowing = |track: &&Track| allows(track, event_type, day, names);
        if given.is_empty() {
            let all: HashSet<ScopeId> =
                self.tracks.iter().filter(allowing).map(|track| track.scope.id).collect();
            return if all.is_empty() { Err(self.refuse(event, &HashSet::new())) } else { Ok(all) };
        }
        let willing =
            self.tracks.iter().filter(|track| given.contains(&track.scope.id)).filter(allowing).count();
        let live = event_type != EventType::Amended || self.tracks.iter().any(|track| allowing(&track));
        if willing == given.len() && live { Ok(given) } else { Err(self.refuse(event, &given)) }
    }

    /// The refusal of an event by the states of its day, with what is allowed instead (rule 10).
    fn refuse(&self, event: &Event, given: &HashSet<ScopeId>) -> Illegal {
        let day = event.occurred_on;
        let concerned =
            self.tracks.iter().filter(|track| given.is_empty() || given.contains(&track.scope.id));
        let forbidding: Vec<&Track> =
            concerned.clone().filter(|track| !allows(track, event.event_type(), day, None)).collect();
        let allowed = if self.tracks.is_empty() {
            EventType::ALL.iter().copied().filter(|event_type| event_type.gives_state()).collect()
        } else {
            allowed(concerned, day)
        };
        let states: Vec<&str> = forbidding
            .iter()
            .map(|track| track.beneath(day).map_or("in no state", ScopeState::as_str))
            .collect();
        let detail = if self.tracks.is_empty() {
            format!("{} finds no scope on {day}; the first event must bring one", event.event_type())
        } else if states.is_empty() {
            format!("{} finds nothing to act on among the scopes of {day}", event.event_type())
        } else {
            format!("{} can't happen on {day}: the scope is {}", event.event_type(), states.join(", "))
        };
        let fault = IllegalFault::NotAllowed {
            allowed,
            behind: forbidding.first().and_then(|track| track.event_beneath(day)),
            scope_ids: forbidding.iter().map(|track| track.scope.id).collect(),
        };
        Illegal { event_id: event.id, fault, detail }
    }

    fn order(
        &mut self,
        place: usize,
        counting: &Counting<'_>,
        targets: &HashSet<ScopeId>,
    ) -> Result<(), Illegal> {
        let event = counting.event;
        let (day, dates) = (event.occurred_on, event.details.dates());
        let foreign = dates.iter().position(|dates| !targets.contains(&dates.scope_id));
        let pointer = foreign.map(|index| format!("/details/dates/{index}/scope_id"));
        refuse_at(event, pointer, "gives dates to a scope that the order does not act on")?;
        for track in self.tracks.iter_mut().filter(|track| targets.contains(&track.scope.id)) {
            let open: Vec<bool> = track.stays.iter().map(|stay| track.is_open(stay, day)).collect();
            for (stay, open) in track.stays.iter_mut().zip(open) {
                stay.ends_with_order |= open;
            }
            track.order = Some(Order { day, event: event.id, place });
        }
        self.set_dates(event);
        Ok(())
    }

    fn amend(&mut self, place: usize, counting: &Counting<'_>) -> Result<(), Illegal> {
        let event = counting.event;
        let day = event.occurred_on;
        for dates in event.details.dates() {
            let track = self.tracks.iter().find(|track| track.scope.id == dates.scope_id);
            let live = track.is_some_and(|track| track.beneath(day).is_some_and(ScopeState::is_live));
            let starts_later = track.and_then(Track::in_force_from).is_some_and(|from| from > day);
            if !live || (dates.effective_from.is_some() && !starts_later) {
                let mut refusal = self.refuse(event, &HashSet::from([dates.scope_id]));
                if live {
                    refusal.detail = format!(
                        "the scope's first day can't move on {day}: it is not ordered, or it has begun"
                    );
                }
                return Err(refusal);
            }
        }
        let live = |track: &&Track| track.beneath(day).is_some_and(ScopeState::is_live);
        let under_order = self.tracks.iter().filter(live).any(|track| track.order.is_some());
        self.set_dates(event);
        let added = counting.brings.iter().cloned().map(|scope| added(scope, place, event, under_order));
        self.tracks.extend(added);
        Ok(())
    }

    fn set_dates(&mut self, event: &Event) {
        for dates in event.details.dates() {
            for track in self.tracks.iter_mut().filter(|track| track.scope.id == dates.scope_id) {
                if dates.effective_from.is_some() {
                    track.scope.effective_from = dates.effective_from;
                    track.from_set_by = Some(event.id);
                }
                if dates.effective_to.is_some() {
                    track.scope.effective_to = dates.effective_to;
                    track.to_set_by = Some(event.id);
                }
            }
        }
    }
}

/// A scope that an amendment adds: issued under an order, else interim (rule 3).
fn added(scope: Scope, place: usize, event: &Event, under_order: bool) -> Track {
    let day = event.occurred_on;
    let mut track = Track::new(scope);
    if under_order {
        track.order = Some(Order { day, event: event.id, place });
    } else {
        let begins = track.scope.effective_from.map_or(day, |from| from.min(day));
        track.interim = Some((begins, event.id));
    }
    track
}

/// What an event other than an order or an amendment does to one scope.
fn apply(track: &mut Track, place: usize, counting: &Counting<'_>, names: Option<EventId>) {
    let event = counting.event;
    let day = event.occurred_on;
    let takes_effect = event.details.effective_on().unwrap_or(day);
    let undoing = Undoing { event: event.id, place, on: takes_effect };
    let end = |state, starts| End {
        event: event.id,
        root: counting.root,
        state,
        occurred_on: day,
        starts,
        reinstated: None,
    };
    match &event.details {
        Details::ProposalRecorded { .. } => track.proposed = Some((day, event.id)),
        // Under an interim measure a further notice changes nothing, so the first one keeps its days.
        Details::NoticeIssued { .. } => {
            track.noticed.get_or_insert((day, event.id));
        }
        Details::UrgentAction { .. } => track.interim = Some((day, event.id)),
        Details::Stayed { .. } => track.stays.push(Stay {
            event: event.id,
            root: counting.root,
            starts: takes_effect,
            lifted: None,
            ends_with_order: false,
        }),
        Details::StayLifted { .. } => lift(track, day, names, undoing),
        Details::Vacated { retroactive: true, .. } => {
            let starts = track.first_bound_day().map_or(day, |first| first.min(day));
            track.finish(end(ScopeState::Vacated, starts));
        }
        Details::Vacated { .. } => track.finish(end(ScopeState::Vacated, takes_effect)),
        Details::Rescinded { .. } => track.finish(end(ScopeState::Rescinded, takes_effect)),
        Details::Delisted { .. } => track.finish(end(ScopeState::Delisted, takes_effect)),
        Details::Withdrawn => track.finish(end(ScopeState::Withdrawn, takes_effect)),
        Details::Superseded { .. } => track.finish(end(ScopeState::Superseded, takes_effect)),
        Details::Reinstated { .. } => {
            for end in track.ends.iter_mut().filter(|end| names.is_none_or(|root| end.root == root)) {
                if end.can_be_reinstated() {
                    end.reinstated = Some(undoing);
                }
            }
        }
        Details::OrderIssued { .. }
        | Details::Amended { .. }
        | Details::ResponseReceived { .. }
        | Details::ResponseExtended { .. }
        | Details::ReviewAffirmed { .. }
        | Details::Noted => {}
    }
}

fn lift(track: &mut Track, day: Date, names: Option<EventId>, undoing: Undoing) {
    let concerned: Vec<bool> = track
        .stays
        .iter()
        .map(|stay| names.is_none_or(|root| stay.root == root) && track.is_open(stay, day))
        .collect();
    for (stay, concerned) in track.stays.iter_mut().zip(concerned) {
        if concerned {
            stay.lifted = Some(undoing);
        }
    }
}

impl Track {
    /// A new end replaces for good one that has not taken effect (rule 5).
    fn finish(&mut self, end: End) {
        let day = end.occurred_on;
        self.ends.retain(|old| old.first_day() <= day);
        self.ends.push(end);
    }
}

/// The place of the first id that stands twice.
fn twin(mut ids: impl Iterator<Item = ScopeId>) -> Option<usize> {
    let mut seen = HashSet::new();
    ids.position(|id| !seen.insert(id))
}

fn refuse_at(event: &Event, pointer: Option<String>, detail: &str) -> Result<(), Illegal> {
    pointer.map_or(Ok(()), |pointer| Err(invalid(event, &pointer, detail)))
}

fn invalid(event: &Event, pointer: &str, detail: &str) -> Illegal {
    let fault = IllegalFault::Invalid { pointer: pointer.to_owned() };
    Illegal { event_id: event.id, fault, detail: detail.to_owned() }
}
