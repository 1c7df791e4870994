//! Handlers of the access log. Nothing adds to it but reads themselves.

use actix_web::{get, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{
    model::AccessEntry,
    recorder::AccessLog,
    store::{self, Wanted},
};
use crate::{
    access::Operation,
    db::{Cost, Db},
    error::Error,
    http::{Answer, Asker, Cursor, Cursors, Handled, Limit, NoQuery, Path, Query, page::page},
    values::{AccessEntryId, Instant, Line},
};

/// The tag of these operations.
pub const TAG: &str = "Access log";

page! {
    /// A page of the access log.
    AccessEntryPage of AccessEntry
}

/// What of the log is asked for.
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only what this actor read.
    actor: Option<Line<200>>,
    /// Only reads of this vendor's standing, or of this restricted designation.
    subject_id: Option<Uuid>,
    /// Only this operation, by its id in this document.
    #[param(max_length = 100, example = "get_vendor_standing")]
    operation: Option<Line<100>>,
    /// Only what was read at this instant or later.
    from: Option<Instant>,
    /// Only what was read at this instant or before.
    to: Option<Instant>,
    /// How many items the page has at most.
    #[serde(default)]
    #[param(inline, required = false)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    cursor: Option<Cursor>,
}

/// List access entries
///
/// Who asked for which standing and read which restricted record, newest first. An entry is written within a second of
/// its answer; everything that this server answered before is there when the list is read.
#[utoipa::path(
    tag = TAG, params(ListQuery),
    responses((status = 200, description = "A page of the access log", body = AccessEntryPage)),
)]
#[get("/v1/access-log")]
async fn list_access_entries(
    db: Data<Db>,
    log: Data<AccessLog>,
    asker: Asker,
    query: Query<ListQuery>,
) -> Handled<AccessEntryPage> {
    let query = query.0;
    let cursors = Cursors::of_query("access-log", &query);
    let before: Option<(Instant, Uuid)> = cursors.read(query.cursor.as_ref())?;
    let operation = query.operation.as_deref().map(known_operation).transpose()?;
    let wanted = Wanted {
        actor: query.actor.map(|actor| actor.to_string()),
        subject: query.subject_id,
        operation,
        from: query.from,
        to: query.to,
        before,
    };
    let limit = query.limit;
    log.flushed().await;
    let entries = db
        .read(asker.0, Cost::Scan, move |snapshot| {
            store::list(snapshot.connection(), &wanted, limit.and_one())
        })
        .await?;
    let (items, next_cursor) = cursors.page(entries, limit, |entry| (entry.at, entry.id.uuid()));
    Answer::of(&AccessEntryPage { items, next_cursor })
}

/// A mistyped operation must not look like a clean log.
fn known_operation(id: &str) -> Result<&'static str, Error> {
    Operation::of_id(id).map(Operation::id).ok_or_else(|| {
        let detail = format!("there is no operation {id}; the OpenAPI document has their ids");
        Error::invalid("operation", "unknown_reference", detail)
    })
}

/// Get an access entry
///
/// One read, with the digest of what was answered.
#[utoipa::path(
    tag = TAG, params(("id" = AccessEntryId, Path, description = "The entry's id, as `GET /v1/access-log` gives it"), NoQuery),
    responses((status = 200, description = "The entry", body = AccessEntry)),
)]
#[get("/v1/access-log/{id}")]
async fn get_access_entry(
    db: Data<Db>,
    log: Data<AccessLog>,
    asker: Asker,
    path: Path<AccessEntryId>,
    _: Query<NoQuery>,
) -> Handled<AccessEntry> {
    let id = path.0;
    log.flushed().await;
    let found =
        db.read(asker.0, Cost::Key, move |snapshot| store::find(snapshot.connection(), id.uuid())).await?;
    Answer::of(&found.ok_or_else(|| Error::not_found("access entry", id))?)
}

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_access_entries).service(get_access_entry);
}
