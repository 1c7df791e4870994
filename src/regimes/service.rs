//! Use cases of regimes: one function, one transaction.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    model::{Regime, RegimeCreate},
    store::{self, Filter},
};
use crate::{
    authorities,
    db::{AnyConnection, Listed, Snapshot, Tx},
    error::{Error, Result},
    http::{Listing, Precondition},
    journal::{Knowledge, SubjectKind, record},
    values::{AuthorityId, Prose, RecordStatus, RegimeId},
};

/// Records a regime.
///
/// # Errors
/// An authority that is not there or not in use, or a slug that another regime has.
pub fn create(tx: &mut Tx<'_>, id: RegimeId, stated: RegimeCreate) -> Result<Regime> {
    authority_must_be_active(tx, stated.authority_id)?;
    let stamp = tx.stamp();
    let regime = Regime::new(id, stated, stamp.recorded_at);
    record::created(tx, &stamp, &regime)?;
    store::insert(tx.connection(), &regime, stamp.seq)?;
    Ok(regime)
}

/// Changes a regime by a merge patch. A patch that changes nothing records nothing.
///
/// # Errors
/// A stale precondition, an invalid result, an authority that is not there or not in use.
pub fn update(tx: &mut Tx<'_>, id: RegimeId, condition: &Precondition, patch: Value) -> Result<Regime> {
    let regime = to_change(tx, id, condition)?;
    let Some(change) = record::patched(&regime, patch)? else { return Ok(regime) };
    // A retired regime may go on naming a retired authority, until it is reactivated.
    if change.reactivates || change.fields.authority_id != regime.authority_id {
        authority_must_be_active(tx, change.fields.authority_id)?;
    }
    let next = change.record(tx)?;
    store::update(tx.connection(), &next)?;
    Ok(next)
}

/// Retires a regime: it keeps its history, and what was designated under it stands.
///
/// # Errors
/// A stale precondition, a regime that is retired already, or one with an active designation under it.
pub fn retire(
    tx: &mut Tx<'_>,
    id: RegimeId,
    condition: &Precondition,
    comment: Option<Prose<10000>>,
) -> Result<Regime> {
    let regime = to_change(tx, id, condition)?;
    record::must_not_be_retired(&regime)?;
    if store::has_active_designation(tx.connection(), id)? {
        let detail = format!("a designation that is not voided is under regime {id}");
        return Err(Error::conflict("in_use", detail));
    }
    let next = record::retire(tx, &regime, comment)?;
    store::update(tx.connection(), &next)?;
    Ok(next)
}

/// A regime as known, as its revision and text.
///
/// # Errors
/// When there is none, or was none then.
pub fn get(snapshot: &mut Snapshot<'_>, id: RegimeId, known: Knowledge) -> Result<(u64, String)> {
    let current = store::record(snapshot.connection(), id)?;
    record::as_known(snapshot, (SubjectKind::Regime, id.uuid()), current, known)
}

/// A page of regimes.
///
/// # Errors
/// A filter by an authority that is not known: a mistyped id must not look like a clean list.
pub(super) fn list(snapshot: &mut Snapshot<'_>, filter: &Filter, listing: &Listing) -> Result<Vec<Listed>> {
    if let Some(id) = filter.authority
        && authorities::known(snapshot, &[id])?.is_empty()
    {
        let detail = format!("there is no authority {id}");
        return Err(Error::invalid("authority_id", "unknown_reference", detail));
    }
    store::list(snapshot.connection(), filter, listing)
}

/// The regime that a reference names; refuses one that is not there or not in use.
///
/// # Errors
/// Invalid, at the pointer of the field that names the regime.
pub fn must_be_active(tx: &mut Tx<'_>, id: RegimeId, pointer: &str) -> Result<Regime> {
    let found = store::record(tx.connection(), id)?;
    let regime = found.map(|(_, document)| record::parsed::<Regime>(&document)).transpose()?;
    let status = regime.as_ref().map(|regime| regime.status);
    record::must_be_active((SubjectKind::Regime, id.uuid()), status.map(RecordStatus::as_str), pointer)?;
    regime.ok_or_else(|| Error::not_found("regime", id))
}

/// A regime as it is, active or retired.
///
/// # Errors
/// When there is none.
pub fn current(tx: &mut Tx<'_>, id: RegimeId) -> Result<Regime> {
    let (_, document) = store::record(tx.connection(), id)?.ok_or_else(|| Error::not_found("regime", id))?;
    record::parsed(&document)
}

/// The regime with this slug, active or retired.
///
/// # Errors
/// When the database can't answer.
pub fn by_slug(connection: &mut AnyConnection, slug: &str) -> Result<Option<Regime>> {
    store::by_slug(connection, slug)?.map(|document| record::parsed(&document)).transpose()
}

/// The regime of this id, active or retired.
///
/// # Errors
/// When the database can't answer.
pub fn by_id(connection: &mut AnyConnection, id: RegimeId) -> Result<Option<Regime>> {
    store::record(connection, id)?.map(|(_, document)| record::parsed(&document)).transpose()
}

/// The slugs of these regimes; one that is not there is left out.
///
/// # Errors
/// When the database can't answer.
pub fn slugs(snapshot: &mut Snapshot<'_>, ids: &[RegimeId]) -> Result<HashMap<RegimeId, String>> {
    store::slugs(snapshot.connection(), ids)
}

fn authority_must_be_active(tx: &mut Tx<'_>, id: Option<AuthorityId>) -> Result<()> {
    match id {
        Some(id) => authorities::must_be_active(tx, id, "/authority_id"),
        None => Ok(()),
    }
}

fn to_change(tx: &mut Tx<'_>, id: RegimeId, condition: &Precondition) -> Result<Regime> {
    let found = store::record(tx.connection(), id)?;
    record::to_change(id.uuid(), found, condition)
}
