//! The SQL of a backup.

use diesel::{
    QueryDsl, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query, sql_types::Text,
};

use crate::{
    db::{AnyConnection, schema::journal, unexpected},
    error::Result,
};

/// Writes the database, as one snapshot has it, into a file that is empty or not there. Writers go on meanwhile: this
/// reads, and in WAL mode a reader holds nobody up. All that it keeps them from is beginning the log anew, so the log
/// grows by what is written until this is done.
pub(super) fn vacuum_into(connection: &mut SqliteConnection, path: &str) -> Result<()> {
    // The file that is made belongs to this connection, which must be allowed to write it.
    connection.batch_execute("PRAGMA query_only = OFF").map_err(unexpected("prepare a backup"))?;
    sql_query("VACUUM INTO ?")
        .bind::<Text, _>(path)
        .execute(connection)
        .map_err(unexpected("write the backup"))?;
    Ok(())
}

/// How many entries the journal has.
pub(super) fn entries(connection: &mut AnyConnection) -> Result<u64> {
    let count: i64 =
        journal::table.count().get_result(connection).map_err(unexpected("count the journal"))?;
    Ok(u64::try_from(count).unwrap_or_default())
}
