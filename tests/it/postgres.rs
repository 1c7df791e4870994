//! PostgreSQL: the schema goes up and down, has native types, and refuses changes of what is append-only.

use std::{collections::BTreeMap, sync::Mutex};

use risk_registry::{
    access::FourEyes,
    catalogue,
    db::{self, AnyConnection, Db, Purpose, Sizes, open},
    verification,
};

use super::support::{App, Backend, Database, declared, postgres, sql::Raw};

#[test]
fn the_postgresql_schema_goes_up_is_native_and_append_only_and_goes_down_and_up_again() {
    let Some(database) = postgres::database() else { return };
    let mut connection = open(&database.target, Purpose::Write).unwrap();
    assert_eq!(db::schema_state(&mut connection).unwrap(), db::SchemaState::Missing);
    let applied = db::migrate(&mut connection).unwrap();
    assert!(!applied.is_empty() && db::schema_state(&mut connection).unwrap() == db::SchemaState::Current);
    assert!(db::migrate(&mut connection).unwrap().is_empty(), "a second time there is nothing to do");
    columns_are_native(&mut connection);
    let schema = everything(&mut connection);

    let db = Db::open(&database.target, Sizes::default()).unwrap();
    catalogue::load_demo(&db, FourEyes::Off).unwrap();
    changes_are_refused(&mut connection);
    let report = verification::verify(&mut connection).unwrap();
    assert!(report.is_clean(), "{report}");
    drop(db);

    let reverted = db::revert_all(&mut connection).unwrap();
    assert_eq!(reverted.len(), applied.len());
    let left = everything(&mut connection);
    let left: Vec<&String> =
        left.iter().filter(|line| !line.contains("__diesel_schema_migrations")).collect();
    assert!(left.is_empty(), "left behind: {left:?}");
    assert_eq!(db::migrate(&mut connection).unwrap(), applied);
    assert_eq!(everything(&mut connection), schema);
    let report = verification::verify(&mut connection).unwrap();
    assert!(report.is_clean(), "an empty registry is sound: {report}");
}

/// Every column of every table has the native type of what schema.rs declares, and text compares by byte.
fn columns_are_native(connection: &mut AnyConnection) {
    let found = connection.lines(
        "SELECT concat_ws(' ', table_name, column_name, udt_name, is_nullable, \
                          CASE WHEN udt_name = 'text' THEN collation_name END) AS line \
         FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations' \
         ORDER BY table_name, ordinal_position",
    );
    let native = BTreeMap::from([
        ("SqlUuid", "uuid"),
        ("SqlInstant", "timestamptz"),
        ("SqlJson", "json"),
        ("Date", "date"),
        ("BigInt", "int8"),
        ("Integer", "int4"),
        ("Text", "text"),
    ]);
    let declared = declared::tables();
    let wanted =
        declared.iter().flat_map(|(table, columns)| columns.iter().map(move |column| (table, column)));
    let wanted: Vec<String> = wanted
        .map(|(table, column)| {
            let native = native[column.kind.as_str()];
            let nullable = if column.nullable { "YES" } else { "NO" };
            let collation = if native == "text" { " C" } else { "" };
            format!("{table} {} {native} {nullable}{collation}", column.name)
        })
        .collect();
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    assert_eq!(sorted(found), sorted(wanted));
}

/// Tables, indexes, constraints, functions and triggers of the schema, in words.
fn everything(connection: &mut AnyConnection) -> Vec<String> {
    connection.lines(
        "SELECT line FROM (
             SELECT format('relation %s %s', relkind, relname) AS line
             FROM pg_class WHERE relnamespace = 'public'::regnamespace
             UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
             UNION ALL SELECT format('constraint %s %s', conrelid::regclass, pg_get_constraintdef(oid))
             FROM pg_constraint WHERE connamespace = 'public'::regnamespace
             UNION ALL SELECT 'function ' || pg_get_functiondef(oid)
             FROM pg_proc WHERE pronamespace = 'public'::regnamespace
             UNION ALL SELECT format('trigger %s %s', tgenabled, pg_get_triggerdef(oid))
             FROM pg_trigger WHERE NOT tgisinternal
             UNION ALL SELECT format('column %s.%s %s %s', table_name, column_name, udt_name, is_nullable)
             FROM information_schema.columns WHERE table_schema = 'public'
         ) AS everything ORDER BY line COLLATE \"C\"",
    )
}

fn changes_are_refused(connection: &mut AnyConnection) {
    let contents = |connection: &mut AnyConnection| {
        connection.lines(
            "SELECT journal::text AS line FROM journal \
             UNION ALL SELECT designation_events::text FROM designation_events ORDER BY 1",
        )
    };
    let before = contents(connection);
    assert!(before.len() >= 40, "the example is there: {}", before.len());
    let mut refused = 0;
    for role in ["origin", "replica"] {
        connection.run(&format!("SET session_replication_role = {role}")).unwrap();
        for statement in [
            "UPDATE journal SET actor = 'nobody'",
            "UPDATE journal SET actor = actor WHERE seq = 1",
            "DELETE FROM journal",
            "DELETE FROM journal WHERE seq = 1",
            "TRUNCATE journal CASCADE",
            "INSERT INTO journal SELECT * FROM journal WHERE seq = 1 \
             ON CONFLICT (seq) DO UPDATE SET actor = 'nobody'",
            "MERGE INTO journal USING (SELECT 1 AS one) AS o ON seq = one WHEN MATCHED THEN DELETE",
            "UPDATE designation_events SET event_type = 'noted'",
            "DELETE FROM designation_events",
            "TRUNCATE designation_events",
            "INSERT INTO designation_events SELECT * FROM designation_events \
             ON CONFLICT (id) DO UPDATE SET event_type = 'noted'",
        ] {
            let failure = connection.run(statement).expect_err(statement);
            assert!(failure.contains("is append-only"), "{role}, {statement}: {failure}");
            refused += 1;
        }
    }
    connection.run("SET session_replication_role = origin").unwrap();
    assert_eq!(contents(connection), before);
    println!("refused {refused} statements");
}

#[test]
fn a_database_of_a_test_goes_with_the_test_also_when_it_panics() {
    if !postgres::is_there() {
        return;
    }
    let name = Mutex::new(None);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let app = App::on(Database::fresh_on(Backend::Postgres), Sizes::default());
        app.client.vendor("Acme");
        let mut connection = open(app.target(), Purpose::Read).unwrap();
        *name.lock().unwrap() = connection.lines("SELECT current_database()::text AS line").pop();
        panic!("on purpose, in a test");
    }));
    assert!(panicked.is_err());
    let name = name.into_inner().unwrap().unwrap();
    let other = postgres::database().unwrap();
    let mut connection = open(&other.target, Purpose::Read).unwrap();
    let left = format!("SELECT datname::text AS line FROM pg_database WHERE datname = '{name}'");
    assert_eq!(connection.lines(&left), Vec::<String>::new());
}
