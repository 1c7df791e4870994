//! What was acknowledged to clients, and the check of a registry against it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

use super::load::vendor;
use crate::support::{Answer, Client};

/// What clients were told, and how often they had to ask again.
#[derive(Default)]
pub struct Ledger {
    /// The journal's head before the first write.
    pub base: u64,
    pub writes: Vec<Write>,
    /// Entries that the test itself caused meanwhile: id and description of a vendor.
    pub others: Vec<(String, String)>,
    /// Requests that never got a whole answer; each was repeated.
    pub unanswered: usize,
    /// Answers 503 and 507; each request was repeated.
    pub refused: usize,
    /// How many of these were 507.
    pub no_room: usize,
    /// Requests that were acknowledged at a repetition.
    pub repeated: usize,
}

/// An acknowledged write.
pub struct Write {
    pub what: What,
    /// When it was sent for the first time.
    pub sent: Instant,
    pub acknowledged: Instant,
}

/// What was written, by what its client was told.
#[derive(Debug, PartialEq, Eq)]
pub enum What {
    Vendor { id: String, name: String },
    Description { id: String, text: String },
    Note { id: String, designation: String, note: String },
}

impl Ledger {
    /// Of what will be written from now on.
    pub fn begun(client: &Client) -> Self {
        Self { base: client.head(), ..Self::default() }
    }

    /// Asks for a vendor of this name, which is the idempotency key too, and takes down what is acknowledged for the first
    /// time.
    pub fn create(&mut self, client: &Client, name: &str) -> Answer {
        let sent = Instant::now();
        let answer = client.post_with("/v1/vendors", &[("idempotency-key", name)], &vendor(name));
        if answer.status == 201 {
            self.acknowledged(sent, What::Vendor { id: answer.id(), name: name.to_owned() });
        }
        answer
    }

    /// Takes down what was acknowledged now, if it wasn't before.
    pub fn acknowledged(&mut self, sent: Instant, what: What) {
        if self.writes.iter().all(|write| write.what != what) {
            self.writes.push(Write { what, sent, acknowledged: Instant::now() });
        }
    }
}

impl What {
    /// What finds its entry in the journal.
    fn mark(&self) -> (&str, &str) {
        match self {
            Self::Vendor { id, name } => (id, name),
            Self::Description { id, text } => (id, text),
            Self::Note { id, note, .. } => (id, note),
        }
    }
}

/// What a check found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Acknowledged, and not there as it was acknowledged.
    pub lost: usize,
    /// There twice, or without anybody's asking.
    pub duplicated: usize,
    /// Positions that are missing in the journal, or stand out of order.
    pub gaps: usize,
    /// Entries before one that was acknowledged earlier, or not recorded later than the one before.
    pub disordered: usize,
}

impl std::ops::AddAssign for Found {
    fn add_assign(&mut self, other: Self) {
        self.lost += other.lost;
        self.duplicated += other.duplicated;
        self.gaps += other.gaps;
        self.disordered += other.disordered;
    }
}

/// Compares the registry with the ledger.
pub fn check(client: &Client, ledger: &Ledger) -> Found {
    let feed = client.all("/v1/journal?limit=500");
    assert_eq!(client.head(), feed.len() as u64);
    let mut found = check_feed(&feed, ledger);
    found += check_records(client, ledger);
    found
}

/// The feed: every write has one entry, there is no other, and their order is that of commits.
fn check_feed(feed: &[Value], ledger: &Ledger) -> Found {
    let mut found = Found::default();
    let mut seqs: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut before: Option<DateTime<FixedOffset>> = None;
    for (entry, wanted) in feed.iter().zip(1_u64..) {
        found.gaps += usize::from(entry["seq"] != wanted);
        let recorded_at = DateTime::parse_from_rfc3339(entry["recorded_at"].as_str().unwrap()).unwrap();
        found.disordered += usize::from(before.is_some_and(|before| recorded_at <= before));
        before = Some(recorded_at);
        if wanted > ledger.base {
            found.duplicated += usize::from(seqs.insert(mark(entry), wanted).is_some());
        }
    }
    let mut told: Vec<(&Write, u64)> = Vec::new();
    for write in &ledger.writes {
        let (id, text) = write.what.mark();
        match seqs.remove(&(id.to_owned(), text.to_owned())) {
            Some(seq) => told.push((write, seq)),
            None => found.lost += 1,
        }
    }
    for other in &ledger.others {
        found.lost += usize::from(seqs.remove(other).is_none());
    }
    found.duplicated += seqs.len();
    found.disordered += overtaken(&told);
    found
}

/// How many writes stand before one that was acknowledged before they were sent.
fn overtaken(told: &[(&Write, u64)]) -> usize {
    let mut by_acknowledgement: Vec<_> = told.iter().collect();
    by_acknowledgement.sort_by_key(|(write, _)| write.acknowledged);
    let mut by_sending: Vec<_> = told.iter().collect();
    by_sending.sort_by_key(|(write, _)| write.sent);
    let (mut earlier, mut highest, mut overtaken) = (by_acknowledgement.into_iter().peekable(), 0, 0);
    for (write, seq) in by_sending {
        while let Some((_, seq)) = earlier.next_if(|(other, _)| other.acknowledged < write.sent) {
            highest = highest.max(*seq);
        }
        overtaken += usize::from(*seq < highest);
    }
    overtaken
}

fn mark(entry: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match entry["action"].as_str().unwrap() {
        "vendor.created" => (text(&entry["subject_id"]), text(&entry["payload"]["legal_name"])),
        "designation.event_recorded" => (text(&entry["event"]["id"]), text(&entry["event"]["note"])),
        _ => (text(&entry["subject_id"]), text(&entry["payload"]["description"])),
    }
}

/// The records as clients see them.
fn check_records(client: &Client, ledger: &Ledger) -> Found {
    let mut found = Found::default();
    let listed = client.all("/v1/vendors?tag=survivor&limit=500");
    let by_id: BTreeMap<&str, &Value> = listed.iter().map(|v| (v["id"].as_str().unwrap(), v)).collect();
    let names: BTreeSet<&str> = listed.iter().map(|v| v["legal_name"].as_str().unwrap()).collect();
    found.duplicated += listed.len() - by_id.len().min(names.len());
    let mut notes: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    for write in &ledger.writes {
        let vendor = |id: &String| by_id.get(id.as_str());
        let is_there = match &write.what {
            What::Vendor { id, name } => vendor(id).is_some_and(|v| v["legal_name"] == **name),
            What::Description { id, text } => vendor(id).is_some_and(|v| v["description"] == **text),
            What::Note { id, designation, note } => {
                let notes = notes.entry(designation).or_insert_with(|| notes_of(client, designation));
                notes.get(id) == Some(note)
            }
        };
        found.lost += usize::from(!is_there);
    }
    for notes in notes.values() {
        found.duplicated += notes.len() - notes.values().collect::<BTreeSet<_>>().len();
    }
    found
}

fn notes_of(client: &Client, designation: &str) -> BTreeMap<String, String> {
    let events = client.all(&format!("/v1/designations/{designation}/events?limit=500"));
    let note = |event: &Value| Some((event["id"].as_str()?.to_owned(), event["note"].as_str()?.to_owned()));
    events.iter().filter_map(note).collect()
}

/// Repeats some acknowledged requests with their keys: each must give the first answer and record nothing.
pub fn repeat_some(client: &Client, ledger: &Ledger) -> usize {
    let head = client.head();
    let step = (ledger.writes.len() / 30).max(1);
    let mut repeated = 0;
    for write in ledger.writes.iter().step_by(step) {
        if let What::Vendor { id, name } = &write.what {
            let again = client.post_with("/v1/vendors", &[("idempotency-key", name)], &vendor(name));
            assert_eq!(&again.expect(201).id(), id, "the same again gives the first answer");
            repeated += 1;
        }
    }
    assert!(repeated > 0);
    assert_eq!(client.head(), head);
    repeated
}

/// The longest time without an acknowledgement between two moments.
pub fn time_without_writes(ledger: &Ledger, (from, to): (Instant, Instant)) -> Duration {
    let mut acknowledged: Vec<Instant> = ledger.writes.iter().map(|write| write.acknowledged).collect();
    acknowledged.retain(|at| (from..=to).contains(at));
    acknowledged.sort();
    acknowledged.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap()
}
