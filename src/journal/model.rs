//! Journal entries, positions of knowledge, and the history of a record. No I/O.

use std::{borrow::Cow, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{self, KnownFormat, ObjectBuilder, SchemaFormat, Type},
};
use uuid::Uuid;

use crate::values::{Date, Instant, Seq, words};

words! {
    /// What kind of record an entry is about.
    pub enum SubjectKind {
        /// A vendor.
        Vendor = "vendor",
        /// An authority.
        Authority = "authority",
        /// A regime.
        Regime = "regime",
        /// A designation, with its reasons and events.
        Designation = "designation",
        /// A review.
        Review = "review",
        /// An API key.
        ApiKey = "api_key",
    }
}

words! {
    /// What an entry records.
    pub enum JournalAction {
        /// A vendor was recorded.
        VendorCreated = "vendor.created",
        /// A vendor was changed.
        VendorUpdated = "vendor.updated",
        /// A vendor was retired.
        VendorRetired = "vendor.retired",
        /// A retired vendor was made active again.
        VendorReactivated = "vendor.reactivated",
        /// An authority was recorded.
        AuthorityCreated = "authority.created",
        /// An authority was changed.
        AuthorityUpdated = "authority.updated",
        /// An authority was retired.
        AuthorityRetired = "authority.retired",
        /// A retired authority was made active again.
        AuthorityReactivated = "authority.reactivated",
        /// A regime was recorded.
        RegimeCreated = "regime.created",
        /// A regime was changed.
        RegimeUpdated = "regime.updated",
        /// A regime was retired.
        RegimeRetired = "regime.retired",
        /// A retired regime was made active again.
        RegimeReactivated = "regime.reactivated",
        /// A designation was recorded, with its first event.
        DesignationCreated = "designation.created",
        /// A designation's own fields were changed.
        DesignationUpdated = "designation.updated",
        /// A reason was added to a designation.
        DesignationReasonAdded = "designation.reason_added",
        /// A reason of a designation was changed.
        DesignationReasonUpdated = "designation.reason_updated",
        /// A reason was removed from a designation.
        DesignationReasonRemoved = "designation.reason_removed",
        /// An event of a designation was recorded.
        DesignationEventRecorded = "designation.event_recorded",
        /// A designation was voided.
        DesignationVoided = "designation.voided",
        /// Somebody proposed a change that another person must confirm.
        ReviewProposed = "review.proposed",
        /// Another person confirmed it.
        ReviewConfirmed = "review.confirmed",
        /// It was rejected, or withdrawn by who proposed it.
        ReviewRejected = "review.rejected",
        /// An API key was made.
        ApiKeyCreated = "api_key.created",
        /// An API key was revoked.
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
    /// The record as it was after the change, by the schema that belongs to `subject_kind`.
    #[schema(value_type = RecordSnapshot)]
    pub payload: Box<RawValue>,
    /// The event that was recorded; null where the entry records none.
    #[schema(value_type = Option<Object>, required)]
    pub event: Option<Box<RawValue>>,
    /// Why, in the words of who did it; null where nothing was said.
    #[schema(required, max_length = 10000)]
    pub comment: Option<String>,
    /// The request that caused it.
    #[schema(max_length = 128)]
    pub request_id: String,
    /// The review whose confirmation made the change; null where none was needed.
    #[schema(required)]
    pub review_id: Option<Uuid>,
}

/// A record as the API showed it after a change: which kind of record says `subject_kind`. Old ones are kept as they were, so
/// a field that came later is missing in them.
pub struct RecordSnapshot;

impl PartialSchema for RecordSnapshot {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        openapi::ObjectBuilder::new()
            .schema_type(openapi::Type::Object)
            .description(Some(
                "A record as it was shown after a change. The entry's `subject_kind` says of which schema: `vendor`: Vendor, \
                 `authority`: Authority, `regime`: Regime, `designation`: Designation (without `current`), `review`: Review, \
                 `api_key`: ApiKey (without `last_used_at` and `key`); in a history it is that of the record whose history it is. Old ones are kept as they \
                 were: a field that came later is missing in them.",
            ))
            .additional_properties(Some(openapi::schema::AdditionalProperties::FreeForm(true)))
            .into()
    }
}

impl ToSchema for RecordSnapshot {}

words! {
    /// What a step of a JSON Patch does; the other operations of RFC 6902 are never made.
    pub enum JsonPatchOperation {
        /// The value was added.
        Add = "add",
        /// What stood there was removed.
        Remove = "remove",
        /// What stood there was replaced by the value.
        Replace = "replace",
    }
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
    /// Its position in the journal: from 1, without gaps over all records.
    #[schema(minimum = 1)]
    pub seq: u64,
    /// When it was recorded (UTC); strictly increasing.
    pub recorded_at: Instant,
    /// Who recorded it.
    #[schema(max_length = 200)]
    pub actor: String,
    pub action: JournalAction,
    /// The record's revision after the change.
    #[schema(minimum = 1)]
    pub revision: u64,
    /// The record as it was after the change.
    #[schema(value_type = RecordSnapshot)]
    pub payload: Box<RawValue>,
    /// What changed since the revision before, as a JSON Patch (RFC 6902); empty for the first.
    #[schema(value_type = Vec<JsonPatchStep>, max_items = 10000)]
    pub patch: json_patch::Patch,
    /// The event that was recorded; null where the entry records none.
    #[schema(value_type = Option<Object>, required)]
    pub event: Option<Box<RawValue>>,
    /// Why, in the words of who did it; null where nothing was said.
    #[schema(required, max_length = 10000)]
    pub comment: Option<String>,
    /// The request that caused it.
    #[schema(max_length = 128)]
    pub request_id: String,
    /// The review whose confirmation made the change; null where none was needed.
    #[schema(required)]
    pub review_id: Option<Uuid>,
}

/// A moment of our knowledge: an instant, or a date, which means its last instant in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownAt(pub Instant);

impl KnownAt {
    const SHAPE: &str =
        "known_at must be an instant of RFC 3339, like 2026-03-05T14:30:00Z, or a date, which means its end";
    /// RFC 3339 with the ranges that a pattern can tell: it knows neither a month's length nor that there is no year 0.
    const PATTERN: &str = concat!(
        "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
        "([Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)",
        r"(\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))?$",
    );
}

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
        text.parse::<Instant>().map(Self).map_err(|_| de::Error::custom(Self::SHAPE))
    }
}

impl PartialSchema for KnownAt {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(10))
            .max_length(Some(Instant::MAX))
            .pattern(Some(Self::PATTERN))
            .examples(["2026-03-10", "2026-03-10T12:00:00Z"])
            .into()
    }
}

impl ToSchema for KnownAt {}

/// For how many seconds somebody waits for an answer: 0 to 30.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wait(u8);

impl Wait {
    /// Half of what the frame allows a request to take, and less than proxies commonly wait for.
    const MAX: u8 = 30;

    #[must_use]
    pub const fn is_any(self) -> bool {
        self.0 > 0
    }

    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.0.into())
    }
}

impl<'de> Deserialize<'de> for Wait {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse::<u8>()
            .ok()
            .filter(|seconds| *seconds <= Self::MAX)
            .map(Self)
            .ok_or_else(|| de::Error::custom("wait must be a whole number of seconds from 0 to 30"))
    }
}

impl PartialSchema for Wait {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(0))
            .maximum(Some(Self::MAX))
            .default(Some(0.into()))
            .into()
    }
}

impl ToSchema for Wait {}

/// What of the journal is taken as known. Without either: all of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Known {
    pub known_at: Option<KnownAt>,
    pub known_seq: Option<Seq>,
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
