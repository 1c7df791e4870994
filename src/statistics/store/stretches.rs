//! What a series is counted from: the periods that its days meet, read one by one, those of a vendor together and of them those
//! of a designation.

use diesel::{
    QueryResult, QueryableByName, RunQueryDsl,
    connection::DefaultLoadingMode,
    pg::PgRowByRowLoadingMode,
    sql_types::{Date as SqlDate, Nullable, Text},
};
use uuid::Uuid;

use super::{Asked, read, words};
use crate::{
    db::{
        AnyConnection,
        types::{DbUuid, SqlUuid, date},
        unexpected,
    },
    designations::{
        model::{Environment, Origin, ReasonCode},
        timeline::ScopeState,
    },
    error::{Error, Result},
    statistics::{
        model::StatisticsDimension,
        series::{Stretch, Told},
    },
    values::Date,
};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    designation_id: DbUuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    vendor_id: Option<DbUuid>,
    /// A word or an id, or several words with commas around them, of the dimension that the days are grouped by; empty where
    /// the state and the days tell it.
    #[diesel(sql_type = Text)]
    told: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = SqlDate)]
    from_on: chrono::NaiveDate,
    #[diesel(sql_type = SqlDate)]
    to_on: chrono::NaiveDate,
}

impl Row {
    fn read(self, by: Option<StatisticsDimension>) -> Result<Stretch> {
        Ok(Stretch {
            designation: self.designation_id.0.into(),
            vendor: self.vendor_id.map(|id| id.0.into()),
            told: told(&self.told, by)?,
            state: read(&self.state, ScopeState::parse)?,
            from: date(self.from_on)?,
            // The day that stands for "no end" is no date.
            to: Date::new(self.to_on),
        })
    }
}

/// What a text tells of the dimension that the days are grouped by.
fn told(text: &str, by: Option<StatisticsDimension>) -> Result<Told> {
    let id = || Uuid::parse_str(text).map_err(|_| Error::internal(format!("a column has the id {text}")));
    Ok(match by {
        Some(StatisticsDimension::Regime) => Told::Regime(id()?.into()),
        Some(StatisticsDimension::Authority) => Told::Authority(id()?.into()),
        Some(StatisticsDimension::Origin) => Told::Origin(read(text, Origin::parse)?),
        Some(StatisticsDimension::ReasonCode) => Told::ReasonCodes(words(text, ReasonCode::parse)?),
        Some(StatisticsDimension::Environment) => Told::Environments(words(text, Environment::parse)?),
        Some(StatisticsDimension::State | StatisticsDimension::Month) | None => Told::Nothing,
    })
}

/// The column that tells it. No other is read: there are many rows.
const fn column(by: Option<StatisticsDimension>) -> &'static str {
    match by {
        Some(StatisticsDimension::Regime) => "CAST(designation_versions.regime_id AS text)",
        Some(StatisticsDimension::Authority) => "CAST(designation_versions.authority_id AS text)",
        Some(StatisticsDimension::Origin) => "designation_versions.origin",
        Some(StatisticsDimension::ReasonCode) => "designation_versions.reason_codes",
        Some(StatisticsDimension::Environment) => "p.environments",
        Some(StatisticsDimension::State | StatisticsDimension::Month) | None => "''",
    }
}

/// Reads every stretch of the designations that are asked for, from one day to another.
pub(in crate::statistics) fn each_stretch(
    connection: &mut AnyConnection,
    asked: Asked<'_>,
    ((from, to), mut take): ((Date, Date), impl FnMut(Stretch) -> Result<()>),
) -> Result<()> {
    const READING: &str = "read periods for a series";
    let few = asked.few(connection)?;
    if few.as_ref().is_some_and(|few| few.is_empty()) {
        return Ok(());
    }
    // What is over before the first day still tells when it began.
    let not_over = if asked.dimensions.has(StatisticsDimension::Month) {
        String::new()
    } else {
        format!(" AND p.to_on > '{from}'")
    };
    let by = asked.dimensions.iter().next();
    let query = format!(
        "SELECT p.designation_id, p.state, p.from_on, p.to_on, designation_versions.vendor_id, {} AS told \
         FROM designation_periods p \
         JOIN designation_versions ON designation_versions.designation_id = p.designation_id \
         WHERE {} AND p.from_on <= '{to}'{not_over} AND {} \
         ORDER BY designation_versions.vendor_id, p.designation_id",
        column(by),
        asked.of_periods(connection, few)?,
        asked.of_versions(connection)?,
    );
    let query = diesel::sql_query(query);
    let mut each = |row: QueryResult<Row>| take(row.map_err(unexpected(READING))?.read(by)?);
    match connection {
        AnyConnection::Postgres(connection) => query
            .load_iter::<Row, PgRowByRowLoadingMode>(connection)
            .map_err(unexpected(READING))?
            .try_for_each(&mut each),
        AnyConnection::Sqlite(connection) => query
            .load_iter::<Row, DefaultLoadingMode>(connection)
            .map_err(unexpected(READING))?
            .try_for_each(&mut each),
    }
}
