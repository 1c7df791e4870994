//! Standing over HTTP: what a use meets, what the verdict is, that an answer stays what it was, and batches.

mod batch;
mod brute_force;
mod forever;
mod matching;
mod verdicts;

use serde_json::Value;

use super::support::Client;

/// A vendor's standing.
#[track_caller]
fn ask(client: &Client, vendor: &str, query: &str) -> Value {
    client.get(&format!("/v1/vendors/{vendor}/standing?{query}")).expect(200).json()
}

fn verdict(standing: &Value) -> &str {
    standing["verdict"].as_str().unwrap()
}

/// The designations of the findings, in their order.
fn found(standing: &Value) -> Vec<&str> {
    let findings = standing["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["designation_id"].as_str().unwrap()).collect()
}

/// The designations that bind, but don't meet the use.
fn unmatched(standing: &Value) -> Vec<&str> {
    let unmatched = standing["unmatched"].as_array().unwrap().iter();
    unmatched.map(|designation| designation["designation_id"].as_str().unwrap()).collect()
}
