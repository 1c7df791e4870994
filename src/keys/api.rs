//! Handlers of API keys, their request types and their part of the OpenAPI document.

use actix_web::{delete, get, post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    keyring::Keyring,
    model::{ApiKey, ApiKeyCreate},
    service,
};
use crate::{
    db::{Cost, Db},
    error::Error,
    http::{
        Answer, Asker, Caller, Cursors, Handled, Json, NoQuery, Path, Query, Reply, page::page,
        revision_etag, to_json,
    },
    journal::{PageQuery, RetireQuery},
    values::ApiKeyId,
};

/// The tag of these operations.
pub const TAG: &str = "API keys";

page! {
    /// A page of API keys.
    ApiKeyPage of ApiKey
}

/// What keys are made with; none where the server was told no secret.
pub type KeptKeyring = Option<Keyring>;

/// The ETag of a key as it is read. Its last use is part of it, and `If-Match` compares the revision alone.
fn etag(key: &ApiKey) -> String {
    match key.last_used_at {
        Some(used) => format!("\"{}.{}\"", key.revision, used.utc().timestamp()),
        None => revision_etag(key.revision),
    }
}

/// List API keys
///
/// Every key that was ever made, revoked ones too, in the order in which they were made. The keys themselves are never
/// shown again.
#[utoipa::path(
    tag = TAG, params(PageQuery),
    responses((status = 200, description = "A page of API keys", body = ApiKeyPage)),
)]
#[get("/v1/api-keys")]
async fn list_api_keys(db: Data<Db>, asker: Asker, query: Query<PageQuery>) -> Handled<ApiKeyPage> {
    let PageQuery { limit, cursor } = query.0;
    let cursors = Cursors::of("api-keys", &());
    let after = cursors.read(cursor.as_ref())?;
    let read = move |snapshot: &mut crate::db::Snapshot<'_>| service::list(snapshot, after, limit.and_one());
    let found = db.read(asker.0, Cost::Scan, read).await?;
    let (items, next_cursor) = cursors.page(found, limit, |key| key.id.uuid());
    Answer::of(&ApiKeyPage { items, next_cursor })
}

/// Create an API key
///
/// The answer shows the key in `key`, this once: only a keyed hash of it is stored. So the request takes no
/// `Idempotency-Key`, for which the answer would have to be kept; where the answer was lost, revoke the key and make
/// another. An actor can have two live keys under one name, one in use and the next: a third is 409.
#[utoipa::path(
    tag = TAG, request_body = ApiKeyCreate, params(NoQuery),
    responses((status = 201, description = "The key was made; it is not shown again", body = ApiKey)),
)]
#[post("/v1/api-keys")]
async fn create_api_key(
    db: Data<Db>,
    keyring: Data<KeptKeyring>,
    caller: Caller,
    _: Query<NoQuery>,
    body: Json<ApiKeyCreate>,
) -> Handled<ApiKey> {
    caller.takes_no_key("the answer shows an API key, which is stored nowhere")?;
    let keyring = keyring.as_ref().as_ref().ok_or_else(|| {
        let detail =
            "this registry was started without a key secret, so it can make no keys; start it with --key-secret-file";
        Error::conflict("no_key_secret", detail)
    })?;
    let (made, stated) = (keyring.make()?, body.value);
    let (id, token) = (made.id, made.token.clone());
    let create = move |tx: &mut crate::db::Tx<'_>| service::create(tx, &made, stated.clone());
    let record = db.write(caller.context, create).await?;
    let etag = revision_etag(record.revision);
    let body = to_json(&record.shown(None, Some(&token)))?;
    Ok(Answer::from(Reply::created(format!("/v1/api-keys/{id}"), etag, body)?).secret())
}

/// Get an API key
///
/// The record of the key; the key itself is never shown again.
#[utoipa::path(
    tag = TAG, params(("id" = ApiKeyId, Path, description = "The key's id, as `GET /v1/api-keys` gives it"), NoQuery),
    responses((status = 200, description = "The API key", body = ApiKey)),
)]
#[get("/v1/api-keys/{id}")]
async fn get_api_key(db: Data<Db>, asker: Asker, path: Path<ApiKeyId>, _: Query<NoQuery>) -> Handled<ApiKey> {
    let id = path.0;
    let key = db.read(asker.0, Cost::Key, move |snapshot| service::get(snapshot, id)).await?;
    Ok(Answer::stored(to_json(&key)?, etag(&key)))
}

/// Revoke an API key
///
/// From then on no process of the registry takes it. The record stays, and so do the changes that were made by it.
#[utoipa::path(
    tag = TAG, params(("id" = ApiKeyId, Path, description = "The key's id, as `GET /v1/api-keys` gives it"), RetireQuery),
    responses((status = 200, description = "The API key, revoked", body = ApiKey)),
)]
#[delete("/v1/api-keys/{id}")]
async fn revoke_api_key(
    db: Data<Db>,
    path: Path<ApiKeyId>,
    caller: Caller,
    query: Query<RetireQuery>,
) -> Handled<ApiKey> {
    let (id, condition, comment) = (path.0, caller.must_match()?, query.0.comment);
    let revoke = move |tx: &mut crate::db::Tx<'_>| {
        service::revoke(tx, id, &condition, comment.clone())?;
        service::shown(tx.connection(), id)
    };
    let key = db.write(caller.context, revoke).await?;
    Ok(Answer::stored(to_json(&key)?, etag(&key)))
}

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_api_keys).service(create_api_key).service(get_api_key).service(revoke_api_key);
}
