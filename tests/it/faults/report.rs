//! The fault report: one row for each fault, in the file that FAULTS_REPORT names. `scripts/faults` makes a table of it.

use std::{fs::File, io::Write};

use super::ledger::{Found, Ledger};

/// How much is done: a little, with every test run, or as much as the report promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    Short,
    Full,
}

impl Size {
    /// What the variable FAULTS says; short without it.
    pub fn asked() -> Self {
        match std::env::var("FAULTS").as_deref() {
            Ok("full") => Self::Full,
            Ok("short") | Err(_) => Self::Short,
            Ok(other) => panic!("FAULTS is short or full, not {other}"),
        }
    }

    /// One of two numbers.
    pub fn of<T>(self, short: T, full: T) -> T {
        match self {
            Self::Short => short,
            Self::Full => full,
        }
    }
}

/// What was counted around a fault, over several registries.
#[derive(Debug, Default)]
pub struct Tally {
    pub acknowledged: usize,
    pub unanswered: usize,
    pub refused: usize,
    pub no_room: usize,
    pub repeated: usize,
    pub found: Found,
}

impl Tally {
    pub fn add(&mut self, ledger: &Ledger, found: Found) {
        self.acknowledged += ledger.writes.len();
        self.unanswered += ledger.unanswered;
        self.refused += ledger.refused;
        self.no_room += ledger.no_room;
        self.repeated += ledger.repeated;
        self.found += found;
    }

    /// What clients saw, in words.
    pub fn seen(&self) -> String {
        format!(
            "{} writes acknowledged; {} requests without an answer and {} answered 503 or 507, all repeated with their \
             key, {} acknowledged then",
            grouped(self.acknowledged),
            grouped(self.unanswered),
            grouped(self.refused),
            grouped(self.repeated)
        )
    }
}

/// Writes a row and then asserts it.
#[track_caller]
pub fn row(key: &str, fault: &str, done: &str, found: Found) {
    let Found { lost, duplicated, gaps, disordered } = found;
    let gaps = gaps + disordered;
    let verdict = if found == Found::default() { "held" } else { "FAILED" };
    let line = format!("{key}\t| {fault} | {done} | {lost} | {duplicated} | {gaps} | {verdict} |\n");
    println!("{line}");
    if let Some(file) = std::env::var_os("FAULTS_REPORT") {
        let mut file = File::options().create(true).append(true).open(file).unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }
    assert_eq!(found, Found::default(), "{fault}: {done}");
}

/// A number with a comma after each three digits.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    groups.map(|group| std::str::from_utf8(group).unwrap()).collect::<Vec<_>>().join(",")
}
