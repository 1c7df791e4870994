//! What a copy asks of the databases besides rows: whether they are one and the same, and a transaction to fill.

use std::fs;

use diesel::{
    ExpressionMethods, PgConnection, QueryDsl, QueryableByName, RunQueryDsl, connection::SimpleConnection,
    sql_types::Text,
};

use super::tables::TABLES;
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
    let place = |connection: &mut PgConnection| {
        diesel::sql_query(
            "SELECT concat_ws(' ', pg_postmaster_start_time(), current_database(), current_schema()) AS place",
        )
        .get_result::<Place>(connection)
        .map_err(unexpected("ask where the registry is"))
    };
    Ok(place(source)? == place(target)?)
}

/// Runs something in one transaction, in which nobody else writes an SQLite file.
pub(super) fn in_transaction<T>(
    connection: &mut AnyConnection,
    run: impl FnOnce(&mut AnyConnection) -> Result<T>,
) -> Result<T> {
    let begin = match connection {
        AnyConnection::Sqlite(_) => "BEGIN IMMEDIATE",
        AnyConnection::Postgres(_) => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    };
    connection.batch_execute(begin).map_err(unexpected("begin the copy"))?;
    match run(connection) {
        Ok(value) => match connection.batch_execute("COMMIT").map_err(unexpected("commit the copy")) {
            Ok(()) => Ok(value),
            Err(failure) => Err(Error::Unavailable(format!(
                "{failure}; the target is either empty or whole: `risk-registry verify` tells"
            ))),
        },
        Err(failure) => {
            // Where it fails the connection is gone, and the transaction with it.
            drop(connection.batch_execute("ROLLBACK"));
            Err(failure)
        }
    }
}

/// Keeps servers that may run on the target from writing until the copy is there. On SQLite the transaction does.
pub(super) fn lock(target: &mut AnyConnection) -> Result<()> {
    let AnyConnection::Postgres(postgres) = target else { return Ok(()) };
    journal_head::table
        .select(journal_head::id)
        .for_update()
        .load::<i32>(postgres)
        .map_err(unexpected("lock the target's head"))?;
    Ok(())
}

/// Copies the journal's head. Its row is there already, and writers wait for it: it is changed, never replaced.
pub(super) fn copy_head(source: &mut AnyConnection, target: &mut AnyConnection) -> Result<u64> {
    let (seq, recorded_at): (i64, DbInstant) = journal_head::table
        .find(1)
        .select((journal_head::seq, journal_head::recorded_at))
        .get_result(source)
        .map_err(unexpected("read the source's head"))?;
    let moved = diesel::update(journal_head::table.find(1))
        .set((journal_head::seq.eq(seq), journal_head::recorded_at.eq(recorded_at)))
        .execute(target)
        .map_err(unexpected("move the target's head"))?;
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
