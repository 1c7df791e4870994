//! What the document says of operations that will go away: read off the annotation, like the headers that the server sends.
#![expect(clippy::indexing_slicing, reason = "an index into a JSON object that is written to adds the key")]

use serde_json::{Value, json};

use super::walk::each_operation;
use crate::http::deprecation::Deprecation;

/// Marks the operations whose annotation says that they are deprecated, and describes the headers of their answers. An
/// annotation that can't be is left as it is: the server does not start with it.
pub fn deprecated_operations(document: &mut Value) {
    let whole = document.clone();
    each_operation(document, |(path, _), operation| {
        if let Ok(Some(deprecation)) = Deprecation::of(&whole, path, operation) {
            describe(&whole, operation, &deprecation);
        }
    });
}

fn describe(document: &Value, operation: &mut Value, deprecation: &Deprecation) {
    operation["deprecated"] = json!(true);
    let mut sentence = format!("Deprecated since {}", deprecation.since);
    if let Some(sunset) = deprecation.sunset {
        sentence.push_str(&format!("; its last day is {sunset}"));
    }
    if let Some(successor) = &deprecation.successor {
        sentence.push_str(&format!("; use `{successor}`"));
    }
    let said = operation.get("description").and_then(Value::as_str).filter(|text| !text.is_empty());
    operation["description"] =
        json!(said.map_or_else(|| format!("{sentence}."), |said| format!("{said}\n\n{sentence}.")));
    let headers = headers(deprecation);
    for (_, response) in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
        // What others share stays as it is; this operation gets its own.
        let shared = response
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|at| document.pointer(at.strip_prefix('#')?));
        if let Some(shared) = shared {
            *response = shared.clone();
        }
        for (name, header) in &headers {
            response["headers"][*name] = header.clone();
        }
    }
}

/// The headers, as the server sends them.
fn headers(deprecation: &Deprecation) -> Vec<(&'static str, Value)> {
    let header = |description: &str, example: String| {
        json!({
            "description": description, "schema": { "type": "string", "minLength": 1, "maxLength": 4000 }, "example": example,
        })
    };
    let mut headers = vec![(
        "Deprecation",
        header(
            "Since when it is deprecated (RFC 9745): `@` and seconds since 1970.",
            deprecation.since_header(),
        ),
    )];
    if let Some(date) = deprecation.sunset_header() {
        headers.push(("Sunset", header("After which it may be gone (RFC 8594).", date)));
    }
    let link = deprecation.link_header(str::to_owned);
    headers.push((
        "Link",
        header("`rel=\"deprecation\"`: where this is documented; `rel=\"successor-version\"`: what takes its place.", link),
    ));
    headers
}
