//! The tables of designations. `list` reads pages, by `conditions` and what `narrow` finds; `periods` has the rectangles,
//! `labels` what lists search in, `standing` what a verdict needs; here are the records themselves.

mod conditions;
mod labels;
mod list;
mod mentions;
mod narrow;
mod periods;
mod standing;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, IntoSql, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl,
    dsl::{exists, not},
    sql_types::Bool,
};
pub use labels::labels_of;
pub use list::{Filter, SortKey};
pub(super) use list::{Listed, all, list, texts};
pub(super) use mentions::{mentioned_by_public, restricted_among, restricted_mentioned};
pub use periods::{PeriodRow, period_rows};
pub(super) use periods::{states_on, write_turn};
pub(super) use standing::for_standing;

use super::model::{Designation, DesignationStatus, Event, Visibility};
use crate::{
    db::{
        AnyConnection, OPEN, Sight,
        schema::{
            designation_authorities as mentioned, designation_events as events,
            designation_versions as versions, designations, journal,
        },
        types::{DbInstant, DbJson, DbUuid},
        unexpected,
    },
    error::{Error, Result},
    http::to_json,
    journal::{column, unsigned},
    values::{DesignationId, fold},
};

/// A designation as it is or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) revision: u64,
    pub(super) document: String,
    /// Whether it is restricted, now or in this version.
    pub(super) restricted: bool,
}

/// A designation, where it is seen.
pub(super) fn record(
    connection: &mut AnyConnection,
    sight: Sight,
    id: DesignationId,
) -> Result<Option<Record>> {
    let public = Visibility::Public.as_str();
    let found: Option<(i64, DbJson, String)> = designations::table
        .find(DbUuid(id.uuid()))
        .filter(designations::visibility.eq(public).or(sight.sees_restricted().into_sql::<Bool>()))
        .select((designations::revision, designations::document, designations::visibility))
        .get_result(connection)
        .optional()
        .map_err(unexpected("read a designation"))?;
    let read = |(revision, document, visibility): (i64, DbJson, String)| {
        Ok(Record { revision: unsigned(revision)?, document: document.0, restricted: visibility != public })
    };
    found.map(read).transpose()
}

/// A designation as known at a position, where it is seen and was public then.
pub(super) fn record_at(
    connection: &mut AnyConnection,
    sight: Sight,
    (id, seq): (DesignationId, u64),
) -> Result<Option<Record>> {
    let (public, seq) = (Visibility::Public.as_str(), column(seq)?);
    let both = designations::visibility.eq(public).and(versions::visibility.eq(public));
    let found: Option<(i64, DbJson, (String, String))> = versions::table
        .inner_join(journal::table.on(journal::seq.eq(versions::known_from_seq)))
        .inner_join(designations::table.on(designations::id.eq(versions::designation_id)))
        .filter(versions::designation_id.eq(DbUuid(id.uuid())))
        .filter(versions::known_from_seq.le(seq).and(versions::known_to_seq.gt(seq)))
        .filter(both.or(sight.sees_restricted().into_sql::<Bool>()))
        .select((journal::revision, journal::payload, (designations::visibility, versions::visibility)))
        .get_result(connection)
        .optional()
        .map_err(unexpected("read a designation as known"))?;
    let read = |(revision, document, (now, then)): (i64, DbJson, (String, String))| {
        Ok(Record {
            revision: unsigned(revision)?,
            document: document.0,
            restricted: now != public || then != public,
        })
    };
    found.map(read).transpose()
}

/// The status of each of these designations that is there and seen.
pub(super) fn statuses(
    connection: &mut AnyConnection,
    sight: Sight,
    ids: &[DesignationId],
) -> Result<Vec<(DesignationId, bool)>> {
    let ids: Vec<DbUuid> = ids.iter().map(|id| DbUuid(id.uuid())).collect();
    let public = Visibility::Public.as_str();
    let found: Vec<(DbUuid, String)> = designations::table
        .filter(designations::id.eq_any(ids))
        .filter(designations::visibility.eq(public).or(sight.sees_restricted().into_sql::<Bool>()))
        .select((designations::id, designations::status))
        .load(connection)
        .map_err(unexpected("look up designations"))?;
    let active = DesignationStatus::Active.as_str();
    Ok(found.into_iter().map(|(id, status)| (id.0.into(), status == active)).collect())
}

/// Designations that count and that a counting `superseded` makes this one the successor of. A rule of writes, so whoever
/// sees them: it holds for hidden ones as well.
pub(super) fn superseded_by(connection: &mut AnyConnection, id: DesignationId) -> Result<Vec<DesignationId>> {
    let correction = diesel::alias!(events as corrections);
    let found: Vec<DbUuid> = events::table
        .inner_join(designations::table.on(designations::id.eq(events::designation_id)))
        .filter(events::successor_id.eq(DbUuid(id.uuid())))
        .filter(designations::status.eq(DesignationStatus::Active.as_str()))
        .filter(not(exists(correction.filter(
            correction.field(events::corrects).eq(diesel::NullableExpressionMethods::nullable(events::id)),
        ))))
        .select(designations::id)
        .load(connection)
        .map_err(unexpected("look for predecessors"))?;
    Ok(found.into_iter().map(|id| id.0.into()).collect())
}

/// Inserts a designation; its text comes along, for the journal has it as well.
pub(super) fn insert(
    connection: &mut AnyConnection,
    (designation, text): (&Designation, &str),
    seq: u64,
) -> Result<()> {
    diesel::insert_into(designations::table)
        .values((
            designations::id.eq(DbUuid(designation.id.uuid())),
            designations::created_seq.eq(column(seq)?),
            designations::vendor_id.eq(designation.vendor_id.map(|id| DbUuid(id.uuid()))),
            designations::regime_id.eq(DbUuid(designation.regime_id.uuid())),
            designations::authority_id.eq(DbUuid(designation.authority_id.uuid())),
            designations::status.eq(designation.status.as_str()),
            designations::visibility.eq(designation.visibility.as_str()),
            designations::revision.eq(column(designation.revision)?),
            designations::updated_at.eq(DbInstant(designation.updated_at)),
            designations::document.eq(DbJson(text.to_owned())),
        ))
        .execute(connection)
        .map_err(unexpected("insert a designation"))?;
    insert_version(connection, designation, seq)?;
    write_authorities(connection, designation)?;
    mentions::write(connection, designation)?;
    labels::write(connection, designation)
}

/// Brings a designation to its next revision.
pub(super) fn update(
    connection: &mut AnyConnection,
    (designation, text): (&Designation, &str),
    seq: u64,
) -> Result<()> {
    let id = DbUuid(designation.id.uuid());
    diesel::update(designations::table.find(id))
        .set((
            designations::status.eq(designation.status.as_str()),
            designations::visibility.eq(designation.visibility.as_str()),
            designations::revision.eq(column(designation.revision)?),
            designations::updated_at.eq(DbInstant(designation.updated_at)),
            designations::document.eq(DbJson(text.to_owned())),
        ))
        .execute(connection)
        .map_err(unexpected("update a designation"))?;
    diesel::update(
        versions::table.filter(versions::designation_id.eq(id)).filter(versions::known_to_seq.eq(OPEN)),
    )
    .set(versions::known_to_seq.eq(column(seq)?))
    .execute(connection)
    .map_err(unexpected("close a designation's version"))?;
    insert_version(connection, designation, seq)?;
    write_authorities(connection, designation)?;
    mentions::write(connection, designation)?;
    labels::write(connection, designation)
}

pub(super) fn insert_event(
    connection: &mut AnyConnection,
    designation: DesignationId,
    event: &Event,
) -> Result<()> {
    let successor = match event.details {
        super::model::Details::Superseded { successor_id, .. } => Some(DbUuid(successor_id.uuid())),
        _ => None,
    };
    diesel::insert_into(events::table)
        .values((
            events::id.eq(DbUuid(event.id.uuid())),
            events::designation_id.eq(DbUuid(designation.uuid())),
            events::seq.eq(column(event.seq)?),
            events::event_type.eq(event.event_type().as_str()),
            events::occurred_on.eq(event.occurred_on.day()),
            events::corrects.eq(event.corrects.map(|id| DbUuid(id.uuid()))),
            events::successor_id.eq(successor),
            events::document.eq(DbJson(to_json(event)?)),
        ))
        .execute(connection)
        .map_err(unexpected("insert an event"))?;
    Ok(())
}

/// What lists filter and sort by, as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Insertable, diesel::Selectable)]
#[diesel(table_name = versions)]
pub struct VersionRow {
    pub designation_id: DbUuid,
    pub known_from_seq: i64,
    pub known_to_seq: i64,
    pub vendor_id: Option<DbUuid>,
    pub regime_id: DbUuid,
    pub authority_id: DbUuid,
    pub origin: String,
    pub status: String,
    pub visibility: String,
    pub name_key: String,
    pub updated_at: DbInstant,
    pub latest_event_on: chrono::NaiveDate,
    pub next_review_on: Option<chrono::NaiveDate>,
    pub reason_codes: String,
}

impl VersionRow {
    /// The row of a revision that is known from a position on.
    ///
    /// # Errors
    /// A designation without events, which none is.
    pub fn of(designation: &Designation, seq: u64) -> Result<Self> {
        let latest = designation
            .latest_event_on()
            .ok_or_else(|| Error::internal(format!("designation {} has no event", designation.id)))?;
        let mut codes: Vec<&str> = designation.reasons.iter().map(|reason| reason.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        Ok(Self {
            designation_id: DbUuid(designation.id.uuid()),
            known_from_seq: column(seq)?,
            known_to_seq: OPEN,
            vendor_id: designation.vendor_id.map(|id| DbUuid(id.uuid())),
            regime_id: DbUuid(designation.regime_id.uuid()),
            authority_id: DbUuid(designation.authority_id.uuid()),
            origin: designation.origin.as_str().to_owned(),
            status: designation.status.as_str().to_owned(),
            visibility: designation.visibility.as_str().to_owned(),
            name_key: fold(&designation.title),
            updated_at: DbInstant(designation.updated_at),
            latest_event_on: latest.day(),
            next_review_on: designation.next_review_on.map(|date| date.day()),
            reason_codes: super::periods::joined(codes.into_iter()),
        })
    }
}

fn insert_version(connection: &mut AnyConnection, designation: &Designation, seq: u64) -> Result<()> {
    diesel::insert_into(versions::table)
        .values(VersionRow::of(designation, seq)?)
        .execute(connection)
        .map_err(unexpected("insert a designation's version"))?;
    Ok(())
}

/// A designation forgets no authority that it once mentioned: its history still does.
fn write_authorities(connection: &mut AnyConnection, designation: &Designation) -> Result<()> {
    let id = DbUuid(designation.id.uuid());
    let known: Vec<DbUuid> = mentioned::table
        .filter(mentioned::designation_id.eq(id))
        .select(mentioned::authority_id)
        .load(connection)
        .map_err(unexpected("read mentioned authorities"))?;
    for authority in designation.mentioned_authorities() {
        if !known.contains(&DbUuid(authority.uuid())) {
            diesel::insert_into(mentioned::table)
                .values((
                    mentioned::authority_id.eq(DbUuid(authority.uuid())),
                    mentioned::designation_id.eq(id),
                ))
                .execute(connection)
                .map_err(unexpected("insert a mentioned authority"))?;
        }
    }
    Ok(())
}
