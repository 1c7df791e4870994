//! Designations of one day, counted by the database in one statement: the scopes that are in some state that day, joined into
//! one state for each designation, then all that a vendor's designations are counted by written as one text, then the vendors
//! that have the same text. There are few such texts, and they are taken apart here: splitting lists and telling vendors apart
//! group by group would cost the database several times as much.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{
    QueryableByName, RunQueryDsl,
    sql_types::{BigInt, Text},
};
use uuid::Uuid;

use super::{Asked, words};
use crate::{
    db::{AnyConnection, unexpected},
    designations::{
        model::{Environment, Origin, ReasonCode},
        timeline::ScopeState,
    },
    error::{Error, Result},
    journal::unsigned,
    statistics::model::{DesignationCounts, Group, StatisticsDimension},
    values::Date,
};

/// The most groups of an answer.
pub(in crate::statistics) const MOST_GROUPS: usize = 10_000;

/// What was counted: all together, and by group. One group more than there may be says that there are too many.
#[derive(Debug, Default)]
pub(in crate::statistics) struct Counted {
    pub(in crate::statistics) total: DesignationCounts,
    pub(in crate::statistics) groups: BTreeMap<Group, DesignationCounts>,
}

/// Vendors whose designations are counted by the same, or designations of no vendor that are.
#[derive(QueryableByName)]
struct Row {
    /// What each designation is counted by, with `/` between them.
    #[diesel(sql_type = Text)]
    told: String,
    #[diesel(sql_type = BigInt)]
    is_of_vendors: i64,
    #[diesel(sql_type = BigInt)]
    many: i64,
}

impl Counted {
    fn add(&mut self, row: &Row, asked: Asked<'_>) -> Result<()> {
        let many = unsigned(row.many)?;
        let (mut counts, mut of_vendor) = (false, BTreeSet::new());
        for told in row.told.split('/') {
            let cells: Vec<(ScopeState, Group)> =
                cells(told, asked)?.into_iter().filter(|(state, _)| asked.filter.wants(*state)).collect();
            if cells.is_empty() {
                continue;
            }
            counts = true;
            raise(&mut self.total, many, cells.iter().any(|(state, _)| state.binds()));
            for (state, group) in cells {
                raise(self.groups.entry(group.clone()).or_default(), many, state.binds());
                of_vendor.insert(group);
            }
        }
        if counts && row.is_of_vendors == 1 {
            self.total.vendors = self.total.vendors.saturating_add(many);
            for group in of_vendor {
                let counts = self.groups.entry(group).or_default();
                counts.vendors = counts.vendors.saturating_add(many);
            }
        }
        Ok(())
    }
}

fn raise(counts: &mut DesignationCounts, many: u64, binds: bool) {
    counts.designations = counts.designations.saturating_add(many);
    if binds {
        counts.in_force = counts.in_force.saturating_add(many);
    }
}

/// Where one designation counts, and the state that it is in there. It tells `regime|authority|origin|reason codes|cells`,
/// each of them empty where nothing is grouped by it. Of the cells, `state:month` with `;` between them, there is one, or one
/// for each environment, empty where it has no state.
fn cells(told: &str, asked: Asked<'_>) -> Result<Vec<(ScopeState, Group)>> {
    let fault = || Error::internal(format!("a designation is counted by {told}"));
    let fields: Vec<&str> = told.split('|').collect();
    let &[regime, authority, origin, reason_codes, cells] = fields.as_slice() else { return Err(fault()) };
    let id = |text: &str| {
        let id = (!text.is_empty()).then(|| Uuid::parse_str(text).map_err(|_| fault()));
        id.transpose()
    };
    let (regime, authority) = (id(regime)?.map(Into::into), id(authority)?.map(Into::into));
    let origin = words(origin, Origin::parse)?.first().copied();
    let reason_codes: Vec<Option<ReasonCode>> = match words(reason_codes, ReasonCode::parse)? {
        none if none.is_empty() => vec![None],
        codes => codes.into_iter().map(Some).collect(),
    };
    let cells: Vec<&str> = cells.split(';').collect();
    let each_environment = asked.dimensions.has(StatisticsDimension::Environment);
    let mut found = Vec::new();
    for (number, cell) in cells.into_iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
        let (place, month) = cell.split_once(':').ok_or_else(fault)?;
        let place: usize = place.parse().map_err(|_| fault())?;
        let state = *ScopeState::ALL.get(place).ok_or_else(fault)?;
        for reason_code in &reason_codes {
            let group = Group {
                regime,
                authority,
                state: asked.dimensions.has(StatisticsDimension::State).then_some(state),
                reason_code: *reason_code,
                origin,
                environment: Environment::ALL.get(number).copied().filter(|_| each_environment),
                month: (!month.is_empty()).then(|| month.to_owned()),
            };
            found.push((state, group));
        }
    }
    Ok(found)
}

/// Counts the designations of a day.
pub(in crate::statistics) fn counts(
    connection: &mut AnyConnection,
    asked: Asked<'_>,
    on: Date,
) -> Result<Counted> {
    let mut counted = Counted::default();
    let Some(query) = query(connection, asked, on)? else { return Ok(counted) };
    let rows: Vec<Row> =
        diesel::sql_query(query).load(connection).map_err(unexpected("count designations"))?;
    for row in rows {
        counted.add(&row, asked)?;
        if counted.groups.len() > MOST_GROUPS {
            break;
        }
    }
    Ok(counted)
}

/// The statement, or `None` where there is nothing to count.
fn query(connection: &mut AnyConnection, asked: Asked<'_>, on: Date) -> Result<Option<String>> {
    let few = asked.few(connection)?;
    if few.as_ref().is_some_and(|few| few.is_empty()) {
        return Ok(None);
    }
    let has = |dimension| asked.dimensions.has(dimension);
    let (begun, there) = (format!("p.from_on <= '{on}'"), format!("p.to_on > '{on}'"));
    let (days, having) = if has(StatisticsDimension::Month) {
        // What is over still tells when it began.
        (begun, format!(" HAVING MAX(CASE WHEN {there} THEN 1 END) = 1"))
    } else {
        (format!("{begun} AND {there}"), String::new())
    };
    let weight = weight(connection);
    let (position, all) = match connection {
        AnyConnection::Postgres(_) => ("strpos", "string_agg"),
        AnyConnection::Sqlite(_) => ("instr", "group_concat"),
    };
    let covers: Vec<String> = if has(StatisticsDimension::Environment) {
        let each = Environment::ALL.iter();
        each.map(|word| format!("(p.environments = '' OR {position}(p.environments, ',{word},') > 0)"))
            .collect()
    } else {
        vec!["1 = 1".to_owned()]
    };
    let (mut columns, mut cells) = (String::new(), Vec::new());
    for (number, covers) in covers.iter().enumerate() {
        columns += &format!(", MAX(CASE WHEN {covers} AND {there} THEN {weight} END) % 16 AS state_{number}");
        let mut month = "''".to_owned();
        if has(StatisticsDimension::Month) {
            columns += &format!(", MIN(CASE WHEN {covers} THEN p.from_on END) AS began_{number}");
            month = match connection {
                AnyConnection::Postgres(_) => format!("to_char(began_{number}, 'YYYY-MM')"),
                AnyConnection::Sqlite(_) => format!("substr(began_{number}, 1, 7)"),
            };
        }
        cells.push(format!("COALESCE(CAST(state_{number} AS text) || ':' || {month}, '')"));
    }
    let told = |dimension, column: &str| {
        if has(dimension) { format!("CAST(designation_versions.{column} AS text)") } else { "''".to_owned() }
    };
    let told = [
        told(StatisticsDimension::Regime, "regime_id"),
        told(StatisticsDimension::Authority, "authority_id"),
        told(StatisticsDimension::Origin, "origin"),
        told(StatisticsDimension::ReasonCode, "reason_codes"),
        cells.join(" || ';' || "),
    ]
    .join(" || '|' || ");
    // What is about no vendor stays by itself.
    Ok(Some(format!(
        "WITH cells AS (SELECT p.designation_id AS id{columns} FROM designation_periods p \
         WHERE {} AND {days} GROUP BY p.designation_id{having}), \
         told AS (SELECT designation_versions.vendor_id, {all}({told}, '/') AS told \
         FROM cells JOIN designation_versions ON designation_versions.designation_id = cells.id WHERE {} \
         GROUP BY designation_versions.vendor_id, \
         CASE WHEN designation_versions.vendor_id IS NULL THEN cells.id END) \
         SELECT told, CAST(CASE WHEN vendor_id IS NULL THEN 0 ELSE 1 END AS bigint) AS is_of_vendors, \
         COUNT(*) AS many FROM told GROUP BY 1, 2",
        asked.of_periods(connection, few)?,
        asked.of_versions(connection)?,
    )))
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
