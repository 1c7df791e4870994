//! The table of the access log. It is only ever added to.

use diesel::{
    ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, Selectable, SelectableHelper,
    dsl::sql,
    sql_types::{Bool, Text},
};
use uuid::Uuid;

use super::model::{AccessEntry, Read};
use crate::{
    db::{
        AnyConnection, MultiBackend,
        schema::{access_log, access_log_subjects as subjects},
        types::{DbInstant, DbJson, DbUuid, SqlInstant, SqlUuid},
        unexpected,
    },
    error::{Error, Result},
    http::to_json,
    journal::{column, unsigned},
    values::{Instant, Sha256Hex},
};

#[derive(Debug, Clone, diesel::Queryable, diesel::Insertable, Selectable)]
#[diesel(table_name = access_log)]
struct Row {
    id: DbUuid,
    at: DbInstant,
    actor: String,
    credential: String,
    operation: String,
    target: String,
    status: i32,
    known_seq: Option<i64>,
    answer_sha256: String,
    request_sha256: Option<String>,
    vendors: DbJson,
    vendor_count: i64,
    restricted: DbJson,
    restricted_count: i64,
    address: Option<String>,
    request_id: String,
}

impl Row {
    fn of(entry: &AccessEntry) -> Result<Self> {
        Ok(Self {
            id: DbUuid(entry.id.uuid()),
            at: DbInstant(entry.at),
            actor: entry.actor.clone(),
            credential: entry.credential.clone(),
            operation: entry.operation.clone(),
            target: entry.target.clone(),
            status: i32::from(entry.status),
            known_seq: entry.known_seq.map(column).transpose()?,
            answer_sha256: entry.answer_sha256.as_str().to_owned(),
            request_sha256: entry.request_sha256.as_ref().map(|digest| digest.as_str().to_owned()),
            vendors: DbJson(to_json(&entry.vendors)?),
            vendor_count: column(entry.vendor_count)?,
            restricted: DbJson(to_json(&entry.restricted)?),
            restricted_count: column(entry.restricted_count)?,
            address: entry.address.clone(),
            request_id: entry.request_id.clone(),
        })
    }

    fn entry(self) -> Result<AccessEntry> {
        let broken =
            |what: &str| Error::internal(format!("access log {}: its {what} can't be read", self.id.0));
        let ids = |what, text: &DbJson| serde_json::from_str::<Vec<Uuid>>(&text.0).map_err(|_| broken(what));
        Ok(AccessEntry {
            vendors: ids("vendors", &self.vendors)?,
            restricted: ids("restricted", &self.restricted)?,
            status: u16::try_from(self.status).map_err(|_| broken("status"))?,
            known_seq: self.known_seq.map(unsigned).transpose()?,
            vendor_count: unsigned(self.vendor_count)?,
            restricted_count: unsigned(self.restricted_count)?,
            id: self.id.0.into(),
            at: self.at.0,
            actor: self.actor,
            credential: self.credential,
            operation: self.operation,
            target: self.target,
            answer_sha256: Sha256Hex::stored(self.answer_sha256),
            request_sha256: self.request_sha256.map(Sha256Hex::stored),
            address: self.address,
            request_id: self.request_id,
        })
    }
}

/// Adds entries, but for those that are there already: after a commit whose outcome is not known, they are added again.
pub(super) fn insert(connection: &mut AnyConnection, reads: &[Read]) -> Result<()> {
    let ids: Vec<DbUuid> = reads.iter().map(|read| DbUuid(read.entry.id.uuid())).collect();
    let there: Vec<DbUuid> = access_log::table
        .filter(access_log::id.eq_any(ids))
        .select(access_log::id)
        .load(connection)
        .map_err(unexpected("look up access entries"))?;
    for Read { entry, subjects } in reads {
        if there.contains(&DbUuid(entry.id.uuid())) {
            continue;
        }
        diesel::insert_into(access_log::table)
            .values(Row::of(entry)?)
            .execute(connection)
            .map_err(unexpected("insert an access entry"))?;
        insert_subjects(connection, entry, subjects)?;
    }
    Ok(())
}

/// All of an entry's subjects in one statement, however many they are: others wait for the writer.
fn insert_subjects(connection: &mut AnyConnection, entry: &AccessEntry, subjects: &[Uuid]) -> Result<()> {
    if subjects.is_empty() {
        return Ok(());
    }
    let (id, at) = (entry.id, entry.at);
    // What stands in the texts is the registry's own: an id and an instant.
    let insert = "INSERT INTO access_log_subjects (subject_id, at, entry_id)";
    let statement = match connection {
        AnyConnection::Sqlite(_) => format!("{insert} SELECT value, '{at}', '{id}' FROM json_each(?)"),
        AnyConnection::Postgres(_) => format!(
            "{insert} SELECT value::uuid, '{at}'::timestamptz, '{id}'::uuid FROM json_array_elements_text($1::json)"
        ),
    };
    diesel::sql_query(statement)
        .into_boxed::<MultiBackend>()
        .bind::<Text, _>(to_json(&subjects)?)
        .execute(connection)
        .map_err(unexpected("insert the subjects of an access entry"))?;
    Ok(())
}

/// One entry.
pub(super) fn find(connection: &mut AnyConnection, id: Uuid) -> Result<Option<AccessEntry>> {
    let row: Option<Row> = access_log::table
        .find(DbUuid(id))
        .select(Row::as_select())
        .get_result(connection)
        .optional()
        .map_err(unexpected("read an access entry"))?;
    row.map(Row::entry).transpose()
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub(super) actor: Option<String>,
    pub(super) subject: Option<Uuid>,
    pub(super) operation: Option<&'static str>,
    pub(super) from: Option<Instant>,
    pub(super) to: Option<Instant>,
    /// The last entry of the page before.
    pub(super) before: Option<(Instant, Uuid)>,
}

/// Narrows a query to a time and begins it after the page before; `$at` and `$id` are those of the order.
macro_rules! page_of {
    ($query:expr, $wanted:expr, $at:expr, $id:expr, $row:literal) => {{
        let mut query = $query;
        if let Some(from) = $wanted.from {
            query = query.filter($at.ge(DbInstant(from)));
        }
        if let Some(to) = $wanted.to {
            query = query.filter($at.le(DbInstant(to)));
        }
        if let Some((at, id)) = $wanted.before {
            query = query.filter(
                sql::<Bool>(concat!($row, " < ("))
                    .bind::<SqlInstant, _>(DbInstant(at))
                    .sql(", ")
                    .bind::<SqlUuid, _>(DbUuid(id))
                    .sql(")"),
            );
        }
        if let Some(operation) = $wanted.operation {
            query = query.filter(access_log::operation.eq(operation));
        }
        if let Some(actor) = $wanted.actor.clone() {
            query = query.filter(access_log::actor.eq(actor));
        }
        query.order(($at.desc(), $id.desc()))
    }};
}

/// A page of entries, newest first.
pub(super) fn list(connection: &mut AnyConnection, wanted: &Wanted, limit: i64) -> Result<Vec<AccessEntry>> {
    let rows: Vec<Row> = match wanted.subject {
        Some(subject) => {
            let query = subjects::table
                .inner_join(access_log::table.on(access_log::id.eq(subjects::entry_id)))
                .filter(subjects::subject_id.eq(DbUuid(subject)))
                .select(Row::as_select())
                .limit(limit)
                .into_boxed::<MultiBackend>();
            page_of!(
                query,
                wanted,
                subjects::at,
                subjects::entry_id,
                "(access_log_subjects.at, access_log_subjects.entry_id)"
            )
            .load(connection)
        }
        None => {
            let query = access_log::table.select(Row::as_select()).limit(limit).into_boxed::<MultiBackend>();
            page_of!(query, wanted, access_log::at, access_log::id, "(access_log.at, access_log.id)")
                .load(connection)
        }
    }
    .map_err(unexpected("list access entries"))?;
    rows.into_iter().map(Row::entry).collect()
}
