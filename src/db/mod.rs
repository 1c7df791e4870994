//! The database: connections, the one writer, reads in snapshots, portable types, schema and migrations.
//! It knows no slice. Only stores and this folder name Diesel; only this folder, and a marked `match` elsewhere, knows
//! that there are two databases.

mod connection;
mod dashboards;
mod failure;
mod guards;
mod heads;
mod keyset;
mod migrations;
pub mod narrow;
mod password;
mod pool;
mod postgres;
mod readiness;
mod roles;
pub(crate) mod schema;
mod sight;
mod sqlite;
mod target;
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

pub use connection::{AnyConnection, MultiBackend, Purpose, open, risks};
pub use dashboards::set_up_dashboards;
pub use failure::{is_taken, unexpected};
pub use heads::{Falls, Heads, Woken};
pub use keyset::{Keyset, Listed, SortKey};
pub(crate) use keyset::{keyset, sorted};
pub use migrations::{SchemaState, revert_all, run as migrate, schema_differences, schema_state};
pub use pool::PoolUse;
use pool::{Generation, ReadPool};
pub use readiness::NotReady;
pub use roles::{RIGHTS, set_up_server_role};
pub use sight::{Evidence, Shown, Sight, visibility_now};
pub use target::Target;
pub(crate) use tx::read_head;
pub use tx::{Context, Position, Snapshot, Stamp, Tx, in_snapshot};
pub use writer::WriterNumbers;
use writer::{Lane, Writer};

use tokio::sync::oneshot;

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
    pool: ReadPool,
    /// Connections of look-ups alone, where a server has the database: slow reads must keep nobody from signing in.
    look_ups: ReadPool,
    probe: readiness::Probe,
    heads: Heads,
}

/// How many connections look-ups have for themselves on PostgreSQL; each look-up is one statement.
const LOOK_UPS: u32 = 2;

thread_local! {
    /// The read connection of this thread, and the number of the database that it belongs to.
    static OWN: RefCell<Option<(u64, AnyConnection)>> = const { RefCell::new(None) };
}

static OPENED: AtomicU64 = AtomicU64::new(0);

/// How long a request waits for its write. The writer may be held up for longer: by a standby that does not answer, say.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

impl Db {
    /// Opens a database whose schema is in place.
    ///
    /// # Errors
    /// When it can't be reached.
    pub fn open(target: &Target, sizes: Sizes) -> Result<Self> {
        let generation = Generation::default();
        let heads = Heads::default();
        let writer = Writer::start(target.clone(), sizes.write_queue, (generation.clone(), heads.clone()))?;
        let pool = ReadPool::new(target.clone(), sizes.read_pool, generation.clone());
        let look_ups = ReadPool::new(target.clone(), LOOK_UPS, generation);
        let number = OPENED.fetch_add(1, Ordering::Relaxed);
        let probe = readiness::Probe::default();
        let target = target.clone();
        Ok(Self { inner: Arc::new(Inner { number, target, writer, pool, look_ups, probe, heads }) })
    }

    /// Queues a write use case and gives what its outcome will come through, once its commit is durable. The receiver fails
    /// where the writer stopped first.
    ///
    /// # Errors
    /// Busy where the queue is full.
    pub fn queue<T, F>(&self, context: Context, run: F) -> Result<oneshot::Receiver<Result<T>>>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.inner.writer.submit(Lane::Clients, context, run)
    }

    /// Runs a write use case in the writer: its changes and its journal entries are committed together, or not at all.
    /// It may be run again, so whatever must stay the same (ids, inputs) is made before.
    ///
    /// # Errors
    /// The use case's own; busy where the queue is full; unavailable where the database can't commit; uncertain where the
    /// commit failed or took too long to wait for.
    pub async fn write<T, F>(&self, context: Context, run: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let answered = self.queue(context, run)?;
        match actix_web::rt::time::timeout(ANSWER_WITHIN, answered).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Error::Uncertain("the writer stopped before it answered".into())),
            Err(_) => Err(Error::Uncertain("the writer did not answer in time".into())),
        }
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
        let answered = self.queue(context, run)?;
        let gone = |_| Err(Error::Uncertain("the writer stopped before it answered".into()));
        answered.blocking_recv().unwrap_or_else(gone)
    }

    /// Queues what the program itself writes behind its answers: it takes no client's place in the queue.
    ///
    /// # Errors
    /// Busy where too much of that waits.
    pub fn queue_behind<T, F>(&self, run: F) -> Result<oneshot::Receiver<Result<T>>>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.inner.writer.submit(Lane::Behind, Context::own(), run)
    }

    /// Runs a read use case in one snapshot, for whoever asks.
    ///
    /// # Errors
    /// The use case's own; busy where no connection is free.
    pub async fn read<T, F>(&self, asker: Context, cost: Cost, run: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Snapshot<'_>) -> Result<T> + Send + 'static,
    {
        if cost == Cost::Key && matches!(self.inner.target, Target::Sqlite(_)) {
            return self.read_here(&asker, run).map_err(Error::of_a_read);
        }
        let db = self.clone();
        match actix_web::rt::task::spawn_blocking(move || db.read_blocking(&asker, run)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::internal("a read panicked")),
        }
    }

    /// [`Db::read`] for a thread that may wait.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub fn read_blocking<T, F: FnOnce(&mut Snapshot<'_>) -> Result<T>>(
        &self,
        asker: &Context,
        run: F,
    ) -> Result<T> {
        self.inner.pool.read(asker, run).map_err(Error::of_a_read)
    }

    /// Runs one statement of a few rows by key, without a transaction around it: for what is asked before every request.
    /// It may be run again, where a connection turns out to be lost.
    ///
    /// # Errors
    /// The statement's own; busy where no connection is free.
    pub async fn look_up<T, F>(&self, run: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut AnyConnection) -> Result<T> + Send + 'static,
    {
        if matches!(self.inner.target, Target::Sqlite(_)) {
            return self.here(run).map_err(Error::of_a_read);
        }
        let db = self.clone();
        match actix_web::rt::task::spawn_blocking(move || db.inner.look_ups.look_up(run)).await {
            Ok(outcome) => outcome.map_err(Error::of_a_read),
            Err(_) => Err(Error::internal("a look-up panicked")),
        }
    }

    /// Reads on this thread's own connection.
    fn read_here<T, F: FnOnce(&mut Snapshot<'_>) -> Result<T>>(&self, asker: &Context, run: F) -> Result<T> {
        self.here(|connection| in_snapshot(connection, asker, run))
    }

    /// Runs something on this thread's own connection.
    fn here<T>(&self, run: impl FnOnce(&mut AnyConnection) -> Result<T>) -> Result<T> {
        let own = OWN.with(RefCell::take).filter(|(number, _)| *number == self.inner.number);
        let mut connection = match own {
            Some((_, connection)) => connection,
            None => open(&self.inner.target, Purpose::Read)?,
        };
        let outcome = run(&mut connection);
        if !matches!(outcome, Err(Error::Unavailable(_) | Error::Internal(_))) {
            OWN.with(|own| own.replace(Some((self.inner.number, connection))));
        }
        outcome
    }

    /// How far the journal has come, for whoever waits for what is recorded next.
    #[must_use]
    pub fn heads(&self) -> &Heads {
        &self.inner.heads
    }

    /// Looks how far the journal has come, whichever process wrote it, and tells whoever waits. For a thread that may wait.
    ///
    /// # Errors
    /// When the database can't answer.
    pub fn look_at_head(&self) -> Result<()> {
        let look = self.inner.heads.look();
        let head = if matches!(self.inner.target, Target::Sqlite(_)) {
            self.here(read_head)
        } else {
            self.inner.look_ups.look_up(read_head)
        };
        self.inner.heads.found(look, head.map_err(Error::of_a_read)?.seq);
        Ok(())
    }

    /// What the writer has done and what waits for it.
    #[must_use]
    pub fn writer_numbers(&self) -> &WriterNumbers {
        self.inner.writer.numbers()
    }

    /// How the pool of read connections is used.
    #[must_use]
    pub fn pool_use(&self) -> PoolUse {
        self.inner.pool.usage()
    }

    /// Where the registry is kept.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.inner.target
    }
}
