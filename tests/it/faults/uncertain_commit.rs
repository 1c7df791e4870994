//! The connection to PostgreSQL breaks around a COMMIT, so that the server can't know whether it was done. The
//! idempotency key settles it: who repeats the request gets the first answer.

use super::{
    ledger::{check, repeat_some},
    load::{Load, vendor},
    proxy::{Cut, Proxy},
    registry::Registry,
    report::{Size, Tally, row},
};
use crate::support::{Answer, Client, cluster::Cluster};

fn by_proxy(cluster: &Cluster) -> (Proxy, Registry, Registry) {
    let direct = Registry::in_cluster(cluster, "registry");
    let proxy = Proxy::to(([127, 0, 0, 1], cluster.port).into());
    let url = format!("postgres://{}/registry?user=risk_registry_server&gssencmode=disable", proxy.address);
    (proxy, Registry::at(&url), direct)
}

fn with_key(client: &Client, name: &str) -> Answer {
    client.post_with("/v1/vendors", &[("idempotency-key", name)], &vendor(name))
}

#[test]
fn who_repeats_a_request_whose_commit_is_uncertain_gets_the_first_answer() {
    let Some(cluster) = Cluster::start(&[("fsync", "off")]) else { return };
    let (proxy, registry, direct) = by_proxy(&cluster);
    let served = registry.serve();
    let client = &served.client;
    with_key(client, "before").expect(201);

    // Done, and nobody was told.
    let head = client.head();
    proxy.arm(Cut::AfterCommit);
    let refused = with_key(client, "done").expect_problem(503, "outcome_unknown");
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
    assert_eq!(proxy.made(Cut::AfterCommit), 1);
    let other = direct.serve();
    let recorded = other.client.all("/v1/vendors?name=done");
    assert_eq!(recorded.len(), 1, "it was committed");
    let again = with_key(client, "done").expect(201);
    assert_eq!(again.id(), recorded[0]["id"], "the first answer");
    assert_eq!(again.json(), recorded[0], "the first answer, whole");
    assert_eq!(client.head(), head + 1);

    // Not done, and the server can't know that.
    proxy.arm(Cut::BeforeCommit);
    let answer = with_key(client, "undone");
    assert_eq!(proxy.made(Cut::BeforeCommit), 1);
    if answer.status == 503 {
        assert_eq!(other.client.all("/v1/vendors?name=undone").len(), 0, "it was not committed");
        with_key(client, "undone").expect(201);
    } else {
        answer.expect(201);
    }
    assert_eq!(client.head(), head + 2);

    // Not done, and the server knows: it tries again by itself.
    proxy.arm(Cut::AtTheFirstInsert);
    with_key(client, "tried-again").expect(201);
    assert_eq!(proxy.made(Cut::AtTheFirstInsert), 1);
    assert_eq!(client.head(), head + 3);
    assert_eq!(client.all("/v1/vendors?tag=survivor").len(), 4);
    direct.verify();
}

#[test]
fn nothing_is_lost_or_doubled_when_connections_break_around_commits() {
    let cuts = Size::asked().of(15, 150);
    let Some(cluster) = Cluster::start(&[("fsync", "off")]) else { return };
    let (proxy, registry, direct) = by_proxy(&cluster);
    let served = registry.serve();
    let load = Load::start(&[registry.address], 8);
    let kinds = [Cut::AfterCommit, Cut::BeforeCommit, Cut::AtTheFirstInsert];
    for number in 0..cuts {
        let cut = kinds[number % 3];
        proxy.arm(cut);
        super::eventually("the cut is made", || proxy.made(cut) > number / 3);
        load.await_more(10);
    }
    let ledger = load.finish();
    let mut tally = Tally::default();
    tally.add(&ledger, check(&served.client, &ledger));
    repeat_some(&served.client, &ledger);
    direct.verify();
    assert!(tally.refused >= cuts / 3, "uncertain commits are not acknowledged: {}", tally.refused);
    let made = kinds.map(|cut| proxy.made(cut));
    let done = format!(
        "{} connections cut after COMMIT was done, {} before it arrived, {} within the transaction; {}",
        made[0],
        made[1],
        made[2],
        tally.seen()
    );
    row("uncertain-commit", "Connection to PostgreSQL cut around COMMIT", &done, tally.found);
}
