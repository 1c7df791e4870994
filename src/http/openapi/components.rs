//! The components that the rules refer to: problem responses, headers, parameters, the way to sign in.
#![expect(clippy::indexing_slicing, reason = "an index into a JSON object that is written to adds the key")]

use serde_json::{Map, Value, json};

use crate::http::{
    problem::{self, Kind},
    request, tags,
};

/// What every answer under `/v1` tells of limits, and of how long it may be kept.
pub fn allowances(headers: &mut Value) {
    headers["Cache-Control"] = json!({ "$ref": "#/components/headers/CacheControl" });
    headers["RateLimit-Policy"] = json!({ "$ref": "#/components/headers/RateLimitPolicy" });
    headers["RateLimit"] = json!({ "$ref": "#/components/headers/RateLimit" });
}

/// The name of the response component of a status.
pub fn response_name(status: u16) -> &'static str {
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
pub fn components(document: &mut Value) {
    let mut responses = Map::new();
    for kind in problem::KINDS {
        let entry =
            responses.entry(response_name(kind.status)).or_insert_with(|| problem_response(kind.status));
        if let Some(examples) = entry.pointer_mut("/content/application~1problem+json/examples") {
            examples[kind.code] = json!({ "summary": kind.title, "value": problem::example(kind) });
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
    document["components"]["headers"] = headers();
    document["components"]["securitySchemes"] = json!({
        "bearer": {
            "type": "http", "scheme": "bearer",
            "description": "An API key, or a token of the organisation's single sign-on where one is configured.",
        },
    });
    document["components"]["parameters"] = parameters();
}

fn text(max: usize) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": max })
}

/// The headers of answers. Where an answer declares one it always has it, but for those that are said to be there at times.
fn headers() -> Value {
    let mut headers = declared_headers();
    if let Some(headers) = headers.as_object_mut() {
        for (name, header) in headers {
            header["required"] = json!(!AT_TIMES.contains(&name.as_str()));
        }
    }
    headers
}

/// Rates may be unlimited.
const AT_TIMES: [&str; 2] = ["RateLimitPolicy", "RateLimit"];

fn declared_headers() -> Value {
    json!({
        "ETag": {
            "description": "Names this state of the record or list, for If-Match and If-None-Match.",
            "schema": text(200), "example": "\"1\"",
        },
        "CacheControl": {
            "description": "`no-store` for secrets and for what is evidence; else `private, no-cache`: keep it, and ask with \
                            If-None-Match whether it still holds.",
            "schema": text(100), "example": "private, no-cache",
        },
        "Location": { "description": "Where the new record is; with 202 the review.", "schema": text(500) },
        "Unbuffered": {
            "description": "Says to proxies that they must not gather the answer before they pass it on.",
            "schema": text(10), "example": "no",
        },
        "ContentDisposition": {
            "description": "The name of the file: what it holds, the day, and the position of the journal.",
            "schema": text(200), "example": "attachment; filename=\"vendors-2026-11-22-seq-1234.csv\"",
        },
        "KnownSeq": {
            "description": "The position of the journal that the export was given from.",
            "schema": { "type": "integer", "format": "int64", "minimum": 0, "maximum": 9_007_199_254_740_991_u64 }, "example": 1234,
        },
        "RowCount": {
            "description": "How many records the export has.",
            "schema": { "type": "integer", "format": "int64", "minimum": 0, "maximum": 9_007_199_254_740_991_u64 }, "example": 87,
        },
        "RequestId": {
            "description": "The request's id, as given or made; it finds the request in the log.",
            "schema": text(128),
        },
        "RetryAfter": {
            "description": "After how many seconds to try again.",
            "schema": { "type": "integer", "format": "int32", "minimum": 0, "maximum": 3600 },
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
    })
}

fn parameters() -> Value {
    let tags =
        || json!({ "type": "string", "minLength": 1, "maxLength": tags::LIMIT, "pattern": tags::PATTERN });
    let key = json!({
        "type": "string", "minLength": 1, "maxLength": request::KEY_LIMIT, "pattern": request::KEY_PATTERN,
    });
    json!({
        "RequestId": {
            "name": "X-Request-Id", "in": "header", "required": false, "schema": { "type": "string" },
            "description": "An id for this request: 1 to 128 visible ASCII characters. Where it is left out, or is no such text, \
                            one is made.",
        },
        "IfMatch": {
            "name": "If-Match", "in": "header", "required": true, "schema": tags(), "example": "\"1\"",
            "description": "The record's ETag as last read, so that nobody's change is lost.",
        },
        "OptionalIfMatch": {
            "name": "If-Match", "in": "header", "required": false, "schema": tags(),
            "description": "The record's ETag as last read (of a part: the designation's); where it is given, it must still hold.",
        },
        "IfNoneMatch": {
            "name": "If-None-Match", "in": "header", "required": false, "schema": tags(),
            "description": "An ETag as last read; 304 where it still holds.",
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header", "required": false, "schema": key,
            "description": "Makes the request safe to repeat for a day: the same again gives the first answer, \
                            and nothing is recorded twice. A new UUID for each request is a good key.",
        },
    })
}

/// What a status means: each of its kinds of problem, with the page that explains it.
fn meanings(status: u16) -> String {
    let kinds: Vec<&Kind> = problem::KINDS.iter().filter(|kind| kind.status == status).collect();
    if let [kind] = kinds.as_slice() {
        return format!("{}. {} See {}.", kind.title, kind.help(), kind.page());
    }
    let lines = kinds.iter().map(|kind| format!("- `{0}`: {1}. {2}", kind.page(), kind.title, kind.help()));
    format!("By the problem's `type`:\n\n{}", lines.collect::<Vec<_>>().join("\n"))
}

fn problem_response(status: u16) -> Value {
    let mut headers = json!({ "X-Request-Id": { "$ref": "#/components/headers/RequestId" } });
    match status {
        401 => headers["WWW-Authenticate"] = json!({ "$ref": "#/components/headers/WWWAuthenticate" }),
        405 => headers["Allow"] = json!({ "$ref": "#/components/headers/Allow" }),
        429 | 503 => headers["Retry-After"] = json!({ "$ref": "#/components/headers/RetryAfter" }),
        _ => {}
    }
    allowances(&mut headers);
    json!({
        "description": meanings(status),
        "headers": headers,
        "content": {
            "application/problem+json": {
                "schema": { "$ref": "#/components/schemas/Problem" },
                "examples": {},
            },
        },
    })
}
