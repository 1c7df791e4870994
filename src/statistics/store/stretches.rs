//! What a series is counted from: the periods that its days meet, read one by one, those of a vendor together and of them those
//! of a designation.

use diesel::{
    QueryResult, QueryableByName, RunQueryDsl,
    connection::DefaultLoadingMode,
    pg::PgRowByRowLoadingMode,
    sql_types::{Date as SqlDate, Nullable, Text},
};

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
    error::Result,
    statistics::{model::StatisticsDimension, series::Stretch},
    values::Date,
};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    designation_id: DbUuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    vendor_id: Option<DbUuid>,
    #[diesel(sql_type = SqlUuid)]
    regime_id: DbUuid,
    #[diesel(sql_type = SqlUuid)]
    authority_id: DbUuid,
    #[diesel(sql_type = Text)]
    origin: String,
    #[diesel(sql_type = Text)]
    reason_codes: String,
    #[diesel(sql_type = Text)]
    environments: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = SqlDate)]
    from_on: chrono::NaiveDate,
    #[diesel(sql_type = SqlDate)]
    to_on: chrono::NaiveDate,
}

impl Row {
    fn read(self) -> Result<Stretch> {
        Ok(Stretch {
            designation: self.designation_id.0.into(),
            vendor: self.vendor_id.map(|id| id.0.into()),
            regime: self.regime_id.0.into(),
            authority: self.authority_id.0.into(),
            origin: read(&self.origin, Origin::parse)?,
            reason_codes: words(&self.reason_codes, ReasonCode::parse)?,
            environments: words(&self.environments, Environment::parse)?,
            state: read(&self.state, ScopeState::parse)?,
            from: date(self.from_on)?,
            // The day that stands for "no end" is no date.
            to: Date::new(self.to_on),
        })
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
    let query = format!(
        "SELECT p.designation_id, p.environments, p.state, p.from_on, p.to_on, designation_versions.vendor_id, \
         designation_versions.regime_id, designation_versions.authority_id, designation_versions.origin, \
         designation_versions.reason_codes \
         FROM designation_periods p \
         JOIN designation_versions ON designation_versions.designation_id = p.designation_id \
         WHERE {} AND p.from_on <= '{to}'{not_over} AND {} \
         ORDER BY designation_versions.vendor_id, p.designation_id",
        asked.of_periods(connection, few)?,
        asked.of_versions(connection)?,
    );
    let query = diesel::sql_query(query);
    let mut each = |row: QueryResult<Row>| take(row.map_err(unexpected(READING))?.read()?);
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
