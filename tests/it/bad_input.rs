//! Input that no client of good will sends: whatever comes, the answer is no fault of the server, and it goes on serving.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::json;

use super::support::{App, Client};

/// Sends bytes as they are, and gives back all that comes until the server closes or is silent for a while.
fn raw(client: &Client, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(client.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    // The server may refuse before it has read all.
    drop(stream.write_all(request));
    let (mut answer, mut buffer) = (Vec::new(), [0; 65536]);
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        answer.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of an answer; 0 where the server closed without one.
fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// A request with these headers and body, after which the connection closes.
fn request(line: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = if headers.contains("Transfer-Encoding") {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", body.len())
    };
    format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}{length}\r\n{body}").into_bytes()
}

const JSON: &str = "Content-Type: application/json\r\n";

#[track_caller]
fn must_be(client: &Client, request: &[u8], statuses: &[u16]) -> String {
    let answer = raw(client, request);
    let sent: String = String::from_utf8_lossy(request).chars().take(200).collect();
    assert!(statuses.contains(&status(&answer)), "{statuses:?}, not {answer}\nto {sent}");
    client.get("/readyz").expect(200);
    answer
}

#[test]
fn a_body_that_is_nested_too_deep_is_malformed() {
    let app = App::empty();
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let value = if open == "[" { "" } else { "1" };
        for levels in [200, 10_000, 300_000] {
            let body = format!("{}{value}{}", open.repeat(levels), close.repeat(levels));
            must_be(&app.client, &request("POST /v1/vendors", JSON, &body), &[400]);
            let inside = format!("{{\"legal_name\":\"x\",\"kind\":\"company\",\"names\":{body}}}");
            must_be(&app.client, &request("POST /v1/vendors", JSON, &inside), &[400]);
            must_be(&app.client, &request("POST /v1/vendors", JSON, &open.repeat(levels)), &[400]);
        }
    }
}

#[test]
fn numbers_that_are_too_large_or_no_whole_numbers_are_refused() {
    let app = App::empty();
    let regime = |number: &str| {
        format!(
            "{{\"slug\":\"a\",\"title\":\"A\",\"citation\":\"1\",\"jurisdiction\":\"US\",\"effect\":\"advisory\",\
             \"prior_notice_required\":false,\"description\":\"A\",\"response_days\":{number}}}"
        )
    };
    let post = |number: &str, allowed: &[u16]| {
        must_be(&app.client, &request("POST /v1/regimes", JSON, &regime(number)), allowed);
    };
    for malformed in ["1e400", "-1e400", "01", "+1", "1.", ".5", "0x1", "NaN", "Infinity", "1_0"] {
        post(malformed, &[400]);
    }
    let digits = "9".repeat(300);
    let invalid = [
        "-0",
        "0",
        "-0.0",
        "1e308",
        "1e-400",
        "4294967297",
        "18446744073709551616",
        "-1",
        "1.0",
        "30.5",
        &digits,
    ];
    for invalid in invalid {
        post(invalid, &[422]);
    }
    must_be(&app.client, &request("POST /v1/regimes", JSON, &regime(&"9".repeat(100_000))), &[400, 422]);
    post("30", &[201]);
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    let app = App::empty();
    for malformed in ["", " ", "\0", "\u{feff}{}", "{}{}", "{", "\"", "nul"] {
        must_be(&app.client, &request("POST /v1/vendors", JSON, malformed), &[400]);
    }
    for invalid in ["null", "[]", "1", "true", "\"text\"", "{}"] {
        must_be(&app.client, &request("POST /v1/vendors", JSON, invalid), &[422]);
    }
    let id = app.client.vendor("Acme");
    let patch = format!("{JSON}If-Match: \"1\"\r\n");
    for invalid in ["null", "[]", "1", "\"text\""] {
        must_be(&app.client, &request(&format!("PATCH /v1/vendors/{id}"), &patch, invalid), &[422]);
    }
    must_be(&app.client, &request(&format!("PATCH /v1/vendors/{id}"), &patch, "{}"), &[200]);
}

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
fn names_come_back_exactly_as_they_were_given_but_for_white_space_around_them() {
    let app = App::empty();
    let names = [
        "Acme 🦀 Networks",
        "👩‍👩‍👧‍👦 & Söhne",
        "شركة الاتصالات",
        "חברה בע״מ",
        "株式会社テスト",
        "Cafe\u{301}",
        "Café",
        "ﬁnance",
        "İstanbul",
        "ǅ",
        "\u{202e}evil",
        "zero\u{200b}width",
        "a  b",
        "O'Neill \"&\" <b>",
        "100% \\ done",
        "{{7*7}}",
        "\u{1f1e9}\u{1f1ea}",
        "\u{10ffff}",
        "ẞ",
        "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A",
    ];
    for name in names {
        let body = json!({ "legal_name": format!(" \t{name}\u{a0}\n "), "kind": "company", "description": format!("{name}\r\n{name}\t.") });
        let made = app.client.post("/v1/vendors", &body).expect(201);
        let read = app.client.get(made.header("location").unwrap()).expect(200).json();
        assert_eq!((&read["legal_name"], &read), (&json!(name), &made.json()));
        assert_eq!(read["description"], format!("{name}\r\n{name}\t."));
    }
    let found: Vec<_> = app
        .client
        .all("/v1/vendors?limit=3")
        .into_iter()
        .map(|vendor| vendor["legal_name"].clone())
        .collect();
    assert!(found.len() == names.len() && names.iter().all(|name| found.contains(&json!(name))), "{found:?}");
}

#[test]
fn a_name_is_one_line_without_control_characters() {
    let app = App::empty();
    for bad in [
        "a\rb",
        "a\nb",
        "a\r\nSet-Cookie: x",
        "a\0b",
        "a\u{7f}b",
        "a\u{85}b",
        "a\u{1b}[31mb",
        "",
        " ",
        "\u{a0}\u{2003}",
    ] {
        let answer = app.client.post("/v1/vendors", &json!({ "legal_name": bad, "kind": "company" }));
        let answer = answer.expect_problem(422, "invalid");
        assert_eq!(answer.text_at("/errors/0/pointer"), "/legal_name", "{bad:?}");
    }
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
            "POST /v1/vendors HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{JSON}Content-Length: {length}\r\n\r\n{{}}"
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
        "get /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /readyz\r\n\r\n",
        "\r\n\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}",
        "GET /rea dyz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /readyz HTTP/1.1\r\nno colon\r\n\r\n",
        "GET /readyz HTTP/1.1\r\n : empty\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        must_be(&app.client, odd.as_bytes(), &[0, 400, 404, 405, 505]);
    }
    let half = format!("POST /v1/vendors HTTP/1.1\r\nHost: x\r\n{JSON}Content-Length: 100\r\n\r\n{{\"legal");
    let mut stream = TcpStream::connect(app.client.address).unwrap();
    stream.write_all(half.as_bytes()).unwrap();
    drop(stream);
    app.client.get("/readyz").expect(200);
    assert_eq!(app.client.head(), 0, "nothing was recorded");
}
