//! `verify` holds reviews, decisions and what confirmations made against the journal.

use risk_registry::{
    db::AnyConnection,
    journal::{Row, all_after},
};
use serde_json::{Value, json};

use super::{Case, confirm, id_of, must_verify, office, reject};
use crate::support::{
    Backend, Office,
    process::verify,
    samples::event,
    sql::{self, Raw},
};

/// A registry with a confirmed creation, a rejected event and a pending one.
fn decided() -> (Office, Value, Value, Value) {
    let office = office();
    let creation = office.analyst.post("/v1/designations", &Case::new(&office).body).expect(202).json();
    confirm(&office.approver, &creation);
    let path = format!("/v1/designations/{}/events", id_of(&creation["designation_id"]));
    let propose = || office.analyst.post(&path, &event("noted", "2026-05-01", &json!({}))).expect(202).json();
    let (rejected, pending) = (propose(), propose());
    reject(&office.approver, &rejected).expect(200);
    (office, creation, rejected, pending)
}

/// Takes the protection off the log, as an owner could.
fn unprotected(office: &Office) -> AnyConnection {
    let mut connection = sql::plain(office.app.target());
    let off: Vec<String> = match office.app.database().backend {
        Backend::Sqlite => connection
            .lines("SELECT 'DROP TRIGGER ' || name AS line FROM sqlite_master WHERE type = 'trigger'"),
        Backend::Postgres => ["journal", "review_decisions"]
            .iter()
            .map(|table| format!("ALTER TABLE {table} DISABLE TRIGGER ALL"))
            .collect(),
    };
    for statement in off {
        connection.run(&statement).unwrap();
    }
    connection
}

fn differences(office: &Office) -> Vec<String> {
    let output = verify(office.app.database().url());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // The protection that the test took off is missing as well.
    text.lines()
        .filter(|line| line.starts_with("DIFFERS") && !line.contains("schema: "))
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn verify_names_whatever_was_altered_of_reviews_and_decisions() {
    let (office, creation, rejected, pending) = decided();
    must_verify(&office);
    let mut connection = unprotected(&office);
    assert_eq!(differences(&office), Vec::<String>::new());
    let (creation, rejected, pending) =
        (id_of(&creation["id"]), id_of(&rejected["id"]), id_of(&pending["id"]));
    let record = |id: &str| format!("review {id}: the record");
    let decision = || "decisions about reviews: ".to_owned();
    let alterations = [
        (format!("UPDATE reviews SET status = 'confirmed' WHERE id = '{pending}'"), record(&pending)),
        (format!("UPDATE reviews SET status = 'pending' WHERE id = '{rejected}'"), record(&rejected)),
        (format!("UPDATE reviews SET proposed_by = 'nobody' WHERE id = '{pending}'"), record(&pending)),
        (format!("UPDATE reviews SET change = 'add_reason' WHERE id = '{pending}'"), record(&pending)),
        (format!("UPDATE reviews SET revision = 9 WHERE id = '{pending}'"), record(&pending)),
        (format!("UPDATE reviews SET vendor_id = NULL WHERE id = '{creation}'"), record(&creation)),
        (format!("UPDATE reviews SET designation_id = id WHERE id = '{creation}'"), record(&creation)),
        (format!("UPDATE reviews SET created_seq = 1 WHERE id = '{creation}'"), record(&creation)),
        (format!("UPDATE reviews SET document = '{{}}' WHERE id = '{creation}'"), record(&creation)),
        (format!("DELETE FROM reviews WHERE id = '{pending}'"), record(&pending)),
        (format!("DELETE FROM review_decisions WHERE review_id = '{rejected}'"), decision() + "missing"),
        (format!("UPDATE review_decisions SET decided_by = 'x' WHERE review_id = '{creation}'"), decision()),
        (format!("UPDATE review_decisions SET decision = 'x' WHERE review_id = '{creation}'"), decision()),
        (format!("UPDATE review_decisions SET comment = 'x' WHERE review_id = '{creation}'"), decision()),
        (
            format!("INSERT INTO review_decisions VALUES ('{pending}', 1, 'confirmed', 'x', NULL)"),
            decision() + "not what the journal says",
        ),
    ];
    for (alteration, wanted) in &alterations {
        connection.run("BEGIN").unwrap();
        assert_eq!(connection.run(alteration), Ok(1), "{alteration}");
        connection.run("COMMIT").unwrap();
        let found = differences(&office);
        assert!(found.iter().any(|line| line.contains(wanted)), "{alteration}: {found:?}");
        println!("{alteration}: {}", found[0]);
        undo(&mut connection, &office, alteration);
    }
    println!("{} alterations, each found and named", alterations.len());
}

/// Writes both tables anew from a copy that was taken before the first alteration.
fn undo(connection: &mut AnyConnection, office: &Office, alteration: &str) {
    // Every alteration is of one table; what it was stands in the journal, by which reviews are made anew.
    let rows: Vec<Row> = all_after(connection, 0, 10_000).unwrap();
    connection.run("DELETE FROM review_decisions").unwrap();
    connection.run("DELETE FROM reviews").unwrap();
    let text = |value: &Value| format!("'{}'", value.as_str().unwrap_or_default().replace('\'', "''"));
    let mut first = std::collections::BTreeMap::new();
    for row in rows.iter().filter(|row| row.subject_kind == "review") {
        let review: Value = serde_json::from_str(&row.payload.0).unwrap();
        let created = *first.entry(row.subject_id.0).or_insert(row.seq);
        connection.run(&format!("DELETE FROM reviews WHERE id = '{}'", row.subject_id.0)).unwrap();
        let insert = format!(
            "INSERT INTO reviews VALUES ('{}', {created}, {}, {}, {}, {}, {}, {}, {}, '{}')",
            row.subject_id.0,
            text(&review["status"]),
            text(&review["proposal"]["change"]),
            text(&review["designation_id"]),
            text(&review["vendor_id"]),
            text(&review["proposed_by"]),
            row.revision,
            text(&review["updated_at"]),
            row.payload.0.replace('\'', "''"),
        );
        connection.run(&insert).unwrap();
        let decision = &review["decision"];
        if !decision.is_null() {
            let comment =
                if decision["comment"].is_null() { "NULL".into() } else { text(&decision["comment"]) };
            let insert = format!(
                "INSERT INTO review_decisions VALUES ('{}', {}, {}, {}, {comment})",
                row.subject_id.0,
                row.seq,
                text(&review["status"]),
                text(&decision["by"]),
            );
            connection.run(&insert).unwrap();
        }
    }
    assert_eq!(differences(office), Vec::<String>::new(), "after undoing {alteration}");
}

#[test]
fn verify_names_a_journal_in_which_a_confirmation_is_not_what_was_proposed() {
    type Forge = fn(&mut Row, &mut Row, &mut Row);
    fn replace(row: &mut Row, from: &str, to: &str) {
        assert!(row.payload.0.contains(from), "{from}: {}", row.payload.0);
        row.payload.0 = row.payload.0.replace(from, to);
    }
    let forgeries: [(&str, Forge, &str); 6] = [
        (
            "one person did both",
            |proposed, _, confirmed| {
                proposed.actor = "paul.approver".into();
                for row in [proposed, confirmed] {
                    replace(row, "\"proposed_by\":\"anna.analyst\"", "\"proposed_by\":\"paul.approver\"");
                }
            },
            "it confirms what the same person proposed",
        ),
        (
            "something else was confirmed",
            |_, _, confirmed| {
                replace(confirmed, "\"environments\":[\"secret\"]", "\"environments\":[\"cui\"]")
            },
            "what it decides is not what was proposed",
        ),
        (
            "something else was recorded",
            |_, made, _| {
                let event = made.event.as_mut().unwrap();
                event.0 = event.0.replace("[\"secret\"]", "[\"cui\"]");
                replace(made, "\"environments\":[\"secret\"]", "\"environments\":[\"cui\"]");
            },
            "the entry before it is not what it confirms",
        ),
        (
            "another recorded it",
            |_, made, _| made.actor = "anna.analyst".into(),
            "the entry before it is not what it confirms",
        ),
        (
            "nobody confirmed it",
            |_, made, _| made.review_id = None,
            "the entry before it is not what it decides about",
        ),
        (
            "another proposed it",
            |proposed, _, _| proposed.actor = "nobody".into(),
            "its review is proposed by another",
        ),
    ];
    for (what, forge, wanted) in forgeries {
        let (office, creation, ..) = decided();
        let mut connection = unprotected(&office);
        let rows = all_after(&mut connection, 0, 10_000).unwrap();
        let (id, made) = (id_of(&creation["id"]), id_of(&creation["designation_id"]));
        let find = |subject: &str, revision: i64| {
            let fits = |row: &&Row| row.subject_id.0.to_string() == subject && row.revision == revision;
            rows.iter().find(fits).cloned().unwrap()
        };
        let (mut proposed, mut made, mut confirmed) = (find(&id, 1), find(&made, 1), find(&id, 2));
        forge(&mut proposed, &mut made, &mut confirmed);
        for mut row in [proposed, made, confirmed] {
            row.digest = row.computed_digest();
            let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
            let event = row.event.as_ref().map_or("NULL".into(), |event| text(&event.0));
            let review = row.review_id.map_or("NULL".into(), |id| text(&id.0.to_string()));
            let update = format!(
                "UPDATE journal SET actor = {}, payload = {}, event = {event}, review_id = {review}, digest = {} WHERE seq = {}",
                text(&row.actor),
                text(&row.payload.0),
                text(&row.digest),
                row.seq,
            );
            connection.run(&update).unwrap();
        }
        let found = differences(&office);
        assert!(found.iter().any(|line| line.contains(wanted)), "{what}: {found:?}");
    }
}
