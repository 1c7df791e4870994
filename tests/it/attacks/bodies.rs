//! Bodies and ids that claim more than their sender may say.

use serde_json::{Value, json};

use super::Tried;
use crate::{
    bad_input::{JSON, request},
    conventions::{
        calls::call,
        document::{Operation, resolved},
    },
    support::{App, Office},
};

/// Fields that only the registry writes.
fn claims() -> Vec<(&'static str, Value)> {
    let instant = json!("2020-01-01T00:00:00Z");
    let id = json!("0195a3c4-0000-7000-8000-00000000000a");
    vec![
        ("id", id.clone()),
        ("revision", json!(7)),
        ("created_at", instant.clone()),
        ("updated_at", instant.clone()),
        ("recorded_at", instant),
        ("actor", json!("dora.admin")),
        ("created_by", json!("dora.admin")),
        ("seq", json!(1)),
        ("known_seq", json!(1)),
        ("review", json!({ "status": "confirmed" })),
        ("review_id", id.clone()),
        ("confirmed", json!(true)),
        ("ended", Value::Null),
        ("current", json!({ "state": "none" })),
        ("sight", json!("public")),
        ("roles_of_actor", json!(["admin"])),
        ("request_id", json!("forged")),
        ("__proto__", json!({ "admin": true })),
    ]
}

#[test]
fn no_body_sets_what_only_the_registry_writes() {
    let app = App::empty();
    let mut tried = Tried::on(&app.client);
    let mut operations = 0;
    for operation in Operation::all().into_iter().filter(|operation| operation.body.is_some()) {
        operations += 1;
        let fields = resolved(operation.body.as_ref().unwrap())["properties"].clone();
        for (field, value) in claims().into_iter().filter(|(field, _)| fields.get(field).is_none()) {
            let call = call(&app, &operation).unwrap();
            let mut body = call.body.clone().unwrap();
            body[field] = value;
            let mut headers = vec![("content-type", "application/json")];
            if let Some(etag) = &call.etag {
                headers.push(("if-match", etag));
            }
            let head = app.client.head();
            let body = body.to_string();
            let answer =
                app.client.send(&operation.method, &call.target(""), &headers, Some(body.as_bytes()));
            let unchanged = app.client.head() == head;
            let named = answer.text.contains(field);
            let what = format!("{} with {field}", operation.id);
            tried.note(&what, &answer.status.to_string(), answer.status == 422 && unchanged && named, &[422]);
        }
    }
    let status = json!({ "legal_name": "Acme", "kind": "company", "status": "retired" }).to_string();
    tried.bytes("create_vendor with status", &request("POST /v1/vendors", JSON, &status), &[422]);
    println!("{operations} operations take a body");
    tried.done();
}

#[test]
fn an_id_that_is_guessed_tells_no_more_than_one_that_can_not_be() {
    let office = Office::open();
    let vendor = office.analyst.vendor("Acme");
    let mut tried = Tried::on(&office.nobody);
    let mut near = vendor.clone();
    near.pop();
    near.push(if vendor.ends_with('0') { '1' } else { '0' });
    for (what, id) in
        [("the next id", near.as_str()), ("an id of zeros", "00000000-0000-0000-0000-000000000000")]
    {
        let found = office.viewer.get(&format!("/v1/vendors/{id}"));
        let fits = found.status == 404 && !found.text.contains("Acme");
        tried.note(&format!("{what}, as a viewer"), &found.status.to_string(), fits, &[404]);
    }
    // Without a key the ids that are there and those that are not answer alike, to the byte.
    let plain = |id: &str| {
        let answer = office.nobody.get_with(&format!("/v1/vendors/{id}"), &[("x-request-id", "r")]);
        (answer.status, answer.text)
    };
    let (there, not_there) = (plain(&vendor), plain(&near));
    let alike = there == not_there && there.0 == 401;
    tried.note("an id that is there and one that is not, without a key", &there.0.to_string(), alike, &[401]);
    for kind in ["authorities", "regimes", "designations", "journal", "api-keys", "nothing"] {
        let answer = office.nobody.get(&format!("/v1/{kind}/{vendor}"));
        tried.note(
            &format!("{kind}, without a key"),
            &answer.status.to_string(),
            answer.status == 401,
            &[401],
        );
    }
    for path in
        ["/v1/vendors/1", "/v1/vendors/{id}", "/v1/vendors/*", "/v1/vendors/' OR 1=1--", "/v1/vendors/null"]
    {
        let path = path.replace(' ', "%20").replace('{', "%7B").replace('}', "%7D");
        let answer = office.viewer.get(&path);
        tried.note(&format!("{path}, as a viewer"), &answer.status.to_string(), answer.status == 400, &[400]);
    }
    tried.done();
}

#[test]
fn a_body_of_another_kind_is_not_taken_for_json() {
    let app = App::empty();
    let mut tried = Tried::on(&app.client);
    let body = r#"{"legal_name":"Acme","kind":"company"}"#;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/json; charset=utf-16",
        "application/jsonp",
        "text/json",
        "application/json, text/plain",
    ] {
        let bytes = request("POST /v1/vendors", &format!("Content-Type: {kind}\r\n"), body);
        tried.bytes(&format!("JSON called {kind}"), &bytes, &[415]);
    }
    tried.bytes("a body without a type", &request("POST /v1/vendors", "", body), &[415]);
    for (what, body) in [
        ("XML", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>"),
        ("a byte order mark", "\u{feff}{}"),
        ("two documents", "{}{}"),
        ("a key twice", r#"{"legal_name":"Acme","legal_name":"Other","kind":"company"}"#),
        ("NaN", r#"{"legal_name":NaN}"#),
        ("a comment", r#"{/*x*/"legal_name":"Acme","kind":"company"}"#),
    ] {
        tried.bytes(&format!("{what} called JSON"), &request("POST /v1/vendors", JSON, body), &[400]);
    }
    tried.done();
    assert_eq!(app.client.head(), 0, "nothing was recorded");
}
