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
    batch::{BatchFailure, run_batch},
};
use crate::{
    db::{
        connection::{AnyConnection, Purpose, open},
        pool::Generation,
        target::Target,
    },
    error::{Error, Result},
};

/// The pauses before a batch that may well pass is tried again: half a second in all, in which a database that was
/// restarted may be back, and after which clients are better told.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(20), Duration::from_millis(100), Duration::from_millis(400)];

pub(super) struct Desk {
    target: Target,
    connection: Option<AnyConnection>,
    generation: Generation,
    numbers: Arc<WriterNumbers>,
}

impl Desk {
    pub(super) fn new(
        target: Target,
        connection: AnyConnection,
        generation: Generation,
        numbers: Arc<WriterNumbers>,
    ) -> Self {
        Self { target, connection: Some(connection), generation, numbers }
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
                Ok(outcomes) => {
                    self.numbers.committed(batch.len(), begun.elapsed());
                    batch.drain(..).zip(outcomes).for_each(|(job, outcome)| job.settle(outcome));
                    return;
                }
                Err(failure) => failure,
            };
            let Some(pause) = pauses.next().filter(|_| failure.is_passing()) else { break failure };
            log::warn!("a batch of {} writes is tried again: {}", batch.len(), failure.error());
            self.numbers.retried();
            thread::sleep(*pause);
        };
        if let BatchFailure::Broken(failure) = &failure
            && batch.len() > 1
            && !matches!(failure, Error::Interrupted(_))
        {
            log::warn!("a batch of {} writes failed and is run job by job: {failure}", batch.len());
            for job in batch.drain(..) {
                self.run(&mut vec![job]);
            }
            return;
        }
        self.numbers.failed();
        let failure = failure.into_error();
        batch.drain(..).for_each(|job| job.settle(Err(failure.clone())));
    }

    /// Runs a batch in one transaction, on a new connection where there is no sound one.
    fn attempt(&mut self, batch: &mut [Box<dyn Job>]) -> std::result::Result<Vec<Result<()>>, BatchFailure> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                self.generation.next();
                open(&self.target, Purpose::Write).map_err(BatchFailure::NotBegun)?
            }
        };
        let outcome = run_batch(&mut connection, batch);
        let is_sound = match &outcome {
            Ok(_) => true,
            // Where the database takes no writes, another may by now.
            Err(failure) if matches!(failure.error(), Error::Unavailable(_)) => false,
            // Where the rollback works the connection is sound.
            Err(_) => connection.batch_execute("ROLLBACK").is_ok(),
        };
        self.connection = is_sound.then_some(connection);
        outcome
    }
}
