//! Raw SQL on the side, past everything that the registry does to protect itself.

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    sql_types::{BigInt, Text},
};
use risk_registry::db::{AnyConnection, Target};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// A connection without any of the registry's settings; it keeps no foreign keys either.
pub fn plain(target: &Target) -> AnyConnection {
    match target {
        Target::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(path).unwrap();
            connection.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
            connection.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
            AnyConnection::Sqlite(connection)
        }
        Target::Postgres(url) => {
            let mut connection = PgConnection::establish(url).unwrap();
            connection.batch_execute("SET session_replication_role = replica").unwrap();
            AnyConnection::Postgres(connection)
        }
    }
}

/// A connection that can be asked in raw SQL, of either database.
pub trait Raw {
    /// The texts of the column `line`.
    fn lines(&mut self, query: &str) -> Vec<String>;
    /// The one value of the column `number`.
    fn number(&mut self, query: &str) -> i64;
    /// Runs a statement; gives how many rows it touched.
    fn run(&mut self, statement: &str) -> Result<usize, String>;
}

impl Raw for AnyConnection {
    fn lines(&mut self, query: &str) -> Vec<String> {
        let found = diesel::sql_query(query)
            .load::<Line>(self)
            .unwrap_or_else(|failure| panic!("{query}: {failure}"));
        found.into_iter().map(|row| row.line).collect()
    }

    fn number(&mut self, query: &str) -> i64 {
        let found = diesel::sql_query(query).get_result::<Number>(self);
        found.unwrap_or_else(|failure| panic!("{query}: {failure}")).number
    }

    fn run(&mut self, statement: &str) -> Result<usize, String> {
        diesel::sql_query(statement).execute(self).map_err(|failure| failure.to_string())
    }
}
