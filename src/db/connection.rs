//! A connection to either database, opened with the settings that correctness needs.

use diesel::{PgConnection, SqliteConnection};

use super::{postgres, sqlite, target::Target};
use crate::error::Result;

/// A connection to SQLite or PostgreSQL.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// What a connection is for: what it may do, and how long it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The reads of requests.
    Read,
    /// The writer.
    Write,
    /// Long reads of a command: no limit on a statement's time.
    Audit,
    /// Migrations and other work of the database's owner: no limit on a statement's time.
    Owner,
}

impl Purpose {
    /// Whether the connection only reads.
    #[must_use]
    pub const fn only_reads(self) -> bool {
        matches!(self, Self::Read | Self::Audit)
    }
}

/// Opens a connection.
///
/// # Errors
/// When the database can't be reached, or is too old to be trusted.
pub fn open(target: &Target, purpose: Purpose) -> Result<AnyConnection> {
    match target {
        Target::Postgres(url) => postgres::open(url, purpose).map(AnyConnection::Postgres),
        Target::Sqlite(path) => sqlite::open(path, purpose).map(AnyConnection::Sqlite),
    }
}

/// What of the database's settings puts the registry's data at risk, in words for the log.
///
/// # Errors
/// A database that the registry can't run on.
pub fn risks(connection: &mut AnyConnection) -> Result<Vec<String>> {
    match connection {
        AnyConnection::Postgres(connection) => postgres::inspect(connection),
        AnyConnection::Sqlite(_) => Ok(Vec::new()),
    }
}
