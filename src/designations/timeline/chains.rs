//! Corrections: which events count, in what order, and which scopes each one states (rules 1 to 3).

use std::collections::{HashMap, HashSet};

use super::{Illegal, IllegalFault};
use crate::{
    designations::model::{Event, EventType, Scope, ScopeStatement},
    values::{Date, EventId, ScopeId},
};

/// What is wrong with a scope that a list names a second time.
pub(super) const TWICE: &str = "the same scope stands twice in the list";

/// What is wrong with dates that end before they begin.
pub(super) const BACKWARDS: &str = "effective_to lies before effective_from";

/// An event that counts, with what its chain of corrections gives it.
pub(super) struct Counting<'a> {
    pub(super) event: &'a Event,
    /// The first event of its chain.
    pub(super) root: EventId,
    root_seq: u64,
    /// The scopes that it brings, as its chain last stated them.
    pub(super) brings: Vec<Scope>,
}

impl Counting<'_> {
    fn order(&self) -> (Date, u8, u64) {
        (self.event.occurred_on, self.event.event_type().rank(), self.root_seq)
    }
}

/// The history sorted out: what counts, and what was ever said.
pub(super) struct Chains<'a> {
    /// The events that count, in the fold's order.
    pub(super) counting: Vec<Counting<'a>>,
    /// Every scope that any event ever stated.
    pub(super) ever_stated: HashSet<ScopeId>,
    /// The first event of each event's chain, and the event itself.
    members: HashMap<EventId, (EventId, EventType)>,
}

/// A chain of corrections while it is being put together.
struct Chain<'a> {
    newest: &'a Event,
    root_seq: u64,
    /// The last list that any event of the chain stated, and that event.
    stated: Option<(EventId, &'a [ScopeStatement])>,
    ids: HashSet<ScopeId>,
}

impl<'a> Chains<'a> {
    pub(super) fn of(events: &'a [Event]) -> Result<Self, Illegal> {
        let mut members = HashMap::new();
        let mut chains: HashMap<EventId, Chain<'a>> = HashMap::new();
        let mut ever_stated = HashSet::new();
        for event in events {
            let root = match event.corrects {
                None => event.id,
                Some(corrected) => root_of(&members, &chains, event, corrected)?,
            };
            members.insert(event.id, (root, event.event_type()));
            let chain = chains.entry(root).or_insert_with(|| Chain {
                newest: event,
                root_seq: event.seq,
                stated: None,
                ids: HashSet::new(),
            });
            chain.newest = event;
            if let Some(scopes) = event.details.scopes() {
                state_scopes(event, scopes, &mut chain.ids, &mut ever_stated)?;
                if event.corrects.is_some() || !scopes.is_empty() {
                    chain.stated = Some((event.id, scopes));
                }
            }
        }
        let mut counting: Vec<Counting<'a>> = chains
            .into_iter()
            .map(|(root, chain)| Counting {
                event: chain.newest,
                root,
                root_seq: chain.root_seq,
                brings: brought(&chain),
            })
            .collect();
        counting.sort_by_key(Counting::order);
        if let Some(last) =
            events.last().filter(|_| !counting.iter().any(|c| c.event.event_type().gives_state()))
        {
            return Err(not_allowed(
                last.id,
                "no event would be left that gives a state; void the designation instead",
            ));
        }
        Ok(Self { counting, ever_stated, members })
    }

    /// The first event of the chain that an event belongs to, if some event of that chain is of one of these types.
    pub(super) fn root(&self, event: EventId, types: &[EventType]) -> Option<EventId> {
        let (root, _) = self.members.get(&event)?;
        self.members.values().any(|(other, kind)| other == root && types.contains(kind)).then_some(*root)
    }
}

fn root_of(
    members: &HashMap<EventId, (EventId, EventType)>,
    chains: &HashMap<EventId, Chain<'_>>,
    event: &Event,
    corrected: EventId,
) -> Result<EventId, Illegal> {
    let Some((root, _)) = members.get(&corrected) else {
        let detail = "names no earlier event of this designation".to_owned();
        return Err(Illegal {
            event_id: event.id,
            fault: IllegalFault::Invalid { pointer: "/corrects".to_owned() },
            detail,
        });
    };
    match chains.get(root) {
        Some(chain) if chain.newest.id != corrected => Err(Illegal {
            event_id: event.id,
            fault: IllegalFault::NotAllowed {
                allowed: Vec::new(),
                behind: Some(chain.newest.id),
                scope_ids: Vec::new(),
            },
            detail: format!(
                "event {corrected} was already corrected; correct the newest one, {}",
                chain.newest.id
            ),
        }),
        _ => Ok(*root),
    }
}

/// A scope keeps its id within its chain; an id that another chain stated can't be taken over.
fn state_scopes(
    event: &Event,
    scopes: &[ScopeStatement],
    chain: &mut HashSet<ScopeId>,
    ever: &mut HashSet<ScopeId>,
) -> Result<(), Illegal> {
    let invalid = |place: String, detail: &str| {
        let fault = IllegalFault::Invalid { pointer: format!("/details/scopes/{place}") };
        Err(Illegal { event_id: event.id, fault, detail: detail.to_owned() })
    };
    let mut here = HashSet::new();
    for (index, scope) in scopes.iter().enumerate() {
        let at_id = || format!("{index}/id");
        let Some(id) = scope.id else { return invalid(at_id(), "every recorded scope has an id") };
        if !here.insert(id) {
            return invalid(at_id(), TWICE);
        }
        if !chain.contains(&id) && !ever.insert(id) {
            let detail = "a correction may restate only scopes that its own chain of corrections stated";
            return invalid(at_id(), detail);
        }
        chain.insert(id);
        if matches!((scope.effective_from, scope.effective_to), (Some(from), Some(to)) if to < from) {
            return invalid(format!("{index}/effective_to"), BACKWARDS);
        }
    }
    Ok(())
}

/// The scopes of a chain: none where its newest event can't bring any.
fn brought(chain: &Chain<'_>) -> Vec<Scope> {
    if !chain.newest.event_type().brings_scopes() {
        return Vec::new();
    }
    let Some((stated_by, scopes)) = chain.stated else { return Vec::new() };
    let standing = |statement: &ScopeStatement| {
        let statement = statement.clone();
        statement.id.map(|id| Scope {
            id,
            stated_by,
            environments: statement.environments,
            actions: statement.actions,
            tiers: statement.tiers,
            agencies: statement.agencies,
            effective_from: statement.effective_from,
            effective_to: statement.effective_to,
            note: statement.note,
        })
    };
    scopes.iter().filter_map(standing).collect()
}

fn not_allowed(event_id: EventId, detail: &str) -> Illegal {
    let fault = IllegalFault::NotAllowed { allowed: Vec::new(), behind: None, scope_ids: Vec::new() };
    Illegal { event_id, fault, detail: detail.to_owned() }
}
