//! Every answer that any test sees, held against what the document declares for it: status, media type, headers, body.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::{
    document::{Operation, resolved},
    validation::violations,
};
use crate::support::Answer;

static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(Operation::all);

/// Headers of the transport, of browsers' rules and of proxies, which mean nothing to a client of the API.
const NOT_OF_THE_API: [&str; 18] = [
    "access-control-allow-origin",
    "access-control-expose-headers",
    "connection",
    "content-length",
    "content-security-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "date",
    "keep-alive",
    "permissions-policy",
    "referrer-policy",
    "server",
    "strict-transport-security",
    "transfer-encoding",
    "vary",
    "x-content-type-options",
    "x-frame-options",
    "content-type",
];

const NDJSON: &str = "application/x-ndjson";
const EVENT_STREAM: &str = "text/event-stream";

/// Larger bodies are read by the tests that made them.
const MOST_READ: usize = 200_000;

/// What is wrong with an answer to a documented operation.
pub fn faults(method: &str, target: &str, answer: &Answer) -> Vec<String> {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let asked = if method == "HEAD" { "GET" } else { method };
    let Some(operation) = OPERATIONS.iter().find(|o| o.method == asked && fits(&o.path, path)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let Some(declared) = operation.responses.get(&answer.status.to_string()).map(resolved) else {
        return vec![format!("{} does not declare the status {}", operation.id, answer.status)];
    };
    let mut note = |fault: String| found.push(format!("{} {}: {fault}", operation.id, answer.status));
    of_headers(answer, &declared).into_iter().for_each(&mut note);
    let media_type =
        answer.header("content-type").map(|full| full.split(';').next().unwrap_or_default().trim());
    match (declared["content"].as_object(), media_type) {
        (None, None) => {}
        (Some(content), Some(given)) => {
            match content.iter().find(|(name, _)| name.split(';').next() == Some(given)) {
                None => note(format!("the media type {given} is not declared")),
                Some(_) if method == "HEAD" || answer.text.len() > MOST_READ => {}
                Some((name, media)) => of_body((name, media), &answer.text).into_iter().for_each(note),
            }
        }
        (declared, given) => note(format!("the media type is {given:?}, declared are {declared:?}")),
    }
    found
}

/// What is wrong with its headers: all are declared, those that must be there are, and each is what its schema says.
fn of_headers(answer: &Answer, declared: &Value) -> Vec<String> {
    let none = Map::new();
    let headers = declared["headers"].as_object().unwrap_or(&none);
    let mut found = Vec::new();
    for (name, _) in &answer.headers {
        let is_declared = headers.keys().any(|other| other.eq_ignore_ascii_case(name));
        if !is_declared && !NOT_OF_THE_API.contains(&name.as_str()) {
            found.push(format!("the header {name} is not declared"));
        }
    }
    for (name, header) in headers {
        let header = resolved(header);
        match answer.header(&name.to_ascii_lowercase()) {
            None if header["required"] == true => found.push(format!("the header {name} is missing")),
            None => {}
            Some(given) => {
                let value = match header["schema"]["type"].as_str() {
                    Some("integer") => given.parse::<u64>().map_or_else(|_| given.into(), Value::from),
                    _ => given.into(),
                };
                let faults = violations(&value, &header["schema"]);
                found.extend(faults.into_iter().map(|fault| format!("the header {name}: {fault}")));
            }
        }
    }
    found
}

/// What is wrong with its body: a JSON text, or many of them, whose records have a schema of their own.
fn of_body((media_type, media): (&str, &Value), text: &str) -> Vec<String> {
    let schema = match media_type {
        NDJSON | EVENT_STREAM => &media["x-item-schema"],
        _ => &media["schema"],
    };
    if schema.is_null() {
        return vec![format!("what {media_type} holds is not said")];
    }
    match media_type {
        NDJSON => text.lines().flat_map(|line| violations(&parsed(line), schema)).collect(),
        EVENT_STREAM => {
            let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
            data.flat_map(|data| violations(&parsed(data), schema)).collect()
        }
        other if other.contains("json") => violations(&parsed(text), schema),
        _ => violations(&text.into(), schema),
    }
}

/// A text that is no JSON is compared as a text, and found not to be what is declared.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

/// Whether a path is one of a pattern's.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut parts, mut wanted) = (path.split('/'), pattern.split('/'));
    loop {
        match (parts.next(), wanted.next()) {
            (None, None) => return true,
            (Some(part), Some(wanted)) if wanted == part || (wanted.starts_with('{') && !part.is_empty()) => {
            }
            _ => return false,
        }
    }
}
