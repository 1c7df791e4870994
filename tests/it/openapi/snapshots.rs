//! What the document says of the records in the journal: by which schema they are, and which fields of it they are without.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::recorded::{Registry, ask, examples};
use crate::conventions::document::{DOCUMENT, Operation, resolved};

/// By kind of record the schema and the fields that are left out, as they are said: `kind`: Schema (without `a` and `b`).
fn said() -> BTreeMap<&'static str, (&'static str, BTreeSet<&'static str>)> {
    let text = DOCUMENT["components"]["schemas"]["RecordSnapshot"]["description"].as_str().unwrap();
    let list = text.split("which schema: ").nth(1).and_then(|rest| rest.split(';').next()).unwrap();
    let kinds = list.split(", ").map(|kind| {
        let (name, schema) = kind.split_once(": ").unwrap();
        let (schema, without) = schema.split_once(" (without ").unwrap_or((schema, ""));
        (name.trim_matches('`'), (schema, without.split('`').skip(1).step_by(2).collect()))
    });
    kinds.collect()
}

#[test]
fn records_in_the_journal_have_the_fields_of_their_schemas_but_those_that_are_named() {
    let registry = Registry::start("on");
    let operations = Operation::all();
    let propose = operations.iter().find(|operation| operation.id == "record_event").unwrap();
    ask(&registry, propose, &examples()["record_event"]).expect(202);
    let entries = registry.people[3].all("/v1/journal?limit=500");
    let said = said();
    let mut seen = BTreeSet::new();
    for entry in &entries {
        let (schema, without) = &said[entry["subject_kind"].as_str().unwrap()];
        let schema = resolved(&json!({ "$ref": format!("#/components/schemas/{schema}") }));
        let required = schema["required"].as_array().unwrap().iter().filter_map(Value::as_str);
        let known: BTreeSet<&str> =
            schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let wanted: BTreeSet<&str> = required.filter(|field| !without.contains(field)).collect();
        let shown: BTreeSet<&str> =
            entry["payload"].as_object().unwrap().keys().map(String::as_str).collect();
        let seq = &entry["seq"];
        assert!(wanted.is_subset(&shown), "{seq} lacks {:?}", wanted.difference(&shown));
        assert!(shown.is_subset(&known), "{seq} has {:?}", shown.difference(&known));
        assert!(shown.is_disjoint(without), "{seq} has what it is said to be without");
        seen.insert(entry["subject_kind"].as_str().unwrap());
    }
    assert_eq!(seen, said.keys().copied().collect(), "a record of each kind was looked at");
}
