//! SIGTERM: the server drains, exits with 0, and what it acknowledged is there. And two servers on one database.

use super::{
    ledger::{Found, check},
    load::Load,
    registry::Registry,
};
use crate::support::cluster::signal;

#[test]
fn a_terminated_program_drains_exits_with_0_and_keeps_what_it_acknowledged() {
    let registry = Registry::fresh();
    let mut served = registry.serve();
    let load = Load::start(&[registry.address], 8);
    for _ in 0..3 {
        load.await_more(200);
        signal("TERM", &[served.child.id()]);
        let status = served.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{status}");
        registry.verify();
        served = registry.serve();
    }
    let ledger = load.finish();
    assert_eq!(check(&served.client, &ledger), Found::default());
    println!("3 terminations, {} writes acknowledged, 0 lost, 0 duplicates", ledger.writes.len());
}

#[test]
fn two_processes_write_to_one_database_at_once_without_gaps_or_lock_errors() {
    let registry = Registry::fresh();
    let other = Registry::at(&registry.url);
    let served = [registry.serve(), other.serve()];
    let load = Load::start(&[registry.address, other.address], 16);
    load.await_more(600);
    let ledger = load.finish();
    assert_eq!((ledger.refused, ledger.unanswered), (0, 0), "a lock error would be 503");
    for process in &served {
        assert_eq!(check(&process.client, &ledger), Found::default());
    }
    registry.verify();
    println!("two processes, {} writes acknowledged", ledger.writes.len());
}
