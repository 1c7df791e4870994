//! Values that the document does not allow, made from ones that it does: a spoiling for each limit that a schema can say.

use serde_json::{Value, json};

use super::{
    document::{chosen, is_dated, type_of},
    validation::violations,
};

/// What stands around a text: white space of every sort, and what some take for white space.
const AROUND: [&str; 10] =
    [" ", "  ", "\t", "\n", "\r\n", "\u{b}", "\u{1f}", "\u{85}", "\u{2003}", "\u{feff}"];

/// Texts that break one pattern or another.
const ODD: [&str; 12] = [
    "-",
    "a--b",
    "A b",
    "Ä",
    "12",
    "zz",
    "ftp://example.com/",
    "https:example.com",
    "https://exa mple.com/",
    "a\u{7f}b",
    "a\u{1}b",
    "2026-03-05T25:00:00Z",
];

/// Values that the schema of a part does not allow, each with what is wrong with it.
pub fn spoilt(value: &Value, schema: &Value) -> Vec<(String, Value)> {
    let schema = chosen(schema, value);
    let kind = type_of(&schema);
    let mut wrong = vec![("another type".to_owned(), if kind == "array" { json!({}) } else { json!([]) })];
    wrong.extend(match kind.as_str() {
        "string" => texts(value.as_str().unwrap(), &schema),
        "integer" => numbers(&schema),
        "boolean" => vec![("a text".into(), json!("true"))],
        "array" => lists(value.as_array().unwrap(), &schema),
        "object" => {
            let mut unknown = value.clone();
            unknown["nonsense"] = json!(1);
            let values = value.as_object().unwrap().values().cloned().collect();
            let mut wrong = vec![("an unknown field".into(), unknown), ("its values alone".into(), values)];
            if let Some(least) = schema["minProperties"].as_u64().filter(|least| *least > 0) {
                let fields = value.as_object().unwrap().clone().into_iter();
                wrong.push((
                    "too few fields".into(),
                    fields.take(usize::try_from(least).unwrap() - 1).collect(),
                ));
            }
            wrong
        }
        _ => Vec::new(),
    });
    wrong
}

fn texts(value: &str, schema: &Value) -> Vec<(String, Value)> {
    let mut wrong = vec![
        ("a NUL".to_owned(), json!(format!("{value}\0"))),
        ("a number".to_owned(), json!(7)),
        ("nothing".to_owned(), json!("")),
    ];
    if schema["enum"].is_array() || schema["const"].is_string() || schema["format"] == "uuid" {
        wrong.push(("nonsense".into(), json!("nonsense")));
    }
    if is_dated(schema) {
        let days = ["2026-02-30", "2026-02-30T00:00:00Z", "10000-01-01"];
        wrong.extend(days.map(|day| ("no date".to_owned(), json!(day))));
    }
    let length = |limit: &str| schema[limit].as_u64().map(|length| usize::try_from(length).unwrap());
    if let Some(most) = length("maxLength") {
        wrong.push(("too long".into(), json!("x".repeat(most + 1))));
        // Of the text as it came: white space counts.
        let padding = (most + 1).saturating_sub(value.chars().count());
        wrong.push(("too long by white space".into(), json!(format!("{value}{}", " ".repeat(padding)))));
    }
    if let Some(least) = length("minLength").filter(|least| *least > 1) {
        wrong.push(("too short".into(), json!(value.chars().take(least - 1).collect::<String>())));
    }
    wrong.extend(odd(value, schema).into_iter().map(|text| (format!("{text:?}"), json!(text))));
    wrong
}

/// Texts that the schema does not allow: of another pattern, and one that it allows with white space around it.
pub fn odd(value: &str, schema: &Value) -> Vec<String> {
    let refused = |text: &String| !violations(&json!(text), schema).is_empty();
    let odd: Vec<String> = ODD.iter().map(|text| (*text).to_owned()).filter(refused).collect();
    let limited = ["pattern", "format", "enum", "const"].iter().any(|limit| schema.get(limit).is_some());
    assert!(!limited || !odd.is_empty(), "{schema}: add a text that it does not allow");
    odd.into_iter().chain(all_padded(value).into_iter().filter(refused)).collect()
}

fn all_padded(text: &str) -> Vec<String> {
    AROUND.iter().flat_map(|space| [format!("{space}{text}"), format!("{text}{space}")]).collect()
}

/// A text with white space around it, where the schema allows that.
pub fn padded(value: &Value, schema: &Value) -> Vec<String> {
    let (Some(text), schema) = (value.as_str(), chosen(schema, value)) else { return Vec::new() };
    let mut padded = all_padded(text);
    padded.retain(|text| schema["pattern"].is_string() && violations(&json!(text), &schema).is_empty());
    padded
}

fn numbers(schema: &Value) -> Vec<(String, Value)> {
    let mut wrong = vec![json!(-1), json!(1.5), json!("1"), json!(1e300)];
    wrong.extend(schema["minimum"].as_i64().map(|least| json!(least - 1)));
    wrong.extend(schema["maximum"].as_i64().and_then(|most| most.checked_add(1)).map(|past| json!(past)));
    wrong.extend(schema["maximum"].is_number().then(|| json!(u64::MAX)));
    wrong.into_iter().map(|number| (format!("no such number, {number}"), number)).collect()
}

fn lists(items: &[Value], schema: &Value) -> Vec<(String, Value)> {
    let length = |limit: &str| schema[limit].as_u64().map(|length| usize::try_from(length).unwrap());
    let most = length("maxItems").expect("a list says how long it may be");
    let mut wrong = vec![("too many".to_owned(), Value::Array(vec![items[0].clone(); most + 1]))];
    if let Some(least) = length("minItems").filter(|least| *least > 0) {
        wrong.push(("too few".into(), Value::Array(vec![items[0].clone(); least - 1])));
    }
    if schema["uniqueItems"] == true {
        wrong.push(("twice the same".into(), Value::Array(vec![items[0].clone(); 2])));
    }
    wrong
}
