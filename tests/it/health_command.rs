//! `health`, as a container's health check runs it: on the real program, and on servers that answer something else.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    process::Output,
    thread,
};

use tempfile::TempDir;

use super::support::process::{Served, program};

/// Runs `health`; gives its exit code and what it printed.
fn health(listen: SocketAddr, more: &[&str]) -> (i32, String, String) {
    let mut command = program(&["health"]);
    let Output { status, stdout, stderr } =
        command.args(more).env("LISTEN", listen.to_string()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// A server that answers each of so many connections with this text and closes.
fn answering(text: &'static str, times: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for _ in 0..times {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 1024];
            assert!(stream.read(&mut asked).unwrap() > 0);
            stream.write_all(text.as_bytes()).unwrap();
        }
    });
    address
}

#[test]
fn a_server_that_serves_is_healthy_until_it_is_killed() {
    let folder = TempDir::new().unwrap();
    let served = Served::start(folder.path().join("registry.db"), &[]);
    let address = served.client.address;
    let (code, said, complaint) = health(address, &[]);
    assert_eq!((code, complaint.as_str()), (0, ""), "{said}");
    assert!(said.contains("/readyz") && said.contains("\"status\":\"ready\""), "{said}");
    let (code, said, _) = health(address, &["--live"]);
    assert_eq!(code, 0);
    assert!(said.contains("/healthz") && said.contains("\"status\":\"ok\""), "{said}");

    let everywhere = SocketAddr::new("0.0.0.0".parse().unwrap(), address.port());
    assert_eq!(health(everywhere, &[]).0, 0, "the loopback address is asked for it");

    served.kill();
    for more in [&[][..], &["--live"]] {
        let (code, said, complaint) = health(address, more);
        assert_eq!((code, said.as_str()), (1, ""));
        assert!(complaint.contains("no answer from http://127.0.0.1"), "{complaint}");
    }
}

#[test]
fn a_server_that_is_not_ready_is_unhealthy_in_its_own_words() {
    let answer = "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\n\r\n\
                  {\"status\": 503, \"detail\": \"the writer has ended\"}";
    let (code, said, complaint) = health(answering(answer, 1), &[]);
    assert_eq!((code, said.as_str()), (1, ""));
    assert!(complaint.contains("/readyz answered 503: the writer has ended"), "{complaint}");
}

#[test]
fn whatever_else_answers_is_no_health() {
    for answer in ["", "\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 404 Not Found\r\n\r\n"] {
        let (code, said, complaint) = health(answering(answer, 1), &[]);
        assert_eq!((code, said.as_str()), (1, ""), "{answer:?}: {complaint}");
    }
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    // The kernel takes the connection; nobody ever reads from it.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (code, said, complaint) = health(listener.local_addr().unwrap(), &[]);
    assert_eq!((code, said.as_str()), (1, ""));
    assert!(complaint.contains("no answer from"), "{complaint}");
}
