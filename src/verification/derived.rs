//! What lists search in: it must be what the records make of it.

use diesel::{QueryDsl, RunQueryDsl};

use super::{
    replay::{Expected, Last, Version},
    report::Report,
    tables::same,
};
use crate::{
    authorities::model::Authority,
    db::{
        AnyConnection,
        schema::{
            authorities, authority_names, designation_authorities, designations, regimes, vendor_identifiers,
            vendor_labels, vendor_words, vendors,
        },
        types::DbUuid,
        unexpected,
    },
    error::Result,
    journal::SubjectKind,
    regimes::Regime,
    values::fold,
    vendors::model::Vendor,
};

/// The last payloads of a kind, read.
fn parsed<T: serde::de::DeserializeOwned>(expected: &Expected, kind: SubjectKind) -> Vec<T> {
    let of_kind = expected.records.values().filter(|last| last.kind == kind);
    of_kind.filter_map(|Last { payload, .. }| serde_json::from_str(payload).ok()).collect()
}

/// What lists search in: it must be what the records make of it.
pub(super) fn check(connection: &mut AnyConnection, expected: &Expected, report: &mut Report) -> Result<()> {
    columns(connection, expected, report)?;
    let vendors: Vec<Vendor> = parsed(expected, SubjectKind::Vendor);
    let found: Vec<(DbUuid, String)> = vendor_words::table
        .select((vendor_words::vendor_id, vendor_words::word))
        .load(connection)
        .map_err(unexpected("read words"))?;
    let wanted = vendors
        .iter()
        .flat_map(|vendor| vendor.words().into_iter().map(|word| (DbUuid(vendor.id.uuid()), word)));
    same(report, "words of vendors' names", found, wanted.collect());
    let found: Vec<(DbUuid, String, String, String)> = vendor_identifiers::table
        .select((
            vendor_identifiers::vendor_id,
            vendor_identifiers::scheme,
            vendor_identifiers::value,
            vendor_identifiers::status,
        ))
        .load(connection)
        .map_err(unexpected("read identifiers"))?;
    let wanted = vendors.iter().flat_map(|vendor| {
        vendor.identifiers.iter().map(|identifier| {
            let (scheme, value) = (identifier.scheme.to_string(), identifier.value.clone());
            (DbUuid(vendor.id.uuid()), scheme, value, vendor.status.to_string())
        })
    });
    same(report, "identifiers of vendors", found, wanted.collect());
    let found: Vec<(DbUuid, String, String)> = vendor_labels::table
        .select((vendor_labels::vendor_id, vendor_labels::kind, vendor_labels::label))
        .load(connection)
        .map_err(unexpected("read labels"))?;
    let wanted = vendors.iter().flat_map(|vendor| {
        let roles = vendor.roles.iter().map(|role| ("role", role.to_string()));
        let labels = roles.chain(vendor.tags.iter().map(|tag| ("tag", tag.to_string())));
        labels.map(|(kind, label)| (DbUuid(vendor.id.uuid()), kind.to_owned(), fold(&label)))
    });
    same(report, "roles and tags of vendors", found, wanted.collect());
    let found: Vec<(DbUuid, String, String)> = authority_names::table
        .select((authority_names::authority_id, authority_names::name_key, authority_names::status))
        .load(connection)
        .map_err(unexpected("read names"))?;
    let wanted =
        expected.names.iter().map(|((id, name), status)| (DbUuid(*id), name.clone(), (*status).to_owned()));
    same(report, "names of authorities", found, wanted.collect());
    let found: Vec<(DbUuid, DbUuid)> = designation_authorities::table
        .select((designation_authorities::designation_id, designation_authorities::authority_id))
        .load(connection)
        .map_err(unexpected("read mentions"))?;
    let versions = expected.versions.values().flatten();
    let wanted = versions.flat_map(|Version { designation, .. }| {
        let id = DbUuid(designation.id.uuid());
        designation.mentioned_authorities().into_iter().map(move |authority| (id, DbUuid(authority.uuid())))
    });
    same(report, "authorities that designations mention", found, wanted.collect());
    Ok(())
}

/// The columns that lists filter and sort by.
fn columns(connection: &mut AnyConnection, expected: &Expected, report: &mut Report) -> Result<()> {
    let found: Vec<(DbUuid, String, Option<String>)> = vendors::table
        .select((vendors::id, vendors::name_key, vendors::country))
        .load(connection)
        .map_err(unexpected("read vendors"))?;
    let vendors: Vec<Vendor> = parsed(expected, SubjectKind::Vendor);
    let wanted = vendors.iter().map(|vendor| {
        let country = vendor.country.map(|country| country.to_string());
        (DbUuid(vendor.id.uuid()), fold(&vendor.legal_name), country)
    });
    same(report, "columns of vendors", found, wanted.collect());
    let found: Vec<(DbUuid, String, String, Option<String>)> = authorities::table
        .select((authorities::id, authorities::name_key, authorities::kind, authorities::country))
        .load(connection)
        .map_err(unexpected("read authorities"))?;
    let authorities: Vec<Authority> = parsed(expected, SubjectKind::Authority);
    let wanted = authorities.iter().map(|authority| {
        let country = authority.country.map(|country| country.to_string());
        (DbUuid(authority.id.uuid()), fold(&authority.name), authority.kind.to_string(), country)
    });
    same(report, "columns of authorities", found, wanted.collect());
    let found: Vec<(DbUuid, String, String, Option<DbUuid>, String, String)> = regimes::table
        .select((
            regimes::id,
            regimes::slug,
            regimes::name_key,
            regimes::authority_id,
            regimes::jurisdiction,
            regimes::effect,
        ))
        .load(connection)
        .map_err(unexpected("read regimes"))?;
    let regimes: Vec<Regime> = parsed(expected, SubjectKind::Regime);
    let wanted = regimes.iter().map(|regime| {
        let (slug, title) = (regime.slug.to_string(), fold(&regime.title));
        let authority = regime.authority_id.map(|id| DbUuid(id.uuid()));
        (
            DbUuid(regime.id.uuid()),
            slug,
            title,
            authority,
            regime.jurisdiction.to_string(),
            regime.effect.to_string(),
        )
    });
    same(report, "columns of regimes", found, wanted.collect());
    let found: Vec<(DbUuid, Option<DbUuid>, DbUuid, DbUuid)> = designations::table
        .select((
            designations::id,
            designations::vendor_id,
            designations::regime_id,
            designations::authority_id,
        ))
        .load(connection)
        .map_err(unexpected("read designations"))?;
    let newest = expected.versions.values().filter_map(|versions| versions.last());
    let wanted = newest.map(|Version { designation, .. }| {
        let vendor = designation.vendor_id.map(|id| DbUuid(id.uuid()));
        let (regime, authority) = (designation.regime_id.uuid(), designation.authority_id.uuid());
        (DbUuid(designation.id.uuid()), vendor, DbUuid(regime), DbUuid(authority))
    });
    same(report, "columns of designations", found, wanted.collect());
    Ok(())
}
