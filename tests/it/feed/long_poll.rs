//! Long polls: a page when there is one, an empty one when the time is over.

use std::{
    thread,
    time::{Duration, Instant},
};

use risk_registry::access::Role;

use super::{reader::GUARD, seq, seqs, write};
use crate::support::{App, Client, Office, office::key};

fn asked(client: &Client, query: &str) -> (Duration, Vec<serde_json::Value>) {
    let began = Instant::now();
    let page = client.get(&format!("/v1/journal?{query}")).expect(200).json();
    (began.elapsed(), page["items"].as_array().unwrap().clone())
}

#[test]
fn a_long_poll_answers_with_what_comes_or_with_nothing_when_the_time_is_over() {
    let app = App::empty();
    let client = &app.client;
    client.vendor("Acme");
    let (took, there) = asked(client, "wait=30");
    assert_eq!(seqs(&there), [1], "what is there is answered");
    assert!(took < Duration::from_secs(30), "without waiting: {took:?}");
    let (took, none) = asked(client, "after=1&wait=2");
    assert!(none.is_empty() && took >= Duration::from_secs(2), "{took:?} {none:?}");
    let (took, none) = asked(client, "after=1&wait=0");
    assert!(none.is_empty() && took < Duration::from_secs(30));
    thread::scope(|scope| {
        let waits = scope.spawn(|| asked(client, "after=1&wait=30"));
        let of_kind = scope.spawn(|| asked(client, "after=1&wait=30&subject_kind=authority"));
        // Whether it waits already makes no difference.
        thread::sleep(Duration::from_millis(300));
        client.vendor("Second");
        assert_eq!(seqs(&waits.join().unwrap().1), [2]);
        assert!(!of_kind.is_finished(), "a vendor is none of its kind");
        client.authority("Council", "other");
        let (took, found) = of_kind.join().unwrap();
        assert_eq!(seqs(&found), [3]);
        assert!(took < GUARD);
    });
}

#[test]
fn somebody_who_polls_on_and_on_sees_every_entry_once_while_many_write() {
    let app = App::empty();
    let client = &app.client;
    let (people, each) = (4, 40);
    let (mut seen, mut asked) = (Vec::new(), 0);
    thread::scope(|scope| {
        scope.spawn(|| write(client, people, each));
        let mut after = 0;
        while seen.len() < people * each {
            asked += 1;
            let page = client.get(&format!("/v1/journal?after={after}&limit=7&wait=20")).expect(200).json();
            seen.extend(page["items"].as_array().unwrap().iter().cloned());
            after = seen.last().map_or(0, seq);
        }
    });
    assert_eq!(seen, client.all("/v1/journal?limit=500"));
    println!("{} entries by {asked} polls", seen.len());
}

#[test]
fn how_long_to_wait_is_up_to_thirty_seconds_and_not_for_a_page_that_is_there() {
    let app = App::empty();
    let client = &app.client;
    (0..3).for_each(|number| drop(client.vendor(&format!("Vendor {number}"))));
    for wait in ["31", "-1", "1.5", "x", ""] {
        client.get(&format!("/v1/journal?wait={wait}")).expect_problem(400, "invalid_query");
    }
    let page = client.get("/v1/journal?limit=1&wait=5").expect(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let refused = client.get(&format!("/v1/journal?limit=1&wait=5&cursor={cursor}"));
    assert_eq!(refused.expect_problem(422, "invalid").json()["errors"][0]["pointer"], "wait");
    client.get(&format!("/v1/journal?limit=1&cursor={cursor}")).expect(200);
    client.get(&format!("/v1/journal?limit=1&wait=0&cursor={cursor}")).expect(200);
}

#[test]
fn a_condition_is_compared_with_what_is_answered_in_the_end() {
    let app = App::empty();
    let client = &app.client;
    let empty = client.get("/v1/journal?wait=0").expect(200).etag();
    let path = "/v1/journal?after=0&wait=1";
    client.get_with(path, &[("if-none-match", &empty)]).expect(304);
    thread::scope(|scope| {
        let waits = scope.spawn(|| client.get_with("/v1/journal?wait=30", &[("if-none-match", &empty)]));
        thread::sleep(Duration::from_millis(300));
        client.vendor("Acme");
        let page = waits.join().unwrap().expect(200);
        client.get_with(path, &[("if-none-match", &page.etag())]).expect(304);
    });
}

#[test]
fn a_key_that_expires_while_its_long_poll_waits_for_nothing_is_answered_401() {
    let office = Office::open();
    let head = office.analyst.head();
    let expires = risk_registry::values::Instant::now().plus_seconds(2);
    let (_, token) = key(&office.app.db, "temp", Role::Viewer, Some(expires));
    let leaver = office.nobody.showing(token.reveal());
    let path = format!("/v1/journal?after={head}&wait=4");
    thread::scope(|scope| {
        let stays = scope.spawn(|| office.viewer.get(&path));
        leaver.get(&path).expect_problem(401, "unauthenticated");
        stays.join().unwrap().expect(200);
    });
}
