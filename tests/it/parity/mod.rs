//! SQLite and PostgreSQL say the same, byte for byte, but for what is a server's own: ids, instants, cursors.
//! One long session at random is played on both at once. `pair` sends and compares, `tokens` names what is a server's
//! own, `session` and `bodies` write requests, `spoiling` spoils them, `coverage` counts against the document.

mod bodies;
mod coverage;
mod pair;
mod session;
mod spoiling;
mod tokens;
mod world;

use pair::{Difference, Pair};
use risk_registry::db::Sizes;
use session::Session;

use crate::support::postgres;

/// Requests of the random part.
const REQUESTS: usize = 3000;

#[test]
fn both_databases_answer_a_long_session_at_random_alike() {
    if !postgres::is_there() {
        return;
    }
    let seed = 20_261_122;
    let mut pair = Pair::demo(Sizes::default());
    if let Err(Difference(difference)) = whole_session(&mut pair, seed) {
        panic!("seed {seed}, {difference}");
    }
    let calls = pair.calls;
    pair.coverage.print();
    println!("seed {seed}: {calls} calls, each answered alike by both databases");
    pair.coverage.must_be_whole();
}

fn whole_session(pair: &mut Pair, seed: u64) -> Result<(), Difference> {
    let mut session = Session::begin(pair, seed)?;
    session.play(REQUESTS)?;
    for (operation, status) in session.pair.coverage.missing() {
        session.aim(&operation, status)?;
    }
    Ok(())
}
