//! The other answers of operations: a change that waits for another person, and the lines of an export. They are asked for
//! as the examples of their operations are, and recorded like them:
//!
//!     RECORD_EXAMPLES=1 cargo test --test it -- openapi::answers    # writes openapi/answers.json anew

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    none,
    recorded::{Registry, ask, examples, form},
};
use crate::conventions::{
    document::{Operation, resolved},
    validation::violations,
};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/answers.json");

/// Compares what was answered with what is shown, by operation, status and media type; or writes it down.
fn compare(answered: &Value) {
    let written = serde_json::to_string_pretty(answered).unwrap() + "\n";
    if std::env::var_os("RECORD_EXAMPLES").is_some() {
        return std::fs::write(FILE, written).unwrap();
    }
    let shown: Value = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    let operations = answered.as_object().unwrap();
    let other = operations.iter().filter(|(id, answers)| forms(&shown[*id]) != forms(answers));
    none(
        other.map(|(id, answers)| format!("{id} answers {answers}")),
        "An answer has the form that is shown",
    );
    let gone = shown.as_object().unwrap().keys().filter(|id| !operations.contains_key(*id));
    none(gone.cloned(), "An answer that is shown is given");
}

/// What each operation that can be held answers where the four-eyes rule is on.
fn held(registry: &Registry, examples: &Value) -> Map<String, Value> {
    let operations = Operation::all();
    let held = operations.iter().filter(|operation| operation.responses.contains_key("202"));
    held.map(|operation| {
        let review = ask(registry, operation, &examples[&operation.id]).expect(202).json();
        (operation.id.clone(), json!({ "202": { "application/json": review } }))
    })
    .collect()
}

const LINES: &str = "application/x-ndjson";

/// The first lines of each export.
fn exported(registry: &Registry, examples: &Value) -> Map<String, Value> {
    let operations = Operation::all();
    let exports = operations.iter().filter(|operation| {
        operation.responses.get("200").is_some_and(|answer| answer["content"][LINES].is_object())
    });
    exports
        .map(|operation| {
            let mut example = examples[&operation.id].clone();
            example["query"]["format"] = json!("ndjson");
            let answer = ask(registry, operation, &example).expect(200);
            assert_eq!(answer.header("content-type"), Some(LINES), "{}", operation.id);
            let lines: String = answer.text.lines().take(2).map(|line| format!("{line}\n")).collect();
            (operation.id.clone(), json!({ "200": { LINES: lines } }))
        })
        .collect()
}

/// The form of answers; of lines, that of the record in each.
fn forms(answers: &Value) -> Value {
    let mut forms = form(answers);
    if let Some(lines) = answers["200"][LINES].as_str() {
        let records = lines.lines().map(|line| form(&serde_json::from_str(line).unwrap()));
        forms["200"][LINES] = records.collect();
    }
    forms
}

#[test]
fn other_answers_are_shown_as_they_are_given() {
    let (registry, examples) = (Registry::start("on"), examples());
    let held = held(&registry, &examples);
    let kinds: BTreeSet<String> = held
        .values()
        .map(|answers| answers["202"]["application/json"]["proposal"]["change"].to_string())
        .collect();
    assert_eq!(kinds.len(), held.len(), "each proposes something of its own: {kinds:?}");
    let mut answered = held;
    answered.extend(exported(&registry, &examples));
    compare(&Value::Object(answered));
}

#[test]
fn every_success_that_has_a_body_shows_one_in_every_form() {
    let mut faults = Vec::new();
    for operation in Operation::all() {
        for (status, response) in operation.responses.iter().filter(|(status, _)| status.starts_with('2')) {
            let content = resolved(response)["content"].as_object().cloned().unwrap_or_default();
            for (name, media) in content {
                let at = format!("{} {status} {name}", operation.id);
                match media.get("example") {
                    None => faults.push(format!("{at} has no example")),
                    Some(example) => {
                        let violations = violations(example, &media["schema"]);
                        faults.extend(violations.into_iter().map(|violation| format!("{at}: {violation}")));
                    }
                }
            }
        }
    }
    none(faults, "An answer has an example, in openapi/examples.json or openapi/answers.json");
}
