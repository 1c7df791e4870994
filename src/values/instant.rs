//! An instant of our knowledge (record time): UTC, microseconds, RFC 3339.

use std::{borrow::Cow, fmt, str::FromStr};

use chrono::{DateTime, Datelike, NaiveTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{self, KnownFormat, ObjectBuilder, SchemaFormat, Type},
};

use super::Date;

/// An instant in UTC, cut to microseconds: PostgreSQL keeps no more, and both databases must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(DateTime<Utc>);

impl Instant {
    /// The longest text of one: a fraction of a second has as many digits as anybody writes.
    pub const MAX: usize = 40;

    /// The clock, cut to microseconds.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one clock that the lint points to")]
    pub fn now() -> Self {
        Self::from(Utc::now())
    }

    /// The next instant that the registry can tell from this one: 1 µs later.
    #[must_use]
    pub fn tick(self) -> Self {
        Self(self.0.checked_add_signed(TimeDelta::microseconds(1)).unwrap_or(self.0))
    }

    /// The last instant of a UTC day: what a date means where an instant is asked for.
    #[must_use]
    pub fn end_of(date: Date) -> Self {
        let start = date.day().and_time(NaiveTime::MIN).and_utc();
        Self(start + TimeDelta::days(1) - TimeDelta::microseconds(1))
    }

    /// The first instant of a UTC day.
    #[must_use]
    pub fn start_of(date: Date) -> Self {
        Self(date.day().and_time(NaiveTime::MIN).and_utc())
    }

    /// The instant as chrono writes it, for storage.
    #[must_use]
    pub const fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// This instant and so many seconds.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        TimeDelta::try_seconds(seconds).and_then(|delta| self.0.checked_add_signed(delta)).map_or(self, Self)
    }
}

impl From<DateTime<Utc>> for Instant {
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant.trunc_subsecs(6))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl FromStr for Instant {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "must be an instant of RFC 3339, like 2026-03-05T14:30:00Z";
        if text.len() > Self::MAX {
            return Err("must have at most 40 characters, like 2026-03-05T14:30:00Z");
        }
        let instant = DateTime::parse_from_rfc3339(text).map_err(|_| SHAPE)?.with_timezone(&Utc);
        if !(1..=9999).contains(&instant.year()) {
            return Err("must lie between the years 0001 and 9999");
        }
        Ok(Self::from(instant))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for Instant {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .max_length(Some(Self::MAX))
            .examples(["2026-03-05T14:30:00.000000Z"])
            .into()
    }
}

impl ToSchema for Instant {}
