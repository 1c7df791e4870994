//! Handlers of reviews: the queue, single reviews, and decisions.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, get, post, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    model::{Review, ReviewChange, ReviewStatus},
    service::{self, Asked, Held},
    store::Filter,
};
use crate::{
    access::{FourEyes, Identity, Roles},
    db::{Cost, Db, Tx},
    designations::model::Designation,
    error::{Error, Result},
    http::{
        Answer, Asker, Caller, Cursor, Cursors, Handled, Json, Limit, NoQuery, Path, Precondition, Problem,
        Query, Reply,
        page::{page, stored_page},
        revision_etag, to_json,
    },
    idempotency,
    journal::{self, HistoryPage, PageQuery, SubjectKind},
    values::{DesignationId, Line, List, Prose, ReviewId, VendorId},
};

pub use super::schema::complete as complete_schemas;

/// The tag of these operations.
pub const TAG: &str = "Reviews";

page! {
    /// A page of reviews.
    ReviewPage of Review
}

/// What a change of a designation is asked of: the database, and whether another person must confirm.
pub struct Desk {
    pub db: Data<Db>,
    pub four_eyes: FourEyes,
}

impl FromRequest for Desk {
    type Error = Problem;
    type Future = Ready<std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let db = request.app_data::<Data<Db>>().cloned();
        let four_eyes = request.app_data::<Data<FourEyes>>().map(|four_eyes| ***four_eyes);
        let desk = db.zip(four_eyes).map(|(db, four_eyes)| Self { db, four_eyes });
        ready(desk.ok_or_else(|| Error::internal("the desk is not wired").into()))
    }
}

/// Who decides, with the roles that they decide in.
struct Decider {
    caller: Caller,
    roles: Roles,
}

impl FromRequest for Decider {
    type Error = Problem;
    type Future = Ready<std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let roles = request.extensions().get::<Identity>().map_or(Roles::NONE, |identity| identity.roles);
        ready(Caller::from_request(request, payload).into_inner().map(|caller| Self { caller, roles }))
    }
}

/// Holds a change, and gives the answer that says so: 202 with the review. A change that would change nothing is none, and
/// gives the designation as it is.
///
/// # Errors
/// Those of the change itself.
pub fn hold(
    tx: &mut Tx<'_>,
    id: ReviewId,
    asked: &Asked,
    condition: &Precondition,
) -> Result<std::result::Result<Reply, Designation>> {
    match service::hold(tx, id, asked, condition)? {
        Held::Pending(review) => {
            let (location, etag) = (format!("/v1/reviews/{id}"), revision_etag(review.revision));
            Ok(Ok(Reply::accepted(location, etag, to_json(&review)?)))
        }
        Held::Unchanged(designation) => Ok(Err(*designation)),
    }
}

/// [`hold`] for a change that always changes something.
///
/// # Errors
/// Those of the change itself.
pub fn held(tx: &mut Tx<'_>, id: ReviewId, asked: &Asked, condition: &Precondition) -> Result<Reply> {
    hold(tx, id, asked, condition)?.map_err(|_| Error::internal("a change that changes nothing was held"))
}

#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only reviews of this status; `pending` unless asked.
    status: Option<ReviewStatus>,
    /// Only reviews of this designation, also of one that is only proposed.
    designation_id: Option<DesignationId>,
    /// Only reviews of designations of this vendor.
    vendor_id: Option<VendorId>,
    /// Only what this person proposed.
    proposed_by: Option<Line<200>>,
    /// Only reviews that propose one of these changes.
    #[serde(default)]
    #[param(inline)]
    change: List<ReviewChange, 6>,
    /// How many items the page has at most.
    #[serde(default)]
    #[param(inline, required = false)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    cursor: Option<Cursor>,
}

/// List reviews
///
/// The queue: changes of designations that wait until another person confirms them, oldest first. Decided ones are left out
/// unless asked for.
#[utoipa::path(
    tag = TAG, params(ListQuery),
    responses((status = 200, description = "A page of reviews", body = ReviewPage)),
)]
#[get("/v1/reviews")]
async fn list_reviews(db: Data<Db>, asker: Asker, query: Query<ListQuery>) -> Handled<ReviewPage> {
    let query = query.0;
    let cursors = Cursors::of_query("reviews", &query);
    let after: Option<ReviewId> = cursors.read(query.cursor.as_ref())?;
    let limit = query.limit;
    let filter = Filter {
        status: query.status.unwrap_or(ReviewStatus::Pending),
        designation: query.designation_id,
        vendor: query.vendor_id,
        proposed_by: query.proposed_by.as_deref().map(ToOwned::to_owned),
        changes: query.change.into_vec(),
    };
    let body = db
        .read(asker.0, Cost::Scan, move |snapshot| {
            let found = service::list(snapshot, &filter, (after, limit.and_one()))?;
            let (items, next) = cursors.page(found, limit, |(id, _)| *id);
            let texts: Vec<String> = items.into_iter().map(|(_, document)| document).collect();
            stored_page(&texts, next.as_ref())
        })
        .await?;
    Ok(Answer::digested(body))
}

/// Get a review
///
/// What was proposed, by whom, and what became of it.
#[utoipa::path(
    tag = TAG, params(("id" = ReviewId, Path, description = "The review's id, as the answer 202 and `GET /v1/reviews` give it"), NoQuery),
    responses((status = 200, description = "The review", body = Review)),
)]
#[get("/v1/reviews/{id}")]
async fn get_review(db: Data<Db>, asker: Asker, path: Path<ReviewId>, _: Query<NoQuery>) -> Handled<Review> {
    let id = path.0;
    let (revision, document) =
        db.read(asker.0, Cost::Key, move |snapshot| service::get(snapshot, id)).await?;
    Ok(Answer::stored(document, revision_etag(revision)))
}

/// List a review's history
///
/// The proposal and the decision, as the journal keeps them.
#[utoipa::path(
    tag = TAG, params(("id" = ReviewId, Path, description = "The review's id, as the answer 202 and `GET /v1/reviews` give it"), PageQuery),
    responses((status = 200, description = "A page of the history", body = HistoryPage)),
)]
#[get("/v1/reviews/{id}/history")]
async fn list_review_history(
    db: Data<Db>,
    asker: Asker,
    path: Path<ReviewId>,
    query: Query<PageQuery>,
) -> Handled<HistoryPage> {
    journal::history_page(&db, asker, (SubjectKind::Review, path.0.uuid()), query.0).await
}

/// A confirmation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"comment": "Compared with the order as published."}))]
struct ReviewConfirm {
    /// For the journal.
    #[serde(default)]
    comment: Option<Prose<10000>>,
}

/// Confirm a review
///
/// Records what the review proposes, under your name and as of now, if it is still possible: every check is made again. If
/// it is not, the answer is 409 and the review stays pending. Nobody confirms what they proposed themselves.
#[utoipa::path(
    tag = TAG, params(("id" = ReviewId, Path, description = "The review's id, as the answer 202 and `GET /v1/reviews` give it"), NoQuery),
    request_body = ReviewConfirm,
    responses((status = 200, description = "The review, confirmed", body = Review)),
)]
#[post("/v1/reviews/{id}/confirm")]
async fn confirm_review(
    db: Data<Db>,
    path: Path<ReviewId>,
    caller: Caller,
    _: Query<NoQuery>,
    body: Json<ReviewConfirm>,
) -> Handled<Review> {
    let (id, key, condition) = (path.0, caller.key(&body.bytes), caller.may_match());
    let comment = body.value.comment;
    let confirm = move |tx: &mut Tx<'_>| {
        idempotency::once(tx, key.as_ref(), |tx| {
            decided(&service::confirm(tx, id, &condition, comment.clone())?)
        })
    };
    Ok(db.write(caller.context, confirm).await?.into())
}

/// A rejection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"comment": "The order names another company of the same name."}))]
struct ReviewReject {
    /// Why, for who proposed it and for the journal.
    comment: Prose<10000>,
}

/// Reject a review
///
/// Nothing is recorded of what it proposes. Whoever proposed it may withdraw it so; another person's proposal an approver
/// rejects.
#[utoipa::path(
    tag = TAG, params(("id" = ReviewId, Path, description = "The review's id, as the answer 202 and `GET /v1/reviews` give it"), NoQuery),
    request_body = ReviewReject,
    responses((status = 200, description = "The review, rejected", body = Review)),
)]
#[post("/v1/reviews/{id}/reject")]
async fn reject_review(
    db: Data<Db>,
    path: Path<ReviewId>,
    decider: Decider,
    _: Query<NoQuery>,
    body: Json<ReviewReject>,
) -> Handled<Review> {
    let Decider { caller, roles } = decider;
    let (id, key, condition) = (path.0, caller.key(&body.bytes), caller.may_match());
    let comment = body.value.comment;
    let reject = move |tx: &mut Tx<'_>| {
        idempotency::once(tx, key.as_ref(), |tx| {
            decided(&service::reject(tx, id, &condition, (comment.clone(), roles))?)
        })
    };
    Ok(db.write(caller.context, reject).await?.into())
}

fn decided(review: &Review) -> Result<Reply> {
    Ok(Reply::ok(revision_etag(review.revision), to_json(review)?))
}

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_reviews)
        .service(get_review)
        .service(list_review_history)
        .service(confirm_review)
        .service(reject_review);
}
