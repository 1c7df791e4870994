//! What a command prints, where nobody reads it or there is no room for it: what was done stays done.

use std::{
    fs::File,
    io::pipe,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use super::support::process::{Served, program};

/// Runs a command whose standard output goes there; gives its exit code and what it complained.
fn run(command: &mut Command, output: Stdio) -> (Option<i32>, String) {
    let child = command.stdout(output).stderr(Stdio::piped()).spawn().unwrap();
    let ended = child.wait_with_output().unwrap();
    (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
}

/// A pipe that nobody reads any more.
fn closed() -> Stdio {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    writer.into()
}

fn full() -> Option<Stdio> {
    File::options().write(true).open("/dev/full").ok().map(Into::into)
}

/// Each command that ends by itself, and whether what it prints is all that it is for. Each is new, on files of its own.
fn commands(folder: &TempDir, kind: &str) -> Vec<(Command, bool)> {
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let registry = path("registry.db");
    let own = |name: &str| path(&format!("{kind} {name}"));
    vec![
        (program(&["openapi"]), true),
        (program(&["verify", "--database-url", &registry]), true),
        (program(&["migrate", "--database-url", &own("migrated.db")]), false),
        (program(&["backup", &own("backup.db"), "--database-url", &registry]), false),
        (program(&["copy", "--from", &registry, "--to", &own("copy.db")]), false),
    ]
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    let folder = TempDir::new().unwrap();
    let served = Served::start(folder.path().join("registry.db"), &["--demo"]);
    let mut commands = commands(&folder, "closed");
    let mut health = program(&["health"]);
    health.env("LISTEN", served.client.address.to_string());
    commands.push((health, true));
    for (command, _) in &mut commands {
        let (code, complaint) = run(command, closed());
        assert_eq!(code, Some(0), "{command:?}: {complaint}");
        assert!(!complaint.contains("panicked"), "{complaint}");
    }
    for made in ["closed migrated.db", "closed backup.db", "closed copy.db"] {
        let verified = program(&["verify", "--database-url"]).arg(folder.path().join(made)).output().unwrap();
        assert!(verified.status.success(), "{made}");
    }
    let mut refused = program(&["verify", "--database-url", "nowhere.db"]);
    let ended = refused.stdout(closed()).stderr(closed()).status().unwrap();
    assert_eq!(ended.code(), Some(1), "nor is one of complaints");
    println!("{} commands ended well", commands.len());
}

#[test]
fn a_full_disk_behind_the_output_is_said_and_undoes_nothing() {
    let folder = TempDir::new().unwrap();
    Served::start(folder.path().join("registry.db"), &["--demo"]).stop();
    let mut commands = commands(&folder, "full");
    for (command, is_all) in &mut commands {
        let Some(full) = full() else {
            super::support::skip("there is no /dev/full");
            return;
        };
        let (code, complaint) = run(command, full);
        assert_eq!(code, Some(i32::from(*is_all)), "{command:?}: {complaint}");
        assert!(complaint.contains("can't write to standard output: No space left"), "{complaint}");
    }
    println!("{} commands complained", commands.len());
}
