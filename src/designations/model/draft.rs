//! An event as a client states it, before it is recorded: what it must carry, by the event table.

use std::{borrow::Cow, collections::HashSet};

use serde::{Deserialize, Serialize};
use utoipa::{PartialSchema, ToSchema, openapi};

use super::{
    details::Details,
    details_text::DetailsText,
    event::{Event, EventType},
    scope::ScopeStatement,
    source::Source,
};
use crate::{
    error::{Error, FieldError},
    values::{Date, EventId, Instant, List, Prose, ScopeId},
};

/// The flat form of an event in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EventCreateCommon)]
pub struct EventCreate {
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// The day on which it happened; not after today (UTC).
    pub occurred_on: Date,
    /// The day on which it was announced; kept, never part of the timeline. Null where none is recorded.
    #[serde(default)]
    pub announced_on: Option<Date>,
    /// The day on which the vendor was told; kept, never part of the timeline.
    #[serde(default)]
    pub notified_on: Option<Date>,
    /// The day on which it was published; kept, never part of the timeline. Null where none is recorded.
    #[serde(default)]
    pub published_on: Option<Date>,
    /// The scopes that it names; none: every scope that allows it.
    #[serde(default)]
    pub scope_ids: List<ScopeId, 500>,
    /// What only events of its type carry.
    #[serde(default)]
    pub details: DetailsText,
    /// The evidence for it.
    #[serde(default)]
    pub sources: List<Source, 50>,
    /// What else is to be said of it, in words; null where nothing is.
    #[serde(default)]
    pub note: Option<Prose<10000>>,
    /// The event that this one replaces.
    #[serde(default)]
    pub corrects: Option<EventId>,
}

/// How the document shows [`EventCreate`]: a union of one schema for each type.
pub struct EventCreateBody;

impl PartialSchema for EventCreateBody {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        openapi::Object::new().into()
    }
}

impl ToSchema for EventCreateBody {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("EventCreate")
    }

    fn schemas(schemas: &mut Vec<(String, openapi::RefOr<openapi::Schema>)>) {
        schemas.push((EventCreate::name().into_owned(), EventCreate::schema()));
        EventCreate::schemas(schemas);
    }
}

/// An event that is ready to be recorded: its ids are made, so that the write can be run again. As JSON it is the event
/// without what the journal gives it, its position and its instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "DraftText", into = "DraftText")]
pub struct Draft {
    id: EventId,
    stated: EventCreate,
    details: Details,
    /// Where the scopes were given ids by the client. Of a draft that was kept: none, for they were checked when it was
    /// made, and what they were checked against only grows.
    restated: HashSet<ScopeId>,
}

impl Draft {
    /// Checks what can be checked without the history, and makes the ids.
    ///
    /// # Errors
    /// Every field that is wrong; pointers are below `at`.
    pub fn new(stated: EventCreate, at: &str, today: Date) -> Result<Self, Error> {
        let mut faults = faults(&stated, today);
        let details = match Details::from_text(stated.event_type, stated.details.clone()) {
            Ok(details) => Some(details),
            Err(found) => {
                let code = |detail: &str| {
                    if detail.starts_with("is required") { "missing_field" } else { "invalid_value" }
                };
                faults.extend(found.into_iter().map(|fault| {
                    FieldError::new(format!("/details/{}", fault.field), code(&fault.detail), fault.detail)
                }));
                None
            }
        };
        let Some(mut details) = details.filter(|_| faults.is_empty()) else {
            for fault in &mut faults {
                fault.pointer = format!("{at}{}", fault.pointer);
            }
            return Err(Error::Invalid(faults));
        };
        let scopes = details.scopes().unwrap_or_default();
        let restated = scopes.iter().filter_map(|scope| scope.id).collect();
        if details.scopes().is_some() {
            let with_ids = scopes
                .iter()
                .cloned()
                .map(|scope| ScopeStatement { id: Some(scope.id.unwrap_or_else(ScopeId::new)), ..scope })
                .collect();
            details
                .set_scopes(List::new(with_ids).map_err(|fault| Error::invalid(at, "invalid_value", fault))?);
        }
        Ok(Self { id: EventId::new(), stated, details, restated })
    }

    /// What the client stated.
    #[must_use]
    pub const fn stated(&self) -> &EventCreate {
        &self.stated
    }

    /// The details that it will be recorded with.
    #[must_use]
    pub const fn details(&self) -> &Details {
        &self.details
    }

    /// The id that the event will have.
    #[must_use]
    pub const fn id(&self) -> EventId {
        self.id
    }

    /// The event that it corrects.
    #[must_use]
    pub const fn corrects(&self) -> Option<EventId> {
        self.stated.corrects
    }

    /// Refuses ids of scopes that the client did not take from the chain of corrections that this event belongs to.
    ///
    /// # Errors
    /// An `id` outside of a correction, or of a scope that the chain never stated.
    pub fn check_restated(&self, events: &[Event], at: &str) -> Result<(), Error> {
        let mut chain = HashSet::new();
        let mut link = self.stated.corrects;
        while let Some(event) = link.and_then(|id| events.iter().find(|event| event.id == id)) {
            chain.extend(event.details.scopes().unwrap_or_default().iter().filter_map(|scope| scope.id));
            link = event.corrects;
        }
        let scopes = self.details.scopes().unwrap_or_default();
        let unknown = |id: &ScopeId| self.restated.contains(id) && !chain.contains(id);
        match scopes.iter().enumerate().find_map(|(index, scope)| Some((index, scope.id.filter(unknown)?))) {
            None => Ok(()),
            Some((index, id)) => {
                let detail = format!(
                    "leave the id of a new scope out; {id} is no scope that the corrected event stated"
                );
                Err(Error::invalid(format!("{at}/details/scopes/{index}/id"), "unknown_scope", detail))
            }
        }
    }

    /// The event as it is recorded.
    #[must_use]
    pub fn record(&self, seq: u64, recorded_at: Instant) -> Event {
        let stated = self.stated.clone();
        Event {
            id: self.id,
            seq,
            recorded_at,
            occurred_on: stated.occurred_on,
            announced_on: stated.announced_on,
            notified_on: stated.notified_on,
            published_on: stated.published_on,
            scope_ids: stated.scope_ids,
            details: self.details.clone(),
            sources: stated.sources,
            note: stated.note,
            corrects: stated.corrects,
        }
    }
}

/// How the document shows a draft: a union of one schema for each type.
impl PartialSchema for Draft {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        openapi::Object::new().into()
    }
}

impl ToSchema for Draft {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ProposedEvent")
    }

    fn schemas(schemas: &mut Vec<(String, openapi::RefOr<openapi::Schema>)>) {
        schemas.push((DraftText::name().into_owned(), DraftText::schema()));
        DraftText::schemas(schemas);
    }
}

/// The flat form of a draft in JSON.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = ProposedEventCommon)]
pub(in crate::designations) struct DraftText {
    /// The id that it will have.
    id: EventId,
    #[serde(rename = "type")]
    event_type: EventType,
    /// The day on which it happened.
    occurred_on: Date,
    /// The day on which it was announced; kept, never part of the timeline. Null where none is recorded.
    announced_on: Option<Date>,
    /// The day on which the vendor was told; null where none is recorded.
    notified_on: Option<Date>,
    /// The day on which it was published; null where none is recorded.
    published_on: Option<Date>,
    /// The scopes that it names; none: every scope that allows it.
    scope_ids: List<ScopeId, 500>,
    /// What only events of its type carry.
    details: DetailsText,
    /// The evidence for it.
    sources: List<Source, 50>,
    /// What else is to be said of it, in words; null where nothing is.
    note: Option<Prose<10000>>,
    /// The event that this one replaces; null where it replaces none.
    corrects: Option<EventId>,
}

impl From<Draft> for DraftText {
    fn from(draft: Draft) -> Self {
        let Draft { id, stated, details, restated: _ } = draft;
        Self {
            id,
            event_type: stated.event_type,
            occurred_on: stated.occurred_on,
            announced_on: stated.announced_on,
            notified_on: stated.notified_on,
            published_on: stated.published_on,
            scope_ids: stated.scope_ids,
            details: details.into(),
            sources: stated.sources,
            note: stated.note,
            corrects: stated.corrects,
        }
    }
}

impl TryFrom<DraftText> for Draft {
    type Error = String;

    fn try_from(text: DraftText) -> Result<Self, String> {
        let details = Details::from_text(text.event_type, text.details.clone()).map_err(|faults| {
            faults.into_iter().map(|f| format!("{}: {}", f.field, f.detail)).collect::<Vec<_>>().join("; ")
        })?;
        let stated = EventCreate {
            event_type: text.event_type,
            occurred_on: text.occurred_on,
            announced_on: text.announced_on,
            notified_on: text.notified_on,
            published_on: text.published_on,
            scope_ids: text.scope_ids,
            details: text.details,
            sources: text.sources,
            note: text.note,
            corrects: text.corrects,
        };
        Ok(Self { id: text.id, stated, details, restated: HashSet::new() })
    }
}

/// What the event table asks of an event besides its details.
fn faults(stated: &EventCreate, today: Date) -> Vec<FieldError> {
    let event_type = stated.event_type;
    let mut faults = Vec::new();
    if stated.occurred_on > today {
        let detail = format!("must not lie after today, which is {today} in UTC");
        faults.push(FieldError::new("/occurred_on", "in_the_future", detail));
    }
    if event_type.needs_source() && stated.sources.is_empty() {
        faults.push(FieldError::new(
            "/sources",
            "missing_field",
            format!("{event_type} needs at least one source"),
        ));
    }
    if event_type == EventType::NoticeIssued && stated.notified_on.is_none() {
        faults.push(FieldError::new(
            "/notified_on",
            "missing_field",
            "notice_issued needs the day of the notice",
        ));
    }
    if event_type == EventType::Noted && stated.note.is_none() {
        faults.push(FieldError::new("/note", "missing_field", "noted needs a note"));
    }
    faults
}
