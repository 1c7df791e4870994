//! The table of regimes: the record as a text beside the columns that lists filter and sort by.

mod list;

use std::collections::HashMap;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::model::Regime;
use crate::{
    db::{
        AnyConnection, is_taken,
        narrow::{self, Span, Values},
        schema::regimes,
        types::{DbInstant, DbJson, DbUuid},
        unexpected,
    },
    error::{Error, Result},
    http::to_json,
    journal::{column, unsigned},
    values::{RegimeId, fold},
};

pub(super) use list::{Filter, list};

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
