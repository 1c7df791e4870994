//! What operators and other sessions do to a PostgreSQL that runs: each is over without a restart of the server.

use std::{
    thread,
    time::{Duration, Instant},
};

use diesel::connection::SimpleConnection;
use serde_json::json;

use super::{
    ledger::{Ledger, What, check},
    load::Load,
    registry::Registry,
    report::{Size, Tally, row},
};
use crate::support::{Answer, Client, cluster::Cluster, sql::Raw};

/// How long a server may take to come back before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A write that must be refused for now, saying when to come back.
#[track_caller]
fn refused(answer: Answer) {
    let answer = answer.expect(503);
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
}

/// Repeats until it is answered with this status; gives how long that took.
#[track_caller]
fn await_status(status: u16, mut ask: impl FnMut() -> Answer) -> Duration {
    let begun = Instant::now();
    loop {
        let answer = ask();
        if answer.status == status {
            return begun.elapsed();
        }
        assert!(begun.elapsed() < PATIENCE, "not {status} for {PATIENCE:?}: {answer:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn served(name: &str) -> Option<(Cluster, Registry)> {
    let cluster = Cluster::start(&[("fsync", "off"), ("deadlock_timeout", "200ms")])?;
    let registry = Registry::in_cluster(&cluster, name);
    Some((cluster, registry))
}

#[test]
fn a_primary_that_became_read_only_refuses_writes_answers_reads_and_is_found_again() {
    let Some((cluster, registry)) = served("registry") else { return };
    let served = registry.serve();
    let client = &served.client;
    let mut ledger = Ledger::begun(client);
    let id = ledger.create(client, "before").expect(201).id();
    cluster.administer("ALTER SYSTEM SET default_transaction_read_only = on");
    cluster.administer("SELECT pg_reload_conf()");
    let told = await_status(503, || client.get("/readyz"));
    for attempt in 0..5 {
        refused(ledger.create(client, &format!("refused-{attempt}")));
        client.get(&format!("/v1/vendors/{id}")).expect(200);
        client.get("/v1/vendors?tag=survivor").expect(200);
    }
    cluster.administer("ALTER SYSTEM RESET default_transaction_read_only");
    cluster.administer("SELECT pg_reload_conf()");
    let back = await_status(201, || ledger.create(client, "refused-0"));
    await_status(200, || client.get("/readyz"));
    registry.verify();
    row(
        "read-only-primary",
        "Primary becomes read-only and writable again",
        &format!(
            "5 writes answered 503 with Retry-After, 10 reads meanwhile answered; /readyz told after {:.2} s; writes \
             back after {:.2} s",
            told.as_secs_f64(),
            back.as_secs_f64()
        ),
        check(client, &ledger),
    );
}

#[test]
fn a_lock_that_somebody_holds_is_answered_503_and_reads_go_on() {
    let Some((cluster, registry)) = served("registry") else { return };
    let served = registry.serve();
    let client = &served.client;
    let mut ledger = Ledger::begun(client);
    ledger.create(client, "before").expect(201);
    let mut other = cluster.connect("registry");
    other.batch_execute("BEGIN; SELECT seq FROM journal_head FOR UPDATE").unwrap();
    let patient = Client::with_limit(registry.address, Duration::from_secs(60));
    let begun = Instant::now();
    refused(ledger.create(&patient, "waits"));
    let waited = begun.elapsed();
    client.get("/v1/vendors?tag=survivor").expect(200);
    other.batch_execute("ROLLBACK").unwrap();
    await_status(201, || ledger.create(client, "waits"));
    registry.verify();
    row(
        "lock-held",
        "Another session holds the journal's head",
        &format!(
            "a write answered 503 after {:.1} s, reads go on, writes back at once",
            waited.as_secs_f64()
        ),
        check(client, &ledger),
    );
}

#[test]
fn reads_that_find_no_free_connection_are_answered_503_and_do_not_hang() {
    let Some((cluster, registry)) = served("registry") else { return };
    let served = registry.serve();
    let client = &served.client;
    let mut ledger = Ledger::begun(client);
    ledger.create(client, "before").expect(201);
    // Every read that touches the table waits for this lock, each with a connection of the pool.
    let mut other = cluster.connect("registry");
    other.batch_execute("BEGIN; LOCK TABLE vendors IN ACCESS EXCLUSIVE MODE").unwrap();
    let address = registry.address;
    let answers: Vec<Answer> = thread::scope(|scope| {
        let read = || {
            let client = Client::with_limit(address, Duration::from_secs(60));
            client.get("/v1/vendors?tag=survivor")
        };
        let readers: Vec<_> = (0..40).map(|_| scope.spawn(read)).collect();
        readers.into_iter().map(|reader| reader.join().unwrap()).collect()
    });
    let count = answers.len();
    answers.into_iter().for_each(refused);
    client.get("/healthz").expect(200);
    other.batch_execute("ROLLBACK").unwrap();
    await_status(200, || client.get("/v1/vendors?tag=survivor"));
    await_status(201, || ledger.create(client, "after"));
    registry.verify();
    row(
        "pool-exhausted",
        "Every read connection is stuck behind a lock",
        &format!("{count} reads answered 503 with Retry-After, none hung, all back at once"),
        check(client, &ledger),
    );
}

#[test]
fn nothing_is_lost_when_every_session_is_terminated_again_and_again() {
    let rounds = Size::asked().of(10, 100);
    let Some((cluster, registry)) = served("registry") else { return };
    let served = registry.serve();
    let load = Load::start(&[registry.address], 8);
    let mut reads_refused = 0;
    for _ in 0..rounds {
        load.await_more(50);
        for _ in 0..8 {
            served.client.get("/v1/journal?limit=1").expect(200);
        }
        cluster.administer(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = 'registry' AND pid <> pg_backend_pid()",
        );
        let read = served.client.get("/v1/journal?limit=1");
        if read.status != 200 {
            refused(read);
            reads_refused += 1;
        }
    }
    let ledger = load.finish();
    let mut tally = Tally::default();
    tally.add(&ledger, check(&served.client, &ledger));
    registry.verify();
    assert_eq!(reads_refused, 0, "the first read after it opens a connection of its own");
    let done = format!(
        "every session {rounds} times under load, the next read answered each time; {}",
        tally.seen()
    );
    row("sessions-terminated", "pg_terminate_backend", &done, tally.found);
}

/// Raises a failure of this class in the next transaction that adds a vendor of this name, once.
fn sabotage(cluster: &Cluster, state: &str, message: &str) {
    cluster
        .connect("registry")
        .batch_execute(&format!(
            "CREATE SEQUENCE IF NOT EXISTS sabotaged;
             ALTER SEQUENCE sabotaged RESTART;
             CREATE OR REPLACE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
                 -- A sequence is not rolled back, so the second attempt finds it moved.
                 IF nextval('sabotaged') = 1 THEN RAISE EXCEPTION USING ERRCODE = '{state}', MESSAGE = '{message}'; END IF;
                 RETURN NEW;
             END $$;
             CREATE OR REPLACE TRIGGER sabotage BEFORE INSERT ON vendors FOR EACH ROW EXECUTE FUNCTION sabotage()"
        ))
        .unwrap();
}

#[test]
fn a_serialization_failure_and_a_deadlock_are_tried_again_by_the_server() {
    let Some((cluster, registry)) = served("registry") else { return };
    let served = registry.serve();
    let client = &served.client;
    let mut ledger = Ledger::begun(client);
    ledger.create(client, "before").expect(201);
    for (state, message) in [("40001", "could not serialize access"), ("40P01", "deadlock detected")] {
        sabotage(&cluster, state, message);
        ledger.create(client, &format!("after-{state}")).expect(201);
        let used = cluster.connect("registry").lines("SELECT last_value::text AS line FROM sabotaged");
        assert_eq!(used, ["2"], "{state}: the first attempt failed");
    }
    cluster
        .connect("registry")
        .batch_execute("DROP FUNCTION sabotage CASCADE; DROP SEQUENCE sabotaged")
        .unwrap();
    real_deadlock(&cluster, client, &mut ledger);
    registry.verify();
    row(
        "deadlock",
        "Deadlock (40P01) and serialization failure (40001) in a write",
        "one of each raised in a write, and a real deadlock with another session: the server tried again, clients saw \
         201",
        check(client, &ledger),
    );
}

/// Another session locks a vendor, the writer locks the journal's head and then waits for the vendor, and the other
/// session asks for the head: PostgreSQL ends whichever has waited for its limit first, which is the writer.
fn real_deadlock(cluster: &Cluster, client: &Client, ledger: &mut Ledger) {
    let id = ledger.create(client, "contended").expect(201).id();
    let mut other = cluster.connect("registry");
    other
        .batch_execute(&format!(
            "BEGIN; SET LOCAL deadlock_timeout = '1min'; SELECT id FROM vendors WHERE id = '{id}' FOR UPDATE"
        ))
        .unwrap();
    let sent = Instant::now();
    thread::scope(|scope| {
        let writing = scope.spawn(|| {
            client.patch(&format!("/v1/vendors/{id}"), "\"1\"", &json!({ "description": "changed" }))
        });
        let waits = "SELECT 1::text AS line FROM pg_stat_activity WHERE datname = 'registry' AND wait_event_type = 'Lock'";
        let begun = Instant::now();
        while cluster.lines(waits).is_empty() {
            assert!(begun.elapsed() < PATIENCE, "the writer does not wait for the vendor");
            thread::sleep(Duration::from_millis(5));
        }
        // Granted when the writer was ended and rolled back.
        other.batch_execute("SELECT seq FROM journal_head FOR UPDATE").unwrap();
        other.batch_execute("COMMIT").unwrap();
        writing.join().unwrap().expect(200);
    });
    ledger.acknowledged(sent, What::Description { id, text: "changed".to_owned() });
    assert!(cluster.log_text().contains("deadlock detected"), "there was a deadlock");
}
