//! A disk that is full: writes are refused and say why, reads go on, and with room again everything goes on.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;
use tempfile::TempDir;

use super::support::{
    Client,
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
        println!("SKIPPED: this system lets nobody mount a small file system");
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
    println!("{} writes acknowledged around a full disk, 21 refused, 0 lost", acknowledged.len());
}

fn large(number: usize) -> serde_json::Value {
    json!({ "legal_name": format!("V{number}"), "kind": "company", "description": "x".repeat(9000) })
}

fn whole(client: &Client, acknowledged: &[String]) {
    for (number, id) in acknowledged.iter().enumerate() {
        let vendor = client.get(&format!("/v1/vendors/{id}")).expect(200).json();
        assert_eq!(vendor["legal_name"], format!("V{number}"));
    }
}
