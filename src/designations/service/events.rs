//! Recording what happened to a designation.

use super::{
    create::must_have_reason,
    mentions,
    record::{self, check_authorities, check_successor, load},
};
use crate::{
    db::Tx,
    designations::model::{Designation, Draft, Event},
    error::{Error, Result},
    http::Precondition,
    journal::JournalAction,
    regimes,
    values::{DesignationId, List},
};

/// A recorded event and the designation after it.
pub struct EventRecorded {
    pub event: Event,
    pub designation: Designation,
}

/// Records an event, or a correction of one.
///
/// # Errors
/// A voided designation, a stale precondition, an event that is wrong in itself (invalid) or that the history does not
/// allow (illegal, with what is allowed).
pub fn record_event(
    tx: &mut Tx<'_>,
    id: DesignationId,
    condition: &Precondition,
    draft: &Draft,
) -> Result<EventRecorded> {
    let designation = load(tx, id)?;
    condition.check(designation.revision)?;
    let regime = regimes::get(tx, designation.regime_id)?;
    must_have_reason(draft.details().event_type(), designation.reasons.is_empty(), "/type")?;
    check_authorities(tx, draft.details(), "")?;
    check_successor(tx, id, draft.details(), "")?;
    mentions::check_event(tx, designation.visibility, (draft.details(), ""))?;
    draft.check_restated(&designation.events, "")?;
    let stamp = tx.stamp();
    let event = draft.record(stamp.seq, stamp.recorded_at);
    let mut next = record::next(&designation, &stamp);
    let events = designation.events.iter().cloned().chain([event.clone()]).collect();
    next.events =
        List::new(events).map_err(|fault| Error::conflict("too_many_events", format!("events {fault}")))?;
    let timelines = record::derive(&mut next, &regime, (&event, ""))?;
    let recorded = record::Recorded {
        action: JournalAction::DesignationEventRecorded,
        event: Some(&event),
        comment: None,
    };
    record::write(tx, &stamp, (&next, Some(&timelines)), &recorded)?;
    Ok(EventRecorded { event, designation: next })
}
