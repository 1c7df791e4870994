//! Use cases of authorities: one function, one transaction.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::{
    model::{Authority, AuthorityFields},
    store::{self, Filter},
};
use crate::{
    db::{AnyConnection, Listed, Snapshot, Tx},
    error::{Error, FieldError, Result},
    http::{Listing, Precondition},
    journal::{self, Knowledge, SubjectKind, record},
    values::{AuthorityId, Prose, RecordStatus, fold},
};

/// Records an authority.
///
/// # Errors
/// When the database can't take it.
pub fn create(tx: &mut Tx<'_>, id: AuthorityId, fields: AuthorityFields) -> Result<Authority> {
    refuse_none(&fields)?;
    let stamp = tx.stamp();
    let authority = Authority::new(id, fields, stamp.recorded_at);
    record::created(tx, &stamp, &authority)?;
    store::insert(tx.connection(), &authority, stamp.seq)?;
    Ok(authority)
}

/// Changes an authority by a merge patch. A patch that changes nothing records nothing.
///
/// # Errors
/// A stale precondition, an invalid result.
pub fn update(tx: &mut Tx<'_>, id: AuthorityId, condition: &Precondition, patch: Value) -> Result<Authority> {
    let authority = to_change(tx, id, condition)?;
    let Some(change) = record::patched(&authority, patch)? else { return Ok(authority) };
    refuse_none(&change.fields)?;
    let next = change.record(tx)?;
    store::update(tx.connection(), &next)?;
    Ok(next)
}

/// Retires an authority: it keeps its history, and what it did stands.
///
/// # Errors
/// A stale precondition, an authority that is retired already, or one that an active regime or designation names.
pub fn retire(
    tx: &mut Tx<'_>,
    id: AuthorityId,
    condition: &Precondition,
    comment: Option<Prose<10000>>,
) -> Result<Authority> {
    let authority = to_change(tx, id, condition)?;
    record::must_not_be_retired(&authority)?;
    if store::names_active_regime(tx.connection(), id)? {
        let detail = format!(
            "an active regime names authority {id}; retire the regime, or give it another authority, first"
        );
        return Err(Error::conflict("in_use", detail));
    }
    if store::has_active_designation(tx.connection(), id)? {
        let detail = format!("a designation that is not voided names authority {id}");
        return Err(Error::conflict("in_use", detail));
    }
    let next = record::retire(tx, &authority, comment)?;
    store::update(tx.connection(), &next)?;
    Ok(next)
}

/// An authority as known, as its revision and text.
///
/// # Errors
/// When there is none, or was none then.
pub fn get(snapshot: &mut Snapshot<'_>, id: AuthorityId, known: Knowledge) -> Result<(u64, String)> {
    let current = store::record(snapshot.connection(), id)?;
    record::as_known(snapshot, (SubjectKind::Authority, id.uuid()), current, known)
}

/// A page of authorities.
///
/// # Errors
/// When the database can't answer.
pub(super) fn list(snapshot: &mut Snapshot<'_>, filter: &Filter, listing: &Listing) -> Result<Vec<Listed>> {
    store::list(snapshot.connection(), filter, listing)
}

/// Refuses an authority that is not there or not in use.
///
/// # Errors
/// Invalid, at the pointer of the field that names the authority.
pub fn must_be_active(tx: &mut Tx<'_>, id: AuthorityId, pointer: &str) -> Result<()> {
    let status = store::status(tx.connection(), id)?;
    record::must_be_active((SubjectKind::Authority, id.uuid()), status.as_deref(), pointer)
}

/// Whether an authority is in use; `None`: there is none of this id.
///
/// # Errors
/// When the database can't answer.
pub fn status(tx: &mut Tx<'_>, id: AuthorityId) -> Result<Option<RecordStatus>> {
    Ok(store::status(tx.connection(), id)?.as_deref().and_then(RecordStatus::parse))
}

/// The names of authorities as they were known at a position; one that was not recorded then has none.
///
/// # Errors
/// When the database can't answer.
pub fn names_at(
    snapshot: &mut Snapshot<'_>,
    ids: &[AuthorityId],
    known: Knowledge,
) -> Result<HashMap<AuthorityId, String>> {
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    let found = journal::records_at(snapshot, &ids, known.seq)?;
    let name = |(id, document): (uuid::Uuid, String)| {
        record::parsed::<Authority>(&document).map(|authority| (id.into(), authority.name.to_string()))
    };
    found.into_iter().map(name).collect()
}

/// Refuses authorities that are not there; active or retired is all one. Each comes with the pointer of its field.
///
/// # Errors
/// Invalid, at the pointer of every one that is not there.
pub fn must_all_be_known(tx: &mut Tx<'_>, named: &[(AuthorityId, String)]) -> Result<()> {
    let known = known(tx.connection(), named.iter().map(|(id, _)| *id))?;
    let unknown: Vec<FieldError> = named
        .iter()
        .filter(|(id, _)| !known.contains(id))
        .map(|(id, pointer)| {
            FieldError::new(pointer, "unknown_reference", format!("there is no authority {id}"))
        })
        .collect();
    if unknown.is_empty() { Ok(()) } else { Err(Error::Invalid(unknown)) }
}

/// The authorities that a client means, each by its id or by a name that it bears or bore once, in the order in which
/// they were named.
///
/// # Errors
/// Invalid, at the pointer that the name comes with: `unknown_agency` where no authority is called so, `ambiguous_agency`
/// where several are.
pub fn resolve(snapshot: &mut Snapshot<'_>, named: &[(&str, String)]) -> Result<Vec<AuthorityId>> {
    let ids: Vec<(&str, AuthorityId)> =
        named.iter().filter_map(|(text, _)| Some((*text, text.parse().ok()?))).collect();
    let known = known(snapshot.connection(), ids.iter().map(|(_, id)| *id))?;
    let ids: HashMap<&str, AuthorityId> = ids.into_iter().filter(|(_, id)| known.contains(id)).collect();
    // What is no id of an authority can still be a name.
    let names: BTreeSet<String> =
        named.iter().filter(|(text, _)| !ids.contains_key(text)).map(|(text, _)| fold(text)).collect();
    let found = store::bearers(snapshot.connection(), names.into_iter().collect())?;
    let mut bearers: HashMap<String, Vec<AuthorityId>> = HashMap::new();
    // Who bears a name now goes before who bore it once.
    for wanted in [true, false] {
        let borne_now: HashSet<String> = bearers.keys().cloned().collect();
        for (name, id, _) in found.iter().filter(|(name, _, now)| *now == wanted && !borne_now.contains(name))
        {
            bearers.entry(name.clone()).or_default().push(*id);
        }
    }
    let mut meant = Vec::with_capacity(named.len());
    let mut faults = Vec::new();
    for (text, pointer) in named {
        let borne = || bearers.get(&fold(text)).map(Vec::as_slice).unwrap_or_default();
        match ids.get(text).map_or_else(borne, std::slice::from_ref) {
            [id] => meant.push(*id),
            [] => faults.push(unknown(text, pointer)),
            several => faults.push(ambiguous(text, several, pointer)),
        }
    }
    if faults.is_empty() { Ok(meant) } else { Err(Error::Invalid(faults)) }
}

fn unknown(text: &str, pointer: &str) -> FieldError {
    let detail = format!(
        "no authority is called {text:?}; give an id, a name or an alias that GET /v1/authorities lists"
    );
    FieldError::new(pointer, "unknown_agency", detail)
}

fn ambiguous(text: &str, bearers: &[AuthorityId], pointer: &str) -> FieldError {
    let ids: Vec<String> = bearers.iter().map(ToString::to_string).collect();
    let detail = format!("several authorities are called {text:?}; give the id of one: {}", ids.join(", "));
    FieldError::new(pointer, "ambiguous_agency", detail)
}

/// Those of these authorities that there are.
///
/// # Errors
/// When the database can't answer.
pub fn known_of(snapshot: &mut Snapshot<'_>, ids: &[AuthorityId]) -> Result<HashSet<AuthorityId>> {
    known(snapshot.connection(), ids.iter().copied())
}

/// Those of the authorities that there are.
fn known(
    connection: &mut AnyConnection,
    ids: impl Iterator<Item = AuthorityId>,
) -> Result<HashSet<AuthorityId>> {
    let ids: BTreeSet<AuthorityId> = ids.collect();
    Ok(store::known(connection, ids)?.into_iter().collect())
}

/// In a standing's question `none` means a customer that is no agency, so no authority may be called so.
fn refuse_none(fields: &AuthorityFields) -> Result<()> {
    let aliases = fields
        .aliases
        .iter()
        .enumerate()
        .map(|(index, alias)| (format!("/aliases/{index}/name"), &alias.name));
    let mut names = std::iter::once(("/name".to_owned(), &fields.name)).chain(aliases);
    match names.find(|(_, name)| fold(name) == "none") {
        Some((pointer, _)) => {
            let detail = "none is a word of the registry: in a question about standing it means no agency";
            Err(Error::invalid(pointer, "reserved_name", detail))
        }
        None => Ok(()),
    }
}

fn to_change(tx: &mut Tx<'_>, id: AuthorityId, condition: &Precondition) -> Result<Authority> {
    let found = store::record(tx.connection(), id)?;
    record::to_change(id.uuid(), found, condition)
}
