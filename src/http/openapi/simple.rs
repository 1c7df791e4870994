//! Schemas that are a bare string or number are written where they are used: generators make a class of every named one.

use serde_json::{Map, Value};

/// Names of the schemas that are a bare string or number: they are written where they are used, for generators make a
/// class of every named one.
pub fn is_simple(schema: &Value) -> bool {
    let kind = schema.get("type").and_then(Value::as_str);
    let bare = matches!(kind, Some("string" | "integer" | "number" | "boolean" | "array"));
    bare && schema.get("enum").is_none()
}

/// Adds what a simple schema says to what stands beside it: a field's description first, then that of every such value.
pub fn take_over(beside: &mut Map<String, Value>, simple: &Map<String, Value>) {
    for (key, of_simple) in simple {
        match (beside.get_mut(key), of_simple) {
            (Some(Value::String(own)), Value::String(general)) if key == "description" => {
                *own = format!("{}. {general}", own.trim_end().trim_end_matches('.'));
            }
            (Some(_), _) => {}
            (None, _) => {
                beside.insert(key.clone(), of_simple.clone());
            }
        }
    }
}

/// Collects the simple schemas under a key that [`inline_simple_references`] takes away again.
pub fn simple_schemas_inline(schemas: &mut Map<String, Value>) {
    let simple: Map<String, Value> = schemas
        .iter()
        .filter(|(_, schema)| is_simple(schema))
        .map(|(name, s)| (name.clone(), s.clone()))
        .collect();
    for _ in 0..4 {
        // A list of a simple type holds a reference itself, so a few rounds are needed.
        schemas.values_mut().for_each(|schema| inline(schema, &simple));
    }
    schemas.retain(|name, _| !simple.contains_key(name));
    schemas.insert(SIMPLE.into(), Value::Object(resolved(simple)));
}

const SIMPLE: &str = "\u{0}simple";

fn resolved(simple: Map<String, Value>) -> Map<String, Value> {
    let mut done = simple.clone();
    for _ in 0..4 {
        done.values_mut().for_each(|schema| inline(schema, &simple));
    }
    done
}

pub fn inline_simple_references(document: &mut Value) {
    let simple = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
        .and_then(|schemas| schemas.remove(SIMPLE));
    if let Some(Value::Object(simple)) = simple {
        inline(document, &simple);
    }
}

/// Replaces references to simple schemas by what they refer to; a description beside the reference stays, before that of
/// the schema.
fn inline(value: &mut Value, simple: &Map<String, Value>) {
    match value {
        Value::Object(object) => {
            let target = object
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|name| name.strip_prefix("#/components/schemas/"))
                .and_then(|name| simple.get(name))
                .and_then(Value::as_object);
            if let Some(target) = target {
                object.remove("$ref");
                take_over(object, target);
            }
            object.values_mut().for_each(|child| inline(child, simple));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| inline(item, simple)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bare_types_are_simple_and_vocabularies_records_and_unions_are_not() {
        for simple in ["string", "integer", "number", "boolean", "array"] {
            assert!(is_simple(&json!({ "type": simple })), "{simple}");
        }
        for other in [
            json!({ "type": "object" }),
            json!({ "type": ["string", "null"] }),
            json!({ "type": "string", "enum": ["a"] }),
            json!({ "oneOf": [] }),
            json!({}),
        ] {
            assert!(!is_simple(&other), "{other}");
        }
    }

    #[test]
    fn references_to_simple_schemas_become_what_they_refer_to_and_keep_what_stands_beside() {
        let name = json!({ "type": "string", "description": "A name", "maxLength": 9 });
        let names = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Name" } });
        let mut document = json!({
            "paths": { "/v1/a": [
                { "$ref": "#/components/schemas/Name" },
                { "$ref": "#/components/schemas/Record" },
                { "$ref": "#/components/parameters/Name" },
            ] },
            "components": { "schemas": {
                "Name": name,
                "Names": names,
                "Word": { "type": "string", "enum": ["a"] },
                "Record": { "type": "object", "properties": {
                    "name": { "$ref": "#/components/schemas/Name", "description": "Its own" },
                    "names": { "$ref": "#/components/schemas/Names" },
                    "word": { "$ref": "#/components/schemas/Word" },
                } },
            } },
        });
        simple_schemas_inline(document["components"]["schemas"].as_object_mut().unwrap());
        inline_simple_references(&mut document);
        assert_eq!(
            document,
            json!({
                "paths": { "/v1/a": [
                    name,
                    { "$ref": "#/components/schemas/Record" },
                    { "$ref": "#/components/parameters/Name" },
                ] },
                "components": { "schemas": {
                    "Word": { "type": "string", "enum": ["a"] },
                    "Record": { "type": "object", "properties": {
                        "name": { "type": "string", "description": "Its own. A name", "maxLength": 9 },
                        "names": { "type": "array", "items": name },
                        "word": { "$ref": "#/components/schemas/Word" },
                    } },
                } },
            })
        );
    }

    #[test]
    fn a_document_of_which_nothing_was_collected_stays() {
        let mut document = json!({ "paths": {} });
        inline_simple_references(&mut document);
        assert_eq!(document, json!({ "paths": {} }));
    }
}
