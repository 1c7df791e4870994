//! The pool of read connections, which knows what has become of its connections: Diesel tells a broken one only by its own
//! transactions.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::{
    connection::SimpleConnection,
    r2d2::{self, ManageConnection},
};

use super::{
    connection::{AnyConnection, Purpose, open},
    failure::unexpected,
    target::Target,
    tx::{Context, Snapshot, begin_snapshot, end_snapshot},
};
use crate::error::{Error, Result};

/// Counts how often the writer had to look for its database again, and found one that takes writes. A connection that is
/// older than the last time may lead to a server that is no longer that one.
#[derive(Debug, Clone, Default)]
pub(super) struct Generation(Arc<AtomicU64>);

impl Generation {
    pub(super) fn next(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn current(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How long a read waits for a connection to be free or to be opened.
const CHECKOUT: Duration = Duration::from_secs(1);

/// How long it waits before it looks again.
const TURN: Duration = Duration::from_millis(100);

/// How the pool is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    pub open: u32,
    pub idle: u32,
    pub most: u32,
}

/// The pooled read connections.
pub(super) struct ReadPool {
    pool: r2d2::Pool<Manager>,
    generation: Generation,
}

impl ReadPool {
    /// A pool of so many connections at most, opened when they are needed.
    pub(super) fn new(target: Target, most: u32, generation: Generation) -> Self {
        let pool = r2d2::Pool::builder()
            .max_size(most)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .connection_timeout(CHECKOUT)
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .build_unchecked(Manager { target, generation: generation.clone() });
        Self { pool, generation }
    }

    /// Runs a read in a snapshot of its own.
    pub(super) fn read<T>(
        &self,
        context: &Context,
        run: impl FnOnce(&mut Snapshot<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut reading = self.begin()?;
        let outcome = run(&mut Snapshot::new(&mut reading.pooled.connection, context));
        reading.pooled.is_broken |=
            matches!(outcome, Err(Error::Unavailable(_) | Error::Interrupted(_) | Error::Internal(_)));
        outcome
    }

    /// Runs one statement on a connection, without a transaction. Connections that were lost while nobody used them, or that
    /// may lead to a server of the past, are put away on the way, as long as there is time.
    pub(super) fn look_up<T>(&self, run: impl Fn(&mut AnyConnection) -> Result<T>) -> Result<T> {
        let until = Instant::now() + CHECKOUT;
        loop {
            let mut pooled = self.checkout(until)?;
            let outdated = pooled.generation != self.generation.current();
            let late = Instant::now() >= until;
            if outdated && !late {
                pooled.is_broken = true;
                continue;
            }
            let outcome = run(&mut pooled.connection);
            let lost = matches!(outcome, Err(Error::Unavailable(_) | Error::Interrupted(_)));
            pooled.is_broken |= lost || matches!(outcome, Err(Error::Internal(_)));
            if !lost || late {
                return outcome;
            }
        }
    }

    /// Begins a snapshot. Connections that were lost while nobody used them, or that may lead to a server of the past, are
    /// put away on the way, as long as there is time.
    fn begin(&self) -> Result<Reading> {
        let until = Instant::now() + CHECKOUT;
        loop {
            let mut pooled = self.checkout(until)?;
            let outdated = pooled.generation != self.generation.current();
            let late = Instant::now() >= until;
            match begin_snapshot(&mut pooled.connection) {
                Ok(()) if !outdated || late => return Ok(Reading { pooled }),
                Err(failure) if late => {
                    pooled.is_broken = true;
                    return Err(unexpected("begin a read")(failure));
                }
                Ok(()) | Err(_) => pooled.is_broken = true,
            }
        }
    }

    /// Waits for a connection. In short turns: the pool tells nobody who waits when a broken one made place for another.
    fn checkout(&self, until: Instant) -> Result<r2d2::PooledConnection<Manager>> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.pool.get_timeout(left.min(TURN)) {
                Ok(pooled) => return Ok(pooled),
                Err(failure) if left <= TURN => return Err(self.checkout_failure(&failure)),
                Err(_) => {}
            }
        }
    }

    /// Why no connection came in time. Of several who wait the pool tells only one why none could be opened; where there
    /// are fewer than there may be, all of them waited for that.
    fn checkout_failure(&self, failure: &r2d2::PoolError) -> Error {
        if self.pool.state().connections < self.pool.max_size() {
            Error::Unavailable(failure.to_string())
        } else {
            Error::Busy("no database connection is free")
        }
    }

    pub(super) fn usage(&self) -> PoolUse {
        let state = self.pool.state();
        PoolUse { open: state.connections, idle: state.idle_connections, most: self.pool.max_size() }
    }
}

/// A pooled connection in a snapshot, which ends with it: by an answer, an error, or a panic that somebody catches.
struct Reading {
    pooled: r2d2::PooledConnection<Manager>,
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.pooled.is_broken |= end_snapshot(&mut self.pooled.connection).is_err();
    }
}

/// Opens pooled read connections.
#[derive(Debug, Clone)]
struct Manager {
    target: Target,
    generation: Generation,
}

/// A pooled connection.
struct Pooled {
    connection: AnyConnection,
    /// Whether it failed in a way that it may not have survived.
    is_broken: bool,
    generation: u64,
}

/// Why a pooled connection could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct PoolFailure(String);

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = PoolFailure;

    fn connect(&self) -> std::result::Result<Pooled, PoolFailure> {
        let generation = self.generation.current();
        let connection =
            open(&self.target, Purpose::Read).map_err(|failure| PoolFailure(failure.to_string()))?;
        Ok(Pooled { connection, is_broken: false, generation })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> std::result::Result<(), PoolFailure> {
        pooled.connection.batch_execute("SELECT 1").map_err(|failure| PoolFailure(failure.to_string()))
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.is_broken || std::thread::panicking()
    }
}
