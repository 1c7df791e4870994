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
    fn a_field_says_what_it_is_and_then_what_every_such_value_is() {
        let date = json!({ "type": "string", "format": "date", "description": "A day." });
        let simple = Map::from_iter([("Date".to_owned(), date)]);
        let reference = "#/components/schemas/Date";
        let mut fields = json!({
            "alone": { "$ref": reference },
            "own": { "$ref": reference, "description": "When it was" },
            "stopped": { "$ref": reference, "description": "When it was." },
        });
        inline(&mut fields, &simple);
        assert_eq!(fields.pointer("/alone/description"), Some(&json!("A day.")));
        for field in ["own", "stopped"] {
            let expected =
                json!({ "type": "string", "format": "date", "description": "When it was. A day." });
            assert_eq!(fields.get(field), Some(&expected));
        }
    }
}
