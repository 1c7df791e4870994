//! The fsync really happens before the answer: system calls of the serving process, seen by strace.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use super::{
    ledger::{Ledger, check},
    registry::Registry,
    report::{Size, row},
    trace::{Order, order},
};
use crate::support::{cluster::signal, process::Served};

const CALLS: &str = "trace=fdatasync,fsync,pwrite64,write,writev,sendto,sendmsg";

#[test]
fn what_is_logged_is_on_disk_before_the_answer_is_sent() {
    let writes = Size::asked().of(5, 200);
    if !super::is_there("strace", "-V") {
        return;
    }
    let registry = Registry::sqlite();
    let served = registry.serve();
    let mut ledger = Ledger::begun(&served.client);
    ledger.create(&served.client, "before").expect(201);
    let mut synced = 0;
    for number in 0..writes {
        let trace = traced(&served, || {
            ledger.create(&served.client, &format!("V{number}")).expect(201);
        });
        match order(&trace, "201") {
            Ok(Order { synced: at_least_one, .. }) => synced += at_least_one,
            Err(why) => panic!("{why}:\n{trace}"),
        }
    }
    registry.verify();
    row(
        "synced",
        "The fsync happens before the answer (system calls, SQLite)",
        &format!(
            "{writes} writes traced: {synced} fdatasync of the log ended after its last write and before the 201"
        ),
        check(&served.client, &ledger),
    );
}

/// What strace saw of a process meanwhile.
fn traced(served: &Served, act: impl FnOnce()) -> String {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("trace");
    let mut strace = std::process::Command::new("strace")
        .args(["-f", "-yy", "-s", "64", "-e", CALLS, "-p", &served.child.id().to_string(), "-o"])
        .arg(&file)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    await_attached(served);
    act();
    signal("INT", &[strace.id()]);
    strace.wait().unwrap();
    fs::read_to_string(&file).unwrap()
}

/// Waits until every thread of a process has a tracer.
fn await_attached(served: &Served) {
    let tasks = format!("/proc/{}/task", served.child.id());
    let is_traced = |task: fs::DirEntry| {
        let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
        status.lines().any(|line| line.starts_with("TracerPid:") && !line.ends_with("\t0"))
    };
    let begun = Instant::now();
    while !fs::read_dir(&tasks).unwrap().all(|task| is_traced(task.unwrap())) {
        assert!(begun.elapsed() < Duration::from_secs(30), "strace does not attach to the server");
        thread::sleep(Duration::from_millis(5));
    }
}
