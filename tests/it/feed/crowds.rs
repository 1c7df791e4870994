//! Many who follow at once, and some who are slow to read.

use std::{fs, thread, time::Instant};

use risk_registry::{access::Role, journal::followers::MOST_OF_ONE};
use serde_json::json;

use super::{
    age,
    reader::{GUARD, Reader, Said},
    seqs,
};
use crate::support::{Client, Database, Office, office::key, process::Served};

/// So many readers, each with a key of its own.
fn people(office: &Office, count: usize) -> Vec<Client> {
    let one = |number| {
        let (_, token) = key(&office.app.db, &format!("reader-{number}"), Role::Viewer, None);
        office.app.client.showing(token.reveal())
    };
    (0..count).map(one).collect()
}

#[test]
fn three_hundred_streams_hold_no_connection_and_leave_room_for_everybody_else() {
    let office = Office::open();
    let readers = people(&office, 4);
    let mut streams: Vec<Reader> = (0..300).map(|number| Reader::of(&readers[number % 4], "")).collect();
    streams.iter_mut().for_each(|stream| assert!(stream.catch_up().is_empty()));
    let gauge = |name: &str| {
        let numbers = office.nobody.get("/metrics").expect(200).text;
        let line = numbers.lines().find(|line| line.starts_with(&format!("risk_registry_{name} ")));
        line.unwrap().rsplit(' ').next().unwrap().parse::<u64>().unwrap()
    };
    assert_eq!(gauge("feed_streams"), 300);
    let pool = office.app.db.pool_use();
    assert_eq!(pool.open, pool.idle, "nobody who waits holds a connection");
    // Each write wakes all of them; everybody else goes on reading.
    let head = office.analyst.head();
    let (writes, mut asked, mut slowest) = (20, 0, std::time::Duration::ZERO);
    for number in 0..writes {
        let vendor = office.analyst.vendor(&format!("Vendor {number}"));
        for _ in 0..5 {
            let began = Instant::now();
            office.viewer.get(&format!("/v1/vendors/{vendor}")).expect(200);
            office.viewer.get("/v1/vendors?limit=5").expect(200);
            slowest = slowest.max(began.elapsed());
            asked += 2;
        }
    }
    let wanted: Vec<u64> = (head + 1..=head + writes).collect();
    for stream in &mut streams {
        assert_eq!(seqs(&stream.entries(writes as usize)), wanted);
    }
    println!(
        "300 streams, {writes} entries each; {asked} other reads meanwhile, the slowest two together {slowest:?}"
    );
    // One more entry, and how late the last of all gets it.
    office.analyst.vendor("The last");
    let late = thread::scope(|scope| {
        let read = streams.iter_mut().map(|stream| scope.spawn(|| age(&stream.entry().unwrap())));
        let read: Vec<_> = read.collect();
        read.into_iter().map(|read| read.join().unwrap()).max().unwrap()
    });
    println!("the last of 300 got an entry {late:?} after it was recorded");
}

#[test]
fn one_key_has_so_many_streams_and_gets_a_place_back_when_one_is_gone() {
    let office = Office::open();
    let mut streams: Vec<Reader> = (0..MOST_OF_ONE).map(|_| Reader::of(&office.viewer, "")).collect();
    let refused = office.viewer.get("/v1/journal-stream").expect_problem(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), Some("5"));
    // A long poll waits in the same places; one that need not wait takes none.
    let head = office.viewer.head();
    office.viewer.get(&format!("/v1/journal?after={head}&wait=1")).expect_problem(429, "too_many_requests");
    office.viewer.get(&format!("/v1/journal?after={head}")).expect(200);
    assert_eq!(Reader::of(&office.analyst, "").status, 200, "others have their own");
    streams.pop();
    let began = Instant::now();
    while Reader::open(&office.viewer, "/v1/journal-stream", &[]).status != 200 {
        assert!(began.elapsed() < GUARD, "the place is never free again");
        thread::sleep(std::time::Duration::from_millis(200));
    }
    println!("a place was free {:?} after its reader was gone", began.elapsed());
}

/// How much memory a process uses, in MiB.
fn memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[cfg(target_os = "linux")]
#[test]
fn slow_readers_cost_no_more_than_a_part_each_and_get_everything_in_the_end() {
    let database = Database::fresh();
    let server = Served::start(database.url(), &[]);
    let client = &server.client;
    // Some 20 MiB of entries: each of 40 readers that took nothing would have them in memory otherwise.
    let description = "x".repeat(9_000);
    let entries = 2_200;
    thread::scope(|scope| {
        for person in 0..4 {
            let description = &description;
            scope.spawn(move || {
                for number in 0..entries / 4 {
                    let name = format!("Vendor {person}-{number}");
                    let body = json!({ "legal_name": name, "kind": "company", "description": description });
                    client.post("/v1/vendors", &body).expect(201);
                }
            });
        }
    });
    let readers = 40;
    let before = memory(server.child.id());
    let first = client.head() - u64::from(entries as u32) + 1;
    let streams: Vec<Reader> =
        (0..readers).map(|_| Reader::of(client, &format!("?after={}", first - 1))).collect();
    // Long enough to be read whole, were there nothing to hold it.
    for _ in 0..30 {
        thread::sleep(std::time::Duration::from_millis(100));
        client.get("/v1/vendors?limit=1").expect(200);
    }
    let after = memory(server.child.id());
    println!(
        "{readers} slow readers of 20 MiB each: {before} MiB of memory before, {after} MiB while they wait"
    );
    assert!(after < before + 400, "{before} MiB, then {after} MiB; all of it would be 800 MiB");
    let wanted: Vec<u64> = (first..first + entries as u64).collect();
    let mut lost = 0;
    for mut stream in streams.into_iter().take(3) {
        let mut told = Vec::new();
        while told.len() < wanted.len() {
            match stream.try_next() {
                Ok(Some(Said::Event { id, .. })) => told.push(id),
                Ok(Some(_)) => {}
                // Whoever takes nothing for a minute is given up, and goes on as after any loss.
                Ok(None) | Err(_) => {
                    lost += 1;
                    stream = Reader::after(client, told.last().copied().unwrap_or(first - 1));
                }
            }
        }
        assert_eq!(told, wanted);
    }
    println!("three of them read on, {lost} after their stream was given up");
}
