//! `risk-registry verify`: it passes on what the registry wrote, and names what anybody else changed.

mod tamperings;

use std::process::Output;

use diesel::connection::SimpleConnection;
use risk_registry::{
    access::Role,
    db::{AnyConnection, Target},
};
use tempfile::TempDir;

use super::support::{App, Backend, Database, office, postgres, process, scribe::Scribe, sql};
use sql::Raw;
use tamperings::{TAMPERINGS, in_words_of};

#[test]
fn verify_passes_on_the_example_and_says_what_it_checked() {
    let app = App::demo();
    let output = process::verify(app.database().url());
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    for part in ["journal entries", "vendors", "events", "versions of designations", "periods", "words"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("everything agrees with the journal"), "{text}");
}

#[test]
fn verify_passes_after_hundreds_of_writes_at_random() {
    for seed in 1..=3 {
        let app = App::empty();
        let mut scribe = Scribe::new(&app.client, seed);
        scribe.write(300);
        println!("seed {seed}: {} accepted, {} refused", scribe.accepted, scribe.refused);
        assert!(scribe.accepted > 150 && scribe.refused > 20);
        let output = process::verify(app.database().url());
        assert!(output.status.success(), "seed {seed}: {}", said(&output));
    }
}

#[test]
fn verify_names_whatever_was_altered_behind_the_registry_s_back() {
    // Nobody is connected while copies are made.
    let app = App::demo();
    let expires = "2999-01-31T00:00:00Z".parse().unwrap();
    let (api_key, _) = office::key(&app.db, "vera.viewer", Role::Viewer, Some(expires));
    let database = app.stop();
    let mut original = sql::plain(&database.target);
    let mut one = |query: &str| original.lines(query).remove(0);
    let words = [
        (
            "{vendor}",
            one(
                "SELECT CAST(vendor_id AS TEXT) AS line FROM designations WHERE vendor_id IS NOT NULL LIMIT 1",
            ),
        ),
        ("{authority}", one("SELECT CAST(id AS TEXT) AS line FROM authorities WHERE kind = 'court' LIMIT 1")),
        ("{regime}", one("SELECT CAST(regime_id AS TEXT) AS line FROM designations LIMIT 1")),
        (
            "{designation}",
            one("SELECT CAST(id AS TEXT) AS line FROM designations ORDER BY created_seq DESC LIMIT 1"),
        ),
        ("{event}", one("SELECT CAST(id AS TEXT) AS line FROM designation_events LIMIT 1")),
        ("{api_key}", api_key),
        ("{head}", one("SELECT CAST(seq AS TEXT) AS line FROM journal_head")),
    ];
    drop(original);
    let filled =
        |text: &str| words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(word, value));
    let mut missed = Vec::new();
    for (tampering, wanted) in TAMPERINGS {
        let tampering = filled(&in_words_of(database.backend, tampering));
        let output = verified_after(&database, &tampering);
        let text = said(&output);
        let unnamed: Vec<String> =
            wanted.iter().map(|part| filled(part)).filter(|part| !text.contains(part.as_str())).collect();
        if output.status.code() != Some(1) || !unnamed.is_empty() {
            missed.push(format!("{tampering}: {}; it does not say {unnamed:?}: {text}", output.status));
        }
    }
    assert!(missed.is_empty(), "{} of {}:\n{}", missed.len(), TAMPERINGS.len(), missed.join("\n"));
    println!("{} tamperings, each found and named", TAMPERINGS.len());
    let untouched = said(&verified_after(&database, "UPDATE vendors SET status = status"));
    let mut differences = untouched.lines().filter(|line| line.starts_with("DIFFERS"));
    assert!(
        differences.all(|line| line.starts_with("DIFFERS schema: ")),
        "only the triggers are off: {untouched}"
    );
}

/// What an owner can do to the guards themselves, and which of them the report must name.
const OFF: (&[(&str, &str)], &[(&str, &str)]) = (
    &[
        ("DROP TRIGGER {guard}", "{guard} is missing"),
        (
            "DROP TRIGGER {guard}; CREATE TRIGGER {guard} BEFORE UPDATE ON journal WHEN false BEGIN SELECT 1; END",
            "{guard} is missing or altered",
        ),
        ("DROP INDEX designation_versions_open", "designation_versions_open is missing"),
        ("CREATE TRIGGER odd AFTER INSERT ON vendors BEGIN SELECT 1; END", "odd does not belong there"),
    ],
    &[
        ("ALTER TABLE journal DISABLE TRIGGER {guard}", "{guard} is missing, altered or off"),
        ("ALTER TABLE journal ENABLE TRIGGER {guard}", "{guard} is missing, altered or off"),
        ("ALTER TABLE journal ENABLE REPLICA TRIGGER {guard}", "{guard} is missing, altered or off"),
        ("DROP TRIGGER {guard} ON journal", "{guard} is missing, altered or off"),
        (
            "CREATE OR REPLACE TRIGGER {guard} BEFORE UPDATE OR DELETE ON journal FOR EACH ROW WHEN (false)
             EXECUTE FUNCTION refuse_change(); ALTER TABLE journal ENABLE ALWAYS TRIGGER {guard}",
            "{guard} is missing, altered or off",
        ),
        (
            "CREATE OR REPLACE TRIGGER {guard} BEFORE UPDATE OF actor OR DELETE ON journal FOR EACH ROW
             EXECUTE FUNCTION refuse_change(); ALTER TABLE journal ENABLE ALWAYS TRIGGER {guard}",
            "{guard} is missing, altered or off",
        ),
        (
            "CREATE OR REPLACE TRIGGER {guard} BEFORE DELETE ON journal FOR EACH ROW
             EXECUTE FUNCTION refuse_change(); ALTER TABLE journal ENABLE ALWAYS TRIGGER {guard}",
            "{guard} is missing, altered or off",
        ),
        (
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "designation_events_refuse_truncate is missing, altered or off",
        ),
        (
            "CREATE TRIGGER odd AFTER INSERT ON vendors FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            "odd does not belong there",
        ),
        ("DROP INDEX vendor_identifiers_active", "vendor_identifiers_active is missing or altered"),
        (
            "DROP INDEX journal_recorded_at; CREATE INDEX journal_recorded_at ON journal (recorded_at)",
            "journal_recorded_at is missing or altered",
        ),
        (
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'journal_subject'::regclass",
            "journal_subject is missing or altered",
        ),
        (
            "ALTER TABLE designation_versions DROP CONSTRAINT designation_versions_known_from_seq_fkey",
            "designation_versions_known_from_seq_fkey is missing or altered",
        ),
        ("ALTER TABLE journal DROP CONSTRAINT journal_seq_check", "journal_seq_check is missing or altered"),
        ("ALTER TABLE journal ALTER actor DROP NOT NULL", "journal.actor is missing or altered"),
        ("ALTER TABLE vendors ADD odd text", "vendors.odd does not belong there"),
        (
            "CREATE RULE odd AS ON INSERT TO vendor_words DO INSTEAD NOTHING",
            "the rule odd of vendor_words does not belong there",
        ),
        (
            "ALTER TABLE designations ENABLE ROW LEVEL SECURITY",
            "row-level security of designations does not belong there",
        ),
    ],
);

#[test]
fn verify_names_the_guards_that_are_off() {
    let database = App::empty().stop();
    let guard = database.backend.says("journal_refuses_update", "journal_refuses_change");
    let cases = database.backend.says(OFF.0, OFF.1);
    for (statement, wanted) in cases {
        let (statement, wanted) = (statement.replace("{guard}", guard), wanted.replace("{guard}", guard));
        let copy = database.copy();
        sql::plain(&copy.target)
            .batch_execute(&statement)
            .unwrap_or_else(|failure| panic!("{statement}: {failure}"));
        let output = process::verify(copy.url());
        let text = said(&output);
        assert_eq!(output.status.code(), Some(1), "{statement}: {text}");
        assert!(text.contains(&format!("DIFFERS schema: {wanted}")), "{statement}: {text}");
    }
    println!("{:?}: {} guards off, each named", database.backend, cases.len());
    assert!(process::verify(database.url()).status.success());
}

#[test]
fn verify_passes_in_a_schema_whose_name_needs_quotes() {
    let database = Database::fresh();
    let Target::Postgres(url) = &database.target else {
        return println!("SQLite has no schemas of that kind");
    };
    let mut connection = sql::plain(&database.target);
    let name = connection.lines("SELECT quote_ident(current_database()) AS line").remove(0);
    connection.batch_execute("CREATE SCHEMA \"Odd Name\"").unwrap();
    connection.batch_execute(&format!("ALTER DATABASE {name} SET search_path = \"Odd Name\"")).unwrap();
    let migrated =
        process::program(&["migrate", "--server-role", "none", "--database-url", url]).output().unwrap();
    assert!(migrated.status.success(), "{}", said(&migrated));
    let verified = process::verify(url);
    assert!(verified.status.success(), "{}", said(&verified));
    let tables = "SELECT count(*) AS number FROM pg_tables WHERE schemaname = 'Odd Name'";
    assert!(connection.number(tables) > 15, "nothing is in the schema");
    connection.batch_execute("DROP TRIGGER journal_refuses_change ON \"Odd Name\".journal").unwrap();
    let verified = process::verify(url);
    assert!(said(&verified).contains("journal_refuses_change is missing"), "{}", said(&verified));
    println!("a schema of its own, verified whole and without a guard");
}

/// Copies the database, does this to the copy past all guards, and verifies it.
fn verified_after(database: &Database, tampering: &str) -> Output {
    let copy = database.copy();
    let mut connection = sql::plain(&copy.target);
    take_guards_off(copy.backend, &mut connection);
    let rows = connection.run(tampering).unwrap_or_else(|failure| panic!("{tampering}: {failure}"));
    assert!(rows > 0, "{tampering}: touched nothing");
    drop(connection);
    process::verify(copy.url())
}

/// What a file's holder can do, and what the owner of a PostgreSQL schema can.
fn take_guards_off(backend: Backend, connection: &mut AnyConnection) {
    match backend {
        Backend::Sqlite => {
            for trigger in connection.lines("SELECT name AS line FROM sqlite_master WHERE type = 'trigger'") {
                connection.run(&format!("DROP TRIGGER {trigger}")).unwrap();
            }
            connection.batch_execute("PRAGMA ignore_check_constraints = ON").unwrap();
        }
        Backend::Postgres => {
            for table in
                connection.lines("SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public'")
            {
                connection.run(&format!("ALTER TABLE {table} DISABLE TRIGGER USER")).unwrap();
            }
        }
    }
}

#[test]
fn verify_says_clearly_that_a_file_is_missing_or_no_registry() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("missing.db");
    refused(missing.to_str().unwrap(), &["there is no SQLite file", "missing.db"]);
    assert!(!missing.exists(), "looking must not make a file");
    let text = folder.path().join("text.db");
    std::fs::write(&text, "This is a text of some length, but no database at all. ".repeat(20)).unwrap();
    refused(text.to_str().unwrap(), &["text.db", "not a database"]);
    let empty = folder.path().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    refused(empty.to_str().unwrap(), &["no such table"]);
    assert_eq!(std::fs::read(&empty).unwrap().len(), 0, "looking must not change a file");
}

#[test]
fn verify_says_clearly_that_a_postgresql_database_is_missing_or_no_registry() {
    let Some(database) = postgres::database() else { return };
    let Target::Postgres(url) = &database.target else { panic!("{:?}", database.target) };
    refused(url, &["does not exist"]);
    let missing = url.replace("/registry_", "/no_registry_");
    refused(&missing, &["can't connect to PostgreSQL", "does not exist"]);
}

#[track_caller]
fn refused(database: &str, wanted: &[&str]) {
    let output = process::verify(database);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(wanted.iter().all(|part| text.contains(part)) && !text.contains("panicked"), "{text}");
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
