//! Null: one form for what may be null, and none for what may not.

use serde_json::{Map, Value, json};

use super::simple::{is_simple, take_over};

/// `oneOf [null, X]` of a simple X becomes a type with null; a parameter of a query or a header is never null: it
/// is left out.
pub fn tidy_nullables(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(tidy_nullables);
            if let Some(simple) = nullable_simple(object) {
                object.remove("oneOf");
                take_over(object, &simple);
            }
            if matches!(object.get("in").and_then(Value::as_str), Some("query" | "header"))
                && let Some(schema) = object.get_mut("schema")
            {
                never_null(schema);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy_nullables),
        _ => {}
    }
}

fn nullable_simple(object: &Map<String, Value>) -> Option<Map<String, Value>> {
    let choices = object.get("oneOf")?;
    let [only] = besides_null(choices, is_null_schema)[..] else { return None };
    if choices.as_array()?.len() != 2 || !is_simple(only) {
        return None;
    }
    let mut simple = only.as_object()?.clone();
    let kind = simple.get("type").cloned()?;
    simple.insert("type".into(), json!([kind, "null"]));
    Some(simple)
}

/// What a choice or a list of types holds besides null.
fn besides_null(items: &Value, is_null: impl Fn(&Value) -> bool) -> Vec<&Value> {
    items.as_array().into_iter().flatten().filter(|item| !is_null(item)).collect()
}

/// Takes null out of a schema; a description beside a choice stays.
pub fn never_null(schema: &mut Value) {
    if let [only] = besides_null(&schema["type"], |name| name == "null")[..] {
        schema["type"] = only.clone();
    }
    if let [only] = besides_null(&schema["oneOf"], is_null_schema)[..] {
        let mut merged = Map::new();
        if let Some(description) = schema.get("description") {
            merged.insert("description".into(), description.clone());
        }
        if let Some(only) = only.as_object() {
            take_over(&mut merged, only);
        }
        *schema = Value::Object(merged);
    }
}

fn is_null_schema(schema: &Value) -> bool {
    schema.get("type") == Some(&json!("null"))
}

/// Lets a property be null.
pub fn make_nullable(property: &mut Value) {
    let nullable_already =
        property.get("type").is_some_and(Value::is_array) || property.get("oneOf").is_some();
    if nullable_already {
        return;
    }
    if let Some(kind) = property.get("type").cloned() {
        property["type"] = json!([kind, "null"]);
    } else {
        let description = property.get("description").cloned();
        *property = json!({ "oneOf": [{ "type": "null" }, property.clone()] });
        if let Some(description) = description {
            property["description"] = description;
        }
    }
}
