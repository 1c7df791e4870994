//! A disk that is full: writes are refused and say why, reads go on, and with room again everything goes on.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use diesel::connection::SimpleConnection;
use tempfile::TempDir;

use super::{
    ledger::{check, repeat_some},
    load::Load,
    registry::Registry,
    report::{Size, Tally, row},
};
use crate::support::{
    Client,
    cluster::{self, Cluster, signal},
    process::{self, Served, for_everybody, without_settings},
};

/// The program over a small file system of its own in memory, which nobody else sees and which goes when it goes.
const SCRIPT: &str = "mount -t tmpfs -o size=32m none \"$1\" && exec \"$2\" serve --listen 127.0.0.1:0 \
                      --database-url \"$1/registry.db\"";

const CLIENTS: usize = 8;
const WRITES_BETWEEN: usize = 40;
const REFUSALS: usize = 20;
const READS: usize = 20;

fn unshared(script: &str, folder: &Path) -> Command {
    let mut command = Command::new("unshare");
    without_settings(&mut command);
    for_everybody(&mut command);
    command.args(["--mount", "--map-root-user", "sh", "-c", script, "sh"]);
    command.arg(folder).arg(env!("CARGO_BIN_EXE_risk-registry"));
    command
}

/// Fills the disk under clients that write, and looks on while it is full.
fn fill_up(client: &Client, load: &Load, ballast: &Path) {
    load.await_more(WRITES_BETWEEN);
    fill(ballast);
    load.await_no_room(REFUSALS);
    for _ in 0..READS {
        let page = client.get("/v1/vendors?tag=survivor&limit=1").expect(200).json();
        let id = page["items"][0]["id"].as_str().unwrap();
        client.get(&format!("/v1/vendors/{id}")).expect(200);
    }
    load.await_no_room(1);
}

/// Writes until there is no room at all.
fn fill(file: &Path) {
    let mut file = fs::File::create(file).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
}

/// What was done, in words.
fn done(rounds: usize, tally: &Tally) -> String {
    format!(
        "times full under load: {rounds}; {} reads answered while it was, {} writes answered 507, writes back each time \
         there was room; {}; `verify` passes",
        2 * READS * rounds,
        tally.no_room,
        tally.seen()
    )
}

#[test]
fn a_full_disk_refuses_writes_with_507_loses_nothing_and_takes_writes_again_when_there_is_room() {
    let rounds = Size::asked().of(2, 20);
    let folder = TempDir::new().unwrap();
    let allowed = unshared("mount -t tmpfs none \"$1\"", folder.path()).output();
    if !allowed.is_ok_and(|output| output.status.success()) {
        crate::support::not_allowed("to mount a small file system");
        return;
    }
    let mut served = Served::run(unshared(SCRIPT, folder.path()));
    let client = served.client.clone();
    let seen = PathBuf::from(format!("/proc/{}/root{}", served.child.id(), folder.path().display()));
    let ballast = seen.join("ballast");
    let load = Load::start(&[client.address], CLIENTS);
    for _ in 0..rounds {
        fill_up(&client, &load, &ballast);
        fs::remove_file(&ballast).unwrap();
        load.await_more(WRITES_BETWEEN);
    }
    let ledger = load.finish();
    let mut tally = Tally::default();
    tally.add(&ledger, check(&client, &ledger));
    repeat_some(&client, &ledger);
    // Nobody writes now, so a copy of both files is a whole one.
    let copy = TempDir::new().unwrap();
    for file in ["registry.db", "registry.db-wal"] {
        fs::copy(seen.join(file), copy.path().join(file)).unwrap();
    }
    let output = process::verify(copy.path().join("registry.db"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    signal("TERM", &[served.child.id()]);
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
    row("disk-full-sqlite", "Disk full, SQLite", &done(rounds, &tally), tally.found);
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
            crate::support::not_allowed("to mount a small file system for PostgreSQL");
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
    let rounds = Size::asked().of(2, 20);
    let Some(disk) = SmallDisk::mounted("64m") else { return };
    let Some(cluster) = Cluster::start(&[("fsync", "on")]) else { return };
    cluster.administer(&format!("CREATE TABLESPACE small LOCATION '{}'", disk.0.path().display()));
    cluster.administer("ALTER SYSTEM SET default_tablespace = 'small'");
    cluster.administer("SELECT pg_reload_conf()");
    cluster.administer("CREATE DATABASE registry TABLESPACE small");
    let registry = Registry::migrated(&cluster.url("registry"));
    let served = registry.serve();
    let ballast = disk.0.path().join("ballast");
    let load = Load::start(&[registry.address], CLIENTS);
    for _ in 0..rounds {
        fill_up(&served.client, &load, &ballast);
        registry.verify();
        fs::remove_file(&ballast).unwrap();
        load.await_more(WRITES_BETWEEN);
    }
    let ledger = load.finish();
    let mut tally = Tally::default();
    tally.add(&ledger, check(&served.client, &ledger));
    repeat_some(&served.client, &ledger);
    registry.verify();
    drop(served);
    drop(cluster);
    row("disk-full-postgresql", "Disk full, PostgreSQL (a tablespace)", &done(rounds, &tally), tally.found);
}

#[test]
fn a_full_disk_of_the_write_ahead_log_of_postgresql_stops_writes_and_nothing_is_lost() {
    let rounds = Size::asked().of(1, 5);
    let Some(disk) = SmallDisk::mounted("160m") else { return };
    let data = disk.0.path().join("data");
    let settings = [
        ("fsync", "on"),
        ("max_wal_size", "32MB"),
        // Every segment of the log is a new file, so that a full disk is soon one without room for the log.
        ("wal_recycle", "off"),
        ("restart_after_crash", "on"),
        ("shared_buffers", "16MB"),
    ];
    let Some(mut cluster) = Cluster::prepare(&settings, Some(&data)) else { return };
    cluster.run();
    let registry = Registry::in_cluster(&cluster, "registry");
    let served = registry.serve();
    let ballast = disk.0.path().join("ballast");
    let load = Load::start(&[registry.address], CLIENTS);
    for _ in 0..rounds {
        // The tables have no room; the log still has the rest of its segment.
        cluster.administer("SELECT pg_switch_wal()");
        fill_up(&served.client, &load, &ballast);
        // And now it needs the next one. The session may well be the one that finds that out.
        let stops = cluster.panics();
        drop(cluster.connect("postgres").batch_execute("SELECT pg_switch_wal()"));
        super::eventually("the log has no room", || cluster.panics() > stops);
        load.await_refused(REFUSALS);
        fs::remove_file(&ballast).unwrap();
        // PostgreSQL stopped itself; it needs room and, where it gave up, a start.
        super::eventually("PostgreSQL is back", || {
            if !cluster.is_running() {
                cluster.kill();
                cluster.launch();
            }
            cluster.answers()
        });
        load.await_more(WRITES_BETWEEN);
        registry.verify();
    }
    let ledger = load.finish();
    let mut tally = Tally::default();
    tally.add(&ledger, check(&served.client, &ledger));
    repeat_some(&served.client, &ledger);
    registry.verify();
    drop(served);
    drop(cluster);
    let done = format!("{}; each time PostgreSQL stopped itself and was back", done(rounds, &tally));
    row("disk-full-wal", "Disk full, PostgreSQL (all of it, its write-ahead log too)", &done, tally.found);
}
