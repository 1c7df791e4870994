//! Moves a whole registry from one database into another, of either kind: journal, records, ids, instants, digests and
//! kept answers as they are, byte for byte. `tables` knows what there is to copy; what is here knows in what order.

mod rows;
mod side;
mod store;
mod tables;

pub use side::Side;
use store::End;

use crate::{
    db::{self, AnyConnection, Position, Purpose, SchemaState, Target},
    error::{Error, Result},
    verification::{self, Report},
};

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub table: &'static str,
    pub rows: u64,
    /// How many rows the table has.
    pub of: u64,
}

/// What was copied.
#[derive(Debug)]
pub struct Copied {
    /// The source's head when the copy began; what was recorded there later is not in it.
    pub head: Position,
    /// Each table and its rows, in the order of copying.
    pub tables: Vec<(&'static str, u64)>,
    /// What the verification of the target says.
    pub report: Report,
}

/// What came of it.
#[derive(Debug)]
pub enum Outcome {
    Kept(Copied),
    /// The copy does not agree with its journal, and was taken back.
    Differs(Report),
}

/// The names of the tables that are copied.
#[must_use]
pub fn table_names() -> Vec<&'static str> {
    tables::TABLES.iter().map(|table| table.name).collect()
}

/// Copies a registry into an empty one, in one snapshot of the source and one transaction of the target, in which the
/// target is read back and verified as well: it is there whole and agrees with its journal, or it is as empty as before.
///
/// # Errors
/// When either can't be used: they are the same, the target is not empty, a schema is not that of this program, or a
/// database fails.
pub fn copy(from: &Target, to: &Target, progress: &mut dyn FnMut(Progress)) -> Result<Outcome> {
    let of_source = |failure| Side::Source.names(failure);
    let of_target = |failure| Side::Target.names(failure);
    from.must_exist().map_err(of_source)?;
    if store::same_file(from, to) {
        return Err(same());
    }
    let mut source = opened(from).map_err(of_source)?;
    let mut target = prepared(to).map_err(of_target)?;
    if store::same_server(&mut source, &mut target)? {
        return Err(same());
    }
    let outcome = store::in_transaction(&mut target, |target| {
        store::lock(target).map_err(of_target)?;
        must_be_empty(target).map_err(of_target)?;
        let (head, tables) = db::in_snapshot(&mut source, &db::Context::own(), |snapshot| {
            let head = snapshot.head().map_err(of_source)?;
            Ok((head, fill(snapshot.connection(), target, progress)?))
        })?;
        // Verification takes its time, and nothing should wait for this snapshot to end meanwhile.
        drop(source);
        let report = read_back(target, head, &tables).map_err(of_target)?;
        Ok(if report.is_clean() {
            End::Keep(Outcome::Kept(Copied { head, tables, report }))
        } else {
            End::TakeBack(Outcome::Differs(report))
        })
    })?;
    if matches!(outcome, Outcome::Kept(_)) {
        store::analyse(&mut target);
    }
    Ok(outcome)
}

/// The source, whose schema this program knows.
fn opened(from: &Target) -> Result<AnyConnection> {
    let mut source = db::open(from, Purpose::Audit)?;
    match db::schema_state(&mut source)? {
        SchemaState::Current => Ok(source),
        state => Err(Error::Unavailable(format!(
            "the schema is {state}; copy with the version of risk-registry that made it, or run `risk-registry migrate` \
             on it first"
        ))),
    }
}

/// The target with a schema. An SQLite file migrates itself, as it does for `serve`; a PostgreSQL schema is its owner's
/// business.
fn prepared(to: &Target) -> Result<AnyConnection> {
    let mut target = db::open(to, Purpose::Owner)?;
    match to {
        Target::Sqlite(_) => drop(db::migrate(&mut target)?),
        Target::Postgres(_) => match db::schema_state(&mut target)? {
            SchemaState::Current => store::must_own(&mut target)?,
            state => {
                return Err(Error::Unavailable(format!(
                    "the schema is {state}; run `risk-registry migrate` on it first"
                )));
            }
        },
    }
    Ok(target)
}

fn same() -> Error {
    Error::conflict("same", "source and target are the same registry")
}

fn must_be_empty(target: &mut AnyConnection) -> Result<()> {
    for table in tables::TABLES {
        let there = (table.count)(target)?;
        if there > table.when_empty {
            return Err(Error::conflict(
                "not_empty",
                format!(
                    "it is not empty: it has {there} rows in {}; copy into a registry that was never served, for serving \
                     loads the catalogue",
                    table.name
                ),
            ));
        }
    }
    Ok(())
}

/// Copies every table; gives how many rows each has.
fn fill(
    source: &mut AnyConnection,
    target: &mut AnyConnection,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<(&'static str, u64)>> {
    let mut copied = Vec::new();
    for table in tables::TABLES {
        let of = (table.count)(source).map_err(|failure| Side::Source.names(failure))?;
        let name = table.name;
        progress(Progress { table: name, rows: 0, of });
        let rows = (table.copy)(source, target, &mut |rows| progress(Progress { table: name, rows, of }))?;
        if rows != of {
            return Err(Error::internal(format!("{name} has {of} rows, and {rows} were read")));
        }
        copied.push((name, rows));
    }
    Ok(copied)
}

/// Reads the target as its commit would leave it: its head and counts must be the source's. Then verifies it.
fn read_back(target: &mut AnyConnection, head: Position, copied: &[(&'static str, u64)]) -> Result<Report> {
    let found = db::read_head(target)?;
    if found != head {
        return Err(Error::internal(format!("the head is {found:?}, the source's was {head:?}")));
    }
    for (table, (name, rows)) in tables::TABLES.iter().zip(copied) {
        let there = (table.count)(target)?;
        if there != *rows {
            return Err(Error::internal(format!("it has {there} rows in {name}, not {rows}")));
        }
    }
    verification::verify(target)
}
