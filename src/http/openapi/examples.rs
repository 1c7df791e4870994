//! An example of every operation that works when it is pasted: what is asked, and what the registry with the example
//! data (`serve --demo`) answers. They stand in `openapi/examples.json`, by operation; answers of another status or in
//! another form in `openapi/answers.json`, by operation, status and media type. Tests ask and compare.
#![expect(clippy::indexing_slicing, reason = "an index into a JSON object that is written to adds the key")]

use serde_json::Value;

use super::walk::each_operation;

/// Puts the examples into the operations of a document.
pub fn show_examples(document: &mut Value, examples: &Value) {
    let shared = document.pointer("/components/parameters").cloned().unwrap_or_default();
    each_operation(document, |_, operation| {
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
        if let Some(example) = examples.get(id) {
            parameters(operation, example, &shared);
            content(operation.get_mut("requestBody"), example.get("body"));
            let responses =
                operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten();
            let success = responses.filter(|(status, _)| status.starts_with('2') && *status != "202");
            success.for_each(|(_, response)| content(Some(response), example.get("answer")));
        }
    });
}

/// Puts the other answers into the operations of a document.
pub fn show_answers(document: &mut Value, answers: &Value) {
    each_operation(document, |_, operation| {
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
        let of_operation = answers.get(id).and_then(Value::as_object).into_iter().flatten();
        for (status, forms) in of_operation {
            for (name, example) in forms.as_object().into_iter().flatten() {
                let media = operation
                    .get_mut("responses")
                    .and_then(|responses| responses.get_mut(status)?.get_mut("content")?.get_mut(name));
                if let Some(media) = media {
                    media["example"] = example.clone();
                }
            }
        }
    });
}

/// Gives parameters the values that the example asks with. One that all operations share is written out where its value is
/// another one here.
fn parameters(operation: &mut Value, example: &Value, shared: &Value) {
    let list = operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten();
    for parameter in list {
        let name = parameter.get("$ref").and_then(Value::as_str).and_then(|to| to.rsplit('/').next());
        let stated = name.and_then(|name| shared.get(name)).unwrap_or(parameter).clone();
        let (Some(place), Some(name)) = (stated["in"].as_str(), stated["name"].as_str()) else { continue };
        let value = example.get(place).and_then(|values| values.get(name));
        if let Some(value) = value.filter(|value| stated.get("example") != Some(value)) {
            *parameter = stated.clone();
            parameter["example"] = value.clone();
        }
    }
}

/// Gives the media types of a body the example; a text is one of texts alone.
fn content(body: Option<&mut Value>, example: Option<&Value>) {
    let Some(example) = example else { return };
    let media = body.and_then(|body| body.get_mut("content")).and_then(Value::as_object_mut);
    for (name, media) in media.into_iter().flatten() {
        let fits = example.is_string() == name.starts_with("text/");
        if fits && media.get("example").is_none() {
            media["example"] = example.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_stands_with_its_status_and_form_and_what_is_not_there_is_not_made() {
        let both = || json!({ "content": { "application/json": {}, "application/x-ndjson": {} } });
        let operation = json!({ "operationId": "hold", "responses": { "200": both(), "202": both() } });
        let mut document = json!({ "paths": { "/a": { "post": operation } } });
        let mut expected = document.clone();
        let of_hold = json!({ "202": { "application/json": { "id": 1 }, "text/csv": "a" }, "204": { "text/csv": "b" } });
        show_answers(&mut document, &json!({ "hold": of_hold, "other": of_hold }));
        expected["paths"]["/a"]["post"]["responses"]["202"]["content"]["application/json"]["example"] =
            json!({ "id": 1 });
        assert_eq!(document, expected);
    }
}
