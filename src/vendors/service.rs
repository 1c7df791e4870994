//! Use cases of vendors: one function, one transaction.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{
    model::{IdentifierScheme, Vendor, VendorFields},
    store::{self, Filter},
};
use crate::{
    db::{Listed, Snapshot, SortKey, Tx},
    error::{Error, Result},
    http::{Listing, Precondition},
    journal::{self, Knowledge, SubjectKind, record},
    values::{Date, Prose, RecordStatus, VendorId},
};

/// Records a vendor.
///
/// # Errors
/// An identifier that another active vendor bears, or one that stands twice.
pub fn create(tx: &mut Tx<'_>, id: VendorId, fields: VendorFields) -> Result<Vendor> {
    distinct_identifiers(&fields)?;
    let stamp = tx.stamp();
    let vendor = Vendor::new(id, fields, stamp.recorded_at);
    record::created(tx, &stamp, &vendor)?;
    store::insert(tx.connection(), &vendor, stamp.seq)?;
    Ok(vendor)
}

/// Changes a vendor by a merge patch. A patch that changes nothing records nothing.
///
/// # Errors
/// A stale precondition, an invalid result, an identifier that another active vendor bears.
pub fn update(tx: &mut Tx<'_>, id: VendorId, condition: &Precondition, patch: Value) -> Result<Vendor> {
    let vendor = to_change(tx, id, condition)?;
    let Some(change) = record::patched(&vendor, patch)? else { return Ok(vendor) };
    distinct_identifiers(&change.fields)?;
    let next = change.record(tx)?;
    store::update(tx.connection(), &next)?;
    Ok(next)
}

/// Retires a vendor: it keeps its history and its standing on past dates.
///
/// # Errors
/// A stale precondition, a vendor that is retired already, or one that a designation still binds.
pub fn retire(
    tx: &mut Tx<'_>,
    id: VendorId,
    condition: &Precondition,
    comment: Option<Prose<10000>>,
) -> Result<Vendor> {
    let vendor = to_change(tx, id, condition)?;
    record::must_not_be_retired(&vendor)?;
    if store::has_live_designation(tx.connection(), id, Date::today())? {
        let detail = format!(
            "vendor {id} has a live designation; record its end, or void it, before you retire the vendor"
        );
        return Err(Error::conflict("in_use", detail));
    }
    let next = record::retire(tx, &vendor, comment)?;
    store::update(tx.connection(), &next)?;
    Ok(next)
}

/// A vendor as known, as its text and revision.
///
/// # Errors
/// When there is none, or was none then.
pub fn get(snapshot: &mut Snapshot<'_>, id: VendorId, known: Knowledge) -> Result<(u64, String)> {
    let current = store::record(snapshot.connection(), id)?;
    record::as_known(snapshot, (SubjectKind::Vendor, id.uuid()), current, known)
}

/// A page of vendors.
///
/// # Errors
/// When the database can't answer.
pub(super) fn list(snapshot: &mut Snapshot<'_>, filter: &Filter, listing: &Listing) -> Result<Vec<Listed>> {
    let sight = snapshot.sight();
    store::list(snapshot.connection(), sight, filter, listing)
}

/// Every vendor that a filter leaves, in an order (true: descending).
///
/// # Errors
/// When the database can't answer.
pub(crate) fn all(
    snapshot: &mut Snapshot<'_>,
    filter: &Filter,
    order: (SortKey, bool),
) -> Result<Vec<VendorId>> {
    let sight = snapshot.sight();
    store::all(snapshot.connection(), sight, filter, order)
}

/// The texts of these vendors as they were known at a position, in this order.
///
/// # Errors
/// When the database can't answer; internal where one was not recorded then.
pub(crate) fn texts(snapshot: &mut Snapshot<'_>, ids: &[VendorId], known: Knowledge) -> Result<Vec<String>> {
    let mut found: HashMap<VendorId, String> = if known.is_head {
        store::documents(snapshot.connection(), ids)?.into_iter().collect()
    } else {
        let subjects: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        let then = journal::records_at(snapshot, &subjects, known.seq)?;
        then.into_iter().map(|(id, document)| (id.into(), document)).collect()
    };
    let text = |id: &VendorId| {
        found.remove(id).ok_or_else(|| Error::internal(format!("vendor {id} was not known at {}", known.seq)))
    };
    ids.iter().map(text).collect()
}

/// Refuses a vendor that is not there or not in use.
///
/// # Errors
/// Invalid, at the pointer of the field that names the vendor.
pub fn must_be_active(tx: &mut Tx<'_>, id: VendorId, pointer: &str) -> Result<()> {
    let status = store::status(tx.connection(), id)?;
    record::must_be_active((SubjectKind::Vendor, id.uuid()), status.as_deref(), pointer)
}

/// Refuses a vendor that is not there.
///
/// # Errors
/// Not found.
pub fn must_be_known(snapshot: &mut Snapshot<'_>, id: VendorId) -> Result<()> {
    store::status(snapshot.connection(), id)?.map(drop).ok_or_else(|| Error::not_found("vendor", id))
}

/// Those of these vendors that there are.
///
/// # Errors
/// When the database can't answer.
pub fn known(snapshot: &mut Snapshot<'_>, ids: &[VendorId]) -> Result<HashSet<VendorId>> {
    store::known(snapshot.connection(), ids)
}

/// A vendor as it was known at a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownVendor {
    /// Its legal name then; `None`: it was not recorded yet.
    pub legal_name: Option<String>,
}

#[derive(serde::Deserialize)]
struct Named {
    legal_name: String,
}

/// Those of these vendors that there are, each as it was known at a position.
///
/// # Errors
/// When the database can't answer.
pub fn as_known(
    snapshot: &mut Snapshot<'_>,
    ids: &[VendorId],
    known: Knowledge,
) -> Result<HashMap<VendorId, KnownVendor>> {
    let name = |document: &str| {
        serde_json::from_str::<Named>(document)
            .map(|named| named.legal_name)
            .map_err(|failure| Error::internal(format!("a vendor can't be read: {failure}")))
    };
    let mut found = HashMap::new();
    for (id, document) in store::documents(snapshot.connection(), ids)? {
        found.insert(id, KnownVendor { legal_name: known.is_head.then(|| name(&document)).transpose()? });
    }
    if !known.is_head {
        let subjects: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        for (id, document) in journal::records_at(snapshot, &subjects, known.seq)? {
            found.insert(id.into(), KnownVendor { legal_name: Some(name(&document)?) });
        }
    }
    Ok(found)
}

/// The vendors that bear these identifiers, whose values are normalised: the active one, or, where none is active, the retired ones.
///
/// # Errors
/// When the database can't answer.
pub fn by_identifiers(
    snapshot: &mut Snapshot<'_>,
    identifiers: &[(IdentifierScheme, String)],
) -> Result<HashMap<(IdentifierScheme, String), Vec<VendorId>>> {
    let values: Vec<String> = identifiers.iter().map(|(_, value)| value.clone()).collect();
    let mut found: HashMap<(IdentifierScheme, String), (bool, Vec<VendorId>)> = HashMap::new();
    for (scheme, value, vendor, status) in store::bearers(snapshot.connection(), values)? {
        let Some(scheme) = IdentifierScheme::parse(&scheme) else { continue };
        let entry = found.entry((scheme, value)).or_default();
        let active = status == RecordStatus::Active.as_str();
        if active && !entry.0 {
            *entry = (true, Vec::new());
        }
        if active == entry.0 {
            entry.1.push(vendor.0.into());
        }
    }
    Ok(found.into_iter().map(|(identifier, (_, vendors))| (identifier, vendors)).collect())
}

fn to_change(tx: &mut Tx<'_>, id: VendorId, condition: &Precondition) -> Result<Vendor> {
    let found = store::record(tx.connection(), id)?;
    record::to_change(id.uuid(), found, condition)
}

fn distinct_identifiers(fields: &VendorFields) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    for (index, identifier) in fields.identifiers.iter().enumerate() {
        if !seen.insert((identifier.scheme, identifier.value.as_str())) {
            let detail = format!("{} {} stands twice", identifier.scheme, identifier.value);
            return Err(Error::invalid(format!("/identifiers/{index}"), "duplicate", detail));
        }
    }
    Ok(())
}
