//! What only goes wrong with a database: no room, too many writes at once, tables that are gone, a database that can't be
//! reached. Each is done to both in the way that it happens there.

use std::{sync::mpsc, thread};

use risk_registry::{
    db::{Context, Db, Sizes},
    error::Error,
};

use super::{
    coverage::Coverage,
    pair::{Difference, Pair, Request},
    session::Session,
};
use crate::{
    conventions::document::Operation,
    support::{Backend, sql, sql::Raw},
};

/// Plays every operation while the databases fail; gives what was covered.
pub fn provoked(seed: u64) -> Result<(Coverage, usize), Difference> {
    let mut pair = Pair::demo(Sizes { write_queue: 1, ..Sizes::default() });
    let mut session = Session::begin(&mut pair, seed)?;
    session.play(200)?;

    run_on_both(session.pair, NO_ROOM);
    aim_at_all(&mut session, 507)?;
    run_on_both(session.pair, ROOM_AGAIN);

    let held: Vec<Hold> = session.pair.sides.iter().map(|side| Hold::of(side.db())).collect();
    for operation in Operation::all().iter().filter(|operation| operation.writes()) {
        session.aim(&operation.id, 503)?;
    }
    held.into_iter().for_each(Hold::release);
    session.play(100)?;

    run_on_both(session.pair, TABLES_GONE);
    aim_at_all(&mut session, 500)?;

    // Started again, a server has no connection that was opened while all was well.
    session.pair.restart();
    session.pair.sides.iter().for_each(|side| side.database().hide());
    let reads: Vec<Request> = Operation::all_that_end()
        .iter()
        .filter(|operation| {
            !operation.writes() && operation.is_versioned() || operation.id == "get_readiness"
        })
        .map(|operation| session.plainly(operation))
        .collect();
    session.pair.play_all(&reads)?;
    Ok((std::mem::take(&mut pair.coverage), pair.calls))
}

/// What is said to each of both.
type Statements = fn(Backend) -> Vec<String>;

const NO_ROOM: Statements = |backend| {
    let statements: &[&str] = backend.says(
        &["CREATE TRIGGER no_room BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"],
        &[
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 RAISE EXCEPTION 'could not extend file \"base/1/1\": No space left on device' USING ERRCODE = 'disk_full';
             END $$",
            "CREATE TRIGGER no_room BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION no_room()",
        ],
    );
    statements.iter().map(ToString::to_string).collect()
};

const ROOM_AGAIN: Statements =
    |backend| vec![format!("DROP TRIGGER no_room{}", backend.says("", " ON journal"))];

const TABLES_GONE: Statements = |_| {
    let tables = [
        "journal",
        "journal_head",
        "vendors",
        "authorities",
        "regimes",
        "designations",
        "designation_versions",
        "designation_events",
        "designation_periods",
        "designation_labels",
        "designation_mentions",
        "authority_names",
        "vendor_words",
        "vendor_labels",
        "vendor_identifiers",
        "access_log",
        "api_keys",
        "api_key_uses",
        "reviews",
    ];
    tables.iter().map(|table| format!("ALTER TABLE {table} RENAME TO lost_{table}")).collect()
};

fn run_on_both(pair: &Pair, statements: Statements) {
    for side in &pair.sides {
        let database = side.database();
        let mut connection = sql::plain(&database.target);
        for statement in statements(database.backend) {
            connection.run(&statement).unwrap_or_else(|failure| panic!("{statement}: {failure}"));
        }
    }
}

/// Aims at a status of every operation that documents it.
fn aim_at_all(session: &mut Session<'_>, status: u16) -> Result<(), Difference> {
    for (operation, _) in Coverage::wanted().into_iter().filter(|(_, wanted)| *wanted == status) {
        session.aim(&operation, status)?;
    }
    Ok(())
}

/// A writer that is busy, and a queue that is full.
struct Hold {
    release: mpsc::Sender<()>,
    writes: Vec<thread::JoinHandle<Result<(), Error>>>,
}

impl Hold {
    /// On a database whose queue has one place.
    fn of(db: &Db) -> Self {
        let context = || Context::new("tester", "held");
        let (release, released) = mpsc::channel::<()>();
        let (begun, beginning) = mpsc::channel();
        let holding = db.clone();
        let mut writes = vec![thread::spawn(move || {
            holding.write_blocking(context(), move |_| {
                begun.send(()).unwrap();
                // Nobody sends: this ends with the sender.
                let _ = released.recv();
                Ok(())
            })
        })];
        beginning.recv().unwrap();
        // Of two more writes one finds the place in the queue and waits, and the other finds it taken.
        let (refused, refusal) = mpsc::channel();
        for _ in 0..2 {
            let (db, refused) = (db.clone(), refused.clone());
            writes.push(thread::spawn(move || {
                let outcome = db.write_blocking(context(), |_| Ok(()));
                if matches!(outcome, Err(Error::Busy(_))) {
                    refused.send(()).unwrap();
                    return Ok(());
                }
                outcome
            }));
        }
        refusal.recv().unwrap();
        Self { release, writes }
    }

    fn release(self) {
        drop(self.release);
        for write in self.writes {
            write.join().unwrap().unwrap();
        }
    }
}
