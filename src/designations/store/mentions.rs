//! The table of mentions: every other designation that one ever named, by a link or as its successor. A public designation
//! must not lead to a restricted one, and its history goes on naming what it once named.

use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl};

use crate::{
    db::{
        AnyConnection,
        schema::{designation_mentions as mentions, designations},
        types::DbUuid,
        unexpected,
    },
    designations::model::{Designation, Visibility},
    error::Result,
    values::DesignationId,
};

/// Adds what a revision names for the first time.
pub(super) fn write(connection: &mut AnyConnection, designation: &Designation) -> Result<()> {
    let named = designation.mentioned_designations();
    if named.is_empty() {
        return Ok(());
    }
    let id = DbUuid(designation.id.uuid());
    let known: Vec<DbUuid> = mentions::table
        .filter(mentions::designation_id.eq(id))
        .select(mentions::mentioned_id)
        .load(connection)
        .map_err(unexpected("read mentioned designations"))?;
    for other in named.into_iter().map(|other| DbUuid(other.uuid())).filter(|other| !known.contains(other)) {
        diesel::insert_into(mentions::table)
            .values((mentions::mentioned_id.eq(other), mentions::designation_id.eq(id)))
            .execute(connection)
            .map_err(unexpected("insert a mentioned designation"))?;
    }
    Ok(())
}

/// Those of these designations that are restricted now.
pub(in crate::designations) fn restricted_among(
    connection: &mut AnyConnection,
    ids: &[DesignationId],
) -> Result<Vec<DesignationId>> {
    let ids: Vec<DbUuid> = ids.iter().map(|id| DbUuid(id.uuid())).collect();
    let found: Vec<DbUuid> = designations::table
        .filter(designations::id.eq_any(ids))
        .filter(designations::visibility.eq(Visibility::Restricted.as_str()))
        .select(designations::id)
        .load(connection)
        .map_err(unexpected("look for restricted designations"))?;
    Ok(found.into_iter().map(|id| id.0.into()).collect())
}

/// The designations that this one ever named and that are restricted now.
pub(in crate::designations) fn restricted_mentioned(
    connection: &mut AnyConnection,
    id: DesignationId,
) -> Result<Vec<DesignationId>> {
    let found: Vec<DbUuid> = mentions::table
        .inner_join(designations::table.on(designations::id.eq(mentions::mentioned_id)))
        .filter(mentions::designation_id.eq(DbUuid(id.uuid())))
        .filter(designations::visibility.eq(Visibility::Restricted.as_str()))
        .order(designations::id.asc())
        .select(designations::id)
        .load(connection)
        .map_err(unexpected("look for restricted designations that are named"))?;
    Ok(found.into_iter().map(|id| id.0.into()).collect())
}

/// The designations that ever named this one and that are public now.
pub(in crate::designations) fn mentioned_by_public(
    connection: &mut AnyConnection,
    id: DesignationId,
) -> Result<Vec<DesignationId>> {
    let found: Vec<DbUuid> = mentions::table
        .inner_join(designations::table.on(designations::id.eq(mentions::designation_id)))
        .filter(mentions::mentioned_id.eq(DbUuid(id.uuid())))
        .filter(designations::visibility.eq(Visibility::Public.as_str()))
        .order(designations::id.asc())
        .select(designations::id)
        .load(connection)
        .map_err(unexpected("look for public designations that name one"))?;
    Ok(found.into_iter().map(|id| id.0.into()).collect())
}
