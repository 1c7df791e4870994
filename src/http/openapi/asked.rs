//! Values that are taken in more forms than they are given back in: a country is taken as `usa` and answered as `US`. Their
//! schema says what answers hold, and under `x-asked` what differs in requests.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{inputs::reached, simple::take_over, walk::each_operation};
use crate::values::ASKED;

/// Says of requests what they take, and of answers nothing of it.
pub fn more_is_taken_than_given(document: &mut Value) {
    let asked: BTreeSet<String> = reached(document, "requestBody");
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas
            .iter_mut()
            .filter(|(name, _)| asked.contains(*name))
            .for_each(|(_, schema)| settle(schema, true));
    }
    each_operation(document, |_, operation| {
        for part in ["parameters", "requestBody"] {
            if let Some(part) = operation.get_mut(part) {
                settle(part, true);
            }
        }
    });
    settle(document, false);
}

fn settle(value: &mut Value, in_request: bool) {
    match value {
        Value::Object(object) => {
            if let Some(Value::Object(more)) = object.remove(ASKED)
                && in_request
            {
                overlay(object, more);
            }
            object.values_mut().for_each(|part| settle(part, in_request));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| settle(item, in_request)),
        _ => {}
    }
}

/// What is said of requests takes the place of what is said of answers; of descriptions the one follows the other.
fn overlay(schema: &mut Map<String, Value>, more: Map<String, Value>) {
    schema.retain(|key, _| key == "description" || !more.contains_key(key));
    take_over(schema, &more);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn requests_say_what_is_taken_and_answers_what_is_given() {
        let given = json!({ "type": "string", "description": "A code.", "maxLength": 2 });
        let taken = json!({ "type": "string", "description": "A code. Three will do.", "maxLength": 3 });
        let mut both = given.clone();
        both[ASKED] = json!({ "description": "Three will do.", "maxLength": 3 });
        let document = |asked: &Value, answered: &Value| {
            let schema = |of: &Value| json!({ "type": "object", "properties": { "code": of } });
            let body = json!({ "schema": { "$ref": "#/components/schemas/Ask" } });
            let shown = json!({ "200": { "schema": { "$ref": "#/components/schemas/Shown" }, "headers": [answered] } });
            json!({
                "paths": { "/a": { "post": {
                    "parameters": [{ "in": "query", "schema": asked }], "requestBody": body, "responses": shown,
                } } },
                "components": { "schemas": { "Ask": schema(asked), "Shown": schema(answered) } },
            })
        };
        let mut settled = document(&both, &both);
        more_is_taken_than_given(&mut settled);
        assert_eq!(settled, document(&taken, &given));
    }
}
