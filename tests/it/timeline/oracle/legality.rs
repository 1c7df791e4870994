//! What may happen (the table of events and states, rules 3, 4, 5, 6 and 10).
//! An event is judged on its day by what the events before it in the order make of that day.

use std::collections::HashSet;

use risk_registry::{
    designations::{
        model::{Details, Event, EventType, ScopeDates},
        timeline::ScopeState,
    },
    values::{Date, EventId, ScopeId},
};

use super::{
    Kind, Refusal,
    chains::{Act, find, root, stated_ids},
    day_of,
    life::Life,
};

/// Judges the event at a place of the order, and notes the scopes that it acts on.
pub fn judge(events: &[Event], acts: &mut [Act], place: usize) -> Result<(), Refusal> {
    let event = acts[place].event;
    let invalid = Refusal { event_id: event.id, kind: Kind::Invalid };
    if wrong_in_itself(events, &acts[place]) {
        return Err(invalid);
    }
    let Some(on) = acts_on(acts, place) else {
        return Err(Refusal { event_id: event.id, kind: not_allowed(acts, place) });
    };
    if event.event_type() == EventType::OrderIssued && dated(event).any(|scope| !on.contains(&scope)) {
        return Err(invalid);
    }
    let under_order = there(acts, place).iter().any(|scope| {
        let life = Life::of(*scope, acts, place);
        life.ordered() && life.beneath_stays(acts[place].day).is_some_and(ScopeState::is_live)
    });
    acts[place].on = on;
    acts[place].under_order = under_order;
    let sets_dates =
        matches!(event.event_type(), EventType::UrgentAction | EventType::OrderIssued | EventType::Amended);
    let backwards = |scope: &ScopeId| Life::of(*scope, acts, place + 1).ends_before_it_begins();
    if sets_dates && acts[place].on.iter().any(backwards) {
        return Err(invalid);
    }
    Ok(())
}

/// 409, with the types of event that could stand at this place instead.
fn not_allowed(acts: &[Act], place: usize) -> Kind {
    let act = &acts[place];
    let there = there(acts, place);
    let named = &act.event.scope_ids;
    let about: Vec<ScopeId> = match (named.is_empty(), act.brings.is_empty()) {
        (true, true) => there.clone(),
        _ => named.iter().copied().chain(act.brings.iter().map(|brought| brought.id)).collect(),
    };
    // What an amendment is about depends on what is wrong with it; about a scope that isn't there, nothing is asked.
    let plain = act.event.event_type() != EventType::Amended && about.iter().all(|id| there.contains(id));
    Kind::NotAllowed {
        possible: possible(acts, place, &there),
        allowed: plain.then(|| possible(acts, place, &about)),
    }
}

/// The types of event that one of these scopes allows. Where there is no scope, the first must be brought.
fn possible(acts: &[Act], place: usize, scopes: &[ScopeId]) -> Vec<EventType> {
    let day = acts[place].day;
    let lives: Vec<Life> = scopes.iter().map(|scope| Life::of(*scope, acts, place)).collect();
    let may = |what: EventType| lives.iter().any(|life| may_happen(life, what, day, None));
    let possible = |what: &EventType| if lives.is_empty() { what.gives_state() } else { may(*what) };
    EventType::ALL.iter().copied().filter(possible).collect()
}

// What is wrong whatever the other events made of the day.

fn wrong_in_itself(events: &[Event], act: &Act) -> bool {
    let event = act.event;
    let dates = event.details.dates();
    let unknown = |id: ScopeId| !ever_stated(events, id);
    repeats(event.scope_ids.iter().copied())
        || repeats(dates.iter().map(|dates| dates.scope_id))
        || event.scope_ids.iter().any(|id| unknown(*id))
        || dates.iter().any(|dates| unknown(dates.scope_id))
        || dates.iter().any(|dates| backwards(dates.effective_from, dates.effective_to))
        || undoes_what_never_was(events, event)
        || amends_wrongly(act)
}

pub fn repeats(ids: impl Iterator<Item = ScopeId>) -> bool {
    let mut seen = HashSet::new();
    ids.into_iter().any(|id| !seen.insert(id))
}

pub fn backwards(from: Option<Date>, to: Option<Date>) -> bool {
    from.zip(to).is_some_and(|(from, to)| to < from)
}

fn ever_stated(events: &[Event], id: ScopeId) -> bool {
    events.iter().any(|event| stated_ids(event).contains(&id))
}

fn undoes_what_never_was(events: &[Event], event: &Event) -> bool {
    let ever = |id: EventId, is: fn(EventType) -> bool| {
        let chain = |other: &&Event| root(events, other.id) == root(events, id);
        events.iter().filter(chain).any(|other| is(other.event_type()))
    };
    let never = |named: Option<EventId>, is: fn(EventType) -> bool| {
        named.is_some_and(|id| find(events, id).is_none() || !ever(id, is))
    };
    match &event.details {
        Details::StayLifted { lifts, .. } => never(*lifts, |what| what == EventType::Stayed),
        Details::Reinstated { reinstates, .. } => never(*reinstates, can_be_undone),
        _ => false,
    }
}

const fn can_be_undone(what: EventType) -> bool {
    matches!(what, EventType::Vacated | EventType::Rescinded | EventType::Delisted)
}

fn amends_wrongly(act: &Act) -> bool {
    let dates = act.event.details.dates();
    let early = |dates: &ScopeDates| {
        [dates.effective_from, dates.effective_to].into_iter().flatten().any(|d| day_of(d) < act.day)
    };
    act.event.event_type() == EventType::Amended
        && ((act.brings.is_empty() && dates.is_empty()) || dates.iter().any(early))
}

// What the state of the day allows.

/// The scopes that are there for an event at this place: those that an earlier amendment added, and those that any
/// other event brings, be it later.
fn there(acts: &[Act], place: usize) -> Vec<ScopeId> {
    let bringing =
        acts.iter().filter(|act| act.event.event_type() != EventType::Amended || act.place < place);
    bringing.flat_map(|act| act.brings.iter().map(|brought| brought.id)).collect()
}

fn dated(event: &Event) -> impl Iterator<Item = ScopeId> {
    event.details.dates().iter().map(|dates| dates.scope_id)
}

/// The scopes that the event acts on; `None`: it is not allowed.
fn acts_on(acts: &[Act], place: usize) -> Option<Vec<ScopeId>> {
    let act = &acts[place];
    let there = there(acts, place);
    let named = act.event.scope_ids.iter().copied();
    let brought = act.brings.iter().map(|brought| brought.id);
    let what = act.event.event_type();
    let allows = |scope: &ScopeId| {
        there.contains(scope) && may_happen(&Life::of(*scope, acts, place), what, act.day, act.undoes_root)
    };
    match what {
        EventType::Noted => Some(Vec::new()),
        EventType::Amended => {
            let mut named = named;
            let mut dates = act.event.details.dates().iter();
            let allowed = there.iter().any(allows)
                && named.all(|scope| allows(&scope))
                && dates.all(|dates| {
                    allows(&dates.scope_id)
                        && (dates.effective_from.is_none() || start_can_move(acts, act, dates.scope_id))
                });
            allowed.then(|| brought.chain(dated(act.event)).collect())
        }
        _ => {
            let mut on: Vec<ScopeId> = named.collect();
            on.extend(brought.filter(|scope| !act.event.scope_ids.contains(scope)));
            if on.is_empty() {
                let on: Vec<ScopeId> = there.iter().copied().filter(allows).collect();
                return (!on.is_empty()).then_some(on);
            }
            on.iter().all(allows).then_some(on)
        }
    }
}

fn start_can_move(acts: &[Act], act: &Act, scope: ScopeId) -> bool {
    Life::of(scope, acts, act.place).takes_effect().is_some_and(|start| start > act.day)
}

/// The table: whether the scope, as the events so far make it, allows the event on that day.
fn may_happen(life: &Life, what: EventType, day: super::Day, undoes: Option<EventId>) -> bool {
    use ScopeState::{Interim, Noticed, Proposed};
    let state = life.beneath_stays(day);
    let live = state.is_some_and(ScopeState::is_live);
    match what {
        EventType::ProposalRecorded => state.is_none(),
        EventType::NoticeIssued => matches!(state, None | Some(Proposed | Interim)),
        EventType::ResponseReceived | EventType::ResponseExtended => {
            matches!(state, Some(Noticed | Interim))
        }
        EventType::UrgentAction => matches!(state, None | Some(Proposed | Noticed)),
        EventType::OrderIssued => {
            matches!(state, None | Some(Proposed | Noticed | Interim)) && !life.ordered()
        }
        EventType::Stayed
        | EventType::Vacated
        | EventType::Rescinded
        | EventType::Delisted
        | EventType::Amended
        | EventType::ReviewAffirmed => live,
        EventType::StayLifted => {
            life.open_stays(day).iter().any(|stay| undoes.is_none_or(|root| stay.act.root == root))
        }
        EventType::Withdrawn => matches!(state, Some(Proposed | Noticed | Interim)) && !life.ordered(),
        EventType::Superseded => live || matches!(state, Some(Proposed | Noticed)),
        EventType::Reinstated => {
            life.end_to_undo().is_some_and(|end| undoes.is_none_or(|root| end.act.root == root))
        }
        EventType::Noted => true,
    }
}
