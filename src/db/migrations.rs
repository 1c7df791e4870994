//! Schema migrations: two trees with equal names, one for each database, inside the binary.

use std::{
    collections::BTreeSet,
    fmt,
    sync::LazyLock,
    thread,
    time::{Duration, Instant},
};

use diesel::{
    Connection, QueryDsl, RunQueryDsl, SqliteConnection,
    connection::{AnsiTransactionManager, TransactionManager},
    migration::{Migration, MigrationSource},
    pg::Pg,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{connection::AnyConnection, failure::unexpected, guards};
use crate::error::{Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The versions of the migrations inside the binary; both trees have the same.
static KNOWN: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let known = MigrationSource::<Pg>::migrations(&POSTGRES).unwrap_or_default();
    known.iter().map(|migration| migration.name().version().as_owned().to_string()).collect()
});

diesel::table! {
    #[sql_name = "__diesel_schema_migrations"]
    applied (version) {
        version -> Text,
    }
}

/// The advisory lock under which a PostgreSQL schema is changed: any number, as long as it stays the same.
const MIGRATION_LOCK: i64 = 0x5249_534b_5245_4749;

/// How long a migration waits for another one to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a schema is to this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// What it was written for.
    Current,
    /// Not there at all.
    Missing,
    /// It lacks these migrations.
    Older(Vec<String>),
    /// It has these migrations, which the program does not know.
    Newer(Vec<String>),
}

impl SchemaState {
    /// Refuses a schema that this program can't serve, and says what to run.
    ///
    /// # Errors
    /// Any state but `Current`.
    pub fn must_be_current(&self) -> Result<()> {
        let remedy = match self {
            Self::Current => return Ok(()),
            Self::Missing | Self::Older(_) => {
                "run `risk-registry migrate` as the database's owner, or `risk-registry serve --migrate` where the \
                 server may change it"
            }
            Self::Newer(_) => "run the version of risk-registry that made it, or a later one",
        };
        Err(Error::Unavailable(format!("the database's schema is {self}; {remedy}")))
    }
}

impl fmt::Display for SchemaState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Current => f.write_str("up to date"),
            Self::Missing => f.write_str("not there"),
            Self::Older(missing) => {
                write!(f, "older than this program: it lacks {}", missing.join(", "))
            }
            Self::Newer(unknown) => {
                write!(f, "newer than this program, which does not know {}", unknown.join(", "))
            }
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    found: bool,
}

fn ask(connection: &mut AnyConnection, question: &str) -> Result<bool> {
    let found: Found =
        diesel::sql_query(question).get_result(connection).map_err(unexpected("ask about the schema"))?;
    Ok(found.found)
}

/// What the schema is to this program. It changes nothing and needs no rights but to read.
///
/// # Errors
/// When the database can't be asked.
pub fn schema_state(connection: &mut AnyConnection) -> Result<SchemaState> {
    let is_there = match connection {
        AnyConnection::Postgres(_) => "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS found",
        AnyConnection::Sqlite(_) => {
            "SELECT count(*) > 0 AS found FROM sqlite_master WHERE name = '__diesel_schema_migrations'"
        }
    };
    if !ask(connection, is_there)? {
        return Ok(SchemaState::Missing);
    }
    let applied: BTreeSet<String> = applied::table
        .select(applied::version)
        .load(connection)
        .map_err(unexpected("read the schema's migrations"))?
        .into_iter()
        .collect();
    let only_in = |one: &BTreeSet<String>, other: &BTreeSet<String>| one.difference(other).cloned().collect();
    let unknown: Vec<String> = only_in(&applied, &KNOWN);
    let missing: Vec<String> = only_in(&KNOWN, &applied);
    Ok(match (unknown.is_empty(), missing.is_empty()) {
        (false, _) => SchemaState::Newer(unknown),
        (true, true) => SchemaState::Current,
        (true, false) if applied.is_empty() => SchemaState::Missing,
        (true, false) => SchemaState::Older(missing),
    })
}

/// Applies what is pending; returns the names of the migrations that ran. Only one process at a time does.
///
/// # Errors
/// A schema that is newer than this program; a migration that fails, and then the database is as the last good one left
/// it.
pub fn run(connection: &mut AnyConnection) -> Result<Vec<String>> {
    exclusively(connection, |connection| {
        let state = schema_state(connection)?;
        if matches!(state, SchemaState::Newer(_)) {
            return Err(Error::Unavailable(format!("the schema is {state}; use the newer program")));
        }
        let applied = match connection {
            AnyConnection::Postgres(postgres) => names(postgres.run_pending_migrations(POSTGRES)),
            AnyConnection::Sqlite(sqlite) => names(sqlite.run_pending_migrations(SQLITE)),
        };
        applied.map_err(|failure| Error::Unavailable(format!("a migration failed: {failure}")))
    })
}

/// Runs a change of the schema while nobody else can.
pub(super) fn exclusively<T>(
    connection: &mut AnyConnection,
    change: impl FnOnce(&mut AnyConnection) -> Result<T>,
) -> Result<T> {
    let failed = unexpected("begin to change the schema");
    match connection {
        AnyConnection::Sqlite(_) => {
            // Diesel's own transactions become savepoints of this one, which takes the file's write lock at once.
            let AnyConnection::Sqlite(sqlite) = connection else { return change(connection) };
            AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE").map_err(failed)?;
            let outcome = change(connection);
            let AnyConnection::Sqlite(sqlite) = connection else { return outcome };
            let ended = match outcome {
                Ok(_) => AnsiTransactionManager::commit_transaction(sqlite),
                Err(_) => AnsiTransactionManager::rollback_transaction(sqlite),
            };
            let value = outcome?;
            ended.map_err(unexpected("end a change of the schema")).map(|()| value)
        }
        AnyConnection::Postgres(_) => {
            let begun = Instant::now();
            while !ask(connection, &format!("SELECT pg_try_advisory_lock({MIGRATION_LOCK}) AS found"))? {
                if begun.elapsed() > PATIENCE {
                    return Err(Error::Unavailable(
                        "another migration has been running for a minute; try again when it is done".into(),
                    ));
                }
                thread::sleep(Duration::from_millis(100));
            }
            let outcome = change(connection);
            // The end of the session gives it back as well.
            drop(ask(connection, &format!("SELECT pg_advisory_unlock({MIGRATION_LOCK}) AS found")));
            outcome
        }
    }
}

/// Undoes every migration, newest first.
///
/// # Errors
/// When a migration can't be undone.
pub fn revert_all(connection: &mut AnyConnection) -> Result<Vec<String>> {
    exclusively(connection, |connection| {
        let reverted = match connection {
            AnyConnection::Postgres(postgres) => names(postgres.revert_all_migrations(POSTGRES)),
            AnyConnection::Sqlite(sqlite) => names(sqlite.revert_all_migrations(SQLITE)),
        };
        reverted.map_err(|failure| Error::Unavailable(format!("a migration could not be undone: {failure}")))
    })
}

#[derive(diesel::QueryableByName, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    sql: String,
}

/// What of the schema (tables, indexes, triggers; on PostgreSQL also rules and what hides rows) is not what the migrations
/// make; an index or a trigger that was taken off lets wrong rows in.
///
/// # Errors
/// When the schema can't be read.
pub fn schema_differences(connection: &mut AnyConnection) -> Result<Vec<String>> {
    let found = match connection {
        AnyConnection::Postgres(postgres) => return guards::differences(postgres),
        AnyConnection::Sqlite(sqlite) => sqlite,
    };
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
