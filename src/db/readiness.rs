//! Whether reads and writes work, found out by doing both.

use std::time::{Duration, Instant};

use actix_web::rt::time::timeout;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tokio::sync::{Mutex, oneshot};

use super::{
    AnyConnection, Context, Cost, Db, Position, Tx,
    failure::unexpected,
    migrations::schema_state,
    schema::{idempotency_keys, journal_head},
    types::{DbInstant, DbJson},
};
use crate::{
    error::{Error, Result},
    values::Instant as Moment,
};

/// How old the outcome of a probe may be that is given again, so that those who ask often cost little.
const FRESH: Duration = Duration::from_secs(1);

/// For how long a write that found no room counts for more than a probe: a disk may have room for a small row and for no
/// large one.
const REMEMBERED: Duration = Duration::from_secs(2);

/// How long a database may take to show that it works.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The probe of writes: one at a time, however many ask.
#[derive(Debug, Default)]
pub(super) struct Probe(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// When the last one ended, and how.
    last: Option<(Instant, Result<()>)>,
    /// One that nobody had the time to wait for, and that the writer still has.
    waiting: Option<oneshot::Receiver<Result<()>>>,
}

impl Db {
    /// Whether reads work, on a schema that this program can serve; and, where that is asked, whether writes do. Gives the
    /// journal's head. It takes no longer than a second and a half.
    ///
    /// # Errors
    /// What doesn't work, and why.
    pub async fn readiness(&self, writes: bool) -> std::result::Result<Position, NotReady> {
        let until = Instant::now() + PATIENCE;
        let late = |_| Err(Error::TimedOut("the database took too long to show that it works".into()));
        let reads = self.read(Context::own(), Cost::Scan, |snapshot| {
            schema_state(snapshot.connection())?.must_be_current()?;
            snapshot.head()
        });
        let head = timeout(PATIENCE, reads).await.unwrap_or_else(late).map_err(NotReady::Reads)?;
        if writes {
            let left = until.saturating_duration_since(Instant::now());
            let late = |_| Err(Error::TimedOut("others wait for the same probe".into()));
            timeout(left, self.probe_writes(until)).await.unwrap_or_else(late).map_err(NotReady::Writes)?;
        }
        Ok(head)
    }

    async fn probe_writes(&self, until: Instant) -> Result<()> {
        let numbers = self.inner.writer.numbers();
        if numbers.done_within(FRESH) {
            return Ok(());
        }
        let mut state = self.inner.probe.0.lock().await;
        if let Some((ended, outcome)) = &state.last
            && ended.elapsed() < FRESH
        {
            return outcome.clone();
        }
        // One that ended meanwhile tells of a past that nobody asks about.
        let unended = state.waiting.take().and_then(|mut waiting| {
            matches!(waiting.try_recv(), Err(oneshot::error::TryRecvError::Empty)).then_some(waiting)
        });
        let mut waiting = match unended {
            Some(waiting) => waiting,
            None if numbers.without_room_within(REMEMBERED) => {
                return Err(Error::NoRoom("there was no room for the last write".into()));
            }
            None => self.queue(Context::new("readiness", "readiness"), probe)?,
        };
        // A little less than whoever asks has, so that the outcome is kept for the next.
        let left = until.saturating_duration_since(Instant::now()).saturating_sub(Duration::from_millis(50));
        let outcome = match timeout(left, &mut waiting).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Error::Unavailable("the writer has ended".into())),
            Err(_) => {
                state.waiting = Some(waiting);
                Err(Error::TimedOut("the writer took too long to show that it works".into()))
            }
        };
        state.last = Some((Instant::now(), outcome.clone()));
        outcome
    }
}

/// What does not work, and why.
#[derive(Debug, Clone)]
pub enum NotReady {
    Reads(Error),
    Writes(Error),
}

/// A write that leaves everything as it was: the journal's head is written as it is, and a row comes and goes.
fn probe(tx: &mut Tx<'_>) -> Result<()> {
    let connection: &mut AnyConnection = tx.connection();
    let failed = |failure| unexpected("probe a write")(failure);
    diesel::update(journal_head::table.find(1))
        .set(journal_head::seq.eq(journal_head::seq))
        .execute(connection)
        .map_err(failed)?;
    let key = ("readiness", "PROBE", "/readyz", "probe");
    diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::actor.eq(key.0),
            idempotency_keys::method.eq(key.1),
            idempotency_keys::path.eq(key.2),
            idempotency_keys::key.eq(key.3),
            idempotency_keys::request_sha256.eq(""),
            idempotency_keys::status.eq(200),
            idempotency_keys::headers.eq(DbJson("{}".into())),
            idempotency_keys::body.eq(""),
            idempotency_keys::recorded_at.eq(DbInstant(Moment::now())),
        ))
        .execute(connection)
        .map_err(failed)?;
    diesel::delete(idempotency_keys::table.find(key)).execute(connection).map_err(failed)?;
    Ok(())
}
