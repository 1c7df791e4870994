//! SIGKILL of PostgreSQL while clients write; the server stays and recovers by itself.

use super::{
    ledger::{check, repeat_some},
    load::Load,
    registry::Registry,
    report::{Size, Tally, row},
};
use crate::support::cluster::Cluster;

const KILLS_OF_ONE: usize = 10;
const WRITES_BEFORE_A_KILL: usize = 200;

#[test]
fn nothing_is_lost_or_doubled_when_postgresql_is_killed_and_started_again() {
    let kills: usize = Size::asked().of(5, 50);
    let Some(mut cluster) = Cluster::start(&[("fsync", "on"), ("shared_buffers", "32MB")]) else { return };
    let mut tally = Tally::default();
    for round in 0..kills.div_ceil(KILLS_OF_ONE) {
        let registry = Registry::in_cluster(&cluster, &format!("registry_{round}"));
        let served = registry.serve();
        let load = Load::start(&[registry.address], 8);
        for kill in 0..KILLS_OF_ONE.min(kills) {
            load.await_more(WRITES_BEFORE_A_KILL);
            cluster.kill();
            // Every other time it stays away until clients were told; else it may be back before anybody noticed.
            if kill % 2 == 0 {
                load.await_refused(1);
            }
            cluster.run();
            registry.verify();
        }
        load.await_more(WRITES_BEFORE_A_KILL);
        let ledger = load.finish();
        tally.add(&ledger, check(&served.client, &ledger));
        repeat_some(&served.client, &ledger);
        registry.verify();
    }
    assert!(tally.acknowledged >= kills * WRITES_BEFORE_A_KILL);
    assert!(tally.refused >= kills / 2, "clients were told that PostgreSQL is away: {}", tally.refused);
    let done = format!("{kills} kills with fsync on, `verify` after each; {}", tally.seen());
    row("postgresql-killed", "SIGKILL of PostgreSQL, restart", &done, tally.found);
}
