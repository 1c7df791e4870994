//! Passes over the OpenAPI document: what holds for every operation is said here once, by rule, so that no operation
//! can be added without it; and schemas are put into the form that client generators take.
#![expect(clippy::indexing_slicing, reason = "an index into a JSON object that is written to adds the key")]

use serde_json::{Map, Value, json};

use super::problem::{self, Kind};

/// What the rules can't know of the slices' operations and schemas.
pub struct Particulars {
    /// Operations that only read although they are POST, because their question is large.
    pub reads_by_post: &'static [&'static str],
    /// Operations that add a part to a record or decide about it, and keep an If-Match of the record where they are given
    /// one.
    pub adds_to_a_record: &'static [&'static str],
    /// Operations by POST whose answers are not kept, so that they take no Idempotency-Key.
    pub keeps_no_answer: &'static [&'static str],
    /// Fields of a kind of record that are fixed at creation, and so no part of its patch.
    pub fixed_fields: &'static [(&'static str, &'static str)],
    /// Schemas that a slice makes by itself.
    pub complete_schemas: fn(&mut Map<String, Value>),
}

/// Completes a document that utoipa collected.
#[must_use]
pub fn complete(mut document: Value, particulars: &Particulars) -> Value {
    document["openapi"] = json!("3.1.0");
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        simple_schemas_inline(schemas);
        (particulars.complete_schemas)(schemas);
        fill_patches(schemas, particulars.fixed_fields);
    }
    inline_simple_references(&mut document);
    tidy_nullables(&mut document);
    every_operation(&mut document, particulars);
    components(&mut document);
    document
}

/// Names of the schemas that are a bare string or number: they are written where they are used, for generators make a
/// class of every named one.
fn is_simple(schema: &Value) -> bool {
    let kind = schema.get("type").and_then(Value::as_str);
    let bare = matches!(kind, Some("string" | "integer" | "number" | "boolean" | "array"));
    bare && schema.get("enum").is_none()
}

/// Collects the simple schemas under a key that [`inline_simple_references`] takes away again.
fn simple_schemas_inline(schemas: &mut Map<String, Value>) {
    let simple: Map<String, Value> = schemas
        .iter()
        .filter(|(_, schema)| is_simple(schema))
        .map(|(name, s)| (name.clone(), s.clone()))
        .collect();
    for _ in 0..4 {
        // A list of a simple type holds a reference itself, so a few rounds are needed.
        schemas.values_mut().for_each(|schema| inline(schema, &simple));
    }
    schemas.retain(|name, _| !simple.contains_key(name));
    schemas.insert(SIMPLE.into(), Value::Object(resolved(simple)));
}

const SIMPLE: &str = "\u{0}simple";

fn resolved(simple: Map<String, Value>) -> Map<String, Value> {
    let mut done = simple.clone();
    for _ in 0..4 {
        done.values_mut().for_each(|schema| inline(schema, &simple));
    }
    done
}

fn inline_simple_references(document: &mut Value) {
    let simple = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
        .and_then(|schemas| schemas.remove(SIMPLE));
    if let Some(Value::Object(simple)) = simple {
        inline(document, &simple);
    }
}

/// Replaces references to simple schemas by what they refer to; a description beside the reference stays.
fn inline(value: &mut Value, simple: &Map<String, Value>) {
    match value {
        Value::Object(object) => {
            let target = object
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|name| name.strip_prefix("#/components/schemas/"))
                .and_then(|name| simple.get(name))
                .and_then(Value::as_object);
            if let Some(target) = target {
                object.remove("$ref");
                for (key, of_target) in target {
                    object.entry(key.clone()).or_insert_with(|| of_target.clone());
                }
            }
            object.values_mut().for_each(|child| inline(child, simple));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| inline(item, simple)),
        _ => {}
    }
}

/// `oneOf [null, X]` of a simple X becomes a type with null; a query parameter is never null: it is left out.
fn tidy_nullables(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(tidy_nullables);
            if let Some(simple) = nullable_simple(object) {
                object.remove("oneOf");
                for (key, of_simple) in simple {
                    object.entry(key).or_insert(of_simple);
                }
            }
            if object.get("in").and_then(Value::as_str) == Some("query")
                && let Some(schema) = object.get_mut("schema")
            {
                never_null(schema);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy_nullables),
        _ => {}
    }
}

fn nullable_simple(object: &Map<String, Value>) -> Option<Map<String, Value>> {
    let choices = object.get("oneOf")?;
    let [only] = besides_null(choices, is_null_schema)[..] else { return None };
    if choices.as_array()?.len() != 2 || !is_simple(only) {
        return None;
    }
    let mut simple = only.as_object()?.clone();
    let kind = simple.get("type").cloned()?;
    simple.insert("type".into(), json!([kind, "null"]));
    Some(simple)
}

/// What a choice or a list of types holds besides null.
fn besides_null(items: &Value, is_null: impl Fn(&Value) -> bool) -> Vec<&Value> {
    items.as_array().into_iter().flatten().filter(|item| !is_null(item)).collect()
}

/// Takes null out of a schema; a description beside a choice stays.
pub fn never_null(schema: &mut Value) {
    if let [only] = besides_null(&schema["type"], |name| name == "null")[..] {
        schema["type"] = only.clone();
    }
    if let [only] = besides_null(&schema["oneOf"], is_null_schema)[..] {
        let mut only = only.clone();
        if let (Some(object), Some(description)) = (only.as_object_mut(), schema.get("description")) {
            object.insert("description".into(), description.clone());
        }
        *schema = only;
    }
}

fn is_null_schema(schema: &Value) -> bool {
    schema.get("type") == Some(&json!("null"))
}

/// `XPatch` has no required fields: what a creation may leave out may also be emptied with null. A patch that says itself
/// that it takes no other fields lists those that can be changed; any other is a placeholder for those of `XCreate`.
fn fill_patches(schemas: &mut Map<String, Value>, fixed: &[(&str, &str)]) {
    let names: Vec<String> =
        schemas.keys().filter_map(|name| name.strip_suffix("Patch")).map(Into::into).collect();
    for name in names {
        let itself =
            schemas.get(&format!("{name}Patch")).filter(|patch| patch.get("additionalProperties").is_some());
        let Some(create) = itself.or_else(|| schemas.get(&format!("{name}Create"))).cloned() else {
            continue;
        };
        let required = create.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut properties = create.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        properties.retain(|field, _| !fixed.contains(&(name.as_str(), field.as_str())));
        for (field, property) in &mut properties {
            if !required.contains(&json!(field)) {
                make_nullable(property);
            }
        }
        let Some(patch) = schemas.get_mut(&format!("{name}Patch")).and_then(Value::as_object_mut) else {
            continue;
        };
        let reactivates = patch.get("properties").is_some_and(|placeholder| {
            placeholder.pointer("/status/$ref") == Some(&json!("#/components/schemas/RecordStatus"))
        });
        if reactivates {
            let description = "`active` reactivates a retired record; to retire one, DELETE it.";
            properties.insert(
                "status".into(),
                json!({ "type": "string", "enum": ["active"], "description": description }),
            );
        }
        patch.insert("properties".into(), Value::Object(properties));
        patch.insert("additionalProperties".into(), json!(false));
        patch.remove("required");
    }
}

fn make_nullable(property: &mut Value) {
    let nullable_already =
        property.get("type").is_some_and(Value::is_array) || property.get("oneOf").is_some();
    if nullable_already {
        return;
    }
    if let Some(kind) = property.get("type").cloned() {
        property["type"] = json!([kind, "null"]);
    } else {
        let description = property.get("description").cloned();
        *property = json!({ "oneOf": [{ "type": "null" }, property.clone()] });
        if let Some(description) = description {
            property["description"] = description;
        }
    }
}

/// Says of every operation what its method and path imply: problems, conditional requests, idempotency, request ids.
fn every_operation(document: &mut Value, particulars: &Particulars) {
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, item) in paths {
        let Some(item) = item.as_object_mut() else { continue };
        for (method, operation) in item.iter_mut() {
            if let Some(operation) = operation.as_object_mut() {
                complete_operation((path, method), operation, particulars);
            }
        }
    }
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
    let conditional_read = versioned && method == "get";
    let keyed = method == "post" && writes && !particulars.keeps_no_answer.contains(&id);
    let on_part = particulars.adds_to_a_record.contains(&id);

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
            if versioned && !reads_by_post {
                headers["ETag"] = json!({ "$ref": "#/components/headers/ETag" });
            }
            if matches!(status.as_str(), "201" | "202") {
                headers["Location"] = json!({ "$ref": "#/components/headers/Location" });
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

/// What every answer under `/v1` tells of limits.
fn allowances(headers: &mut Value) {
    headers["RateLimit-Policy"] = json!({ "$ref": "#/components/headers/RateLimitPolicy" });
    headers["RateLimit"] = json!({ "$ref": "#/components/headers/RateLimit" });
}

/// The name of the response component of a status.
fn response_name(status: u16) -> &'static str {
    match status {
        400 => "Malformed",
        401 => "Unauthenticated",
        403 => "Forbidden",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        408 => "TooSlow",
        409 => "Conflict",
        412 => "Stale",
        413 => "TooLarge",
        414 => "UriTooLong",
        415 => "UnsupportedMediaType",
        422 => "Invalid",
        428 => "PreconditionRequired",
        429 => "TooManyRequests",
        503 => "Unavailable",
        507 => "NoRoom",
        _ => "Internal",
    }
}

/// The components that the rules refer to.
fn components(document: &mut Value) {
    let mut responses = Map::new();
    for kind in problem::KINDS {
        let entry = responses.entry(response_name(kind.status)).or_insert_with(|| problem_response(kind));
        if let Some(examples) = entry.pointer_mut("/content/application~1problem+json/examples") {
            examples[kind.code] = json!({ "summary": kind.title, "value": example(kind) });
        }
    }
    let mut not_modified = json!({
        "description": "What the client has is what there is.",
        "headers": {
            "ETag": { "$ref": "#/components/headers/ETag" },
            "X-Request-Id": { "$ref": "#/components/headers/RequestId" },
        },
    });
    allowances(&mut not_modified["headers"]);
    responses.insert("NotModified".into(), not_modified);
    document["components"]["responses"] = Value::Object(responses);
    let text = |max: usize| json!({ "type": "string", "minLength": 1, "maxLength": max });
    document["components"]["headers"] = json!({
        "ETag": {
            "description": "Names this state of the record or list, for If-Match and If-None-Match.",
            "schema": text(200), "example": "\"1\"",
        },
        "Location": { "description": "Where the new record is; with 202 the review.", "schema": text(500) },
        "RequestId": {
            "description": "The request's id, as given or made; it finds the request in the log.",
            "schema": text(128),
        },
        "RetryAfter": {
            "description": "After how many seconds to try again.",
            "schema": { "type": "integer", "minimum": 0, "maximum": 3600 },
        },
        "Allow": { "description": "The methods that the path takes.", "schema": text(100) },
        "RateLimitPolicy": {
            "description": "Under `/v1`, where rates are limited: for each limit how many requests may come at once (`q`) \
                            and in how many seconds all of them come back (`w`).",
            "schema": text(500), "example": "\"address\";q=1500;w=5, \"credential\";q=500;w=5",
        },
        "RateLimit": {
            "description": "Under `/v1`, where rates are limited: for each limit how many requests are left (`r`) and in how \
                            many seconds there are all of them again (`t`).",
            "schema": text(500), "example": "\"address\";r=1499;t=1, \"credential\";r=499;t=1",
        },
        "WWWAuthenticate": {
            "description": "How to sign in (RFC 6750), with an error where a credential was shown and not taken.",
            "schema": text(200), "example": "Bearer realm=\"risk-registry\", error=\"invalid_token\"",
        },
    });
    document["components"]["securitySchemes"] = json!({
        "bearer": {
            "type": "http", "scheme": "bearer",
            "description": "An API key, or a token of the organisation's single sign-on where one is configured.",
        },
    });
    document["components"]["parameters"] = json!({
        "RequestId": {
            "name": "X-Request-Id", "in": "header", "required": false, "schema": text(128),
            "description": "An id for this request, 1 to 128 visible ASCII characters; made where it is left out.",
        },
        "IfMatch": {
            "name": "If-Match", "in": "header", "required": true, "schema": text(500), "example": "\"1\"",
            "description": "The record's ETag as last read, so that nobody's change is lost.",
        },
        "OptionalIfMatch": {
            "name": "If-Match", "in": "header", "required": false, "schema": text(500),
            "description": "The record's ETag as last read (of a part: the designation's); where it is given, it must still hold.",
        },
        "IfNoneMatch": {
            "name": "If-None-Match", "in": "header", "required": false, "schema": text(500),
            "description": "An ETag as last read; 304 where it still holds.",
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header", "required": false, "schema": text(255),
            "description": "Makes the request safe to repeat for a day: the same again gives the first answer, \
                            and nothing is recorded twice. A new UUID for each request is a good key.",
        },
    });
}

fn problem_response(kind: &Kind) -> Value {
    let mut headers = json!({ "X-Request-Id": { "$ref": "#/components/headers/RequestId" } });
    match kind.status {
        401 => headers["WWW-Authenticate"] = json!({ "$ref": "#/components/headers/WWWAuthenticate" }),
        405 => headers["Allow"] = json!({ "$ref": "#/components/headers/Allow" }),
        429 | 503 => headers["Retry-After"] = json!({ "$ref": "#/components/headers/RetryAfter" }),
        _ => {}
    }
    allowances(&mut headers);
    json!({
        "description": format!("{}. {}", kind.title, kind.help),
        "headers": headers,
        "content": {
            "application/problem+json": {
                "schema": { "$ref": "#/components/schemas/Problem" },
                "examples": {},
            },
        },
    })
}

fn example(kind: &Kind) -> Value {
    let mut value = json!({
        "type": format!("/docs/problems/{}", kind.code), "title": kind.title, "status": kind.status,
        "detail": kind.help, "code": kind.code, "errors": [],
        "request_id": "0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77",
    });
    if kind.code == problem::ILLEGAL_EVENT.code {
        value["allowed"] = json!(["stay_lifted", "vacated", "noted"]);
        value["conflicting_event_id"] = json!("0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77");
    }
    if kind.code == problem::INVALID.code {
        value["errors"] = json!([{
            "pointer": "/country", "code": "invalid_value",
            "detail": "must be a country code of ISO 3166-1, like US or USA",
        }]);
    }
    value
}
