//! Handlers of designations: the records here, lists in `lists`, reasons and events in rooms of their own. `schema` is
//! the part of the OpenAPI document that the derive can't say.

mod events;
mod lists;
mod reasons;
mod schema;

use actix_web::{delete, get, patch, post, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    model::{CurrentState, Designation, DesignationFields},
    service::{self, DesignationCreate, DesignationDraft},
    timeline::Period,
};
use crate::{
    access::FourEyes,
    db::{Cost, Db, Tx},
    error::Result,
    http::{
        Answer, Asker, Caller, Handled, Json, MergePatch, NoQuery, Path, Precondition, Query, Reply,
        answer::to_json as json,
    },
    idempotency,
    journal::{self, HistoryPage, Knowledge, KnownQuery, PageQuery, SubjectKind},
    reviews::{self, api::Desk, model::Review, service::Asked},
    values::{Date, DesignationId, Instant, Prose, ReviewId, ScopeId},
};

pub use lists::DesignationSort;
pub(crate) use lists::{Wanted, designation_query, filter};
pub use schema::complete as complete_schemas;

/// The tag of these operations.
pub const TAG: &str = "Designations";

/// What 202 means, where another person must confirm what counts.
const HELD: &str =
    "Nothing is recorded yet: the change waits in this review until another person confirms it";

/// The periods of one scope.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScopePeriods {
    /// The scope's id.
    pub scope_id: ScopeId,
    /// In order of dates; on days before the first the scope is in no state.
    #[schema(max_items = 10000)]
    pub periods: Vec<Period>,
}

/// The states of a designation, scope by scope, over dates, as known at a time.
#[derive(Debug, Serialize, ToSchema)]
pub struct Timeline {
    /// Every scope with its periods, in the order in which they were first stated.
    #[schema(max_items = 2000)]
    pub scopes: Vec<ScopePeriods>,
    /// The journal position that it was read from.
    pub known_seq: u64,
    /// The instant of that position; null where nothing was recorded yet.
    #[schema(required)]
    pub recorded_at: Option<Instant>,
}

/// The ETag of a designation on a day: what it is today changes without a new revision.
fn etag(revision: u64, on: Date) -> String {
    format!("\"{revision}.{on}\"")
}

/// A stored designation with what it is today.
pub(crate) fn with_current(mut document: String, current: &CurrentState) -> Result<String> {
    let current = json(current)?;
    document.truncate(document.trim_end().len().saturating_sub(1));
    Ok(document + ",\"current\":" + &current + "}")
}

/// A designation as it is after a change, in the transaction of the change.
fn shown(designation: &Designation, today: Date) -> Result<(String, String)> {
    let timelines = service::timelines_of(designation)?;
    let on_day =
        timelines.iter().flat_map(|timeline| &timeline.periods).filter(|period| period.holds_on(today));
    let scopes: Vec<_> = on_day.map(|period| (period.state, period.from)).collect();
    let body = with_current(json(designation)?, &CurrentState::of(today, &scopes))?;
    Ok((body, etag(designation.revision, today)))
}

/// Create a designation
///
/// Records an act under a regime against a vendor or a category, with its reasons and its first event, as one journal
/// entry. The first event gives a state and brings at least one scope. With four eyes it waits for another person (202).
#[utoipa::path(
    tag = TAG, request_body = DesignationCreate, params(NoQuery),
    responses(
        (status = 201, description = "The designation was recorded", body = Designation),
        (status = 202, description = HELD, body = Review),
    ),
)]
#[post("/v1/designations")]
async fn create_designation(
    desk: Desk,
    caller: Caller,
    _: Query<NoQuery>,
    body: Json<DesignationCreate>,
) -> Handled<Designation> {
    let (key, today) = (caller.key(&body.bytes), Date::today());
    let draft = DesignationDraft::new(body.value, today)?;
    let (review, four_eyes) = (ReviewId::new(), desk.four_eyes);
    let create = move |tx: &mut Tx<'_>| {
        idempotency::once(tx, key.as_ref(), |tx| {
            if four_eyes == FourEyes::On {
                let asked = Asked::CreateDesignation(Box::new(draft.clone()));
                return reviews::api::held(tx, review, &asked, &Precondition::none());
            }
            let designation = service::create(tx, &draft)?;
            let (body, etag) = shown(&designation, today)?;
            Reply::created(format!("/v1/designations/{}", draft.id), etag, body)
        })
    };
    Ok(desk.db.write(caller.context, create).await?.into())
}

/// Get a designation
///
/// The designation as it is, or as it was known at a time. `current` is computed for today from what was known then.
#[utoipa::path(
    tag = TAG, params(("id" = DesignationId, Path, description = "The designation's id"), KnownQuery),
    responses((status = 200, description = "The designation", body = Designation)),
)]
#[get("/v1/designations/{id}")]
async fn get_designation(
    db: Data<Db>,
    asker: Asker,
    path: Path<DesignationId>,
    query: Query<KnownQuery>,
) -> Handled<Designation> {
    let (id, known, today) = (path.0, query.0.into(), Date::today());
    let (body, etag) = db
        .read(asker.0, Cost::Key, move |snapshot| {
            let known: Knowledge = journal::resolve(snapshot, known)?;
            let (revision, document) = service::get(snapshot, id, known)?;
            let current = service::state(snapshot, id, (today, known))?;
            Ok((with_current(document, &current)?, etag(revision, today)))
        })
        .await?;
    Ok(Answer::stored(body, etag))
}

/// Change a designation
///
/// A merge patch (RFC 7396) of reference, title, summary, basis disclosure, visibility and links. Everything else is
/// fixed at creation or follows from events. A patch that changes nothing records nothing. What becomes restricted is gone
/// for viewers with its past; what becomes public shows them its versions from then on. A public designation names no
/// restricted one, neither now nor in its history.
#[utoipa::path(
    tag = TAG, params(("id" = DesignationId, Path, description = "The designation's id"), NoQuery),
    request_body(content(
        (DesignationFields = "application/merge-patch+json"),
        (DesignationFields = "application/json"),
    )),
    responses((status = 200, description = "The designation after the change", body = Designation)),
)]
#[patch("/v1/designations/{id}")]
async fn update_designation(
    db: Data<Db>,
    path: Path<DesignationId>,
    caller: Caller,
    _: Query<NoQuery>,
    body: MergePatch,
) -> Handled<Designation> {
    let (id, condition, patch, today) = (path.0, caller.must_match()?, body.0, Date::today());
    let update = move |tx: &mut Tx<'_>| shown(&service::update(tx, id, &condition, patch.clone())?, today);
    let (body, etag) = db.write(caller.context, update).await?;
    Ok(Answer::stored(body, etag))
}

/// The query of a voiding.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct VoidQuery {
    /// Why, for the journal. It is needed: without it the answer is 422.
    #[param(required = true)]
    comment: Option<Prose<10000>>,
}

/// Void a designation
///
/// For one that was recorded by mistake. From then on nothing of it counts; what was known before stays known. Final.
/// An end in the world (rescinded, delisted, vacated…) is an event instead. With four eyes it waits for another person (202).
#[utoipa::path(
    tag = TAG, params(("id" = DesignationId, Path, description = "The designation's id"), VoidQuery),
    responses(
        (status = 200, description = "The designation, voided", body = Designation),
        (status = 202, description = HELD, body = Review),
    ),
)]
#[delete("/v1/designations/{id}")]
async fn void_designation(
    desk: Desk,
    path: Path<DesignationId>,
    caller: Caller,
    query: Query<VoidQuery>,
) -> Handled<Designation> {
    let (id, condition, comment, today) = (path.0, caller.must_match()?, query.0.comment, Date::today());
    let (review, four_eyes) = (ReviewId::new(), desk.four_eyes);
    let void = move |tx: &mut Tx<'_>| {
        if four_eyes == FourEyes::On {
            let asked = Asked::VoidDesignation(id, comment.clone());
            return reviews::api::held(tx, review, &asked, &condition);
        }
        let (body, etag) = shown(&service::void(tx, id, &condition, comment.clone())?, today)?;
        Ok(Reply::ok(etag, body))
    };
    Ok(desk.db.write(caller.context, void).await?.into())
}

/// Get a designation's timeline
///
/// The states of each scope over dates, each with the event behind it, as known at a time.
#[utoipa::path(
    tag = TAG, params(("id" = DesignationId, Path, description = "The designation's id"), KnownQuery),
    responses((status = 200, description = "The timeline", body = Timeline)),
)]
#[get("/v1/designations/{id}/timeline")]
async fn get_designation_timeline(
    db: Data<Db>,
    asker: Asker,
    path: Path<DesignationId>,
    query: Query<KnownQuery>,
) -> Handled<Timeline> {
    let (id, known) = (path.0, query.0.into());
    let timeline = db
        .read(asker.0, Cost::Key, move |snapshot| {
            let known = journal::resolve(snapshot, known)?;
            let scopes = service::timeline(snapshot, id, known)?
                .into_iter()
                .map(|timeline| ScopePeriods { scope_id: timeline.scope.id, periods: timeline.periods })
                .collect();
            Ok(Timeline { scopes, known_seq: known.seq, recorded_at: known.recorded_at })
        })
        .await?;
    Answer::of(&timeline)
}

/// List a designation's history
///
/// Every change of the designation, its reasons and its events, oldest first, with what each changed.
#[utoipa::path(
    tag = TAG, params(("id" = DesignationId, Path, description = "The designation's id"), PageQuery),
    responses((status = 200, description = "A page of the history", body = HistoryPage)),
)]
#[get("/v1/designations/{id}/history")]
async fn list_designation_history(
    db: Data<Db>,
    asker: Asker,
    path: Path<DesignationId>,
    query: Query<PageQuery>,
) -> Handled<HistoryPage> {
    journal::history_page(&db, asker, (SubjectKind::Designation, path.0.uuid()), query.0).await
}

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(lists::list_designations)
        .service(lists::list_vendor_designations)
        .service(create_designation)
        .service(get_designation)
        .service(update_designation)
        .service(void_designation)
        .service(get_designation_timeline)
        .service(list_designation_history);
    reasons::configure(config);
    events::configure(config);
}
