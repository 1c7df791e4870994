//! One batch: its jobs in one transaction, each in a savepoint of its own, and one commit.

use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl, connection::SimpleConnection, result::Error as DieselError,
};

use super::Job;
use crate::{
    db::{
        connection::AnyConnection,
        failure::unexpected,
        schema::journal_head,
        tx::{Position, Tx, position, read_head},
        types::DbInstant,
    },
    error::{Error, Result},
};

/// Why a batch was not kept.
pub(super) enum BatchFailure {
    /// No job of it was run: the database could not begin.
    NotBegun(Error),
    /// A job broke the transaction, or the transaction broke under it; nothing was committed, and the jobs may be run again.
    Broken(Error),
    /// The commit failed. Whether the database kept the batch is not certain, so nothing of it is run again; a client
    /// that repeats its request with its idempotency key gets the first answer if there is one.
    Uncertain(Error),
}

impl BatchFailure {
    /// Whether the same batch may well pass on another try, and nothing of it was kept.
    pub(super) const fn is_passing(&self) -> bool {
        match self {
            Self::NotBegun(failure) => {
                matches!(failure, Error::Interrupted(_) | Error::Unavailable(_) | Error::Internal(_))
            }
            Self::Broken(failure) => matches!(failure, Error::Interrupted(_)),
            Self::Uncertain(_) => false,
        }
    }

    /// What is to be said of it, wherever it happened.
    pub(super) const fn error(&self) -> &Error {
        match self {
            Self::NotBegun(failure) | Self::Broken(failure) | Self::Uncertain(failure) => failure,
        }
    }
}

/// The outcomes of a batch's jobs, in order, and the journal's last position after its commit.
pub(super) type Committed = (Vec<Result<()>>, u64);

/// Runs a batch in one transaction.
pub(super) fn run_batch(
    connection: &mut AnyConnection,
    batch: &mut [Box<dyn Job>],
) -> std::result::Result<Committed, BatchFailure> {
    // A deferred SQLite transaction that reads, then writes, fails under load; this one takes the lock at once.
    let begin = match connection {
        AnyConnection::Sqlite(_) => "BEGIN IMMEDIATE",
        // Not READ WRITE: whoever sets default_transaction_read_only means it.
        AnyConnection::Postgres(_) => "BEGIN ISOLATION LEVEL READ COMMITTED",
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
    commit(connection)?;
    Ok((outcomes, head.seq))
}

/// Commits, and knows what a failure of it means.
fn commit(connection: &mut AnyConnection) -> std::result::Result<(), BatchFailure> {
    let commit = match connection {
        AnyConnection::Sqlite(_) => "COMMIT",
        // In a transaction that has failed COMMIT succeeds and rolls back, while SET fails. And a commit that waits for a
        // standby and is cut short counts as done, though no standby has it: PostgreSQL lifts the time limit before it
        // waits, but its manual does not promise that.
        AnyConnection::Postgres(_) => "SET LOCAL statement_timeout = 0; COMMIT",
    };
    let Err(failure) = connection.batch_execute(commit) else { return Ok(()) };
    let answered = matches!(
        &failure,
        DieselError::DatabaseError(diesel::result::DatabaseErrorKind::SerializationFailure, _)
    );
    Err(match unexpected("commit a batch")(failure) {
        failure if answered => BatchFailure::Broken(failure),
        Error::NoRoom(text) => BatchFailure::Uncertain(Error::NoRoom(text)),
        failure => BatchFailure::Uncertain(Error::Uncertain(failure.to_string())),
    })
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
        // What interrupted one job interrupted its batch.
        Err(failure @ Error::Interrupted(_)) => Err(failure),
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
