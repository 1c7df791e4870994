//! Use cases of vendors: one function, one transaction.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    model::{IdentifierScheme, Vendor, VendorFields, normalise},
    store::{self, Filter, SortKey},
};
use crate::{
    db::{Keyset, Snapshot, Stamp, Tx},
    error::{Error, Result},
    http::{Limit, Precondition, strict, to_json},
    journal::{self, Change, JournalAction, Knowledge, SubjectKind},
    values::{Date, Ended, Prose, RecordStatus, VendorId},
};

/// Records a vendor.
///
/// # Errors
/// An identifier that another active vendor bears, or one that stands twice.
pub fn create(tx: &mut Tx<'_>, id: VendorId, fields: VendorFields) -> Result<Vendor> {
    distinct_identifiers(&fields)?;
    let stamp = tx.stamp();
    let vendor = Vendor::new(id, fields, stamp.recorded_at);
    record(tx, &stamp, JournalAction::VendorCreated, &vendor, None)?;
    store::insert(tx.connection(), &vendor, stamp.seq)?;
    Ok(vendor)
}

/// Changes a vendor by a merge patch. A patch that changes nothing records nothing.
///
/// # Errors
/// A stale precondition, an invalid result, an identifier that another active vendor bears.
pub fn update(tx: &mut Tx<'_>, id: VendorId, condition: &Precondition, mut patch: Value) -> Result<Vendor> {
    let vendor = load(tx, id)?;
    condition.check(vendor.revision)?;
    let reactivate = crate::http::strict::take_reactivation(&mut patch)?;
    let current = serde_json::to_value(vendor.fields()).map_err(|f| Error::internal(f.to_string()))?;
    let fields: VendorFields = strict::merge(current, patch).map_err(|fault| Error::Invalid(vec![fault]))?;
    distinct_identifiers(&fields)?;
    let reactivated = reactivate && vendor.status == RecordStatus::Retired;
    if fields == vendor.fields() && !reactivated {
        return Ok(vendor);
    }
    let stamp = tx.stamp();
    let mut next = vendor.revised(fields, stamp.recorded_at);
    let action = if reactivated {
        (next.status, next.ended) = (RecordStatus::Active, None);
        JournalAction::VendorReactivated
    } else {
        JournalAction::VendorUpdated
    };
    record(tx, &stamp, action, &next, None)?;
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
    let vendor = load(tx, id)?;
    condition.check(vendor.revision)?;
    if vendor.status == RecordStatus::Retired {
        return Err(Error::conflict("already_retired", format!("vendor {id} is retired already")));
    }
    if store::has_live_designation(tx.connection(), id, Date::today())? {
        let detail = format!(
            "vendor {id} has a live designation; record its end, or void it, before you retire the vendor"
        );
        return Err(Error::conflict("in_use", detail));
    }
    let stamp = tx.stamp();
    let mut next = vendor.revised(vendor.fields(), stamp.recorded_at);
    next.status = RecordStatus::Retired;
    let by = tx.context().actor.clone();
    next.ended = Some(Ended { at: stamp.recorded_at, by, comment: comment.clone() });
    record(tx, &stamp, JournalAction::VendorRetired, &next, comment.as_deref())?;
    store::update(tx.connection(), &next)?;
    Ok(next)
}

/// A vendor as known, as its text and revision.
///
/// # Errors
/// When there is none, or was none then.
pub fn get(snapshot: &mut Snapshot<'_>, id: VendorId, known: Knowledge) -> Result<(u64, String)> {
    let missing = || Error::not_found("vendor", id);
    if known.is_head {
        return store::record(snapshot.connection(), id)?.ok_or_else(missing);
    }
    if store::record(snapshot.connection(), id)?.is_none() {
        return Err(missing());
    }
    journal::record_at(snapshot, id.uuid(), known.seq)?.ok_or_else(missing)
}

/// A page of vendors.
///
/// # Errors
/// When the database can't answer.
pub(super) fn list(
    snapshot: &mut Snapshot<'_>,
    filter: &Filter,
    order: (SortKey, &Keyset),
    limit: Limit,
) -> Result<Vec<store::Listed>> {
    store::list(snapshot.connection(), filter, order, limit)
}

/// Refuses a vendor that is not there or not in use.
///
/// # Errors
/// Invalid, at the pointer of the field that names the vendor.
pub fn must_be_active(tx: &mut Tx<'_>, id: VendorId, pointer: &str) -> Result<()> {
    match store::status(tx.connection(), id)?.as_deref() {
        None => Err(Error::invalid(pointer, "unknown_reference", format!("there is no vendor {id}"))),
        Some("active") => Ok(()),
        Some(_) => {
            let detail =
                format!("vendor {id} is retired; reactivate it with PATCH {{\"status\": \"active\"}} first");
            Err(Error::invalid(pointer, "retired_reference", detail))
        }
    }
}

/// Refuses a vendor that is not there.
///
/// # Errors
/// Not found.
pub fn must_be_known(snapshot: &mut Snapshot<'_>, id: VendorId) -> Result<()> {
    store::status(snapshot.connection(), id)?.map(drop).ok_or_else(|| Error::not_found("vendor", id))
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

/// The vendors that bear these identifiers: the active one, or, where none is active, the retired ones.
///
/// # Errors
/// When the database can't answer.
pub fn by_identifiers(
    snapshot: &mut Snapshot<'_>,
    identifiers: &[(IdentifierScheme, String)],
) -> Result<HashMap<(IdentifierScheme, String), Vec<VendorId>>> {
    let values: Vec<String> =
        identifiers.iter().filter_map(|(scheme, value)| normalise(*scheme, value).ok()).collect();
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

fn load(tx: &mut Tx<'_>, id: VendorId) -> Result<Vendor> {
    let (_, document) = store::record(tx.connection(), id)?.ok_or_else(|| Error::not_found("vendor", id))?;
    serde_json::from_str(&document)
        .map_err(|failure| Error::internal(format!("vendor {id} can't be read: {failure}")))
}

fn record(
    tx: &mut Tx<'_>,
    stamp: &Stamp,
    action: JournalAction,
    vendor: &Vendor,
    comment: Option<&str>,
) -> Result<()> {
    let change = Change {
        action,
        subject_kind: SubjectKind::Vendor,
        subject_id: vendor.id.uuid(),
        revision: vendor.revision,
        payload: &to_json(vendor)?,
        event: None,
        comment,
    };
    journal::append(tx, stamp, &change)
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
