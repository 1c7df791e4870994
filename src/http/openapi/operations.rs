//! What every operation has by its method and path: problems, conditional requests, idempotency, request ids.
#![expect(clippy::indexing_slicing, reason = "an index into a JSON object that is written to adds the key")]

use serde_json::{Map, Value, json};

use super::{
    Particulars,
    components::{allowances, response_name},
    walk::each_operation,
};
use crate::http::problem::{self, Kind};

/// Says of every operation what its method and path imply: problems, conditional requests, idempotency, request ids.
pub fn every_operation(document: &mut Value, particulars: &Particulars) {
    each_operation(document, |place, operation| {
        if let Some(operation) = operation.as_object_mut() {
            complete_operation(place, operation, particulars);
        }
    });
}

fn complete_operation(
    (path, method): (&str, &str),
    operation: &mut Map<String, Value>,
    particulars: &Particulars,
) {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
    let versioned = path.starts_with("/v1/");
    let has_body = operation.contains_key("requestBody");
    let has_id = path.contains('{');
    let reads_by_post = particulars.reads_by_post.contains(&id);
    let writes = matches!(method, "post" | "patch" | "delete") && !reads_by_post;
    let condition = matches!(method, "patch" | "delete");
    let streams = particulars.streams.contains(&id);
    let conditional_read = versioned && method == "get" && !streams;
    let keyed = method == "post" && writes && !particulars.keeps_no_answer.contains(&id);
    let on_part = particulars.adds_to_a_record.contains(&id);

    let audience = (particulars.who_may)(id);

    let rules: [(bool, &Kind); 16] = [
        (true, &problem::MALFORMED),
        (versioned, &problem::UNAUTHENTICATED),
        (versioned, &problem::FORBIDDEN),
        (has_id, &problem::NOT_FOUND),
        (writes, &problem::CONFLICT),
        (condition || on_part, &problem::STALE),
        (has_body, &problem::TOO_SLOW),
        (has_body, &problem::TOO_LARGE),
        (true, &problem::URI_TOO_LONG),
        (has_body, &problem::UNSUPPORTED),
        (versioned, &problem::INVALID),
        (condition, &problem::PRECONDITION_REQUIRED),
        (versioned, &problem::TOO_MANY_REQUESTS),
        (true, &problem::INTERNAL),
        (true, &problem::UNAVAILABLE),
        (writes, &problem::NO_ROOM),
    ];
    if let Some(audience) = audience {
        let said = operation.get("description").and_then(Value::as_str).unwrap_or_default();
        let description = format!("{said}\n\n{audience}");
        operation.insert("description".into(), json!(description.trim()));
    }
    if versioned {
        operation.insert("security".into(), json!([{ "bearer": [] }]));
    }
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    for (_, kind) in rules.iter().filter(|(applies, _)| *applies) {
        let reference = format!("#/components/responses/{}", response_name(kind.status));
        if let Some(responses) = responses.as_object_mut() {
            responses.entry(kind.status.to_string()).or_insert_with(|| json!({ "$ref": reference }));
        }
    }
    if conditional_read && let Some(responses) = responses.as_object_mut() {
        responses.insert("304".into(), json!({ "$ref": "#/components/responses/NotModified" }));
    }
    for (status, response) in responses.as_object_mut().into_iter().flatten() {
        if response.get("$ref").is_none() {
            let mut headers = json!({ "X-Request-Id": { "$ref": "#/components/headers/RequestId" } });
            if versioned && !reads_by_post && !streams {
                headers["ETag"] = json!({ "$ref": "#/components/headers/ETag" });
            }
            if matches!(status.as_str(), "201" | "202") {
                headers["Location"] = json!({ "$ref": "#/components/headers/Location" });
            }
            headers["Cache-Control"] = json!({ "$ref": "#/components/headers/CacheControl" });
            if streams {
                headers["X-Accel-Buffering"] = json!({ "$ref": "#/components/headers/Unbuffered" });
            }
            if response.pointer("/content/text~1csv").is_some() {
                for (header, name) in [
                    ("Content-Disposition", "ContentDisposition"),
                    ("Known-Seq", "KnownSeq"),
                    ("Row-Count", "RowCount"),
                ] {
                    headers[header] = json!({ "$ref": format!("#/components/headers/{name}") });
                }
            }
            if versioned {
                allowances(&mut headers);
            }
            response["headers"] = headers;
        }
    }
    let mut parameters = vec![json!({ "$ref": "#/components/parameters/RequestId" })];
    for (applies, name) in [
        (condition, "IfMatch"),
        (on_part, "OptionalIfMatch"),
        (conditional_read, "IfNoneMatch"),
        (keyed, "IdempotencyKey"),
    ] {
        if applies {
            parameters.push(json!({ "$ref": format!("#/components/parameters/{name}") }));
        }
    }
    let list = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(list) = list.as_array_mut() {
        list.extend(parameters);
    }
}
