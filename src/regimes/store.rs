//! The table of regimes: the record as a text beside the columns that lists filter and sort by.

use std::collections::HashMap;

use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::model::Regime;
use crate::{
    db::{
        AnyConnection, Listed, MultiBackend, is_taken,
        narrow::{self, Span, Values},
        schema::regimes,
        sorted,
        types::{DbInstant, DbJson, DbUuid},
        unexpected,
    },
    error::{Error, Result},
    http::{Listing, to_json},
    journal::{column, unsigned},
    values::{AuthorityId, RecordStatus, RegimeId, fold},
};

/// What a list is narrowed to.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    pub(super) name: Option<String>,
    pub(super) authority: Option<AuthorityId>,
    pub(super) jurisdiction: Option<String>,
    pub(super) effects: Vec<&'static str>,
    pub(super) status: RecordStatus,
}

/// A regime's revision and text.
pub(super) fn record(connection: &mut AnyConnection, id: RegimeId) -> Result<Option<(u64, String)>> {
    let found: Option<(i64, DbJson)> = regimes::table
        .find(DbUuid(id.uuid()))
        .select((regimes::revision, regimes::document))
        .get_result(connection)
        .optional()
        .map_err(unexpected("read a regime"))?;
    found.map(|(revision, document)| Ok((unsigned(revision)?, document.0))).transpose()
}

/// The text of the regime with this slug.
pub(super) fn by_slug(connection: &mut AnyConnection, slug: &str) -> Result<Option<String>> {
    let found: Option<DbJson> = regimes::table
        .filter(regimes::slug.eq(slug))
        .select(regimes::document)
        .get_result(connection)
        .optional()
        .map_err(unexpected("read a regime by its slug"))?;
    Ok(found.map(|document| document.0))
}

pub(super) fn slugs(connection: &mut AnyConnection, ids: &[RegimeId]) -> Result<HashMap<RegimeId, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<DbUuid> = ids.iter().map(|id| DbUuid(id.uuid())).collect();
    let found: Vec<(DbUuid, String)> = regimes::table
        .filter(regimes::id.eq_any(ids))
        .select((regimes::id, regimes::slug))
        .load(connection)
        .map_err(unexpected("look up regimes"))?;
    Ok(found.into_iter().map(|(id, slug)| (id.0.into(), slug)).collect())
}

/// Whether a designation that is not voided is under the regime.
pub(super) fn has_active_designation(connection: &mut AnyConnection, id: RegimeId) -> Result<bool> {
    let of_regime = Values::Ids(&[id.uuid()]);
    let designations = Span::of_values(connection, ("id", "designations"), "regime_id", &of_regime);
    narrow::any(connection, designations.that("status = 'active'"))
}

pub(super) fn insert(connection: &mut AnyConnection, regime: &Regime, seq: u64) -> Result<()> {
    let inserted = diesel::insert_into(regimes::table)
        .values((
            regimes::id.eq(DbUuid(regime.id.uuid())),
            regimes::created_seq.eq(column(seq)?),
            regimes::slug.eq(&*regime.slug),
            regimes::status.eq(regime.status.as_str()),
            regimes::name_key.eq(fold(&regime.title)),
            regimes::authority_id.eq(regime.authority_id.map(|id| DbUuid(id.uuid()))),
            regimes::jurisdiction.eq(&*regime.jurisdiction),
            regimes::effect.eq(regime.effect.as_str()),
            regimes::revision.eq(column(regime.revision)?),
            regimes::updated_at.eq(DbInstant(regime.updated_at)),
            regimes::document.eq(DbJson(to_json(regime)?)),
        ))
        .execute(connection);
    match inserted {
        Ok(_) => Ok(()),
        Err(failure) if is_taken(&failure) => {
            let detail = format!("another regime, active or retired, has the slug {}", &*regime.slug);
            Err(Error::conflict("slug_taken", detail))
        }
        Err(failure) => Err(unexpected("insert a regime")(failure)),
    }
}

pub(super) fn update(connection: &mut AnyConnection, regime: &Regime) -> Result<()> {
    diesel::update(regimes::table.find(DbUuid(regime.id.uuid())))
        .set((
            regimes::status.eq(regime.status.as_str()),
            regimes::name_key.eq(fold(&regime.title)),
            regimes::authority_id.eq(regime.authority_id.map(|id| DbUuid(id.uuid()))),
            regimes::jurisdiction.eq(&*regime.jurisdiction),
            regimes::effect.eq(regime.effect.as_str()),
            regimes::revision.eq(column(regime.revision)?),
            regimes::updated_at.eq(DbInstant(regime.updated_at)),
            regimes::document.eq(DbJson(to_json(regime)?)),
        ))
        .execute(connection)
        .map_err(unexpected("update a regime"))?;
    Ok(())
}

/// A page of regimes.
pub(super) fn list(
    connection: &mut AnyConnection,
    filter: &Filter,
    listing: &Listing,
) -> Result<Vec<Listed>> {
    let mut query = regimes::table
        .select((regimes::id, regimes::name_key, regimes::updated_at, regimes::document))
        .filter(regimes::status.eq(filter.status.as_str()))
        .limit(listing.limit.and_one())
        .into_boxed::<MultiBackend>();
    if let Some(name) = &filter.name {
        let prefix = fold(name);
        if prefix.is_empty() {
            // Nothing but accents: it begins no title, and must not list everything.
            return Ok(Vec::new());
        }
        let past = format!("{prefix}\u{10FFFF}");
        let titled = regimes::name_key.ge(prefix.clone()).and(regimes::name_key.lt(past.clone()));
        query = query.filter(titled.or(regimes::slug.ge(prefix).and(regimes::slug.lt(past))));
    }
    if let Some(authority) = filter.authority {
        query = query.filter(regimes::authority_id.eq(DbUuid(authority.uuid())));
    }
    if let Some(jurisdiction) = &filter.jurisdiction {
        query = query.filter(regimes::jurisdiction.eq(jurisdiction.clone()));
    }
    if !filter.effects.is_empty() {
        query = query.filter(regimes::effect.eq_any(filter.effects.clone()));
    }
    query = sorted!(query, regimes, listing.sort, listing.keyset);
    query.load(connection).map_err(unexpected("list regimes"))
}
