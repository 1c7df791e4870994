//! Several servers write to one PostgreSQL at once, and a poller follows the feed by one of them.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use serde_json::Value;

use super::{
    ledger::check,
    load::Load,
    registry::Registry,
    report::{Size, Tally, row},
};
use crate::support::{Client, stop::Stops};

#[test]
fn three_servers_write_at_once_and_a_poller_of_one_misses_nothing_and_sees_nothing_twice() {
    let Some(registry) = Registry::postgres() else { return };
    let others = [Registry::at(&registry.url), Registry::at(&registry.url)];
    let served = [registry.serve(), others[0].serve(), others[1].serve()];
    let addresses: Vec<_> = served.iter().map(|process| process.client.address).collect();
    let load = Load::start(&addresses, 12);
    let written = AtomicBool::new(false);
    let (ledger, seen) = thread::scope(|scope| {
        let stops = Stops(&written);
        let poller = scope.spawn(|| follow(&served[0].client, &written));
        load.await_more(Size::asked().of(1500, 12_000));
        let ledger = load.finish();
        drop(stops);
        (ledger, poller.join().unwrap())
    });
    assert_eq!((ledger.refused, ledger.unanswered), (0, 0), "servers don't get in each other's way");
    let mut tally = Tally::default();
    for process in &served {
        tally.add(&ledger, check(&process.client, &ledger));
    }
    tally.acknowledged = ledger.writes.len();
    let feed = served[2].client.all("/v1/journal?limit=500");
    assert!(seen.polls_with_news > 20, "the poller followed while it grew: {}", seen.polls_with_news);
    assert_eq!(seen.entries.len(), feed.len());
    assert!(seen.entries == feed, "what the poller saw is the feed");
    registry.verify();
    let done = format!(
        "{}; a poller of one of them took the {} entries in {} steps, each once and in order",
        tally.seen(),
        seen.entries.len(),
        seen.polls_with_news
    );
    row("many-processes", "Three servers on one PostgreSQL", &done, tally.found);
}

struct Seen {
    entries: Vec<Value>,
    polls_with_news: usize,
}

/// Asks for what is after the last entry seen, again and again, until nobody writes and there is nothing new.
fn follow(client: &Client, written: &AtomicBool) -> Seen {
    let mut seen = Seen { entries: Vec::new(), polls_with_news: 0 };
    loop {
        let last_time = written.load(Ordering::Relaxed);
        let after = seen.entries.last().map_or(0, |entry| entry["seq"].as_u64().unwrap());
        let page = client.get(&format!("/v1/journal?after={after}&limit=50")).expect(200).json();
        let items = page["items"].as_array().unwrap();
        if items.is_empty() && last_time {
            return seen;
        }
        seen.polls_with_news += usize::from(!items.is_empty());
        seen.entries.extend(items.iter().cloned());
    }
}
