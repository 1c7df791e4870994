//! Designations of one day, counted by the database in one statement: the scopes that are in some state that day, joined into
//! one state for each designation, then grouped.

use super::Asked;
use crate::{
    db::{
        AnyConnection,
        types::{DbUuid, SqlUuid},
        unexpected,
    },
    designations::{
        model::{Environment, Origin, ReasonCode},
        timeline::ScopeState,
    },
    error::{Error, Result},
    journal::unsigned,
    statistics::model::{DesignationCounts, Group, StatisticsDimension},
    values::Date,
};
use diesel::{
    QueryableByName, RunQueryDsl,
    sql_types::{BigInt, Nullable, Text},
};

/// The most groups of an answer.
pub(in crate::statistics) const MOST_GROUPS: usize = 10_000;

/// What was counted: all together, and by group. One group more than there may be says that there are too many.
#[derive(Debug, Default)]
pub(in crate::statistics) struct Counted {
    pub(in crate::statistics) total: DesignationCounts,
    pub(in crate::statistics) groups: Vec<(Group, DesignationCounts)>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    is_total: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    regime: Option<DbUuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    authority: Option<DbUuid>,
    /// The place of its state among all.
    #[diesel(sql_type = Nullable<BigInt>)]
    state: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    reason_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    origin: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    environment: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    month: Option<String>,
    #[diesel(sql_type = BigInt)]
    designations: i64,
    #[diesel(sql_type = BigInt)]
    in_force: i64,
    #[diesel(sql_type = BigInt)]
    vendors: i64,
}

impl Row {
    fn read(self) -> Result<(bool, Group, DesignationCounts)> {
        let state = self.state.map(|place| {
            let found = usize::try_from(place).ok().and_then(|place| ScopeState::ALL.get(place));
            found.copied().ok_or_else(|| Error::internal(format!("a state has the place {place}")))
        });
        let group = Group {
            regime: self.regime.map(|id| id.0.into()),
            authority: self.authority.map(|id| id.0.into()),
            state: state.transpose()?,
            reason_code: self.reason_code.map(|word| read(&word, ReasonCode::parse)).transpose()?,
            origin: self.origin.map(|word| read(&word, Origin::parse)).transpose()?,
            environment: self.environment.map(|word| read(&word, Environment::parse)).transpose()?,
            month: self.month,
        };
        let counts = DesignationCounts {
            designations: unsigned(self.designations)?,
            in_force: unsigned(self.in_force)?,
            vendors: unsigned(self.vendors)?,
        };
        Ok((self.is_total == 1, group, counts))
    }
}

/// A word of the model from a column.
pub(super) fn read<T>(word: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
    parse(word).ok_or_else(|| Error::internal(format!("a column has the word {word}")))
}

/// Counts the designations of a day.
pub(in crate::statistics) fn counts(
    connection: &mut AnyConnection,
    asked: Asked<'_>,
    on: Date,
) -> Result<Counted> {
    let Some(counted) = counted(connection, asked, on)? else { return Ok(Counted::default()) };
    let sums = format!(
        "COUNT(CASE WHEN state IN ({}) THEN 1 END) AS in_force, COUNT(DISTINCT vendor_id) AS vendors",
        places(ScopeState::binds)
    );
    let mut words = String::new();
    let mut by = Vec::new();
    let columns = StatisticsDimension::ALL.iter().map(|dimension| {
        let (name, kind) = (column(*dimension), kind(*dimension));
        if !asked.dimensions.has(*dimension) {
            return format!("CAST(NULL AS {kind}) AS {}", dimension.as_str());
        }
        let mut from = name.to_owned();
        if *dimension == StatisticsDimension::ReasonCode {
            (words, from) = each_word(connection, "reason_codes", &[]);
        }
        by.push(from.clone());
        // Where a type is unknown to it, SQLite makes a number of what is cast: an id must not be.
        match dimension {
            StatisticsDimension::State => format!("CAST({from} AS {kind}) AS {}", dimension.as_str()),
            _ => format!("{from} AS {}", dimension.as_str()),
        }
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    let nothing = StatisticsDimension::ALL.iter();
    let nothing: Vec<String> =
        nothing.map(|dimension| format!("CAST(NULL AS {})", kind(*dimension))).collect();
    let query = format!(
        "{counted} SELECT * FROM (SELECT CAST(0 AS bigint) AS is_total, {columns}, COUNT(*) AS designations, {sums} \
         FROM counted{words} GROUP BY {} LIMIT {}) AS part_0 \
         UNION ALL SELECT CAST(1 AS bigint), {}, COUNT(DISTINCT id), \
         COUNT(DISTINCT CASE WHEN state IN ({}) THEN id END), COUNT(DISTINCT vendor_id) FROM counted",
        by.join(", "),
        MOST_GROUPS.saturating_add(1),
        nothing.join(", "),
        places(ScopeState::binds)
    );
    let rows: Vec<Row> =
        diesel::sql_query(query).load(connection).map_err(unexpected("count designations"))?;
    let mut all = Counted::default();
    for row in rows {
        match row.read()? {
            (true, _, counts) => all.total = counts,
            (false, group, counts) => all.groups.push((group, counts)),
        }
    }
    Ok(all)
}

/// `counted`: a row for each designation of the day that is asked for, with its state; where environments are told apart,
/// one for each that its scopes cover. `None` where there is none.
fn counted(connection: &mut AnyConnection, asked: Asked<'_>, on: Date) -> Result<Option<String>> {
    let few = asked.few(connection)?;
    if few.as_ref().is_some_and(|few| few.is_empty()) {
        return Ok(None);
    }
    let (mut words, mut environment, mut by) = (String::new(), String::new(), "p.designation_id".to_owned());
    if asked.dimensions.has(StatisticsDimension::Environment) {
        let all: Vec<&str> = Environment::ALL.iter().map(|word| word.as_str()).collect();
        let word;
        (words, word) = each_word(connection, "p.environments", &all);
        environment = format!(", {word} AS environment");
        by += &format!(", {word}");
    }
    let (begun, there) = (format!("p.from_on <= '{on}'"), format!("p.to_on > '{on}'"));
    let weight = weight(connection);
    let (mut days, mut state, mut having) = (format!("{begun} AND {there}"), weight.clone(), String::new());
    let mut month = String::new();
    if asked.dimensions.has(StatisticsDimension::Month) {
        // What is over still tells when it began.
        state = format!("CASE WHEN {there} THEN {weight} END");
        having = format!(" HAVING MAX(CASE WHEN {there} THEN 1 END) = 1");
        days = begun;
        month = match connection {
            AnyConnection::Postgres(_) => ", to_char(MIN(p.from_on), 'YYYY-MM') AS month".to_owned(),
            AnyConnection::Sqlite(_) => ", substr(MIN(p.from_on), 1, 7) AS month".to_owned(),
        };
    }
    let mut wanted = String::new();
    if !asked.filter.states.is_empty() {
        let places = places(|state| asked.filter.states.contains(&state));
        wanted += &format!(" AND cells.state IN ({places})");
    }
    if let Some(in_force) = asked.filter.in_force {
        let places = places(|state| state.binds() == in_force);
        wanted += &format!(" AND cells.state IN ({places})");
    }
    Ok(Some(format!(
        "WITH cells AS (SELECT p.designation_id AS id, MAX({state}) % 16 AS state{environment}{month} \
         FROM designation_periods p{words} WHERE {} AND {days} GROUP BY {by}{having}), \
         counted AS (SELECT cells.*, designation_versions.vendor_id, designation_versions.regime_id, \
         designation_versions.authority_id, designation_versions.origin, designation_versions.reason_codes \
         FROM cells JOIN designation_versions ON designation_versions.designation_id = cells.id \
         WHERE {}{wanted})",
        asked.of_periods(connection, few)?,
        asked.of_versions(connection)?,
    )))
}

/// The column of `counted` that a dimension is.
const fn column(dimension: StatisticsDimension) -> &'static str {
    match dimension {
        StatisticsDimension::Regime => "regime_id",
        StatisticsDimension::Authority => "authority_id",
        StatisticsDimension::State => "state",
        StatisticsDimension::ReasonCode => "reason_codes",
        StatisticsDimension::Origin => "origin",
        StatisticsDimension::Environment => "environment",
        StatisticsDimension::Month => "month",
    }
}

const fn kind(dimension: StatisticsDimension) -> &'static str {
    match dimension {
        StatisticsDimension::Regime | StatisticsDimension::Authority => "uuid",
        StatisticsDimension::State => "bigint",
        StatisticsDimension::ReasonCode
        | StatisticsDimension::Origin
        | StatisticsDimension::Environment
        | StatisticsDimension::Month => "text",
    }
}

/// The places among all of the states that something is true of; one that no state has where it is true of none.
fn places(is: impl Fn(ScopeState) -> bool) -> String {
    let places = ScopeState::ALL.iter().enumerate().filter(|(_, state)| is(**state));
    let places: Vec<String> = places.map(|(place, _)| place.to_string()).collect();
    if places.is_empty() { "-1".to_owned() } else { places.join(", ") }
}

/// A number that is greater the more a scope's state tells of its designation, and leaves the state's place when it is divided
/// by sixteen: [`ScopeState::of_whole`] as a maximum. An end weighs the number of its first day, which lies below ten million.
fn weight(connection: &AnyConnection) -> String {
    let day = match connection {
        AnyConnection::Postgres(_) => "(p.from_on - DATE '0001-01-01')",
        AnyConnection::Sqlite(_) => "CAST(julianday(p.from_on) AS integer)",
    };
    let each = ScopeState::ALL.iter().enumerate().map(|(place, state)| {
        let rank = ScopeState::TELLING.iter().rev().position(|telling| telling == state);
        let weight = rank.map_or_else(|| day.to_owned(), |rank| (10_000_000 + rank).to_string());
        format!("WHEN '{state}' THEN {weight} * 16 + {place}")
    });
    format!("CASE p.state {} END", each.collect::<Vec<_>>().join(" "))
}

/// A join that gives a row for each word of a column that holds `,a,b,`, and what the word is called; of an empty one, a row
/// for each of these, and one without a word where these are none.
fn each_word(connection: &AnyConnection, column: &str, when_empty: &[&str]) -> (String, String) {
    match connection {
        AnyConnection::Postgres(_) => {
            let words = if when_empty.is_empty() {
                "NULL".to_owned()
            } else {
                format!("'{}'", when_empty.join("', '"))
            };
            let join = format!(
                " CROSS JOIN LATERAL unnest(CASE WHEN {column} = '' THEN ARRAY[{words}]::text[] \
                 ELSE string_to_array(trim(BOTH ',' FROM {column}), ',') END) AS of_list (word)"
            );
            (join, "of_list.word".to_owned())
        }
        AnyConnection::Sqlite(_) => {
            let words = if when_empty.is_empty() {
                "null".to_owned()
            } else {
                format!("\"{}\"", when_empty.join("\",\""))
            };
            let join = format!(
                " CROSS JOIN json_each(CASE WHEN {column} = '' THEN '[{words}]' \
                 ELSE '[\"' || replace(trim({column}, ','), ',', '\",\"') || '\"]' END)"
            );
            (join, "json_each.value".to_owned())
        }
    }
}
