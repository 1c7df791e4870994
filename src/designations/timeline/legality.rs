//! The event table: what may happen to a scope on a day, given what the events before made of it.

use super::{ScopeState, track::Track};
use crate::{
    designations::model::EventType,
    values::{Date, EventId},
};

/// Whether a scope allows an event of this type on a day. `names` is the chain that `lifts` or `reinstates` means.
pub(super) fn allows(track: &Track, event_type: EventType, day: Date, names: Option<EventId>) -> bool {
    use ScopeState::{Interim, Noticed, Proposed};
    let state = track.beneath(day);
    let live = state.is_some_and(ScopeState::is_live);
    let ordered = track.order.is_some();
    match event_type {
        EventType::ProposalRecorded => state.is_none(),
        EventType::NoticeIssued => matches!(state, None | Some(Proposed | Interim)),
        EventType::ResponseReceived | EventType::ResponseExtended => matches!(state, Some(Noticed | Interim)),
        EventType::UrgentAction => matches!(state, None | Some(Proposed | Noticed)),
        EventType::OrderIssued => !ordered && matches!(state, None | Some(Proposed | Noticed | Interim)),
        EventType::Withdrawn => !ordered && matches!(state, Some(Proposed | Noticed | Interim)),
        EventType::Stayed
        | EventType::Vacated
        | EventType::Rescinded
        | EventType::Delisted
        | EventType::Amended
        | EventType::ReviewAffirmed => live,
        EventType::StayLifted => track
            .stays
            .iter()
            .any(|stay| names.is_none_or(|root| stay.root == root) && track.is_open(stay, day)),
        EventType::Superseded => state.is_some_and(|state| !state.is_end()),
        EventType::Reinstated => {
            track.ends.iter().any(|end| names.is_none_or(|root| end.root == root) && end.can_be_reinstated())
        }
        EventType::Noted => true,
    }
}

/// The types of event that at least one of these scopes allows on a day.
pub(super) fn allowed<'a>(tracks: impl Iterator<Item = &'a Track> + Clone, day: Date) -> Vec<EventType> {
    EventType::ALL
        .iter()
        .copied()
        .filter(|event_type| tracks.clone().any(|track| allows(track, *event_type, day, None)))
        .collect()
}
