//! SIGKILL of the server while clients write.

use super::{
    ledger::{What, check, repeat_some},
    load::{Load, vendor},
    registry::Registry,
    report::{Size, Tally, row},
};
use crate::support::Client;

const CLIENTS: usize = 8;
/// A registry is checked whole after so many kills, and the next one is a fresh one: checks of large ones take long.
const KILLS_OF_ONE: usize = 10;
const WRITES_BEFORE_A_KILL: usize = 205;

#[test]
fn nothing_is_lost_or_doubled_when_the_server_is_killed_on_sqlite() {
    let tally = kill_again_and_again(|| Some(Registry::sqlite())).unwrap();
    report("server-killed-sqlite", "SIGKILL of the server, SQLite", tally);
}

#[test]
fn nothing_is_lost_or_doubled_when_the_server_is_killed_on_postgresql() {
    let Some(tally) = kill_again_and_again(Registry::postgres) else { return };
    report("server-killed-postgresql", "SIGKILL of the server, PostgreSQL", tally);
}

fn kills() -> usize {
    Size::asked().of(KILLS_OF_ONE, 26 * KILLS_OF_ONE)
}

fn report(key: &str, fault: &str, tally: Tally) {
    assert!(tally.acknowledged >= kills() * WRITES_BEFORE_A_KILL);
    assert!(tally.unanswered >= kills(), "kills struck while clients wrote: {}", tally.unanswered);
    let done = format!("{} kills, `verify` after each; {}", kills(), tally.seen());
    row(key, fault, &done, tally.found);
}

fn kill_again_and_again(fresh: impl Fn() -> Option<Registry>) -> Option<Tally> {
    let mut tally = Tally::default();
    for _ in 0..kills() / KILLS_OF_ONE {
        let registry = fresh()?;
        let mut served = registry.serve();
        let load = Load::start(&[registry.address], CLIENTS);
        for _ in 0..KILLS_OF_ONE {
            load.await_more(WRITES_BEFORE_A_KILL);
            served.kill();
            registry.verify();
            served = registry.serve();
        }
        let ledger = load.finish();
        tally.add(&ledger, check(&served.client, &ledger));
        repeat_some(&served.client, &ledger);
        registry.verify();
    }
    Some(tally)
}

#[test]
fn the_check_notices_what_is_lost_doubled_missing_or_out_of_order() {
    let registry = Registry::sqlite();
    let served = registry.serve();
    let load = Load::start(&[registry.address], 2);
    load.await_more(30);
    let mut ledger = load.finish();
    let clean = check(&served.client, &ledger);
    assert_eq!(clean, super::ledger::Found::default());
    let name = ledger.writes.iter().find_map(|write| match &write.what {
        What::Vendor { name, .. } => Some(name.clone()),
        _ => None,
    });
    doubled(&served.client, &name.unwrap());
    assert_eq!(check(&served.client, &ledger).duplicated, 2, "in the feed and in the list");
    if let What::Vendor { id, .. } = &mut ledger.writes[0].what {
        id.push('x');
    }
    let found = check(&served.client, &ledger);
    assert_eq!((found.lost, found.duplicated), (2, 3), "its entry is nobody's now");
    let last = ledger.writes.len() - 1;
    let (first, second) = (ledger.writes[1].sent, ledger.writes[last].sent);
    (ledger.writes[1].sent, ledger.writes[1].acknowledged) = (second, second);
    (ledger.writes[last].sent, ledger.writes[last].acknowledged) = (first, first);
    assert!(check(&served.client, &ledger).disordered > 0);
}

fn doubled(client: &Client, name: &str) {
    client.post("/v1/vendors", &vendor(name)).expect(201);
}
