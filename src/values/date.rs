//! A day in the world (valid time), as `YYYY-MM-DD`.

use std::{borrow::Cow, fmt, str::FromStr};

use chrono::{Datelike, Days, Months, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{self, KnownFormat, ObjectBuilder, SchemaFormat, Type},
};

/// A date from 0001-01-01 to 9999-12-30 (the day after it still has four digits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(NaiveDate);

impl Date {
    /// Today in UTC. The registry knows no other time zone.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one clock that the lint points to")]
    pub fn today() -> Self {
        Self(Utc::now().date_naive())
    }

    /// The first date that the registry can hold, 0001-01-01.
    #[must_use]
    pub const fn first() -> Self {
        match NaiveDate::from_ymd_opt(1, 1, 1) {
            Some(day) => Self(day),
            None => Self(NaiveDate::MIN),
        }
    }

    /// The date of a calendar day, if the registry can hold it.
    #[must_use]
    pub fn new(day: NaiveDate) -> Option<Self> {
        ((1..=9999).contains(&day.year()) && (day.year(), day.month(), day.day()) != (9999, 12, 31))
            .then_some(Self(day))
    }

    /// The calendar day.
    #[must_use]
    pub const fn day(self) -> NaiveDate {
        self.0
    }

    /// The day after. The last date's successor is 9999-12-31, which stands for "no end" wherever a bound is stored.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.succ_opt().unwrap_or(self.0))
    }

    /// The day before; the first date is its own.
    #[must_use]
    pub fn previous(self) -> Self {
        self.0.pred_opt().and_then(Self::new).unwrap_or(self)
    }

    /// The month that it lies in, as `YYYY-MM`.
    #[must_use]
    pub fn month(self) -> String {
        format!("{:04}-{:02}", self.0.year(), self.0.month())
    }

    /// The same day a year before, or the first date where that lies before it.
    #[must_use]
    pub fn year_before(self) -> Self {
        self.0.checked_sub_months(Months::new(12)).and_then(Self::new).unwrap_or(Self::first())
    }

    /// This date and so many days; `None` past the calendar's end.
    #[must_use]
    pub fn plus_days(self, days: u64) -> Option<Self> {
        self.0.checked_add_days(Days::new(days)).and_then(Self::new)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl FromStr for Date {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "must be a date of the calendar, written YYYY-MM-DD, like 2026-03-05";
        let bytes = text.as_bytes();
        let digits = |range: std::ops::Range<usize>| {
            text.get(range)
                .filter(|part| part.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|part| part.parse::<u32>().ok())
        };
        if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
            return Err(SHAPE);
        }
        let (Some(year), Some(month), Some(day)) = (digits(0..4), digits(5..7), digits(8..10)) else {
            return Err(SHAPE);
        };
        let year = i32::try_from(year).map_err(|_| SHAPE)?;
        let day = NaiveDate::from_ymd_opt(year, month, day).ok_or(SHAPE)?;
        Self::new(day).ok_or("must lie between 0001-01-01 and 9999-12-30")
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for Date {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .description(Some("Between 0001-01-01 and 9999-12-30."))
            .examples(["2026-03-05"])
            .into()
    }
}

impl ToSchema for Date {}
