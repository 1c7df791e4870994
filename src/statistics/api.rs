//! Handlers of statistics: designations on one day, and over days.

use actix_web::{get, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    counting::{Counting, Found},
    model::{DesignationSeries, DesignationStatistics, Dimensions, SeriesStep, StatisticsDimension},
    service::SeriesQuestion,
};
use crate::{
    db::Snapshot,
    designations::{model::Origin, timeline::ScopeState},
    http::{Answer, Asker, Handled, Query, request::Named},
    journal::KnownAt,
    values::{AuthorityId, Date, Line, List, Seq, VendorId},
};

/// The tag of these operations.
pub const TAG: &str = "Statistics";

/// All take the same filters. `flatten` would break numbers in queries, so a macro writes the structs.
macro_rules! statistics_query {
    ($name:ident { $($own:tt)* }) => {
        #[derive(Debug, serde::Deserialize, serde::Serialize, utoipa::IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub(crate) struct $name {
            $($own)*
            /// Only designations of these vendors.
            #[serde(default)]
            #[param(inline)]
            vendor_id: List<VendorId, 100>,
            /// Only designations under these regimes, by slug or id.
            #[serde(default)]
            #[param(inline)]
            regime: List<Line<100>, 50>,
            /// Only designations by these authorities.
            #[serde(default)]
            #[param(inline)]
            authority_id: List<AuthorityId, 50>,
            /// Only designations of these origins.
            #[serde(default)]
            #[param(inline)]
            origin: List<Origin, 3>,
            /// Only designations that count under one of these states on the day.
            #[serde(default)]
            #[param(inline)]
            state: List<ScopeState, 12>,
            /// Only designations that bind on the day, in force or interim; with `false`, only those that do not.
            in_force: Option<bool>,
            /// As known at this instant, or at the end of this date (UTC). Not together with `known_seq`.
            known_at: Option<KnownAt>,
            /// As known at this position of the journal; 0 is before the first entry, and one beyond the head is 422.
            #[param(inline)]
            known_seq: Option<Seq>,
        }

        impl $name {
            fn known(&self) -> $crate::journal::Known {
                $crate::journal::Known { known_at: self.known_at, known_seq: self.known_seq }
            }

            fn filter(
                &self,
                snapshot: &mut $crate::db::Snapshot<'_>,
            ) -> $crate::error::Result<$crate::statistics::model::Filter> {
                let named = $crate::designations::service::Named {
                    vendors: &self.vendor_id,
                    authorities: &self.authority_id,
                    regimes: &self.regime,
                };
                Ok($crate::statistics::model::Filter {
                    regimes: $crate::designations::service::references(snapshot, named)?,
                    vendors: self.vendor_id.to_vec(),
                    authorities: self.authority_id.to_vec(),
                    origins: self.origin.to_vec(),
                    states: self.state.to_vec(),
                    in_force: self.in_force,
                })
            }
        }
    };
}

pub(crate) use statistics_query;

/// What is asked about one day, here and of an export.
macro_rules! day_query {
    ($name:ident { $($own:tt)* }) => {
        $crate::statistics::api::statistics_query!($name {
            /// The day that is looked at; today (UTC) unless given.
            on: Option<Date>,
            /// What designations are grouped by, one or two of them; `state` unless given.
            #[serde(default)]
            #[param(inline, required = false)]
            group_by: Dimensions,
            $($own)*
        });

        impl $name {
            fn question(
                &self,
                snapshot: &mut $crate::db::Snapshot<'_>,
            ) -> $crate::error::Result<$crate::statistics::service::DayQuestion> {
                Ok($crate::statistics::service::DayQuestion {
                    on: self.on.unwrap_or_else(Date::today),
                    filter: self.filter(snapshot)?,
                    group_by: self.group_by.clone(),
                })
            }
        }
    };
}

pub(crate) use day_query;

day_query!(StatisticsQuery {});

statistics_query!(SeriesQuery {
    /// The first day; a year before `to` unless given.
    from: Option<Date>,
    /// No day lies after this one; today (UTC) unless given.
    to: Option<Date>,
    /// How far the days lie apart; a month unless given. At most 400 days are counted.
    step: Option<SeriesStep>,
    /// What designations are grouped by besides the day; by nothing unless given.
    group_by: Option<StatisticsDimension>,
});

/// Count designations
///
/// How many designations there were on a day, as known at a time, grouped by one or two dimensions. A designation counts from
/// the first day on which one of its scopes is in a state, and goes on counting once it has ended; a voided one does not count.
/// Its state is that of its most telling scope on that day: the first of `in_force`, `interim`, `stayed`, `issued`, `noticed`,
/// `proposed` that any scope is in, else the end that began last. Its month is that in which the first day with a state
/// lies. Grouped by `environment`, it counts under each environment that a scope covers which is in a state that day (one
/// that names none covers all), with state and month of the scopes that cover it; grouped by `reason_code`, under each code
/// of its reasons. So items may add up to more than `total`, which counts each once. `state` and `in_force` are judged where
/// a designation counts: grouped by `environment`, of each environment by itself.
///
/// A count looks at every designation. Few are made at a time, and those who ask the same are told the same, so where many
/// wait the answer may take some seconds, or be 503 with `Retry-After`.
#[utoipa::path(
    tag = TAG, params(StatisticsQuery),
    responses((status = 200, description = "The counts", body = DesignationStatistics)),
)]
#[get("/v1/statistics/designations")]
async fn get_designation_statistics(
    counting: Data<Counting>,
    by: (Asker, Named),
    query: Query<StatisticsQuery>,
) -> Handled<DesignationStatistics> {
    let query = query.0;
    let ask = move |snapshot: &mut Snapshot<'_>| Ok((query.question(snapshot)?, query.known()));
    let Found { question, counted, known } = counting.of(by, ask).await?;
    Answer::of(&question.answer(&counted, known))
}

/// Count designations over days
///
/// The counts of several days, all as known at one time: `from`, then one each `step`, up to `to`. What is said of a day is
/// what `GET /v1/statistics/designations` says with `on` that day. Weeks are seven days, months and years are counted from
/// `from`, and a day that a month does not have is its last. Each group that has a designation on one of the days has an item
/// for every day, with zeros where it has none.
#[utoipa::path(
    tag = TAG, params(SeriesQuery),
    responses((status = 200, description = "The counts, day by day", body = DesignationSeries)),
)]
#[get("/v1/statistics/designations/series")]
async fn get_designation_series(
    counting: Data<Counting>,
    by: (Asker, Named),
    query: Query<SeriesQuery>,
) -> Handled<DesignationSeries> {
    let query = query.0;
    let ask = move |snapshot: &mut Snapshot<'_>| {
        let to = query.to.unwrap_or_else(Date::today);
        let question = SeriesQuestion {
            from: query.from.unwrap_or_else(|| to.year_before()),
            to,
            step: query.step.unwrap_or(SeriesStep::Month),
            group_by: query.group_by,
            filter: query.filter(snapshot)?,
        };
        question.days()?;
        Ok((question, query.known()))
    };
    let Found { question, counted, known } = counting.of(by, ask).await?;
    Answer::of(&question.answer(&counted, known))
}

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_designation_statistics).service(get_designation_series);
}
