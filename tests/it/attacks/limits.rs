//! Every limit of size, at it and one past it. docs and SECURITY.md name the same numbers.

use risk_registry::http::{
    extract::BODY_LIMIT,
    limits::{PAIR_LIMIT, PATH_LIMIT, QUERY_LIMIT},
};
use serde_json::json;

use super::Tried;
use crate::{
    bad_input::{JSON, request},
    support::App,
};

/// What the server underneath takes of headers: so many, and so many bytes of a request before its body.
const HEADERS: usize = 96;
const HEAD_BYTES: usize = 131_072;

#[test]
fn what_is_as_large_as_it_may_be_is_taken_and_what_is_larger_is_refused() {
    let app = App::empty();
    let mut tried = Tried::on(&app.client);
    let get = |target: &str, headers: &str| request(&format!("GET {target}"), headers, "");

    // Three headers are there already: Host, Connection and Content-Length.
    let headers =
        |count: usize| (0..count - 3).map(|number| format!("X-{number}: 1\r\n")).collect::<String>();
    tried.bytes("headers at the limit of 96", &get("/healthz", &headers(HEADERS)), &[200]);
    tried.bytes("headers one past it", &get("/healthz", &headers(HEADERS + 1)), &[431]);
    let long = |bytes: usize| format!("X-Long: {}\r\n", "a".repeat(bytes));
    tried.bytes("headers of 120 KiB", &get("/healthz", &long(120 * 1024)), &[200]);
    tried.bytes("headers of 128 KiB and more", &get("/healthz", &long(HEAD_BYTES + 1)), &[0, 431]);

    let path = |bytes: usize| format!("/{}", "a".repeat(bytes - 1));
    tried.bytes("a path at the limit of 2 KiB", &get(&path(PATH_LIMIT), ""), &[404]);
    tried.bytes("a path one past it", &get(&path(PATH_LIMIT + 1), ""), &[414]);
    tried.bytes("a path under /v1 one past it", &get(&format!("/v1{}", path(PATH_LIMIT - 2)), ""), &[414]);
    let query = |bytes: usize| format!("/v1/vendors?{}", "a".repeat(bytes));
    tried.bytes("a query at the limit of 32 KiB", &get(&query(QUERY_LIMIT), ""), &[400]);
    tried.bytes("a query one past it", &get(&query(QUERY_LIMIT + 1), ""), &[414]);
    tried.bytes("a URL past 64 KiB", &get(&query(70_000), ""), &[0, 400, 414]);
    let pairs = |count: usize| format!("/v1/vendors?{}", vec!["tag=a"; count].join("&"));
    let at = tried.bytes("query parameters at the limit of 512", &get(&pairs(PAIR_LIMIT), ""), &[400]);
    assert!(at.contains("tag must have at most"), "the limit of the parameter itself speaks: {at}");
    let past = tried.bytes("query parameters one past it", &get(&pairs(PAIR_LIMIT + 1), ""), &[400]);
    assert!(past.contains("at most 512 parameters"), "{past}");
    let page = |limit: u32| get(&format!("/v1/vendors?limit={limit}"), "");
    tried.bytes("a page at the limit of 500", &page(500), &[200]);
    tried.bytes("a page one past it", &page(501), &[400]);

    let vendor = json!({ "legal_name": "Acme", "kind": "company" }).to_string();
    let body = |bytes: usize| format!("{vendor}{}", " ".repeat(bytes - vendor.len()));
    let post = |body: &str| request("POST /v1/vendors", JSON, body);
    tried.bytes("a body at the limit of 2 MiB", &post(&body(BODY_LIMIT)), &[201]);
    tried.bytes("a body one past it", &post(&body(BODY_LIMIT + 1)), &[413]);
    let bomb = request("POST /v1/vendors", &format!("{JSON}Content-Encoding: gzip\r\n"), &vendor);
    tried.bytes("a body that says it is compressed", &bomb, &[415]);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    tried.bytes("a body a hundred thousand arrays deep", &post(&deep), &[400]);

    let vendors = |count: usize| {
        let none = "0195a3c4-0000-7000-8000-000000000000";
        json!({ "vendors": vec![json!({ "vendor_id": none }); count] }).to_string()
    };
    let check = |count: usize| request("POST /v1/standing-checks", JSON, &vendors(count));
    tried.bytes("a batch at the limit of 10,000", &check(10_000), &[200]);
    tried.bytes("a batch one past it", &check(10_001), &[422]);

    let id = "a".repeat(128);
    let taken = tried.bytes(
        "a request id at the limit of 128",
        &get("/healthz", &format!("X-Request-Id: {id}\r\n")),
        &[200],
    );
    assert!(taken.contains(&id), "{taken}");
    let ignored = tried.bytes(
        "a request id one past it",
        &get("/healthz", &format!("X-Request-Id: {id}a\r\n")),
        &[200],
    );
    assert!(!ignored.contains(&id), "another is made: {ignored}");
    let keyed = |bytes: usize| {
        let headers = format!("{JSON}Idempotency-Key: {}\r\n", "k".repeat(bytes));
        request("POST /v1/vendors", &headers, &vendor)
    };
    tried.bytes("an idempotency key at the limit of 255", &keyed(255), &[201]);
    tried.bytes("an idempotency key one past it", &keyed(256), &[400]);
    let shown =
        |bytes: usize| get("/v1/vendors", &format!("Authorization: Bearer {}\r\n", "k".repeat(bytes)));
    tried.bytes("a credential of 100 KiB, where nobody signs in", &shown(100 * 1024), &[200]);
    tried.done();

    let secured = App::secured();
    let mut tried = Tried::on(&secured.client);
    tried.bytes("a credential of 16 KiB", &shown(16 * 1024), &[401]);
    tried.bytes("a credential of 100 KiB", &shown(100 * 1024), &[401]);
    tried.done();
}
