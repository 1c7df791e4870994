//! The change feed for those who wait: long polls and streams of server-sent events. Nothing is missed, nothing comes twice,
//! everything comes in order; nobody sees what they may not.

mod crowds;
mod endings;
mod long_poll;
mod reader;
mod sight;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use chrono::{DateTime, Utc};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use reader::{Reader, Said};
use serde_json::{Value, json};

use super::support::{App, Client, Database, samples::order};
use crate::support::stop::Stops;

/// The position of an entry.
pub fn seq(entry: &Value) -> u64 {
    entry["seq"].as_u64().unwrap()
}

pub fn seqs(entries: &[Value]) -> Vec<u64> {
    entries.iter().map(seq).collect()
}

/// How long ago an entry was recorded.
pub fn age(entry: &Value) -> Duration {
    let recorded: DateTime<Utc> = entry["recorded_at"].as_str().unwrap().parse().unwrap();
    (Utc::now() - recorded).to_std().unwrap_or_default()
}

/// Has so many people make so many vendors each, at the same time.
pub fn write(client: &Client, people: usize, each: usize) {
    thread::scope(|scope| {
        for person in 0..people {
            scope.spawn(move || {
                (0..each).for_each(|number| drop(client.vendor(&format!("Vendor {person}-{number}"))));
            });
        }
    });
}

#[test]
fn a_stream_tells_every_entry_once_and_in_order_while_many_write() {
    let app = App::empty();
    let client = &app.client;
    client.designation(&client.vendor("Acme"), &order("2026-01-05", &json!([{}])));
    let before = client.head() as usize;
    let (people, each) = (4, 50);
    let of_kind = Reader::of(client, "?subject_kind=designation&after=0");
    let mut told: Vec<(&str, Vec<Value>, Duration)> = Vec::new();
    thread::scope(|scope| {
        let readers = [
            ("from the start", Reader::of(client, "?after=0"), before + people * each),
            ("from an entry", Reader::of(client, "?after=2"), before - 2 + people * each),
            ("from the head", Reader::of(client, ""), people * each),
            ("vendors", Reader::of(client, "?subject_kind=vendor&after=0"), 1 + people * each),
        ];
        let readers = readers.map(|(name, mut reader, count)| {
            let read = scope.spawn(move || {
                let mut slowest = Duration::ZERO;
                let mut entries = Vec::new();
                for number in 0..count {
                    let entry = reader.entry().unwrap();
                    // What was there before was not recorded now.
                    if number + people * each >= count {
                        slowest = slowest.max(age(&entry));
                    }
                    entries.push(entry);
                }
                (entries, slowest)
            });
            (name, read)
        });
        write(client, people, each);
        for (name, read) in readers {
            let (entries, slowest) = read.join().unwrap();
            told.push((name, entries, slowest));
        }
    });
    let all = client.all("/v1/journal?limit=500");
    for (name, entries, slowest) in told {
        let wanted: Vec<Value> = match name {
            "from the start" => all.clone(),
            "from an entry" => all[2..].to_vec(),
            "from the head" => all[before..].to_vec(),
            _ => all.iter().filter(|entry| entry["subject_kind"] == "vendor").cloned().collect(),
        };
        assert_eq!(seqs(&entries), seqs(&wanted), "{name}");
        assert_eq!(entries, wanted, "{name}: each as the feed has it");
        println!("{name}: {} entries in order, the slowest {slowest:?} after it was recorded", entries.len());
    }
    let mut of_kind = of_kind;
    let designations = of_kind.catch_up();
    assert_eq!(designations.len(), 1, "{designations:?}");
}

#[test]
fn whoever_loses_the_stream_goes_on_by_the_last_id_with_nothing_missed_and_nothing_twice() {
    let app = App::empty();
    let client = &app.client;
    let (people, each) = (3, 60);
    let total = people * each;
    let mut rng = StdRng::seed_from_u64(7);
    let (mut told, mut opened) = (Vec::new(), 0);
    thread::scope(|scope| {
        scope.spawn(|| write(client, people, each));
        let mut last = 0;
        while told.len() < total {
            opened += 1;
            // Last-Event-ID goes before `after`, which a browser repeats with the URL.
            let headers = [("Last-Event-ID", last.to_string())];
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let mut reader = Reader::open(client, "/v1/journal-stream?after=0", &headers);
            assert_eq!(reader.status, 200, "{}", reader.head);
            let some = rng.random_range(0..12).min(total - told.len());
            told.extend(reader.entries(some));
            last = reader.last.unwrap_or(last);
        }
    });
    assert_eq!(told, client.all("/v1/journal?limit=500"));
    assert!(opened > 10, "{opened}");
    println!("{total} entries over {opened} streams");
}

#[test]
fn a_stream_without_a_position_begins_now_and_says_where_that_is() {
    let app = App::empty();
    let client = &app.client;
    (0..3).for_each(|number| drop(client.vendor(&format!("Before {number}"))));
    client.authority("Council", "other");
    let mut reader = Reader::of(client, "");
    assert_eq!(reader.said(), Some(Said::Id(4)));
    assert_eq!(reader.retry, Some(1000));
    assert!(reader.catch_up().is_empty(), "nothing of before");
    // Lost before the first entry: what came meanwhile is not lost with it.
    drop(reader);
    client.vendor("Meanwhile");
    let mut reader = Reader::after(client, 4);
    assert_eq!(seqs(&reader.catch_up()), [5]);
    let mut of_kind = Reader::of(client, "?subject_kind=authority");
    assert_eq!(of_kind.said(), Some(Said::Id(4)), "the last of its kind");
    assert!(of_kind.catch_up().is_empty());
    client.vendor("Another kind");
    client.authority("Second council", "other");
    assert_eq!(seqs(&of_kind.entries(1)), [7]);
    assert_eq!(seqs(&reader.entries(2)), [6, 7]);
    let empty = App::empty();
    assert_eq!(Reader::of(&empty.client, "").said(), Some(Said::Id(0)));
}

#[test]
fn a_position_that_is_none_is_refused() {
    let app = App::empty();
    let client = &app.client;
    client.vendor("Acme");
    let path = "/v1/journal-stream";
    for last in ["x", "-1", "1.5", "+1", "1,2", "9007199254740992", "99999999999999999999", "0x1"] {
        let answer = client.get_with(path, &[("last-event-id", last)]);
        answer.expect_problem(400, "malformed_request");
    }
    let twice = Reader::open(client, path, &[("Last-Event-ID", "1"), ("Last-Event-ID", "1")]);
    assert_eq!(twice.status, 400);
    for (query, last) in [("?after=2", None), ("", Some("2")), ("?after=1", Some("9007199254740991"))] {
        let headers: Vec<_> = last.map(|last| ("last-event-id", last)).into_iter().collect();
        let problem =
            client.get_with(&format!("{path}{query}"), &headers).expect_problem(422, "invalid").json();
        let pointer = if last.is_some() { "Last-Event-ID" } else { "after" };
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        assert_eq!(problem["errors"][0]["code"], "beyond_head");
    }
    // A list and a wait are refused alike, and neither waits: to them it would look as if nothing were recorded any more.
    client.get("/v1/journal?after=1").expect(200);
    for query in ["?after=2", "?after=2&wait=30", "?after=9007199254740991&subject_kind=vendor&limit=1"] {
        let problem = client.get(&format!("/v1/journal{query}")).expect_problem(422, "invalid").json();
        assert_eq!(problem["errors"][0]["pointer"], "after", "{problem}");
        assert_eq!(problem["errors"][0]["code"], "beyond_head");
    }
    let head = client.send("HEAD", &format!("{path}?after=1"), &[], None).expect(200);
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    assert_eq!(head.header("cache-control"), Some("no-store"));
    assert_eq!(head.header("x-accel-buffering"), Some("no"));
    client.send("HEAD", &format!("{path}?after=2"), &[], None).expect(422);
}

#[test]
fn what_one_server_records_the_streams_and_long_polls_of_another_tell() {
    let database = Database::fresh();
    let [one, other] = [(); 2].map(|()| App::on(database.clone(), risk_registry::db::Sizes::default()));
    let total = 60;
    let mut readers = [&one, &other].map(|app| Reader::of(&app.client, "?after=0"));
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let stops = Stops(&stop);
        for app in [&one, &other] {
            scope.spawn(move || write(&app.client, 2, total / 4));
        }
        let polled = scope.spawn(|| {
            let (mut seen, mut after) = (Vec::new(), 0);
            while seen.len() < total && !stop.load(Ordering::Relaxed) {
                let page = other.client.get(&format!("/v1/journal?after={after}&wait=20")).expect(200).json();
                seen.extend(page["items"].as_array().unwrap().iter().cloned());
                after = seen.last().map_or(0, seq);
            }
            seen
        });
        let told = readers.each_mut().map(|reader| {
            let mut slowest = Duration::ZERO;
            let mut entries = Vec::new();
            while entries.len() < total {
                let entry = reader.entry().unwrap();
                slowest = slowest.max(age(&entry));
                entries.push(entry);
            }
            println!("{total} entries of two servers, the slowest {slowest:?} after it was recorded");
            entries
        });
        let polled = polled.join().unwrap();
        drop(stops);
        let all = one.client.all("/v1/journal?limit=500");
        assert_eq!(seqs(&all), (1..=total as u64).collect::<Vec<_>>());
        assert_eq!(told, [all.clone(), all.clone()]);
        assert_eq!(polled, all);
    });
    // One entry at a time, so that nothing of this server wakes anybody.
    let mut delays = Vec::new();
    for number in 0..20 {
        one.client.vendor(&format!("Single {number}"));
        let entry = readers[1].entry().unwrap();
        assert_eq!(seq(&entry), (total + number + 1) as u64);
        delays.push(age(&entry));
    }
    delays.sort();
    println!("20 entries of another server, one by one: median {:?}, slowest {:?}", delays[10], delays[19]);
}
