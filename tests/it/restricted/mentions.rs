//! A public designation never names a restricted one: neither in a link nor as its successor, now or in its history.

use serde_json::{Value, json};

use crate::support::{
    App, Client,
    samples::{event, order},
};

fn body(client: &Client, visibility: &str) -> Value {
    let vendor = client.vendor("Zenith Works");
    let mut body = client.designation_body(&vendor, &order("2026-03-01", &json!([{}])));
    body["visibility"] = json!(visibility);
    body
}

fn record(client: &Client, visibility: &str) -> String {
    client.post("/v1/designations", &body(client, visibility)).expect(201).id()
}

fn link(id: &str) -> Value {
    json!([{ "kind": "implements", "designation_id": id }])
}

fn path(id: &str) -> String {
    format!("/v1/designations/{id}")
}

/// A change that must be refused as a conflict of this code; gives what it says.
fn conflict(client: &Client, id: &str, patch: &Value, code: &str) -> String {
    let etag = client.get(&path(id)).expect(200).etag();
    client.patch(&path(id), &etag, patch).expect_problem(409, code).text_at("/detail")
}

#[test]
fn a_public_designation_may_not_link_to_a_restricted_one() {
    let app = App::empty();
    let client = &app.client;
    let (hidden, open) = (record(client, "restricted"), record(client, "public"));
    let refused = vec![("/links/0/designation_id".to_owned(), "restricted_reference".to_owned())];
    let mut new = body(client, "public");
    new["links"] = link(&hidden);
    assert_eq!(client.refused("POST", "/v1/designations", &new), refused);
    assert_eq!(client.refused("PATCH", &path(&open), &json!({ "links": link(&hidden) })), refused);
    // Restricted itself, it may; and in the same change.
    client.change(&path(&open), &json!({ "links": link(&hidden), "visibility": "restricted" }));
    assert_eq!(client.refused("PATCH", &path(&open), &json!({ "visibility": "public" })), refused);
    new["visibility"] = json!("restricted");
    client.post("/v1/designations", &new).expect(201);
}

#[test]
fn a_public_designation_may_not_be_superseded_by_a_restricted_one() {
    let app = App::empty();
    let client = &app.client;
    let (hidden, open) = (record(client, "restricted"), record(client, "public"));
    let superseded = event("superseded", "2026-04-01", &json!({ "successor_id": hidden }));
    let events = format!("{}/events", path(&open));
    let pointer = "/details/successor_id".to_owned();
    assert_eq!(client.refused("POST", &events, &superseded), [(pointer, "restricted_reference".to_owned())]);
    client.change(&path(&open), &json!({ "visibility": "restricted" }));
    client.event(&open, &superseded);
    // An event stays, so this one can't be public while its successor is not.
    let detail = conflict(client, &open, &json!({ "visibility": "public" }), "mentions_restricted");
    assert!(detail.contains(&hidden), "{detail}");
    client.change(&path(&hidden), &json!({ "visibility": "public" }));
    client.change(&path(&open), &json!({ "visibility": "public" }));
}

#[test]
fn what_a_public_designation_ever_named_stays_public() {
    let app = App::empty();
    let client = &app.client;
    let (named, naming) = (record(client, "public"), record(client, "public"));
    client.change(&path(&naming), &json!({ "links": link(&named) }));
    client.change(&path(&naming), &json!({ "links": [] }));
    let detail = conflict(client, &named, &json!({ "visibility": "restricted" }), "mentioned_by_public");
    assert!(detail.contains(&naming), "{detail}");
    client.change(&path(&naming), &json!({ "visibility": "restricted" }));
    client.change(&path(&named), &json!({ "visibility": "restricted" }));
    // Its public past names the other one.
    let detail = conflict(client, &naming, &json!({ "visibility": "public" }), "mentions_restricted");
    assert!(detail.contains(&named), "{detail}");
    client.change(&path(&named), &json!({ "visibility": "public" }));
    client.change(&path(&naming), &json!({ "visibility": "public" }));
}
