//! Handlers of regimes, their request types and their part of the OpenAPI document.

use actix_web::{delete, get, patch, post, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    model::{Effect, Regime, RegimeCreate},
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
    values::{AuthorityId, Line, List, RecordStatus, RegimeId},
};

/// The tag of these operations.
pub const TAG: &str = "Regimes";

page! {
    /// A page of regimes.
    RegimePage of Regime
}

/// The changes to make, as a merge patch. `null` empties an optional field; `"status": "active"` reactivates.
#[derive(ToSchema)]
#[schema(example = json!({"response_days": 30, "expires_on": "2033-12-31", "url": null}))]
#[expect(
    dead_code,
    reason = "documents the patch; the pass over the document fills it from RegimeCreate, less its slug"
)]
pub struct RegimePatch {
    status: RecordStatus,
}

record_sort!(RegimeSort);

#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only regimes whose title or slug begins so; case and accents don't count.
    name: Option<Line<500>>,
    /// Only regimes that this authority acts under.
    authority_id: Option<AuthorityId>,
    /// Only regimes of this jurisdiction, written as the regime has it.
    jurisdiction: Option<Line<100>>,
    /// Only regimes with one of these effects.
    #[serde(default)]
    #[param(inline)]
    effect: List<Effect, 10>,
    /// Only regimes of this status; `active` unless asked.
    status: Option<RecordStatus>,
    /// The order; `name` unless asked.
    sort: Option<RegimeSort>,
    /// How many items the page has at most.
    #[serde(default)]
    #[param(inline, required = false)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    cursor: Option<Cursor>,
}

/// List regimes
///
/// Active regimes, a page at a time, unless another status is asked for.
#[utoipa::path(
    tag = TAG, params(ListQuery),
    responses((status = 200, description = "A page of regimes", body = RegimePage)),
)]
#[get("/v1/regimes")]
async fn list_regimes(db: Data<Db>, asker: Asker, query: Query<ListQuery>) -> Handled<RegimePage> {
    let query = query.0;
    let listing = Cursors::of_query("regimes", &query).listing(
        RegimeSort::order(query.sort),
        query.limit,
        query.cursor.as_ref(),
    )?;
    let filter = Filter {
        name: query.name.as_deref().map(ToOwned::to_owned),
        authority: query.authority_id,
        jurisdiction: query.jurisdiction.as_deref().map(ToOwned::to_owned),
        effects: query.effect.iter().map(|effect| effect.as_str()).collect(),
        status: query.status.unwrap_or(RecordStatus::Active),
    };
    listing.answer(&db, asker, move |snapshot, listing| service::list(snapshot, &filter, listing)).await
}

/// Create a regime
///
/// Records a legal basis or programme that authorities act under. Its slug names it for ever: no other regime has it, and
/// it never changes.
#[utoipa::path(
    tag = TAG, request_body = RegimeCreate, params(NoQuery),
    responses((status = 201, description = "The regime was recorded", body = Regime)),
)]
#[post("/v1/regimes")]
async fn create_regime(
    db: Data<Db>,
    caller: Caller,
    _: Query<NoQuery>,
    body: Json<RegimeCreate>,
) -> Handled<Regime> {
    let (id, key, fields) = (RegimeId::new(), caller.key(&body.bytes), body.value);
    let create = move |tx: &mut crate::db::Tx<'_>| {
        idempotency::once(tx, key.as_ref(), |tx| {
            let regime = service::create(tx, id, fields.clone())?;
            Reply::created(format!("/v1/regimes/{id}"), revision_etag(regime.revision), to_json(&regime)?)
        })
    };
    Ok(db.write(caller.context, create).await?.into())
}

/// Get a regime
///
/// The regime as it is, or as it was known at a time.
#[utoipa::path(
    tag = TAG, params(("id" = RegimeId, Path, description = "The regime's id"), KnownQuery),
    responses((status = 200, description = "The regime", body = Regime)),
)]
#[get("/v1/regimes/{id}")]
async fn get_regime(
    db: Data<Db>,
    asker: Asker,
    path: Path<RegimeId>,
    query: Query<KnownQuery>,
) -> Handled<Regime> {
    let id = path.0;
    journal::read_record(&db, asker, query.0, move |snapshot, known| service::get(snapshot, id, known)).await
}

/// Change a regime
///
/// A merge patch (RFC 7396): fields that it names are replaced, `null` empties, lists are replaced whole. A patch that
/// changes nothing records nothing.
#[utoipa::path(
    tag = TAG, params(("id" = RegimeId, Path, description = "The regime's id"), NoQuery),
    request_body(content((RegimePatch = "application/merge-patch+json"), (RegimePatch = "application/json"))),
    responses((status = 200, description = "The regime after the change", body = Regime)),
)]
#[patch("/v1/regimes/{id}")]
async fn update_regime(
    db: Data<Db>,
    path: Path<RegimeId>,
    caller: Caller,
    _: Query<NoQuery>,
    body: MergePatch,
) -> Handled<Regime> {
    let (id, condition, patch) = (path.0, caller.must_match()?, body.0);
    let update = move |tx: &mut crate::db::Tx<'_>| service::update(tx, id, &condition, patch.clone());
    journal::change_record(&db, caller.context, update).await
}

/// Retire a regime
///
/// A retired regime is left out of lists, and keeps its history; what was designated under it stands. Refused while there is a
/// designation under it that is not voided.
#[utoipa::path(
    tag = TAG, params(("id" = RegimeId, Path, description = "The regime's id"), RetireQuery),
    responses((status = 200, description = "The regime, retired", body = Regime)),
)]
#[delete("/v1/regimes/{id}")]
async fn retire_regime(
    db: Data<Db>,
    path: Path<RegimeId>,
    caller: Caller,
    query: Query<RetireQuery>,
) -> Handled<Regime> {
    let (id, condition, comment) = (path.0, caller.must_match()?, query.0.comment);
    let retire = move |tx: &mut crate::db::Tx<'_>| service::retire(tx, id, &condition, comment.clone());
    journal::change_record(&db, caller.context, retire).await
}

/// List a regime's history
///
/// Every change of the regime, oldest first, with what each changed.
#[utoipa::path(
    tag = TAG, params(("id" = RegimeId, Path, description = "The regime's id"), PageQuery),
    responses((status = 200, description = "A page of the history", body = HistoryPage)),
)]
#[get("/v1/regimes/{id}/history")]
async fn list_regime_history(
    db: Data<Db>,
    asker: Asker,
    path: Path<RegimeId>,
    query: Query<PageQuery>,
) -> Handled<HistoryPage> {
    journal::history_page(&db, asker, (SubjectKind::Regime, path.0.uuid()), query.0).await
}

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_regimes)
        .service(create_regime)
        .service(get_regime)
        .service(update_regime)
        .service(retire_regime)
        .service(list_regime_history);
}
