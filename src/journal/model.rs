//! Journal entries, positions of knowledge, and the history of a record. No I/O.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{self, ObjectBuilder, Type},
};
use uuid::Uuid;

use crate::values::{Date, Instant, words};

words! {
    /// What kind of record an entry is about.
    pub enum SubjectKind {
        Vendor = "vendor",
        Authority = "authority",
        Regime = "regime",
        Designation = "designation",
        Review = "review",
        ApiKey = "api_key",
    }
}

words! {
    /// What an entry records.
    pub enum JournalAction {
        VendorCreated = "vendor.created",
        VendorUpdated = "vendor.updated",
        VendorRetired = "vendor.retired",
        VendorReactivated = "vendor.reactivated",
        AuthorityCreated = "authority.created",
        AuthorityUpdated = "authority.updated",
        AuthorityRetired = "authority.retired",
        AuthorityReactivated = "authority.reactivated",
        RegimeCreated = "regime.created",
        RegimeUpdated = "regime.updated",
        RegimeRetired = "regime.retired",
        RegimeReactivated = "regime.reactivated",
        DesignationCreated = "designation.created",
        DesignationUpdated = "designation.updated",
        DesignationReasonAdded = "designation.reason_added",
        DesignationReasonUpdated = "designation.reason_updated",
        DesignationReasonRemoved = "designation.reason_removed",
        DesignationEventRecorded = "designation.event_recorded",
        DesignationVoided = "designation.voided",
        ReviewProposed = "review.proposed",
        ReviewConfirmed = "review.confirmed",
        ReviewRejected = "review.rejected",
        ApiKeyCreated = "api_key.created",
        ApiKeyRevoked = "api_key.revoked",
    }
}

/// One entry of the journal: one change of one record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JournalEntry {
    /// 1, 2, 3… without gaps, in the order of commits.
    #[schema(minimum = 1)]
    pub seq: u64,
    /// When it was recorded; strictly increasing.
    pub recorded_at: Instant,
    /// Who recorded it.
    #[schema(max_length = 200)]
    pub actor: String,
    pub action: JournalAction,
    pub subject_kind: SubjectKind,
    /// The record's id.
    pub subject_id: Uuid,
    /// The record's revision after the change.
    #[schema(minimum = 1)]
    pub revision: u64,
    /// The record as it was after the change.
    #[schema(value_type = Object)]
    pub payload: Box<RawValue>,
    /// The event that was recorded, where the entry records one.
    #[schema(value_type = Option<Object>, required)]
    pub event: Option<Box<RawValue>>,
    /// Why, in the words of who did it.
    #[schema(required, max_length = 10000)]
    pub comment: Option<String>,
    /// The request that caused it.
    #[schema(max_length = 128)]
    pub request_id: String,
    /// The review whose confirmation made the change; null where none was needed.
    #[schema(required)]
    pub review_id: Option<Uuid>,
}

/// What a step of a JSON Patch does; the other operations of RFC 6902 are never made.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "documents what the patch library writes")]
pub enum JsonPatchOperation {
    Add,
    Remove,
    Replace,
}

/// One step of a JSON Patch (RFC 6902), as it is written here.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents what the patch library writes")]
pub struct JsonPatchStep {
    /// What is done.
    op: JsonPatchOperation,
    /// Where, as a JSON Pointer (RFC 6901).
    #[schema(max_length = 2000, example = "/legal_name")]
    path: String,
    /// The new value; with `add` and `replace`.
    #[schema(required = false)]
    value: Option<serde_json::Value>,
}

/// An entry of a record's history, with what it changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryEntry {
    #[schema(minimum = 1)]
    pub seq: u64,
    pub recorded_at: Instant,
    #[schema(max_length = 200)]
    pub actor: String,
    pub action: JournalAction,
    #[schema(minimum = 1)]
    pub revision: u64,
    /// The record as it was after the change.
    #[schema(value_type = Object)]
    pub payload: Box<RawValue>,
    /// What changed since the revision before, as a JSON Patch (RFC 6902); empty for the first.
    #[schema(value_type = Vec<JsonPatchStep>, max_items = 10000)]
    pub patch: json_patch::Patch,
    #[schema(value_type = Option<Object>, required)]
    pub event: Option<Box<RawValue>>,
    #[schema(required, max_length = 10000)]
    pub comment: Option<String>,
    #[schema(max_length = 128)]
    pub request_id: String,
    /// The review whose confirmation made the change; null where none was needed.
    #[schema(required)]
    pub review_id: Option<Uuid>,
}

/// A moment of our knowledge: an instant, or a date, which means its last instant in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownAt(pub Instant);

impl Serialize for KnownAt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for KnownAt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        if let Ok(date) = text.parse::<Date>() {
            return Ok(Self(Instant::end_of(date)));
        }
        text.parse::<Instant>().map(Self).map_err(|_| {
            de::Error::custom(
                "known_at must be an instant of RFC 3339, like 2026-03-05T14:30:00Z, or a date, which means its end",
            )
        })
    }
}

impl PartialSchema for KnownAt {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(10))
            .max_length(Some(40))
            .pattern(Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].+)?$"))
            .examples(["2026-03-10", "2026-03-10T12:00:00Z"])
            .into()
    }
}

impl ToSchema for KnownAt {}

/// What of the journal is taken as known. Without either: all of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Known {
    pub known_at: Option<KnownAt>,
    pub known_seq: Option<u64>,
}

/// The position that an answer was given from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knowledge {
    pub seq: u64,
    /// `None` where nothing was recorded yet.
    pub recorded_at: Option<Instant>,
    /// Whether it is the journal's head.
    pub is_head: bool,
}
