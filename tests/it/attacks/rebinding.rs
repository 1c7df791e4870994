//! A web page whose name is made to mean this machine, and a proxy that lets others in, where nobody has to sign in.

use super::Tried;
use crate::support::App;

const MAKE: &str = r#"{"legal_name":"Acme","kind":"company"}"#;

fn asking(line: &str, headers: &str) -> Vec<u8> {
    let length = MAKE.len();
    format!(
        "{line} HTTP/1.1\r\n{headers}Connection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{MAKE}"
    )
    .into_bytes()
}

#[test]
fn the_open_door_serves_nobody_who_names_another_machine_or_comes_by_a_proxy() {
    let app = App::empty();
    let mut tried = Tried::on(&app.client);
    for headers in [
        "Host: evil.example\r\n",
        "Host: evil.example:8080\r\n",
        "Host: localhost.evil.example\r\n",
        "Host: 192.0.2.1\r\n",
        "Host: \r\n",
        "Host: localhost\r\nX-Forwarded-For: 127.0.0.1\r\n",
        "Host: localhost\r\nForwarded: for=127.0.0.1;host=localhost\r\n",
    ] {
        for line in ["POST /v1/vendors", "GET /v1/nothing"] {
            let answer = tried.bytes(&format!("{line} with {headers:?}"), &asking(line, headers), &[403]);
            assert!(answer.contains("start without --no-auth"), "{answer}");
        }
        tried.bytes(&format!("GET /healthz with {headers:?}"), &asking("GET /healthz", headers), &[200]);
    }
    let absolute = asking("POST http://evil.example/v1/vendors", "Host: localhost\r\n");
    tried.bytes("another name in the target", &absolute, &[400, 403, 404]);
    assert_eq!(app.client.head(), 0, "nothing was recorded");
    for host in ["localhost", "registry.localhost:8080", "127.0.0.1", "[::1]:8080"] {
        let bytes = asking("POST /v1/vendors", &format!("Host: {host}\r\n"));
        tried.bytes(&format!("Host: {host}"), &bytes, &[201]);
    }
    tried.done();
}

#[test]
fn where_people_sign_in_any_name_will_do() {
    let app = App::secured();
    let mut tried = Tried::on(&app.client);
    for headers in ["Host: registry.example\r\n", "Host: registry.example\r\nX-Forwarded-For: 192.0.2.1\r\n"]
    {
        tried.bytes(headers.trim(), &asking("POST /v1/vendors", headers), &[401]);
    }
    tried.done();
}
