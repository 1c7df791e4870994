//! Backups of PostgreSQL by its own tools, as the README tells: what is restored verifies and serves.

use std::{
    fs,
    path::Path,
    process::Output,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use tempfile::TempDir;

use super::support::{
    Client,
    cluster::{Cluster, own},
    process::{Served, program},
    scribe::Scribe,
    sql::Raw,
    stop::Stops,
};

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn done(output: std::io::Result<Output>) -> String {
    let output = output.unwrap();
    assert!(output.status.success(), "{}", said(&output));
    said(&output)
}

fn serve(url: &str) -> Served {
    Served::run(program(&["serve", "--demo", "--listen", "127.0.0.1:0", "--database-url", url]))
}

fn verified(url: &str) -> String {
    done(program(&["verify", "--database-url", url]).output())
}

/// The registry's database, owned by a role of its own, and the URLs of its owner and of its server.
fn registry(cluster: &Cluster, name: &str) -> (String, String) {
    let made = cluster.lines("SELECT rolname::text AS line FROM pg_roles WHERE rolname = 'registry'");
    if made.is_empty() {
        cluster.administer("CREATE ROLE registry LOGIN CREATEROLE");
    }
    cluster.administer(&format!("CREATE DATABASE {name} OWNER registry"));
    let of = |role: &str| cluster.url(name).replace("user=postgres", &format!("user={role}"));
    (of("registry"), of("risk_registry_server"))
}

fn migrate(owner: &str) {
    done(program(&["migrate", "--database-url", owner]).output());
}

#[test]
fn a_dump_that_was_made_while_others_write_is_restored_verified_and_served() {
    let Some(cluster) = Cluster::start(&[]) else { return };
    let (owner, server) = registry(&cluster, "registry");
    let with_views = |owner: &str| {
        let migrate = ["migrate", "--dashboards-role", "reader_of_dashboards", "--database-url", owner];
        done(program(&migrate).output())
    };
    with_views(&owner);
    let served = serve(&server);
    Scribe::new(&served.client, 5).write(200);

    let folder = TempDir::new().unwrap();
    own(folder.path());
    let dump = folder.path().join("registry.dump");
    let enough = AtomicBool::new(false);
    let before = served.client.head();
    thread::scope(|scope| {
        let stops = Stops(&enough);
        let mut clients = Vec::new();
        for number in 0..4 {
            let (client, enough) = (Client::new(served.client.address), &enough);
            clients.push(scope.spawn(move || {
                while !enough.load(Ordering::Relaxed) {
                    client.vendor(&format!("Written meanwhile by {number}"));
                }
            }));
        }
        while served.client.head() < before + 20 {
            assert!(!clients.iter().any(|client| client.is_finished()), "a client failed");
            thread::yield_now();
        }
        let dumped =
            cluster.program("pg_dump").arg("--format=custom").arg("--file").arg(&dump).arg(&owner).output();
        drop(stops);
        done(dumped);
    });
    let feed = served.client.all("/v1/journal?limit=500");

    let (owner, server) = registry(&cluster, "restored");
    let mut restore = cluster.program("pg_restore");
    restore.args(["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]);
    done(restore.args(["--dbname", &owner]).arg(&dump).output());
    with_views(&owner);
    verified(&owner);
    let mut reader = cluster.connect("restored");
    reader.run("SET ROLE reader_of_dashboards").unwrap();
    assert!(reader.number("SELECT count(*) AS number FROM dashboards.designations") > 0);
    reader.run("SELECT * FROM journal").expect_err("the log itself is not for dashboards");
    drop(reader);
    let restored = serve(&server);
    let entries = restored.client.all("/v1/journal?limit=500");
    assert!(entries.len() as u64 >= before + 20 && entries.len() <= feed.len());
    assert_eq!(entries[..], feed[..entries.len()], "a prefix of the journal");
    restored.client.vendor("Written to what was restored");
    refuses_change(&cluster, "restored");
    println!("{} of {} entries dumped while the rest was written", entries.len(), feed.len());
}

/// What protects the journal came back with it, for the server and for the owner.
fn refuses_change(cluster: &Cluster, database: &str) {
    for (role, why) in [("risk_registry_server", "permission denied"), ("registry", "is append-only")] {
        for statement in
            ["UPDATE journal SET actor = 'nobody'", "DELETE FROM journal", "TRUNCATE journal CASCADE"]
        {
            let mut session = cluster.connect(database);
            session.run(&format!("SET ROLE {role}")).unwrap();
            let refusal = session.run(statement).expect_err(statement);
            assert!(refusal.contains(why), "{role}, {statement}: {refusal}");
        }
    }
}

#[test]
fn a_base_backup_and_the_archived_log_bring_back_the_registry_as_it_was_at_a_moment() {
    let folder = TempDir::new().unwrap();
    let (archive, base) = (folder.path().join("archive"), folder.path().join("base"));
    fs::create_dir(&archive).unwrap();
    own(folder.path());
    own(&archive);
    let to_archive = format!("test ! -f {0}/%f && cp %p {0}/%f", archive.display());
    let Some(mut cluster) = Cluster::start(&[("archive_mode", "on"), ("archive_command", &to_archive)])
    else {
        return;
    };
    let (owner, server) = registry(&cluster, "registry");
    migrate(&owner);
    let served = serve(&server);

    let mut backup = cluster.program("pg_basebackup");
    done(backup.arg("-D").arg(&base).args(["--checkpoint=fast", "-d", &cluster.url("postgres")]).output());
    served.client.vendor("Recorded after the base backup");
    let head = served.client.head();
    let moment = cluster.lines("SELECT clock_timestamp()::text AS line").remove(0);
    served.client.vendor("Recorded by mistake");
    drop(served);
    archived(&cluster);
    cluster.kill();

    let recovery = [
        ("restore_command", format!("cp {}/%f %p", archive.display())),
        ("recovery_target_time", moment),
        ("recovery_target_action", "promote".to_owned()),
        ("archive_mode", "off".to_owned()),
    ];
    let mut restored = Cluster::over(&base);
    for (name, value) in &recovery {
        restored.set(name, value);
    }
    let signal = base.join("recovery.signal");
    fs::write(&signal, "").unwrap();
    own(&signal);
    restored.run();
    while !restored.lines("SELECT 'recovers' AS line WHERE pg_is_in_recovery()").is_empty() {
        thread::sleep(Duration::from_millis(20));
    }

    let (owner, server) = (moved(&owner, &cluster, &restored), moved(&server, &cluster, &restored));
    assert!(verified(&owner).contains(&format!("checked {head:>9} journal entries")));
    let served = serve(&server);
    assert_eq!(served.client.head(), head);
    assert_eq!(served.client.all("/v1/vendors?name=recorded").len(), 1, "what came later is not there");
    served.client.vendor("Recorded after the restore");
    assert_eq!(served.client.head(), head + 1);
    refuses_change(&restored, "registry");
    println!("brought back to entry {head} of {}", head + 1);
}

/// Waits until the log that is written by now is in the archive.
fn archived(cluster: &Cluster) {
    let last = cluster.lines("SELECT pg_walfile_name(pg_switch_wal()) AS line").remove(0);
    let done = format!("SELECT 'done' AS line FROM pg_stat_archiver WHERE last_archived_wal >= '{last}'");
    while cluster.lines(&done).is_empty() {
        let failed =
            cluster.lines("SELECT last_failed_wal AS line FROM pg_stat_archiver WHERE failed_count > 0");
        assert!(failed.is_empty(), "{failed:?}: {}", cluster.log_text());
        thread::sleep(Duration::from_millis(20));
    }
}

fn moved(url: &str, from: &Cluster, to: &Cluster) -> String {
    assert!(Path::new(&to.host()).is_dir());
    url.replace(&from.host(), &to.host()).replace(&from.port.to_string(), &to.port.to_string())
}
