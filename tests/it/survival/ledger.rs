//! Clients that write at once and keep a ledger of what was acknowledged, and the check of a registry against it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::{Value, json};

use crate::support::{Answer, Client, samples::source};

const CLIENTS: usize = 8;

/// What a server acknowledged, and what it may or may not have done.
#[derive(Default)]
pub struct Ledger {
    /// Id and name of each acknowledged vendor.
    pub vendors: BTreeMap<String, String>,
    /// Id and latest acknowledged description of each changed vendor.
    pub descriptions: BTreeMap<String, String>,
    /// Designation and note of each acknowledged event.
    pub events: BTreeMap<String, (String, String)>,
    /// Names of vendors whose answer never came; the name is the idempotency key too.
    pub unanswered: BTreeSet<String>,
    pub acknowledged: usize,
}

/// Writes from eight clients at once, until the server is gone or `most` is acknowledged. `enough` is called by each
/// acknowledgement with how many there are.
pub fn write_from_all(
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

pub fn vendor(name: &str) -> Value {
    json!({ "legal_name": name, "kind": "company", "tags": ["survivor"] })
}

/// Sends a write. `None`: no whole answer came.
pub fn sent(
    client: &Client,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Option<Answer> {
    let all: Vec<_> = headers.iter().copied().chain([("content-type", "application/json")]).collect();
    client.try_send(method, path, &all, Some(body.to_string().as_bytes())).ok()
}

/// What a check found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub lost: usize,
    pub duplicates: usize,
}

/// Compares the registry with the ledger: every acknowledged write is there with its content, nothing is there twice,
/// nothing is there that nobody asked for, and the journal has no gap.
pub fn check(client: &Client, ledger: &Ledger) -> Found {
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

pub fn gapless(client: &Client) -> u64 {
    let feed = client.all("/v1/journal?limit=500");
    for (entry, seq) in feed.iter().zip(1_u64..) {
        assert_eq!(entry["seq"], seq, "a gap in the journal");
    }
    assert_eq!(client.head(), feed.len() as u64);
    feed.len() as u64
}
