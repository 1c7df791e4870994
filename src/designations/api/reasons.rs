//! Reasons of a designation. They share its revision and ETag.

use actix_web::{delete, get, patch, post, web::Data};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{HELD, TAG, etag};
use crate::{
    access::FourEyes,
    db::{Cost, Db, Tx},
    designations::{
        model::{Reason, ReasonFields, ReasonStatus},
        service,
    },
    http::{
        Answer, Asker, Caller, Cursors, Handled, Json, MergePatch, NoQuery, Path, Query, Reply, page::page,
        to_json,
    },
    idempotency,
    journal::{Known, KnownQuery, PageQuery},
    reviews::{self, api::Desk, model::Review, service::Asked},
    values::{Date, DesignationId, ReasonId, ReviewId},
};

page! {
    /// A page of a designation's reasons.
    ReasonPage of Reason
}

/// The changes to make, as a merge patch.
#[derive(ToSchema)]
#[schema(example = json!({"status": "contested", "confidence": "disputed"}))]
#[expect(dead_code, reason = "documents the patch; the pass over the document fills it from ReasonCreate")]
pub struct ReasonPatch {
    status: ReasonStatus,
}

/// List a designation's reasons
///
/// Every reason in the order in which it was added. The ETag is the page's own; changes need the designation's.
#[utoipa::path(
    tag = TAG, params(("id" = DesignationId, Path, description = "The designation's id"), PageQuery),
    responses((status = 200, description = "A page of reasons", body = ReasonPage)),
)]
#[get("/v1/designations/{id}/reasons")]
async fn list_reasons(
    db: Data<Db>,
    asker: Asker,
    path: Path<DesignationId>,
    query: Query<PageQuery>,
) -> Handled<ReasonPage> {
    let (id, PageQuery { limit, cursor }) = (path.0, query.0);
    let cursors = Cursors::of("reasons", &id);
    let after: Option<ReasonId> = cursors.read(cursor.as_ref())?;
    let designation =
        db.read(asker.0, Cost::Key, move |snapshot| service::load(snapshot, id, Known::default())).await?;
    let mut reasons = designation.reasons.into_vec();
    // Ids are made before the write, so two that come together may be added against their order.
    reasons.sort_by_key(|reason| reason.id);
    // The reason of the cursor may have been removed since: ids rise with time, so the next one is still known.
    let rest = reasons
        .into_iter()
        .filter(|reason| after.is_none_or(|after| reason.id > after))
        .take(limit.get().saturating_add(1))
        .collect();
    let (items, next_cursor) = cursors.page(rest, limit, |reason: &Reason| reason.id);
    Answer::of(&ReasonPage { items, next_cursor })
}

/// Add a reason
///
/// Why the designation was made, who says so and how sure that is. With four eyes it waits for another person (202).
#[utoipa::path(
    tag = TAG, params(("id" = DesignationId, Path, description = "The designation's id"), NoQuery),
    request_body = ReasonFields,
    responses(
        (status = 201, description = "The reason was added; the ETag is the designation's", body = Reason),
        (status = 202, description = HELD, body = Review),
    ),
)]
#[post("/v1/designations/{id}/reasons")]
async fn add_reason(
    desk: Desk,
    path: Path<DesignationId>,
    caller: Caller,
    _: Query<NoQuery>,
    body: Json<ReasonFields>,
) -> Handled<Reason> {
    let (id, key, condition, today) = (path.0, caller.key(&body.bytes), caller.may_match(), Date::today());
    let reason = Reason::new(ReasonId::new(), body.value);
    let (review, four_eyes) = (ReviewId::new(), desk.four_eyes);
    let add = move |tx: &mut Tx<'_>| {
        idempotency::once(tx, key.as_ref(), |tx| {
            if four_eyes == FourEyes::On {
                let asked = Asked::AddReason(id, reason.clone());
                return reviews::api::held(tx, review, &asked, &condition);
            }
            let designation = service::add_reason(tx, id, &condition, reason.clone())?;
            let location = format!("/v1/designations/{id}/reasons/{}", reason.id);
            Reply::created(location, etag(designation.revision, today), to_json(&reason)?)
        })
    };
    Ok(desk.db.write(caller.context, add).await?.into())
}

/// Get a reason
///
/// One reason, as it is or as it was known at a time; the ETag is the designation's.
#[utoipa::path(
    tag = TAG,
    params(
        ("id" = DesignationId, Path, description = "The designation's id"),
        ("reason_id" = ReasonId, Path, description = "The reason's id"), KnownQuery,
    ),
    responses((status = 200, description = "The reason", body = Reason)),
)]
#[get("/v1/designations/{id}/reasons/{reason_id}")]
async fn get_reason(
    db: Data<Db>,
    asker: Asker,
    path: Path<(DesignationId, ReasonId)>,
    query: Query<KnownQuery>,
) -> Handled<Reason> {
    let ((id, reason_id), known) = (path.0, query.0.into());
    let designation = db.read(asker.0, Cost::Key, move |snapshot| service::load(snapshot, id, known)).await?;
    let reason = service::find_reason(&designation, reason_id)?;
    Ok(Answer::stored(to_json(reason)?, etag(designation.revision, Date::today())))
}

/// Change a reason
///
/// A merge patch (RFC 7396) of the reason. If-Match takes the designation's ETag. With four eyes it waits for another person
/// (202).
#[utoipa::path(
    tag = TAG,
    params(
        ("id" = DesignationId, Path, description = "The designation's id"),
        ("reason_id" = ReasonId, Path, description = "The reason's id"), NoQuery,
    ),
    request_body(content((ReasonPatch = "application/merge-patch+json"), (ReasonPatch = "application/json"))),
    responses(
        (status = 200, description = "The reason after the change", body = Reason),
        (status = 202, description = HELD, body = Review),
    ),
)]
#[patch("/v1/designations/{id}/reasons/{reason_id}")]
async fn update_reason(
    desk: Desk,
    path: Path<(DesignationId, ReasonId)>,
    caller: Caller,
    _: Query<NoQuery>,
    body: MergePatch,
) -> Handled<Reason> {
    let (ids, condition, patch, today) = (path.0, caller.must_match()?, body.0, Date::today());
    let (review, four_eyes) = (ReviewId::new(), desk.four_eyes);
    let update = move |tx: &mut Tx<'_>| {
        let designation = match four_eyes {
            FourEyes::On => {
                let asked = Asked::UpdateReason(ids, patch.clone());
                match reviews::api::hold(tx, review, &asked, &condition)? {
                    Ok(held) => return Ok(held),
                    Err(unchanged) => unchanged,
                }
            }
            FourEyes::Off => service::update_reason(tx, ids, &condition, patch.clone())?,
        };
        let reason = to_json(service::find_reason(&designation, ids.1)?)?;
        Ok(Reply::ok(etag(designation.revision, today), reason))
    };
    Ok(desk.db.write(caller.context, update).await?.into())
}

/// Remove a reason
///
/// The history keeps it. If-Match takes the designation's ETag. The last reason of an order can't be removed.
/// With four eyes it waits for another person (202).
#[utoipa::path(
    tag = TAG,
    params(
        ("id" = DesignationId, Path, description = "The designation's id"),
        ("reason_id" = ReasonId, Path, description = "The reason's id"), NoQuery,
    ),
    responses(
        (status = 202, description = HELD, body = Review),
        (status = 204, description = "The reason was removed; the ETag is the designation's"),
    ),
)]
#[delete("/v1/designations/{id}/reasons/{reason_id}")]
async fn remove_reason(
    desk: Desk,
    path: Path<(DesignationId, ReasonId)>,
    caller: Caller,
    _: Query<NoQuery>,
) -> Handled<()> {
    let (ids, condition, today) = (path.0, caller.must_match()?, Date::today());
    let (review, four_eyes) = (ReviewId::new(), desk.four_eyes);
    let remove = move |tx: &mut Tx<'_>| match four_eyes {
        FourEyes::On => reviews::api::held(tx, review, &Asked::RemoveReason(ids), &condition),
        FourEyes::Off => {
            let revision = service::remove_reason(tx, ids, &condition)?.revision;
            Ok(Reply::empty(etag(revision, today)))
        }
    };
    Ok(desk.db.write(caller.context, remove).await?.into())
}

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_reasons)
        .service(add_reason)
        .service(get_reason)
        .service(update_reason)
        .service(remove_reason);
}
