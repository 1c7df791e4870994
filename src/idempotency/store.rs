//! The table of kept answers.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use serde::{Deserialize, Serialize};

use super::Key;
use crate::{
    db::{
        AnyConnection,
        schema::idempotency_keys::dsl,
        types::{DbInstant, DbJson},
        unexpected,
    },
    error::{Error, Result},
    http::{Reply, to_json},
    values::Instant,
};

#[derive(Serialize, Deserialize)]
struct Headers {
    location: Option<String>,
    etag: Option<String>,
}

pub(super) fn find(connection: &mut AnyConnection, key: &Key) -> Result<Option<(String, Reply)>> {
    let row: Option<(String, i32, DbJson, String)> = dsl::idempotency_keys
        .find((&key.actor, &key.method, &key.path, &key.key))
        .select((dsl::request_sha256, dsl::status, dsl::headers, dsl::body))
        .get_result(connection)
        .optional()
        .map_err(unexpected("look up an idempotency key"))?;
    row.map(|(request_sha256, status, headers, body)| {
        let headers: Headers = serde_json::from_str(&headers.0)
            .map_err(|failure| Error::internal(format!("a kept answer can't be read: {failure}")))?;
        let status = u16::try_from(status).map_err(|_| Error::internal("a kept answer has no status"))?;
        let Headers { location, etag } = headers;
        Ok((request_sha256, Reply { status, location, etag, body }))
    })
    .transpose()
}

pub(super) fn keep(connection: &mut AnyConnection, key: &Key, reply: &Reply, now: Instant) -> Result<()> {
    let headers = to_json(&Headers { location: reply.location.clone(), etag: reply.etag.clone() })?;
    diesel::insert_into(dsl::idempotency_keys)
        .values((
            dsl::actor.eq(&key.actor),
            dsl::method.eq(&key.method),
            dsl::path.eq(&key.path),
            dsl::key.eq(&key.key),
            dsl::request_sha256.eq(&key.request_sha256),
            dsl::status.eq(i32::from(reply.status)),
            dsl::headers.eq(DbJson(headers)),
            dsl::body.eq(&reply.body),
            dsl::recorded_at.eq(DbInstant(now)),
        ))
        .execute(connection)
        .map_err(unexpected("keep an idempotency key"))?;
    Ok(())
}

pub(super) fn forget_before(connection: &mut AnyConnection, instant: Instant) -> Result<()> {
    diesel::delete(dsl::idempotency_keys.filter(dsl::recorded_at.lt(DbInstant(instant))))
        .execute(connection)
        .map_err(unexpected("forget old idempotency keys"))?;
    Ok(())
}
