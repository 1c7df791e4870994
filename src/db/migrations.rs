//! Schema migrations: two trees with equal names, one for each database, inside the binary.

use std::collections::BTreeSet;

use diesel::{Connection, RunQueryDsl, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{connection::AnyConnection, failure::unexpected};
use crate::error::{Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Applies what is pending; returns the names of the migrations that ran.
///
/// # Errors
/// When a migration fails; the database is then as the last good one left it.
pub fn run(connection: &mut AnyConnection) -> Result<Vec<String>> {
    let applied = match connection {
        AnyConnection::Postgres(postgres) => names(postgres.run_pending_migrations(POSTGRES)),
        AnyConnection::Sqlite(sqlite) => names(sqlite.run_pending_migrations(SQLITE)),
    };
    applied.map_err(|failure| Error::Unavailable(format!("a migration failed: {failure}")))
}

/// Undoes every migration, newest first.
///
/// # Errors
/// When a migration can't be undone.
pub fn revert_all(connection: &mut AnyConnection) -> Result<Vec<String>> {
    let reverted = match connection {
        AnyConnection::Postgres(postgres) => names(postgres.revert_all_migrations(POSTGRES)),
        AnyConnection::Sqlite(sqlite) => names(sqlite.revert_all_migrations(SQLITE)),
    };
    reverted.map_err(|failure| Error::Unavailable(format!("a migration could not be undone: {failure}")))
}

/// Whether migrations are pending.
///
/// # Errors
/// When the database can't be asked.
pub fn pending(connection: &mut AnyConnection) -> Result<bool> {
    let pending = match connection {
        AnyConnection::Postgres(postgres) => postgres.has_pending_migration(POSTGRES),
        AnyConnection::Sqlite(sqlite) => sqlite.has_pending_migration(SQLITE),
    };
    pending.map_err(|failure| Error::Unavailable(format!("the schema's version can't be read: {failure}")))
}

#[derive(diesel::QueryableByName, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    sql: String,
}

/// What of an SQLite schema (tables, indexes, triggers) is not what the migrations make; an index or a trigger that was
/// taken off lets wrong rows in. PostgreSQL's schema is guarded by its owner's rights, and not compared.
///
/// # Errors
/// When the schema can't be read.
pub fn schema_differences(connection: &mut AnyConnection) -> Result<Vec<String>> {
    let AnyConnection::Sqlite(found) = connection else { return Ok(Vec::new()) };
    let parts = |connection: &mut SqliteConnection| {
        diesel::sql_query(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'",
        )
        .load::<Part>(connection)
        .map(|parts| parts.into_iter().collect::<BTreeSet<_>>())
        .map_err(unexpected("read the schema"))
    };
    let failed = |failure: &dyn std::fmt::Display| {
        Error::Internal(format!("make a schema to compare with: {failure}"))
    };
    let mut made = SqliteConnection::establish(":memory:").map_err(|failure| failed(&failure))?;
    made.run_pending_migrations(SQLITE).map_err(|failure| failed(&failure))?;
    let (found, wanted) = (parts(found)?, parts(&mut made)?);
    let missing =
        wanted.difference(&found).map(|part| format!("schema: {} is missing or altered", part.name));
    let extra = found.difference(&wanted).filter(|part| !wanted.iter().any(|other| other.name == part.name));
    Ok(missing.chain(extra.map(|part| format!("schema: {} does not belong there", part.name))).collect())
}

fn names<E>(
    ran: std::result::Result<Vec<diesel::migration::MigrationVersion<'_>>, E>,
) -> std::result::Result<Vec<String>, E> {
    ran.map(|versions| versions.iter().map(ToString::to_string).collect())
}
