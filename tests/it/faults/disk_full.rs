//! A disk that is full: writes are refused and say why, reads go on, and with room again everything goes on.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;
use tempfile::TempDir;

use super::{ledger::Found, registry::Registry, report::row};
use crate::support::{
    Answer, Client,
    cluster::{self, Cluster},
    process::{self, Served},
};

/// The program over a small file system of its own in memory, which nobody else sees and which goes when it goes.
const SCRIPT: &str = "mount -t tmpfs -o size=8m none \"$1\" && exec \"$2\" serve --listen 127.0.0.1:0 \
                      --database-url \"$1/registry.db\"";

fn unshared(script: &str, folder: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-c", script, "sh"]);
    command.arg(folder).arg(env!("CARGO_BIN_EXE_risk-registry"));
    command
}

#[test]
fn a_full_disk_refuses_writes_with_507_loses_nothing_and_takes_writes_again_when_there_is_room() {
    let folder = TempDir::new().unwrap();
    let allowed = unshared("mount -t tmpfs none \"$1\"", folder.path()).output();
    if !allowed.is_ok_and(|output| output.status.success()) {
        super::skip("this system lets nobody mount a small file system");
        return;
    }
    let mut served = Served::run(unshared(SCRIPT, folder.path()));
    let client = served.client.clone();
    let seen = PathBuf::from(format!("/proc/{}/root{}", served.child.id(), folder.path().display()));
    let ballast = seen.join("ballast");
    fs::write(&ballast, vec![1; 3_000_000]).unwrap();

    let mut acknowledged = Vec::new();
    let refused = loop {
        let answer = client.post("/v1/vendors", &large(acknowledged.len()));
        if answer.status != 201 {
            break answer;
        }
        acknowledged.push(answer.id());
        assert!(acknowledged.len() < 5000, "the disk does not fill up");
    };
    refused.expect_problem(507, "no_room");
    for _ in 0..20 {
        client.post("/v1/vendors", &large(0)).expect_problem(507, "no_room");
    }
    let head = client.head();
    whole(&client, &acknowledged);

    fs::remove_file(&ballast).unwrap();
    for _ in 0..20 {
        acknowledged.push(client.post("/v1/vendors", &large(acknowledged.len())).expect(201).id());
    }
    assert_eq!(client.head(), head + 20, "what was refused left nothing behind");
    whole(&client, &acknowledged);
    // Nobody writes now, so a copy of both files is a whole one.
    let copy = TempDir::new().unwrap();
    for file in ["registry.db", "registry.db-wal"] {
        fs::copy(seen.join(file), copy.path().join(file)).unwrap();
    }
    let output = process::verify(copy.path().join("registry.db"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(Command::new("kill").args(["-TERM", &served.child.id().to_string()]).status().unwrap().success());
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
    row(
        "disk-full-sqlite",
        "Disk full, SQLite",
        &format!(
            "{} writes acknowledged around a full disk, 21 answered 507, reads went on, writes back when there was room; \
             `verify` passes",
            acknowledged.len()
        ),
        Found::default(),
    );
}

/// A record that takes its room: no compression makes it small.
fn large(number: usize) -> serde_json::Value {
    let noise: String = (0..560).map(|_| format!("{:016x}", rand::random::<u64>())).collect();
    json!({ "legal_name": format!("V{number}"), "kind": "company", "description": noise })
}

fn whole(client: &Client, acknowledged: &[String]) {
    for (number, id) in acknowledged.iter().enumerate() {
        let vendor = client.get(&format!("/v1/vendors/{id}")).expect(200).json();
        assert_eq!(vendor["legal_name"], format!("V{number}"));
    }
}

/// A small file system in memory, until it is dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None`, said aloud, where nobody may mount one.
    fn mounted(size: &str) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("disk-").tempdir_in("/tmp").unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "none"]).arg(folder.path());
        if !mount.output().is_ok_and(|output| output.status.success()) {
            super::skip("only root may mount a small file system for PostgreSQL");
            return None;
        }
        cluster::own(folder.path());
        Some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
        assert!(unmounted.unwrap().success(), "{} stays mounted", self.0.path().display());
    }
}

#[test]
fn a_full_tablespace_of_postgresql_refuses_writes_loses_nothing_and_takes_writes_again() {
    let Some(disk) = SmallDisk::mounted("28m") else { return };
    let Some(cluster) = Cluster::start(&[("fsync", "on")]) else { return };
    cluster.administer(&format!("CREATE TABLESPACE small LOCATION '{}'", disk.0.path().display()));
    cluster.administer("ALTER SYSTEM SET default_tablespace = 'small'");
    cluster.administer("SELECT pg_reload_conf()");
    cluster.administer("CREATE DATABASE registry TABLESPACE small");
    let registry = Registry::migrated(&cluster.url("registry"));
    let served = registry.serve();
    let client = &served.client;
    let ballast = disk.0.path().join("ballast");
    fs::write(&ballast, vec![1; 6_000_000]).unwrap();

    let mut acknowledged = Vec::new();
    let refused = loop {
        let answer = client.post("/v1/vendors", &large(acknowledged.len()));
        if answer.status != 201 {
            break answer;
        }
        acknowledged.push(answer.id());
        assert!(acknowledged.len() < 5000, "the disk does not fill up");
    };
    refused.expect_problem(507, "no_room");
    let mut refusals = 1;
    for _ in 0..20 {
        // A page that is there may still have room for a small row; a large one finds none.
        let answer = client.post("/v1/vendors", &large(acknowledged.len()));
        if answer.status == 201 {
            acknowledged.push(answer.id());
        } else {
            answer.expect_problem(507, "no_room");
            refusals += 1;
        }
    }
    whole(client, &acknowledged);
    registry.verify();

    fs::remove_file(&ballast).unwrap();
    for _ in 0..20 {
        acknowledged.push(client.post("/v1/vendors", &large(acknowledged.len())).expect(201).id());
    }
    whole(client, &acknowledged);
    registry.verify();
    drop(served);
    drop(cluster);
    row(
        "disk-full-postgresql",
        "Disk full, PostgreSQL (a tablespace)",
        &format!(
            "{} writes acknowledged around a full disk, {refusals} answered 507, reads went on, writes back when there \
             was room; `verify` passes",
            acknowledged.len()
        ),
        Found::default(),
    );
}

#[test]
fn a_full_disk_of_the_write_ahead_log_of_postgresql_stops_writes_and_nothing_is_lost() {
    let Some(disk) = SmallDisk::mounted("120m") else { return };
    let data = disk.0.path().join("data");
    let settings = [
        ("fsync", "on"),
        ("max_wal_size", "32MB"),
        ("restart_after_crash", "on"),
        ("shared_buffers", "16MB"),
    ];
    let Some(mut cluster) = Cluster::prepare(&settings, Some(&data)) else { return };
    cluster.run();
    let registry = Registry::in_cluster(&cluster, "registry");
    let served = registry.serve();
    let client = &served.client;
    let ballast = disk.0.path().join("ballast");
    let mut acknowledged = vec![client.post("/v1/vendors", &large(0)).expect(201).id()];
    fill(&ballast);

    let mut refusals = 0;
    while refusals < 20 {
        let answer = client.post("/v1/vendors", &large(acknowledged.len()));
        if answer.status == 201 {
            acknowledged.push(answer.id());
            assert!(acknowledged.len() < 20_000, "the disk does not fill up");
        } else {
            assert_is_refusal(&answer);
            refusals += 1;
        }
    }

    fs::remove_file(&ballast).unwrap();
    // Where the log had no room PostgreSQL stopped itself; it needs room and, where it gave up, a start.
    if !cluster.is_running() {
        cluster.kill();
        cluster.run();
    }
    cluster.await_answer();
    let before = acknowledged.len();
    super::eventually("writes come back", || {
        let answer = client.post("/v1/vendors", &large(acknowledged.len()));
        if answer.status == 201 {
            acknowledged.push(answer.id());
        } else {
            assert_is_refusal(&answer);
        }
        acknowledged.len() >= before + 20
    });
    whole(client, &acknowledged);
    registry.verify();
    drop(served);
    drop(cluster);
    row(
        "disk-full-wal",
        "Disk full, PostgreSQL (all of it, its write-ahead log too)",
        &format!(
            "{} writes acknowledged around a full disk, {refusals} answered 503 or 507, writes back when there was room; \
             `verify` passes",
            acknowledged.len()
        ),
        Found::default(),
    );
}

#[track_caller]
fn assert_is_refusal(answer: &Answer) {
    assert!(matches!(answer.status, 503 | 507), "{answer:?}");
}

/// Writes until there is no room at all.
fn fill(file: &Path) {
    use std::io::Write;
    let mut file = fs::File::create(file).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
}
