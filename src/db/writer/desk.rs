//! The writer's desk: its connection, opened again after a failure that it may not have survived, and what becomes of a
//! batch that fails.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use diesel::connection::SimpleConnection;

use super::{
    Job, WriterNumbers,
    batch::{BatchFailure, Committed, run_batch},
};
use crate::{
    db::{
        connection::{AnyConnection, Purpose, open},
        heads::Heads,
        pool::Generation,
        target::Target,
    },
    error::Error,
};

/// The pauses before a batch that may well pass is tried again: half a second, in which a database that was restarted may be
/// back, and after which clients are better told.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(20), Duration::from_millis(100), Duration::from_millis(400)];

/// After so long it is not tried again: a server that is silent takes seconds to show that it is lost.
const NO_MORE_AFTER: Duration = Duration::from_secs(1);

pub(super) struct Desk {
    target: Target,
    connection: Option<AnyConnection>,
    /// Whether the connection was opened after a failure, and nothing was committed through it yet.
    is_new: bool,
    generation: Generation,
    heads: Heads,
    numbers: Arc<WriterNumbers>,
}

impl Desk {
    pub(super) fn new(
        (target, connection): (Target, AnyConnection),
        (generation, heads): (Generation, Heads),
        numbers: Arc<WriterNumbers>,
    ) -> Self {
        Self { target, connection: Some(connection), is_new: false, generation, heads, numbers }
    }

    /// Runs a batch and answers all of it.
    pub(super) fn handle(&mut self, mut batch: Vec<Box<dyn Job>>) {
        self.numbers.taken(batch.len());
        self.run(&mut batch);
    }

    fn run(&mut self, batch: &mut Vec<Box<dyn Job>>) {
        let begun = Instant::now();
        let mut pauses = PAUSES.iter();
        let failure = loop {
            let failure = match self.attempt(batch) {
                Ok((outcomes, head)) => {
                    self.heads.reached(head);
                    self.numbers.committed(&outcomes, begun.elapsed());
                    batch.drain(..).zip(outcomes).for_each(|(job, outcome)| job.settle(outcome));
                    return;
                }
                Err(failure) => failure,
            };
            let Some(pause) =
                pauses.next().filter(|_| failure.is_passing() && begun.elapsed() < NO_MORE_AFTER)
            else {
                break failure;
            };
            log::warn!("a batch of {} writes is tried again: {}", batch.len(), failure.error());
            self.numbers.retried();
            thread::sleep(*pause);
        };
        if let BatchFailure::Broken(failure) = &failure
            && batch.len() > 1
            && !matches!(failure, Error::Interrupted(_) | Error::TimedOut(_))
        {
            log::warn!("a batch of {} writes failed and is run job by job: {failure}", batch.len());
            for job in batch.drain(..) {
                self.run(&mut vec![job]);
            }
            return;
        }
        let failure = failure.error();
        self.numbers.failed(failure);
        batch.drain(..).for_each(|job| job.settle(Err(failure.clone())));
    }

    /// Runs a batch in one transaction, on a new connection where there is no sound one.
    fn attempt(&mut self, batch: &mut [Box<dyn Job>]) -> std::result::Result<Committed, BatchFailure> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let opened = open(&self.target, Purpose::Write).map_err(BatchFailure::NotBegun)?;
                self.is_new = true;
                opened
            }
        };
        let outcome = run_batch(&mut connection, batch);
        let is_sound = match &outcome {
            Ok(_) => {
                if std::mem::take(&mut self.is_new) {
                    self.generation.next();
                }
                true
            }
            // Where the database takes no writes, another may by now.
            Err(failure) if matches!(failure.error(), Error::Unavailable(_)) => false,
            // Where the rollback works the connection is sound; SQLite has none to do where it could not begin.
            Err(failure) => {
                let waited = matches!(failure, BatchFailure::NotBegun(Error::TimedOut(_)));
                connection.batch_execute("ROLLBACK").is_ok()
                    || (waited && matches!(connection, AnyConnection::Sqlite(_)))
            }
        };
        self.connection = is_sound.then_some(connection);
        outcome
    }
}
