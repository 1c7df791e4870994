//! What a viewer must never read, told by what is recorded and not by how far the program says that it is seen.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::Client;

/// What of a registry a viewer must never read, by what its entries say: the ids of reviews, designations, reasons, events
/// and scopes that no entry names which is about what everybody sees, and was then.
pub fn all(analyst: &Client) -> BTreeSet<String> {
    let entries = analyst.all("/v1/journal?limit=500");
    let mut now = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry["subject_kind"] == "designation") {
        now.insert(entry["subject_id"].as_str().unwrap(), &entry["payload"]["visibility"]);
    }
    let is_public = |entry: &Value| match entry["subject_kind"].as_str().unwrap() {
        "designation" => {
            entry["payload"]["visibility"] == "public"
                && now[entry["subject_id"].as_str().unwrap()] == "public"
        }
        "review" => false,
        _ => true,
    };
    let (mut seen, mut hidden) = (BTreeSet::new(), BTreeSet::new());
    for entry in &entries {
        ids_in(&entry.to_string(), if is_public(entry) { &mut seen } else { &mut hidden });
    }
    hidden.difference(&seen).cloned().collect()
}

/// Adds every id that stands in a text.
pub fn ids_in(text: &str, ids: &mut BTreeSet<String>) {
    let words = text.split(|letter: char| letter != '-' && !letter.is_ascii_hexdigit());
    for word in words.filter(|word| word.len() >= 36) {
        let parts = (0..=word.len() - 36).filter_map(|start| word.get(start..start + 36));
        ids.extend(parts.filter(|part| part.parse::<uuid::Uuid>().is_ok()).map(str::to_lowercase));
    }
}
