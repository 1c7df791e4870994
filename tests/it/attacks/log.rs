//! The log of the real program: no client writes a line of it, and no secret stands in it.

use std::{fs, fs::File};

use tempfile::TempDir;

use super::Tried;
use crate::{
    bad_input::{JSON, request},
    support::process::{Served, program},
};

/// What a forged line would begin with.
const FORGED: &str = "[2026-01-01T00:00:00Z INFO  forged]";

#[test]
fn nobody_writes_a_line_of_the_log_or_a_header_of_an_answer() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("log");
    let mut command = program(&["serve", "--listen", "127.0.0.1:0", "--database-url"]);
    command.arg(folder.path().join("registry.db"));
    let served = Served::run_with_log_at(command, File::create(&path).unwrap(), "debug");
    let mut tried = Tried::on(&served.client);
    let forged = format!("x\r\nX-Injected: 1\r\n{FORGED} by a client");
    let escaped = "x%0d%0aX-Injected:%201%0d%0a%5b2026-01-01T00:00:00Z%20INFO%20%20forged%5d";
    let encoded = serde_json::to_string(&forged).unwrap();
    let name = format!(r#"{{"legal_name":{encoded},"kind":"company"}}"#);
    let comment = format!(r#"{{"legal_name":"Acme","kind":"company","description":{encoded}}}"#);
    for (attack, bytes, statuses) in [
        ("CR LF in a name", request("POST /v1/vendors", JSON, &name), vec![422]),
        ("CR LF in a description", request("POST /v1/vendors", JSON, &comment), vec![201, 422]),
        ("escaped CR LF in a path", request(&format!("GET /v1/{escaped}"), "", ""), vec![400, 404]),
        ("escaped CR LF in an id", request(&format!("GET /v1/vendors/{escaped}"), "", ""), vec![400, 404]),
        (
            "escaped CR LF in a query",
            request(&format!("GET /v1/vendors?name={escaped}"), "", ""),
            vec![200, 400],
        ),
        (
            "escaped CR LF in a parameter's name",
            request(&format!("GET /v1/vendors?{escaped}=1"), "", ""),
            vec![400],
        ),
        (
            "escaped CR LF in a page of problems",
            request(&format!("GET /docs/problems/{escaped}"), "", ""),
            vec![404],
        ),
        (
            "CR LF in X-Request-Id",
            request("GET /healthz", &format!("X-Request-Id: {forged}\r\n"), ""),
            vec![200, 400],
        ),
        (
            "LF in X-Request-Id",
            request("GET /healthz", &format!("X-Request-Id: x\n{FORGED}\r\n"), ""),
            vec![200, 400],
        ),
        (
            "CR in X-Request-Id",
            request("GET /healthz", &format!("X-Request-Id: x\r{FORGED}\r\n"), ""),
            vec![0, 400],
        ),
        (
            "a space in X-Request-Id",
            request("GET /healthz", "X-Request-Id: x actor=dora.admin\r\n", ""),
            vec![200],
        ),
        (
            "an escape of terminals in X-Request-Id",
            request("GET /healthz", "X-Request-Id: \u{1b}[2J\r\n", ""),
            vec![200, 400],
        ),
        (
            "CR LF in Idempotency-Key",
            request("POST /v1/vendors", &format!("{JSON}Idempotency-Key: {forged}\r\n"), "{}"),
            vec![400, 422],
        ),
        (
            "a method of 5,000 letters",
            request(&format!("{} /v1/vendors", "A".repeat(5_000)), "", ""),
            vec![0, 400, 405],
        ),
        (
            "a forwarded address that is none",
            request("GET /healthz", &format!("X-Forwarded-For: {FORGED}\r\n"), ""),
            vec![200],
        ),
        (
            "an Origin with quotes",
            request("GET /healthz", "Origin: \"x\" actor=dora.admin\r\n", ""),
            vec![200],
        ),
    ] {
        let answer = tried.bytes(attack, &bytes, &statuses);
        let head = answer.split("\r\n\r\n").next().unwrap_or_default().to_lowercase();
        assert!(!head.contains("\nx-injected"), "{attack}: {answer}");
        assert!(!answer.contains('\u{1b}'), "{attack}: {answer}");
    }
    tried.done();
    drop(served);
    let log = fs::read_to_string(&path).unwrap();
    let lines = log.lines().count();
    for line in log.lines() {
        assert!(line.starts_with('[') && line.len() < 2_000, "a line of its own: {line}");
        assert!(!line.starts_with(FORGED) && !line.contains('\u{1b}'), "{line}");
        assert!(!line.contains("actor=dora.admin"), "{line}");
    }
    assert!(log.contains("address=127.0.0.1"), "{log}");
    assert!(log.contains("actor=\"local\" credential=\"none\""), "{log}");
    println!("{lines} lines of the log, none of them a client's");
}

#[test]
fn no_credential_stands_in_the_log() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("log");
    let mut command = program(&["serve", "--listen", "127.0.0.1:0", "--database-url"]);
    command.arg(folder.path().join("registry.db"));
    command.env_remove("NO_AUTH").env_remove("RATE_LIMIT");
    let served = Served::run_with_log_at(command, File::create(&path).unwrap(), "trace");
    let id = "0123456789abcdefABCDEF";
    let secret = "SECRETsecretSECRETsecretSECRETsecretSECRETsecret0";
    let shown = [
        format!("Bearer rr_live_{id}_{secret}"),
        format!("Bearer rr_live_{id}{secret}"),
        format!("Bearer {secret}"),
        format!("Bearer eyJhbGciOiJub25lIn0.{secret}."),
        format!("Basic {secret}"),
        secret.to_owned(),
    ];
    for credential in &shown {
        let answer = served.client.get_with("/v1/vendors", &[("authorization", credential)]);
        assert_eq!(answer.status, 401, "{credential}: {answer:?}");
        assert!(!answer.text.contains(secret), "{answer:?}");
    }
    drop(served);
    let log = fs::read_to_string(&path).unwrap();
    assert!(!log.contains(secret), "{log}");
    let failures = log.lines().filter(|line| line.contains("a sign-in from 127.0.0.1 with")).count();
    assert_eq!(failures, shown.len(), "{log}");
    assert!(log.contains(&format!("with rr_live_{id} failed")), "what is public of a key is named: {log}");
    println!("{failures} failed sign-ins were logged, without what was shown");
}
