//! The database: connections, the one writer, reads in snapshots, portable types, schema and migrations.
//! It knows no slice. Only stores and this folder name Diesel; only this folder, and a marked `match` elsewhere, knows
//! that there are two databases.

mod connection;
mod failure;
mod keyset;
mod migrations;
pub(crate) mod schema;
mod tx;
pub mod types;
mod writer;

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use diesel::{connection::SimpleConnection, r2d2};

pub use connection::{AnyConnection, MultiBackend, Purpose, Target, open};
pub use failure::{is_taken, unexpected};
pub use keyset::{Keyset, Listed, SortKey};
pub(crate) use keyset::{keyset, sorted};
pub use migrations::{pending, revert_all, run as migrate, schema_differences};
pub use tx::{Context, Position, Snapshot, Stamp, Tx};
use writer::Writer;

use crate::error::{Error, Result};

/// What stands for "still known" and "no end" in a column of positions.
pub const OPEN: i64 = i64::MAX;

/// How much work a read is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// A few look-ups by key: runs on the worker's own thread where the database is a local file.
    Key,
    /// Anything that may walk many rows: runs in the blocking pool.
    Scan,
}

/// Sizes of the database's queues and pools.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Writes that may wait; one more is refused with 503.
    pub write_queue: usize,
    /// Pooled read connections.
    pub read_pool: u32,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { write_queue: 1024, read_pool: 8 }
    }
}

/// A registry's database. Clones share the writer and the pool.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    number: u64,
    target: Target,
    writer: Writer,
    pool: r2d2::Pool<connection::Manager>,
}

thread_local! {
    /// The read connection of this thread, and the number of the database that it belongs to.
    static OWN: RefCell<Option<(u64, AnyConnection)>> = const { RefCell::new(None) };
}

static OPENED: AtomicU64 = AtomicU64::new(0);

impl Db {
    /// Opens a database whose schema is in place.
    ///
    /// # Errors
    /// When it can't be reached.
    pub fn open(target: &Target, sizes: Sizes) -> Result<Self> {
        let writer = Writer::start(target.clone(), sizes.write_queue)?;
        let pool = r2d2::Pool::builder()
            .max_size(sizes.read_pool)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(2))
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .build_unchecked(connection::Manager { target: target.clone() });
        let number = OPENED.fetch_add(1, Ordering::Relaxed);
        Ok(Self { inner: Arc::new(Inner { number, target: target.clone(), writer, pool }) })
    }

    /// Runs a write use case in the writer: its changes and its journal entries are committed together, or not at all.
    /// It may be run again, so whatever must stay the same (ids, inputs) is made before.
    ///
    /// # Errors
    /// The use case's own; busy where the queue is full; unavailable where the database can't commit.
    pub async fn write<T, F>(&self, context: Context, run: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let answered = self.inner.writer.submit(context, run)?;
        answered
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable("the writer stopped before it answered".into())))
    }

    /// [`Db::write`] for a thread that may wait.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub fn write_blocking<T, F>(&self, context: Context, run: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let answered = self.inner.writer.submit(context, run)?;
        let gone = |_| Err(Error::Unavailable("the writer stopped before it answered".into()));
        answered.blocking_recv().unwrap_or_else(gone)
    }

    /// Runs a read use case in one snapshot.
    ///
    /// # Errors
    /// The use case's own; busy where no connection is free.
    pub async fn read<T, F>(&self, cost: Cost, run: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Snapshot<'_>) -> Result<T> + Send + 'static,
    {
        if cost == Cost::Key && matches!(self.inner.target, Target::Sqlite(_)) {
            return self.read_here(run);
        }
        let db = self.clone();
        match actix_web::rt::task::spawn_blocking(move || db.read_blocking(run)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::internal("a read panicked")),
        }
    }

    /// [`Db::read`] for a thread that may wait.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub fn read_blocking<T, F: FnOnce(&mut Snapshot<'_>) -> Result<T>>(&self, run: F) -> Result<T> {
        let mut connection =
            self.inner.pool.get().map_err(|_| Error::Busy("no database connection is free"))?;
        in_snapshot(&mut connection, run)
    }

    /// Reads on this thread's own connection.
    fn read_here<T, F: FnOnce(&mut Snapshot<'_>) -> Result<T>>(&self, run: F) -> Result<T> {
        let own = OWN.with(RefCell::take).filter(|(number, _)| *number == self.inner.number);
        let mut connection = match own {
            Some((_, connection)) => connection,
            None => open(&self.inner.target, Purpose::Read)?,
        };
        let outcome = in_snapshot(&mut connection, run);
        if !matches!(outcome, Err(Error::Unavailable(_) | Error::Internal(_))) {
            OWN.with(|own| own.replace(Some((self.inner.number, connection))));
        }
        outcome
    }

    /// Whether writes can be taken: false once the writer's thread has ended.
    #[must_use]
    pub fn takes_writes(&self) -> bool {
        self.inner.writer.is_running()
    }

    /// Where the registry is kept.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.inner.target
    }
}

/// Runs a read on a connection of one's own.
///
/// # Errors
/// The read's own, or a database that can't answer.
pub fn in_snapshot<T, F: FnOnce(&mut Snapshot<'_>) -> Result<T>>(
    connection: &mut AnyConnection,
    run: F,
) -> Result<T> {
    /// Ends the transaction however the read ends: by an error, or by a panic that somebody catches.
    struct Ended<'c>(&'c mut AnyConnection);
    impl Drop for Ended<'_> {
        fn drop(&mut self) {
            // Where it fails the connection is broken, and its next BEGIN says so.
            drop(self.0.batch_execute("ROLLBACK"));
        }
    }
    let begin = match connection {
        AnyConnection::Sqlite(_) => "BEGIN",
        AnyConnection::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    };
    connection.batch_execute(begin).map_err(unexpected("begin a read"))?;
    run(&mut Snapshot::new(Ended(connection).0))
}
