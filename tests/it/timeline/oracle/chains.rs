//! Which events count, in which order, and which scopes each of them brings (rules 1, 2 and 3).

use risk_registry::{
    designations::model::{Details, Event, ScopeStatement},
    values::{EventId, ScopeId},
};

use super::{
    Day, Kind, Refusal, day_of,
    legality::{backwards, repeats},
};

/// An event that counts, at its place in the order.
pub struct Act<'a> {
    pub event: &'a Event,
    /// The day on which it is judged.
    pub day: Day,
    /// Its place in the order.
    pub place: usize,
    /// The first event of its chain of corrections.
    pub root: EventId,
    /// The first event of the chain that it lifts or reinstates, where it names one.
    pub undoes_root: Option<EventId>,
    /// The scopes that it states, or that an earlier event of its chain stated for it.
    pub brings: Vec<Brought<'a>>,
    /// The scopes that it acts on; known once it has been judged.
    pub on: Vec<ScopeId>,
    /// For an amendment: whether the scopes that it adds are under an order; known once it has been judged.
    pub under_order: bool,
}

/// A scope as an event brings it.
pub struct Brought<'a> {
    pub id: ScopeId,
    pub statement: &'a ScopeStatement,
    /// The event whose list this is.
    pub stated_by: EventId,
}

impl Act<'_> {
    pub fn brings(&self, scope: ScopeId) -> bool {
        self.brings.iter().any(|brought| brought.id == scope)
    }
}

pub fn find(events: &[Event], id: EventId) -> Option<&Event> {
    events.iter().find(|event| event.id == id)
}

/// The first event of the chain that an event belongs to.
pub fn root(events: &[Event], id: EventId) -> EventId {
    match find(events, id).and_then(|event| event.corrects) {
        Some(corrected) => root(events, corrected),
        None => id,
    }
}

/// The event that a lift or a reinstatement names.
pub const fn undoes(event: &Event) -> Option<EventId> {
    match &event.details {
        Details::StayLifted { lifts, .. } => *lifts,
        Details::Reinstated { reinstates, .. } => *reinstates,
        _ => None,
    }
}

/// The event and those that it corrects, directly or not: newest first.
pub fn back(events: &[Event], event: &Event) -> Vec<EventId> {
    let mut chain = vec![event.id];
    while let Some(corrected) = find(events, chain[chain.len() - 1]).and_then(|event| event.corrects) {
        chain.push(corrected);
    }
    chain
}

/// The scopes that an event states.
pub fn stated_ids(event: &Event) -> Vec<ScopeId> {
    event.details.scopes().unwrap_or_default().iter().filter_map(|scope| scope.id).collect()
}

/// What is wrong with an event wherever it stands in the order: with the event that it corrects, or with the scopes
/// that it states.
pub fn check(events: &[Event]) -> Result<(), Refusal> {
    for (n, event) in events.iter().enumerate() {
        let earlier = &events[..n];
        let refuse = |kind| Err(Refusal { event_id: event.id, kind });
        if event.corrects.is_some_and(|corrected| find(earlier, corrected).is_none()) {
            return refuse(Kind::Invalid);
        }
        if event.corrects.is_some() && earlier.iter().any(|other| other.corrects == event.corrects) {
            // Somebody else was faster.
            return refuse(Kind::nothing());
        }
        if states_wrongly(events, event) {
            return refuse(Kind::Invalid);
        }
    }
    Ok(())
}

/// A scope belongs to the chain that stated it first, stands once in a list, and ends no earlier than it begins.
fn states_wrongly(events: &[Event], event: &Event) -> bool {
    let chain = back(events, event);
    let of_another_chain = |id: &ScopeId| {
        let first = events.iter().find(|event| stated_ids(event).contains(id));
        first.is_some_and(|first| !chain.contains(&first.id))
    };
    let stated = event.details.scopes().unwrap_or_default();
    let ids = stated_ids(event);
    stated.iter().any(|scope| backwards(scope.effective_from, scope.effective_to))
        || ids.iter().any(of_another_chain)
        || repeats(ids.into_iter())
}

/// The events that count, in order.
pub fn acts(events: &[Event]) -> Vec<Act<'_>> {
    let mut counting: Vec<&Event> =
        events.iter().filter(|event| !events.iter().any(|other| other.corrects == Some(event.id))).collect();
    let first_seq = |event: &Event| find(events, root(events, event.id)).map(|first| first.seq);
    counting.sort_by_key(|event| (event.occurred_on, event.event_type().rank(), first_seq(event)));
    counting.into_iter().enumerate().map(|(place, event)| act(events, place, event)).collect()
}

fn act<'a>(events: &'a [Event], place: usize, event: &'a Event) -> Act<'a> {
    Act {
        event,
        day: day_of(event.occurred_on),
        place,
        root: root(events, event.id),
        undoes_root: undoes(event).map(|id| root(events, id)),
        brings: brings(events, event),
        on: Vec::new(),
        under_order: false,
    }
}

/// The last list that the event's chain stated, if the event is of a type that brings scopes.
fn brings<'a>(events: &'a [Event], event: &'a Event) -> Vec<Brought<'a>> {
    if !event.event_type().brings_scopes() {
        return Vec::new();
    }
    let chain = back(events, event).into_iter().filter_map(|id| find(events, id));
    let stated = chain.into_iter().find_map(|stating| Some((stating.id, stating.details.scopes()?)));
    let Some((stated_by, statements)) = stated else { return Vec::new() };
    let brought = |statement: &'a ScopeStatement| Brought {
        id: statement.id.expect("a recorded scope has an id"),
        statement,
        stated_by,
    };
    statements.iter().map(brought).collect()
}
