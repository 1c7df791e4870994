//! Bodies that are too deep, too large or not what they should be, and text of every script.

use serde_json::json;

use super::{JSON, must_be, request};
use crate::support::App;

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
    let invalid =
        ["-0", "0", "-0.0", "1e308", "1e-400", "4294967297", "18446744073709551616", "-1", "30.5", &digits];
    for invalid in invalid {
        post(invalid, &[422]);
    }
    must_be(&app.client, &request("POST /v1/regimes", JSON, &regime(&"9".repeat(100_000))), &[400, 422]);
    post("30.0", &[201]);
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
