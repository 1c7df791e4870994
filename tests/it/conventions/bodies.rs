//! What holds for every request with a body: media types, JSON that is read strictly, and complaints that say where.

use std::cell::Cell;

use serde_json::{Value, json};

use super::{
    document::{DOCUMENT, filled, parts, resolved},
    probe::{Probe, Request, walk},
    spoilt::{padded, spoilt},
};

const LIMIT: usize = 2 * 1024 * 1024;

/// Walks over the operations with a body, with a request that would succeed.
fn walk_bodies(check: impl Fn(&mut Probe<'_>, &Request, &Value, &Value)) {
    walk(|probe| {
        let Some(schema) = probe.operation.body.clone() else { return };
        let call = probe.call();
        let Some(body) = call.body.clone() else {
            panic!("{} takes a body: give it one in tests/it/conventions/calls.rs", probe.operation.id)
        };
        check(probe, &probe.request(&call), &body, &schema);
    });
}

#[test]
fn every_body_needs_a_media_type_that_the_operation_takes() {
    walk_bodies(|probe, request, _, _| {
        let unfit =
            ["", "text/plain", "application/xml", "application/jsonx", "application/json; charset=latin1"];
        for media_type in unfit {
            let request = request.clone().header("content-type", media_type);
            probe.refuses(&request, 415, "unsupported_media_type", media_type);
        }
        let merge = probe.request(&probe.call()).header("content-type", "application/merge-patch+json");
        if probe.operation.method == "PATCH" {
            for media_type in
                ["application/json", "application/merge-patch+json", "Application/JSON; charset=UTF-8"]
            {
                let request = probe.request(&probe.call()).header("content-type", media_type);
                probe.succeeds(&request, media_type);
            }
        } else {
            probe.refuses(&merge, 415, "unsupported_media_type", "a merge patch");
        }
    });
}

#[test]
fn every_body_that_is_no_strict_json_is_malformed() {
    walk_bodies(|probe, request, body, _| {
        let text = body.to_string();
        let (field, value) = body.as_object().unwrap().iter().next().unwrap();
        let rest = text.strip_prefix('{').unwrap();
        let broken: Vec<Vec<u8>> = vec![
            Vec::new(),
            text.as_bytes()[..text.len() - 1].to_vec(),
            format!("{text}{text}").into_bytes(),
            format!("\u{feff}{text}").into_bytes(),
            format!("{{\"{field}\":{value},{rest}").into_bytes(),
            format!("{{\"{field}\":\"\\ud800\",{rest}")
                .replacen(&format!(",\"{field}\":{value}"), "", 1)
                .into_bytes(),
            [b"{\"".as_slice(), field.as_bytes(), b"\":\"\xff\xfe\"}"].concat(),
            b"{\"a\":NaN}".to_vec(),
            b"{'a':1}".to_vec(),
            b"{\"a\":1e400}".to_vec(),
        ];
        for bytes in broken {
            let what = String::from_utf8_lossy(&bytes).chars().take(60).collect::<String>();
            probe.refuses(&request.clone().bytes(&bytes), 400, "malformed_request", &what);
        }
        for (what, nested) in parts_with_twins(body) {
            probe.refuses(&request.clone().bytes(nested.as_bytes()), 400, "malformed_request", &what);
        }
    });
}

/// The body with one key of every object below the top written twice.
fn parts_with_twins(body: &Value) -> Vec<(String, String)> {
    let text = body.to_string();
    let inner = text.match_indices("{\"").map(|(at, _)| at).filter(|at| *at > 0);
    inner
        .map(|at| {
            let key: String = text[at + 2..].chars().take_while(|c| *c != '"').collect();
            (format!("twins of {key}"), format!("{}{{\"{key}\":0,{}", &text[..at], &text[at + 1..]))
        })
        .collect()
}

#[test]
fn every_body_past_the_limit_is_too_large_and_one_at_the_limit_is_read() {
    walk_bodies(|probe, request, body, _| {
        let mut text = body.to_string();
        text.extend(std::iter::repeat_n(' ', LIMIT + 1 - text.len()));
        probe.refuses(&request.clone().bytes(text.as_bytes()), 413, "too_large", "2 MiB and a byte");
        text.pop();
        probe.succeeds(&request.clone().bytes(text.as_bytes()), "2 MiB");
    });
}

#[test]
fn every_field_of_every_body_is_checked_and_every_complaint_says_where() {
    walk_bodies(|probe, request, body, schema| {
        for body in forms(body, schema) {
            let full = filled(&body, schema);
            for (pointer, of_part) in parts(&full, schema) {
                for (what, value) in spoilt(full.pointer(&pointer).unwrap(), &of_part) {
                    let mut spoilt = full.clone();
                    *spoilt.pointer_mut(&pointer).unwrap() = value;
                    let at = if what == "an unknown field" {
                        format!("{pointer}/nonsense")
                    } else {
                        pointer.clone()
                    };
                    must_point(probe, &request.clone().json(&spoilt), &at, &format!("{what} at {pointer}"));
                }
            }
        }
    });
}

#[test]
fn white_space_that_the_document_allows_around_a_text_is_not_held_against_it() {
    let sent = Cell::new(0);
    walk_bodies(|probe, request, body, schema| {
        for body in forms(body, schema) {
            for (pointer, of_part) in parts(&body, schema) {
                for text in padded(body.pointer(&pointer).unwrap(), &of_part) {
                    let mut padded = body.clone();
                    *padded.pointer_mut(&pointer).unwrap() = json!(text);
                    let request = request.clone().json(&padded);
                    let answer = probe.send(&request);
                    sent.set(sent.get() + 1);
                    let refused = answer.status == 422 && answer.text.contains(&format!("\"{pointer}\""));
                    probe.check(!refused, &request, || format!("{text:?} at {pointer}: {}", answer.text));
                }
            }
        }
    });
    let sent = sent.get();
    assert!(sent > 100, "only {sent} texts have white space around them");
}

#[test]
fn every_required_field_of_every_body_is_missed_by_name() {
    walk_bodies(|probe, request, body, schema| {
        for body in forms(body, schema) {
            for (pointer, of_part) in parts(&body, schema) {
                for field in of_part["required"].as_array().into_iter().flatten() {
                    let field = field.as_str().unwrap();
                    let mut without = body.clone();
                    without.pointer_mut(&pointer).unwrap().as_object_mut().unwrap().remove(field);
                    let what = format!("{pointer} without {field}");
                    must_point(probe, &request.clone().json(&without), &format!("{pointer}/{field}"), &what);
                }
            }
        }
    });
}

/// Bodies of every form that a union has, by the document's own examples; else the body, and where nothing is required
/// every field that it can have.
fn forms(body: &Value, schema: &Value) -> Vec<Value> {
    let forms = resolved(schema)["discriminator"]["mapping"].as_object().cloned().unwrap_or_default();
    let examples = forms.values().map(|target| {
        let form = DOCUMENT.pointer(target.as_str().unwrap().strip_prefix('#').unwrap()).unwrap();
        form["example"]
            .as_object()
            .map_or_else(|| panic!("{target} has no example"), |e| Value::Object(e.clone()))
    });
    let patch = resolved(schema)["required"].is_null().then(|| filled(body, schema));
    examples.chain([body.clone()].into_iter().chain(patch).filter(|_| forms.is_empty())).collect()
}

/// The answer must be 422 and point at the part, or at what holds it where its parts are judged together.
fn must_point(probe: &mut Probe<'_>, request: &Request, pointer: &str, what: &str) {
    let answer = probe.refuses(request, 422, "invalid", what);
    if answer.status == 422 {
        let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
        let mut pointers = errors.iter().filter_map(|error| error["pointer"].as_str());
        let found = pointers.any(|found| pointer == found || found.starts_with(&format!("{pointer}/")));
        probe.check(found, request, || format!("{what}: nothing points at {pointer}: {errors:?}"));
    }
}
