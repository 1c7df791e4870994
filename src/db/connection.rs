//! A connection to either database, opened with the settings that correctness needs.

use std::fmt;

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    r2d2::{ManageConnection, R2D2Connection},
    sql_types::Text,
};

use crate::error::{Error, Result};

/// A connection to SQLite or PostgreSQL.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// Where the registry is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The path of an SQLite file.
    Sqlite(String),
    /// A PostgreSQL URL, with its own parameters.
    Postgres(String),
}

impl Target {
    /// Reads a database URL.
    ///
    /// # Errors
    /// A URL of another database, or none at all; the text says what to write instead.
    pub fn parse(url: &str) -> std::result::Result<Self, String> {
        let url = url.trim();
        let path_of = |path: &str| {
            let memory = path == ":memory:" || path.starts_with("file:");
            let looks_like_another =
                path.split(['/', '\\']).next().is_some_and(|first| first.contains(['=', ':']));
            if memory || looks_like_another {
                return Err(format!(
                    "'{path}' is no path of a file; give one such as ./registry.db, or postgres://user@host/database"
                ));
            }
            Ok(Self::Sqlite(path.to_owned()))
        };
        let parts = url.split_once("://").map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
        match parts.as_ref().map(|(scheme, rest)| (scheme.as_str(), *rest)) {
            Some(("postgres" | "postgresql", rest)) => Ok(Self::Postgres(format!("postgres://{rest}"))),
            Some(("sqlite", path)) if !path.is_empty() => path_of(path),
            Some((scheme, _)) => Err(format!(
                "the registry does not know the database '{scheme}'; give a path such as ./registry.db, \
                 or postgres://user@host/database"
            )),
            None if url.is_empty() => Err("is empty; give a path such as ./registry.db".into()),
            None => path_of(url),
        }
    }
}

impl Target {
    /// For commands that only look: opening an SQLite file that is not there would make one.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn must_exist(&self) -> Result<()> {
        match self {
            Self::Sqlite(path) if !std::path::Path::new(path).is_file() => {
                Err(Error::Unavailable(format!("there is no SQLite file {path}")))
            }
            Self::Sqlite(_) | Self::Postgres(_) => Ok(()),
        }
    }
}

impl fmt::Display for Target {
    /// For logs: a PostgreSQL URL can carry a password, so only its kind is named.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "SQLite at {path}"),
            Self::Postgres(_) => f.write_str("PostgreSQL"),
        }
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Read,
    Write,
}

/// The bundled SQLite must be this new: older ones can corrupt a database when the WAL is reset.
const SQLITE_AT_LEAST: [u32; 3] = [3, 51, 3];

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Opens a connection.
///
/// # Errors
/// When the database can't be reached, or is too old to be trusted.
pub fn open(target: &Target, purpose: Purpose) -> Result<AnyConnection> {
    match target {
        Target::Postgres(url) => open_postgres(url).map(AnyConnection::Postgres),
        Target::Sqlite(path) => open_sqlite(path, purpose).map(AnyConnection::Sqlite),
    }
}

fn open_postgres(url: &str) -> Result<PgConnection> {
    let failed =
        |failure: &dyn fmt::Display| Error::Unavailable(format!("can't connect to PostgreSQL: {failure}"));
    let mut connection = PgConnection::establish(url).map_err(|failure| failed(&failure))?;
    // Whatever the role's defaults are: an acknowledged write is on disk.
    connection
        .batch_execute("SET synchronous_commit = on; SET TIME ZONE 'UTC'")
        .map_err(|failure| failed(&failure))?;
    Ok(connection)
}

fn open_sqlite(path: &str, purpose: Purpose) -> Result<SqliteConnection> {
    let failed =
        |failure: &dyn fmt::Display| Error::Unavailable(format!("can't open SQLite at {path}: {failure}"));
    let mut connection = SqliteConnection::establish(path).map_err(|failure| failed(&failure))?;
    // One PRAGMA a statement, and the timeout first: the change to WAL takes a lock.
    let mut pragmas = vec!["PRAGMA busy_timeout = 10000"];
    if purpose == Purpose::Write {
        pragmas.push("PRAGMA journal_mode = WAL");
    }
    pragmas.extend([
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA recursive_triggers = ON",
        "PRAGMA trusted_schema = OFF",
        "PRAGMA cache_size = -16000",
    ]);
    if purpose == Purpose::Read {
        pragmas.push("PRAGMA query_only = ON");
    }
    for pragma in pragmas {
        connection.batch_execute(pragma).map_err(|failure| failed(&failure))?;
    }
    let mode = diesel::sql_query("SELECT journal_mode AS version FROM pragma_journal_mode")
        .get_result::<Version>(&mut connection)
        .map_err(|failure| failed(&failure))?
        .version;
    if purpose == Purpose::Write && mode != "wal" {
        return Err(failed(&format!("its file system allows no write-ahead log (journal mode {mode})")));
    }
    let version = diesel::sql_query("SELECT sqlite_version() AS version")
        .get_result::<Version>(&mut connection)
        .map_err(|failure| failed(&failure))?
        .version;
    if !new_enough(&version) {
        return Err(Error::Unavailable(format!(
            "SQLite {version} can corrupt its write-ahead log; 3.51.3 is needed"
        )));
    }
    Ok(connection)
}

fn new_enough(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found: [u32; 3] = std::array::from_fn(|_| parts.next().unwrap_or(0));
    found >= SQLITE_AT_LEAST
}

/// Opens pooled read connections.
#[derive(Debug, Clone)]
pub struct Manager {
    pub target: Target,
}

/// Why a pooled connection could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct PoolFailure(String);

impl ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = PoolFailure;

    fn connect(&self) -> std::result::Result<AnyConnection, PoolFailure> {
        open(&self.target, Purpose::Read).map_err(|failure| PoolFailure(failure.to_string()))
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> std::result::Result<(), PoolFailure> {
        connection.ping().map_err(|failure| PoolFailure(failure.to_string()))
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        std::thread::panicking() || R2D2Connection::is_broken(connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_not_known_is_refused_with_what_to_write_instead() {
        let refusal = Target::parse("mysql://root@localhost/x").unwrap_err();
        assert!(refusal.contains("mysql") && refusal.contains("postgres://"), "{refusal}");
        assert_eq!(Target::parse("sqlite://a.db"), Ok(Target::Sqlite("a.db".into())));
        assert_eq!(Target::parse("./a.db"), Ok(Target::Sqlite("./a.db".into())));
        assert_eq!(Target::parse("/a:b/c.db"), Ok(Target::Sqlite("/a:b/c.db".into())));
        assert!(Target::parse("POSTGRES://h/d").is_ok_and(|target| matches!(target, Target::Postgres(_))));
        for wrong in [":memory:", "sqlite:a.db", "host=a dbname=b", "file:a.db", ""] {
            assert!(Target::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(new_enough("3.51.3") && new_enough("3.53.0") && new_enough("4.0.0"));
        assert!(!new_enough("3.51.2") && !new_enough("3.9.9"));
    }
}
