//! Connections to an SQLite file.

use std::fmt;

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_types::Text,
};

use super::connection::Purpose;
use crate::error::{Error, Result};

/// The bundled SQLite must be this new: older ones can corrupt a database when the WAL is reset.
const AT_LEAST: [u32; 3] = [3, 51, 3];

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

pub(super) fn open(path: &str, purpose: Purpose) -> Result<SqliteConnection> {
    let failed =
        |failure: &dyn fmt::Display| Error::Unavailable(format!("can't open SQLite at {path}: {failure}"));
    let mut connection = SqliteConnection::establish(path).map_err(|failure| failed(&failure))?;
    // One PRAGMA a statement, and the timeout first: the change to WAL takes a lock.
    let mut pragmas = vec!["PRAGMA busy_timeout = 10000"];
    if !purpose.only_reads() {
        pragmas.push("PRAGMA journal_mode = WAL");
        // A long read lets the log grow; afterwards it is cut down again.
        pragmas.push("PRAGMA journal_size_limit = 67108864");
    }
    pragmas.extend([
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA recursive_triggers = ON",
        "PRAGMA trusted_schema = OFF",
        "PRAGMA cache_size = -16000",
    ]);
    if purpose.only_reads() {
        pragmas.push("PRAGMA query_only = ON");
    }
    for pragma in pragmas {
        connection.batch_execute(pragma).map_err(|failure| failed(&failure))?;
    }
    let mode = diesel::sql_query("SELECT journal_mode AS version FROM pragma_journal_mode")
        .get_result::<Version>(&mut connection)
        .map_err(|failure| failed(&failure))?
        .version;
    if !purpose.only_reads() && mode != "wal" {
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
    found >= AT_LEAST
}

#[cfg(test)]
mod tests {
    use super::new_enough;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(new_enough("3.51.3") && new_enough("3.53.0") && new_enough("4.0.0"));
        assert!(!new_enough("3.51.2") && !new_enough("3.9.9"));
    }
}
