//! Whoever follows the feed sees what they may see by then, leaves evidence of what is restricted, and learns of nothing else,
//! not even that something happened.

use std::{
    thread,
    time::{Duration, Instant},
};

use risk_registry::{access::Role, values::hex};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    reader::{Reader, Said},
    seq, seqs,
};
use crate::support::{Client, Office, office::key, samples::order};

/// A restricted designation of a vendor; its id.
fn restricted(client: &Client, vendor: &str) -> String {
    let mut body = client.designation_body(vendor, &order("2026-01-05", &json!([{}])));
    body["visibility"] = json!("restricted");
    client.post("/v1/designations", &body).expect(201).id()
}

#[test]
fn what_is_restricted_is_told_to_those_who_may_see_it_and_is_in_the_log_of_reads_before() {
    let office = Office::open();
    let vendor = office.analyst.vendor("Acme");
    let mut public = Reader::of(&office.viewer, "");
    let mut sees = Reader::of(&office.analyst, "");
    let mut late = Reader::of(&office.approver, "?after=0&subject_kind=designation");
    for reader in [&mut public, &mut sees, &mut late] {
        reader.catch_up();
    }
    let hidden = restricted(&office.analyst, &vendor);
    let entry = |reader: &mut Reader| loop {
        let entry = reader.entry().unwrap();
        if entry["subject_kind"] == "designation" {
            return entry;
        }
    };
    for reader in [&mut sees, &mut late] {
        assert_eq!(entry(reader)["subject_id"], hidden.as_str());
    }
    let log: Vec<Value> = office.auditor.all("/v1/access-log?operation=stream_journal_entries");
    assert_eq!(log.len(), 2, "{log:?}");
    for (reader, actor) in [(&sees, "anna.analyst"), (&late, "paul.approver")] {
        let found: Vec<_> = log.iter().filter(|entry| entry["actor"] == actor).collect();
        assert_eq!(found.len(), 1, "{log:?}");
        assert_eq!(found[0]["restricted"], json!([hidden]));
        assert_eq!(found[0]["status"], 200);
        assert_eq!(found[0]["known_seq"], office.analyst.head());
        // Of the part that showed it, which is one chunk.
        let part = reader.chunks.iter().find(|chunk| chunk.contains(&hidden)).unwrap();
        assert_eq!(found[0]["answer_sha256"], hex(&Sha256::digest(part.as_bytes())));
    }
    // The one who may not see it is told what came before and after, and of it nothing: no id, no comment, no time.
    office.analyst.vendor("After");
    let told: Vec<Said> = std::iter::from_fn(|| public.said())
        .take_while(
            |said| !matches!(said, Said::Event { data, .. } if data["payload"]["legal_name"] == "After"),
        )
        .collect();
    let events: Vec<_> = told.iter().filter(|said| matches!(said, Said::Event { .. })).collect();
    assert_eq!(events.len(), 2, "its regime and its authority: {told:?}");
    assert!(!format!("{told:?}").contains(&hidden));
    let speaks_unasked = |pair: &[Said]| pair.iter().all(|said| matches!(said, Said::Comment(_)));
    assert!(!told.windows(2).any(speaks_unasked), "something was said for nothing: {told:?}");
    assert!(!public.chunks.iter().any(|chunk| chunk.contains(&hidden)));
    // Made public, and restricted again: told as long as it is public.
    let path = format!("/v1/designations/{hidden}");
    office.analyst.change(&path, &json!({ "visibility": "public" }));
    let shown = entry(&mut public);
    assert_eq!(shown["action"], "designation.updated");
    office.analyst.change(&path, &json!({ "visibility": "restricted" }));
    let again = Reader::of(&office.viewer, "?after=0&subject_kind=designation").catch_up();
    assert_eq!(again, Vec::<Value>::new(), "what is restricted now was never there");
}

#[test]
fn what_is_hidden_ends_no_wait() {
    let office = Office::open();
    let vendor = office.analyst.vendor("Acme");
    let body = {
        let mut body = office.analyst.designation_body(&vendor, &order("2026-01-05", &json!([{}])));
        body["visibility"] = json!("restricted");
        body
    };
    let head = office.analyst.head();
    thread::scope(|scope| {
        let viewer = &office.viewer;
        let waits = scope.spawn(move || {
            let began = Instant::now();
            let page = viewer.get(&format!("/v1/journal?after={head}&wait=3")).expect(200).json();
            (began.elapsed(), page)
        });
        for _ in 0..3 {
            thread::sleep(Duration::from_millis(400));
            office.analyst.post("/v1/designations", &body).expect(201);
        }
        let (took, page) = waits.join().unwrap();
        assert_eq!(page["items"], json!([]));
        assert!(took >= Duration::from_secs(3), "answered after {took:?}: something was noticed");
        let seen = office.analyst.get(&format!("/v1/journal?after={head}&wait=3")).expect(200).json();
        assert_eq!(seen["items"].as_array().unwrap().len(), 3);
    });
}

#[test]
fn a_long_poll_that_shows_what_is_restricted_is_in_the_log_of_reads() {
    let office = Office::open();
    let vendor = office.analyst.vendor("Acme");
    let head = office.analyst.head();
    thread::scope(|scope| {
        let approver = &office.approver;
        let path = format!("/v1/journal?after={head}&wait=30&subject_kind=designation");
        let of_thread = path.clone();
        let waits = scope.spawn(move || approver.get(&of_thread).expect(200));
        thread::sleep(Duration::from_millis(300));
        let hidden = restricted(&office.analyst, &vendor);
        let page = waits.join().unwrap();
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let log = office.auditor.all("/v1/access-log?operation=list_journal_entries");
        assert_eq!(log.len(), 1, "{log:?}");
        assert_eq!((&log[0]["restricted"], &log[0]["target"]), (&json!([hidden]), &json!(path)));
        assert_eq!(log[0]["answer_sha256"], hex(&Sha256::digest(page.text.as_bytes())));
    });
}

#[test]
fn a_key_that_is_revoked_sees_nothing_that_is_recorded_after() {
    let office = Office::open();
    let (id, token) = key(&office.app.db, "rita.reader", Role::Auditor, None);
    let reader = office.app.client.showing(token.reveal());
    let mut stream = Reader::of(&reader, "");
    stream.catch_up();
    office.analyst.vendor("Seen");
    let seen = stream.entry().unwrap();
    let head = seq(&seen);
    thread::scope(|scope| {
        let waits = scope.spawn(|| reader.get(&format!("/v1/journal?after={head}&wait=30")));
        thread::sleep(Duration::from_millis(300));
        // That the key was revoked is an entry that an auditor may see, but not with this key.
        office.admin.end(&format!("/v1/api-keys/{id}"), "Lost");
        office.analyst.vendor("Not seen");
        waits.join().unwrap().expect_problem(401, "unauthenticated");
    });
    let mut rest = Vec::new();
    while let Some(said) = stream.said() {
        rest.push(said);
    }
    assert_eq!(rest.last(), Some(&Said::Comment("sign in again".into())), "{rest:?}");
    assert!(!rest.iter().any(|said| matches!(said, Said::Event { .. })), "{rest:?}");
    assert!(stream.ended_well);
    assert_eq!(Reader::open(&reader, "/v1/journal-stream", &[]).status, 401);
}

#[test]
fn a_quiet_stream_says_that_it_is_there_and_ends_when_its_key_does() {
    let office = Office::open();
    let (id, token) = key(&office.app.db, "rita.reader", Role::Viewer, None);
    let mut stream = Reader::of(&office.app.client.showing(token.reveal()), "");
    stream.catch_up();
    assert_eq!(stream.said(), Some(Said::Comment("still here".into())));
    office.admin.end(&format!("/v1/api-keys/{id}"), "Lost");
    // What a viewer doesn't see ends nothing: nothing was to be shown.
    assert_eq!(stream.said(), Some(Said::Comment("sign in again".into())));
    assert_eq!(stream.said(), None);
}

#[test]
fn a_stream_is_for_every_role_and_each_sees_its_own_feed() {
    let office = Office::open();
    let vendor = office.analyst.vendor("Acme");
    restricted(&office.analyst, &vendor);
    let mut counts = Vec::new();
    for role in Role::ALL {
        let client = office.of_role(*role);
        let told = Reader::of(client, "?after=0").catch_up();
        assert_eq!(told, client.all("/v1/journal?limit=500"), "{role:?}");
        counts.push(seqs(&told).len());
    }
    // Viewer and admin see what is public, analyst and approver what is restricted too, the auditor also keys.
    assert!(counts[0] < counts[1] && counts[1] < counts[3], "{counts:?}");
    assert_eq!((counts[0], counts[1]), (counts[4], counts[2]), "{counts:?}");
}
