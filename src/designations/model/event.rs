//! Events: what happened to a designation in the world. Append-only; a correction is a new event.

use serde::{Deserialize, Serialize};
use utoipa::{PartialSchema, ToSchema, openapi};

use super::{details::Details, source::Source};
use crate::values::{Date, EventId, Instant, List, Prose, ScopeId, words};

words! {
    /// What happened to a designation.
    pub enum EventType {
        /// An authority proposed a designation.
        ProposalRecorded = "proposal_recorded",
        /// The vendor was given notice.
        NoticeIssued = "notice_issued",
        /// The vendor answered.
        ResponseReceived = "response_received",
        /// The vendor was given more time.
        ResponseExtended = "response_extended",
        /// An interim measure was taken before the procedure had ended.
        UrgentAction = "urgent_action",
        /// The designation was ordered.
        OrderIssued = "order_issued",
        /// A court or authority suspended it.
        Stayed = "stayed",
        /// A stay ended.
        StayLifted = "stay_lifted",
        /// A court set it aside.
        Vacated = "vacated",
        /// The authority took it back.
        Rescinded = "rescinded",
        /// The subject was taken off the list.
        Delisted = "delisted",
        /// It was given up before it was ordered.
        Withdrawn = "withdrawn",
        /// Another designation took its place.
        Superseded = "superseded",
        /// An end was undone.
        Reinstated = "reinstated",
        /// Scopes were added or given dates.
        Amended = "amended",
        /// A periodic review upheld it.
        ReviewAffirmed = "review_affirmed",
        /// Something for the record that changes no state; also how an event is retracted.
        Noted = "noted",
    }
}

impl EventType {
    /// Events of one day are taken in this order; those of one rank in the order of recording (design rule 2).
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::ProposalRecorded => 0,
            Self::NoticeIssued => 1,
            Self::ResponseReceived | Self::ResponseExtended => 2,
            Self::UrgentAction => 3,
            Self::OrderIssued => 4,
            Self::Stayed
            | Self::StayLifted
            | Self::Vacated
            | Self::Rescinded
            | Self::Delisted
            | Self::Withdrawn
            | Self::Superseded
            | Self::Reinstated
            | Self::Amended
            | Self::ReviewAffirmed
            | Self::Noted => 5,
        }
    }

    /// Whether the event gives a scope its first state; a designation needs one such event.
    #[must_use]
    pub const fn gives_state(self) -> bool {
        matches!(self, Self::ProposalRecorded | Self::NoticeIssued | Self::UrgentAction | Self::OrderIssued)
    }

    /// Whether `details.scopes` may stand in the event.
    #[must_use]
    pub const fn brings_scopes(self) -> bool {
        self.gives_state() || matches!(self, Self::Amended)
    }

    /// Whether a source must stand in the event.
    #[must_use]
    pub const fn needs_source(self) -> bool {
        match self {
            Self::ProposalRecorded
            | Self::OrderIssued
            | Self::Stayed
            | Self::StayLifted
            | Self::Vacated
            | Self::Rescinded
            | Self::Delisted
            | Self::Withdrawn
            | Self::Reinstated
            | Self::Noted => true,
            Self::NoticeIssued
            | Self::ResponseReceived
            | Self::ResponseExtended
            | Self::UrgentAction
            | Self::Superseded
            | Self::Amended
            | Self::ReviewAffirmed => false,
        }
    }
}

/// An event as the journal and the API show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "EventText", into = "EventText")]
pub struct Event {
    pub id: EventId,
    /// The journal entry that recorded it.
    pub seq: u64,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// The day on which it happened.
    pub occurred_on: Date,
    /// The day on which it was announced; kept, never part of the timeline. Null where none is recorded.
    pub announced_on: Option<Date>,
    /// The day on which the vendor was told; null where none is recorded.
    pub notified_on: Option<Date>,
    /// The day on which it was published; null where none is recorded.
    pub published_on: Option<Date>,
    /// The scopes that it names; none: every scope that allows it.
    pub scope_ids: List<ScopeId, 500>,
    /// What it is, and what only events of its type carry.
    pub details: Details,
    pub sources: List<Source, 50>,
    pub note: Option<Prose<10000>>,
    /// The event that this one replaces.
    pub corrects: Option<EventId>,
}

impl Event {
    /// The event's type.
    #[must_use]
    pub const fn event_type(&self) -> EventType {
        self.details.event_type()
    }
}

/// The document shows an event as a union of one schema for each type; the pass over the document makes it from
/// `EventText` and the table of details.
impl PartialSchema for Event {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        openapi::Object::new().into()
    }
}

impl ToSchema for Event {
    fn schemas(schemas: &mut Vec<(String, openapi::RefOr<openapi::Schema>)>) {
        schemas.push((EventText::name().into_owned(), EventText::schema()));
        EventText::schemas(schemas);
    }
}

/// The flat form of an event in JSON.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = EventCommon)]
pub(in crate::designations) struct EventText {
    /// The event's id, given when it was stated; it never changes.
    id: EventId,
    /// The journal entry that recorded it.
    seq: u64,
    /// When it was recorded (UTC).
    recorded_at: Instant,
    #[serde(rename = "type")]
    event_type: EventType,
    /// The day on which it happened.
    occurred_on: Date,
    /// The day on which it was announced; kept, never part of the timeline. Null where none is recorded.
    announced_on: Option<Date>,
    /// The day on which the vendor was told; kept, never part of the timeline. Null where none is recorded.
    notified_on: Option<Date>,
    /// The day on which it was published; kept, never part of the timeline. Null where none is recorded.
    published_on: Option<Date>,
    /// The scopes that it names; none: every scope that allows it.
    scope_ids: List<ScopeId, 500>,
    /// What only events of its type carry.
    details: super::details_text::DetailsText,
    /// The evidence for it.
    sources: List<Source, 50>,
    /// What else is to be said of it, in words; null where nothing is.
    note: Option<Prose<10000>>,
    /// The event that this one replaces; null where it replaces none.
    corrects: Option<EventId>,
}

impl From<Event> for EventText {
    fn from(event: Event) -> Self {
        let event_type = event.event_type();
        Self {
            id: event.id,
            seq: event.seq,
            recorded_at: event.recorded_at,
            event_type,
            occurred_on: event.occurred_on,
            announced_on: event.announced_on,
            notified_on: event.notified_on,
            published_on: event.published_on,
            scope_ids: event.scope_ids,
            details: event.details.into(),
            sources: event.sources,
            note: event.note,
            corrects: event.corrects,
        }
    }
}

impl TryFrom<EventText> for Event {
    type Error = String;

    fn try_from(text: EventText) -> Result<Self, String> {
        let details = Details::from_text(text.event_type, text.details).map_err(|faults| {
            faults.into_iter().map(|f| format!("{}: {}", f.field, f.detail)).collect::<Vec<_>>().join("; ")
        })?;
        Ok(Self {
            id: text.id,
            seq: text.seq,
            recorded_at: text.recorded_at,
            occurred_on: text.occurred_on,
            announced_on: text.announced_on,
            notified_on: text.notified_on,
            published_on: text.published_on,
            scope_ids: text.scope_ids,
            details,
            sources: text.sources,
            note: text.note,
            corrects: text.corrects,
        })
    }
}
