//! Moves a whole registry from one database into another, of either kind: journal, records, ids, instants, digests and
//! kept answers as they are, byte for byte. `tables` knows what there is to copy; what is here knows in what order.

mod rows;
mod store;
mod tables;

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

/// The names of the tables that are copied.
#[must_use]
pub fn table_names() -> Vec<&'static str> {
    tables::TABLES.iter().map(|table| table.name).collect()
}

/// Copies a registry into an empty one, in one snapshot of the source and one transaction of the target: it is there
/// whole or not at all. Then reads the target back, and verifies it.
///
/// # Errors
/// When either can't be used: they are the same, the target is not empty, a schema is not that of this program, or a
/// database fails.
pub fn copy(from: &Target, to: &Target, progress: &mut dyn FnMut(Progress)) -> Result<Copied> {
    from.must_exist()?;
    if store::same_file(from, to) {
        return Err(same());
    }
    let mut source = db::open(from, Purpose::Audit)?;
    match db::schema_state(&mut source)? {
        SchemaState::Current => {}
        state => {
            return Err(Error::Unavailable(format!(
                "the source's schema is {state}; copy with the version of risk-registry that made it, or run \
                 `risk-registry migrate` on it first"
            )));
        }
    }
    let mut target = prepared(to)?;
    if store::same_server(&mut source, &mut target)? {
        return Err(same());
    }
    let (head, tables) = db::in_snapshot(&mut source, |snapshot| {
        let head = snapshot.head()?;
        let tables = fill(snapshot.connection(), &mut target, progress)?;
        Ok((head, tables))
    })?;
    drop(source);
    store::analyse(&mut target);
    drop(target);
    let report = read_back(to, head, &tables)?;
    Ok(Copied { head, tables, report })
}

/// The target with a schema. An SQLite file migrates itself, as it does for `serve`; a PostgreSQL schema is its owner's
/// business.
fn prepared(to: &Target) -> Result<AnyConnection> {
    let mut target = db::open(to, Purpose::Owner)?;
    match to {
        Target::Sqlite(_) => drop(db::migrate(&mut target)?),
        Target::Postgres(_) => match db::schema_state(&mut target)? {
            SchemaState::Current => {}
            state => {
                return Err(Error::Unavailable(format!(
                    "the target's schema is {state}; run `risk-registry migrate` on it first"
                )));
            }
        },
    }
    Ok(target)
}

fn same() -> Error {
    Error::conflict("same", "source and target are the same registry")
}

/// Fills the target in one transaction.
fn fill(
    source: &mut AnyConnection,
    target: &mut AnyConnection,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<(&'static str, u64)>> {
    store::in_transaction(target, |target| {
        store::lock(target)?;
        for table in tables::TABLES {
            let there = (table.count)(target)?;
            if there > table.when_empty {
                return Err(Error::conflict(
                    "not_empty",
                    format!(
                        "the target is not empty: it has {there} rows in {}; copy into a registry that was never \
                         served, for serving loads the catalogue",
                        table.name
                    ),
                ));
            }
        }
        let mut copied = Vec::new();
        for table in tables::TABLES {
            let of = (table.count)(source)?;
            let name = table.name;
            progress(Progress { table: name, rows: 0, of });
            let rows =
                (table.copy)(source, target, &mut |rows| progress(Progress { table: name, rows, of }))?;
            if rows != of {
                return Err(Error::internal(format!("{name} has {of} rows, and {rows} were read")));
            }
            copied.push((name, rows));
        }
        Ok(copied)
    })
}

/// Reads the target as anybody would: its head and counts must be the source's.
fn read_back(to: &Target, head: Position, copied: &[(&'static str, u64)]) -> Result<Report> {
    let mut target = db::open(to, Purpose::Audit)?;
    db::in_snapshot(&mut target, |snapshot| {
        let found = snapshot.head()?;
        if found != head {
            return Err(Error::internal(format!(
                "the target's head is {found:?}, the source's was {head:?}"
            )));
        }
        for (table, (name, rows)) in tables::TABLES.iter().zip(copied) {
            let there = (table.count)(snapshot.connection())?;
            if there != *rows {
                return Err(Error::internal(format!("the target has {there} rows in {name}, not {rows}")));
            }
        }
        verification::verify(snapshot.connection())
    })
}
