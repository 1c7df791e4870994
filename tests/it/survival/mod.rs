//! What was acknowledged survives: kills, terminations, two processes on one database.

mod ledger;

use std::{process::Command, sync::Mutex, thread};

use ledger::{Found, Ledger, check, gapless, sent, vendor, write_from_all};
use serde_json::json;

use super::support::{
    Client, Database,
    process::{self, Served},
    samples::order,
};

#[track_caller]
fn verified(database: &Database) {
    let output = process::verify(database.url());
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A designation to record events of, with what it needs; one for each round, for its entries grow with its events.
fn designation(client: &Client, round: usize) -> String {
    let vendor = client.vendor(&format!("Designated {round}"));
    client.designation(&vendor, &order("2026-01-05", &json!([{}])))
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_when_the_program_is_killed_again_and_again() {
    const KILLS: usize = 20;
    let database = Database::fresh();
    let mut served = Served::start(database.url(), &[]);
    let ledger = Mutex::new(Ledger::default());
    let mut retried = 0;
    for round in 1..=KILLS {
        let designation = designation(&served.client, round);
        let with_keys = round % 2 == 0;
        let client = served.client.clone();
        let enough = 200 + 7 * round;
        let killed = Mutex::new(Some(served));
        write_from_all(&client, &ledger, (round, usize::MAX), &designation, with_keys, |acknowledged| {
            if acknowledged == enough {
                killed.lock().unwrap().take().unwrap().kill();
            }
        });
        verified(&database);
        served = Served::start(database.url(), &[]);
        let mut ledger = ledger.lock().unwrap();
        if with_keys {
            retried += retry(&served.client, &mut ledger, round);
        }
        assert_eq!(check(&served.client, &ledger), Found::default(), "after kill {round}");
    }
    let mut ledger = ledger.into_inner().unwrap();
    println!(
        "{KILLS} kills, {} writes acknowledged ({} vendors, {} changes, {} events), 0 lost, 0 duplicates; {retried} \
         requests repeated with their key; {} answers that never came",
        ledger.acknowledged,
        ledger.vendors.len(),
        ledger.descriptions.len(),
        ledger.events.len(),
        ledger.unanswered.len() + retried,
    );
    assert!(ledger.acknowledged >= KILLS * 200);
    the_check_notices_what_is_lost_or_doubled(&served.client, &mut ledger);
}

fn the_check_notices_what_is_lost_or_doubled(client: &Client, ledger: &mut Ledger) {
    ledger.vendors.insert("an id that is not there".to_owned(), "V-lost".to_owned());
    let doubled = ledger.vendors.values().next().unwrap().clone();
    client.post("/v1/vendors", &vendor(&doubled)).expect(201);
    assert_eq!(check(client, ledger), Found { lost: 1, duplicates: 1 });
}

/// What a careful client does after a crash: repeats whatever was not answered, with its key, and some that were.
fn retry(client: &Client, ledger: &mut Ledger, round: usize) -> usize {
    let of_round = format!("V-{round}-");
    let repeat = |name: &str| {
        let answer =
            sent(client, "POST", "/v1/vendors", &[("idempotency-key", name)], &vendor(name)).unwrap();
        answer.expect(201).id()
    };
    let unanswered: Vec<String> =
        ledger.unanswered.iter().filter(|name| name.starts_with(&of_round)).cloned().collect();
    for name in &unanswered {
        let id = repeat(name);
        assert_eq!(repeat(name), id, "the same again gives the first answer");
        ledger.unanswered.remove(name);
        ledger.vendors.insert(id, name.clone());
    }
    for (id, name) in ledger.vendors.iter().filter(|(_, name)| name.starts_with(&of_round)).take(30) {
        assert_eq!(&repeat(name), id, "an acknowledged write is not made again");
    }
    unanswered.len()
}

#[test]
fn a_terminated_program_drains_exits_with_0_and_keeps_what_it_acknowledged() {
    let database = Database::fresh();
    let mut total = 0;
    for round in 1..=3 {
        let mut served = Served::start(database.url(), &[]);
        let designation = designation(&served.client, round);
        let ledger = Mutex::new(Ledger::default());
        let (client, process) = (served.client.clone(), served.child.id().to_string());
        write_from_all(&client, &ledger, (round, usize::MAX), &designation, true, |acknowledged| {
            if acknowledged == 200 {
                assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
            }
        });
        let status = served.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{status}");
        verified(&database);
        let served = Served::start(database.url(), &[]);
        let mut ledger = ledger.into_inner().unwrap();
        // Earlier rounds left their vendors too.
        ledger.unanswered.extend((1..round).flat_map(|round| {
            served
                .client
                .all(&format!("/v1/vendors?name=V-{round}&limit=500"))
                .into_iter()
                .map(|vendor| vendor["legal_name"].as_str().unwrap().to_owned())
        }));
        assert_eq!(check(&served.client, &ledger), Found::default());
        total += ledger.acknowledged;
    }
    println!("3 terminations, {total} writes acknowledged, 0 lost, 0 duplicates");
}

#[test]
fn two_processes_write_to_one_database_at_once_without_gaps_or_lock_errors() {
    let database = Database::fresh();
    let processes = [Served::start(database.url(), &[]), Served::start(database.url(), &[])];
    let designation = designation(&processes[0].client, 0);
    let ledger = Mutex::new(Ledger::default());
    thread::scope(|scope| {
        for (number, process) in processes.iter().enumerate() {
            let (ledger, designation) = (&ledger, designation.as_str());
            // Any answer but the expected one fails here: a lock error would be 503.
            scope.spawn(move || {
                write_from_all(&process.client, ledger, (number, 300), designation, false, |_| {})
            });
        }
    });
    let ledger = ledger.into_inner().unwrap();
    assert!(ledger.acknowledged >= 600 && ledger.unanswered.is_empty());
    for process in &processes {
        assert_eq!(check(&process.client, &ledger), Found::default());
    }
    verified(&database);
    println!(
        "two processes, {} writes acknowledged, {} entries",
        ledger.acknowledged,
        gapless(&processes[1].client)
    );
}
