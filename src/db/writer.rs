//! The one writer of a process: a thread that runs queued jobs in one transaction, commits once, then answers them all.
//! A job runs in a savepoint of its own. What happens to a batch that fails outside of one, `BatchFailure` says.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
};

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl, connection::SimpleConnection, result::Error as DieselError,
};
use tokio::sync::oneshot;

use super::{
    connection::{AnyConnection, Purpose, Target, open},
    failure::unexpected,
    schema::journal_head,
    tx::{Context, Position, Tx, position, read_head},
    types::DbInstant,
};
use crate::error::{Error, Result};

/// The most jobs that one commit answers.
const MOST_IN_A_BATCH: usize = 256;

/// A write use case that waits for the writer.
trait Job: Send {
    /// Runs the use case. May be called again after a rollback.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<()>;
    fn context(&self) -> Context;
    /// Answers whoever waits; nobody may be there any more.
    fn settle(self: Box<Self>, outcome: Result<()>);
}

struct UseCase<T, F> {
    run: F,
    context: Context,
    value: Option<T>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: FnMut(&mut Tx<'_>) -> Result<T> + Send> Job for UseCase<T, F> {
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.value = None;
        self.value = Some((self.run)(tx)?);
        Ok(())
    }

    fn context(&self) -> Context {
        self.context.clone()
    }

    fn settle(self: Box<Self>, outcome: Result<()>) {
        let Self { value, answer, .. } = *self;
        let outcome = outcome.and_then(|()| value.ok_or_else(|| Error::internal("a job left no answer")));
        // The client may have gone away; what it asked for is committed all the same.
        drop(answer.send(outcome));
    }
}

/// The handle to the writer's queue.
pub(super) struct Writer {
    queue: Mutex<Option<SyncSender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the writer with a queue of so many places.
    pub(super) fn start(target: Target, places: usize) -> Result<Self> {
        let connection = open(&target, Purpose::Write)?;
        let (queue, jobs) = sync_channel(places);
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || work(&target, connection, &jobs))
            .map_err(|failure| Error::Unavailable(format!("the writer can't start: {failure}")))?;
        Ok(Self { queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }

    /// Queues a job. The answer comes after its commit is durable.
    pub(super) fn submit<T, F>(&self, context: Context, run: F) -> Result<oneshot::Receiver<Result<T>>>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job = Box::new(UseCase { run, context, value: None, answer });
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queue.as_ref().ok_or(Error::Busy("the registry is shutting down"))?;
        match queue.try_send(job) {
            Ok(()) => Ok(answered),
            Err(TrySendError::Full(_)) => Err(Error::Busy("too many writes are waiting")),
            Err(TrySendError::Disconnected(_)) => Err(Error::Unavailable("the writer has stopped".into())),
        }
    }
}

impl Writer {
    /// Whether the thread is there to take jobs.
    pub(super) fn is_running(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Writer {
    /// Lets the queued jobs finish.
    fn drop(&mut self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            drop(thread.join());
        }
    }
}

fn work(target: &Target, connection: AnyConnection, jobs: &Receiver<Box<dyn Job>>) {
    let mut desk = Desk { target: target.clone(), connection: Some(connection) };
    while let Ok(first) = jobs.recv() {
        let mut batch = vec![first];
        batch.extend(jobs.try_iter().take(MOST_IN_A_BATCH.saturating_sub(1)));
        desk.handle(batch);
    }
}

/// The writer's connection, opened again after a failure that it may not have survived.
struct Desk {
    target: Target,
    connection: Option<AnyConnection>,
}

/// Why a batch was not kept.
enum BatchFailure {
    /// No job of it was run: the database could not begin.
    NotBegun(Error),
    /// A job broke the transaction, or the transaction broke under it; the jobs may be run again, each alone.
    Broken(Error),
    /// The commit failed. Whether the database kept the batch is not certain, so nothing of it is run again; a client
    /// that repeats its request with its idempotency key gets the first answer if there is one.
    Uncertain(Error),
}

impl Desk {
    fn handle(&mut self, mut batch: Vec<Box<dyn Job>>) {
        match self.attempt(&mut batch) {
            Ok(outcomes) => batch.into_iter().zip(outcomes).for_each(|(job, outcome)| job.settle(outcome)),
            Err(BatchFailure::Broken(failure)) if batch.len() > 1 => {
                log::warn!("a batch of {} writes failed and is run job by job: {failure}", batch.len());
                for job in batch {
                    self.handle(vec![job]);
                }
            }
            Err(
                BatchFailure::NotBegun(failure)
                | BatchFailure::Broken(failure)
                | BatchFailure::Uncertain(failure),
            ) => {
                for job in batch {
                    job.settle(Err(failure.clone()));
                }
            }
        }
    }

    /// Runs a batch in one transaction.
    fn attempt(&mut self, batch: &mut [Box<dyn Job>]) -> std::result::Result<Vec<Result<()>>, BatchFailure> {
        if let Some(connection) = self.connection.take() {
            match self.attempt_on(connection, batch) {
                // The connection may have died while nobody wrote; no job was run, so another may be tried.
                Err(BatchFailure::NotBegun(failure)) if !matches!(failure, Error::Busy(_)) => {}
                outcome => return outcome,
            }
        }
        let connection = open(&self.target, Purpose::Write).map_err(BatchFailure::NotBegun)?;
        self.attempt_on(connection, batch)
    }

    fn attempt_on(
        &mut self,
        mut connection: AnyConnection,
        batch: &mut [Box<dyn Job>],
    ) -> std::result::Result<Vec<Result<()>>, BatchFailure> {
        match run_batch(&mut connection, batch) {
            Ok(outcomes) => {
                self.connection = Some(connection);
                Ok(outcomes)
            }
            Err(failure) => {
                // Where the rollback works the connection is sound; else the next attempt opens another.
                self.connection = connection.batch_execute("ROLLBACK").is_ok().then_some(connection);
                Err(failure)
            }
        }
    }
}

fn run_batch(
    connection: &mut AnyConnection,
    batch: &mut [Box<dyn Job>],
) -> std::result::Result<Vec<Result<()>>, BatchFailure> {
    // A deferred SQLite transaction that reads, then writes, fails under load; this one takes the lock at once.
    let begin = match connection {
        AnyConnection::Sqlite(_) => "BEGIN IMMEDIATE",
        AnyConnection::Postgres(_) => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    };
    connection.batch_execute(begin).map_err(unexpected("begin a batch")).map_err(BatchFailure::NotBegun)?;
    let before = lock_head(connection).map_err(BatchFailure::NotBegun)?;
    let mut head = before;
    let mut outcomes = Vec::with_capacity(batch.len());
    for job in batch.iter_mut() {
        outcomes.push(run_job(connection, job.as_mut(), &mut head).map_err(BatchFailure::Broken)?);
    }
    if head != before {
        let seq = to_i64(head.seq).map_err(BatchFailure::Broken)?;
        diesel::update(journal_head::table.find(1))
            .set((journal_head::seq.eq(seq), journal_head::recorded_at.eq(DbInstant(head.recorded_at))))
            .execute(connection)
            .map_err(unexpected("move the journal's head"))
            .map_err(BatchFailure::Broken)?;
    }
    connection
        .batch_execute("COMMIT")
        .map_err(unexpected("commit a batch"))
        .map_err(BatchFailure::Uncertain)?;
    Ok(outcomes)
}

/// Runs one job in its savepoint. The outer error is the batch's, the inner one the job's.
fn run_job(connection: &mut AnyConnection, job: &mut dyn Job, head: &mut Position) -> Result<Result<()>> {
    let context = job.context();
    connection.batch_execute("SAVEPOINT job").map_err(unexpected("begin a job"))?;
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut tx = Tx::new(connection, *head, &context);
        job.run(&mut tx)?;
        tx.finish()
    }));
    let outcome = outcome.unwrap_or_else(|_| Err(Error::internal("a write job panicked")));
    match outcome {
        Ok(after) => {
            connection.batch_execute("RELEASE SAVEPOINT job").map_err(unexpected("end a job"))?;
            *head = after;
            Ok(Ok(()))
        }
        Err(failure) => {
            let undo = "ROLLBACK TO SAVEPOINT job; RELEASE SAVEPOINT job";
            // SQLite undoes the whole transaction when the disk is full or fails; then the job's failure is the batch's.
            match connection.batch_execute(undo) {
                Ok(()) => Ok(Err(failure)),
                Err(_) => Err(failure),
            }
        }
    }
}

/// Reads the journal's head and keeps every other process from taking the next place until the commit.
fn lock_head(connection: &mut AnyConnection) -> Result<Position> {
    match connection {
        // BEGIN IMMEDIATE holds the only write lock there is.
        AnyConnection::Sqlite(_) => read_head(connection),
        AnyConnection::Postgres(postgres) => {
            let locked: std::result::Result<(i64, DbInstant), DieselError> = journal_head::table
                .find(1)
                .select((journal_head::seq, journal_head::recorded_at))
                .for_update()
                .get_result(postgres);
            let (seq, recorded_at) = locked.map_err(unexpected("lock the journal's head"))?;
            position(seq, recorded_at)
        }
    }
}

fn to_i64(seq: u64) -> Result<i64> {
    i64::try_from(seq).map_err(|_| Error::internal("the journal is full"))
}
