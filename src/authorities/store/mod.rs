//! The tables of authorities: the record as a text beside the columns that lists filter and sort by, and its names.

mod list;

use std::collections::BTreeSet;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::model::Authority;
use crate::{
    db::{
        AnyConnection,
        narrow::{self, Span, Values},
        schema::{authorities, authority_names as names},
        types::{DbInstant, DbJson, DbUuid},
        unexpected,
    },
    error::Result,
    http::to_json,
    journal::{column, unsigned},
    values::{AuthorityId, fold},
};

pub(super) use list::{Filter, list};

/// An authority's revision and text.
pub(super) fn record(connection: &mut AnyConnection, id: AuthorityId) -> Result<Option<(u64, String)>> {
    let found: Option<(i64, DbJson)> = authorities::table
        .find(DbUuid(id.uuid()))
        .select((authorities::revision, authorities::document))
        .get_result(connection)
        .optional()
        .map_err(unexpected("read an authority"))?;
    found.map(|(revision, document)| Ok((unsigned(revision)?, document.0))).transpose()
}

pub(super) fn status(connection: &mut AnyConnection, id: AuthorityId) -> Result<Option<String>> {
    authorities::table
        .find(DbUuid(id.uuid()))
        .select(authorities::status)
        .get_result(connection)
        .optional()
        .map_err(unexpected("read an authority's status"))
}

/// Those of the authorities that there are.
pub(super) fn known(connection: &mut AnyConnection, ids: BTreeSet<AuthorityId>) -> Result<Vec<AuthorityId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<DbUuid> = ids.into_iter().map(|id| DbUuid(id.uuid())).collect();
    let found: Vec<DbUuid> = authorities::table
        .filter(authorities::id.eq_any(ids))
        .select(authorities::id)
        .load(connection)
        .map_err(unexpected("look up authorities"))?;
    Ok(found.into_iter().map(|id| id.0.into()).collect())
}

/// A name that an authority bears.
pub(crate) const CURRENT: &str = "current";

/// A name that it bore once.
pub(crate) const FORMER: &str = "former";

/// Who bears these folded names (true), or bore them once.
pub(super) fn bearers(
    connection: &mut AnyConnection,
    folded: Vec<String>,
) -> Result<Vec<(String, AuthorityId, bool)>> {
    if folded.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<(String, DbUuid, String)> = names::table
        .filter(names::name_key.eq_any(folded))
        .order((names::name_key.asc(), names::authority_id.asc()))
        .select((names::name_key, names::authority_id, names::status))
        .load(connection)
        .map_err(unexpected("look up authorities by name"))?;
    Ok(found.into_iter().map(|(name, id, status)| (name, id.0.into(), status == CURRENT)).collect())
}

/// Whether a regime that is in use names the authority.
pub(super) fn names_active_regime(connection: &mut AnyConnection, id: AuthorityId) -> Result<bool> {
    let of_authority = Values::Ids(&[id.uuid()]);
    let naming = Span::of_values(connection, ("id", "regimes"), "authority_id", &of_authority);
    narrow::any(connection, naming.that("status = 'active'"))
}

/// Whether a designation that is not voided mentions the authority.
pub(super) fn has_active_designation(connection: &mut AnyConnection, id: AuthorityId) -> Result<bool> {
    let of_authority = Values::Ids(&[id.uuid()]);
    let mentioning = ("designation_id", "designation_authorities");
    let mentions = Span::of_values(connection, mentioning, "authority_id", &of_authority);
    let active = "EXISTS (SELECT 1 FROM designations d \
                  WHERE d.id = designation_authorities.designation_id AND d.status = 'active' LIMIT 1 OFFSET 0)";
    narrow::any(connection, mentions.that(active))
}

pub(super) fn insert(connection: &mut AnyConnection, authority: &Authority, seq: u64) -> Result<()> {
    diesel::insert_into(authorities::table)
        .values((
            authorities::id.eq(DbUuid(authority.id.uuid())),
            authorities::created_seq.eq(column(seq)?),
            authorities::status.eq(authority.status.as_str()),
            authorities::name_key.eq(fold(&authority.name)),
            authorities::kind.eq(authority.kind.as_str()),
            authorities::country.eq(authority.country.map(|country| country.as_str())),
            authorities::revision.eq(column(authority.revision)?),
            authorities::updated_at.eq(DbInstant(authority.updated_at)),
            authorities::document.eq(DbJson(to_json(authority)?)),
        ))
        .execute(connection)
        .map_err(unexpected("insert an authority"))?;
    insert_names(connection, authority)
}

pub(super) fn update(connection: &mut AnyConnection, authority: &Authority) -> Result<()> {
    let id = DbUuid(authority.id.uuid());
    diesel::update(authorities::table.find(id))
        .set((
            authorities::status.eq(authority.status.as_str()),
            authorities::name_key.eq(fold(&authority.name)),
            authorities::kind.eq(authority.kind.as_str()),
            authorities::country.eq(authority.country.map(|country| country.as_str())),
            authorities::revision.eq(column(authority.revision)?),
            authorities::updated_at.eq(DbInstant(authority.updated_at)),
            authorities::document.eq(DbJson(to_json(authority)?)),
        ))
        .execute(connection)
        .map_err(unexpected("update an authority"))?;
    diesel::update(names::table.filter(names::authority_id.eq(id)))
        .set(names::status.eq(FORMER))
        .execute(connection)
        .map_err(unexpected("keep an authority's former names"))?;
    diesel::delete(
        names::table
            .filter(names::authority_id.eq(id))
            .filter(names::name_key.eq_any(authority.name_keys().into_keys())),
    )
    .execute(connection)
    .map_err(unexpected("replace an authority's names"))?;
    insert_names(connection, authority)
}

fn insert_names(connection: &mut AnyConnection, authority: &Authority) -> Result<()> {
    let id = DbUuid(authority.id.uuid());
    for (name, borne) in authority.name_keys() {
        let status = if borne { CURRENT } else { FORMER };
        diesel::insert_into(names::table)
            .values((names::name_key.eq(name), names::authority_id.eq(id), names::status.eq(status)))
            .execute(connection)
            .map_err(unexpected("insert an authority's name"))?;
    }
    Ok(())
}
