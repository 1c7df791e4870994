//! Paths that one reader takes for others: none of them leads past the guard.

use risk_registry::access::Role;

use super::Tried;
use crate::{
    bad_input::request,
    support::{App, Office, office},
};

/// Ways to write a path of `/v1` that a guard and a router could read differently.
const PATHS: &[&str] = &[
    "//v1/vendors",
    "/v1//vendors",
    "///v1///vendors",
    "/v1/./vendors",
    "/./v1/vendors",
    "/v1/../v1/vendors",
    "/v1/../metrics",
    "/healthz/../v1/vendors",
    "/docs/../v1/vendors",
    "/docs/%2e%2e/v1/vendors",
    "/v1/%2e%2e/metrics",
    "/v1/%2e/vendors",
    "/v1%2Fvendors",
    "/v1%2fvendors",
    "/%2Fv1/vendors",
    "/%761/vendors",
    "/v%31/vendors",
    "/v1/%76endors",
    "/v1/vendor%73",
    "/%76%31/%76%65%6e%64%6f%72%73",
    "/v1/%2576endors",
    "/v1/vendors/",
    "/v1/vendors//",
    "/v1/vendors;x=1",
    "/v1;x=1/vendors",
    "/v1/vendors%3B",
    "/v1/vendors%00",
    "/v1/vendors%00.css",
    "/v1/vendors%20",
    "/v1/vendors%0d%0aX:%201",
    "/v1/vendors.json",
    "/v1/vendors%23",
    "/v1/vendors%3Flimit=1",
    "/v1\\vendors",
    "/v1%5Cvendors",
    "/V1/vendors",
    "/v1/VENDORS",
    "/v1/%EF%BD%96endors",
    "/v1/%c0%aevendors",
    "/openapi.json/../v1/vendors",
    "/v1/vendors/.",
    "/v1/vendors/..",
    "/v1/vendors?",
    "/v1/vendors?%6cimit=1",
    "/v1/vendors",
];

#[test]
fn no_way_to_write_a_path_leads_past_the_guard() {
    let office = Office::open();
    office.analyst.vendor("Acme");
    let mut tried = Tried::on(&office.nobody);
    for path in PATHS {
        for method in ["GET", "POST", "HEAD"] {
            let bytes = request(&format!("{method} {path}"), "Content-Type: application/json\r\n", "");
            let answer =
                tried.bytes(&format!("{method} {path}, without a key"), &bytes, &[400, 401, 404, 405]);
            assert!(!answer.contains("Acme") && !answer.contains("\"items\""), "{path}: {answer}");
        }
    }
    for (attack, line) in [
        ("an absolute target", "GET http://127.0.0.1/v1/vendors"),
        ("an absolute target of another host", "GET http://evil.example/v1/vendors"),
        ("an absolute target with two slashes", "GET http://x//v1/vendors"),
        ("an absolute target with an escape", "GET http://x/v1/%76endors"),
        ("an absolute target with a user", "GET http://admin@x/v1/vendors"),
        ("another scheme", "GET file:///v1/vendors"),
        ("a target without a slash", "GET v1/vendors"),
        ("the server as a whole", "OPTIONS *"),
        ("a method in small letters", "get /v1/vendors"),
        ("a method of its own", "FETCH /v1/vendors"),
        ("a method that tells what was sent", "TRACE /v1/vendors"),
    ] {
        let answer = tried.bytes(
            &format!("{attack}, without a key"),
            &request(line, "", ""),
            &[0, 400, 401, 404, 405],
        );
        assert!(!answer.contains("Acme") && !answer.contains("\"items\""), "{attack}: {answer}");
    }
    for headers in [
        "X-Original-URL: /v1/vendors\r\n",
        "X-Rewrite-URL: /v1/vendors\r\n",
        "X-Forwarded-Prefix: /v1\r\n",
        "X-HTTP-Method-Override: GET\r\n",
        "X-Forwarded-For: 127.0.0.1\r\n",
        "X-Real-IP: 127.0.0.1\r\n",
        "Forwarded: for=127.0.0.1;host=localhost;proto=https\r\n",
        "X-Forwarded-Host: localhost\r\n",
        "X-Forwarded-User: dora.admin\r\n",
        "X-Remote-User: dora.admin\r\n",
        "X-Actor: dora.admin\r\n",
        "Cookie: token=rr_live_x\r\n",
        "Authorization: Basic ZG9yYTpkb3Jh\r\n",
        "Authorization: Bearer\r\n",
        "Authorization: Bearer null\r\n",
        "Authorization: none\r\n",
    ] {
        let bytes = request("GET /v1/vendors", headers, "");
        tried.bytes(&format!("{}, without a key", headers.trim()), &bytes, &[401]);
    }
    for (path, headers) in
        [("/healthz", "X-Original-URL: /v1/vendors\r\n"), ("/healthz", "X-Rewrite-URL: /v1/vendors\r\n")]
    {
        let bytes = request(&format!("GET {path}"), headers, "");
        let answer = tried.bytes(&format!("GET {path} with {}", headers.trim()), &bytes, &[200]);
        assert!(!answer.contains("items"), "{answer}");
    }
    tried.done();
}

#[test]
fn who_may_read_is_not_led_elsewhere_either() {
    let app = App::empty();
    app.client.vendor("Acme");
    let mut tried = Tried::on(&app.client);
    // Only these two are ways to write the list: nothing of the path is escaped in them.
    let right = ["/v1/vendors", "/v1/vendors?", "/v1/vendors?%6cimit=1"];
    for path in PATHS.iter().filter(|path| !right.contains(path)) {
        let bytes = request(&format!("GET {path}"), "", "");
        let answer = tried.bytes(&format!("GET {path}, with every right"), &bytes, &[400, 404]);
        assert!(!answer.contains("Acme"), "{path}: {answer}");
    }
    tried.done();
}

#[test]
fn a_method_is_what_the_request_line_says() {
    let app = App::empty();
    let id = app.client.vendor("Acme");
    let mut tried = Tried::on(&app.client);
    for name in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
        for method in ["DELETE", "PATCH"] {
            let headers = format!("{name}: {method}\r\nIf-Match: *\r\n");
            let bytes = request(&format!("GET /v1/vendors/{id}"), &headers, "");
            tried.bytes(&format!("GET with {name}: {method}"), &bytes, &[200]);
        }
    }
    let bytes = request(&format!("POST /v1/vendors/{id}?_method=DELETE"), "If-Match: *\r\n", "");
    tried.bytes("POST with _method=DELETE", &bytes, &[405]);
    tried.done();
    assert_eq!(app.client.get(&format!("/v1/vendors/{id}")).json()["status"], "active");
}

#[test]
fn answers_name_no_host_that_a_request_claims() {
    let app = App::secured();
    let (_, token) = office::key(&app.db, "ana.analyst", Role::Analyst, None);
    let key = format!("Authorization: Bearer {}\r\n", token.reveal());
    let body = r#"{"legal_name":"Acme","kind":"company"}"#;
    let mut tried = Tried::on(&app.client);
    for (attack, headers) in [
        ("X-Forwarded-Host", "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n"),
        ("Forwarded", "Forwarded: host=evil.example;proto=https\r\n"),
    ] {
        for (line, statuses) in [("POST /v1/vendors", [201]), ("GET /docs", [308]), ("GET /docs/", [200])] {
            let bytes = request(line, &format!("{headers}{key}Content-Type: application/json\r\n"), body);
            let answer = tried.bytes(&format!("{line} with {attack}"), &bytes, &statuses);
            assert!(!answer.contains("evil.example"), "{answer}");
        }
    }
    let evil = b"GET /docs HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    let answer = tried.bytes("another Host", evil, &[308]);
    assert!(!answer.contains("evil.example"), "{answer}");
    tried.done();
}
