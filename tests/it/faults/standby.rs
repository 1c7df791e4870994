//! A synchronous standby: the primary is killed, the standby is promoted, and the server finds it by itself.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{
    ledger::{Ledger, What, check, repeat_some, time_without_writes},
    load::{Load, vendor},
    registry::Registry,
    report::{Size, Tally, row},
};
use crate::support::{Client, cluster::Cluster};

const PROMOTIONS_OF_ONE: usize = 5;
const WRITES_BEFORE_A_KILL: usize = 200;

/// A primary, and a standby that every commit waits for.
struct Pair {
    primary: Cluster,
    standby: Cluster,
    /// The name of the standby, and of the primary when it was one.
    names: [&'static str; 2],
}

impl Pair {
    fn start() -> Option<Self> {
        let primary = Cluster::start(&[("fsync", "on"), ("shared_buffers", "32MB")])?;
        let standby = Cluster::standby_of(&primary, "right");
        let pair = Self { primary, standby, names: ["right", "left"] };
        pair.synchronise();
        Some(pair)
    }

    /// From here on no commit is answered that the standby doesn't have.
    fn synchronise(&self) {
        // Where it is promoted it has no standby, and must not wait for one.
        self.standby.reset("synchronous_standby_names", "");
        self.primary.reset("synchronous_standby_names", self.names[0]);
        self.primary.await_synchronous(self.names[0]);
    }

    /// Kills the primary and promotes the standby.
    fn fail_over(&mut self) {
        self.primary.kill();
        self.standby.promote();
        std::mem::swap(&mut self.primary, &mut self.standby);
        self.names.swap(0, 1);
    }

    /// Makes the old primary the new one's standby.
    fn rebuild(&mut self) {
        self.standby.follow(&self.primary, self.names[0]);
        self.synchronise();
    }

    /// One URL for both: the driver takes whichever is the primary.
    fn url(&self, database: &str) -> String {
        let (one, other) = (&self.primary, &self.standby);
        format!(
            "postgres:///{database}?host={},{}&port={},{}&user=postgres&target_session_attrs=primary",
            one.host(),
            other.host(),
            one.port,
            other.port
        )
    }
}

#[test]
fn no_acknowledged_write_is_lost_when_the_standby_takes_over() {
    let promotions: usize = Size::asked().of(2, 20);
    let Some(mut pair) = Pair::start() else { return };
    let (mut tally, mut without_writes) = (Tally::default(), Vec::new());
    for round in 0..promotions.div_ceil(PROMOTIONS_OF_ONE) {
        let name = format!("registry_{round}");
        pair.primary.administer(&format!("CREATE DATABASE {name}"));
        let registry = Registry::migrated(&pair.url(&name));
        let served = registry.serve();
        let load = Load::start(&[registry.address], 8);
        let mut killed = Vec::new();
        for _ in 0..PROMOTIONS_OF_ONE.min(promotions) {
            let from = Instant::now();
            load.await_more(WRITES_BEFORE_A_KILL);
            pair.fail_over();
            load.await_more(WRITES_BEFORE_A_KILL);
            killed.push((from, Instant::now()));
            pair.rebuild();
            registry.verify();
        }
        load.await_more(WRITES_BEFORE_A_KILL);
        let ledger = load.finish();
        without_writes.extend(killed.into_iter().map(|around| time_without_writes(&ledger, around)));
        tally.add(&ledger, check(&served.client, &ledger));
        repeat_some(&served.client, &ledger);
        registry.verify();
        drop(served);
        pair.primary.administer(&format!("DROP DATABASE {name} WITH (FORCE)"));
    }
    without_writes.sort();
    let seconds = |at: usize| without_writes[at].as_secs_f64();
    let done = format!(
        "{promotions} promotions, `verify` after each; {}; time without writes {:.2} s at least, {:.2} s in the median, \
         {:.2} s at most",
        tally.seen(),
        seconds(0),
        seconds(promotions / 2),
        seconds(promotions - 1)
    );
    row("standby-promoted", "Primary SIGKILLed, synchronous standby promoted", &done, tally.found);
}

#[test]
fn a_write_that_the_standby_does_not_have_is_not_acknowledged_however_long_it_takes() {
    let Some(mut pair) = Pair::start() else { return };
    pair.primary.administer("CREATE DATABASE registry");
    let registry = Registry::migrated(&pair.url("registry"));
    let served = registry.serve();
    let mut ledger = Ledger::begun(&served.client);
    ledger.create(&served.client, "before").expect(201);
    pair.standby.freeze();

    // Longer than any limit on statements, and then with the waiting session cut off, after which the write stands in
    // the primary's tables, and only there. The key finds it, which is no reason to acknowledge it.
    let limit = Size::asked().of(Duration::from_secs(12), Duration::from_secs(40));
    let hurried = Client::with_limit(registry.address, limit);
    let asked = |client: &Client| {
        let headers = [("idempotency-key", "the-key"), ("content-type", "application/json")];
        client.try_send("POST", "/v1/vendors", &headers, Some(vendor("waiting").to_string().as_bytes()))
    };
    let not_acknowledged = |step: &str| {
        if let Ok(answer) = asked(&hurried) {
            assert_eq!(answer.status, 503, "{step}: {answer:?}");
        }
    };
    let sent = Instant::now();
    not_acknowledged("no answer of the standby");
    pair.primary
        .administer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    thread::sleep(Duration::from_millis(200));
    not_acknowledged("after the session that waited was cut off");
    pair.primary
        .administer("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    served.client.get("/v1/vendors?tag=survivor").expect(200);

    pair.standby.thaw();
    let patient = Client::with_limit(registry.address, Duration::from_secs(60));
    let begun = Instant::now();
    let id = loop {
        match asked(&patient) {
            Ok(answer) if answer.status != 503 => break answer.expect(201).id(),
            _ => assert!(begun.elapsed() < Duration::from_secs(60), "no write is acknowledged any more"),
        }
        thread::sleep(Duration::from_millis(50));
    };
    ledger.acknowledged(sent, What::Vendor { id: id.clone(), name: "waiting".to_owned() });
    pair.fail_over();
    let found = loop {
        match patient.try_send("GET", &format!("/v1/vendors/{id}"), &[], None) {
            Ok(answer) if answer.status != 503 => break answer.expect(200),
            _ => assert!(begun.elapsed() < Duration::from_secs(120), "reads do not come back"),
        }
        thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(found.json()["legal_name"], "waiting");
    registry.verify();
    row(
        "standby-silent",
        "The standby does not answer, and the waiting session is cut off",
        &format!(
            "the write is not acknowledged for {:.0} s and not at a repetition either; it is when the standby is back, and \
             the standby has it",
            2.0 * limit.as_secs_f64()
        ),
        check(&served.client, &ledger),
    );
}
