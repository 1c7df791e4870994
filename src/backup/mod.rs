//! Backup of an SQLite registry while it is in use: one snapshot, in a file of its own that is durable and verified before
//! it gets its name. PostgreSQL has its own tools for this; the README gives the commands.

mod place;
mod store;

use std::path::{Path, PathBuf};

pub use place::Place;

use crate::{
    db::{self, AnyConnection, Position, Purpose, SchemaState, Target},
    error::{Error, Result},
    verification::{self, Report},
};

/// Whether a backup is verified before it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    Verify,
    Skip,
}

/// What became of the verification.
#[derive(Debug)]
pub enum Verified {
    Clean(Report),
    /// It was not asked for.
    Skipped,
    /// The schema is not this program's, which can't read all of it.
    OtherSchema,
}

/// A backup that has its name.
#[derive(Debug)]
pub struct Backup {
    pub file: PathBuf,
    pub entries: u64,
    /// The journal's head in the backup: what was recorded later is not in it.
    pub head: Position,
    pub bytes: u64,
    pub verified: Verified,
}

/// What came of it.
#[derive(Debug)]
pub enum Outcome {
    Kept(Backup),
    /// The copy does not agree with its journal, and was not kept.
    Differs(Report),
}

/// Where a backup of this registry would be written.
///
/// # Errors
/// PostgreSQL, for which there are better tools; no registry; a file that is there already; a folder that can't be
/// written.
pub fn prepare(source: &Target, file: &Path) -> Result<Place> {
    match source {
        Target::Postgres(_) => Err(Error::conflict(
            "not_sqlite",
            "backup is for SQLite; PostgreSQL is backed up by pg_dump, or by pg_basebackup with archived log for \
             point-in-time recovery: the README gives the commands",
        )),
        Target::Sqlite(path) => {
            source.must_exist()?;
            Place::beside(file, Path::new(path))
        }
    }
}

/// Makes the backup in its place. Nothing is left of one that fails.
///
/// # Errors
/// When the registry can't be read or the file can't be written.
pub fn make(source: &Target, place: Place, check: Check) -> Result<Outcome> {
    let mut connection = db::open(source, Purpose::Audit)?;
    db::in_snapshot(&mut connection, &db::Context::own(), |snapshot| snapshot.head())
        .map_err(|failure| Error::Unavailable(format!("there is no registry in {source}: {failure}")))?;
    let AnyConnection::Sqlite(sqlite) = &mut connection else {
        return Err(Error::internal("a backup of another database than SQLite"));
    };
    store::vacuum_into(sqlite, place.partial()?)?;
    drop(connection);
    place.sync()?;

    let copy = Target::Sqlite(place.partial()?.to_owned());
    let mut connection = db::open(&copy, Purpose::Audit)?;
    let verified = match check {
        Check::Skip => Verified::Skipped,
        Check::Verify if db::schema_state(&mut connection)? != SchemaState::Current => Verified::OtherSchema,
        Check::Verify => {
            let report = db::in_snapshot(&mut connection, &db::Context::own(), |snapshot| {
                verification::verify(snapshot.connection())
            })?;
            if !report.is_clean() {
                return Ok(Outcome::Differs(report));
            }
            Verified::Clean(report)
        }
    };
    let (entries, head) = db::in_snapshot(&mut connection, &db::Context::own(), |snapshot| {
        Ok((store::entries(snapshot.connection())?, snapshot.head()?))
    })?;
    drop(connection);
    let (file, bytes) = place.name()?;
    Ok(Outcome::Kept(Backup { file, entries, head, bytes, verified }))
}
