//! What a copy asks of the databases besides rows: whether they are one and the same, and a transaction to fill.

use std::fs;

use diesel::{
    ExpressionMethods, PgConnection, QueryDsl, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_types::{Bool, Text},
};

use super::{Side, tables::TABLES};
use crate::{
    db::{AnyConnection, Target, schema::journal_head, types::DbInstant, unexpected},
    error::{Error, Result},
};

/// Whether two paths lead to one SQLite file.
pub(super) fn same_file(from: &Target, to: &Target) -> bool {
    let (Target::Sqlite(from), Target::Sqlite(to)) = (from, to) else { return false };
    match (identity(from), identity(to)) {
        (Ok(from), Ok(to)) => from == to,
        // What is not there yet can't be the other.
        _ => false,
    }
}

/// The file itself, by whatever name.
#[cfg(unix)]
fn identity(path: &str) -> std::io::Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(path: &str) -> std::io::Result<std::path::PathBuf> {
    fs::canonicalize(path)
}

#[derive(QueryableByName, PartialEq, Eq)]
struct Place {
    #[diesel(sql_type = Text)]
    place: String,
}

/// Whether two connections lead to one schema of one PostgreSQL server, by whatever host names: no two servers start at
/// one microsecond.
pub(super) fn same_server(source: &mut AnyConnection, target: &mut AnyConnection) -> Result<bool> {
    let (AnyConnection::Postgres(source), AnyConnection::Postgres(target)) = (source, target) else {
        return Ok(false);
    };
    let place = |connection: &mut PgConnection, side: Side| {
        diesel::sql_query(
            "SELECT concat_ws(' ', pg_postmaster_start_time(), current_database(), current_schema()) AS place",
        )
        .get_result::<Place>(connection)
        .map_err(unexpected("ask where the registry is"))
        .map_err(|failure| side.names(failure))
    };
    Ok(place(source, Side::Source)? == place(target, Side::Target)?)
}

/// How a transaction is to end.
pub(super) enum End<T> {
    Keep(T),
    TakeBack(T),
}

/// Runs something in one transaction, in which nobody else writes an SQLite file.
pub(super) fn in_transaction<T>(
    connection: &mut AnyConnection,
    run: impl FnOnce(&mut AnyConnection) -> Result<End<T>>,
) -> Result<T> {
    let begin = match connection {
        AnyConnection::Sqlite(_) => "BEGIN IMMEDIATE",
        AnyConnection::Postgres(_) => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    };
    connection
        .batch_execute(begin)
        .map_err(unexpected("begin the copy"))
        .map_err(|failure| Side::Target.names(failure))?;
    let outcome = match run(connection) {
        Ok(End::Keep(value)) => {
            return match connection.batch_execute("COMMIT").map_err(unexpected("commit the copy")) {
                Ok(()) => Ok(value),
                Err(failure) => Err(Error::Unavailable(format!(
                    "target: {failure}; it is either empty or whole: `risk-registry verify` tells"
                ))),
            };
        }
        Ok(End::TakeBack(value)) => Ok(value),
        Err(failure) => Err(failure),
    };
    // Where it fails the connection is gone, and the transaction with it.
    drop(connection.batch_execute("ROLLBACK"));
    outcome
}

#[derive(QueryableByName)]
struct Owned {
    #[diesel(sql_type = Bool)]
    is_owned: bool,
}

/// On PostgreSQL only the owner can ANALYZE what was copied; to others PostgreSQL says nothing but a warning.
pub(super) fn must_own(target: &mut AnyConnection) -> Result<()> {
    let AnyConnection::Postgres(postgres) = target else { return Ok(()) };
    let owned: Owned = diesel::sql_query(
        "SELECT pg_has_role(relowner, 'USAGE') AS is_owned FROM pg_class WHERE oid = to_regclass('journal')",
    )
    .get_result(postgres)
    .map_err(unexpected("ask who owns the registry"))?;
    if owned.is_owned {
        return Ok(());
    }
    Err(Error::conflict(
        "not_owner",
        "the URL's role does not own the registry; copy as the role that ran `risk-registry migrate` on it",
    ))
}

/// Keeps servers that may run on the target from writing until the copy is there. On SQLite the transaction does.
pub(super) fn lock(target: &mut AnyConnection) -> Result<()> {
    let AnyConnection::Postgres(postgres) = target else { return Ok(()) };
    journal_head::table
        .select(journal_head::id)
        .for_update()
        .load::<i32>(postgres)
        .map_err(unexpected("lock the head"))?;
    Ok(())
}

/// Copies the journal's head. Its row is there already, and writers wait for it: it is changed, never replaced.
pub(super) fn copy_head(source: &mut AnyConnection, target: &mut AnyConnection) -> Result<u64> {
    let (seq, recorded_at): (i64, DbInstant) = journal_head::table
        .find(1)
        .select((journal_head::seq, journal_head::recorded_at))
        .get_result(source)
        .map_err(unexpected("read the head"))
        .map_err(|failure| Side::Source.names(failure))?;
    let moved = diesel::update(journal_head::table.find(1))
        .set((journal_head::seq.eq(seq), journal_head::recorded_at.eq(recorded_at)))
        .execute(target)
        .map_err(unexpected("move the head"))
        .map_err(|failure| Side::Target.names(failure))?;
    Ok(u64::try_from(moved).unwrap_or_default())
}

/// Tells PostgreSQL's planner what is there now, so that the first reads are as fast as the later ones.
pub(super) fn analyse(target: &mut AnyConnection) {
    let AnyConnection::Postgres(postgres) = target else { return };
    let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    if let Err(failure) = postgres.batch_execute(&format!("ANALYZE {}", names.join(", "))) {
        log::warn!("the copy is there, but ANALYZE failed: {failure}");
    }
}
