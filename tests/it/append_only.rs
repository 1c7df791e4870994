//! The database itself refuses to change the journal, the events and the decisions, whoever asks and with whatever settings.

use diesel::connection::SimpleConnection;
use risk_registry::db::{AnyConnection, Purpose, open};
use serde_json::json;

use super::support::{
    App, Backend, process, proposed,
    samples::{event, order},
    sql,
};
use sql::Raw;

/// Statements that would change what is recorded. Where a statement matches nothing it would pass, so each matches.
const REFUSED: &[&str] = &[
    "UPDATE journal SET actor = 'nobody'",
    "UPDATE journal SET actor = actor WHERE seq = 1",
    "UPDATE journal SET seq = seq + 1000 WHERE seq = (SELECT max(seq) FROM journal)",
    "DELETE FROM journal",
    "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)",
    "INSERT INTO journal SELECT * FROM journal WHERE seq = 2 ON CONFLICT (seq) DO UPDATE SET actor = 'nobody'",
    "UPDATE designation_events SET event_type = 'noted'",
    "UPDATE designation_events SET document = document",
    "DELETE FROM designation_events",
    "DELETE FROM designation_events WHERE seq = (SELECT max(seq) FROM designation_events)",
    "INSERT INTO designation_events SELECT * FROM designation_events WHERE true
     ON CONFLICT (id) DO UPDATE SET event_type = 'noted'",
    "UPDATE access_log SET actor = 'nobody'",
    "UPDATE access_log SET actor = actor",
    "DELETE FROM access_log",
    "INSERT INTO access_log SELECT * FROM access_log WHERE true ON CONFLICT (id) DO UPDATE SET actor = 'nobody'",
    "UPDATE access_log_subjects SET subject_id = entry_id",
    "DELETE FROM access_log_subjects",
    "UPDATE review_decisions SET decision = 'confirmed'",
    "UPDATE review_decisions SET decided_by = decided_by",
    "DELETE FROM review_decisions",
    "INSERT INTO review_decisions SELECT * FROM review_decisions WHERE true
     ON CONFLICT (review_id) DO UPDATE SET decision = 'confirmed'",
];

/// SQLite's own ways around its triggers.
const REFUSED_BY_SQLITE: &[&str] = &[
    "UPDATE OR REPLACE journal SET seq = 1 WHERE seq = 2",
    "UPDATE OR IGNORE journal SET payload = '{}' WHERE seq = 2",
    "REPLACE INTO journal SELECT * FROM journal WHERE seq = 2",
    "INSERT OR REPLACE INTO journal SELECT seq, recorded_at, 'nobody', action, subject_kind, subject_id, revision,
     payload, event, comment, request_id, sight, review_id, digest FROM journal WHERE seq = 2",
    "INSERT OR REPLACE INTO journal SELECT 100000, recorded_at, 'nobody', action, subject_kind, subject_id, revision,
     payload, event, comment, request_id, sight, review_id, digest FROM journal WHERE seq = 2",
    "INSERT OR REPLACE INTO journal SELECT 2, '9999-01-01T00:00:00.000000Z', actor, action, subject_kind, subject_id,
     revision, payload, event, comment, request_id, sight, review_id, digest FROM journal WHERE seq = 1",
    "INSERT INTO journal SELECT * FROM journal WHERE seq = 2 ON CONFLICT DO UPDATE SET actor = 'nobody'",
    "UPDATE OR REPLACE designation_events SET seq = (SELECT min(seq) FROM designation_events)",
    "REPLACE INTO designation_events SELECT * FROM designation_events LIMIT 1",
    "REPLACE INTO access_log SELECT * FROM access_log",
    "UPDATE OR REPLACE access_log SET at = at",
    "REPLACE INTO access_log_subjects SELECT * FROM access_log_subjects",
    "INSERT OR REPLACE INTO designation_events SELECT id, designation_id, 1, 'noted', occurred_on, NULL, NULL, '{}'
     FROM designation_events LIMIT 1",
    "INSERT OR REPLACE INTO designation_events SELECT '0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77', designation_id, seq,
     'noted', occurred_on, NULL, NULL, '{}' FROM designation_events LIMIT 1",
    "INSERT INTO designation_events SELECT * FROM designation_events WHERE true
     ON CONFLICT DO UPDATE SET event_type = 'noted'",
    "UPDATE OR REPLACE review_decisions SET decision = 'confirmed'",
    "REPLACE INTO review_decisions SELECT * FROM review_decisions LIMIT 1",
    "INSERT OR REPLACE INTO review_decisions SELECT review_id, 1, 'confirmed', 'nobody', NULL FROM review_decisions",
    "INSERT OR REPLACE INTO review_decisions SELECT '0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77', seq, 'confirmed', 'nobody',
     NULL FROM review_decisions",
    "INSERT OR REPLACE INTO review_decisions (review_id, seq, decision, decided_by, comment, rowid)
     SELECT '0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77', 1, 'confirmed', 'nobody', NULL, rowid FROM review_decisions",
    // By the row's own number, with an id and a position that nobody has.
    "INSERT OR REPLACE INTO designation_events
     (id, designation_id, seq, event_type, occurred_on, corrects, successor_id, document, rowid)
     SELECT '0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77', designation_id, 1, 'noted', occurred_on, NULL, NULL, '{}', rowid
     FROM designation_events LIMIT 1",
];

/// PostgreSQL's own ways around its triggers.
const REFUSED_BY_POSTGRESQL: &[&str] = &[
    "TRUNCATE journal CASCADE",
    "TRUNCATE designation_events",
    "TRUNCATE access_log CASCADE",
    "TRUNCATE access_log_subjects",
    "WITH gone AS (DELETE FROM access_log RETURNING 1) SELECT count(*) FROM gone",
    "TRUNCATE designation_events, journal, designation_versions, review_decisions",
    "TRUNCATE review_decisions",
    "MERGE INTO review_decisions USING (SELECT 1 AS one) AS o ON one = 1 WHEN MATCHED THEN DELETE",
    "MERGE INTO journal USING (SELECT 1 AS one) AS o ON seq = one WHEN MATCHED THEN DELETE",
    "MERGE INTO journal USING (SELECT 1 AS one) AS o ON seq = one WHEN MATCHED THEN UPDATE SET actor = 'nobody'",
    "WITH gone AS (DELETE FROM designation_events RETURNING 1) SELECT count(*) FROM gone",
    "INSERT INTO designation_events SELECT * FROM designation_events
     ON CONFLICT (seq) DO UPDATE SET event_type = 'noted'",
];

#[test]
fn every_way_of_changing_the_journal_or_an_event_is_refused() {
    let app = App::demo();
    let designation = app.client.get("/v1/designations?limit=1").text_at("/items/0/id");
    let note = event("noted", "2026-05-01", &json!({}));
    let review = proposed::event(&app.db, "somebody", &designation, &note);
    app.client.post(&format!("/v1/reviews/{review}/reject"), &json!({ "comment": "Wrong" })).expect(200);
    let backend = app.database().backend;
    let mut bare = sql::plain(app.target());
    if backend == Backend::Sqlite {
        bare.batch_execute("PRAGMA recursive_triggers = OFF").unwrap();
    }
    let vendor = app.client.all("/v1/vendors")[0]["id"].as_str().unwrap().to_owned();
    app.client.get(&format!("/v1/vendors/{vendor}/standing")).expect(200);
    assert!(!app.client.all("/v1/access-log").is_empty());
    let mut own: AnyConnection = open(app.target(), Purpose::Write).unwrap();
    let before = contents(&mut bare);
    assert!(before.len() >= 40, "the example is there: {}", before.len());
    let refused = [REFUSED, backend.says(REFUSED_BY_SQLITE, REFUSED_BY_POSTGRESQL)].concat();
    for statement in &refused {
        for (failure, which) in
            [(bare.run(statement), "without settings"), (own.run(statement), "with settings")]
        {
            match failure {
                Err(failure) => assert!(failure.contains("append-only"), "{which}: {statement}: {failure}"),
                Ok(rows) => panic!("{which}: {statement} touched {rows} rows"),
            }
        }
    }
    assert_eq!(contents(&mut bare), before);
    println!("{backend:?} refused {} statements", 2 * refused.len());

    app.client.vendor("Still taking entries");
    assert_eq!(contents(&mut bare).len(), before.len() + 1);
    let verified = process::verify(app.database().url());
    assert!(verified.status.success(), "{verified:?}");
}

#[test]
fn a_correction_can_t_be_replaced_by_another_correction_of_the_same_event() {
    let app = App::empty();
    let client = &app.client;
    let vendor = client.vendor("Acme");
    let designation = client.designation(&vendor, &order("2026-01-05", &json!([{}])));
    let first = client.get(&format!("/v1/designations/{designation}")).text_at("/events/0/id");
    let mut correction = order("2026-01-06", &json!([{}]));
    correction["corrects"] = json!(first);
    client.event(&designation, &correction);
    let mut bare = sql::plain(app.target());
    let before = contents(&mut bare);
    let another = "SELECT '0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77', designation_id, 1, 'noted', occurred_on, corrects, \
                   NULL, document FROM designation_events WHERE corrects IS NOT NULL";
    let replacing = app.database().backend.says(
        format!("INSERT OR REPLACE INTO designation_events {another}"),
        format!("INSERT INTO designation_events {another} ON CONFLICT (corrects) DO UPDATE SET event_type = 'noted'"),
    );
    let failure = bare.run(&replacing).expect_err("replaced a correction");
    assert!(failure.contains("append-only"), "{failure}");
    let beside = bare.run(&format!("INSERT INTO designation_events {another}"));
    let failure = beside.expect_err("a second correction of one event");
    assert!(
        app.database().backend.says(failure.contains("append-only"), failure.contains("unique constraint")),
        "{failure}"
    );
    assert_eq!(contents(&mut bare), before);
}

/// Every row of the tables, column by column.
fn contents(connection: &mut AnyConnection) -> Vec<String> {
    connection.lines(match connection {
        AnyConnection::Sqlite(_) => {
            "SELECT json_array(seq, recorded_at, actor, action, subject_kind, subject_id, revision, payload, event,
                               comment, request_id, sight, review_id, digest) AS line FROM journal
             UNION ALL
             SELECT json_array(id, designation_id, seq, event_type, occurred_on, corrects, successor_id, document)
             FROM designation_events
             UNION ALL SELECT json_array(id, at, actor, target, answer_sha256, vendors, restricted) FROM access_log
             UNION ALL SELECT json_array(subject_id, at, entry_id) FROM access_log_subjects
             UNION ALL SELECT json_array(review_id, seq, decision, decided_by, comment) FROM review_decisions"
        }
        AnyConnection::Postgres(_) => {
            "SELECT journal::text AS line FROM journal
             UNION ALL SELECT designation_events::text FROM designation_events
             UNION ALL SELECT access_log::text FROM access_log
             UNION ALL SELECT access_log_subjects::text FROM access_log_subjects
             UNION ALL SELECT review_decisions::text FROM review_decisions ORDER BY 1"
        }
    })
}
