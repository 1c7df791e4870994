//! Requests of which two readers could disagree where they end. One answer and an end of the connection is right; two answers
//! would mean that a request was smuggled in.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::Tried;
use crate::support::process::Served;

const SMUGGLED: &str = "GET /v1/vendors HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[test]
fn no_request_is_smuggled_behind_another() {
    let folder = TempDir::new().unwrap();
    let served = Served::start(folder.path().join("registry.db"), &[]);
    let mut tried = Tried::on(&served.client);
    let length = SMUGGLED.len();
    let heads = [
        ("Content-Length twice, different", format!("Content-Length: 0\r\nContent-Length: {length}\r\n")),
        ("Content-Length twice, the same", "Content-Length: 0\r\nContent-Length: 0\r\n".into()),
        ("Content-Length as a list", format!("Content-Length: 0, {length}\r\n")),
        ("Content-Length with a sign", "Content-Length: +0\r\n".into()),
        ("Content-Length in hexadecimal", "Content-Length: 0x0\r\n".into()),
        ("Content-Length below nothing", "Content-Length: -1\r\n".into()),
        ("Content-Length beside chunks", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n".into()),
        (
            "chunks beside Content-Length",
            format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\n"),
        ),
        ("Transfer-Encoding of another name", "Transfer-Encoding: xchunked\r\n".into()),
        ("Transfer-Encoding: chunked, identity", "Transfer-Encoding: chunked, identity\r\n".into()),
        ("Transfer-Encoding: identity, chunked", "Transfer-Encoding: identity, chunked\r\n".into()),
        ("Transfer-Encoding: identity", "Transfer-Encoding: identity\r\n".into()),
        ("Transfer-Encoding twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n".into()),
        ("Transfer-Encoding in quotes", "Transfer-Encoding: \"chunked\"\r\n".into()),
        ("Transfer-Encoding with a tab before the colon", "Transfer-Encoding\t: chunked\r\n".into()),
        ("a space before the colon", "Content-Length : 0\r\n".into()),
        ("a folded header", "X-Folded: a\r\n b: c\r\n".into()),
        ("a folded Transfer-Encoding", "Transfer-Encoding:\r\n chunked\r\n".into()),
        ("a header without a name", ": x\r\n".into()),
        ("a header without a colon", "Transfer-Encoding chunked\r\n".into()),
        ("a null byte in a header", "X-Null: a\0b\r\n".into()),
        ("a bare CR in a header", "X-Bare: a\rContent-Length: 5\r\n".into()),
        ("two Hosts", "Host: y\r\n".into()),
        (
            "a web socket with a length",
            format!("Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: {length}\r\n"),
        ),
    ];
    for (attack, headers) in &heads {
        let request = format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n{SMUGGLED}");
        let answer = tried.bytes(attack, request.as_bytes(), &[0, 400]);
        assert!(!answer.contains("\"items\""), "{attack}: {answer}");
    }
    for (attack, request) in [
        ("no Host", format!("GET /healthz HTTP/1.1\r\n\r\n{SMUGGLED}")),
        (
            "chunks in HTTP/1.0",
            format!("POST /healthz HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}"),
        ),
        (
            "HTTP/1.0 POST without a length",
            format!("POST /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n{SMUGGLED}"),
        ),
        ("HTTP/0.9", format!("GET /healthz\r\n\r\n{SMUGGLED}")),
        ("HTTP/2 without an agreement", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into()),
        ("a tunnel", format!("CONNECT x:80 HTTP/1.1\r\nHost: localhost\r\n\r\n{SMUGGLED}")),
        ("a chunk with a negative size", chunked("-1\r\n\r\n")),
        ("a chunk whose size overflows", chunked("10000000000000000\r\n\r\n")),
        ("a chunk of another size", chunked("1\r\n{}\r\n0\r\n\r\n")),
        ("a chunk's end without CR", chunked("2\n{}\n0\n\n")),
    ] {
        tried.bytes(attack, request.as_bytes(), &[0, 400, 404, 505]);
    }
    // A bare LF ends a line for some; where it does here, it does so for the whole request, and there is one.
    let bare = "GET /healthz HTTP/1.1\nHost: localhost\nConnection: close\n\n";
    tried.bytes("bare LF for CR LF", bare.as_bytes(), &[0, 200, 400]);
    tried.done();
}

fn chunked(chunks: &str) -> String {
    format!(
        "POST /v1/vendors HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}{SMUGGLED}"
    )
}

#[test]
fn headers_that_come_drop_by_drop_are_not_waited_for() {
    let folder = TempDir::new().unwrap();
    let served = Served::start(folder.path().join("registry.db"), &[]);
    let began = Instant::now();
    let mut stream = TcpStream::connect(served.client.address).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n").unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut answer = Vec::new();
    while began.elapsed() < Duration::from_secs(60) {
        let mut buffer = [0; 1024];
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => answer.extend_from_slice(&buffer[..read]),
            // Nothing was said yet: another drop.
            Err(_) if stream.write_all(b"X-Drop: 1\r\n").is_err() => break,
            Err(_) => {}
        }
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let took = began.elapsed().as_secs();
    println!("a header every half second → {:?} after {took} s", answer.lines().next());
    assert!(took < 60, "the connection was held for {took} seconds");
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    served.client.get("/readyz").expect(200);
}
