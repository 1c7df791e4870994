//! Reasons of a designation over HTTP.

use serde_json::{Value, json};

use super::support::{
    App, Client,
    samples::{assert_says, event, order, reason},
};

const UNKNOWN: &str = "019b76da-a801-7b11-aee7-d79cd37d93b3";

/// A designation under an order with one reason: its path.
fn designation(client: &Client) -> String {
    let id = client.designation(&client.vendor("Acme"), &order("2026-03-01", &json!([{}])));
    format!("/v1/designations/{id}")
}

fn action(client: &Client) -> String {
    client.get(&format!("/v1/journal/{}", client.head())).expect(200).text_at("/action")
}

#[test]
fn a_reason_is_added_read_changed_and_removed_and_the_history_keeps_it() {
    let app = App::empty();
    let client = &app.client;
    let path = designation(client);
    let stated = json!({
        "code": "usage_policy_dispute", "statement": "Two\nlines", "asserted_by": "press", "confidence": "disputed",
        "status": "contested", "sources": [{ "kind": "press", "title": "A report", "url": "https://press.example/1" }],
    });
    let added = client.post(&format!("{path}/reasons"), &stated).expect(201);
    assert_says(&added.json(), &stated);
    assert_eq!(action(client), "designation.reason_added");
    let one = format!("{path}/reasons/{}", added.id());
    assert_eq!(added.header("location"), Some(&*one));
    assert_eq!(client.get(&one).expect(200).json(), added.json());
    let record = client.get(&path).expect(200);
    assert_eq!(record.json()["reasons"][1], added.json());
    assert_eq!(added.etag(), record.etag());

    let patch = json!({ "confidence": "confirmed", "status": "rejected_by_court", "sources": null });
    let changed = client.change(&one, &patch);
    let mut expected = added.json();
    json_patch::merge(&mut expected, &patch);
    expected["sources"] = json!([]);
    assert_eq!(changed, expected);
    assert_eq!(action(client), "designation.reason_updated");
    let head = client.head();
    assert_eq!(client.change(&one, &json!({ "status": "rejected_by_court" })), changed);
    assert_eq!(client.head(), head, "what changes nothing is not recorded");

    client.delete(&one, &client.get(&one).etag()).expect(204);
    assert_eq!(action(client), "designation.reason_removed");
    client.get(&one).expect_problem(404, "not_found");
    assert_eq!(client.get(&path).json()["reasons"].as_array().unwrap().len(), 1);
    let known = client.get(&format!("{path}?known_seq={head}")).expect(200).json();
    assert_eq!(known["reasons"][1], changed);
    let history = client.all(&format!("{path}/history"));
    assert_eq!(
        history.last().unwrap()["patch"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|step| step["op"] == "remove")
            .count(),
        1
    );
}

#[test]
fn the_last_reason_of_an_order_can_not_be_removed() {
    let app = App::empty();
    let client = &app.client;
    let path = designation(client);
    let one = |place: usize| {
        let record = client.get(&path).json();
        format!("{path}/reasons/{}", record["reasons"][place]["id"].as_str().unwrap())
    };
    client.delete(&one(0), "*").expect_problem(409, "last_reason");
    client.post(&format!("{path}/reasons"), &reason()).expect(201);
    client.delete(&one(0), "*").expect(204);
    client.delete(&one(0), "*").expect_problem(409, "last_reason");

    let proposal = event("proposal_recorded", "2026-03-01", &json!({ "scopes": [{}] }));
    let id = client.designation(&client.vendor("Bcme"), &proposal);
    let path = format!("/v1/designations/{id}");
    let only = client.get(&path).json()["reasons"][0]["id"].clone();
    client.delete(&format!("{path}/reasons/{}", only.as_str().unwrap()), "*").expect(204);
    assert_eq!(client.get(&path).json()["reasons"], json!([]), "what is only proposed needs none");
}

#[test]
fn a_reason_that_is_no_reason_is_refused_with_the_field() {
    let app = App::empty();
    let client = &app.client;
    let path = designation(client);
    let reasons = format!("{path}/reasons");
    let with = |field: &str, value: Value| {
        let mut body = reason();
        body[field] = value;
        body
    };
    let cases = [
        (with("code", json!("dislike")), "/code"),
        (with("statement", json!(" ")), "/statement"),
        (with("asserted_by", Value::Null), "/asserted_by"),
        (with("confidence", json!("sure")), "/confidence"),
        (with("id", json!(UNKNOWN)), "/id"),
        (with("sources", json!([{ "kind": "press" }])), "/sources/0/title"),
        (
            with("sources", json!([{ "kind": "press", "title": "A", "url": "ftp://a.example" }])),
            "/sources/0/url",
        ),
        (with("sources", json!([{ "kind": "press", "title": "A", "sha256": "ab" }])), "/sources/0/sha256"),
    ];
    let head = client.head();
    for (body, pointer) in cases {
        assert_eq!(client.refused("POST", &reasons, &body)[0].0, pointer, "{body}");
    }
    let one = format!("{reasons}/{}", client.get(&path).json()["reasons"][0]["id"].as_str().unwrap());
    assert_eq!(client.refused("PATCH", &one, &json!({ "id": UNKNOWN }))[0].0, "/id");
    assert_eq!(client.refused("PATCH", &one, &json!({ "code": null }))[0].0, "/code");
    assert_eq!(client.head(), head);
    for (method, path) in [("GET", one.clone()), ("PATCH", one.clone()), ("DELETE", one)] {
        let other = path.replace(path.rsplit('/').next().unwrap(), UNKNOWN);
        let headers = [("if-match", "*"), ("content-type", "application/json")];
        let body = (method == "PATCH").then_some(&b"{}"[..]);
        client.send(method, &other, &headers, body).expect_problem(404, "not_found");
    }
    client.post(&format!("/v1/designations/{UNKNOWN}/reasons"), &reason()).expect_problem(404, "not_found");
}

#[test]
fn a_change_or_removal_needs_if_match() {
    let app = App::empty();
    let client = &app.client;
    let path = designation(client);
    let one = format!("{path}/reasons/{}", client.get(&path).json()["reasons"][0]["id"].as_str().unwrap());
    let json_body = [("content-type", "application/json")];
    client.send("PATCH", &one, &json_body, Some(b"{}")).expect_problem(428, "precondition_required");
    client.send("DELETE", &one, &[], None).expect_problem(428, "precondition_required");
    client.patch(&one, "\"2\"", &json!({ "status": "withdrawn" })).expect_problem(412, "stale");
    client.delete(&one, "\"2\"").expect_problem(412, "stale");
}

#[test]
fn reasons_are_listed_in_the_order_of_adding_even_where_some_go_between_two_pages() {
    let app = App::empty();
    let client = &app.client;
    let path = designation(client);
    let add = || client.post(&format!("{path}/reasons"), &reason()).expect(201).id();
    let added: Vec<String> = (0..6).map(|_| add()).collect();
    let ids = |items: &[Value]| -> Vec<String> {
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let all = client.all(&format!("{path}/reasons?limit=2"));
    assert_eq!(ids(&all)[1..], added);
    let page = client.get(&format!("{path}/reasons?limit=3")).expect(200).json();
    client.delete(&format!("{path}/reasons/{}", added[1]), "*").expect(204);
    client.delete(&format!("{path}/reasons/{}", added[2]), "*").expect(204);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = client.get(&format!("{path}/reasons?limit=3&cursor={cursor}")).expect(200).json();
    assert_eq!(ids(rest["items"].as_array().unwrap()), added[3..]);
}
