//! The columns that lists filter and sort records by, and those that point to other records: what they hold, and what
//! the record makes of them.

use std::collections::HashMap;

use diesel::{QueryDsl, RunQueryDsl};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{
    authorities::model::Authority,
    db::{
        AnyConnection,
        schema::{authorities, designations, regimes, vendors},
        types::DbUuid,
        unexpected,
    },
    designations::model::Designation,
    error::Result,
    journal::SubjectKind,
    regimes::Regime,
    values::fold,
    vendors::model::Vendor,
};

/// The columns of a record, each as text, in the order of the table.
pub(super) type Columns = Vec<Option<String>>;

macro_rules! columns {
    ($connection:expr, $table:ident, ($($column:ident: $type:ty),+), $of:expr) => {{
        let rows: Vec<(DbUuid, $($type),+)> = $table::table
            .select(($table::id, $($table::$column),+))
            .load($connection)
            .map_err(unexpected("read records' columns"))?;
        rows.into_iter().map($of).collect()
    }};
}

/// What the columns of every record of a kind hold.
pub(super) fn found(connection: &mut AnyConnection, kind: SubjectKind) -> Result<HashMap<Uuid, Columns>> {
    let id = |id: Option<DbUuid>| id.map(|id| id.0.to_string());
    Ok(match kind {
        SubjectKind::Vendor => columns!(
            connection,
            vendors,
            (name_key: String, country: Option<String>),
            |(of, name_key, country)| (of.0, vec![Some(name_key), country])
        ),
        SubjectKind::Authority => columns!(
            connection,
            authorities,
            (name_key: String, kind: String, country: Option<String>),
            |(of, name_key, kind, country)| (of.0, vec![Some(name_key), Some(kind), country])
        ),
        SubjectKind::Regime => columns!(
            connection,
            regimes,
            (slug: String, name_key: String, authority_id: Option<DbUuid>, jurisdiction: String, effect: String),
            |(of, slug, name_key, authority, jurisdiction, effect)| {
                (of.0, vec![Some(slug), Some(name_key), id(authority), Some(jurisdiction), Some(effect)])
            }
        ),
        SubjectKind::Designation => columns!(
            connection,
            designations,
            (vendor_id: Option<DbUuid>, regime_id: DbUuid, authority_id: DbUuid),
            |(of, vendor, regime, authority)| (of.0, vec![id(vendor), id(Some(regime)), id(Some(authority))])
        ),
    })
}

/// What a record makes of its columns. `None`: its text can't be read.
pub(super) fn wanted(kind: SubjectKind, payload: &str) -> Option<Columns> {
    Some(match kind {
        SubjectKind::Vendor => {
            let vendor: Vendor = read(payload)?;
            vec![Some(fold(&vendor.legal_name)), vendor.country.map(|country| country.to_string())]
        }
        SubjectKind::Authority => {
            let authority: Authority = read(payload)?;
            let country = authority.country.map(|country| country.to_string());
            vec![Some(fold(&authority.name)), Some(authority.kind.to_string()), country]
        }
        SubjectKind::Regime => {
            let regime: Regime = read(payload)?;
            vec![
                Some(regime.slug.to_string()),
                Some(fold(&regime.title)),
                regime.authority_id.map(|id| id.to_string()),
                Some(regime.jurisdiction.to_string()),
                Some(regime.effect.to_string()),
            ]
        }
        SubjectKind::Designation => {
            let designation: Designation = read(payload)?;
            vec![
                designation.vendor_id.map(|id| id.to_string()),
                Some(designation.regime_id.to_string()),
                Some(designation.authority_id.to_string()),
            ]
        }
    })
}

fn read<T: DeserializeOwned>(payload: &str) -> Option<T> {
    serde_json::from_str(payload).ok()
}
