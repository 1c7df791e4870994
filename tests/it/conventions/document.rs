//! The OpenAPI document as the tests read it: its operations, and what its schemas say of a value.

use std::sync::LazyLock;

use risk_registry::server;
use serde_json::{Map, Value, json};

pub static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(server::document_text()).unwrap());

/// A parameter of a path or query.
#[derive(Debug, Clone)]
pub struct Parameter {
    pub name: String,
    pub schema: Value,
    /// A value that the document gives as an example.
    pub example: Option<String>,
}

/// One operation of the document.
#[derive(Debug, Clone)]
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    pub in_path: Vec<Parameter>,
    pub in_query: Vec<Parameter>,
    /// The schema of its JSON body.
    pub body: Option<Value>,
    pub media_types: Vec<String>,
    pub responses: Map<String, Value>,
}

impl Operation {
    /// Every operation that there is.
    pub fn all() -> Vec<Self> {
        let paths = DOCUMENT["paths"].as_object().unwrap();
        let of_path = |(path, item): (&String, &Value)| {
            let methods = item.as_object().unwrap().clone();
            let path = path.clone();
            methods.into_iter().map(move |(method, operation)| Self::read(&method, &path, &operation))
        };
        paths.iter().flat_map(of_path).collect()
    }

    fn read(method: &str, path: &str, operation: &Value) -> Self {
        let parameters: Vec<Value> =
            operation["parameters"].as_array().into_iter().flatten().map(resolved).collect();
        let found = |place: &str| {
            let of_place = parameters.iter().filter(|parameter| parameter["in"] == place);
            of_place
                .map(|parameter| Parameter {
                    name: parameter["name"].as_str().unwrap().to_owned(),
                    schema: resolved(&parameter["schema"]),
                    example: parameter["example"].as_str().map(ToOwned::to_owned),
                })
                .collect()
        };
        let content = operation["requestBody"]["content"].as_object().cloned().unwrap_or_default();
        Self {
            id: operation["operationId"].as_str().unwrap_or("(no operationId)").to_owned(),
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            in_path: found("path"),
            in_query: found("query"),
            body: content.values().next().map(|media| media["schema"].clone()),
            media_types: content.keys().cloned().collect(),
            responses: operation["responses"].as_object().unwrap().clone(),
        }
    }

    /// Every operation whose answer ends by itself: a stream is read by tests of its own.
    pub fn all_that_end() -> Vec<Self> {
        let mut all = Self::all();
        all.retain(|operation| {
            !operation
                .responses
                .get("200")
                .is_some_and(|answer| answer["content"]["text/event-stream"].is_object())
        });
        all
    }

    pub fn is_versioned(&self) -> bool {
        self.path.starts_with("/v1/")
    }

    /// Whether it changes records.
    pub fn writes(&self) -> bool {
        self.method != "GET" && !["check_standing", "export_standing_checks"].contains(&self.id.as_str())
    }

    /// Whether it is a page of a list.
    pub fn lists(&self) -> bool {
        let Some(answer) = self.responses.get("200") else { return false };
        let schema = resolved(&answer["content"]["application/json"]["schema"]);
        schema["properties"].get("items").is_some() && schema["properties"].get("next_cursor").is_some()
    }

    /// The status of success that is documented.
    pub fn success(&self) -> u16 {
        let statuses = self.responses.keys().filter_map(|status| status.parse::<u16>().ok());
        // 202 is for where another person must confirm, which nobody must here.
        statuses.filter(|status| (200..300).contains(status) && *status != 202).min().unwrap_or(0)
    }

    pub fn offers(&self, query: &str) -> bool {
        self.in_query.iter().any(|parameter| parameter.name == query)
    }
}

/// What a reference stands for; anything else stands for itself. `null` beside one other choice is left out.
pub fn resolved(schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = DOCUMENT.pointer(reference.strip_prefix('#').unwrap());
        return resolved(target.unwrap_or_else(|| panic!("{reference} dangles")));
    }
    let choices = schema["oneOf"].as_array().cloned().unwrap_or_default();
    let others: Vec<_> = choices.iter().filter(|choice| choice["type"] != "null").collect();
    match others.as_slice() {
        [only] => resolved(only),
        _ => schema.clone(),
    }
}

/// The one schema of a union that a value belongs to; other schemas stand for themselves.
pub fn chosen(schema: &Value, value: &Value) -> Value {
    let schema = resolved(schema);
    let Some(property) = schema["discriminator"]["propertyName"].as_str() else { return schema };
    let target = value[property].as_str().and_then(|kind| schema["discriminator"]["mapping"].get(kind));
    target.map_or(schema.clone(), |target| resolved(&json!({ "$ref": target })))
}

/// The name of a schema's type, `null` left out.
pub fn type_of(schema: &Value) -> String {
    match &schema["type"] {
        Value::Array(types) => types.iter().find(|name| *name != "null").map(|name| name.as_str().unwrap()),
        other => other.as_str(),
    }
    .unwrap_or_default()
    .to_owned()
}

/// Whether values of the schema are dates or instants.
pub fn is_dated(schema: &Value) -> bool {
    matches!(schema["format"].as_str(), Some("date" | "date-time"))
        || schema["pattern"].as_str().is_some_and(|pattern| pattern.starts_with("^[0-9]{4}-"))
}

/// What a value of the schema can look like, with every field that it can have.
pub fn sample(schema: &Value) -> Value {
    let schema = resolved(schema);
    if !schema["const"].is_null() {
        return schema["const"].clone();
    }
    if let Some(word) = schema["enum"].as_array().and_then(|words| words.first()) {
        return word.clone();
    }
    if let Some(example) = schema["examples"].as_array().and_then(|examples| examples.first()) {
        return example.clone();
    }
    match (type_of(&schema).as_str(), schema["format"].as_str()) {
        ("object", _) => filled(&json!({}), &schema),
        ("array", _) => json!([sample(&schema["items"])]),
        ("integer", _) => json!(schema["minimum"].as_i64().unwrap_or(1)),
        ("boolean", _) => json!(true),
        (_, Some("date")) => json!("2026-03-05"),
        (_, Some("date-time")) => json!("2026-03-05T14:30:00Z"),
        (_, Some("uuid")) => json!("0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77"),
        _ if schema["pattern"].as_str().is_some_and(|pattern| pattern.contains("{64}")) => {
            json!("0".repeat(64))
        }
        _ => json!("a"),
    }
}

/// A value with every field that its schema has beside those that it says.
pub fn filled(value: &Value, schema: &Value) -> Value {
    let schema = chosen(schema, value);
    match value {
        Value::Object(said) => {
            let mut object = said.clone();
            for (field, of_field) in schema["properties"].as_object().into_iter().flatten() {
                let full = object.get(field).filter(|said| !said.is_null());
                let full = full.map_or_else(|| sample(of_field), |said| filled(said, of_field));
                object.insert(field.clone(), full);
            }
            Value::Object(object)
        }
        Value::Array(items) if items.is_empty() => sample(&schema),
        Value::Array(items) => items.iter().map(|item| filled(item, &schema["items"])).collect(),
        other => other.clone(),
    }
}

/// Every part of a value with its JSON Pointer and its schema.
pub fn parts(value: &Value, schema: &Value) -> Vec<(String, Value)> {
    let schema = chosen(schema, value);
    let mut found = vec![(String::new(), schema.clone())];
    let mut below = |key: String, part: &Value, of_part: &Value| {
        found.extend(parts(part, of_part).into_iter().map(|(pointer, s)| (format!("/{key}{pointer}"), s)));
    };
    match value {
        Value::Object(object) => {
            for (field, part) in object {
                below(field.clone(), part, &schema["properties"][field]);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                below(index.to_string(), item, &schema["items"]);
            }
        }
        _ => {}
    }
    found
}
