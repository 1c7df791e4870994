//! The tables of vendors: the record as a text beside the columns that lists filter and sort by. `list` reads pages.

mod list;

use std::collections::HashSet;

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    dsl::sql,
    sql_types::{Bool, Text},
};

use super::model::{Identifier, Vendor};
use crate::{
    db::{
        AnyConnection, is_taken,
        narrow::{among, among_texts},
        schema::{
            designation_periods as periods, vendor_identifiers as identifiers, vendor_labels as labels,
            vendor_words as words, vendors,
        },
        types::{DbInstant, DbJson, DbUuid},
        unexpected,
    },
    designations::timeline::ScopeState,
    error::{Error, Result},
    http::to_json,
    journal::{column, unsigned},
    values::{Date, VendorId, fold},
};

pub use list::Filter;
pub(super) use list::{all, list};

/// A vendor's revision and text.
pub(super) fn record(connection: &mut AnyConnection, id: VendorId) -> Result<Option<(u64, String)>> {
    let found: Option<(i64, DbJson)> = vendors::table
        .find(DbUuid(id.uuid()))
        .select((vendors::revision, vendors::document))
        .get_result(connection)
        .optional()
        .map_err(unexpected("read a vendor"))?;
    found.map(|(revision, document)| Ok((unsigned(revision)?, document.0))).transpose()
}

pub(super) fn status(connection: &mut AnyConnection, id: VendorId) -> Result<Option<String>> {
    vendors::table
        .find(DbUuid(id.uuid()))
        .select(vendors::status)
        .get_result(connection)
        .optional()
        .map_err(unexpected("read a vendor's status"))
}

/// Whether a designation of the vendor is live on a day, stayed or not.
pub(super) fn has_live_designation(connection: &mut AnyConnection, id: VendorId, on: Date) -> Result<bool> {
    let live: i64 = periods::table
        .filter(periods::vendor_id.eq(DbUuid(id.uuid())))
        .filter(periods::known_to_seq.eq(crate::db::OPEN))
        .filter(
            periods::state
                .eq_any(ScopeState::words_of(|state| state.is_live() || state == ScopeState::Stayed)),
        )
        .filter(periods::from_on.le(on.day()))
        .filter(periods::to_on.gt(on.day()))
        .count()
        .get_result(connection)
        .map_err(unexpected("look for live designations"))?;
    Ok(live > 0)
}

/// Those of these vendors that there are.
pub(super) fn known(connection: &mut AnyConnection, ids: &[VendorId]) -> Result<HashSet<VendorId>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let wanted = among(connection, "vendors.id", ids.iter().map(|id| id.uuid()));
    let found: Vec<DbUuid> = vendors::table
        .filter(wanted)
        .select(vendors::id)
        .load(connection)
        .map_err(unexpected("look up vendors"))?;
    Ok(found.into_iter().map(|id| id.0.into()).collect())
}

/// The texts of those of these vendors that there are.
pub(super) fn documents(connection: &mut AnyConnection, ids: &[VendorId]) -> Result<Vec<(VendorId, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = among(connection, "vendors.id", ids.iter().map(|id| id.uuid()));
    let found: Vec<(DbUuid, DbJson)> = vendors::table
        .filter(wanted)
        .select((vendors::id, vendors::document))
        .load(connection)
        .map_err(unexpected("look up vendors"))?;
    Ok(found.into_iter().map(|(id, document)| (id.0.into(), document.0)).collect())
}

/// Who bears identifiers with these values: scheme, value, vendor, status.
pub(super) fn bearers(
    connection: &mut AnyConnection,
    values: Vec<String>,
) -> Result<Vec<(String, String, DbUuid, String)>> {
    let (begin, end) = among_texts(connection, "vendor_identifiers.value");
    identifiers::table
        .filter(sql::<Bool>(&begin).bind::<Text, _>(to_json(&values)?).sql(end))
        .select((identifiers::scheme, identifiers::value, identifiers::vendor_id, identifiers::status))
        .load(connection)
        .map_err(unexpected("look up identifiers"))
}

pub(super) fn insert(connection: &mut AnyConnection, vendor: &Vendor, seq: u64) -> Result<()> {
    diesel::insert_into(vendors::table)
        .values((
            vendors::id.eq(DbUuid(vendor.id.uuid())),
            vendors::created_seq.eq(column(seq)?),
            vendors::status.eq(vendor.status.as_str()),
            vendors::name_key.eq(fold(&vendor.legal_name)),
            vendors::country.eq(vendor.country.map(|country| country.as_str())),
            vendors::revision.eq(column(vendor.revision)?),
            vendors::updated_at.eq(DbInstant(vendor.updated_at)),
            vendors::document.eq(DbJson(to_json(vendor)?)),
        ))
        .execute(connection)
        .map_err(unexpected("insert a vendor"))?;
    insert_details(connection, vendor)
}

pub(super) fn update(connection: &mut AnyConnection, vendor: &Vendor) -> Result<()> {
    let id = DbUuid(vendor.id.uuid());
    diesel::update(vendors::table.find(id))
        .set((
            vendors::status.eq(vendor.status.as_str()),
            vendors::name_key.eq(fold(&vendor.legal_name)),
            vendors::country.eq(vendor.country.map(|country| country.as_str())),
            vendors::revision.eq(column(vendor.revision)?),
            vendors::updated_at.eq(DbInstant(vendor.updated_at)),
            vendors::document.eq(DbJson(to_json(vendor)?)),
        ))
        .execute(connection)
        .map_err(unexpected("update a vendor"))?;
    diesel::delete(words::table.filter(words::vendor_id.eq(id)))
        .execute(connection)
        .map_err(unexpected("replace a vendor's words"))?;
    diesel::delete(identifiers::table.filter(identifiers::vendor_id.eq(id)))
        .execute(connection)
        .map_err(unexpected("replace a vendor's identifiers"))?;
    diesel::delete(labels::table.filter(labels::vendor_id.eq(id)))
        .execute(connection)
        .map_err(unexpected("replace a vendor's labels"))?;
    insert_details(connection, vendor)
}

fn insert_details(connection: &mut AnyConnection, vendor: &Vendor) -> Result<()> {
    let id = DbUuid(vendor.id.uuid());
    for word in vendor.words() {
        diesel::insert_into(words::table)
            .values((words::word.eq(word), words::vendor_id.eq(id)))
            .execute(connection)
            .map_err(unexpected("insert a vendor's word"))?;
    }
    for identifier in &vendor.identifiers {
        insert_identifier(connection, vendor, identifier)?;
    }
    for (kind, label) in distinct_labels(vendor) {
        diesel::insert_into(labels::table)
            .values((labels::vendor_id.eq(id), labels::kind.eq(kind), labels::label.eq(label)))
            .execute(connection)
            .map_err(unexpected("insert a vendor's label"))?;
    }
    Ok(())
}

fn insert_identifier(connection: &mut AnyConnection, vendor: &Vendor, identifier: &Identifier) -> Result<()> {
    let inserted = diesel::insert_into(identifiers::table)
        .values((
            identifiers::vendor_id.eq(DbUuid(vendor.id.uuid())),
            identifiers::scheme.eq(identifier.scheme.as_str()),
            identifiers::value.eq(&identifier.value),
            identifiers::status.eq(vendor.status.as_str()),
        ))
        .execute(connection);
    match inserted {
        Ok(_) => Ok(()),
        Err(failure) if is_taken(&failure) => {
            let detail = format!("another active vendor bears {} {}", identifier.scheme, identifier.value);
            Err(Error::conflict("identifier_taken", detail))
        }
        Err(failure) => Err(unexpected("insert a vendor's identifier")(failure)),
    }
}

fn distinct_labels(vendor: &Vendor) -> std::collections::BTreeSet<(&'static str, String)> {
    let roles = vendor.roles.iter().map(|role| ("role", fold(role)));
    roles.chain(vendor.tags.iter().map(|tag| ("tag", fold(tag)))).collect()
}
