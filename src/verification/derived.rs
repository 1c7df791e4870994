//! What lists search in: it must be what the records make of it.

use std::collections::HashMap;

use diesel::{QueryDsl, RunQueryDsl};
use uuid::Uuid;

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
            api_keys, authorities, authority_names, designation_authorities, designation_labels,
            designation_mentions, designations, regimes, vendor_identifiers, vendor_labels, vendor_words,
            vendors,
        },
        types::{DbInstant, DbUuid},
        unexpected,
    },
    designations::store::labels_of,
    error::Result,
    journal::SubjectKind,
    keys::ApiKeyRecord,
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
    let found: Vec<(DbUuid, DbUuid)> = designation_mentions::table
        .select((designation_mentions::designation_id, designation_mentions::mentioned_id))
        .load(connection)
        .map_err(unexpected("read mentioned designations"))?;
    let versions = expected.versions.values().flatten();
    let wanted = versions.flat_map(|Version { designation, .. }| {
        let id = DbUuid(designation.id.uuid());
        designation.mentioned_designations().into_iter().map(move |other| (id, DbUuid(other.uuid())))
    });
    same(report, "designations that designations mention", found, wanted.collect());
    let found: Vec<(DbUuid, String)> = designation_labels::table
        .select((designation_labels::designation_id, designation_labels::label))
        .load(connection)
        .map_err(unexpected("read labels of designations"))?;
    let versions = expected.versions.values().flatten();
    let wanted = versions.flat_map(|Version { designation, .. }| {
        let id = DbUuid(designation.id.uuid());
        labels_of(designation).into_iter().map(move |label| (id, label))
    });
    same(report, "labels of designations", found, wanted.collect());
    Ok(())
}

/// The columns that lists filter and sort by.
fn columns(connection: &mut AnyConnection, expected: &Expected, report: &mut Report) -> Result<()> {
    let found: Vec<(DbUuid, _)> = vendors::table
        .select((vendors::id, (vendors::name_key, vendors::country)))
        .load(connection)
        .map_err(unexpected("read vendors"))?;
    let wanted = parsed::<Vendor>(expected, SubjectKind::Vendor).into_iter().map(|vendor| {
        let country = vendor.country.map(|country| country.to_string());
        (vendor.id.uuid(), (fold(&vendor.legal_name), country))
    });
    same_columns(report, SubjectKind::Vendor, found, wanted.collect());
    let found: Vec<(DbUuid, _)> = authorities::table
        .select((authorities::id, (authorities::name_key, authorities::kind, authorities::country)))
        .load(connection)
        .map_err(unexpected("read authorities"))?;
    let wanted = parsed::<Authority>(expected, SubjectKind::Authority).into_iter().map(|authority| {
        let country = authority.country.map(|country| country.to_string());
        (authority.id.uuid(), (fold(&authority.name), authority.kind.to_string(), country))
    });
    same_columns(report, SubjectKind::Authority, found, wanted.collect());
    let found: Vec<(DbUuid, _)> = regimes::table
        .select((
            regimes::id,
            (regimes::slug, regimes::name_key, regimes::authority_id, regimes::jurisdiction, regimes::effect),
        ))
        .load(connection)
        .map_err(unexpected("read regimes"))?;
    let wanted = parsed::<Regime>(expected, SubjectKind::Regime).into_iter().map(|regime| {
        let (slug, title) = (regime.slug.to_string(), fold(&regime.title));
        let authority = regime.authority_id.map(|id| DbUuid(id.uuid()));
        (
            regime.id.uuid(),
            (slug, title, authority, regime.jurisdiction.to_string(), regime.effect.to_string()),
        )
    });
    same_columns(report, SubjectKind::Regime, found, wanted.collect());
    let found: Vec<(DbUuid, _)> = designations::table
        .select((
            designations::id,
            (
                designations::vendor_id,
                designations::regime_id,
                designations::authority_id,
                designations::visibility,
            ),
        ))
        .load(connection)
        .map_err(unexpected("read designations"))?;
    let newest = expected.versions.values().filter_map(|versions| versions.last());
    let wanted = newest.map(|Version { designation, .. }| {
        let vendor = designation.vendor_id.map(|id| DbUuid(id.uuid()));
        let (regime, authority) = (designation.regime_id.uuid(), designation.authority_id.uuid());
        let visibility = designation.visibility.to_string();
        (designation.id.uuid(), (vendor, DbUuid(regime), DbUuid(authority), visibility))
    });
    same_columns(report, SubjectKind::Designation, found, wanted.collect());
    // What the door goes by. Of the hash the journal knows nothing.
    let found: Vec<(DbUuid, _)> = api_keys::table
        .select((api_keys::id, (api_keys::actor, api_keys::name, api_keys::role, api_keys::expires_at)))
        .load(connection)
        .map_err(unexpected("read API keys"))?;
    let wanted = parsed::<ApiKeyRecord>(expected, SubjectKind::ApiKey).into_iter().map(|key| {
        let (actor, name, role) = (key.actor.to_string(), key.name.to_string(), key.role.to_string());
        (key.id.uuid(), (actor, name, role, key.expires_at.map(DbInstant)))
    });
    same_columns(report, SubjectKind::ApiKey, found, wanted.collect());
    Ok(())
}

/// Compares the columns of records with those that must be there; a record that is missing is named elsewhere.
pub(super) fn same_columns<T: PartialEq>(
    report: &mut Report,
    kind: SubjectKind,
    found: Vec<(DbUuid, T)>,
    wanted: HashMap<Uuid, T>,
) {
    for (id, columns) in found {
        if wanted.get(&id.0).is_some_and(|wanted| *wanted != columns) {
            report.differs(format!("{kind} {}: the record's columns are not what the journal says", id.0));
        }
    }
}
