//! The access log: what leaves an entry, what is in it, and that no read waits for it.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use risk_registry::{access::FourEyes, values::hex};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{
    App, Client, office::Office, process, process::Served, samples, samples::order, sql, sql::Raw,
};

fn entries(client: &Client, query: &str) -> Vec<Value> {
    client.all(&format!("/v1/access-log{query}"))
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// An event that a designation in force doesn't allow.
fn lift() -> Value {
    json!({ "type": "stay_lifted", "occurred_on": "2026-03-01", "details": {}, "sources": [samples::source()] })
}

#[test]
fn a_standing_leaves_an_entry_with_the_digest_of_what_was_answered() {
    let app = App::empty();
    let client = &app.client;
    let (acme, bolt) = (client.vendor("Acme"), client.vendor("Bolt"));
    client.designation(&acme, &order("2026-01-05", &json!([{}])));
    let path = format!("/v1/vendors/{acme}/standing?on=2026-03-01&known_seq=1");
    let one = client.get_with(&path, &[("x-request-id", "asked-once")]).expect(200);
    let body =
        json!({"vendors": [{"vendor_id": acme}, {"vendor_id": bolt}, {"scheme": "cik", "value": "1"}]});
    let many = client.post("/v1/standing-checks", &body).expect(200);
    let again = client.get_with(&path, &[("if-none-match", &one.etag())]).expect(304);
    assert!(again.text.is_empty());

    let found = entries(client, "");
    assert_eq!(found.len(), 3, "{found:?}");
    let [unchanged, batch, first] = [&found[0], &found[1], &found[2]];
    assert_eq!(first["operation"], "get_vendor_standing");
    assert_eq!(first["target"], path);
    assert_eq!(first["status"], 200);
    assert_eq!(first["known_seq"], 1);
    assert_eq!(first["answer_sha256"], digest(&one.text));
    assert_eq!(first["vendors"], json!([acme]));
    assert_eq!(first["request_id"], "asked-once");
    assert_eq!(first["actor"], "local");
    assert_eq!(first["address"], "127.0.0.1");
    assert_eq!(first["request_sha256"], Value::Null);
    assert_eq!(batch["operation"], "check_standing");
    assert_eq!(batch["answer_sha256"], digest(&many.text));
    assert_eq!(batch["request_sha256"], digest(&body.to_string()));
    assert_eq!(batch["known_seq"], many.json()["known_seq"]);
    assert_eq!(batch["vendor_count"], 2);
    assert_eq!(unchanged["status"], 304);
    assert_eq!(unchanged["answer_sha256"], digest(&one.text), "what the client has");

    let id = first["id"].as_str().unwrap();
    assert_eq!(client.get(&format!("/v1/access-log/{id}")).expect(200).json(), *first);
    client.get("/v1/access-log/0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77").expect_problem(404, "not_found");
}

#[test]
fn a_head_leaves_an_entry_that_says_that_no_body_was_sent() {
    let app = App::empty();
    let client = &app.client;
    let acme = client.vendor("Acme");
    let path = format!("/v1/vendors/{acme}/standing?on=2026-03-01&known_seq=1");
    let asked = client.send("HEAD", &path, &[], None).expect(200);
    let read = client.get(&path).expect(200);
    assert_eq!((asked.etag(), asked.text.as_str()), (read.etag(), ""));
    let etag = read.etag();
    client.send("HEAD", &path, &[("if-none-match", &etag)], None).expect(304);
    let found = entries(client, "");
    let told: Vec<(&Value, &Value)> =
        found.iter().rev().map(|entry| (&entry["status"], &entry["answer_sha256"])).collect();
    let (nothing, whole) = (json!(digest("")), json!(digest(&read.text)));
    assert_eq!(told, [(&json!(200), &nothing), (&json!(200), &whole), (&json!(304), &whole)]);
    assert!(found.iter().all(|entry| entry["vendors"] == json!([acme])), "{found:?}");
}

#[test]
fn what_shows_only_public_records_and_what_is_refused_leaves_no_entry() {
    let app = App::empty();
    let client = &app.client;
    let acme = client.vendor("Acme");
    let designation = client.designation(&acme, &order("2026-01-05", &json!([{}])));
    for path in [
        format!("/v1/designations/{designation}"),
        format!("/v1/designations/{designation}/timeline"),
        format!("/v1/vendors/{acme}"),
        "/v1/designations".to_owned(),
        "/v1/journal".to_owned(),
    ] {
        client.get(&path).expect(200);
    }
    client.get(&format!("/v1/vendors/{acme}/standing?known_seq=999")).expect(422);
    client.get("/v1/vendors/0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77/standing").expect(404);
    client.post("/v1/standing-checks", &json!({"vendors": "all"})).expect(422);
    assert!(entries(client, "").is_empty());
}

#[test]
fn an_auditor_finds_entries_by_who_what_and_when() {
    let app = App::empty();
    let client = &app.client;
    let vendors: Vec<String> = (0..7).map(|number| client.vendor(&format!("Vendor {number}"))).collect();
    for vendor in &vendors {
        client.get(&format!("/v1/vendors/{vendor}/standing")).expect(200);
    }
    let asked: Vec<Value> = vendors.iter().map(|id| json!({ "vendor_id": id })).collect();
    client.post("/v1/standing-checks", &json!({ "vendors": asked })).expect(200);

    let all = entries(client, "?limit=3");
    assert_eq!(all.len(), 8);
    let instants: Vec<&str> = all.iter().map(|entry| entry["at"].as_str().unwrap()).collect();
    assert!(instants.is_sorted_by(|a, b| a >= b), "newest first: {instants:?}");
    assert_eq!(all, entries(client, ""), "pages make one list");

    let of_one = entries(client, &format!("?subject_id={}&limit=1", vendors[2]));
    assert_eq!(of_one.len(), 2, "its own and the batch");
    assert_eq!(entries(client, "?operation=check_standing").len(), 1);
    assert_eq!(entries(client, "?actor=local").len(), 8);
    assert!(entries(client, "?actor=nobody").is_empty());
    assert_eq!(entries(client, &format!("?subject_id={}&operation=check_standing", vendors[2])).len(), 1);
    let (from, to) = (instants[5], instants[2]);
    assert_eq!(entries(client, &format!("?from={from}&to={to}")), all[2..=5]);
    assert_eq!(entries(client, &format!("?from={from}&to={to}&limit=1&actor=local")), all[2..=5]);

    client.get("/v1/access-log?operation=get_standing").expect_problem(422, "invalid");
    let cursor = client.get("/v1/access-log?limit=1").expect(200).text_at("/next_cursor");
    client
        .get(&format!("/v1/access-log?limit=1&actor=local&cursor={cursor}"))
        .expect_problem(400, "invalid_cursor");
}

#[test]
fn no_read_waits_for_the_log_and_the_log_is_written_once_it_can_be() {
    let app = App::empty();
    let client = &app.client;
    let acme = client.vendor("Acme");
    let mut other = sql::plain(app.target());
    other
        .batch_execute(app.database().backend.says(
            "BEGIN IMMEDIATE",
            "BEGIN; SELECT * FROM journal_head FOR UPDATE; LOCK TABLE access_log IN EXCLUSIVE MODE",
        ))
        .unwrap();
    for _ in 0..50 {
        client.get(&format!("/v1/vendors/{acme}/standing")).expect(200);
    }
    let written = "SELECT CAST(count(*) AS text) AS line FROM access_log";
    assert_eq!(sql::plain(app.target()).lines(written), ["0"], "the writer is held up");
    other.batch_execute("ROLLBACK").unwrap();
    let begun = Instant::now();
    while entries(client, "").len() < 50 {
        assert!(begun.elapsed() < Duration::from_secs(60), "the log is never written");
    }
    assert_eq!(entries(client, "").len(), 50, "each once");
}

#[test]
fn what_was_answered_before_a_server_ends_is_in_the_log() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("registry.db");
    let mut served = Served::start(&path, &[]);
    let acme = served.client.vendor("Acme");
    for _ in 0..200 {
        served.client.get(&format!("/v1/vendors/{acme}/standing")).expect(200);
    }
    served.stop();
    let served = Served::start(&path, &[]);
    assert_eq!(entries(&served.client, "?limit=500").len(), 200);
    let verified = process::verify(&path);
    assert!(verified.status.success(), "{verified:?}");
}

#[test]
fn servers_of_one_database_share_the_log() {
    let first = App::empty();
    let second = App::on(first.database().clone(), risk_registry::db::Sizes::default());
    let acme = first.client.vendor("Acme");
    first.client.get(&format!("/v1/vendors/{acme}/standing")).expect(200);
    assert_eq!(entries(&first.client, "").len(), 1);
    assert_eq!(entries(&second.client, "").len(), 1);
}

#[test]
fn every_read_that_shows_a_restricted_record_leaves_an_entry_that_names_it() {
    let Office { app: _app, analyst, auditor, viewer, admin, .. } = Office::open();
    let acme = analyst.vendor("Acme");
    let body = analyst.designation_body(&acme, &order("2026-01-05", &json!([{}])));
    let public = analyst.post("/v1/designations", &body).expect(201).id();
    let mut hidden = body.clone();
    (hidden["title"], hidden["visibility"]) = (json!("Confidential"), json!("restricted"));
    let made = analyst.post("/v1/designations", &hidden).expect(201);
    let hidden = made.id();
    let reason = made.text_at("/reasons/0/id");
    let seq = analyst.head();
    assert!(entries(&auditor, "").is_empty(), "a write is in the journal");

    let of = |path: &str| format!("/v1/designations/{hidden}{path}");
    let reads = [
        of(""),
        of("?known_seq=999999").replace("999999", &seq.to_string()),
        of("/events"),
        of("/reasons"),
        of(&format!("/reasons/{reason}")),
        of("/timeline"),
        of("/history"),
        "/v1/designations".to_owned(),
        "/v1/designations?sort=-updated_at&limit=1".to_owned(),
        format!("/v1/vendors/{acme}/designations"),
        format!("/v1/journal?after={}", seq - 1),
        format!("/v1/journal/{seq}"),
        format!("/v1/vendors/{acme}/standing"),
    ];
    for (reader, name) in [(&analyst, "anna.analyst"), (&auditor, "udo.auditor")] {
        for path in &reads {
            let before = entries(&auditor, "").len();
            let answer = reader.get(path).expect(200);
            let all = entries(&auditor, "");
            assert_eq!(all.len(), before + 1, "{path} left no entry");
            assert_eq!(all[0]["restricted"], json!([hidden]), "{path}");
            assert_eq!(all[0]["answer_sha256"], digest(&answer.text), "{path}");
            assert_eq!(all[0]["actor"], name, "{path}");
            assert!(all[0]["credential"].as_str().unwrap().starts_with("key:"), "{path}");
            reader.send("HEAD", path, &[], None).expect(200);
            assert_eq!(entries(&auditor, "").len(), before + 2, "HEAD {path} left no entry");
        }
    }
    // Writes that change nothing, and refusals, show something of it as well.
    let path = of("");
    for (method, path, body, status) in [
        ("PATCH", &path, json!({}), 200),
        ("PATCH", &of(&format!("/reasons/{reason}")), json!({}), 200),
        ("POST", &of("/events"), lift(), 409),
        ("PATCH", &path, json!({ "effect": "advisory" }), 422),
    ] {
        let before = entries(&auditor, "").len();
        let headers = [("if-match", "*"), ("content-type", "application/json")];
        let answer = analyst.send(method, path, &headers, Some(body.to_string().as_bytes())).expect(status);
        let all = entries(&auditor, "");
        assert_eq!(all.len(), before + 1, "{method} {path} {body} left no entry");
        assert_eq!(all[0]["restricted"], json!([hidden]), "{method} {path} {body}");
        assert_eq!(
            (&all[0]["status"], &all[0]["answer_sha256"]),
            (&json!(status), &json!(digest(&answer.text)))
        );
    }
    let keyed = [("idempotency-key", "again"), ("content-type", "application/json")];
    let body = samples::reason().to_string();
    for times in 1..=2 {
        let before = entries(&auditor, "").len();
        analyst.send("POST", &of("/reasons"), &keyed, Some(body.as_bytes())).expect(201);
        assert_eq!(entries(&auditor, "").len(), before + 1, "time {times} left no entry");
    }
    let etag = analyst.get(&of("")).expect(200).etag();
    let held = analyst.get_with(&of(""), &[("if-none-match", &etag)]).expect(304);
    assert!(held.text.is_empty());
    assert_eq!(entries(&auditor, "")[0]["status"], 304);
    assert_eq!(entries(&auditor, &format!("?subject_id={hidden}&actor=udo.auditor")).len(), 2 * reads.len());

    let before = entries(&auditor, "").len();
    analyst.get(&format!("/v1/designations/{public}")).expect(200);
    for path in reads.iter().filter(|path| !path.ends_with("/standing")) {
        viewer.get(path);
    }
    assert_eq!(entries(&auditor, "").len(), before, "what is public, and what is not shown, is no evidence");
    viewer.get(reads.last().unwrap()).expect(200);
    let seen = &entries(&auditor, "")[0];
    assert_eq!((&seen["actor"], &seen["restricted"]), (&json!("vera.viewer"), &json!([])));
    for person in [&viewer, &analyst, &admin] {
        person.get("/v1/access-log").expect_problem(403, "forbidden");
        let id = seen["id"].as_str().unwrap();
        person.get(&format!("/v1/access-log/{id}")).expect_problem(403, "forbidden");
    }
}

#[test]
fn what_is_hidden_behind_five_hundred_others_is_found_and_what_is_not_there_is_not_noted() {
    let Office { app: _app, analyst, auditor, .. } = Office::open();
    let acme = analyst.vendor("Acme");
    let mut hidden = analyst.designation_body(&acme, &order("2026-01-05", &json!([{}])));
    hidden["visibility"] = json!("restricted");
    let hidden = analyst.post("/v1/designations", &hidden).expect(201).id();
    let mut asked: Vec<Value> =
        (0..600).map(|n| json!({ "vendor_id": format!("00000000-0000-7000-8000-{n:012x}") })).collect();
    asked.push(json!({ "vendor_id": acme }));
    analyst.post("/v1/standing-checks", &json!({ "vendors": asked })).expect(200);
    for subject in [&acme, &hidden] {
        let found = entries(&auditor, &format!("?subject_id={subject}"));
        assert_eq!(found.len(), 1, "{subject}");
        assert_eq!(found[0]["vendors"], json!([acme]), "only what is there");
        assert_eq!(found[0]["restricted"], json!([hidden]));
    }
}

#[test]
fn a_flood_of_batches_holds_up_no_write() {
    let Office { app: _app, viewer, analyst, auditor, .. } = Office::open();
    let asked: Vec<Value> =
        (0..300).map(|n| json!({ "vendor_id": analyst.vendor(&format!("Vendor {n}")) })).collect();
    let asked = json!({ "vendors": asked });
    const BATCHES: usize = 40;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..BATCHES / 4 {
                    viewer.post("/v1/standing-checks", &asked).expect(200);
                }
            });
        }
    });
    // 12,000 subjects may wait now. A write goes in between, whatever is left of them.
    let write = analyst.post("/v1/vendors", &json!({ "legal_name": "In between", "kind": "company" }));
    write.expect(201);
    let begun = Instant::now();
    while entries(&auditor, "?limit=500").len() < BATCHES {
        assert!(begun.elapsed() < Duration::from_secs(60), "the log is never written");
    }
}

#[test]
fn reads_of_reviews_leave_entries_and_so_does_a_large_batch() {
    let office = Office::with(FourEyes::On);
    let (analyst, auditor) = (&office.analyst, &office.auditor);
    let acme = analyst.vendor("Acme");
    let body = analyst.designation_body(&acme, &order("2026-01-05", &json!([{}])));
    let proposed = analyst.post("/v1/designations", &body).expect(202);
    let (review, about) = (proposed.id(), proposed.text_at("/designation_id"));
    for path in
        ["/v1/reviews".to_owned(), format!("/v1/reviews/{review}"), format!("/v1/reviews/{review}/history")]
    {
        let before = entries(auditor, "").len();
        office.approver.get(&path).expect(200);
        let all = entries(auditor, "");
        assert_eq!(all.len(), before + 1, "{path} left no entry");
        let shown = all[0]["restricted"].as_array().unwrap();
        assert!(shown.contains(&json!(review)) && shown.contains(&json!(about)), "{path}: {shown:?}");
        assert_eq!(shown.len(), 2, "{path}");
    }
    assert_eq!(
        entries(auditor, &format!("?subject_id={about}")).len(),
        3,
        "found by what the review is about"
    );
    let vendors: Vec<Value> =
        (0..520).map(|number| json!({ "vendor_id": analyst.vendor(&format!("Vendor {number}")) })).collect();
    analyst.post("/v1/standing-checks", &json!({ "vendors": vendors })).expect(200);
    let batch = &entries(auditor, "")[0];
    assert_eq!(batch["vendor_count"], 520);
    assert_eq!(batch["vendors"].as_array().unwrap().len(), 500);
    for vendor in &vendors {
        let of_it = entries(auditor, &format!("?subject_id={}", vendor["vendor_id"].as_str().unwrap()));
        assert_eq!(&of_it[..], std::slice::from_ref(batch), "found by each vendor");
    }
}
