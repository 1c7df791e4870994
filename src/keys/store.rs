//! The table of keys, with the hashes of their secrets, and when each was last used.

use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
};
use uuid::Uuid;

use super::{
    keyring::Made,
    model::{ApiKeyRecord, ApiKeyStatus},
};
use crate::{
    db::{
        AnyConnection, MultiBackend,
        schema::{api_key_uses, api_keys},
        types::{DbInstant, DbJson, DbUuid},
        unexpected,
    },
    error::{Error, Result},
    http::to_json,
    journal::{column, unsigned},
    values::{ApiKeyId, Instant},
};

/// What the door asks of a key.
#[derive(diesel::Queryable)]
pub(super) struct Held {
    pub(super) actor: String,
    pub(super) role: String,
    pub(super) status: String,
    pub(super) expires_at: Option<DbInstant>,
    pub(super) hash: String,
}

/// What stands against the key that is shown.
pub(super) fn held(connection: &mut AnyConnection, id: ApiKeyId) -> Result<Option<Held>> {
    api_keys::table
        .find(DbUuid(id.uuid()))
        .select((api_keys::actor, api_keys::role, api_keys::status, api_keys::expires_at, api_keys::hash))
        .get_result(connection)
        .optional()
        .map_err(unexpected("look up an API key"))
}

/// A key's revision and text.
pub(super) fn record(connection: &mut AnyConnection, id: ApiKeyId) -> Result<Option<(u64, String)>> {
    let found: Option<(i64, DbJson)> = api_keys::table
        .find(DbUuid(id.uuid()))
        .select((api_keys::revision, api_keys::document))
        .get_result(connection)
        .optional()
        .map_err(unexpected("read an API key"))?;
    found.map(|(revision, document)| Ok((unsigned(revision)?, document.0))).transpose()
}

/// A key's text, and when it was last used.
type Listed = (DbJson, Option<DbInstant>);

/// Keys after an id, or one.
pub(super) fn list(
    connection: &mut AnyConnection,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<(String, Option<Instant>)>> {
    let mut query = api_keys::table
        .left_join(api_key_uses::table.on(api_key_uses::api_key_id.eq(api_keys::id)))
        .select((api_keys::document, api_key_uses::last_used_at.nullable()))
        .order(api_keys::id.asc())
        .limit(limit)
        .into_boxed::<MultiBackend>();
    if let Some(after) = after {
        query = query.filter(api_keys::id.gt(DbUuid(after)));
    }
    let found: Vec<Listed> = query.load(connection).map_err(unexpected("list API keys"))?;
    Ok(found.into_iter().map(|(document, used)| (document.0, used.map(|used| used.0))).collect())
}

/// When a key was last used.
pub(super) fn last_used(connection: &mut AnyConnection, id: ApiKeyId) -> Result<Option<Instant>> {
    let found: Option<DbInstant> = api_key_uses::table
        .find(DbUuid(id.uuid()))
        .select(api_key_uses::last_used_at)
        .get_result(connection)
        .optional()
        .map_err(unexpected("read when an API key was used"))?;
    Ok(found.map(|used| used.0))
}

/// Whether a key was ever made.
pub(super) fn any(connection: &mut AnyConnection) -> Result<bool> {
    let found: Option<DbUuid> = api_keys::table
        .select(api_keys::id)
        .limit(1)
        .get_result(connection)
        .optional()
        .map_err(unexpected("look for an API key"))?;
    Ok(found.is_some())
}

/// How many keys of an actor under a name are neither revoked nor expired.
pub(super) fn live(
    connection: &mut AnyConnection,
    (actor, name): (&str, &str),
    now: Instant,
) -> Result<usize> {
    let found: Vec<Option<DbInstant>> = api_keys::table
        .filter(api_keys::actor.eq(actor))
        .filter(api_keys::name.eq(name))
        .filter(api_keys::status.eq(ApiKeyStatus::Active.as_str()))
        .select(api_keys::expires_at)
        .load(connection)
        .map_err(unexpected("count API keys"))?;
    Ok(found.into_iter().filter(|expires| expires.is_none_or(|expires| expires.0 > now)).count())
}

/// How many keys that are not revoked another server's secret made.
pub(super) fn hashed_otherwise(connection: &mut AnyConnection, fingerprint: &str) -> Result<u64> {
    let count: i64 = api_keys::table
        .filter(api_keys::status.eq(ApiKeyStatus::Active.as_str()))
        .filter(api_keys::hashed_with.ne(fingerprint))
        .count()
        .get_result(connection)
        .map_err(unexpected("count API keys"))?;
    unsigned(count)
}

pub(super) fn insert(
    connection: &mut AnyConnection,
    record: &ApiKeyRecord,
    made: &Made,
    seq: u64,
) -> Result<()> {
    diesel::insert_into(api_keys::table)
        .values((
            api_keys::id.eq(DbUuid(record.id.uuid())),
            api_keys::created_seq.eq(column(seq)?),
            api_keys::actor.eq(&*record.actor),
            api_keys::name.eq(&*record.name),
            api_keys::role.eq(record.role.as_str()),
            api_keys::status.eq(record.status.as_str()),
            api_keys::expires_at.eq(record.expires_at.map(DbInstant)),
            api_keys::hash.eq(&made.hash),
            api_keys::hashed_with.eq(&made.hashed_with),
            api_keys::revision.eq(column(record.revision)?),
            api_keys::updated_at.eq(DbInstant(record.updated_at)),
            api_keys::document.eq(DbJson(to_json(record)?)),
        ))
        .execute(connection)
        .map_err(unexpected("insert an API key"))?;
    Ok(())
}

pub(super) fn update(connection: &mut AnyConnection, record: &ApiKeyRecord) -> Result<()> {
    diesel::update(api_keys::table.find(DbUuid(record.id.uuid())))
        .set((
            api_keys::status.eq(record.status.as_str()),
            api_keys::revision.eq(column(record.revision)?),
            api_keys::updated_at.eq(DbInstant(record.updated_at)),
            api_keys::document.eq(DbJson(to_json(record)?)),
        ))
        .execute(connection)
        .map_err(unexpected("update an API key"))?;
    Ok(())
}

/// Notes that a key was used. Only the writer calls it, so nobody else comes between the two statements.
pub(super) fn used(connection: &mut AnyConnection, id: ApiKeyId, at: Instant) -> Result<()> {
    let (id, at) = (DbUuid(id.uuid()), DbInstant(at));
    let failed = |failure| unexpected("note that an API key was used")(failure);
    let noted = diesel::update(api_key_uses::table.find(id))
        .set(api_key_uses::last_used_at.eq(at))
        .execute(connection)
        .map_err(failed)?;
    if noted == 0 {
        diesel::insert_into(api_key_uses::table)
            .values((api_key_uses::api_key_id.eq(id), api_key_uses::last_used_at.eq(at)))
            .execute(connection)
            .map_err(failed)?;
    }
    Ok(())
}

/// Reads a stored record.
pub(super) fn parsed(document: &str) -> Result<ApiKeyRecord> {
    serde_json::from_str(document)
        .map_err(|failure| Error::internal(format!("a stored API key can't be read: {failure}")))
}
