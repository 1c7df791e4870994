//! What holds for every history: the timeline is what the rules say on every day, it refuses what they refuse,
//! later knowledge changes no earlier answer, and a refusal says what would have been possible.
//! `TIMELINE_HISTORIES` and `TIMELINE_SEED` set how many histories are written, and from which seed on.

use std::{env, thread};

use risk_registry::{
    designations::{
        model::{Details, Event, EventType},
        timeline::{IllegalFault, timeline},
    },
    values::{EventId, List},
};
use uuid::Uuid;

use super::{
    comparison::{differences, shrunk},
    histories::Author,
    oracle::{self, Kind},
    tally::Tally,
};

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}

/// Runs a check on the seeds of the histories, or of one in so many of them, on every core, and adds up what they
/// were made of.
fn on_histories(one_in: u64, check: impl Fn(u64, &mut Tally) + Sync) -> Tally {
    let number = setting("TIMELINE_HISTORIES", 10_000).div_ceil(one_in);
    let seed = setting("TIMELINE_SEED", 20_260_304);
    let workers = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let check = &check;
    thread::scope(|scope| {
        let work = |worker: u64| {
            let mut tally = Tally::default();
            (0..number).filter(|n| n % workers == worker).for_each(|n| check(seed + n, &mut tally));
            tally
        };
        let running: Vec<_> = (0..workers).map(|worker| scope.spawn(move || work(worker))).collect();
        let mut all = Tally::default();
        for tally in running {
            all.add(tally.join().unwrap_or_else(|failure| std::panic::resume_unwind(failure)));
        }
        all
    })
}

fn fail(seed: u64, difference: &str, events: &[Event]) -> ! {
    let history = serde_json::to_string_pretty(events).expect("events are JSON");
    panic!("TIMELINE_HISTORIES=1 TIMELINE_SEED={seed}: {difference}\n{history}");
}

/// Writes a history: shows every candidate to `judge`, which says whether it stays.
fn write(seed: u64, mut judge: impl FnMut(&[Event]) -> bool) -> Vec<Event> {
    let mut author = Author::new(seed);
    let mut recorded = Vec::new();
    for _ in 0..author.candidates() {
        recorded.push(author.candidate(&recorded));
        if !judge(&recorded) {
            recorded.pop();
        }
    }
    recorded
}

#[test]
fn the_timeline_of_every_history_is_what_the_rules_say_on_every_day() {
    let tally = on_histories(1, |seed, tally| {
        let mut days = Vec::new();
        let history = write(seed, |events| match differences(events) {
            Ok(Ok(head)) => {
                days = head;
                true
            }
            Ok(Err(refusal)) => {
                tally.refused(&refusal, &events[events.len() - 1]);
                false
            }
            Err(difference) => {
                let least = shrunk(events, |fewer| differences(fewer).is_err());
                fail(seed, &differences(&least).err().unwrap_or(difference), &least)
            }
        });
        if !history.is_empty() {
            tally.history(&history, &days);
        }
    });
    println!("{tally}");
    // A handful of histories can't be of every kind.
    if tally.of("all") >= 1000 {
        the_histories_are_of_every_kind(&tally);
    }
}

/// Without this, a change of the histories could leave the properties true and worth nothing.
fn the_histories_are_of_every_kind(tally: &Tally) {
    let all = tally.of("all");
    let at_least = |what: &str, percent: usize| {
        let number = tally.of(what);
        assert!(number * 100 >= percent * all, "only {number} in {all} histories: {what}");
    };
    at_least("backdated", 33);
    at_least("corrected", 33);
    for what in tally.kinds() {
        at_least(what, 4);
    }
    for what in EventType::ALL {
        at_least(what.as_str(), 5);
    }
    at_least("409 at the candidate", 100);
    at_least("409 at another event", 20);
    at_least("422 at the candidate", 100);
}

#[test]
fn what_is_recorded_later_never_changes_the_answer_for_an_earlier_known_at() {
    on_histories(4, |seed, _| {
        let mut heads = Vec::new();
        let history = write(seed, |events| {
            let head = timeline(events);
            let stays = head.is_ok();
            if stays {
                heads.push(head);
            }
            stays
        });
        for (n, head) in heads.into_iter().enumerate() {
            let known_seq = n as u64 + 1;
            let known: Vec<Event> = history.iter().filter(|event| event.seq <= known_seq).cloned().collect();
            if timeline(&known) != head {
                fail(seed, &format!("as known at {known_seq}, it was {head:?}"), &history);
            }
        }
    });
}

#[test]
fn a_note_changes_no_state_and_a_retracted_event_leaves_no_trace() {
    on_histories(10, |seed, _| {
        let history = write(seed, |events| timeline(events).is_ok());
        let Some((last, before)) = history.split_last() else { return };
        let note = |corrects| Event {
            id: EventId::from(Uuid::from_u128(1)),
            seq: last.seq + 1,
            scope_ids: List::default(),
            details: Details::Noted,
            corrects,
            ..last.clone()
        };
        let noted: Vec<Event> = history.iter().cloned().chain([note(None)]).collect();
        if timeline(&noted) != timeline(&history) {
            fail(seed, "the note changed something", &noted);
        }
        let retracted: Vec<Event> = history.iter().cloned().chain([note(Some(last.id))]).collect();
        if last.corrects.is_none() && !before.is_empty() && timeline(&retracted) != timeline(before) {
            fail(seed, "the retracted event left a trace", &retracted);
        }
    });
}

#[test]
fn a_refusal_names_the_types_of_event_that_its_place_allows() {
    on_histories(4, |seed, _| {
        write(seed, |events| {
            let (refused, refusal) = (timeline(events).err(), oracle::refusal(events));
            let Some((illegal, refusal)) = refused.zip(refusal) else { return timeline(events).is_ok() };
            if let (IllegalFault::NotAllowed { allowed: named, .. }, Kind::NotAllowed { possible, allowed }) =
                (&illegal.fault, &refusal.kind)
                && (allowed.as_ref().is_some_and(|allowed| allowed != named)
                    || !named.iter().all(|what| possible.contains(what)))
            {
                fail(seed, &format!("expected {refusal:?}, got {illegal:?}"), events);
            }
            false
        });
    });
}
