//! `risk-registry verify`: it passes on what the registry wrote, and names what anybody else changed.

use std::{path::Path, process::Output};

use diesel::connection::SimpleConnection;
use tempfile::TempDir;

use super::support::{App, process, scribe::Scribe, sql};
use sql::Raw;

#[test]
fn verify_passes_on_the_example_and_says_what_it_checked() {
    let app = App::demo();
    let output = process::verify(app.path().as_ref());
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
        let output = process::verify(app.path().as_ref());
        assert!(output.status.success(), "seed {seed}: {}", said(&output));
    }
}

/// What is done to a copy of the file, and what the report must say of it.
const TAMPERINGS: &[(&str, &[&str])] = &[
    ("UPDATE designation_periods SET state = 'rescinded' WHERE rowid = (SELECT min(rowid) FROM designation_periods)",
     &["period of designation", "missing or altered", "the journal does not say so"]),
    ("UPDATE designation_periods SET from_on = date(from_on, '-1 day') WHERE rowid = 2", &["period of designation"]),
    ("UPDATE designation_periods SET to_on = date(from_on, '+1 day') WHERE to_on = '9999-12-31'", &["period of"]),
    ("UPDATE designation_periods SET known_to_seq = known_from_seq + 1 WHERE known_to_seq > 1000000000", &["period of"]),
    ("UPDATE designation_periods SET environments = ',cui,' WHERE environments <> ',cui,'", &["period of"]),
    ("DELETE FROM designation_periods WHERE rowid = 1", &["period of", "missing or altered"]),
    ("INSERT INTO designation_periods SELECT designation_id, scope_id, stated_by, '1999-01-01', '1999-01-02', state,
      event_id, known_from_seq, known_to_seq, vendor_id, environments, actions FROM designation_periods LIMIT 1",
     &["period of", "the journal does not say so"]),
    ("UPDATE designation_versions SET reason_codes = '' WHERE rowid = 1", &["version of designation"]),
    ("UPDATE designation_versions SET known_to_seq = known_to_seq - 1 WHERE rowid = 1", &["version of designation"]),
    ("DELETE FROM designation_versions WHERE rowid = 1", &["version of designation"]),
    ("UPDATE vendors SET document = replace(document, '\"kind\":\"company\"', '\"kind\":\"government\"')
      WHERE id = '{vendor}'", &["vendor {vendor}: the record is not what the journal says"]),
    ("UPDATE vendors SET document = document || ' ' WHERE id = '{vendor}'", &["vendor {vendor}: the record"]),
    ("UPDATE vendors SET revision = revision + 1 WHERE id = '{vendor}'", &["vendor {vendor}: the record"]),
    ("UPDATE vendors SET status = 'odd' WHERE id = '{vendor}'", &["vendor {vendor}: the record"]),
    ("UPDATE vendors SET country = 'XX' WHERE id = '{vendor}'", &["vendor {vendor}: the record"]),
    ("UPDATE vendors SET name_key = 'zzz' WHERE id = '{vendor}'", &["vendor {vendor}: the record"]),
    ("UPDATE vendors SET updated_at = '2030-01-01T00:00:00.000000Z' WHERE id = '{vendor}'", &["vendor {vendor}: "]),
    ("DELETE FROM vendors WHERE id = '{vendor}'", &["vendor {vendor}: the record is missing"]),
    ("INSERT INTO vendors SELECT '0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77', created_seq, status, name_key, country,
      revision, updated_at, document FROM vendors LIMIT 1",
     &["vendor 0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77: the journal does not know it"]),
    ("UPDATE authorities SET kind = 'other' WHERE id = '{authority}'", &["authority {authority}: the record"]),
    ("UPDATE authorities SET country = 'XX' WHERE id = '{authority}'", &["authority {authority}: the record"]),
    ("UPDATE authorities SET name_key = 'zzz' WHERE id = '{authority}'", &["authority {authority}: the record"]),
    ("UPDATE regimes SET slug = 'odd' WHERE id = '{regime}'", &["regime {regime}: the record"]),
    ("UPDATE regimes SET name_key = 'zzz' WHERE id = '{regime}'", &["regime {regime}: the record"]),
    ("UPDATE regimes SET effect = 'odd' WHERE id = '{regime}'", &["regime {regime}: the record"]),
    ("UPDATE regimes SET jurisdiction = 'odd' WHERE id = '{regime}'", &["regime {regime}: the record"]),
    ("UPDATE regimes SET authority_id = (SELECT id FROM authorities WHERE id <> coalesce(authority_id, '') LIMIT 1)
      WHERE id = '{regime}'", &["regime {regime}: the record"]),
    ("UPDATE designations SET created_seq = 1 WHERE id = '{designation}'", &["designation {designation}: the record"]),
    ("UPDATE designations SET vendor_id = (SELECT v.id FROM vendors v WHERE v.id <> vendor_id LIMIT 1)
      WHERE id = '{designation}'", &["designation {designation}: the record"]),
    ("UPDATE designations SET regime_id = (SELECT r.id FROM regimes r WHERE r.id <> regime_id LIMIT 1)
      WHERE id = '{designation}'", &["designation {designation}: the record"]),
    ("UPDATE designations SET authority_id = (SELECT a.id FROM authorities a WHERE a.id <> authority_id LIMIT 1)
      WHERE id = '{designation}'", &["designation {designation}: the record"]),
    ("DELETE FROM vendor_words WHERE rowid = 1", &["words of vendors' names: missing"]),
    ("INSERT INTO vendor_words SELECT 'odd', vendor_id FROM vendor_words LIMIT 1",
     &["words of vendors' names: not what the journal says"]),
    ("UPDATE vendor_identifiers SET value = 'odd' WHERE rowid = 1", &["identifiers of vendors: missing"]),
    ("DELETE FROM vendor_labels WHERE rowid = 1", &["roles and tags of vendors: missing"]),
    ("UPDATE authority_names SET name_key = 'odd' WHERE rowid = 1", &["names of authorities: missing"]),
    ("DELETE FROM designation_authorities WHERE rowid = 1", &["authorities that designations mention: missing"]),
    ("UPDATE designation_events SET document = document || ' ' WHERE id = '{event}'", &["event {event} of designation"]),
    ("UPDATE designation_events SET event_type = 'noted' WHERE id = '{event}'", &["event {event} of designation"]),
    ("UPDATE designation_events SET occurred_on = '2020-01-01' WHERE id = '{event}'", &["event {event} of designation"]),
    ("DELETE FROM designation_events WHERE id = '{event}'", &["event {event} of designation", "missing"]),
    ("UPDATE journal SET payload = replace(payload, '\"revision\"', ' \"revision\"') WHERE seq = {head}",
     &["journal entry {head}: it was altered"]),
    ("UPDATE journal SET payload = replace(payload, '\"status\":\"active\"', '\"status\":\"retired\"') WHERE seq = 2",
     &["journal entry 2: it was altered"]),
    ("UPDATE journal SET event = NULL WHERE seq = (SELECT min(seq) FROM designation_events)",
     &["it was altered", "the journal says"]),
    ("UPDATE journal SET actor = 'nobody' WHERE seq = 3", &["journal entry 3: it was altered"]),
    ("UPDATE journal SET action = 'vendor.retired' WHERE seq = 3", &["journal entry 3: it was altered"]),
    ("UPDATE journal SET comment = 'odd' WHERE seq = 3", &["journal entry 3: it was altered"]),
    ("UPDATE journal SET request_id = 'odd' WHERE seq = 3", &["journal entry 3: it was altered"]),
    ("UPDATE journal SET subject_kind = 'thing' WHERE seq = 3", &["journal entry 3: there is no kind thing"]),
    ("UPDATE journal SET recorded_at = '2020-01-01T00:00:00.000000Z' WHERE seq = 5",
     &["journal entry 5: recorded_at 2020-01-01T00:00:00.000000Z is not after the entry before"]),
    ("DELETE FROM journal WHERE seq = 7", &["journal: after entry 6 comes 8"]),
    ("DELETE FROM journal WHERE seq = 1", &["journal: after entry 0 comes 2"]),
    ("DELETE FROM journal WHERE seq = {head}", &["journal head: it says {head}"]),
    ("DELETE FROM journal", &["journal head: it says {head}", "the journal does not know it"]),
    ("UPDATE journal_head SET seq = seq + 1", &["journal head: it says"]),
    ("UPDATE journal_head SET seq = seq - 1", &["journal head: it says"]),
    ("UPDATE journal_head SET recorded_at = '2030-01-01T00:00:00.000000Z'", &["journal head: it says {head} at 2030"]),
];

#[test]
fn verify_names_whatever_was_altered_behind_the_registry_s_back() {
    let app = App::demo();
    let mut original = sql::plain(&app.path());
    let mut one = |query: &str| original.lines(query).remove(0);
    let words = [
        ("{vendor}", one("SELECT vendor_id AS line FROM designations WHERE vendor_id IS NOT NULL LIMIT 1")),
        ("{authority}", one("SELECT id AS line FROM authorities WHERE kind = 'court' LIMIT 1")),
        ("{regime}", one("SELECT regime_id AS line FROM designations LIMIT 1")),
        ("{designation}", one("SELECT id AS line FROM designations ORDER BY created_seq DESC LIMIT 1")),
        ("{event}", one("SELECT id AS line FROM designation_events LIMIT 1")),
        ("{head}", one("SELECT CAST(seq AS TEXT) AS line FROM journal_head")),
    ];
    let filled =
        |text: &str| words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(word, value));
    let mut missed = Vec::new();
    for (tampering, wanted) in TAMPERINGS {
        let tampering = filled(tampering);
        let output = verified_after(&app.path(), &tampering);
        let text = said(&output);
        let unnamed: Vec<String> =
            wanted.iter().map(|part| filled(part)).filter(|part| !text.contains(part.as_str())).collect();
        if output.status.code() != Some(1) || !unnamed.is_empty() {
            missed.push(format!("{tampering}: {}; it does not say {unnamed:?}: {text}", output.status));
        }
    }
    assert!(missed.is_empty(), "{} of {}:\n{}", missed.len(), TAMPERINGS.len(), missed.join("\n"));
    println!("{} tamperings, each found and named", TAMPERINGS.len());
    let untouched = said(&verified_after(&app.path(), "UPDATE vendors SET status = status"));
    let mut differences = untouched.lines().filter(|line| line.starts_with("DIFFERS"));
    assert!(
        differences.all(|line| line.starts_with("DIFFERS schema: ")),
        "only the triggers are off: {untouched}"
    );
}

/// Copies the file, does this to it past all guards, and verifies the copy.
fn verified_after(path: &str, tampering: &str) -> Output {
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join("copy.db");
    sql::plain(path).batch_execute(&format!("VACUUM INTO '{}'", copy.display())).unwrap();
    let mut connection = sql::plain(copy.to_str().unwrap());
    for trigger in connection.lines("SELECT name AS line FROM sqlite_master WHERE type = 'trigger'") {
        connection.run(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
    connection.batch_execute("PRAGMA ignore_check_constraints = ON").unwrap();
    let rows = connection.run(tampering).unwrap_or_else(|failure| panic!("{tampering}: {failure}"));
    assert!(rows > 0, "{tampering}: touched nothing");
    drop(connection);
    process::verify(&copy)
}

#[test]
fn verify_says_clearly_that_a_file_is_missing_or_no_registry() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("missing.db");
    refused(&missing, &["there is no SQLite file", "missing.db"]);
    assert!(!missing.exists(), "looking must not make a file");
    let text = folder.path().join("text.db");
    std::fs::write(&text, "This is a text of some length, but no database at all. ".repeat(20)).unwrap();
    refused(&text, &["text.db", "not a database"]);
    let empty = folder.path().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    refused(&empty, &["no such table"]);
    assert_eq!(std::fs::read(&empty).unwrap().len(), 0, "looking must not change a file");
}

#[track_caller]
fn refused(path: &Path, wanted: &[&str]) {
    let output = process::verify(path);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(wanted.iter().all(|part| text.contains(part)) && !text.contains("panicked"), "{text}");
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
