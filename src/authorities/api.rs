//! Handlers of authorities, their request types and their part of the OpenAPI document.

use actix_web::{delete, get, patch, post, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    model::{Authority, AuthorityFields, AuthorityKind},
    service,
    store::Filter,
};
use crate::{
    db::Db,
    http::{
        Asker, Caller, Cursor, Cursors, Handled, Json, Limit, MergePatch, NoQuery, Path, Query, Reply,
        page::{page, record_sort},
        revision_etag, to_json,
    },
    idempotency,
    journal::{self, HistoryPage, KnownQuery, PageQuery, RetireQuery, SubjectKind},
    values::{AuthorityId, Country, Line, List, RecordStatus},
};

/// The tag of these operations.
pub const TAG: &str = "Authorities";

page! {
    /// A page of authorities.
    AuthorityPage of Authority
}

/// The changes to make, as a merge patch. `null` empties an optional field; `"status": "active"` reactivates.
#[derive(ToSchema)]
#[schema(example = json!({"country": "US", "aliases": [{"name": "DoD"}]}))]
#[expect(dead_code, reason = "documents the patch; the pass over the document fills it from AuthorityCreate")]
pub struct AuthorityPatch {
    status: RecordStatus,
}

record_sort!(AuthoritySort);

#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only authorities whose name, or any alias, begins so; case and accents don't count.
    name: Option<Line<500>>,
    /// Only authorities of these kinds.
    #[serde(default)]
    #[param(inline)]
    kind: List<AuthorityKind, 10>,
    /// Only authorities of these countries.
    #[serde(default)]
    #[param(inline)]
    country: List<Country, 50>,
    /// Only authorities of this status; `active` unless asked.
    status: Option<RecordStatus>,
    /// The order; `name` unless asked.
    sort: Option<AuthoritySort>,
    /// How many items the page has at most.
    #[serde(default)]
    #[param(inline, required = false)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    cursor: Option<Cursor>,
}

/// List authorities
///
/// Active authorities, a page at a time, unless another status is asked for.
#[utoipa::path(
    tag = TAG, params(ListQuery),
    responses((status = 200, description = "A page of authorities", body = AuthorityPage)),
)]
#[get("/v1/authorities")]
async fn list_authorities(db: Data<Db>, asker: Asker, query: Query<ListQuery>) -> Handled<AuthorityPage> {
    let query = query.0;
    let listing = Cursors::of_query("authorities", &query).listing(
        AuthoritySort::order(query.sort),
        query.limit,
        query.cursor.as_ref(),
    )?;
    let filter = Filter {
        name: query.name.as_deref().map(ToOwned::to_owned),
        kinds: query.kind.iter().map(|kind| kind.as_str()).collect(),
        countries: query.country.iter().map(|country| country.as_str()).collect(),
        status: query.status.unwrap_or(RecordStatus::Active),
    };
    listing.answer(&db, asker, move |snapshot, listing| service::list(snapshot, &filter, listing)).await
}

/// Create an authority
///
/// Records a body that issues designations or that a scope binds. It is found by its name and by every alias.
#[utoipa::path(
    tag = TAG, request_body = AuthorityFields, params(NoQuery),
    responses((status = 201, description = "The authority was recorded", body = Authority)),
)]
#[post("/v1/authorities")]
async fn create_authority(
    db: Data<Db>,
    caller: Caller,
    _: Query<NoQuery>,
    body: Json<AuthorityFields>,
) -> Handled<Authority> {
    let (id, key, fields) = (AuthorityId::new(), caller.key(&body.bytes), body.value);
    let create = move |tx: &mut crate::db::Tx<'_>| {
        idempotency::once(tx, key.as_ref(), |tx| {
            let authority = service::create(tx, id, fields.clone())?;
            Reply::created(
                format!("/v1/authorities/{id}"),
                revision_etag(authority.revision),
                to_json(&authority)?,
            )
        })
    };
    Ok(db.write(caller.context, create).await?.into())
}

/// Get an authority
///
/// The authority as it is, or as it was known at a time.
#[utoipa::path(
    tag = TAG, params(("id" = AuthorityId, Path, description = "The authority's id"), KnownQuery),
    responses((status = 200, description = "The authority", body = Authority)),
)]
#[get("/v1/authorities/{id}")]
async fn get_authority(
    db: Data<Db>,
    asker: Asker,
    path: Path<AuthorityId>,
    query: Query<KnownQuery>,
) -> Handled<Authority> {
    let id = path.0;
    journal::read_record(&db, asker, query.0, move |snapshot, known| service::get(snapshot, id, known)).await
}

/// Change an authority
///
/// A merge patch (RFC 7396): fields that it names are replaced, `null` empties, lists are replaced whole. A patch that
/// changes nothing records nothing.
#[utoipa::path(
    tag = TAG, params(("id" = AuthorityId, Path, description = "The authority's id"), NoQuery),
    request_body(content((AuthorityPatch = "application/merge-patch+json"), (AuthorityPatch = "application/json"))),
    responses((status = 200, description = "The authority after the change", body = Authority)),
)]
#[patch("/v1/authorities/{id}")]
async fn update_authority(
    db: Data<Db>,
    path: Path<AuthorityId>,
    caller: Caller,
    _: Query<NoQuery>,
    body: MergePatch,
) -> Handled<Authority> {
    let (id, condition, patch) = (path.0, caller.must_match()?, body.0);
    let update = move |tx: &mut crate::db::Tx<'_>| service::update(tx, id, &condition, patch.clone());
    journal::change_record(&db, caller.context, update).await
}

/// Retire an authority
///
/// A retired authority is left out of lists, and keeps its history; what it did stands. Refused while an active regime
/// names it, or a designation that is not voided.
#[utoipa::path(
    tag = TAG, params(("id" = AuthorityId, Path, description = "The authority's id"), RetireQuery),
    responses((status = 200, description = "The authority, retired", body = Authority)),
)]
#[delete("/v1/authorities/{id}")]
async fn retire_authority(
    db: Data<Db>,
    path: Path<AuthorityId>,
    caller: Caller,
    query: Query<RetireQuery>,
) -> Handled<Authority> {
    let (id, condition, comment) = (path.0, caller.must_match()?, query.0.comment);
    let retire = move |tx: &mut crate::db::Tx<'_>| service::retire(tx, id, &condition, comment.clone());
    journal::change_record(&db, caller.context, retire).await
}

/// List an authority's history
///
/// Every change of the authority, oldest first, with what each changed.
#[utoipa::path(
    tag = TAG, params(("id" = AuthorityId, Path, description = "The authority's id"), PageQuery),
    responses((status = 200, description = "A page of the history", body = HistoryPage)),
)]
#[get("/v1/authorities/{id}/history")]
async fn list_authority_history(
    db: Data<Db>,
    asker: Asker,
    path: Path<AuthorityId>,
    query: Query<PageQuery>,
) -> Handled<HistoryPage> {
    journal::history_page(&db, asker, (SubjectKind::Authority, path.0.uuid()), query.0).await
}

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_authorities)
        .service(create_authority)
        .service(get_authority)
        .service(update_authority)
        .service(retire_authority)
        .service(list_authority_history);
}
