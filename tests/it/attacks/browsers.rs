//! What browsers and caches are told with every answer, and which pages may read answers.

use crate::{
    conventions::{calls::call, document::Operation},
    support::{Answer, App, Office},
};

const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[track_caller]
fn must_be_complete(what: &str, answer: &Answer, policy: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{what}: {answer:?}");
    }
    let given = answer.header("content-security-policy").unwrap_or_default();
    assert!(given.starts_with(policy), "{what}: {given}");
    assert!(given.contains("frame-ancestors 'none'") && !given.contains("unsafe"), "{what}: {given}");
    let caching = answer.header("cache-control").unwrap_or_default();
    let wanted: &[&str] =
        if answer.status >= 400 { &["no-store"] } else { &["no-store", "private, no-cache", "no-cache"] };
    assert!(wanted.contains(&caching), "{what}: {caching}");
}

#[test]
fn every_answer_of_every_operation_tells_browsers_and_caches_what_they_may() {
    let (app, office) = (App::empty(), Office::open());
    let mut answers = 0;
    for operation in Operation::all() {
        let versioned = operation.is_versioned();
        let call = call(&app, &operation).unwrap();
        let mut headers =
            vec![("content-type", operation.media_types.last().map_or("text/plain", String::as_str))];
        if let Some(etag) = &call.etag {
            headers.push(("if-match", etag));
        }
        let body = call.body.as_ref().map(ToString::to_string);
        let send = |client: &crate::support::Client, target: &str| {
            client.send(&operation.method, target, &headers, body.as_deref().map(str::as_bytes))
        };
        let good = send(&app.client, &call.target(""));
        assert!(good.status < 300, "{}: {good:?}", operation.id);
        let bad = send(&app.client, &call.target("nonsense=1"));
        assert_eq!(bad.status, 400, "{}: {bad:?}", operation.id);
        let refused = send(&office.nobody, &call.target(""));
        for answer in [&good, &bad, &refused] {
            must_be_complete(&operation.id, answer, NOTHING);
            let vary = answer.header("vary");
            assert_eq!(vary, versioned.then_some("Authorization"), "{}: {answer:?}", operation.id);
            answers += 1;
        }
        // A shared cache keeps nothing of /v1; what can't be asked about again, a secret and what is evidence nobody keeps.
        let confidential = operation.id == "create_api_key"
            || operation.id.ends_with("_standing")
            || operation.path.contains("/statistics")
            || operation.path.starts_with("/v1/reviews");
        let asked_again = versioned && good.header("etag").is_some();
        let kept = if asked_again && !confidential { "private, no-cache" } else { "no-store" };
        // Whether the feed shows a review depends on what was called before.
        if !operation.path.starts_with("/v1/journal") {
            assert_eq!(good.header("cache-control"), Some(kept), "{}", operation.id);
        }
        if versioned && operation.method == "GET" && good.header("etag").is_some() {
            let etag = good.etag();
            let same = app.client.get_with(&call.target(""), &[("if-none-match", &etag)]);
            assert_eq!(same.status, 304, "{}", operation.id);
            must_be_complete(&operation.id, &same, NOTHING);
            assert_eq!(same.header("vary"), Some("Authorization"));
        }
    }
    for path in [
        "/nowhere",
        "/openapi.json",
        "/docs/problems",
        "/docs/problems/",
        "/docs/problems/invalid",
        "/docs/problems/none",
        "/v1",
        "/v1/nothing",
    ] {
        must_be_complete(path, &app.client.get(path), NOTHING);
        must_be_complete(path, &app.client.send("PUT", path, &[], None), NOTHING);
        answers += 2;
    }
    for path in ["/docs", "/docs/", "/docs/swagger-ui.css", "/docs/nothing"] {
        must_be_complete(
            path,
            &app.client.get(path),
            "default-src 'none'; script-src 'self'; style-src 'self'",
        );
        answers += 1;
    }
    println!("{answers} answers with their headers");
}

const ORIGIN: &str = "https://dashboard.example";

fn with_origins() -> App {
    App::adjusted(true, |settings| {
        settings.surroundings.origins = [ORIGIN.to_owned()].into_iter().collect();
    })
}

#[test]
fn pages_of_listed_origins_may_ask_and_no_others() {
    let app = with_origins();
    let preflight = |app: &App, origin: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "PATCH"),
            ("access-control-request-headers", "authorization,if-match"),
        ];
        app.client.send("OPTIONS", "/v1/vendors", &headers, None)
    };
    let allowed = preflight(&app, ORIGIN).expect(204);
    assert_eq!(allowed.header("access-control-allow-origin"), Some(ORIGIN));
    for (name, wanted) in [
        ("access-control-allow-methods", "GET, HEAD, POST, PATCH, DELETE"),
        (
            "access-control-allow-headers",
            "authorization, content-type, if-match, if-none-match, idempotency-key, last-event-id, x-request-id",
        ),
        ("vary", "Authorization, Origin"),
    ] {
        assert_eq!(allowed.header(name), Some(wanted), "{allowed:?}");
    }
    assert_eq!(allowed.header("access-control-allow-credentials"), None);
    must_be_complete("preflight", &allowed, NOTHING);

    let asked = app.client.get_with("/v1/vendors", &[("origin", ORIGIN)]).expect(401);
    assert_eq!(asked.header("access-control-allow-origin"), Some(ORIGIN), "a page can read why: {asked:?}");
    assert!(asked.header("access-control-expose-headers").unwrap().contains("ratelimit-policy"));

    for other in [
        "https://evil.example",
        "null",
        "http://dashboard.example",
        "https://dashboard.example.evil.example",
        "https://dashboard.example:8443",
        "https://DASHBOARD.example",
        "https://evil.example https://dashboard.example",
    ] {
        let refused = preflight(&app, other);
        assert_eq!(refused.status, 401, "{other}: {refused:?}");
        let asked = app.client.get_with("/healthz", &[("origin", other)]).expect(200);
        for answer in [&refused, &asked] {
            let told = answer.headers.iter().filter(|(name, _)| name.starts_with("access-control-")).count();
            assert_eq!(told, 0, "{other}: {answer:?}");
        }
        assert_eq!(asked.header("vary"), Some("Origin"), "a cache must not give it to others");
    }
}

#[test]
fn without_listed_origins_there_is_no_cors_at_all() {
    let app = App::empty();
    let headers = [("origin", ORIGIN), ("access-control-request-method", "GET")];
    let refused =
        app.client.send("OPTIONS", "/v1/vendors", &headers, None).expect_problem(405, "method_not_allowed");
    let asked = app.client.get_with("/v1/vendors", &[("origin", ORIGIN)]).expect(200);
    for answer in [refused, asked] {
        assert!(!answer.headers.iter().any(|(name, _)| name.starts_with("access-control-")), "{answer:?}");
    }
}
