//! Every answer that any test sees, held against what the document declares for it: status, media type, headers, body.

use std::sync::LazyLock;

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
    for (name, _) in &answer.headers {
        let headers = declared["headers"].as_object();
        let is_declared = headers.is_some_and(|all| all.keys().any(|other| other.eq_ignore_ascii_case(name)));
        if !is_declared && !NOT_OF_THE_API.contains(&name.as_str()) {
            note(format!("the header {name} is not declared"));
        }
    }
    let media_type =
        answer.header("content-type").map(|full| full.split(';').next().unwrap_or_default().trim());
    match (declared["content"].as_object(), media_type) {
        (None, None) => {}
        (Some(content), Some(given)) => match content
            .iter()
            .find(|(name, _)| name.split(';').next() == Some(given))
        {
            None => note(format!("the media type {given} is not declared")),
            Some((name, media)) if name.contains("json") && !name.contains("ndjson") && method != "HEAD" => {
                if answer.text.len() <= MOST_READ {
                    violations(&answer.json(), &media["schema"]).into_iter().for_each(note);
                }
            }
            Some(_) => {}
        },
        (declared, given) => note(format!("the media type is {given:?}, declared are {declared:?}")),
    }
    found
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
