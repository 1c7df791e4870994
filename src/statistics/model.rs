//! What is counted, by what, and what the answers look like. No I/O.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{self, ArrayBuilder, Ref, RefOr, schema::ArrayItems},
};

use crate::{
    designations::{
        model::{Environment, Origin, ReasonCode},
        timeline::ScopeState,
    },
    values::{AuthorityId, Date, Instant, RegimeId, VendorId, words},
};

words! {
    /// What designations are grouped by.
    pub enum StatisticsDimension {
        /// The regime that they are under.
        Regime = "regime",
        /// The authority that issued them.
        Authority = "authority",
        /// The state of the designation as a whole.
        State = "state",
        /// The codes of their reasons.
        ReasonCode = "reason_code",
        /// Where they come from.
        Origin = "origin",
        /// The environments that their scopes cover.
        Environment = "environment",
        /// The month in which it began.
        Month = "month",
    }
}

words! {
    /// How far the days of a series lie apart.
    pub enum SeriesStep {
        /// A day.
        Day = "day",
        /// Seven days.
        Week = "week",
        /// A month, to the same day or the month's last.
        Month = "month",
        /// Three months.
        Quarter = "quarter",
        /// Twelve months.
        Year = "year",
    }
}

/// What an answer is grouped by: one or two dimensions, none of them twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Dimensions(Vec<StatisticsDimension>);

impl Dimensions {
    const MOST: usize = 2;

    /// Whether it is grouped by this one.
    #[must_use]
    pub fn has(&self, dimension: StatisticsDimension) -> bool {
        self.0.contains(&dimension)
    }

    /// In the order in which they were asked for.
    pub fn iter(&self) -> impl Iterator<Item = StatisticsDimension> + '_ {
        self.0.iter().copied()
    }
}

impl Default for Dimensions {
    fn default() -> Self {
        Self(vec![StatisticsDimension::State])
    }
}

impl From<Option<StatisticsDimension>> for Dimensions {
    /// Of a series, which may be grouped by none.
    fn from(dimension: Option<StatisticsDimension>) -> Self {
        Self(dimension.into_iter().collect())
    }
}

impl<'de> Deserialize<'de> for Dimensions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrTwo;
        impl<'de> de::Visitor<'de> for OneOrTwo {
            type Value = Dimensions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one or two dimensions")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut dimensions: Vec<StatisticsDimension> = Vec::new();
                while let Some(dimension) = seq.next_element()? {
                    if dimensions.len() == Dimensions::MOST {
                        return Err(de::Error::custom("must have at most 2 items"));
                    }
                    if dimensions.contains(&dimension) {
                        return Err(de::Error::custom(format!(
                            "must have at most one {dimension}: each dimension is given once"
                        )));
                    }
                    dimensions.push(dimension);
                }
                if dimensions.is_empty() {
                    return Err(de::Error::invalid_length(0, &self));
                }
                Ok(Dimensions(dimensions))
            }
        }
        deserializer.deserialize_seq(OneOrTwo)
    }
}

impl PartialSchema for Dimensions {
    fn schema() -> RefOr<openapi::Schema> {
        let item = RefOr::Ref(Ref::from_schema_name(StatisticsDimension::name()));
        ArrayBuilder::new()
            .items(ArrayItems::RefOrSchema(Box::new(item)))
            .min_items(Some(1))
            .max_items(Some(Self::MOST))
            .unique_items(true)
            .into()
    }
}

impl ToSchema for Dimensions {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("StatisticsDimensions")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<openapi::Schema>)>) {
        schemas.push((StatisticsDimension::name().into_owned(), StatisticsDimension::schema()));
    }
}

/// Which designations are counted. An empty list narrows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub vendors: Vec<VendorId>,
    pub regimes: Vec<RegimeId>,
    pub authorities: Vec<AuthorityId>,
    pub origins: Vec<Origin>,
    /// The states that count, of those that a designation counts under.
    pub states: Vec<ScopeState>,
    /// Whether it binds on the day.
    pub in_force: Option<bool>,
}

impl Filter {
    /// Whether a designation counts that is in a state.
    #[must_use]
    pub fn wants(&self, state: ScopeState) -> bool {
        (self.states.is_empty() || self.states.contains(&state))
            && self.in_force.is_none_or(|wanted| wanted == state.binds())
    }
}

/// How many there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DesignationCounts {
    /// Designations.
    pub designations: u64,
    /// Those of them that bind on the day: in force or interim.
    pub in_force: u64,
    /// The vendors that they are about. A designation of a category is about none.
    pub vendors: u64,
}

/// What the designations of one item have in common; `None` where they are not grouped by it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group {
    pub regime: Option<RegimeId>,
    pub authority: Option<AuthorityId>,
    pub state: Option<ScopeState>,
    /// Also `None` of designations without reasons.
    pub reason_code: Option<ReasonCode>,
    pub origin: Option<Origin>,
    pub environment: Option<Environment>,
    /// As `YYYY-MM`.
    pub month: Option<String>,
}

/// Items have their group and their counts in fields of one level, so that each is a row of a table; the two kinds differ in
/// the day.
macro_rules! item {
    ($(#[$meta:meta])* $name:ident { $($(#[$of_field:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
        pub struct $name {
            $($(#[$of_field])* pub $field: $type,)*
            /// The regime's slug; null where they are not grouped by it.
            #[schema(required, max_length = 100)]
            pub regime: Option<String>,
            /// The authority's id; null where they are not grouped by it.
            #[schema(required)]
            pub authority: Option<AuthorityId>,
            /// The authority's name as known then; null where they are not grouped by it.
            #[schema(required, max_length = 500)]
            pub authority_name: Option<String>,
            /// The state that they count under; null where they are not grouped by it.
            #[schema(required)]
            pub state: Option<ScopeState>,
            /// A code that one of their reasons has; null where they are not grouped by it. Where they are, null is the item
            /// of those that have no reason.
            #[schema(required)]
            pub reason_code: Option<ReasonCode>,
            /// Where they come from; null where they are not grouped by it.
            #[schema(required)]
            pub origin: Option<Origin>,
            /// An environment that their scopes cover; null where they are not grouped by it.
            #[schema(required)]
            pub environment: Option<Environment>,
            /// The month in which they began, as `YYYY-MM`; null where they are not grouped by it.
            #[schema(required, min_length = 7, max_length = 7, pattern = "^[0-9]{4}-[0-9]{2}$", examples("2026-03"))]
            pub month: Option<String>,
            /// Designations.
            pub designations: u64,
            /// Those of them that bind on the day: in force or interim.
            pub in_force: u64,
            /// The vendors that they are about. A designation of a category is about none.
            pub vendors: u64,
        }

        impl $name {
            /// An item of a group, with the words that people know regime and authority by.
            pub(super) fn of(($($field,)*): ($($type,)*), named: NamedGroup, counts: DesignationCounts) -> Self {
                let NamedGroup { group, regime, authority_name } = named;
                let Group { regime: _, authority, state, reason_code, origin, environment, month } = group;
                let DesignationCounts { designations, in_force, vendors } = counts;
                Self {
                    $($field,)*
                    regime, authority, authority_name, state, reason_code, origin, environment, month,
                    designations, in_force, vendors,
                }
            }
        }
    };
}

/// A group with the regime's slug and the authority's name.
#[derive(Debug, Clone)]
pub(super) struct NamedGroup {
    pub(super) group: Group,
    pub(super) regime: Option<String>,
    pub(super) authority_name: Option<String>,
}

item! {
    /// The designations that have in common what they are grouped by.
    DesignationStatisticsItem {}
}

item! {
    /// The designations on one day of a series that have in common what they are grouped by.
    DesignationSeriesItem {
        /// The day.
        on: Date,
    }
}

/// How many designations there were on a day, as known at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DesignationStatistics {
    /// The day.
    pub on: Date,
    /// The journal position that it was read from.
    pub known_seq: u64,
    /// The instant of that position; null where nothing was recorded yet.
    #[schema(required)]
    pub recorded_at: Option<Instant>,
    /// What `items` are grouped by.
    #[schema(min_items = 1, max_items = 2)]
    pub group_by: Vec<StatisticsDimension>,
    /// All that `items` count, each counted once.
    pub total: DesignationCounts,
    /// One for each group that has a designation, in the order of what they are grouped by.
    #[schema(max_items = 10000)]
    pub items: Vec<DesignationStatisticsItem>,
}

/// How many designations there were on each of several days, as known at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DesignationSeries {
    /// The first day.
    pub from: Date,
    /// The day after which there is none.
    pub to: Date,
    pub step: SeriesStep,
    /// The journal position that it was read from.
    pub known_seq: u64,
    /// The instant of that position; null where nothing was recorded yet.
    #[schema(required)]
    pub recorded_at: Option<Instant>,
    /// What `items` are grouped by besides the day; null: by nothing.
    #[schema(required)]
    pub group_by: Option<StatisticsDimension>,
    /// By day, then group: each group that has a designation on one of the days has an item for each of them.
    #[schema(max_items = 20000)]
    pub items: Vec<DesignationSeriesItem>,
}
