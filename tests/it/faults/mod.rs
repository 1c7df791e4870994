//! What a database and its operators do to a registry, with real processes: nothing that was acknowledged is lost,
//! nothing is recorded twice. `scripts/faults` runs these tests and makes one table of them; docs/faults.md explains it.

mod clients;
mod clock;
mod disk_full;
mod interruptions;
mod ledger;
mod load;
mod many_processes;
mod postgres_killed;
mod proxy;
mod registry;
mod report;
mod server_killed;
mod standby;
mod synced;
mod terminated;
mod trace;
mod uncertain_commit;

use std::{
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::support::skip;

/// Whether a program is there; said aloud where it isn't.
fn is_there(program: &str, argument: &str) -> bool {
    let run = Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_there = run.is_ok_and(|status| status.success());
    if !is_there {
        skip(&format!("the program {program} is missing"));
    }
    is_there
}

/// Waits until something is so, for a minute at most.
#[track_caller]
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
