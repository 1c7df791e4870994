//! Whether an answer is what the document says: the keywords of JSON Schema that the document uses.

mod tests;

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use chrono::{DateTime, NaiveDate};
use regex::Regex;
use serde_json::{Map, Number, Value};
use url::Url;
use uuid::Uuid;

use super::document::{DOCUMENT, chosen};

/// The keywords that values are held against.
const COMPARED: [&str; 20] = [
    "$ref",
    "additionalProperties",
    "const",
    "discriminator",
    "enum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "type",
    "uniqueItems",
];

/// Everything in a value that its schema does not allow.
pub fn violations(value: &Value, schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check("", value, schema, &mut found);
    found
}

fn check(at: &str, value: &Value, schema: &Value, found: &mut Vec<String>) {
    let schema = referred(schema);
    if schema.is_null() {
        found.push(format!("{at} has no schema: {value}"));
        return;
    }
    if !COMPARED.iter().any(|keyword| schema.get(keyword).is_some()) {
        return;
    }
    if schema.get("discriminator").is_some() {
        let form = chosen(schema, value);
        if form == *schema {
            found.push(format!("{at} is none of the forms of its union: {value}"));
        } else {
            check(at, value, &form, found);
        }
        return;
    }
    if let Some(choices) = schema["oneOf"].as_array() {
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
    if schema.get("const").is_some_and(|only| only != value) {
        found.push(format!("{at} must be {}, not {value}", schema["const"]));
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        found.push(format!("{at} must be one of {}, not {value}", schema["enum"]));
    }
    match value {
        Value::Object(object) => check_object(at, object, schema, found),
        Value::Array(items) => check_list(at, items, schema, found),
        Value::String(text) => check_text(at, text, schema, found),
        Value::Number(number) => check_number(at, number, schema, found),
        Value::Null | Value::Bool(_) => {}
    }
}

/// What a schema refers to, or itself.
fn referred(mut schema: &Value) -> &Value {
    while let Some(reference) = schema["$ref"].as_str() {
        let target = DOCUMENT.pointer(reference.strip_prefix('#').unwrap());
        schema = target.unwrap_or_else(|| panic!("{reference} dangles"));
    }
    schema
}

/// Fields that are required, and no field that nothing is said of, although clients must be ready for such fields.
fn check_object(at: &str, object: &Map<String, Value>, schema: &Value, found: &mut Vec<String>) {
    bound((at, "fields"), length(object.len()), (&schema["minProperties"], &Value::Null), found);
    for field in schema["required"].as_array().into_iter().flatten() {
        if !object.contains_key(field.as_str().unwrap()) {
            found.push(format!("{at}/{} is missing", field.as_str().unwrap()));
        }
    }
    for (field, part) in object {
        let at = format!("{at}/{field}");
        match (schema["properties"].get(field), &schema["additionalProperties"]) {
            (Some(of_part), _) | (None, of_part @ Value::Object(_)) => check(&at, part, of_part, found),
            (None, Value::Bool(true)) => {}
            (None, _) => found.push(format!("{at} is not documented")),
        }
    }
}

fn check_list(at: &str, items: &[Value], schema: &Value, found: &mut Vec<String>) {
    bound((at, "items"), length(items.len()), (&schema["minItems"], &schema["maxItems"]), found);
    if schema["uniqueItems"] == true
        && let Some((index, item)) =
            items.iter().enumerate().find(|(index, item)| items.iter().take(*index).any(|i| i == *item))
    {
        found.push(format!("{at}/{index} is there already: {item}"));
    }
    for (index, item) in items.iter().enumerate() {
        check(&format!("{at}/{index}"), item, &schema["items"], found);
    }
}

fn check_text(at: &str, text: &str, schema: &Value, found: &mut Vec<String>) {
    let characters = length(text.chars().count());
    bound((at, "characters"), characters, (&schema["minLength"], &schema["maxLength"]), found);
    if schema["pattern"].as_str().is_some_and(|pattern| !compiled(pattern).is_match(text)) {
        found.push(format!("{at} must match {}, not {text:?}", schema["pattern"]));
    }
    let is_of_format = match schema["format"].as_str() {
        None => true,
        Some("date") => text.len() == 10 && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok(),
        Some("date-time") => !text.contains(' ') && DateTime::parse_from_rfc3339(text).is_ok(),
        Some("uuid") => text.len() == 36 && Uuid::try_parse(text).is_ok(),
        Some("uri") => Url::parse(text).is_ok(),
        Some(_) => false,
    };
    if !is_of_format {
        found.push(format!("{at} must be a text of the format {}, not {text:?}", schema["format"]));
    }
}

fn check_number(at: &str, number: &Number, schema: &Value, found: &mut Vec<String>) {
    let Some(value) = whole(number) else {
        if ["format", "minimum", "maximum"].iter().any(|limit| schema.get(limit).is_some()) {
            found.push(format!("{at} is no whole number: {number}"));
        }
        return;
    };
    bound((at, "as its value"), value, (&schema["minimum"], &schema["maximum"]), found);
    let is_of_format = match schema["format"].as_str() {
        None => true,
        Some("int32") => i32::try_from(value).is_ok(),
        Some("int64") => i64::try_from(value).is_ok(),
        Some(_) => false,
    };
    if !is_of_format {
        found.push(format!("{at} must be a number of the format {}, not {number}", schema["format"]));
    }
}

fn bound((at, of): (&str, &str), number: i128, (least, most): (&Value, &Value), found: &mut Vec<String>) {
    let limit =
        |limit: &Value| limit.as_number().map(|limit| whole(limit).expect("limits are whole numbers"));
    if limit(least).is_some_and(|least| number < least) || limit(most).is_some_and(|most| number > most) {
        found.push(format!("{at} has {number} {of}; the document says {least} to {most}"));
    }
}

fn whole(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

fn length(length: usize) -> i128 {
    i128::try_from(length).unwrap()
}

/// A pattern as a JSON Schema means it, whose white space is that of ECMA-262.
fn compiled(pattern: &str) -> Regex {
    const WHITE_SPACE: &str =
        r"[\t-\r \u{A0}\u{1680}\u{2000}-\u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}\u{FEFF}]";
    static COMPILED: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap();
    if let Some(known) = compiled.get(pattern) {
        return known.clone();
    }
    let new = Regex::new(&pattern.replace(r"\s", WHITE_SPACE)).unwrap();
    compiled.insert(pattern.to_owned(), new.clone());
    new
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
