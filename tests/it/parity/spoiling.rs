//! What makes a good request one that must be refused, by the status that it is to be refused with.

use rand::{RngExt, rngs::StdRng};
use serde_json::json;

use super::{
    pair::Request,
    world::{World, one},
};
use crate::conventions::{calls::NOWHERE, document::Operation};

const PLAIN: [u16; 9] = [304, 400, 404, 409, 412, 413, 415, 422, 428];

/// The request spoilt for a status that its operation documents.
pub fn spoilt_somehow(operation: &Operation, request: Request, world: &World, rng: &mut StdRng) -> Request {
    let documented = |status: &u16| operation.responses.contains_key(&status.to_string());
    let statuses: Vec<u16> = PLAIN.into_iter().filter(documented).collect();
    let status = *one(rng, &statuses);
    // Two megabytes on each of two sides: seldom.
    if rng.random_bool(0.05) {
        let mut request = request;
        (request.method, request.operation) = ("PUT".to_owned(), String::new());
        return request;
    }
    let status = if status == 413 && rng.random_bool(0.8) { 400 } else { status };
    spoilt_for(status, operation, request, world, rng).pop().unwrap()
}

/// Requests of which the last is likely to get this status.
pub fn spoilt_for(
    status: u16,
    operation: &Operation,
    mut request: Request,
    world: &World,
    rng: &mut StdRng,
) -> Vec<Request> {
    let spoilt = match status {
        304 => request.header("if-none-match", "*"),
        400 => malformed(request, rng),
        404 => {
            let parts: Vec<&str> = request.target.split('/').collect();
            let of_path: Vec<&str> = operation.path.split('/').collect();
            let nowhere = if operation.path.contains("{seq}") { "4000000000" } else { NOWHERE };
            let Some(at) = of_path.iter().position(|part| part.starts_with('{')) else {
                return vec![request];
            };
            let query = parts[at].split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
            let mut parts: Vec<String> = parts.into_iter().map(ToOwned::to_owned).collect();
            parts[at] = format!("{nowhere}{query}");
            request.target = parts.join("/");
            request
        }
        409 => return conflicting(operation, request, world, rng),
        412 => request.header("if-match", "\"999999\""),
        413 => {
            request.body = Some(vec![b' '; 2 * 1024 * 1024 + 1]);
            request
        }
        415 => request.header("content-type", "text/plain"),
        422 => invalid(operation, request, rng),
        428 => request.without("if-match"),
        _ => request,
    };
    vec![spoilt]
}

fn malformed(mut request: Request, rng: &mut StdRng) -> Request {
    match rng.random_range(0..6) {
        0 if request.body.is_some() => {
            let body = request.body.take().unwrap();
            request.body = Some(body[..body.len() / 2].to_vec());
            request
        }
        1 if request.body.is_some() => {
            request.body = Some(b"{\"title\":\"\xff\"}".to_vec());
            request
        }
        2 if request.method != "GET" => request.header("if-match", "'1'"),
        3 => request.asking("limit=0"),
        4 => request.asking("cursor=x"),
        _ => request.asking("nonsense=1"),
    }
}

/// What stands against it is made first, where it may not be there yet.
fn conflicting(operation: &Operation, request: Request, world: &World, rng: &mut StdRng) -> Vec<Request> {
    let at_any_revision = request.clone().header("if-match", "*");
    match operation.id.as_str() {
        "create_vendor" | "update_vendor" if !world.identifiers.is_empty() => {
            let (scheme, value) = one(rng, &world.identifiers);
            let mut body = request.json();
            body["identifiers"] = json!([{ "scheme": scheme, "value": value }]);
            vec![at_any_revision.with_json(&body)]
        }
        // The third of a person under one name.
        "create_api_key" => vec![request.clone(), request.clone(), request],
        "create_regime" => {
            let mut body = request.json();
            body["slug"] = json!(one(rng, &world.slugs));
            vec![request.with_json(&body)]
        }
        // It fits into a request, but its scopes stand in the record twice: in the event that brings them, and by themselves.
        "create_designation" => {
            let mut body = request.json();
            let scope = json!({ "note": "é".repeat(5_220) });
            body["event"]["details"]["scopes"] = vec![scope; 200].into();
            vec![request.with_json(&body)]
        }
        // The second time it is decided already.
        "confirm_review" | "reject_review" => vec![request.clone(), request],
        // The second time it is over already.
        _ if operation.method == "DELETE" => vec![at_any_revision.clone(), at_any_revision],
        // A designation that is voided takes no change.
        _ if request.target.starts_with("/v1/designations/") => {
            let path: Vec<&str> = request.path().split('/').take(4).collect();
            let void = Request {
                operation: "void_designation".to_owned(),
                method: "DELETE".to_owned(),
                target: format!("{}?comment=Mistaken", path.join("/")),
                ..Request::default()
            };
            vec![void.header("if-match", "*"), at_any_revision]
        }
        _ => vec![request],
    }
}

fn invalid(operation: &Operation, mut request: Request, rng: &mut StdRng) -> Request {
    if let Some(mut body) = request.body.as_ref().map(|_| request.json()) {
        match rng.random_range(0..3) {
            0 => body["nonsense"] = json!(1),
            1 => body["note"] = json!(7),
            _ => body = json!([]),
        }
        return request.with_json(&body);
    }
    if operation.offers("comment") {
        request.target = request.path().to_owned();
        return request.asking(&format!("comment={}", if rng.random_bool(0.5) { "%20" } else { "a%07" }));
    }
    let impossible = [
        ("known_seq", "known_seq=4000000000"),
        ("designation_id", "designation_id=0195a3c4-0000-7000-8000-000000000000"),
        ("identifier", "identifier=cik:nonsense"),
        ("regime", "regime=no-such-regime"),
        ("authority_id", "authority_id=0195a3c4-0000-7000-8000-000000000000"),
        ("after", "after=4000000000"),
        ("country", "country=QQ"),
        ("operation", "operation=no_such_operation"),
    ];
    let offered: Vec<&str> =
        impossible.iter().filter(|(name, _)| operation.offers(name)).map(|(_, query)| *query).collect();
    match offered.as_slice() {
        [] => request.asking("limit=501"),
        some => {
            request.target = request.path().to_owned();
            let query = *one(rng, some);
            request.asking(query)
        }
    }
}
