//! What the writer has done and what waits for it, for metrics and for readiness.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use prometheus_client::metrics::{counter::Counter, gauge::Gauge, histogram::Histogram};

use crate::error::{Error, Result};

/// Upper bounds of the buckets of jobs in a batch.
const JOBS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// Upper bounds of the buckets of a batch's time, in seconds.
const SECONDS: [f64; 10] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0];

/// When a job was last done, when the database last stood in the way of one, and when it did so for want of room.
#[derive(Debug, Default, Clone, Copy)]
struct Last {
    done: Option<Instant>,
    hindered: Option<Instant>,
    without_room: Option<Instant>,
}

/// The writer's numbers. Clones of the metrics share their values.
#[derive(Debug)]
pub struct WriterNumbers {
    /// Jobs in the queue.
    pub waiting: Gauge,
    /// Jobs in each committed batch, refused ones among them.
    pub batch_jobs: Histogram,
    /// Seconds from a batch's first try to its commit.
    pub batch_seconds: Histogram,
    /// Batches that were tried again after a deadlock, a serialization failure or a lost connection.
    pub retries: Counter,
    /// Batches that failed for good.
    pub failures: Counter,
    last: Mutex<Last>,
}

impl Default for WriterNumbers {
    fn default() -> Self {
        Self {
            waiting: Gauge::default(),
            batch_jobs: Histogram::new(JOBS),
            batch_seconds: Histogram::new(SECONDS),
            retries: Counter::default(),
            failures: Counter::default(),
            last: Mutex::new(Last::default()),
        }
    }
}

impl WriterNumbers {
    pub(super) fn taken(&self, jobs: usize) {
        self.waiting.dec_by(i64::try_from(jobs).unwrap_or(i64::MAX));
    }

    pub(super) fn committed(&self, outcomes: &[Result<()>], took: Duration) {
        self.batch_jobs.observe(f64::from(u32::try_from(outcomes.len()).unwrap_or(u32::MAX)));
        self.batch_seconds.observe(took.as_secs_f64());
        let now = Instant::now();
        let mut last = self.last();
        if outcomes.iter().any(Result::is_ok) {
            last.done = Some(now);
        }
        for failure in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            last.note(failure, now);
        }
    }

    pub(super) fn retried(&self) {
        self.retries.inc();
    }

    pub(super) fn failed(&self, failure: &Error) {
        self.failures.inc();
        self.last().note(failure, Instant::now());
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a job was done no longer ago than this, and the database stood in no other's way since.
    pub(in crate::db) fn done_within(&self, time: Duration) -> bool {
        let Last { done, hindered, .. } = *self.last();
        done.is_some_and(|done| done.elapsed() < time && hindered.is_none_or(|hindered| hindered < done))
    }

    /// Whether there was no room for a job no longer ago than this, and no other was done since.
    pub(in crate::db) fn without_room_within(&self, time: Duration) -> bool {
        let Last { done, without_room, .. } = *self.last();
        without_room.is_some_and(|then| then.elapsed() < time && done.is_none_or(|done| done <= then))
    }
}

impl Last {
    fn note(&mut self, failure: &Error, now: Instant) {
        match failure {
            Error::NoRoom(_) => {
                self.hindered = Some(now);
                self.without_room = Some(now);
            }
            Error::Unavailable(_) | Error::TimedOut(_) | Error::Interrupted(_) | Error::Uncertain(_) => {
                self.hindered = Some(now);
            }
            // What a client got wrong, or the program, says nothing of the database.
            _ => {}
        }
    }
}
