//! How streams and long polls end with the server, and begin again with the next one.

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use super::{
    reader::{Reader, Said},
    seq, seqs,
};
use crate::support::{App, Backend, Database, cluster::Cluster, process::Served, sql, sql::Raw};

/// SIGTERM, and how long it takes until the program has ended well.
fn terminate(server: &mut Served) -> Duration {
    let began = Instant::now();
    assert!(Command::new("kill").arg(server.child.id().to_string()).status().unwrap().success());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    began.elapsed()
}

#[test]
fn sigterm_ends_streams_and_long_polls_at_once_and_nobody_misses_anything() {
    let database = Database::fresh();
    let mut server = Served::start(database.url(), &[]);
    let client = server.client.clone();
    client.vendor("Before");
    let head = client.head();
    let mut streams: Vec<Reader> = (0..20).map(|_| Reader::of(&client, "")).collect();
    streams.iter_mut().for_each(|stream| drop(stream.catch_up()));
    let took = thread::scope(|scope| {
        let polls: Vec<_> = (0..5)
            .map(|_| scope.spawn(|| client.get(&format!("/v1/journal?after={head}&wait=30"))))
            .collect();
        // Until all of them wait.
        while !client.get("/metrics").text.contains("risk_registry_feed_long_polls 5\n") {
            thread::sleep(Duration::from_millis(20));
        }
        let took = terminate(&mut server);
        for poll in polls {
            let page = poll.join().unwrap().expect(200).json();
            assert_eq!(page["items"], serde_json::json!([]));
        }
        took
    });
    for stream in &mut streams {
        assert_eq!(stream.said(), Some(Said::Comment("the server stops".into())));
        assert_eq!(stream.said(), None);
        assert!(stream.ended_well, "as HTTP has it, not by a lost connection");
    }
    println!("20 streams and 5 long polls were open: ended {took:?} after SIGTERM");
    // Draining waits for up to 30 seconds for what does not end by itself.
    assert!(took < Duration::from_secs(20), "{took:?}");

    let server = Served::start(database.url(), &[]);
    server.client.vendor("While they were away");
    for stream in &streams {
        let mut again = Reader::after(&server.client, stream.last.unwrap());
        assert_eq!(seqs(&again.catch_up()), [head + 1]);
    }
}

#[test]
fn whoever_followed_a_server_that_was_killed_goes_on_with_the_next() {
    let database = Database::fresh();
    let (mut told, mut last) = (Vec::new(), 0);
    for round in 0..3 {
        let server = Served::start(database.url(), &[]);
        let client = server.client.clone();
        let mut stream = Reader::after(&client, last);
        thread::scope(|scope| {
            scope.spawn(move || {
                for number in 0.. {
                    let body =
                        serde_json::json!({ "legal_name": format!("{round}-{number}"), "kind": "company" });
                    let headers = [("content-type", "application/json")];
                    let body = body.to_string();
                    if client.try_send("POST", "/v1/vendors", &headers, Some(body.as_bytes())).is_err() {
                        return;
                    }
                }
            });
            told.extend(stream.entries(15));
            server.kill();
        });
        // What had come before the connection was lost.
        while let Ok(Some(said)) = stream.try_next() {
            if let Said::Event { data, .. } = said {
                told.push(data);
            }
        }
        assert!(!stream.ended_well);
        last = told.last().map_or(0, seq);
    }
    let server = Served::start(database.url(), &[]);
    told.extend(Reader::after(&server.client, last).catch_up());
    assert_eq!(told, server.client.all("/v1/journal?limit=500"));
    println!("{} entries over three kills", told.len());
}

#[test]
fn a_stream_outlives_a_postgresql_that_is_killed_and_started_again() {
    let Some(mut cluster) = Cluster::start(&[("fsync", "off")]) else { return };
    cluster.administer("CREATE DATABASE registry");
    let server = Served::start(cluster.url("registry"), &["--migrate"]);
    let client = &server.client;
    let mut stream = Reader::of(client, "");
    stream.catch_up();
    let record = |name: &str| {
        let body = serde_json::json!({ "legal_name": name, "kind": "company" }).to_string();
        let headers = [("content-type", "application/json"), ("idempotency-key", name)];
        while client.send("POST", "/v1/vendors", &headers, Some(body.as_bytes())).status != 201 {
            thread::sleep(Duration::from_millis(50));
        }
    };
    for round in 0..3 {
        record(&format!("before-{round}"));
        assert_eq!(stream.entry().unwrap()["payload"]["legal_name"], format!("before-{round}"));
        cluster.kill();
        let refused = client.get("/v1/journal-stream").expect_problem(503, "unavailable");
        assert!(refused.header("retry-after").is_some());
        cluster.run();
        record(&format!("after-{round}"));
        assert_eq!(stream.entry().unwrap()["payload"]["legal_name"], format!("after-{round}"));
    }
}

#[test]
fn whoever_has_seen_what_the_database_lost_is_told_so_at_once() {
    let app = App::empty();
    let client = &app.client;
    (0..3).for_each(|number| drop(client.vendor(&format!("Vendor {number}"))));
    let mut stream = Reader::of(client, "");
    stream.catch_up();
    let mut connection = sql::plain(app.target());
    let unprotected: Vec<String> = match app.database().backend {
        Backend::Sqlite => connection
            .lines("SELECT 'DROP TRIGGER ' || name AS line FROM sqlite_master WHERE type = 'trigger'"),
        Backend::Postgres => ["journal", "journal_head"]
            .iter()
            .map(|table| format!("ALTER TABLE {table} DISABLE TRIGGER ALL"))
            .collect(),
    };
    for statement in unprotected {
        connection.run(&statement).unwrap();
    }
    thread::scope(|scope| {
        let poll = scope.spawn(|| client.get("/v1/journal?after=3&wait=30"));
        while !client.get("/metrics").text.contains("risk_registry_feed_long_polls 1\n") {
            thread::sleep(Duration::from_millis(20));
        }
        // As after a failover to a standby that had not got the last two.
        connection.run("DELETE FROM journal WHERE seq > 1").unwrap();
        connection.run("UPDATE journal_head SET seq = 1").unwrap();
        let refused = poll.join().unwrap().expect_problem(422, "invalid");
        assert_eq!(refused.text_at("/errors/0/code"), "beyond_head");
    });
    let ends = "the journal ends before what you have seen; open the stream again";
    assert_eq!(stream.said(), Some(Said::Comment(ends.into())));
    assert_eq!((stream.said(), stream.ended_well), (None, true));
    // Whoever begins where it ends now is told what takes the place of what was lost.
    let mut again = Reader::after(client, 1);
    assert_eq!(seqs(&again.catch_up()), [] as [u64; 0]);
    client.vendor("In their place");
    assert_eq!(seqs(&again.entries(1)), [2]);
}
