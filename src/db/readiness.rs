//! Whether reads and writes work, found out by doing both.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};

use super::{
    Context, Cost, Db, Position, failure::unexpected, migrations::schema_state, schema::journal_head,
};
use crate::error::{Error, Result};

/// How old an answer may be that is given again, so that those who ask often cost little.
const FRESH: Duration = Duration::from_secs(1);

/// How long a database may take to show that it works.
const PATIENCE: Duration = Duration::from_millis(1500);

/// When a probe of writes ended, and how.
type Ended = (Instant, Result<()>);

/// The last probe of writes.
#[derive(Debug, Default)]
pub(super) struct Probe(Mutex<Option<Ended>>);

impl Probe {
    fn fresh(&self) -> Option<Result<()>> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().filter(|(ended, _)| ended.elapsed() < FRESH).map(|(_, outcome)| outcome.clone())
    }

    fn keep(&self, outcome: &Result<()>) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some((Instant::now(), outcome.clone()));
    }
}

impl Db {
    /// Whether reads work, on a schema that this program can serve. Gives the journal's head.
    ///
    /// # Errors
    /// Why they don't.
    pub async fn takes_reads(&self) -> Result<Position> {
        let read = self.read(Cost::Scan, |snapshot| {
            schema_state(snapshot.connection())?.must_be_current()?;
            snapshot.head()
        });
        let late = |_| Err(Error::TimedOut("a read took too long".into()));
        actix_web::rt::time::timeout(PATIENCE, read).await.unwrap_or_else(late)
    }

    /// Whether writes work: the last one was committed just now, or one that changes nothing can be.
    ///
    /// # Errors
    /// Why they don't.
    pub async fn takes_writes(&self) -> Result<()> {
        if self.inner.writer.numbers().committed_within(FRESH) {
            return Ok(());
        }
        if let Some(outcome) = self.inner.probe.fresh() {
            return outcome;
        }
        let write = self.write(Context::new("readiness", "readiness"), |tx| {
            diesel::update(journal_head::table.find(1))
                .set(journal_head::seq.eq(journal_head::seq))
                .execute(tx.connection())
                .map(drop)
                .map_err(unexpected("probe a write"))
        });
        let late = |_| Err(Error::TimedOut("the writer took too long".into()));
        let outcome = actix_web::rt::time::timeout(PATIENCE, write).await.unwrap_or_else(late);
        self.inner.probe.keep(&outcome);
        outcome
    }
}
