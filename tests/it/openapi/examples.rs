//! The examples of the document: they fit their schemas, and the server takes them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::none;
use crate::{
    conventions::{
        document::{Operation, chosen, resolved},
        validation::violations,
    },
    support::{App, samples::order},
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
    for example in &examples["record_event"] {
        let designation = client.designation(&vendor, &order("2026-03-01", &scopes));
        let scope = client.get(&format!("/v1/designations/{designation}")).text_at("/scopes/0/id");
        let mut event = real(example, "", "");
        event["details"] = real(&real(&event["details"], "authority_id", &court), "successor_id", &successor);
        if let Some(dates) = event.pointer_mut("/details/dates/0/scope_id") {
            *dates = json!(scope);
        }
        let answer = client.post(&format!("/v1/designations/{designation}/events"), &event);
        // What the history does not allow is another matter: these are examples of many histories.
        let unfit =
            answer.status == 409 || answer.text.contains("no event") || answer.text.contains("/details/");
        assert!(answer.status == 201 || unfit, "{event}: {answer:?}");
        for shape in ["missing_field", "unknown_field", "invalid_type", "unknown_value"] {
            assert!(!answer.text.contains(shape), "{event}: {answer:?}");
        }
        client
            .post(&format!("/v1/designations/{designation}/reasons"), &examples["add_reason"][0])
            .expect(201);
    }
}
