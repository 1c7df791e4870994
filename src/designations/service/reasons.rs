//! The reasons of a designation. They share its revision.

use serde_json::Value;

use super::record::{self, load};
use crate::{
    db::Tx,
    designations::model::{Designation, EventType, Reason, ReasonFields},
    error::{Error, Result},
    http::{Precondition, strict},
    journal::JournalAction,
    values::{DesignationId, List, ReasonId},
};

/// Adds a reason.
///
/// # Errors
/// A voided designation, a stale precondition, too many reasons.
pub fn add_reason(
    tx: &mut Tx<'_>,
    id: DesignationId,
    condition: &Precondition,
    reason: Reason,
) -> Result<Designation> {
    let designation = load(tx, id)?;
    condition.check(designation.revision)?;
    let reasons = designation.reasons.iter().cloned().chain([reason]).collect();
    write(tx, &designation, reasons, JournalAction::DesignationReasonAdded)
}

/// Changes a reason by a merge patch. A patch that changes nothing records nothing.
///
/// # Errors
/// A voided designation, a stale precondition, no such reason, an invalid result.
pub fn update_reason(
    tx: &mut Tx<'_>,
    (id, reason_id): (DesignationId, ReasonId),
    condition: &Precondition,
    patch: Value,
) -> Result<Designation> {
    let designation = load(tx, id)?;
    condition.check(designation.revision)?;
    let reason = find(&designation, reason_id)?;
    let current =
        serde_json::to_value(reason.fields()).map_err(|failure| Error::internal(failure.to_string()))?;
    let fields: ReasonFields =
        strict::merge::<Reason, _>(current, patch).map_err(|fault| Error::Invalid(vec![fault]))?;
    if fields == reason.fields() {
        return Ok(designation);
    }
    let changed = Reason::new(reason_id, fields);
    let reasons = designation
        .reasons
        .iter()
        .map(|r| if r.id == reason_id { changed.clone() } else { r.clone() })
        .collect();
    write(tx, &designation, reasons, JournalAction::DesignationReasonUpdated)
}

/// Removes a reason; the history keeps it.
///
/// # Errors
/// A voided designation, a stale precondition, no such reason, the last reason of an order.
pub fn remove_reason(
    tx: &mut Tx<'_>,
    (id, reason_id): (DesignationId, ReasonId),
    condition: &Precondition,
) -> Result<Designation> {
    let designation = load(tx, id)?;
    condition.check(designation.revision)?;
    find(&designation, reason_id)?;
    let ordered = designation.counting_events().any(|event| event.event_type() == EventType::OrderIssued);
    if ordered && designation.reasons.len() == 1 {
        let detail =
            "an order needs at least one reason; add another first, or change this one to undisclosed";
        return Err(Error::conflict("last_reason", detail));
    }
    let reasons = designation.reasons.iter().filter(|reason| reason.id != reason_id).cloned().collect();
    write(tx, &designation, reasons, JournalAction::DesignationReasonRemoved)
}

/// A reason of a designation.
///
/// # Errors
/// When it has none of this id.
pub fn find(designation: &Designation, id: ReasonId) -> Result<&Reason> {
    designation.reasons.iter().find(|reason| reason.id == id).ok_or_else(|| Error::not_found("reason", id))
}

fn write(
    tx: &mut Tx<'_>,
    designation: &Designation,
    reasons: Vec<Reason>,
    action: JournalAction,
) -> Result<Designation> {
    let stamp = tx.stamp();
    let mut next = record::next(designation, &stamp);
    next.reasons = List::new(reasons)
        .map_err(|fault| Error::conflict("too_many_reasons", format!("reasons {fault}")))?;
    record::write(tx, &stamp, (&next, None), &record::Recorded { action, event: None, comment: None })?;
    Ok(next)
}
