//! Events of a designation: recording them and listing them. There is no way to change or delete one.

use actix_web::{get, post, web::Data};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{HELD, TAG, etag};
use crate::{
    access::FourEyes,
    db::{Cost, Db, Tx},
    designations::{
        model::{Draft, Event, EventCreate, EventCreateBody, EventWarning},
        service,
    },
    http::{Answer, Asker, Caller, Cursors, Handled, Json, NoQuery, Path, Query, Reply, page::page, to_json},
    idempotency,
    journal::{Known, PageQuery},
    reviews::{self, api::Desk, model::Review, service::Asked},
    values::{Date, DesignationId, List, ReviewId},
};

page! {
    /// A page of a designation's events.
    EventPage of Event
}

/// A recorded event, and what the designation is after it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordedEvent {
    /// The event as it was recorded, with the ids of its new scopes in `details.scopes`.
    pub event: Event,
    /// The designation's new ETag, for If-Match.
    #[schema(max_length = 100, example = "\"2.2026-03-05\"")]
    pub etag: String,
    /// What an officer should know of the designation as it now stands.
    pub warnings: List<EventWarning, 50>,
}

/// Record an event
///
/// What happened to the designation in the world, or a correction of what was recorded (`corrects`). An event must fit
/// the states of its day, and every other event must still fit with it; else the answer is 409 with what is allowed. With four
/// eyes it waits for another person (202).
#[utoipa::path(
    tag = TAG, params(("id" = DesignationId, Path, description = "The designation's id"), NoQuery),
    request_body = EventCreateBody,
    responses(
        (status = 201, description = "The event was recorded", body = RecordedEvent),
        (status = 202, description = HELD, body = Review),
    ),
)]
#[post("/v1/designations/{id}/events")]
async fn record_event(
    desk: Desk,
    path: Path<DesignationId>,
    caller: Caller,
    _: Query<NoQuery>,
    body: Json<EventCreate>,
) -> Handled<RecordedEvent> {
    let (id, key, condition, today) = (path.0, caller.key(&body.bytes), caller.may_match(), Date::today());
    let draft = Draft::new(body.value, "", today)?;
    let (review, four_eyes) = (ReviewId::new(), desk.four_eyes);
    let record = move |tx: &mut Tx<'_>| {
        idempotency::once(tx, key.as_ref(), |tx| {
            if four_eyes == FourEyes::On {
                let asked = Asked::RecordEvent(id, Box::new(draft.clone()));
                return reviews::api::held(tx, review, &asked, &condition);
            }
            let service::EventRecorded { event, designation } =
                service::record_event(tx, id, &condition, &draft)?;
            let etag = etag(designation.revision, today);
            let location = format!("/v1/designations/{id}/events");
            let body = to_json(&RecordedEvent { event, etag: etag.clone(), warnings: designation.warnings })?;
            Reply::created(location, etag, body)
        })
    };
    Ok(desk.db.write(caller.context, record).await?.into())
}

/// List a designation's events
///
/// Every event in the order of recording, corrected ones included.
#[utoipa::path(
    tag = TAG, params(("id" = DesignationId, Path, description = "The designation's id"), PageQuery),
    responses((status = 200, description = "A page of events", body = EventPage)),
)]
#[get("/v1/designations/{id}/events")]
async fn list_events(
    db: Data<Db>,
    asker: Asker,
    path: Path<DesignationId>,
    query: Query<PageQuery>,
) -> Handled<EventPage> {
    let (id, PageQuery { limit, cursor }) = (path.0, query.0);
    let cursors = Cursors::of("events", &id);
    let after: u64 = cursors.read(cursor.as_ref())?.unwrap_or(0);
    let designation =
        db.read(asker.0, Cost::Key, move |snapshot| service::load(snapshot, id, Known::default())).await?;
    let events = designation.events.into_vec();
    let rest =
        events.into_iter().filter(|event| event.seq > after).take(limit.get().saturating_add(1)).collect();
    let (items, next_cursor) = cursors.page(rest, limit, |event: &Event| event.seq);
    Answer::of(&EventPage { items, next_cursor })
}

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_events).service(record_event);
}
