//! The examples of operations, asked of a registry with the example data as they stand, as somebody would paste them. What
//! the document shows as answers is what was answered:
//!
//!     RECORD_EXAMPLES=1 cargo test --test it -- openapi::recorded    # writes openapi/examples.json anew

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::{
    access::started::{Started, serve},
    conventions::document::Operation,
    support::{Answer, Client, Database},
};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/examples.json");

/// The examples as they stand.
pub(super) fn examples() -> Value {
    serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap()
}

/// The people of the example, on a registry of their own.
pub(super) struct Registry {
    // In this order: a server goes before its database.
    _started: Started,
    _database: Arc<Database>,
    pub(super) people: Vec<Client>,
}

impl Registry {
    /// A new registry with the example data.
    pub(super) fn start(four_eyes: &str) -> Self {
        let database = Database::fresh();
        let mut command = serve(&database, &["--demo", "--four-eyes", four_eyes]);
        let started = Started::run({
            command.env("RATE_LIMIT", "off");
            command
        });
        let people = started.keys().iter().map(|key| started.client.showing(key)).collect();
        Self { _started: started, _database: database, people }
    }

    /// Who may do it: viewer, analyst, approver, auditor, admin.
    fn who(&self, operation: &Operation) -> &Client {
        let at = match operation.id.as_str() {
            id if id.ends_with("_api_key") && operation.method != "GET" => 4,
            "confirm_review" | "reject_review" => 2,
            _ if operation.method == "GET" => 3,
            _ => 1,
        };
        &self.people[at]
    }
}

/// A value as it stands in a query.
fn in_query(values: &Map<String, Value>) -> String {
    let written =
        |value: &Value| value.as_str().map_or_else(|| value.to_string(), |text| text.replace(' ', "%20"));
    let pairs = values.iter().flat_map(|(name, value)| match value {
        Value::Array(items) => items.iter().map(|item| format!("{name}={}", written(item))).collect(),
        single => vec![format!("{name}={}", written(single))],
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// Asks as the example says.
pub(super) fn ask(registry: &Registry, operation: &Operation, example: &Value) -> Answer {
    let (client, none) = (registry.who(operation), Map::new());
    let of = |place: &str| example[place].as_object().unwrap_or(&none);
    let mut path = operation.path.clone();
    for (name, value) in of("path") {
        let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        path = path.replace(&format!("{{{name}}}"), &value);
    }
    if !of("query").is_empty() {
        path = format!("{path}?{}", in_query(of("query")));
    }
    let mut headers: Vec<(&str, &str)> =
        of("header").iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    let body = example.get("body").map(|body| body.to_string());
    if body.is_some() {
        headers.push(("content-type", "application/json"));
    }
    client.send(&operation.method, &path, &headers, body.as_deref().map(str::as_bytes))
}

/// The answer as the document shows it, and whether it has the form that was recorded.
pub(super) fn form(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(name, part)| (name.clone(), form(part))).collect(),
        Value::Array(items) => items.iter().map(form).collect(),
        Value::String(_) => json!("text"),
        Value::Number(_) => json!("number"),
        Value::Bool(_) => json!("truth"),
        Value::Null => Value::Null,
    }
}

/// Nothing that looks like a key stands in the document.
fn without_secret(mut shown: Value) -> Value {
    if let Some(key) = shown.get_mut("key") {
        let hidden: String =
            key.as_str().unwrap().chars().map(|c| if c == '_' { '_' } else { 'x' }).collect();
        *key = json!(hidden);
    }
    shown
}

fn shown(answer: &Answer) -> Option<Value> {
    match answer.header("content-type") {
        Some("application/json") => Some(answer.json()),
        Some(_) => {
            Some(json!(answer.text.lines().take(4).map(|line| format!("{line}\n")).collect::<String>()))
        }
        None => None,
    }
}

#[test]
fn all_examples_work_one_after_another_on_one_registry_as_it_begins() {
    let examples = examples();
    let registry = Registry::start("on");
    let mut faults = Vec::new();
    for operation in Operation::all_that_end() {
        let answer = ask(&registry, &operation, &examples[&operation.id]);
        if !(200..300).contains(&answer.status) {
            faults.push(format!("{}: {answer:?}", operation.id));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_operation_has_an_example_that_works_when_it_is_pasted() {
    let mut examples = examples();
    let recording = std::env::var_os("RECORD_EXAMPLES").is_some();
    let mut faults = Vec::new();
    let readers = Registry::start("on");
    for operation in Operation::all_that_end() {
        let id = operation.id.as_str();
        let Some(example) = examples.get(id).cloned() else {
            faults.push(format!("{id} has no example: add one to openapi/examples.json"));
            continue;
        };
        let changes = operation.writes() && !id.starts_with("export_");
        let fresh;
        let registry = if changes {
            fresh = Registry::start("off");
            &fresh
        } else {
            &readers
        };
        let answer = ask(registry, &operation, &example);
        if answer.status != operation.success() {
            faults.push(format!("{id}: {answer:?}"));
            continue;
        }
        let Some(shown) = shown(&answer) else { continue };
        if recording {
            examples[id]["answer"] = without_secret(shown);
        } else if form(&examples[id]["answer"]) != form(&shown) {
            faults.push(format!("{id} answers in another form than is shown: {shown}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    if recording {
        std::fs::write(FILE, serde_json::to_string_pretty(&examples).unwrap() + "\n").unwrap();
    }
}
