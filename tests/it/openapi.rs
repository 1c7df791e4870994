//! The OpenAPI document, held against what generators and readers need of it.

mod answers;
mod examples;
mod links;
mod page;
mod recorded;
mod shape;
mod snapshots;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    conventions::{
        document::{DOCUMENT, Operation, resolved},
        validation::violations,
    },
    support::{App, process::program},
};

const REGENERATE: &str = "cargo run -- openapi > openapi/openapi.json";

#[test]
fn the_document_in_the_repository_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let served = App::empty().client.get("/openapi.json").expect(200);
    assert_eq!(served.header("content-type"), Some("application/json"));
    assert!(
        committed == served.text,
        "openapi/openapi.json is not what the server serves. Write it anew, and review the difference in the commit \
         that causes it:\n    {REGENERATE}"
    );
    let printed = program(&["openapi"]).output().unwrap();
    assert!(printed.status.success());
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), served.text);
}

/// Every part of the document with its JSON Pointer.
fn everything() -> Vec<(String, &'static Value)> {
    fn collect(at: &str, value: &'static Value, found: &mut Vec<(String, &'static Value)>) {
        found.push((at.to_owned(), value));
        match value {
            Value::Object(object) => {
                for (key, part) in object {
                    collect(&format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), part, found);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    collect(&format!("{at}/{index}"), item, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect("", &DOCUMENT, &mut found);
    found
}

#[track_caller]
fn none(found: impl IntoIterator<Item = String>, rule: &str) {
    let found: Vec<String> = found.into_iter().collect();
    assert!(found.is_empty(), "{rule}. These do not keep to it:\n{}", found.join("\n"));
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_what_it_is_for() {
    let mut names = BTreeSet::new();
    let tags: Vec<&Value> = DOCUMENT["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let at = format!("{method} {path}");
            let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{at} has no operationId"));
            let words: Vec<&str> = id.split('_').collect();
            let plain = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
            assert!(words.len() >= 2 && words.iter().all(plain), "{id} must be verb_noun in snake_case");
            assert!(names.insert(id), "two operations are called {id}");
            for text in ["summary", "description"] {
                let said = operation[text].as_str().unwrap_or_default();
                assert!(said.len() > 5, "{id} needs a {text}: the first lines of the handler's comment");
            }
            let of_operation = operation["tags"].as_array().unwrap();
            assert!(
                of_operation.len() == 1 && tags.contains(&&of_operation[0]),
                "{id} needs one tag that is described"
            );
        }
    }
}

#[test]
fn every_refusal_is_documented_as_a_problem_and_every_success_with_what_it_answers() {
    for operation in Operation::all() {
        for status in ["400", "500", "503"] {
            assert!(operation.responses.contains_key(status), "{} does not document {status}", operation.id);
        }
        for (status, response) in &operation.responses {
            let (at, response) = (format!("{} {status}", operation.id), resolved(response));
            assert!(response["description"].as_str().is_some_and(|said| !said.is_empty()), "{at}");
            assert!(response["headers"].get("X-Request-Id").is_some(), "{at} does not document X-Request-Id");
            let content = &response["content"];
            if status.as_str() >= "400" {
                let schema = &content["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{at}");
                let examples = content["application/problem+json"]["examples"].as_object().unwrap();
                for (name, example) in examples {
                    none(
                        violations(&example["value"], &json!({ "$ref": schema })),
                        &format!("example {name} of {at}"),
                    );
                }
            } else {
                assert_eq!(content.is_null(), matches!(status.as_str(), "204" | "304"), "{at}");
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_referred_to() {
    let references: BTreeSet<&str> =
        everything().iter().filter_map(|(_, part)| part["$ref"].as_str()).collect();
    let dangling =
        references.iter().filter(|to| DOCUMENT.pointer(to.strip_prefix('#').unwrap_or("/")).is_none());
    none(
        dangling.map(ToString::to_string),
        "A reference leads to a component. Write a query parameter's list where it stands with #[param(inline)]",
    );
    let schemas = DOCUMENT["components"]["schemas"].as_object().unwrap().keys();
    let unused = schemas.filter(|name| !references.contains(format!("#/components/schemas/{name}").as_str()));
    none(unused.cloned(), "A schema is used by some operation");
}

#[test]
fn every_schema_is_a_record_a_vocabulary_or_a_union_under_a_name_of_the_model() {
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
        let named = name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|b| b.is_ascii_alphabetic());
        assert!(named, "{name} is no name for a class");
        let shaped = schema["type"] == "object" || schema["enum"].is_array() || schema["oneOf"].is_array();
        assert!(shaped, "{name} is a bare {}: it belongs where it is used", schema["type"]);
        assert!(
            schema["description"].as_str().is_some_and(|said| !said.is_empty()),
            "{name} has no description"
        );
    }
}

#[test]
fn every_closed_vocabulary_lists_its_words_as_they_are_written() {
    let lists =
        everything().into_iter().filter(|(at, part)| part["enum"].is_array() && !at.contains("/example"));
    for (at, part) in lists {
        let words = part["enum"].as_array().unwrap();
        let written = |word: &Value| {
            word.as_str().is_some_and(|word| {
                !word.is_empty()
                    && word.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-' | b'.'))
            })
        };
        assert!(part["type"] == "string" && words.iter().all(written), "{at}: {words:?}");
    }
    let is_list = |pattern: &str| {
        let words = pattern.trim_start_matches(['^', '(']).trim_end_matches(['$', ')']);
        pattern.contains('|')
            && words.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-' | b'.' | b'|'))
    };
    let patterns = everything().into_iter().filter(|(_, part)| part["pattern"].as_str().is_some_and(is_list));
    none(patterns.map(|(at, _)| at), "A list of words is an enum and no pattern");
}

#[test]
fn every_query_parameter_is_bounded_and_described_and_none_is_null() {
    for operation in Operation::all() {
        for parameter in &operation.in_query {
            let at = format!("{} of {}", parameter.name, operation.id);
            let array = parameter.schema["type"] == "array";
            let item = if array { resolved(&parameter.schema["items"]) } else { parameter.schema.clone() };
            assert!(item["type"].is_string(), "{at} has the type {}", item["type"]);
            assert!(!array || parameter.schema["maxItems"].is_u64(), "{at} does not say how many it takes");
            let bounds = ["maxLength", "enum", "format", "pattern", "maximum"];
            let bounded = item["type"] == "boolean" || bounds.iter().any(|bound| item.get(bound).is_some());
            assert!(bounded, "{at} does not say how long it may be: {item}");
        }
    }
    for (at, part) in everything() {
        if part["in"] == "query" {
            assert!(
                part["description"].as_str().is_some_and(|said| said.len() > 5),
                "{at} has no description"
            );
            assert!(part["style"].is_null() || part["style"] == "form", "{at}: arrays are repeated keys");
            assert!(part["explode"] != false, "{at}: arrays are repeated keys");
        }
    }
}

#[test]
fn every_union_tells_its_forms_apart_by_a_word() {
    let mut unions = 0;
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
        let Some(forms) = schema["oneOf"].as_array() else { continue };
        unions += 1;
        let by = schema["discriminator"]["propertyName"]
            .as_str()
            .unwrap_or_else(|| panic!("{name} needs a discriminator"));
        let mapping = schema["discriminator"]["mapping"].as_object().unwrap();
        assert_eq!(mapping.len(), forms.len(), "{name}");
        for (word, target) in mapping {
            assert!(forms.contains(&json!({ "$ref": target })), "{name}: {word}");
            let form = resolved(&json!({ "$ref": target }));
            assert_eq!(form["properties"][by]["const"], json!(word), "{name}: {word}");
            assert!(form["required"].as_array().unwrap().contains(&json!(by)), "{name}: {word}");
        }
    }
    assert_eq!(unions, 4, "events as recorded, as stated and as proposed, and proposals");
}

#[test]
fn a_patch_requires_nothing_and_a_record_shows_all_that_it_has() {
    for operation in Operation::all() {
        let id = &operation.id;
        if operation.method == "PATCH" {
            let schema = resolved(operation.body.as_ref().unwrap());
            assert!(
                schema["required"].is_null() && schema["properties"].as_object().unwrap().len() > 2,
                "{id}: {schema}"
            );
            assert_eq!(operation.media_types, ["application/json", "application/merge-patch+json"], "{id}");
        }
    }
    for name in [
        "Vendor",
        "Authority",
        "Regime",
        "Designation",
        "Reason",
        "Scope",
        "StayedEvent",
        "StayedProposedEvent",
        "ProposedDesignation",
        "Review",
        "ReviewDecision",
        "UpdateReasonProposal",
        "JournalEntry",
        "HistoryEntry",
    ] {
        let schema = resolved(&json!({ "$ref": format!("#/components/schemas/{name}") }));
        let required: BTreeSet<&str> =
            schema["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let fields: BTreeSet<&str> =
            schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            required, fields,
            "{name}: a field of a record is always there, null where nothing is known"
        );
    }
}
