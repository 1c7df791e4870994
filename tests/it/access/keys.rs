//! API keys: how they are made, used, changed for others and revoked, and what of them shows where.

use std::{thread::sleep, time::Duration};

use risk_registry::{
    access::{FourEyes, Role},
    values::Instant,
};
use serde_json::{Value, json};

use crate::support::{Office, sql, sql::Raw};

fn a_key(actor: &str, role: &str) -> Value {
    json!({ "actor": actor, "name": "Nightly import", "role": role })
}

#[test]
fn a_key_is_shown_once_lets_its_holder_in_and_is_refused_once_revoked() {
    let office = Office::open();
    let made = office.admin.post("/v1/api-keys", &a_key("ines.ferreira", "analyst")).expect(201);
    let (id, token) = (made.id(), made.text_at("/key"));
    assert_eq!(made.header("location"), Some(format!("/v1/api-keys/{id}").as_str()));
    assert_eq!(made.header("cache-control"), Some("no-store"), "it holds a secret");
    let body = made.json();
    for (field, value) in [
        ("actor", json!("ines.ferreira")),
        ("name", json!("Nightly import")),
        ("role", json!("analyst")),
        ("status", json!("active")),
        ("revision", json!(1)),
        ("created_by", json!("dora.admin")),
        ("expires_at", Value::Null),
        ("last_used_at", Value::Null),
        ("ended", Value::Null),
    ] {
        assert_eq!(body[field], value, "{field}");
    }
    let ines = office.nobody.showing(&token);
    let vendor =
        ines.post("/v1/vendors", &json!({ "legal_name": "Acme", "kind": "company" })).expect(201).id();
    let history = ines.get(&format!("/v1/vendors/{vendor}/history")).expect(200);
    assert_eq!(history.text_at("/items/0/actor"), "ines.ferreira");
    ines.get("/v1/api-keys").expect_problem(403, "forbidden");
    for shown in [office.admin.get(&format!("/v1/api-keys/{id}")), office.auditor.get("/v1/api-keys")] {
        let shown = shown.expect(200);
        assert!(shown.text.contains(&id) && !shown.text.contains("rr_live_"), "{shown:?}");
        assert!(!shown.text.contains(&token[33..70]));
    }
    let path = format!("/v1/api-keys/{id}");
    office.admin.send("DELETE", &path, &[], None).expect_problem(428, "precondition_required");
    office.admin.delete(&path, "\"2\"").expect_problem(412, "stale");
    ines.get("/v1/vendors").expect(200);
    let gone = office.admin.delete(&format!("{path}?comment=Left%20the%20firm"), "\"1\"").expect(200);
    assert_eq!(gone.text_at("/status"), "revoked");
    assert_eq!(
        (gone.text_at("/ended/by"), gone.text_at("/ended/comment")),
        ("dora.admin".into(), "Left the firm".into())
    );
    let refused = ines.get("/v1/vendors").expect_problem(401, "unauthenticated");
    assert!(refused.text_at("/detail").contains("revoked"));
    office.admin.delete(&path, "*").expect_problem(409, "already_revoked");
    office.admin.get(&path).expect(200);
}

#[test]
fn what_is_no_key_is_not_made() {
    let office = Office::open();
    let head = office.nobody.head();
    let refused = |field: &str, value: Value| {
        let mut body = a_key("ines", "viewer");
        body[field] = value;
        let answer = office.admin.post("/v1/api-keys", &body).expect_problem(422, "invalid");
        assert_eq!(answer.text_at("/errors/0/pointer"), format!("/{field}"), "{answer:?}");
    };
    for text in [
        "",
        "  ",
        "a\r\nSet-Cookie: x=1",
        "a\nb",
        "a\0b",
        "a\u{7f}",
        "a\u{85}b",
        "\u{1b}[31mred",
        &"x".repeat(201),
    ] {
        refused("actor", json!(text));
        refused("name", json!(text));
    }
    for own in ["risk-registry", "command-line", "catalogue", "example", "local", "readiness"] {
        refused("actor", json!(own));
    }
    for role in ["root", "Admin", "admin ", "", "viewer,admin"] {
        refused("role", json!(role));
    }
    refused("role", json!(["admin"]));
    for past in ["2020-01-01T00:00:00Z", &Instant::now().to_string(), "2020-01-01", "tomorrow"] {
        refused("expires_at", json!(past));
    }
    // What only the registry says of a key.
    for (field, value) in [
        ("id", json!("0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77")),
        ("revision", json!(7)),
        ("status", json!("active")),
        ("created_by", json!("somebody")),
        ("created_at", json!("2020-01-01T00:00:00Z")),
        ("last_used_at", Value::Null),
        ("key", json!("rr_live_mine")),
        ("hash", json!("00")),
        ("roles", json!(["admin"])),
    ] {
        refused(field, value);
    }
    let kept = office.admin.post_with("/v1/api-keys", &[("idempotency-key", "1")], &a_key("ines", "viewer"));
    let kept = kept.expect_problem(400, "malformed_request");
    assert!(kept.text_at("/detail").contains("Idempotency-Key is not taken here"));
    assert_eq!(office.nobody.head(), head, "something was recorded");
}

#[test]
fn a_key_is_taken_until_it_expires() {
    let office = Office::open();
    let expires = Instant::now().plus_seconds(2);
    let mut body = a_key("ines", "viewer");
    body["expires_at"] = json!(expires.to_string());
    let made = office.admin.post("/v1/api-keys", &body).expect(201);
    assert_eq!(made.text_at("/expires_at"), expires.to_string());
    let ines = office.nobody.showing(&made.text_at("/key"));
    let mut taken = 0;
    loop {
        let begun = Instant::now();
        let answer = ines.get("/v1/vendors");
        if answer.status == 401 {
            assert!(Instant::now() >= expires, "it was refused before its time");
            assert!(answer.text_at("/detail").contains(&format!("expired at {expires}")), "{answer:?}");
            break;
        }
        answer.expect(200);
        assert!(begun < expires, "it was taken after its time");
        taken += 1;
        sleep(Duration::from_millis(50));
    }
    println!("taken {taken} times before it expired");
    // An expired one makes room.
    for _ in 0..2 {
        office.admin.post("/v1/api-keys", &a_key("ines", "viewer")).expect(201);
    }
}

#[test]
fn a_key_that_is_revoked_is_refused_at_once_by_every_process() {
    let office = Office::open();
    let other = Office::on(office.app.database().clone(), FourEyes::Off);
    let mut refused = 0;
    for round in 0..20 {
        let (by, at) = if round % 2 == 0 { (&office, &other) } else { (&other, &office) };
        let made = by.admin.post("/v1/api-keys", &a_key(&format!("ines-{round}"), "viewer")).expect(201);
        let ines = at.nobody.showing(&made.text_at("/key"));
        ines.get("/v1/vendors").expect(200);
        by.admin.delete(&format!("/v1/api-keys/{}", made.id()), "*").expect(200);
        ines.get("/v1/vendors").expect_problem(401, "unauthenticated");
        refused += 1;
    }
    println!("{refused} revocations at one process, each refused by the next request at the other");
}

#[test]
fn an_actor_has_two_live_keys_under_one_name_and_no_third() {
    let office = Office::open();
    let make = |body: &Value| office.admin.post("/v1/api-keys", body);
    let first = make(&a_key("ines", "analyst")).expect(201);
    let second = make(&a_key("ines", "analyst")).expect(201);
    let third = make(&a_key("ines", "viewer")).expect_problem(409, "two_live_keys");
    assert!(third.text_at("/detail").contains("revoke one"));
    for token in [first.text_at("/key"), second.text_at("/key")] {
        office.nobody.showing(&token).get("/v1/vendors").expect(200);
    }
    make(&json!({ "actor": "ines", "name": "Another use", "role": "viewer" })).expect(201);
    make(&a_key("boris", "analyst")).expect(201);
    office.admin.delete(&format!("/v1/api-keys/{}", first.id()), "*").expect(200);
    make(&a_key("ines", "analyst")).expect(201);
    make(&a_key("ines", "analyst")).expect_problem(409, "two_live_keys");
}

#[test]
fn the_last_use_of_a_key_is_shown_and_is_no_change_of_it() {
    let office = Office::open();
    let made = office.admin.post("/v1/api-keys", &a_key("ines", "viewer")).expect(201);
    let path = format!("/v1/api-keys/{}", made.id());
    let before = office.admin.get(&path).expect(200);
    assert_eq!((before.json()["last_used_at"].clone(), before.etag()), (Value::Null, "\"1\"".into()));
    let (head, begun) = (office.nobody.head(), Instant::now());
    let ines = office.nobody.showing(&made.text_at("/key"));
    ines.get("/v1/vendors").expect(200);
    let used = (0..100).find_map(|_| {
        sleep(Duration::from_millis(50));
        let shown = office.admin.get(&path).expect(200);
        shown.json()["last_used_at"].as_str().map(|used| (used.parse::<Instant>().unwrap(), shown.etag()))
    });
    let (used, etag) = used.expect("its use is noted");
    assert!(used >= begun && used <= Instant::now());
    for _ in 0..20 {
        ines.get("/v1/vendors").expect(200);
    }
    let after = office.admin.get(&path).expect(200);
    assert_eq!(after.text_at("/last_used_at"), used.to_string(), "noted once a minute");
    assert_eq!((after.etag(), after.json()["revision"].clone()), (etag.clone(), json!(1)));
    assert_ne!(etag, before.etag(), "a reader that has the former state is told");
    let listed = office.admin.all("/v1/api-keys?limit=2");
    assert!(
        listed.iter().any(|key| key["id"] == made.id().as_str() && key["last_used_at"] == used.to_string())
    );
    assert_eq!(office.nobody.head(), head, "the journal knows nothing of it");
    office.admin.delete(&path, &etag).expect(200);
}

#[test]
fn keys_are_listed_page_by_page_in_the_order_of_their_making() {
    let office = Office::open();
    for number in 0..7 {
        office.admin.post("/v1/api-keys", &a_key(&format!("person {number}"), "viewer")).expect(201);
    }
    let of = |keys: &[Value]| -> Vec<String> {
        keys.iter().map(|key| format!("{} {}", key["id"], key["actor"].as_str().unwrap())).collect()
    };
    let whole = office.auditor.get("/v1/api-keys?limit=500").expect(200).json();
    let whole = of(whole["items"].as_array().unwrap());
    assert_eq!(of(&office.admin.all("/v1/api-keys?limit=3")), whole);
    assert_eq!(whole.len(), 13, "six people of the office and seven more");
    for (key, number) in whole[6..].iter().zip(0..) {
        assert!(key.ends_with(&format!("person {number}")), "{key}");
    }
}

#[test]
fn the_journal_says_who_made_and_revoked_keys_to_those_who_see_everything_and_never_a_secret() {
    let office = Office::open();
    let made = office.admin.post("/v1/api-keys", &a_key("ines", "approver")).expect(201);
    let (id, token) = (made.id(), made.text_at("/key"));
    office.admin.delete(&format!("/v1/api-keys/{id}?comment=Lost"), "*").expect(200);
    let vendor = office.analyst.vendor("Acme");
    let entries = office.auditor.all("/v1/journal?limit=3");
    let of_key: Vec<&Value> = entries.iter().filter(|entry| entry["subject_id"] == id.as_str()).collect();
    let said: Vec<(&str, &str)> = of_key
        .iter()
        .map(|entry| (entry["action"].as_str().unwrap(), entry["actor"].as_str().unwrap()))
        .collect();
    assert_eq!(said, [("api_key.created", "dora.admin"), ("api_key.revoked", "dora.admin")]);
    assert_eq!(of_key[1]["comment"], "Lost");
    let fields: Vec<&String> = of_key[0]["payload"].as_object().unwrap().keys().collect();
    for hidden in ["key", "hash", "hashed_with", "last_used_at"] {
        assert!(!fields.iter().any(|field| *field == hidden), "{fields:?}");
    }
    let hash = sql::plain(office.app.target()).lines("SELECT hash AS line FROM api_keys");
    let text = serde_json::to_string(&entries).unwrap();
    assert!(!text.contains("rr_") && !text.contains(&token[33..70]));
    assert!(hash.iter().all(|hash| hash.len() == 64 && !text.contains(hash)));
    let seqs: Vec<u64> = entries
        .iter()
        .filter(|entry| entry["subject_kind"] == "api_key")
        .map(|entry| entry["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs.len(), 6 + 2);
    for role in [Role::Viewer, Role::Analyst, Role::Approver, Role::Admin] {
        let person = office.of_role(role);
        let seen = person.all("/v1/journal?limit=2");
        assert!(seen.iter().all(|entry| entry["subject_kind"] != "api_key"), "{role}");
        assert!(seen.iter().any(|entry| entry["subject_id"] == vendor.as_str()), "{role}");
        assert!(person.all("/v1/journal?subject_kind=api_key").is_empty(), "{role}");
        for seq in &seqs {
            person.get(&format!("/v1/journal/{seq}")).expect_problem(404, "not_found");
        }
        for kind in ["vendors", "authorities", "regimes", "designations"] {
            person.get(&format!("/v1/{kind}/{id}/history")).expect_problem(404, "not_found");
        }
    }
    assert_eq!(office.auditor.all("/v1/journal?subject_kind=api_key").len(), 8);
}
