//! Idempotency keys: a request that is sent again records nothing twice.

use diesel::connection::SimpleConnection;
use risk_registry::{
    db::{Context, Purpose, open},
    http::Reply,
    idempotency::{Key, once},
};
use serde_json::{Value, json};

use super::support::{
    Answer, App, Client,
    samples::{event, order, reason},
};

fn acme() -> Value {
    json!({ "legal_name": "Acme", "kind": "company" })
}

fn post(client: &Client, key: &str, path: &str, body: &Value) -> Answer {
    client.post_with(path, &[("idempotency-key", key)], body)
}

/// What of an answer must be the same again.
fn kept(answer: &Answer) -> (u16, &str, Option<&str>, Option<&str>) {
    (answer.status, &answer.text, answer.header("etag"), answer.header("location"))
}

#[test]
fn the_same_request_again_gets_the_first_answer_even_after_a_restart_and_a_change() {
    let app = App::empty();
    let client = &app.client;
    let vendor = client.vendor("Bcme");
    let id = client.designation(&vendor, &order("2026-03-01", &json!([{}])));
    let regime = json!({
        "slug": "one", "title": "One", "citation": "1", "jurisdiction": "US", "effect": "advisory",
        "prior_notice_required": false, "description": "For tests",
    });
    let writes = [
        ("/v1/vendors".to_owned(), acme()),
        ("/v1/authorities".to_owned(), json!({ "name": "Works", "kind": "court" })),
        ("/v1/regimes".to_owned(), regime),
        ("/v1/designations".to_owned(), client.designation_body(&vendor, &order("2026-03-01", &json!([{}])))),
        (format!("/v1/designations/{id}/reasons"), reason()),
        (format!("/v1/designations/{id}/events"), event("rescinded", "2026-04-01", &json!({}))),
    ];
    let first: Vec<Answer> =
        writes.iter().map(|(path, body)| post(client, "key", path, body).expect(201)).collect();
    client.change(&format!("/v1/vendors/{}", first[0].id()), &json!({ "legal_name": "Changed" }));
    let head = client.head();
    let app = app.restart();
    for ((path, body), first) in writes.iter().zip(&first) {
        let again = post(&app.client, "key", path, body);
        assert_eq!(kept(&again), kept(first), "{path}");
    }
    assert_eq!(app.client.head(), head);
}

#[test]
fn a_key_stands_for_one_body_one_path_and_one_method() {
    let app = App::empty();
    let client = &app.client;
    let first = post(client, "key", "/v1/vendors", &acme()).expect(201);
    let other = json!({ "legal_name": "Acme", "kind": "other" });
    post(client, "key", "/v1/vendors", &other).expect_problem(422, "idempotency_key_reused");
    let head = client.head();
    assert_eq!(head, 1);
    post(client, "key", "/v1/authorities", &json!({ "name": "Acme", "kind": "court" })).expect(201);
    assert_ne!(
        post(client, "Key", "/v1/vendors", &acme()).expect(201).id(),
        first.id(),
        "keys are compared exactly"
    );
    assert_ne!(
        client.post("/v1/vendors", &acme()).expect(201).id(),
        first.id(),
        "without a key nothing is kept"
    );
    assert_eq!(client.head(), head + 3);
}

#[test]
fn only_successes_are_kept() {
    let app = App::empty();
    let client = &app.client;
    let wrong = json!({ "legal_name": "Acme" });
    post(client, "key", "/v1/vendors", &wrong).expect_problem(422, "invalid");
    post(client, "key", "/v1/vendors", &acme()).expect(201);

    let bearing = |name: &str| json!({ "legal_name": name, "kind": "company", "identifiers": [{ "scheme": "cik", "value": "7" }] });
    let bearer = client.post("/v1/vendors", &bearing("Bearer")).expect(201).id();
    post(client, "other", "/v1/vendors", &bearing("Second")).expect_problem(409, "identifier_taken");
    client.end(&format!("/v1/vendors/{bearer}"), "Gone");
    let second = post(client, "other", "/v1/vendors", &bearing("Second")).expect(201);
    assert_eq!(post(client, "other", "/v1/vendors", &bearing("Second")).expect(201).id(), second.id());
}

#[test]
fn a_repeated_event_is_answered_although_its_precondition_no_longer_holds() {
    let app = App::empty();
    let client = &app.client;
    let id = client.designation(&client.vendor("Acme"), &order("2026-03-01", &json!([{}])));
    let path = format!("/v1/designations/{id}/events");
    let etag = client.get(&format!("/v1/designations/{id}")).etag();
    let noted = event("noted", "2026-04-01", &json!({}));
    let send = |key: &str| client.post_with(&path, &[("idempotency-key", key), ("if-match", &etag)], &noted);
    let first = send("key").expect(201);
    assert_eq!(kept(&send("key")), kept(&first));
    send("another").expect_problem(412, "stale");
}

#[test]
fn eight_clients_that_send_the_same_request_at_once_record_it_once() {
    let app = App::empty();
    for round in 0..10 {
        let key = format!("key-{round}");
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (client, key) = (app.client.clone(), key.clone());
                std::thread::spawn(move || post(&client, &key, "/v1/vendors", &acme()))
            })
            .collect();
        let answers: Vec<Answer> =
            threads.into_iter().map(|thread| thread.join().unwrap().expect(201)).collect();
        assert!(answers.iter().all(|answer| kept(answer) == kept(&answers[0])));
        assert_eq!(app.client.head(), round + 1);
    }
    assert_eq!(app.client.all("/v1/vendors").len(), 10);
}

#[test]
fn a_key_is_of_one_actor_and_method() {
    let app = App::empty();
    let run = |actor: &str, method: &str, answer: &str| {
        let key = Key {
            actor: actor.into(),
            method: method.into(),
            path: "/v1/things".into(),
            key: "key".into(),
            request_sha256: "0".repeat(64),
        };
        let reply = Reply { status: 201, location: None, etag: None, body: answer.into() };
        let write = move |tx: &mut risk_registry::db::Tx<'_>| once(tx, Some(&key), |_| Ok(reply.clone()));
        app.db.write_blocking(Context::new(actor, "test"), write).unwrap().body
    };
    assert_eq!(run("ann", "POST", "1"), "1");
    assert_eq!(run("ann", "POST", "2"), "1");
    assert_eq!(run("bob", "POST", "3"), "3");
    assert_eq!(run("ann", "PUT", "4"), "4");
    assert_eq!(run("bob", "POST", "5"), "3");
}

#[test]
fn an_answer_is_kept_for_a_day() {
    let app = App::empty();
    let client = &app.client;
    let first = post(client, "key", "/v1/vendors", &acme()).expect(201);
    let age = |hours: i64| {
        let instant = (chrono::Utc::now() - chrono::TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M:%S%.6fZ");
        let mut connection = open(app.target(), Purpose::Write).unwrap();
        connection.batch_execute(&format!("UPDATE idempotency_keys SET recorded_at = '{instant}'")).unwrap();
    };
    age(23);
    assert_eq!(kept(&post(client, "key", "/v1/vendors", &acme())), kept(&first));
    age(25);
    assert_ne!(post(client, "key", "/v1/vendors", &acme()).expect(201).id(), first.id());
}

#[test]
fn a_key_that_can_not_be_one_is_malformed() {
    let app = App::empty();
    let long = "k".repeat(256);
    for key in ["", "two words", "clé", &long] {
        post(&app.client, key, "/v1/vendors", &acme()).expect_problem(400, "malformed_request");
    }
    let twice = [("idempotency-key", "a"), ("idempotency-key", "b")];
    app.client.post_with("/v1/vendors", &twice, &acme()).expect_problem(400, "malformed_request");
    assert_eq!(app.client.head(), 0);
    post(&app.client, &"k".repeat(255), "/v1/vendors", &acme()).expect(201);
}
