//! The SQLite schema: it goes down and up again, and is what schema.rs declares.

use std::collections::BTreeMap;

use risk_registry::db::{self, AnyConnection, Purpose, Target, open};
use tempfile::TempDir;

use super::support::{
    declared::{self, Column},
    sql::Raw,
};

#[test]
fn the_sqlite_schema_goes_down_leaving_nothing_and_up_to_the_same_again() {
    let folder = TempDir::new().unwrap();
    let mut connection = fresh(&folder);
    let applied = db::migrate(&mut connection).unwrap();
    let up = schema(&mut connection);
    assert!(up.len() > 40 && db::schema_state(&mut connection).unwrap() == db::SchemaState::Current);
    assert_eq!(db::revert_all(&mut connection).unwrap().len(), applied.len());
    assert_eq!(schema(&mut connection), Vec::<String>::new());
    assert_eq!(db::schema_state(&mut connection).unwrap(), db::SchemaState::Missing);
    assert_eq!(db::migrate(&mut connection).unwrap(), applied);
    assert_eq!(schema(&mut connection), up);
    assert_eq!(connection.number("SELECT seq AS number FROM journal_head WHERE id = 1"), 0);
}

#[test]
fn the_declared_tables_are_those_of_the_migrations() {
    let folder = TempDir::new().unwrap();
    let mut connection = fresh(&folder);
    db::migrate(&mut connection).unwrap();
    let tables = connection.lines(
        "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
         AND name <> '__diesel_schema_migrations'",
    );
    let found: BTreeMap<String, Vec<Column>> = tables
        .into_iter()
        .map(|table| {
            let columns = connection.lines(&format!(
                "SELECT name || ' ' || type || ' ' || \"notnull\" AS line FROM pragma_table_info('{table}') \
                 ORDER BY cid"
            ));
            (table, columns.iter().map(|column| column_of(column)).collect())
        })
        .collect();
    let stored = |kind: &str| match kind {
        "SqlUuid" | "SqlInstant" | "SqlJson" | "Date" | "Text" => "TEXT",
        "BigInt" | "Integer" => "INTEGER",
        other => panic!("unknown type {other}"),
    };
    let mut wanted = declared::tables();
    for column in wanted.values_mut().flatten() {
        column.kind = stored(&column.kind).to_owned();
    }
    assert!(found.keys().eq(wanted.keys()), "{:?}, {:?}", found.keys(), wanted.keys());
    for (table, columns) in &wanted {
        assert_eq!(&found[table], columns, "{table}");
    }
}

fn column_of(line: &str) -> Column {
    let parts: Vec<&str> = line.split(' ').collect();
    let kind = if parts[1] == "BIGINT" { "INTEGER" } else { parts[1] };
    Column { name: parts[0].to_owned(), kind: kind.to_owned(), nullable: parts[2] == "0" }
}

fn fresh(folder: &TempDir) -> AnyConnection {
    let path = folder.path().join("registry.db");
    open(&Target::Sqlite(path.to_str().unwrap().to_owned()), Purpose::Write).unwrap()
}

/// Every statement of the schema but those of Diesel's own table.
fn schema(connection: &mut AnyConnection) -> Vec<String> {
    connection.lines(
        "SELECT type || ' ' || name || ': ' || coalesce(sql, '') AS line FROM sqlite_master \
         WHERE tbl_name <> '__diesel_schema_migrations' ORDER BY 1",
    )
}
