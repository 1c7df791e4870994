//! What was acknowledged survives: kills, terminations, two processes on one file, a disk that is full.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::{
    Answer, Client,
    process::{self, Served},
    samples::{order, source},
};

const CLIENTS: usize = 8;

/// What a server acknowledged, and what it may or may not have done.
#[derive(Default)]
struct Ledger {
    /// Id and name of each acknowledged vendor.
    vendors: BTreeMap<String, String>,
    /// Id and latest acknowledged description of each changed vendor.
    descriptions: BTreeMap<String, String>,
    /// Designation and note of each acknowledged event.
    events: BTreeMap<String, (String, String)>,
    /// Names of vendors whose answer never came; the name is the idempotency key too.
    unanswered: BTreeSet<String>,
    acknowledged: usize,
}

/// Writes from eight clients at once, until the server is gone or `most` is acknowledged. `enough` is called by each
/// acknowledgement with how many there are.
fn write_from_all(
    client: &Client,
    ledger: &Mutex<Ledger>,
    (round, most): (usize, usize),
    designation: &str,
    with_keys: bool,
    enough: impl Fn(usize) + Sync,
) {
    let acknowledged = AtomicUsize::new(0);
    let one_client = |number: usize| {
        // A connection of one's own each, as different clients have.
        let client = Client::new(client.address);
        for turn in 0.. {
            let name = format!("V-{round}-{number}-{turn}");
            if acknowledged.load(Ordering::Relaxed) >= most
                || !one_turn(&client, ledger, (&name, turn), designation, with_keys)
            {
                return;
            }
            ledger.lock().unwrap().acknowledged += 1;
            enough(acknowledged.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    thread::scope(|scope| {
        for number in 0..CLIENTS {
            scope.spawn(move || one_client(number));
        }
    });
}

/// One write. False: the server is gone.
fn one_turn(
    client: &Client,
    ledger: &Mutex<Ledger>,
    (name, turn): (&str, usize),
    designation: &str,
    with_keys: bool,
) -> bool {
    if turn % 10 == 8 {
        let note =
            json!({ "type": "noted", "occurred_on": "2026-02-01", "note": name, "sources": [source()] });
        let path = format!("/v1/designations/{designation}/events");
        let Some(answer) = sent(client, "POST", &path, &[], &note) else { return false };
        let event = answer.expect(201).text_at("/event/id");
        ledger.lock().unwrap().events.insert(event, (designation.to_owned(), name.to_owned()));
        return true;
    }
    if turn % 10 == 9 {
        // Only this client changes the vendors that it made: the last one of a turn before.
        let made = name.rsplit_once('-').map(|(mine, _)| format!("{mine}-{}", turn - 2)).unwrap();
        let found =
            ledger.lock().unwrap().vendors.iter().find(|(_, name)| **name == made).map(|(id, _)| id.clone());
        let (id, body) = (found.unwrap(), json!({ "description": name }));
        let Some(answer) =
            sent(client, "PATCH", &format!("/v1/vendors/{id}"), &[("if-match", "\"1\"")], &body)
        else {
            return false;
        };
        answer.expect(200);
        let mut ledger = ledger.lock().unwrap();
        ledger.descriptions.insert(id, name.to_owned());
        return true;
    }
    let key = [("idempotency-key", name)];
    let headers: &[(&str, &str)] = if with_keys { &key } else { &[] };
    ledger.lock().unwrap().unanswered.insert(name.to_owned());
    let Some(answer) = sent(client, "POST", "/v1/vendors", headers, &vendor(name)) else { return false };
    let id = answer.expect(201).id();
    let mut ledger = ledger.lock().unwrap();
    ledger.unanswered.remove(name);
    ledger.vendors.insert(id, name.to_owned());
    true
}

fn vendor(name: &str) -> Value {
    json!({ "legal_name": name, "kind": "company", "tags": ["survivor"] })
}

/// Sends a write. `None`: no whole answer came.
fn sent(client: &Client, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Option<Answer> {
    let all: Vec<_> = headers.iter().copied().chain([("content-type", "application/json")]).collect();
    client.try_send(method, path, &all, Some(body.to_string().as_bytes())).ok()
}

/// What a check found.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    lost: usize,
    duplicates: usize,
}

/// Compares the registry with the ledger: every acknowledged write is there with its content, nothing is there twice,
/// nothing is there that nobody asked for, and the journal has no gap.
fn check(client: &Client, ledger: &Ledger) -> Found {
    let mut found = Found::default();
    let listed = client.all("/v1/vendors?tag=survivor&limit=500");
    let by_id: BTreeMap<&str, &Value> =
        listed.iter().map(|vendor| (vendor["id"].as_str().unwrap(), vendor)).collect();
    found.duplicates += listed.len() - by_id.len();
    let mut names = BTreeSet::new();
    for vendor in by_id.values() {
        let name = vendor["legal_name"].as_str().unwrap();
        found.duplicates += usize::from(!names.insert(name));
    }
    for (id, name) in &ledger.vendors {
        found.lost += usize::from(by_id.get(id.as_str()).is_none_or(|vendor| vendor["legal_name"] != **name));
    }
    for (id, description) in &ledger.descriptions {
        found.lost +=
            usize::from(by_id.get(id.as_str()).is_none_or(|vendor| vendor["description"] != **description));
    }
    let acknowledged: BTreeSet<&str> = ledger.vendors.values().map(String::as_str).collect();
    for name in names {
        assert!(acknowledged.contains(name) || ledger.unanswered.contains(name), "nobody asked for {name}");
    }
    let designations: BTreeSet<&String> =
        ledger.events.values().map(|(designation, _)| designation).collect();
    for designation in designations {
        let events = client.all(&format!("/v1/designations/{designation}/events?limit=500"));
        let note =
            |event: &Value| Some((event["id"].as_str()?.to_owned(), event["note"].as_str()?.to_owned()));
        let notes: BTreeMap<String, String> = events.iter().filter_map(note).collect();
        found.duplicates += notes.len() - notes.values().collect::<BTreeSet<_>>().len();
        let acknowledged = ledger.events.iter().filter(|(_, (of, _))| of == designation);
        found.lost += acknowledged.filter(|(id, (_, note))| notes.get(*id) != Some(note)).count();
    }
    gapless(client);
    found
}

fn gapless(client: &Client) -> u64 {
    let feed = client.all("/v1/journal?limit=500");
    for (entry, seq) in feed.iter().zip(1_u64..) {
        assert_eq!(entry["seq"], seq, "a gap in the journal");
    }
    assert_eq!(client.head(), feed.len() as u64);
    feed.len() as u64
}

#[track_caller]
fn verified(database: &Path) {
    let output = process::verify(database);
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A designation to record events of, with what it needs; one for each round, for its entries grow with its events.
fn designation(client: &Client, round: usize) -> String {
    let vendor = client.vendor(&format!("Designated {round}"));
    client.designation(&vendor, &order("2026-01-05", &json!([{}])))
}

fn database(folder: &TempDir) -> PathBuf {
    folder.path().join("registry.db")
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_when_the_program_is_killed_again_and_again() {
    const KILLS: usize = 20;
    let folder = TempDir::new().unwrap();
    let database = database(&folder);
    let mut served = Served::start(&database, &[]);
    let ledger = Mutex::new(Ledger::default());
    let mut retried = 0;
    for round in 1..=KILLS {
        let designation = designation(&served.client, round);
        let with_keys = round % 2 == 0;
        let client = served.client.clone();
        let enough = 200 + 7 * round;
        let killed = Mutex::new(Some(served));
        write_from_all(&client, &ledger, (round, usize::MAX), &designation, with_keys, |acknowledged| {
            if acknowledged == enough {
                killed.lock().unwrap().take().unwrap().kill();
            }
        });
        verified(&database);
        served = Served::start(&database, &[]);
        let mut ledger = ledger.lock().unwrap();
        if with_keys {
            retried += retry(&served.client, &mut ledger, round);
        }
        assert_eq!(check(&served.client, &ledger), Found::default(), "after kill {round}");
    }
    let ledger = ledger.into_inner().unwrap();
    println!(
        "{KILLS} kills, {} writes acknowledged ({} vendors, {} changes, {} events), 0 lost, 0 duplicates; {retried} \
         requests repeated with their key; {} answers that never came",
        ledger.acknowledged,
        ledger.vendors.len(),
        ledger.descriptions.len(),
        ledger.events.len(),
        ledger.unanswered.len() + retried,
    );
    assert!(ledger.acknowledged >= KILLS * 200);
}

/// What a careful client does after a crash: repeats whatever was not answered, with its key, and some that were.
fn retry(client: &Client, ledger: &mut Ledger, round: usize) -> usize {
    let of_round = format!("V-{round}-");
    let repeat = |name: &str| {
        let answer =
            sent(client, "POST", "/v1/vendors", &[("idempotency-key", name)], &vendor(name)).unwrap();
        answer.expect(201).id()
    };
    let unanswered: Vec<String> =
        ledger.unanswered.iter().filter(|name| name.starts_with(&of_round)).cloned().collect();
    for name in &unanswered {
        let id = repeat(name);
        assert_eq!(repeat(name), id, "the same again gives the first answer");
        ledger.unanswered.remove(name);
        ledger.vendors.insert(id, name.clone());
    }
    for (id, name) in ledger.vendors.iter().filter(|(_, name)| name.starts_with(&of_round)).take(30) {
        assert_eq!(&repeat(name), id, "an acknowledged write is not made again");
    }
    unanswered.len()
}

#[test]
fn a_terminated_program_drains_exits_with_0_and_keeps_what_it_acknowledged() {
    let folder = TempDir::new().unwrap();
    let database = database(&folder);
    let mut total = 0;
    for round in 1..=3 {
        let mut served = Served::start(&database, &[]);
        let designation = designation(&served.client, round);
        let ledger = Mutex::new(Ledger::default());
        let (client, process) = (served.client.clone(), served.child.id().to_string());
        write_from_all(&client, &ledger, (round, usize::MAX), &designation, true, |acknowledged| {
            if acknowledged == 200 {
                assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
            }
        });
        let status = served.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{status}");
        verified(&database);
        let served = Served::start(&database, &[]);
        let mut ledger = ledger.into_inner().unwrap();
        // Earlier rounds left their vendors too.
        ledger.unanswered.extend((1..round).flat_map(|round| {
            served
                .client
                .all(&format!("/v1/vendors?name=V-{round}&limit=500"))
                .into_iter()
                .map(|vendor| vendor["legal_name"].as_str().unwrap().to_owned())
        }));
        assert_eq!(check(&served.client, &ledger), Found::default());
        total += ledger.acknowledged;
    }
    println!("3 terminations, {total} writes acknowledged, 0 lost, 0 duplicates");
}

#[test]
fn two_processes_write_to_one_sqlite_file_at_once_without_gaps_or_lock_errors() {
    let folder = TempDir::new().unwrap();
    let database = database(&folder);
    let processes = [Served::start(&database, &[]), Served::start(&database, &[])];
    let designation = designation(&processes[0].client, 0);
    let ledger = Mutex::new(Ledger::default());
    thread::scope(|scope| {
        for (number, process) in processes.iter().enumerate() {
            let (ledger, designation) = (&ledger, designation.as_str());
            // Any answer but the expected one fails here: a lock error would be 503.
            scope.spawn(move || {
                write_from_all(&process.client, ledger, (number, 300), designation, false, |_| {})
            });
        }
    });
    let ledger = ledger.into_inner().unwrap();
    assert!(ledger.acknowledged >= 600 && ledger.unanswered.is_empty());
    for process in &processes {
        assert_eq!(check(&process.client, &ledger), Found::default());
    }
    verified(&database);
    println!(
        "two processes, {} writes acknowledged, {} entries",
        ledger.acknowledged,
        gapless(&processes[1].client)
    );
}
