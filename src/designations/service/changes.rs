//! Changing the fields of a designation, and voiding it.

use serde_json::Value;

use super::{
    create::check_links,
    mentions,
    record::{self, load},
};
use crate::{
    db::Tx,
    designations::{
        model::{Designation, DesignationFields, DesignationStatus},
        store,
    },
    error::{Error, Result},
    http::{Precondition, strict},
    journal::JournalAction,
    values::{DesignationId, Ended, Prose},
};

/// Changes a designation by a merge patch. A patch that changes nothing records nothing.
///
/// # Errors
/// A voided designation, a stale precondition, a field that is fixed, an invalid result.
pub fn update(
    tx: &mut Tx<'_>,
    id: DesignationId,
    condition: &Precondition,
    patch: Value,
) -> Result<Designation> {
    let designation = load(tx, id)?;
    condition.check(designation.revision)?;
    refuse_fixed(&patch)?;
    let current =
        serde_json::to_value(designation.fields()).map_err(|failure| Error::internal(failure.to_string()))?;
    let fields: DesignationFields =
        strict::merge::<Designation, _>(current, patch).map_err(|fault| Error::Invalid(vec![fault]))?;
    if fields == designation.fields() {
        return Ok(designation);
    }
    check_links(tx, id, &fields.links)?;
    mentions::check_change(tx, &designation, &fields)?;
    let stamp = tx.stamp();
    let DesignationFields { reference, title, summary, basis_disclosure, visibility, links } = fields;
    let next = Designation {
        reference,
        title,
        summary,
        basis_disclosure,
        visibility,
        links,
        ..record::next(&designation, &stamp)
    };
    let recorded = record::Recorded { action: JournalAction::DesignationUpdated, event: None, comment: None };
    record::write(tx, &stamp, (&next, None), &recorded)?;
    Ok(next)
}

fn refuse_fixed(patch: &Value) -> Result<()> {
    const FIXED: [&str; 7] =
        ["vendor_id", "category", "regime_id", "authority_id", "effect", "instrument", "origin"];
    let Some(field) = FIXED.into_iter().find(|field| patch.get(field).is_some()) else { return Ok(()) };
    let detail = "is fixed when a designation is recorded; void it and record it anew";
    Err(Error::invalid(format!("/{field}"), "fixed_field", detail))
}

/// Voids a designation that was recorded by mistake. Nothing of it counts from now on; what was known before stays
/// known.
///
/// # Errors
/// No comment, a stale precondition, a voided designation, one that another names as its successor.
pub fn void(
    tx: &mut Tx<'_>,
    id: DesignationId,
    condition: &Precondition,
    comment: Option<Prose<10000>>,
) -> Result<Designation> {
    let Some(comment) = comment else {
        return Err(Error::invalid(
            "comment",
            "missing_field",
            "say in ?comment= why the designation is voided",
        ));
    };
    let designation = load(tx, id)?;
    condition.check(designation.revision)?;
    let predecessors = store::superseded_by(tx.connection(), id)?;
    if let Some(predecessor) = predecessors.first() {
        let detail = format!("designation {predecessor} is superseded by this one; correct that event first");
        return Err(Error::conflict("named_as_successor", detail));
    }
    let stamp = tx.stamp();
    let by = tx.context().actor.clone();
    let next = Designation {
        status: DesignationStatus::Voided,
        ended: Some(Ended { at: stamp.recorded_at, by, comment: Some(comment.clone()) }),
        next_review_on: None,
        ..record::next(&designation, &stamp)
    };
    let recorded =
        record::Recorded { action: JournalAction::DesignationVoided, event: None, comment: Some(&comment) };
    record::write(tx, &stamp, (&next, Some(&[])), &recorded)?;
    Ok(next)
}
