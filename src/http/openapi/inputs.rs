//! Schemas that stand in requests and in answers alike become two. A request's refuses unknown fields; an answer's says
//! nothing of them, for a field may be added to it, and has every field that is always there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Particulars, nullable::never_null, walk::operations};

const SCHEMAS: &str = "#/components/schemas/";

/// Makes of each schema that both sides use one for each: `Source` for answers, `SourceCreate` for requests.
pub fn separate_inputs(document: &mut Value, particulars: &Particulars) {
    let (asked, answered) = (reached(document, "requestBody"), reached(document, "responses"));
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else {
        return;
    };
    let is_strict =
        |name: &String| schemas.get(name).is_some_and(|schema| schema["additionalProperties"] == false);
    let shared: BTreeSet<String> =
        asked.intersection(&answered).filter(|name| is_strict(name)).cloned().collect();
    for name in &shared {
        let Some(schema) = schemas.get_mut(name) else { continue };
        let input = schema.clone();
        if let Some(schema) = schema.as_object_mut() {
            schema.remove("additionalProperties");
        }
        if !particulars.answered_as_asked.contains(&name.as_str()) {
            show_all(schema);
        }
        for (_, field) in particulars.always_answered.iter().filter(|(of, _)| of == name) {
            never_be_null(schema, field);
        }
        schemas.insert(input_name(name), input);
    }
    let only_asked = asked.difference(&answered).cloned();
    let inputs: Vec<String> = shared.iter().map(|name| input_name(name)).chain(only_asked).collect();
    for name in inputs {
        if let Some(schema) = schemas.get_mut(&name) {
            point_at_inputs(schema, &shared);
        }
    }
}

fn input_name(name: &str) -> String {
    format!("{name}Create")
}

/// Where optional fields may be null an answer shows them all, null where nothing is known; else what is left out of a
/// request is left out of its answers.
fn show_all(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    if properties.values().any(may_be_null) {
        schema.insert("required".into(), properties.keys().map(String::as_str).collect());
    }
}

fn may_be_null(property: &Value) -> bool {
    let types = property.get("type").and_then(Value::as_array).into_iter().flatten();
    let choices = property.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    types.chain(choices.filter_map(|choice| choice.get("type"))).any(|name| name == "null")
}

fn never_be_null(schema: &mut Value, field: &str) {
    if let Some(property) = schema.pointer_mut(&format!("/properties/{field}")) {
        never_null(property);
    }
}

/// The names of the schemas that an operation's requests or answers lead to.
pub fn reached(document: &Value, part: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in operations(document).filter_map(|(.., operation)| operation.get(part)) {
        follow(document, part, &mut found);
    }
    found
}

fn follow(document: &Value, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            let target = object.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix(SCHEMAS));
            if let Some(name) = target
                && found.insert(name.to_owned())
                && let Some(schema) = document.pointer(&format!("/components/schemas/{name}"))
            {
                follow(document, schema, found);
            }
            object.values().for_each(|part| follow(document, part, found));
        }
        Value::Array(items) => items.iter().for_each(|item| follow(document, item, found)),
        _ => {}
    }
}

fn point_at_inputs(value: &mut Value, shared: &BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get_mut("$ref")
                && let Some(name) = reference.strip_prefix(SCHEMAS).filter(|name| shared.contains(*name))
            {
                *reference = format!("{SCHEMAS}{}", input_name(name));
            }
            object.values_mut().for_each(|part| point_at_inputs(part, shared));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| point_at_inputs(item, shared)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    #[test]
    fn what_both_sides_use_refuses_unknown_fields_in_requests_alone() {
        let reference = |name: &str| json!({ "$ref": format!("{SCHEMAS}{name}") });
        let part = json!({
            "type": "object", "additionalProperties": false, "required": ["kind"],
            "properties": { "kind": { "type": "string" }, "url": { "type": ["string", "null"] }, "id": { "type": ["string", "null"] } },
        });
        let holder = |of: &str| {
            let parts = json!({ "part": reference(of), "bare": reference("Bare") });
            json!({ "type": "object", "properties": parts })
        };
        let mut document = json!({
            "paths": { "/a": { "post": { "requestBody": reference("Ask"), "responses": reference("Shown") } } },
            "components": { "schemas": { "Ask": holder("Part"), "Shown": holder("Part"), "Part": part.clone(), "Bare": part.clone() } },
        });
        let particulars = Particulars {
            always_answered: &[("Part", "id")],
            answered_as_asked: &["Bare"],
            ..Particulars::NONE
        };
        separate_inputs(&mut document, &particulars);
        let schemas: &Map<String, Value> = document["components"]["schemas"].as_object().unwrap();
        assert_eq!(schemas["PartCreate"], part);
        assert_eq!(schemas["Part"].get("additionalProperties"), None);
        assert_eq!(schemas["Part"]["required"], json!(["id", "kind", "url"]));
        assert_eq!(schemas["Part"]["properties"]["id"]["type"], "string");
        assert_eq!(schemas["Bare"]["required"], json!(["kind"]));
        assert_eq!(schemas["Ask"]["properties"]["part"], reference("PartCreate"));
        assert_eq!(schemas["Shown"]["properties"]["part"], reference("Part"));
    }
}
