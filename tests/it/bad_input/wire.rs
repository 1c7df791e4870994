//! Odd paths, queries, headers and framing.

use std::{io::Write, net::TcpStream};

use super::{JSON, must_be, request};
use crate::support::App;

#[test]
fn odd_paths_are_refused_and_lead_nowhere() {
    let app = App::empty();
    let nowhere = [
        "//v1//vendors",
        "/v1//vendors",
        "/v1/vendors/",
        "/V1/vendors",
        "/v1/vend%00ors",
        "/v1/%2e%2e/v1/vendors",
        "/%zz",
        "/v1/../../etc/passwd",
        "/docs/../../../etc/passwd",
        "/docs/%2e%2e/%2e%2e/etc/passwd",
        "/docs/..%2f..%2fetc/passwd",
        "/docs/problems/../../secret",
        "/docs/problems/%00",
        "/docs/\\..\\secret",
        "/v1/vendors;x=1",
        "/v1",
        "/v2/vendors",
    ];
    for path in nowhere {
        let answer = must_be(&app.client, &request(&format!("GET {path}"), "", ""), &[400, 404]);
        assert!(!answer.contains("root:"), "{path}: {answer}");
    }
    for path in [
        "/v1/vendors/%00",
        "/v1/vendors/%zz",
        "/v1/vendors/%ff",
        "/v1/vendors/..",
        "/v1/vendors/%2e%2e",
        "/v1/journal/%31%00",
    ] {
        must_be(&app.client, &request(&format!("GET {path}"), "", ""), &[400, 404]);
    }
    must_be(&app.client, &request("GET http://x/readyz", "", ""), &[200]);
    must_be(&app.client, &request("OPTIONS *", "", ""), &[400, 404, 405]);
}

#[test]
fn odd_queries_are_refused_or_find_nothing() {
    let app = App::empty();
    app.client.vendor("Acme");
    for malformed in [
        "name=%00",
        "name=a%00b",
        "name=%ff",
        "name=%ed%a0%80",
        "name=",
        "name",
        "%00=1",
        "limit=%31%00",
        "cursor=%00",
    ] {
        must_be(&app.client, &request(&format!("GET /v1/vendors?{malformed}"), "", ""), &[400]);
    }
    for odd in [
        "name=%zz",
        "name=%",
        "name=%25",
        "name=_",
        "name='%3B--",
        "name=\\",
        "name=*",
        "name=%22",
        "name=a%26b%3Dc",
        "name=%F0%9F%A6%80",
    ] {
        let answer = must_be(&app.client, &request(&format!("GET /v1/vendors?{odd}"), "", ""), &[200]);
        assert!(answer.contains("\"items\":[]"), "{odd} is no prefix of a word of Acme: {answer}");
    }
    for harmless in ["&", "&&", "", "name=acme&"] {
        must_be(&app.client, &request(&format!("GET /v1/vendors?{harmless}"), "", ""), &[200]);
    }
}

#[test]
fn what_is_too_long_is_refused_without_harm() {
    let app = App::empty();
    let long = "a".repeat(300_000);
    let name = format!("GET /v1/vendors?name={}", &long[..20_000]);
    must_be(&app.client, &request(&name, "", ""), &[400]);
    must_be(&app.client, &request(&format!("GET /v1/vendors?name={long}"), "", ""), &[0, 400, 414, 431]);
    must_be(&app.client, &request(&format!("GET /{long}"), "", ""), &[0, 400, 404, 414, 431]);
    must_be(&app.client, &request("GET /readyz", &format!("X-Long: {long}\r\n"), ""), &[0, 400, 431]);
    let many: String = (0..5_000).map(|number| format!("X-{number}: 1\r\n")).collect();
    must_be(&app.client, &request("GET /readyz", &many, ""), &[0, 400, 431]);
    let repeated = "tag=a&".repeat(5_000);
    must_be(&app.client, &request(&format!("GET /v1/vendors?{repeated}limit=1"), "", ""), &[400]);
}

#[test]
fn a_header_can_not_write_another_header_or_a_line_of_the_log() {
    let app = App::empty();
    for id in ["a\r\nX-Injected: 1", "a\rX-Injected: 1", "a\nX-Injected: 1", "a\0b", "a b", "é", "\u{1b}[31m"]
    {
        let answer = must_be(
            &app.client,
            &request("GET /readyz", &format!("X-Request-Id: {id}\r\n"), ""),
            &[0, 200, 400],
        );
        assert!(
            !answer.to_lowercase().contains("x-injected") && !answer.contains('\u{1b}'),
            "{id:?}: {answer}"
        );
    }
}

#[test]
fn bodies_in_chunks_are_read_and_broken_ones_are_refused() {
    let app = App::empty();
    let chunked = format!("{JSON}Transfer-Encoding: chunked\r\n");
    let body = r#"{"legal_name":"Acme","kind":"company"}"#;
    let (first, second) = body.split_at(10);
    let whole = format!("{:x}\r\n{first}\r\n{:x};note=1\r\n{second}\r\n0\r\n\r\n", first.len(), second.len());
    must_be(&app.client, &request("POST /v1/vendors", &chunked, &whole), &[201]);
    let mebibyte = format!("100000\r\n{}\r\n", " ".repeat(1 << 20)).repeat(3);
    must_be(&app.client, &request("POST /v1/vendors", &chunked, &format!("{mebibyte}0\r\n\r\n")), &[413]);
    for broken in
        ["zz\r\n{}\r\n0\r\n\r\n", "fffffffffffffffff\r\n{}\r\n", "-1\r\n{}\r\n0\r\n\r\n", "2\r\n{}garbage"]
    {
        must_be(&app.client, &request("POST /v1/vendors", &chunked, broken), &[0, 400]);
    }
    let both = format!("{chunked}Content-Length: 2\r\n");
    must_be(&app.client, &request("POST /v1/vendors", &both, &whole), &[0, 201, 400]);
    for length in ["-1", "abc", "99999999999999999999", "1, 2"] {
        let bytes = format!(
            "POST /v1/vendors HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{JSON}Content-Length: {length}\r\n\r\n{{}}"
        );
        must_be(&app.client, bytes.as_bytes(), &[0, 400]);
    }
}

#[test]
fn old_and_odd_http_is_answered_without_a_fault() {
    let app = App::empty();
    must_be(&app.client, b"GET /readyz HTTP/1.0\r\n\r\n", &[200]);
    must_be(&app.client, b"GET /readyz HTTP/1.1\r\nConnection: close\r\n\r\n", &[200, 400]);
    for odd in [
        "GET /readyz HTTP/3.0\r\n\r\n",
        "get /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /readyz\r\n\r\n",
        "\r\n\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}",
        "GET /rea dyz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /readyz HTTP/1.1\r\nno colon\r\n\r\n",
        "GET /readyz HTTP/1.1\r\n : empty\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        must_be(&app.client, odd.as_bytes(), &[0, 400, 404, 405, 505]);
    }
    let half =
        format!("POST /v1/vendors HTTP/1.1\r\nHost: localhost\r\n{JSON}Content-Length: 100\r\n\r\n{{\"legal");
    let mut stream = TcpStream::connect(app.client.address).unwrap();
    stream.write_all(half.as_bytes()).unwrap();
    drop(stream);
    app.client.get("/readyz").expect(200);
    assert_eq!(app.client.head(), 0, "nothing was recorded");
}
