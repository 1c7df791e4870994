//! SQLite and PostgreSQL say the same, byte for byte, but for what is a server's own: ids, instants, cursors.
//! One long session at random is played on both at once. `pair` sends and compares, `tokens` names what is a server's
//! own, `session` and `bodies` write requests, `spoiling` spoils them, `coverage` counts against the document.

mod bodies;
mod coverage;
mod faults;
mod pair;
mod session;
mod spoiling;
mod tokens;
mod world;

use pair::{Difference, Pair};
use risk_registry::db::Sizes;
use session::Session;

use crate::support::{
    postgres, process,
    sql::{self, Raw},
};

/// Requests of the random part.
const REQUESTS: usize = 3000;

/// Another seed is another session.
const SEED: u64 = 20_261_122;

#[test]
fn both_databases_answer_a_long_session_at_random_alike() {
    if !postgres::is_there() {
        return;
    }
    let seed = SEED;
    wait_for_the_day();
    let mut pair = Pair::demo(Sizes::default());
    let provoked = whole_session(&mut pair, seed).and_then(|()| faults::provoked(seed));
    let (of_faults, calls_in_faults) =
        provoked.unwrap_or_else(|Difference(difference)| panic!("seed {seed}, {difference}"));
    for side in &pair.sides {
        let output = process::verify(side.database().url());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    pair.coverage.add(&of_faults);
    pair.coverage.print();
    println!(
        "seed {seed}: {} calls, and {calls_in_faults} on databases that failed, each answered alike by both",
        pair.calls
    );
    pair.coverage.must_be_whole();
}

/// Answers hold the day: of two that are given around midnight, each may hold another.
fn wait_for_the_day() {
    let left = || {
        let now = chrono::Utc::now();
        let next = now.date_naive().succ_opt().unwrap().and_time(chrono::NaiveTime::MIN).and_utc();
        next - now
    };
    while left() < chrono::TimeDelta::minutes(5) {
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
}

fn whole_session(pair: &mut Pair, seed: u64) -> Result<(), Difference> {
    let mut session = Session::begin(pair, seed)?;
    session.play(REQUESTS)?;
    session.look_everywhere()?;
    for (operation, status) in session.pair.coverage.missing() {
        // What only a database that fails brings about comes later.
        if status < 500 {
            session.aim(&operation, status)?;
        }
    }
    Ok(())
}

#[test]
fn the_comparison_notices_a_column_that_sorts_by_locale() {
    if !postgres::is_there() {
        return;
    }
    for (table, column) in [
        ("vendors", "name_key"),
        ("authorities", "name_key"),
        ("regimes", "name_key"),
        ("designation_versions", "name_key"),
        ("vendor_words", "word"),
    ] {
        let mut pair = Pair::demo(Sizes::default());
        let [_, postgres] = &pair.sides;
        // The database's own collation, as a column has it that says nothing.
        let altered = format!("ALTER TABLE {table} ALTER COLUMN {column} TYPE text COLLATE \"default\"");
        sql::plain(&postgres.database().target).run(&altered).unwrap();
        let outcome = whole_session(&mut pair, SEED);
        let Err(Difference(difference)) = outcome else {
            panic!("nobody noticed that {table}.{column} sorts otherwise")
        };
        println!("{table}.{column}: {}", difference.lines().next().unwrap());
    }
}
