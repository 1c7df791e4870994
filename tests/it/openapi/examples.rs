//! The examples of the document: they fit their schemas, and the server takes them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::none;
use crate::{
    conventions::{
        document::{Operation, chosen, resolved},
        validation::violations,
    },
    support::{
        App,
        samples::{EVENT_TYPES, details, event, order},
    },
};

/// The examples of every body, by operation.
fn examples() -> BTreeMap<String, Vec<Value>> {
    let of = |operation: &Operation| {
        let schema = resolved(operation.body.as_ref()?);
        let forms = schema["oneOf"].as_array().cloned().unwrap_or_default();
        let mut found: Vec<Value> = schema["examples"].as_array().cloned().unwrap_or_default();
        found.extend(
            forms.iter().map(resolved).chain([schema]).map(|s| s["example"].clone()).filter(|e| !e.is_null()),
        );
        Some((operation.id.clone(), found))
    };
    Operation::all().iter().filter_map(of).collect()
}

#[test]
fn every_body_has_an_example_that_is_as_documented() {
    for operation in Operation::all() {
        let Some(schema) = &operation.body else { continue };
        let examples = &examples()[&operation.id];
        assert!(!examples.is_empty(), "{} has no example: give its request type one", operation.id);
        for example in examples {
            none(
                violations(example, &chosen(schema, example)),
                &format!("The example of {} is valid", operation.id),
            );
        }
    }
}

#[test]
fn every_example_of_a_creation_is_accepted_once_its_ids_are_real() {
    let app = App::empty();
    let client = &app.client;
    let (vendor, court) = (client.vendor("Acme"), client.authority("Court", "court"));
    let regime = client.regime("test", "prohibited");
    let scopes = json!([{ "environments": ["secret"] }]);
    let successor = client.designation(&vendor, &order("2026-03-01", &scopes));
    let examples = examples();
    let real = |example: &Value, field: &str, id: &str| {
        let mut example = example.clone();
        if let Some(found) = example.get_mut(field) {
            *found = json!(id);
        }
        example
    };
    for (operation, path) in [
        ("create_vendor", "/v1/vendors"),
        ("create_authority", "/v1/authorities"),
        ("create_regime", "/v1/regimes"),
    ] {
        client.post(path, &examples[operation][0]).expect(201);
    }
    client.authority("Department of Defense", "government");
    client.post("/v1/standing-checks", &examples["check_standing"][0]).expect(200);
    for example in &examples["create_designation"] {
        let example =
            real(&real(&real(example, "vendor_id", &vendor), "regime_id", &regime), "authority_id", &court);
        client.post("/v1/designations", &example).expect(201);
    }
    let mut accepted = BTreeSet::new();
    for example in &examples["record_event"] {
        let kind = example["type"].as_str().unwrap();
        let id = client.designation(&vendor, &first_before(kind, &scopes));
        let path = format!("/v1/designations/{id}");
        let before = before(kind).map(|kind| {
            let event = event(kind, "2026-03-10", &details(kind, &court, &successor));
            client.event(&id, &event)["id"].clone()
        });
        let mut event = real(example, "", "");
        event["details"] = real(&real(&event["details"], "authority_id", &court), "successor_id", &successor);
        for reference in ["lifts", "reinstates"] {
            if let Some(found) = event["details"].get_mut(reference) {
                *found = before.clone().unwrap();
            }
        }
        if let Some(dated) = event.pointer_mut("/details/dates/0/scope_id") {
            *dated = json!(client.get(&path).text_at("/scopes/0/id"));
        }
        client.post(&format!("{path}/events"), &event).expect(201);
        accepted.insert(kind);
    }
    assert_eq!(accepted, BTreeSet::from(EVENT_TYPES), "every type of event has an example");
    let id = client.designation(&vendor, &order("2026-03-01", &scopes));
    for example in &examples["add_reason"] {
        client.post(&format!("/v1/designations/{id}/reasons"), example).expect(201);
    }
}

/// The first event of a history that an event of a type can come into. A proposal opens scopes of its own beside an order's.
fn first_before(kind: &str, scopes: &Value) -> Value {
    let first = match kind {
        "notice_issued" | "urgent_action" | "order_issued" => "proposal_recorded",
        "response_received" | "response_extended" | "withdrawn" => "notice_issued",
        _ => "order_issued",
    };
    event(first, "2026-03-01", &json!({ "scopes": scopes }))
}

/// What must have happened after an order, so that an event of a type can come.
fn before(kind: &str) -> Option<&'static str> {
    match kind {
        "stay_lifted" => Some("stayed"),
        "reinstated" => Some("vacated"),
        _ => None,
    }
}
