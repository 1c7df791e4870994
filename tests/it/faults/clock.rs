//! The clock jumps an hour back and an hour forward while the server runs. `libfaketime` gives the process another
//! clock; nothing in the product could.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    ledger::{Found, check},
    load::{Load, vendor},
    registry::Registry,
    report::{Size, row},
};
use crate::support::{
    Client,
    process::{Served, program},
};

/// Where distributions put the library.
fn library() -> Option<PathBuf> {
    let folders =
        ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime", "/usr/lib64/faketime"];
    let found =
        folders.iter().map(|folder| Path::new(folder).join("libfaketimeMT.so.1")).find(|file| file.is_file());
    if found.is_none() {
        super::skip("libfaketime is missing (Debian and Ubuntu: libfaketime)");
    }
    found
}

/// A clock that a test can set while the process runs that goes by it.
struct Clock {
    library: PathBuf,
    folder: TempDir,
}

impl Clock {
    fn found() -> Option<Self> {
        let clock = Self { library: library()?, folder: TempDir::new().unwrap() };
        clock.set("+0");
        Some(clock)
    }

    /// Sets it so far off the true time.
    fn set(&self, offset: &str) {
        let new = self.folder.path().join("new");
        fs::write(&new, offset).unwrap();
        fs::rename(&new, self.file()).unwrap();
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("offset")
    }

    fn serve(&self, registry: &Registry) -> Served {
        let mut command = program(&[]);
        command.env("LD_PRELOAD", &self.library);
        command.env("FAKETIME_TIMESTAMP_FILE", self.file()).env("FAKETIME_NO_CACHE", "1");
        // Timers go by the monotonic clock, which nobody sets back.
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("FAKETIME_DONT_RESET", "1");
        registry.serve_by(command)
    }
}

#[test]
fn a_clock_that_jumps_leaves_order_and_past_answers_as_they_are_on_sqlite() {
    let Some(clock) = Clock::found() else { return };
    let (found, done) = jump(&clock, &Registry::sqlite());
    row("clock-sqlite", "Clock an hour back, an hour forward, SQLite", &done, found);
}

#[test]
fn a_clock_that_jumps_leaves_order_and_past_answers_as_they_are_on_postgresql() {
    let Some(clock) = Clock::found() else { return };
    let Some(registry) = Registry::postgres() else { return };
    let (found, done) = jump(&clock, &registry);
    row("clock-postgresql", "Clock an hour back, an hour forward, PostgreSQL", &done, found);
}

fn jump(clock: &Clock, registry: &Registry) -> (Found, String) {
    let served = clock.serve(registry);
    let client = &served.client;
    let subject =
        client.post_with("/v1/vendors", &[("idempotency-key", "subject")], &vendor("subject")).expect(201);
    let path = format!("/v1/vendors/{}", subject.id());
    let load = Load::start(&[registry.address], 4);
    let each = Size::asked().of(40, 400);
    let mut said: Vec<(DateTime<Utc>, String)> = Vec::new();
    let mut repeated = 0;
    let mut jumps = 0;
    for offset in ["+0", "-3600", "+0", "+3600", "+0", "-3600", "+3600", "-7200", "+0"] {
        clock.set(offset);
        jumps += 1;
        load.await_more(each);
        let text = format!("said at clock {jumps} {offset}");
        let changed = client.change(&path, &json!({ "description": text }));
        said.push((at(&changed["updated_at"]), text));
        load.await_more(each);
        // Kept for a day, whatever an hour does to it.
        let again = client.post_with("/v1/vendors", &[("idempotency-key", "subject")], &vendor("subject"));
        assert_eq!(again.expect(201).text, subject.text, "{offset}");
        repeated += 1;
    }
    let mut ledger = load.finish();
    let looked = past_answers(client, &path, &said);
    ledger.others = said.iter().map(|(_, text)| (subject.id(), text.clone())).collect();
    let found = check(client, &ledger);
    assert_eq!((ledger.refused, ledger.unanswered), (0, 0));
    the_clock_did_jump(client, registry);
    registry.verify();
    let done = format!(
        "{jumps} settings of the clock, {} writes acknowledged, {looked} answers about the past compared, {repeated} \
         requests repeated with their key",
        ledger.writes.len()
    );
    (found, done)
}

fn at(instant: &Value) -> DateTime<Utc> {
    instant.as_str().unwrap().parse().unwrap()
}

/// As known at each instant at which something was said, that is what was said; a microsecond before, what was said
/// before.
fn past_answers(client: &Client, path: &str, said: &[(DateTime<Utc>, String)]) -> usize {
    let known = |instant: DateTime<Utc>| {
        let instant = instant.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        client.get(&format!("{path}?known_at={instant}")).expect(200).json()["description"].clone()
    };
    let mut looked = 0;
    for (number, (instant, text)) in said.iter().enumerate() {
        assert_eq!(known(*instant), **text);
        let before = number.checked_sub(1).map_or(Value::Null, |before| json!(said[before].1));
        assert_eq!(known(*instant - chrono::TimeDelta::microseconds(1)), before);
        looked += 2;
    }
    looked
}

/// The journal shows the jump forward, and beside it that entries went on a microsecond apart when the clock went back.
fn the_clock_did_jump(client: &Client, registry: &Registry) {
    let feed = client.all("/v1/journal?limit=500");
    let instants: Vec<DateTime<Utc>> = feed.iter().map(|entry| at(&entry["recorded_at"])).collect();
    let steps: Vec<i64> =
        instants.windows(2).map(|pair| (pair[1] - pair[0]).num_microseconds().unwrap()).collect();
    assert!(steps.iter().any(|step| *step > 3_500_000_000), "no jump forward: {}", registry.log_text());
    let ticks = steps.iter().filter(|step| **step == 1).count();
    assert!(ticks > 50, "the clock was not set back: {ticks} entries a microsecond after the one before");
}
