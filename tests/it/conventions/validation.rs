//! Whether an answer is what the document says: the keywords of JSON Schema that the document uses.

use serde_json::Value;

use super::document::{DOCUMENT, chosen};

/// Everything in a value that its schema does not allow.
pub fn violations(value: &Value, schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check("", value, schema, &mut found);
    found
}

fn check(at: &str, value: &Value, schema: &Value, found: &mut Vec<String>) {
    let mut schema = schema.clone();
    while let Some(reference) = schema["$ref"].as_str() {
        schema = DOCUMENT.pointer(reference.strip_prefix('#').unwrap()).unwrap().clone();
    }
    if schema.get("discriminator").is_some() {
        let union = schema;
        schema = chosen(&union, value);
        if schema == union {
            found.push(format!("{at} is none of the forms of its union: {value}"));
            return;
        }
    } else if let Some(choices) = schema["oneOf"].as_array() {
        let fitting = choices.iter().filter(|choice| violations(value, choice).is_empty()).count();
        if fitting != 1 {
            found.push(format!("{at} fits {fitting} of its choices: {value}"));
        }
        return;
    }
    if !has_type(value, &schema["type"]) {
        found.push(format!("{at} must be {}, not {value}", schema["type"]));
        return;
    }
    if !schema["const"].is_null() && schema["const"] != *value {
        found.push(format!("{at} must be {}, not {value}", schema["const"]));
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        found.push(format!("{at} must be one of {}, not {value}", schema["enum"]));
    }
    match value {
        Value::Object(object) => {
            for field in schema["required"].as_array().into_iter().flatten() {
                if !object.contains_key(field.as_str().unwrap()) {
                    found.push(format!("{at}/{} is missing", field.as_str().unwrap()));
                }
            }
            let Some(properties) = schema["properties"].as_object() else { return };
            for (field, part) in object {
                match properties.get(field) {
                    Some(of_part) => check(&format!("{at}/{field}"), part, of_part, found),
                    None => found.push(format!("{at}/{field} is not documented")),
                }
            }
        }
        Value::Array(items) => {
            bound(at, "items", items.len(), (&schema["minItems"], &schema["maxItems"]), found);
            for (index, item) in items.iter().enumerate() {
                check(&format!("{at}/{index}"), item, &schema["items"], found);
            }
        }
        Value::String(text) => {
            let length = text.chars().count();
            bound(at, "characters", length, (&schema["minLength"], &schema["maxLength"]), found);
        }
        Value::Number(number) => {
            let number = usize::try_from(number.as_u64().unwrap_or_default()).unwrap();
            bound(at, "as its value", number, (&schema["minimum"], &schema["maximum"]), found);
        }
        _ => {}
    }
}

fn bound(at: &str, of: &str, number: usize, (least, most): (&Value, &Value), found: &mut Vec<String>) {
    let number = u64::try_from(number).unwrap();
    if least.as_u64().is_some_and(|least| number < least) || most.as_u64().is_some_and(|most| number > most) {
        found.push(format!("{at} has {number} {of}; the document says {least} to {most}"));
    }
}

fn has_type(value: &Value, documented: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    match documented {
        Value::Null => true,
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        name => is(name.as_str().unwrap_or_default()),
    }
}
