//! What a use case works with: `Tx` inside a write job, `Snapshot` inside a read. Both give stores their connection.

use diesel::{QueryDsl, QueryResult, RunQueryDsl, connection::SimpleConnection};

use uuid::Uuid;

use super::{
    connection::AnyConnection,
    failure::unexpected,
    schema::journal_head,
    sight::{Evidence, Sight},
    types::DbInstant,
};
use crate::{
    error::{Error, Result},
    values::Instant,
};

/// Who asks, in which request, how far they see, and where it is noted what they saw.
#[derive(Debug, Clone)]
pub struct Context {
    pub actor: String,
    pub request_id: String,
    pub sight: Sight,
    pub evidence: Evidence,
}

impl Context {
    /// Of the program itself, and of whoever works on the database without the server: it sees everything.
    pub fn new(actor: impl Into<String>, request_id: impl Into<String>) -> Self {
        Self {
            actor: actor.into(),
            request_id: request_id.into(),
            sight: Sight::Everything,
            evidence: Evidence::default(),
        }
    }

    /// Of the program itself, for what no request asks for.
    #[must_use]
    pub fn own() -> Self {
        Self::new("risk-registry", "-")
    }
}

/// A position of the journal and its instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// 0: before the first entry.
    pub seq: u64,
    pub recorded_at: Instant,
}

/// A place in the journal that a write has taken and must fill.
#[derive(Debug)]
pub struct Stamp {
    pub seq: u64,
    /// The record's `created_at` or `updated_at`, and the entry's `recorded_at`.
    pub recorded_at: Instant,
}

/// One write use case: its connection, its place in the journal, and the one clock.
pub struct Tx<'c> {
    connection: &'c mut AnyConnection,
    head: Position,
    context: &'c Context,
    open_stamps: u32,
    /// The review whose confirmation makes the changes that follow.
    review: Option<Uuid>,
    /// The instant to record at; only the example sets it. None: the clock's.
    as_of: Option<Instant>,
}

impl<'c> Tx<'c> {
    pub(super) const fn new(connection: &'c mut AnyConnection, head: Position, context: &'c Context) -> Self {
        Self { connection, head, context, open_stamps: 0, review: None, as_of: None }
    }

    /// The connection, for stores.
    pub const fn connection(&mut self) -> &mut AnyConnection {
        self.connection
    }

    #[must_use]
    pub const fn context(&self) -> &Context {
        self.context
    }

    /// The last entry that is written or stamped.
    #[must_use]
    pub const fn head(&self) -> Position {
        self.head
    }

    /// Records what follows as of an instant, or 1 µs after the last entry where that is later. For the example, which
    /// retells what was learnt when; nothing that a client can reach calls it.
    pub(crate) const fn record_as_of(&mut self, instant: Instant) {
        self.as_of = Some(instant);
    }

    /// What this write sees, its own changes too, for a use case that reads.
    pub const fn seen(&mut self) -> Snapshot<'_> {
        Snapshot { head: Some(self.head), ..Snapshot::new(self.connection, self.context) }
    }

    /// Says that what follows is recorded because a review of it was confirmed; `None`: no longer.
    pub fn confirms(&mut self, review: impl Into<Option<Uuid>>) {
        self.review = review.into();
    }

    /// The review whose confirmation is being recorded.
    #[must_use]
    pub const fn review(&self) -> Option<Uuid> {
        self.review
    }

    /// Does something and takes it back whatever comes of it, so that it is known what would come of it. It is the same code
    /// that would do it for good, so not one check differs.
    ///
    /// # Errors
    /// What would stand in the way, and a database that can't take it back.
    pub fn dry_run<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let (head, open_stamps) = (self.head, self.open_stamps);
        self.connection.batch_execute("SAVEPOINT dry_run").map_err(unexpected("begin a dry run"))?;
        let outcome = run(self);
        (self.head, self.open_stamps) = (head, open_stamps);
        let undo = "ROLLBACK TO SAVEPOINT dry_run; RELEASE SAVEPOINT dry_run";
        match (self.connection.batch_execute(undo), outcome) {
            (Ok(()), outcome) => outcome,
            // A failure that took the whole transaction with it says more than that nothing is left to take back.
            (Err(_), Err(failure)) => Err(failure),
            (Err(failure), Ok(_)) => Err(unexpected("take back a dry run")(failure)),
        }
    }

    /// Takes the next place in the journal. `recorded_at` rises strictly, whatever the clock does.
    pub fn stamp(&mut self) -> Stamp {
        let clock = self.as_of.unwrap_or_else(Instant::now);
        self.head = Position {
            seq: self.head.seq.saturating_add(1),
            recorded_at: clock.max(self.head.recorded_at.tick()),
        };
        self.open_stamps = self.open_stamps.saturating_add(1);
        Stamp { seq: self.head.seq, recorded_at: self.head.recorded_at }
    }

    /// Says that the entry of a stamp is written.
    pub(crate) const fn filled(&mut self) {
        self.open_stamps = self.open_stamps.saturating_sub(1);
    }

    /// The head after the job, if it filled every place that it took.
    pub(super) fn finish(self) -> Result<Position> {
        if self.open_stamps == 0 {
            Ok(self.head)
        } else {
            Err(Error::internal("a write took a place in the journal and left it empty"))
        }
    }
}

/// One consistent view of the database.
pub struct Snapshot<'c> {
    connection: &'c mut AnyConnection,
    head: Option<Position>,
    context: &'c Context,
}

impl<'c> Snapshot<'c> {
    pub(super) const fn new(connection: &'c mut AnyConnection, context: &'c Context) -> Self {
        Self { connection, head: None, context }
    }

    /// How far whoever asks sees.
    #[must_use]
    pub const fn sight(&self) -> Sight {
        self.context.sight
    }

    /// Where it is noted what the answer shows.
    #[must_use]
    pub const fn evidence(&self) -> &Evidence {
        &self.context.evidence
    }

    /// The connection, for stores.
    pub const fn connection(&mut self) -> &mut AnyConnection {
        self.connection
    }

    /// The journal's head in this view.
    ///
    /// # Errors
    /// When the database can't answer.
    pub fn head(&mut self) -> Result<Position> {
        match self.head {
            Some(head) => Ok(head),
            None => read_head(self.connection).inspect(|head| self.head = Some(*head)),
        }
    }

    /// Lets this read's statements take longer than those of others: for one that must look at everything, and of which few run
    /// at a time.
    ///
    /// # Errors
    /// When the database can't answer.
    pub fn take_longer(&mut self) -> Result<()> {
        match self.connection {
            // It holds until the transaction ends.
            AnyConnection::Postgres(_) => self
                .connection
                .batch_execute("SET LOCAL statement_timeout = '30s'")
                .map_err(unexpected("let a read take longer")),
            // There no statement has a limit.
            AnyConnection::Sqlite(_) => Ok(()),
        }
    }
}

/// Runs a read on a connection of one's own.
///
/// # Errors
/// The read's own, or a database that can't answer.
pub fn in_snapshot<T, F: FnOnce(&mut Snapshot<'_>) -> Result<T>>(
    connection: &mut AnyConnection,
    context: &Context,
    run: F,
) -> Result<T> {
    /// Ends the transaction however the read ends: by an error, or by a panic that somebody catches.
    struct Ended<'c>(&'c mut AnyConnection);
    impl Drop for Ended<'_> {
        fn drop(&mut self) {
            // Where it fails the connection is broken, and its next BEGIN says so.
            drop(end_snapshot(self.0));
        }
    }
    begin_snapshot(connection).map_err(unexpected("begin a read"))?;
    run(&mut Snapshot::new(Ended(connection).0, context))
}

/// Begins a transaction that reads one state of the database, whatever is written meanwhile.
pub(super) fn begin_snapshot(connection: &mut AnyConnection) -> QueryResult<()> {
    connection.batch_execute(match connection {
        AnyConnection::Sqlite(_) => "BEGIN",
        AnyConnection::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    })
}

pub(super) fn end_snapshot(connection: &mut AnyConnection) -> QueryResult<()> {
    connection.batch_execute("ROLLBACK")
}

/// The journal's head, in whatever transaction the connection is.
pub(crate) fn read_head(connection: &mut AnyConnection) -> Result<Position> {
    let (seq, recorded_at) = journal_head::table
        .find(1)
        .select((journal_head::seq, journal_head::recorded_at))
        .get_result::<(i64, DbInstant)>(connection)
        .map_err(unexpected("read the journal's head"))?;
    position(seq, recorded_at)
}

pub(super) fn position(seq: i64, recorded_at: DbInstant) -> Result<Position> {
    let seq = u64::try_from(seq).map_err(|_| Error::internal(format!("the journal's head is {seq}")))?;
    Ok(Position { seq, recorded_at: recorded_at.0 })
}
