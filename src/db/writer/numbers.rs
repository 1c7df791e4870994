//! What the writer has done and what waits for it, for metrics and for readiness.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use prometheus_client::metrics::{counter::Counter, gauge::Gauge, histogram::Histogram};

/// Upper bounds of the buckets of jobs in a batch.
const JOBS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// Upper bounds of the buckets of a batch's time, in seconds.
const SECONDS: [f64; 10] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0];

/// The writer's numbers. Clones of the metrics share their values.
#[derive(Debug)]
pub struct WriterNumbers {
    /// Jobs in the queue.
    pub waiting: Gauge,
    /// Jobs in each committed batch.
    pub batch_jobs: Histogram,
    /// Seconds from a batch's first try to its commit.
    pub batch_seconds: Histogram,
    /// Batches that were tried again after a deadlock, a serialization failure or a lost connection.
    pub retries: Counter,
    /// Batches that failed for good.
    pub failures: Counter,
    /// When the last batch ended, and whether it was committed.
    last: Mutex<Option<(Instant, bool)>>,
}

impl Default for WriterNumbers {
    fn default() -> Self {
        Self {
            waiting: Gauge::default(),
            batch_jobs: Histogram::new(JOBS),
            batch_seconds: Histogram::new(SECONDS),
            retries: Counter::default(),
            failures: Counter::default(),
            last: Mutex::new(None),
        }
    }
}

impl WriterNumbers {
    pub(super) fn taken(&self, jobs: usize) {
        self.waiting.dec_by(i64::try_from(jobs).unwrap_or(i64::MAX));
    }

    pub(super) fn committed(&self, jobs: usize, took: Duration) {
        self.batch_jobs.observe(f64::from(u32::try_from(jobs).unwrap_or(u32::MAX)));
        self.batch_seconds.observe(took.as_secs_f64());
        self.ended(true);
    }

    pub(super) fn retried(&self) {
        self.retries.inc();
    }

    pub(super) fn failed(&self) {
        self.failures.inc();
        self.ended(false);
    }

    fn ended(&self, committed: bool) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), committed));
    }

    /// Whether the last batch was committed no longer ago than this.
    pub(in crate::db) fn committed_within(&self, time: Duration) -> bool {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|(ended, committed)| committed && ended.elapsed() < time)
    }
}
