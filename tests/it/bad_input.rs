//! Input that no client of good will sends: whatever comes, the answer is no fault of the server, and it goes on serving.

mod bodies;
mod wire;

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use super::support::Client;

/// Sends bytes as they are, and gives back all that comes until the server closes or is silent for a while.
pub fn raw(client: &Client, request: &[u8]) -> String {
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
pub fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// A request with these headers and body, after which the connection closes.
pub fn request(line: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = if headers.contains("Transfer-Encoding") {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", body.len())
    };
    format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}{length}\r\n{body}")
        .into_bytes()
}

pub const JSON: &str = "Content-Type: application/json\r\n";

#[track_caller]
fn must_be(client: &Client, request: &[u8], statuses: &[u16]) -> String {
    let answer = raw(client, request);
    let sent: String = String::from_utf8_lossy(request).chars().take(200).collect();
    assert!(statuses.contains(&status(&answer)), "{statuses:?}, not {answer}\nto {sent}");
    client.get("/readyz").expect(200);
    answer
}
