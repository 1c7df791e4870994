//! Lists that end soon. Where few rows can meet a filter they are looked up and sorted; where many do, the index of the
//! order is walked until the page is full. Which of the two it is, is asked of the indexes themselves: SQLite's planner
//! knows no numbers, and PostgreSQL's takes conditions that go together for independent ones.

use std::{collections::BTreeSet, fmt::Display};

use diesel::{QueryableByName, RunQueryDsl, dsl::sql, expression::SqlLiteral, sql_types::Bool};
use uuid::Uuid;

use super::{
    AnyConnection, MultiBackend, OPEN,
    failure::unexpected,
    types::{DbUuid, SqlUuid},
};
use crate::error::Result;

/// So many rows are few. Looking up five thousand takes a few hundredths of a second. Walking past those that do not fit
/// would be quicker than that where the rest is spread evenly over the order, and far slower where it all lies at the end,
/// as what has expired does among the latest.
pub const FEW: usize = 5000;

/// A stretch of an index: a table's rows between two keys, in the order of the index, so that reading can stop. It must
/// hold every row that meets a filter, and may hold more. Its texts hold the model's own words, ids, dates and numbers;
/// what clients write is bound, as `$1`, `$2`.
#[derive(Debug, Clone)]
pub struct Span {
    /// The column of the ids, with its table.
    id: String,
    text: String,
    order: String,
    binds: Vec<String>,
}

impl Span {
    /// The ids of the rows that meet a condition which one index bounds; `by` is the index's column after those that the
    /// condition fixes. On PostgreSQL the order leaves the planner no other way that stops early; SQLite takes the index
    /// without being told.
    #[must_use]
    pub fn new((id, table): (&str, &str), condition: &str, by: &str) -> Self {
        Self {
            id: format!("{table}.{id}"),
            text: format!("SELECT {id} AS id FROM {table} WHERE {condition}"),
            order: format!(" ORDER BY {by}"),
            binds: Vec::new(),
        }
    }

    /// The rows whose column, which an index begins with, has one of these values.
    #[must_use]
    pub fn of_values(
        connection: &AnyConnection,
        (id, table): (&str, &str),
        column: &str,
        values: &Values<'_>,
    ) -> Self {
        let (kind, values): (_, Vec<String>) = match values {
            Values::Ids(ids) => ("uuid", ids.iter().map(ToString::to_string).collect()),
            Values::Words(words) => ("text", words.to_vec()),
        };
        let mut order = String::new();
        let condition = match connection {
            // The order leaves the planner no way but the index, from which it can stop reading; an equality would leave
            // nothing to order by. Behind a SELECT the values are unknown to it, and so taken for common ones: else it
            // would gather all of several thousand rows before the first.
            AnyConnection::Postgres(_) => {
                order = format!(" ORDER BY {column}");
                format!("{column} = ANY (ARRAY(SELECT unnest('{{{}}}'::{kind}[])))", values.join(","))
            }
            AnyConnection::Sqlite(_) => format!("{column} IN ('{}')", values.join("', '")),
        };
        let text = format!("SELECT {id} AS id FROM {table} WHERE {condition}");
        Self { id: format!("{table}.{id}"), text, order, binds: Vec::new() }
    }

    /// The column of the ids, with its table, for a condition.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Those of its rows that meet a condition which the index has as well.
    #[must_use]
    pub fn within(self, condition: &str) -> Self {
        Self { text: format!("{} AND {condition}", self.text), ..self }
    }

    /// Those of its rows of which something else is true, by which no index is chosen.
    #[must_use]
    pub fn that(self, condition: &str) -> Self {
        Self { text: format!("{} AND {}", self.text, settled(condition)), ..self }
    }

    /// With texts of a client, which the condition calls `$1` and so on.
    #[must_use]
    pub fn bind(self, binds: Vec<String>) -> Self {
        Self { binds, ..self }
    }
}

/// What a column is compared with.
#[derive(Debug, Clone, Copy)]
pub enum Values<'a> {
    Ids(&'a [Uuid]),
    /// Words of the model.
    Words(&'a [String]),
}

/// The texts that begin with one: from it on, up to what lies past them all.
#[derive(Debug, Clone)]
pub struct Prefix {
    pub from: String,
    pub past: String,
}

impl Prefix {
    /// Of a folded text. One of nothing but accents has none: it begins no name, and must not find everybody.
    #[must_use]
    pub fn of(folded: String) -> Option<Self> {
        if folded.is_empty() {
            return None;
        }
        let past = format!("{folded}\u{10FFFF}");
        Some(Self { from: folded, past })
    }

    /// Both ends, to be bound.
    #[must_use]
    pub fn ends(&self) -> Vec<String> {
        vec![self.from.clone(), self.past.clone()]
    }
}

/// The stretches that together hold all that meets one filter; without any, nothing does.
pub type Spans = Vec<Span>;

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: DbUuid,
}

/// Ids among which all that meets every filter is, or `None` where no filter leaves few.
///
/// # Errors
/// When the database can't answer.
pub fn few(connection: &mut AnyConnection, filters: Vec<Spans>) -> Result<Option<BTreeSet<Uuid>>> {
    let (mut fewest, mut most) = (None, FEW);
    for spans in filters {
        // The next filter is read only as far as it can still do better.
        if let Some(found) = at_most(connection, spans, most)? {
            most = found.len();
            fewest = Some(found);
        }
        if most == 0 {
            break;
        }
    }
    Ok(fewest)
}

/// How a list of records of one status reaches its rows, as a condition: by their ids where some filter leaves few, else by
/// the status, with which the index of every order begins. `None` where a filter leaves nothing.
///
/// # Errors
/// When the database can't answer.
pub fn reach(
    connection: &mut AnyConnection,
    table: &str,
    status: impl Display,
    filters: Vec<Spans>,
) -> Result<Option<SqlLiteral<Bool>>> {
    let status = format!("{table}.status = '{status}'");
    Ok(match few(connection, filters)? {
        Some(few) if few.is_empty() => None,
        Some(few) => {
            let among = among_text(connection, &format!("{table}.id"), few);
            Some(sql(&format!("{among} AND {}", settled(&status))))
        }
        None => Some(sql(&status)),
    })
}

/// Whether there is a row in a stretch.
///
/// # Errors
/// When the database can't answer.
pub fn any(connection: &mut AnyConnection, span: Span) -> Result<bool> {
    Ok(at_most(connection, vec![span], 0)?.is_none())
}

/// The ids of all rows of these stretches, or `None` where there are more than so many rows.
fn at_most(connection: &mut AnyConnection, spans: Spans, most: usize) -> Result<Option<BTreeSet<Uuid>>> {
    let limit = most.saturating_add(1);
    let parts: Vec<String> = spans
        .iter()
        .enumerate()
        .map(|(number, span)| {
            format!("SELECT id FROM ({}{} LIMIT {limit}) AS part_{number}", span.text, span.order)
        })
        .collect();
    if parts.is_empty() {
        return Ok(Some(BTreeSet::new()));
    }
    let text = format!("{} LIMIT {limit}", parts.join(" UNION ALL "));
    let mut query = diesel::sql_query(text).into_boxed::<MultiBackend>();
    for bound in spans.into_iter().flat_map(|span| span.binds) {
        query = query.bind::<diesel::sql_types::Text, _>(bound);
    }
    let found: Vec<Id> = query.load(connection).map_err(unexpected("look for few rows"))?;
    Ok((found.len() <= most).then(|| found.into_iter().map(|row| row.id.0).collect()))
}

/// True where a column is one of these ids, by the column's index however many they are: PostgreSQL's planner would read
/// a whole table for a few thousand ids if it saw how many there are.
pub fn among(
    connection: &AnyConnection,
    column: &str,
    ids: impl IntoIterator<Item = Uuid>,
) -> SqlLiteral<Bool> {
    sql(&among_text(connection, column, ids))
}

/// [`among`] as a text, for a condition of several.
#[must_use]
pub fn among_text(connection: &AnyConnection, column: &str, ids: impl IntoIterator<Item = Uuid>) -> String {
    let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    match connection {
        AnyConnection::Postgres(_) => {
            format!("{column} = ANY (ARRAY(SELECT unnest('{{{}}}'::uuid[])))", ids.join(","))
        }
        AnyConnection::Sqlite(_) if ids.is_empty() => "1 = 0".to_owned(),
        AnyConnection::Sqlite(_) => {
            format!("{column} IN (SELECT value FROM json_each('[\"{}\"]'))", ids.join("\",\""))
        }
    }
}

/// The same of a client's texts, which stand between the two parts, bound as one JSON array.
#[must_use]
pub fn among_texts(connection: &AnyConnection, column: &str) -> (String, &'static str) {
    match connection {
        AnyConnection::Postgres(_) => {
            (format!("{column} = ANY (ARRAY(SELECT json_array_elements_text(("), ")::json)))")
        }
        AnyConnection::Sqlite(_) => (format!("{column} IN (SELECT value FROM json_each("), "))"),
    }
}

/// A condition that no index is chosen by, and of which a planner supposes that half of all rows meet it: how the rows are
/// reached is settled without it. PostgreSQL's would else read all of a table where it takes a page to be all there is.
#[must_use]
pub fn settled(condition: &str) -> String {
    format!("CASE WHEN {condition} THEN TRUE ELSE FALSE END")
}

/// The condition that a row is known now, as the partial indexes have it: it must stand in the text for a planner to see
/// that they hold all that is asked for.
#[must_use]
pub fn is_open(table: &str) -> String {
    format!("{table}.known_to_seq = {OPEN}")
}
