//! Every keyword that values are held against refuses what it should, and the document uses no other.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{COMPARED, DOCUMENT, violations};

/// What a schema can say that no value is held against.
const ANNOTATIONS: [&str; 7] =
    ["default", "deprecated", "description", "example", "examples", "x-enum-descriptions", "x-enum-varnames"];

#[test]
fn every_keyword_is_compared() {
    let long = i64::MAX.unsigned_abs() + 1;
    let id = json!({ "type": "string", "format": "uuid" });
    let closed = json!({ "type": "object", "required": ["a"], "properties": { "a": { "type": "string" } } });
    let choice = json!({ "oneOf": [{ "type": "null" }, { "type": "integer" }] });
    for (schema, fits, does_not) in [
        (json!({ "pattern": "^[a-z]+$" }), vec![json!("ab"), json!(1)], vec![json!("aB"), json!("")]),
        (json!({ "pattern": r"^\s[^\s]$" }), vec![json!("\u{FEFF}a")], vec![json!("ab"), json!("  ")]),
        (
            json!({ "format": "date" }),
            vec![json!("2024-02-29"), json!(null)],
            vec![json!("2026-02-29"), json!("2026-3-5"), json!("2026-03-05T00:00:00Z"), json!("")],
        ),
        (
            json!({ "format": "date-time" }),
            vec![json!("2026-03-05T14:30:00Z"), json!("2026-03-05T14:30:00.123456+02:00")],
            vec![json!("2026-03-05"), json!("2026-03-05T14:30:00"), json!("2026-03-05 14:30:00Z")],
        ),
        (
            id,
            vec![json!("0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77")],
            vec![json!("0195a3c47a107c4e9d2b3f6f0c5a1e77"), json!("a"), json!(null)],
        ),
        (
            json!({ "format": "uri" }),
            vec![json!("https://www.example.com/1")],
            vec![json!("/1"), json!("www.example.com")],
        ),
        (json!({ "format": "unheard-of" }), vec![json!(null)], vec![json!("a"), json!(1)]),
        (json!({ "format": "int32" }), vec![json!(i32::MIN), json!(i32::MAX)], vec![json!(1_i64 << 31)]),
        (json!({ "format": "int64" }), vec![json!(i64::MIN), json!(i64::MAX)], vec![json!(long)]),
        (
            json!({ "minimum": -2, "maximum": 3 }),
            vec![json!(-2), json!(3)],
            vec![json!(-3), json!(4), json!(0.5)],
        ),
        (json!({ "minimum": 0 }), vec![json!(0)], vec![json!(-1)]),
        (
            json!({ "minLength": 1, "maxLength": 2 }),
            vec![json!("é"), json!("éé")],
            vec![json!(""), json!("abc")],
        ),
        (
            json!({ "items": { "type": "integer" }, "minItems": 1, "maxItems": 2 }),
            vec![json!([1]), json!([1, 1])],
            vec![json!([]), json!([1, 2, 3]), json!(["a"])],
        ),
        (
            json!({ "items": {}, "uniqueItems": true }),
            vec![json!([]), json!([1, "1"])],
            vec![json!([{ "a": 1 }, 2, { "a": 1 }])],
        ),
        (json!({ "type": "array" }), vec![json!([])], vec![json!([1]), json!({})]),
        (json!({ "type": "object" }), vec![json!({})], vec![json!({ "a": 1 }), json!([])]),
        (
            closed,
            vec![json!({ "a": "b" })],
            vec![json!({}), json!({ "a": 1 }), json!({ "a": "b", "c": null })],
        ),
        (
            json!({ "type": "object", "additionalProperties": { "type": "integer" } }),
            vec![json!({}), json!({ "a": 1 })],
            vec![json!({ "a": "b" })],
        ),
        (
            json!({ "additionalProperties": true, "minProperties": 1 }),
            vec![json!({ "a": 1 }), json!([])],
            vec![json!({})],
        ),
        (json!({ "additionalProperties": true }), vec![json!({ "a": [1, null] })], vec![]),
        (json!({ "additionalProperties": false }), vec![json!({})], vec![json!({ "a": 1 })]),
        (json!({ "const": "a" }), vec![json!("a")], vec![json!("b"), json!(null)]),
        (json!({ "enum": ["a", null] }), vec![json!("a"), json!(null)], vec![json!("b")]),
        (json!({ "type": ["string", "null"] }), vec![json!("a"), json!(null)], vec![json!(1)]),
        (choice, vec![json!(null), json!(1)], vec![json!("a")]),
        (json!({ "oneOf": [{ "type": "integer" }, { "minimum": 1 }] }), vec![json!(0)], vec![json!(1)]),
        (
            json!({ "$ref": "#/components/schemas/VendorCreate" }),
            vec![json!({ "legal_name": "Acme", "kind": "company", "country": "DE" })],
            vec![
                json!({ "legal_name": " ", "kind": "company" }),
                json!({ "legal_name": "Acme", "kind": "company", "country": "D1" }),
            ],
        ),
        (json!({ "description": "Any" }), vec![json!(null), json!({ "a": [1] }), json!([{}])], vec![]),
        (Value::Null, vec![], vec![json!(null), json!(1)]),
    ] {
        for value in fits {
            assert_eq!(violations(&value, &schema), Vec::<String>::new(), "{value} fits {schema}");
        }
        for value in does_not {
            assert_eq!(violations(&value, &schema).len(), 1, "{value} does not fit {schema}");
        }
    }
}

/// The keywords of a schema and of all that it holds; beside a reference stands nothing that would be compared.
fn keywords(schema: &Value, found: &mut BTreeSet<String>) {
    let Some(object) = schema.as_object() else { return };
    found.extend(object.keys().cloned());
    if object.contains_key("$ref") {
        let beside = object.keys().find(|key| *key != "$ref" && COMPARED.contains(&key.as_str()));
        assert_eq!(beside, None, "{schema}");
    }
    let of_properties = schema["properties"].as_object().into_iter().flat_map(|all| all.values());
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    let parts = [&schema["items"], &schema["additionalProperties"]];
    of_properties.chain(choices).chain(parts).for_each(|part| keywords(part, found));
}

/// The keywords of all schemas under any `schema` and `schemas`.
fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, part) in object {
                match key.as_str() {
                    "schema" | "x-item-schema" => keywords(part, found),
                    "schemas" => {
                        part.as_object().unwrap().values().for_each(|schema| keywords(schema, found));
                    }
                    "example" | "examples" => {}
                    _ => collect(part, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

#[test]
fn the_document_uses_no_other_keyword() {
    let mut used = BTreeSet::new();
    collect(&DOCUMENT, &mut used);
    let known = |word: &String| [&ANNOTATIONS[..], &COMPARED].concat().contains(&word.as_str());
    let others: Vec<_> = used.iter().filter(|word| !known(word)).collect();
    assert!(others.is_empty(), "No value is held against {others:?}: compare them here");
    let unused: Vec<_> = COMPARED.iter().filter(|word| !used.contains(**word)).collect();
    assert!(unused.is_empty(), "The document never says {unused:?}");
}
