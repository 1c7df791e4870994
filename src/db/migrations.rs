//! Schema migrations: two trees with equal names, one for each database, inside the binary.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::AnyConnection;
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

fn names<E>(
    ran: std::result::Result<Vec<diesel::migration::MigrationVersion<'_>>, E>,
) -> std::result::Result<Vec<String>, E> {
    ran.map(|versions| versions.iter().map(ToString::to_string).collect())
}
