//! Copying a registry between databases through the real program: everything arrives as it was, or nothing does.

mod reads;

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Output, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use risk_registry::{
    copy,
    db::{self, AnyConnection, Purpose, Target},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::{
    Client, declared, postgres,
    process::{Served, program, program_as_shipped},
    samples::{order, reason},
    scribe::Scribe,
    sql::Raw,
    stop::Stops,
};

fn copied(from: &str, to: &str) -> Output {
    program(&["copy", "--from", from, "--to", to]).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Copies, which must work; gives the position that it says.
#[track_caller]
fn copies(from: &str, to: &str) -> u64 {
    let output = copied(from, to);
    let said = said(&output);
    assert!(output.status.success() && said.contains("everything agrees with the journal"), "{said}");
    assert!(said.contains(": 0 of "), "progress: {said}");
    let last = said.split("the last entry is ").nth(1).and_then(|rest| rest.split(' ').next());
    last.unwrap_or_else(|| panic!("no position: {said}")).parse().unwrap()
}

#[track_caller]
fn refused(output: &Output, why: &str) {
    assert_eq!(output.status.code(), Some(1), "{}", said(output));
    assert!(said(output).contains(why), "{}", said(output));
}

fn sqlite(path: &Path) -> Target {
    Target::Sqlite(path.to_str().unwrap().to_owned())
}

fn url(target: &Target) -> &str {
    match target {
        Target::Sqlite(url) | Target::Postgres(url) => url,
    }
}

fn serve(target: &Target) -> Served {
    Served::run(program(&["serve", "--listen", "127.0.0.1:0", "--database-url", url(target)]))
}

/// A database of the server for tests, with the schema.
fn migrated() -> Option<postgres::Database> {
    postgres::is_there().then(postgres::migrated)
}

/// Every row of every table of an SQLite file, each value as SQL writes it.
fn contents(path: &Path) -> BTreeMap<String, Vec<String>> {
    let mut connection = db::open(&sqlite(path), Purpose::Read).unwrap();
    let tables = declared::tables().into_iter();
    let rows = tables.map(|(table, columns)| {
        let values: Vec<String> =
            columns.iter().map(|column| format!("quote(\"{}\")", column.name)).collect();
        let query = format!("SELECT {} AS line FROM {table} ORDER BY 1", values.join(" || ',' || "));
        (table, connection.lines(&query))
    });
    rows.collect()
}

/// The example and what a scribe wrote, an answer that is kept, and a key that was used; served twice.
fn written(path: &Path, seed: u64) -> Answered {
    let mut served = Served::start(path, &["--demo"]);
    Scribe::new(&served.client, seed).write(400);
    let vendor = served.client.vendor("Asked about");
    served.client.get(&format!("/v1/vendors/{vendor}/standing")).expect(200);
    let named = served.client.designation(&vendor, &order("2026-01-05", &json!([{}])));
    let mut naming = served.client.designation_body(&vendor, &order("2026-01-06", &json!([{}])));
    naming["links"] = json!([{ "kind": "implements", "designation_id": named }]);
    served.client.post("/v1/designations", &naming).expect(201);
    let answered = Answered::ask(&served.client);
    let key = json!({ "actor": "dora", "name": "For tests", "role": "admin" });
    let key = served.client.post("/v1/api-keys", &key).expect(201).text_at("/key");
    served.stop();
    let mut served = Served::run(program_as_shipped(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--database-url",
        path.to_str().unwrap(),
    ]));
    let dora = served.client.showing(&key);
    let used = || dora.get("/v1/api-keys").expect(200).json()["items"][0]["last_used_at"].is_string();
    assert!((0..100).any(|_| {
        thread::sleep(Duration::from_millis(50));
        used()
    }));
    let anna = json!({ "actor": "anna", "name": "For tests", "role": "analyst" });
    let anna = dora.post("/v1/api-keys", &anna).expect(201).text_at("/key");
    let anna = served.client.showing(&anna);
    let propose = || anna.post(&format!("/v1/designations/{named}/reasons"), &reason()).expect(202).id();
    let (withdrawn, _waiting) = (propose(), propose());
    anna.post(&format!("/v1/reviews/{withdrawn}/reject"), &json!({ "comment": "Not so" })).expect(200);
    served.stop();
    answered
}

/// A request with a key, and its answer.
struct Answered {
    id: String,
}

impl Answered {
    fn body() -> Value {
        // What JSON can hold and a careless copy would lose.
        json!({
            "legal_name": "Zoë \u{1F6B0} \"Quoted\" \\ backslash / {curly}, 9007199254740993", "kind": "other",
            "description": "Line one\nLine two\té\u{301}",
        })
    }

    fn ask(client: &Client) -> Self {
        let answer = client.post_with("/v1/vendors", &[("idempotency-key", "kept")], &Self::body());
        Self { id: answer.expect(201).id() }
    }

    /// The same request gives the first answer, and records nothing.
    fn repeat(&self, client: &Client) {
        let head = client.head();
        assert_eq!(Self::ask(client).id, self.id);
        assert_eq!(client.head(), head);
    }
}

#[test]
fn every_table_is_copied() {
    let mut copied = copy::table_names();
    copied.sort_unstable();
    assert_eq!(
        copied,
        declared::tables().into_keys().collect::<Vec<_>>(),
        "src/copy/tables.rs and db/schema.rs"
    );
}

#[test]
fn a_registry_goes_from_sqlite_through_postgresql_and_back_and_is_the_same_to_the_byte() {
    let (Some(first), Some(second)) = (migrated(), migrated()) else { return };
    let folder = TempDir::new().unwrap();
    let (source, back) = (folder.path().join("source.db"), folder.path().join("back.db"));
    let answered = written(&source, 11);
    let before = contents(&source);
    let head = copies(source.to_str().unwrap(), url(&first.target));
    assert_eq!(copies(url(&first.target), url(&second.target)), head);
    assert_eq!(copies(url(&second.target), back.to_str().unwrap()), head);
    let direct = folder.path().join("direct.db");
    assert_eq!(copies(source.to_str().unwrap(), direct.to_str().unwrap()), head);

    for path in [&source, &back, &direct] {
        for (table, rows) in contents(path) {
            assert!(!rows.is_empty(), "{table} has no row to compare");
            assert_eq!(rows, before[&table], "{table} of {}", path.display());
        }
    }
    let origin = serve(&sqlite(&source));
    assert_eq!(origin.client.head(), head);
    let expected = reads::answers(&origin.client, head);
    for target in [&first.serving, &second.serving, &sqlite(&back)] {
        let served = serve(target);
        let answers = reads::answers(&served.client, head);
        for (path, answer) in &expected {
            assert_eq!(answers.get(path), Some(answer), "{path} on {target}");
        }
        assert_eq!(answers.len(), expected.len());
        answered.repeat(&served.client);
        served.client.vendor("Written to the copy");
    }
    let rows: usize = before.values().map(Vec::len).sum();
    println!("{rows} rows, {} answers of 4 servers compared", expected.len());
}

#[test]
fn the_source_may_be_written_meanwhile_and_the_copy_says_where_it_stopped() {
    let (Some(to), Some(back)) = (migrated(), migrated()) else { return };
    let folder = TempDir::new().unwrap();
    let source = folder.path().join("source.db");
    written(&source, 12);
    let sqlite = sqlite(&source);
    for (from, serving, to) in [(&sqlite, &sqlite, &to), (&to.target, &to.serving, &back)] {
        let served = serve(serving);
        let (enough, written) = (AtomicBool::new(false), AtomicUsize::new(0));
        let position = thread::scope(|scope| {
            let stops = Stops(&enough);
            let mut clients = Vec::new();
            for number in 0..4 {
                let (enough, written, client) = (&enough, &written, Client::new(served.client.address));
                clients.push(scope.spawn(move || {
                    while !enough.load(Ordering::Relaxed) {
                        client.vendor(&format!("By {number}"));
                        written.fetch_add(1, Ordering::Relaxed);
                    }
                }));
            }
            let before = served.client.head();
            while written.load(Ordering::Relaxed) < 20 {
                assert!(!clients.iter().any(|client| client.is_finished()), "a client failed");
                thread::yield_now();
            }
            let position = copies(url(from), url(&to.target));
            drop(stops);
            assert!(before < position && position <= served.client.head(), "{before} {position}");
            position
        });
        let feed = served.client.all("/v1/journal?limit=500");
        let copy = serve(&to.serving);
        assert_eq!(copy.client.head(), position);
        assert_eq!(copy.client.all("/v1/journal?limit=500")[..], feed[..position as usize]);
        println!("copied {position} entries of {}, while the rest was written", feed.len());
    }
}

#[test]
fn a_target_that_is_not_empty_and_whatever_else_can_not_be_copied_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (source, target) = (path("source.db"), path("target.db"));
    Served::start(Path::new(&source), &["--demo"]).stop();
    Served::start(Path::new(&target), &[]).stop();
    let before = contents(Path::new(&target));
    refused(&copied(&source, &target), "target: it is not empty: it has 34 rows in journal");
    assert_eq!(contents(Path::new(&target)), before);

    refused(&copied(&source, &source), "the same registry");
    let other_name = path("other name.db");
    std::fs::hard_link(&source, &other_name).unwrap();
    refused(&copied(&source, &other_name), "the same registry");
    refused(&copied(&path("no.db"), &path("new.db")), "source: there is no SQLite file");
    refused(&copied(&source, &path("no folder/new.db")), "target: can't open SQLite");
    let nobody = "postgres://somebody@127.0.0.1:1/registry";
    refused(&copied(nobody, &path("new.db")), "source: can't connect to PostgreSQL");
    refused(&copied(&source, nobody), "target: can't connect to PostgreSQL");
    assert!(!Path::new(&path("new.db")).exists(), "nothing was made");
    assert_eq!(
        program(&["copy", "--from", &source]).output().unwrap().status.code(),
        Some(2),
        "without --to"
    );

    let Some(fresh) = postgres::database() else { return };
    refused(&copied(&source, url(&fresh.target)), "target: the schema is not there");
    refused(&copied(url(&fresh.target), &path("new.db")), "source: the schema is not there");
    db::migrate(&mut db::open(&fresh.target, Purpose::Write).unwrap()).unwrap();
    let another_way = format!("{}&application_name=x", url(&fresh.target));
    refused(&copied(url(&fresh.target), &another_way), "the same registry");
    copies(&source, url(&fresh.target));
    refused(&copied(&source, url(&fresh.target)), "target: it is not empty: it has 48 rows in journal");
}

/// Starts a copy and kills it (SIGKILL) when it waits for a lock of `holder`.
fn kill_when_it_waits(from: &str, to: &str, holder: &mut AnyConnection) {
    let mut child = program(&["copy", "--from", from, "--to", to]).stderr(Stdio::null()).spawn().unwrap();
    let waits = "SELECT count(*) AS number FROM pg_locks WHERE NOT granted \
                 AND relation = 'designation_periods'::regclass";
    while holder.number(waits) == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
        thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_copy_that_is_killed_in_the_middle_leaves_the_target_empty_and_usable() {
    let Some(database) = migrated() else { return };
    let folder = TempDir::new().unwrap();
    let (source, back) = (folder.path().join("source.db"), folder.path().join("back.db"));
    let (from, to) = (source.to_str().unwrap(), url(&database.target));
    Served::start(&source, &["--demo"]).stop();
    let mut holder = db::open(&database.target, Purpose::Write).unwrap();
    let verified = |database: &str| {
        let output = program(&["verify", "--database-url", database]).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    };

    // Others may read the table, but not write it: almost everything is in the target when it waits.
    holder.run("BEGIN").unwrap();
    holder.run("LOCK TABLE designation_periods IN SHARE MODE").unwrap();
    kill_when_it_waits(from, to, &mut holder);
    holder.run("COMMIT").unwrap();
    assert!(verified(to).contains("checked         0 journal entries"));
    assert_eq!(copies(from, to), 48);

    // Nobody else may read it: almost everything was read from the source when it waits.
    holder.run("BEGIN").unwrap();
    holder.run("LOCK TABLE designation_periods IN ACCESS EXCLUSIVE MODE").unwrap();
    kill_when_it_waits(to, back.to_str().unwrap(), &mut holder);
    holder.run("COMMIT").unwrap();
    assert!(verified(back.to_str().unwrap()).contains("checked         0 journal entries"));
    assert_eq!(copies(to, back.to_str().unwrap()), 48);
    assert_eq!(contents(&back), contents(&source));
}

#[test]
fn a_copy_that_does_not_verify_is_taken_back() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (source, forged) = (path("source.db"), path("forged.db"));
    Served::start(&source, &["--demo"]).stop();
    std::fs::copy(&source, &forged).unwrap();
    let mut raw = db::open(&sqlite(Path::new(&forged)), Purpose::Write).unwrap();
    assert_eq!(raw.run("UPDATE vendors SET name_key = 'forged' WHERE name_key LIKE 'anthropic%'"), Ok(1));
    drop(raw);
    let database = migrated();
    let targets = [Some(path("target.db")), database.as_ref().map(|it| url(&it.target).to_owned())];
    let mut refusals = 0;
    for target in targets.iter().flatten() {
        let output = copied(&forged, target);
        refused(&output, "DIFFERS ");
        refused(&output, "the target was left empty");
        let verified = program(&["verify", "--database-url", target]).output().unwrap();
        assert!(verified.status.success(), "{}", said(&verified));
        assert!(said(&verified).contains("checked         0 journal entries"), "{}", said(&verified));
        assert!(said(&verified).contains("checked         0 vendors"), "{}", said(&verified));
        assert_eq!(copies(&source, target), 48, "it is as usable as before");
        refusals += 1;
    }
    println!("{refusals} targets stayed empty");
}

#[test]
fn only_the_owner_copies_into_postgresql() {
    let Some(database) = migrated() else { return };
    let folder = TempDir::new().unwrap();
    let source = folder.path().join("source.db");
    Served::start(&source, &["--demo"]).stop();
    let source = source.to_str().unwrap();
    refused(&copied(source, url(&database.serving)), "target: the URL's role does not own the registry");
    copies(source, url(&database.target));
    let mut connection = db::open(&database.target, Purpose::Read).unwrap();
    let known = "SELECT reltuples::bigint AS number FROM pg_class WHERE relname = 'journal'";
    assert_eq!(connection.number(known), 48, "the planner knows what was copied");
}
