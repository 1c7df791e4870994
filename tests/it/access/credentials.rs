//! What people show at the door: keys that are none, of others, altered, and headers that say it oddly.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::mpsc,
    thread,
};

use risk_registry::{
    access::Role,
    db::{Context, Sizes},
    keys::{KeyEnv, KeySecret, Keyring},
};

use crate::support::{Answer, App, Client, Database, Office, office::key, sql, sql::Raw};

/// Shows something in the header, as it stands there.
fn shows(client: &Client, header: &str) -> Answer {
    client.get_with("/v1/vendors", &[("authorization", header)])
}

const CHALLENGE: &str = "Bearer realm=\"risk-registry\"";
const REFUSED: &str = "Bearer realm=\"risk-registry\", error=\"invalid_token\"";

/// A key with another character at this place, and a checksum that fits.
fn altered(token: &str, at: usize) -> String {
    let body = &token[..token.len() - 6];
    let other = if body.as_bytes()[at] == b'a' { 'b' } else { 'a' };
    let body = format!("{}{other}{}", &body[..at], &body[at + 1..]);
    let mut number = crc32fast::hash(body.as_bytes());
    let mut digits = Vec::new();
    for _ in 0..6 {
        let digit = u8::try_from(number % 62).unwrap();
        digits.push(char::from(match digit {
            0..10 => b'0' + digit,
            10..36 => b'A' + digit - 10,
            _ => b'a' + digit - 36,
        }));
        number /= 62;
    }
    body + &digits.into_iter().rev().collect::<String>()
}

#[test]
fn a_key_that_is_none_is_refused_and_tells_nobody_more() {
    let office = Office::open();
    let (_, token) = key(&office.app.db, "ines", Role::Viewer, None);
    let token = token.reveal();
    shows(&office.nobody, &format!("Bearer {token}")).expect(200);
    let (wrong_id, wrong_secret) = (altered(token, 12), altered(token, 40));
    let of_another = Keyring::new(KeyEnv::default(), KeySecret::parse(&"another secret ".repeat(3)).unwrap());
    let of_another = of_another.make().unwrap().token;
    let of_test = Keyring::new("test".parse().unwrap(), KeySecret::parse(&"x".repeat(32)).unwrap());
    let of_test = of_test.make().unwrap().token;
    let mut refused = 0;
    let mut details = Vec::new();
    for unknown in [wrong_id.as_str(), &wrong_secret, of_another.reveal()] {
        let answer =
            shows(&office.nobody, &format!("Bearer {unknown}")).expect_problem(401, "unauthenticated");
        assert_eq!(answer.header("www-authenticate"), Some(REFUSED));
        details.push(answer.text_at("/detail"));
        refused += 1;
    }
    details.dedup();
    assert_eq!(details.len(), 1, "whether an id is there must not show: {details:?}");
    let cut = &token[..token.len() - 1];
    let checksum = format!("{cut}{}", if token.ends_with('0') { '1' } else { '0' });
    let (upper, doubled) = (token.to_uppercase(), format!("{token}{token}"));
    for malformed in
        [cut, &checksum, &upper, &doubled, of_test.reveal(), "rr_", "rr_live_", "rr_live__", "rr____"]
    {
        let answer =
            shows(&office.nobody, &format!("Bearer {malformed}")).expect_problem(401, "unauthenticated");
        assert_eq!(answer.header("www-authenticate"), Some(REFUSED), "{malformed}");
        assert!(
            !answer.text.contains(malformed) || malformed.len() < 10,
            "it repeats what was shown: {answer:?}"
        );
        refused += 1;
    }
    for other in
        ["x", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.", "null", "undefined", "' OR 1=1 --", "rr-live-x"]
    {
        let answer = shows(&office.nobody, &format!("Bearer {other}")).expect_problem(401, "unauthenticated");
        assert_eq!(answer.header("www-authenticate"), Some(REFUSED), "{other}");
        refused += 1;
    }
    println!("{refused} credentials refused");
}

#[test]
fn the_header_says_bearer_once_in_whatever_case() {
    let office = Office::open();
    let (_, token) = key(&office.app.db, "ines", Role::Viewer, None);
    let token = token.reveal();
    for fine in ["Bearer", "bearer", "BEARER", "bEARER", "Bearer  "] {
        shows(&office.nobody, &format!("{fine} {token}")).expect(200);
    }
    for nothing in
        ["Bearer", "Bearer ", "Bearer    ", "", token, &format!("Basic {token}"), &format!("Bearer:{token}")]
    {
        let answer = shows(&office.nobody, nothing).expect_problem(401, "unauthenticated");
        assert_eq!(answer.header("www-authenticate"), Some(CHALLENGE), "{nothing}");
    }
    for odd in [format!("Bearer {token} {token}"), format!("Bearer {token},Bearer {token}")] {
        shows(&office.nobody, &odd).expect_problem(401, "unauthenticated");
    }
    for odd in ["\u{a0}", "\u{b}", "\u{2003}"] {
        let answer =
            raw(&office.nobody, "GET /v1/vendors", &format!("authorization: Bearer{odd}{token}\r\n"));
        assert!(answer.starts_with("HTTP/1.1 40"), "{odd:?}: {answer}");
    }
    let twice = format!("authorization: Bearer {token}\r\n").repeat(2);
    assert!(raw(&office.nobody, "GET /v1/vendors", &twice).starts_with("HTTP/1.1 400 "));
    let (good, bad) = (format!("Authorization: Bearer {token}\r\n"), "authorization: Bearer x\r\n");
    for both in [format!("{good}{bad}"), format!("{bad}{good}")] {
        assert!(raw(&office.nobody, "GET /v1/vendors", &both).starts_with("HTTP/1.1 400 "));
    }
    // Nor anywhere but in the header.
    for elsewhere in [
        format!("cookie: authorization={token}\r\n"),
        format!("x-api-key: {token}\r\n"),
        format!("proxy-authorization: Bearer {token}\r\n"),
    ] {
        assert!(raw(&office.nobody, "GET /v1/vendors", &elsewhere).starts_with("HTTP/1.1 401 "));
    }
    for query in ["access_token", "key", "api_key"] {
        assert!(
            raw(&office.nobody, &format!("GET /v1/vendors?{query}={token}"), "").starts_with("HTTP/1.1 401 ")
        );
    }
    for folded in [
        format!("authorization: Bearer\r\n {token}\r\n"),
        format!("authorization : Bearer {token}\r\n"),
        format!("authorization:\tBearer\t{token}\r\n"),
    ] {
        let answer = raw(&office.nobody, "GET /v1/vendors", &folded);
        assert!(answer.starts_with("HTTP/1.1 40"), "{answer}");
    }
}

#[test]
fn a_header_of_any_length_is_refused_and_the_server_goes_on() {
    let office = Office::open();
    for length in [100, 1000, 16 * 1024 - 3, 16 * 1024 + 1, 60_000] {
        for begin in ["rr_live_", "x", "eyJ"] {
            let text = format!("{begin}{}", "a".repeat(length));
            let answer = raw(&office.nobody, "GET /v1/vendors", &format!("authorization: Bearer {text}\r\n"));
            assert!(
                answer.starts_with("HTTP/1.1 401 ") || answer.starts_with("HTTP/1.1 4"),
                "{length}: {answer}"
            );
            assert!(!answer.contains("aaaaaaaaaa"), "{answer}");
        }
    }
    let huge = format!("authorization: Bearer {}\r\n", "a".repeat(1_000_000));
    let answer = raw(&office.nobody, "GET /v1/vendors", &huge);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    office.viewer.get("/v1/vendors").expect(200);
}

#[test]
fn where_keys_can_not_be_looked_up_nobody_is_let_in_and_nobody_is_told_that_their_key_is_bad() {
    let office = Office::open();
    let mut plain = sql::plain(office.app.target());
    plain.run("ALTER TABLE api_keys RENAME TO lost_api_keys").unwrap();
    for person in [&office.viewer, &office.admin] {
        let failed = person.get("/v1/vendors").expect_problem(500, "internal");
        assert!(
            failed.header("www-authenticate").is_none() && !failed.text.contains("api_keys"),
            "{failed:?}"
        );
    }
    office.nobody.get("/v1/vendors").expect_problem(401, "unauthenticated");
    plain.run("ALTER TABLE lost_api_keys RENAME TO api_keys").unwrap();
    office.viewer.get("/v1/vendors").expect(200);
}

/// Sends a request as it stands; gives what comes back until the server is done.
fn raw(client: &Client, line: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(client.address).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(10))).unwrap();
    let request = format!("{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n");
    // A server that has seen enough may close before all of it is sent.
    drop(stream.write_all(request.as_bytes()));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn people_sign_in_while_slow_reads_hold_every_read_connection() {
    let sizes = Sizes { read_pool: 1, ..Sizes::default() };
    let app = App::secured_with_sizes(Database::fresh(), sizes);
    let (_, token) = key(&app.db, "vera.viewer", Role::Viewer, None);
    let (began, beginning) = mpsc::channel();
    let (end, ending) = mpsc::channel::<()>();
    let db = app.db.clone();
    let slow = thread::spawn(move || {
        db.read_blocking(&Context::own(), |_| {
            began.send(()).unwrap();
            // Until the other end is gone.
            assert!(ending.recv().is_err(), "nothing is sent");
            Ok(())
        })
    });
    beginning.recv().unwrap();
    let vera = app.client.showing(token.reveal());
    // Who has signed in is told that there is no such thing, for which nothing is read.
    vera.get("/v1/nothing").expect_problem(404, "not_found");
    app.client.showing("rr_test_nonsense").get("/v1/nothing").expect_problem(401, "unauthenticated");
    drop(end);
    slow.join().unwrap().unwrap();
}
