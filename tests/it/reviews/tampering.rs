//! `verify` holds reviews, decisions and what confirmations made against the journal.

use risk_registry::{
    db::AnyConnection,
    journal::{Row, all_after},
};
use serde_json::{Value, json};

use super::{Case, ask, confirm, first_reason, id_of, must_verify, office, proposals, reject};
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
        rewrite(&mut connection, [proposed, made, confirmed]);
        let found = differences(&office);
        assert!(found.iter().any(|line| line.contains(wanted)), "{what}: {found:?}");
    }
}

/// Writes entries of the journal anew, with digests that fit.
fn rewrite(connection: &mut AnyConnection, rows: impl IntoIterator<Item = Row>) {
    let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let or_null = |value: Option<&str>| value.map_or("NULL".into(), text);
    for mut row in rows {
        row.digest = row.computed_digest();
        let update = format!(
            "UPDATE journal SET actor = {}, action = {}, payload = {}, event = {}, comment = {}, review_id = {}, \
             digest = {} WHERE seq = {}",
            text(&row.actor),
            text(&row.action),
            text(&row.payload.0),
            or_null(row.event.as_ref().map(|event| event.0.as_str())),
            or_null(row.comment.as_deref()),
            or_null(row.review_id.map(|id| id.0.to_string()).as_deref()),
            text(&row.digest),
            row.seq,
        );
        assert_eq!(connection.run(&update), Ok(1), "{update}");
    }
}

/// A registry in which one of each change was proposed and confirmed, on one designation; the changes with the ids of
/// their reviews.
fn one_of_each() -> (Office, Vec<(&'static str, String)>) {
    let office = office();
    let creation = office.analyst.post("/v1/designations", &Case::new(&office).body).expect(202).json();
    confirm(&office.approver, &creation);
    let designation = id_of(&creation["designation_id"]);
    let reason = first_reason(&office.analyst, &designation);
    let mut reviews = vec![("create_designation", id_of(&creation["id"]))];
    for (change, method, path, body) in proposals(&designation, &reason) {
        let review = ask(&office.analyst, method, &path, body.as_ref()).expect(202).json();
        confirm(&office.approver, &review);
        reviews.push((change, id_of(&review["id"])));
    }
    (office, reviews)
}

#[test]
fn verify_names_whatever_a_confirmation_recorded_otherwise_than_proposed() {
    let other = "0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77";
    // What is altered: `action`, `comment`, or a place of the payload.
    let forgeries: Vec<(&str, &str, Value)> = vec![
        ("create_designation", "action", json!("designation.updated")),
        ("create_designation", "comment", json!("Forged")),
        ("create_designation", "/id", json!(other)),
        ("create_designation", "/created_at", json!("2026-01-01T00:00:00.000000Z")),
        ("create_designation", "/status", json!("voided")),
        ("create_designation", "/vendor_id", json!(other)),
        ("create_designation", "/category", json!("Forged")),
        ("create_designation", "/regime_id", json!(other)),
        ("create_designation", "/authority_id", json!(other)),
        ("create_designation", "/effect", json!("advisory")),
        ("create_designation", "/reference", json!("Forged")),
        ("create_designation", "/title", json!("Forged")),
        ("create_designation", "/summary", json!("Forged")),
        ("create_designation", "/instrument", json!("debarment")),
        ("create_designation", "/origin", json!("internal")),
        ("create_designation", "/basis_disclosure", json!("classified_reference")),
        ("create_designation", "/visibility", json!("restricted")),
        ("create_designation", "/reasons/0/statement", json!("Forged")),
        ("create_designation", "/reasons/0/id", json!(other)),
        ("create_designation", "/events/0/recorded_at", json!("2026-01-01T00:00:00.000000Z")),
        ("create_designation", "/links", json!([{ "kind": "implements", "designation_id": other }])),
        (
            "create_designation",
            "/ended",
            json!({ "at": "2026-01-01T00:00:00.000000Z", "by": "x", "comment": null }),
        ),
        ("record_event", "action", json!("designation.updated")),
        ("record_event", "comment", json!("Forged")),
        ("record_event", "/effect", json!("advisory")),
        ("record_event", "/title", json!("Forged")),
        ("record_event", "/reasons/0/statement", json!("Forged")),
        ("record_event", "/events/0/note", json!("Forged")),
        ("record_event", "/events/1/note", json!("Forged")),
        ("add_reason", "action", json!("designation.reason_updated")),
        ("add_reason", "comment", json!("Forged")),
        ("add_reason", "/reasons/0/statement", json!("Forged")),
        ("add_reason", "/reasons/1/statement", json!("Forged")),
        ("add_reason", "/reasons/1/id", json!(other)),
        ("add_reason", "/instrument", json!("debarment")),
        ("add_reason", "/next_review_on", json!("2031-01-01")),
        ("add_reason", "/scopes", json!([])),
        ("update_reason", "action", json!("designation.reason_removed")),
        ("update_reason", "comment", json!("Forged")),
        ("update_reason", "/reasons/0/statement", json!("Forged")),
        ("update_reason", "/reasons/1/statement", json!("Forged")),
        ("update_reason", "/summary", json!("Forged")),
        ("remove_reason", "action", json!("designation.reason_added")),
        ("remove_reason", "comment", json!("Forged")),
        ("remove_reason", "/reasons/0/statement", json!("Forged")),
        ("remove_reason", "/reasons", json!([])),
        ("remove_reason", "/warnings", json!([{ "code": "x", "detail": "x" }])),
        ("void_designation", "action", json!("designation.updated")),
        ("void_designation", "comment", json!("Forged")),
        ("void_designation", "comment", Value::Null),
        ("void_designation", "/ended/comment", json!("Forged")),
        ("void_designation", "/ended/by", json!("anna.analyst")),
        ("void_designation", "/ended/at", json!("2026-01-01T00:00:00.000000Z")),
        ("void_designation", "/status", json!("active")),
        ("void_designation", "/next_review_on", json!("2031-01-01")),
        ("void_designation", "/title", json!("Forged")),
    ];
    let (office, reviews) = one_of_each();
    must_verify(&office);
    let mut connection = unprotected(&office);
    assert_eq!(differences(&office), Vec::<String>::new());
    let rows = all_after(&mut connection, 0, 10_000).unwrap();
    let mut unnamed = Vec::new();
    for (change, place, forged) in &forgeries {
        let (_, review) = reviews.iter().find(|(other, _)| other == change).unwrap();
        let made =
            rows.iter().find(|row| row.review_id.is_some_and(|id| id.0.to_string() == *review)).unwrap();
        let mut row = made.clone();
        let text = forged.as_str().map(ToOwned::to_owned);
        let field = match *place {
            "action" => {
                row.action = text.unwrap();
                "action"
            }
            "comment" => {
                row.comment = text;
                "comment"
            }
            pointer => {
                let mut payload: Value = serde_json::from_str(&row.payload.0).unwrap();
                let there = payload.pointer_mut(pointer).unwrap_or_else(|| panic!("{change}{pointer}"));
                assert_ne!(there, forged, "{change}{pointer}");
                *there = forged.clone();
                if pointer == "/events/1/note" || pointer == "/events/0/recorded_at" {
                    row.event.as_mut().unwrap().0 =
                        payload["events"][pointer[8..9].parse::<usize>().unwrap()].to_string();
                }
                row.payload.0 = payload.to_string();
                pointer.split('/').nth(1).unwrap()
            }
        };
        assert_ne!(row, *made, "{change}: {place}");
        let wanted =
            format!("journal entry {}: its {field} is not what review {review} makes of it", made.seq);
        rewrite(&mut connection, [row]);
        let found = differences(&office);
        if !found.iter().any(|line| line.contains(&wanted)) {
            unnamed.push(format!("{change} {place}: {found:?}"));
        }
        rewrite(&mut connection, [made.clone()]);
    }
    assert_eq!(unnamed, Vec::<String>::new());
    assert_eq!(differences(&office), Vec::<String>::new());
}

#[test]
fn verify_names_a_comment_of_a_review_that_is_not_in_its_record() {
    let (office, reviews) = one_of_each();
    let mut connection = unprotected(&office);
    let rows = all_after(&mut connection, 0, 10_000).unwrap();
    let (_, review) = reviews.last().unwrap();
    for row in rows.iter().filter(|row| row.subject_id.0.to_string() == *review) {
        let mut forged = row.clone();
        forged.comment = Some("Forged".into());
        rewrite(&mut connection, [forged]);
        let found = differences(&office);
        let wanted = format!("journal entry {}: its comment is not what its review says", row.seq);
        assert!(found.iter().any(|line| line.contains(&wanted)), "{found:?}");
        rewrite(&mut connection, [row.clone()]);
    }
    assert_eq!(differences(&office), Vec::<String>::new());
}
