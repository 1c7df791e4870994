//! Counting for many: a count looks at every designation, so few are made at a time, those who ask the same are told the same,
//! and what was counted is kept as long as nothing is recorded that could change it. A count goes on where its client
//! leaves, and holds its turn until it has ended: nothing that a client does makes more of them run.

use std::{sync::Arc, time::Duration};

use actix_web::rt::{self, time::timeout};
use prometheus_client::metrics::counter::Counter;
use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};
use tokio::sync::Semaphore;

use super::service::{self, AsOf, DayQuestion, Question, SeriesQuestion};
use crate::{
    db::{Context, Cost, Db, Evidence, Snapshot},
    error::{Error, Result},
    http::{
        Asker, Problem,
        places::{Place, Places, Purpose},
        request::Named,
    },
    journal::{Knowledge, Known},
};

/// Of how many read connections counts have one, so that most are left to everybody else.
const SHARE: u32 = 4;

/// How long a count waits for its turn, and how long somebody waits for one in all. Both together lie below what a request
/// may take.
const TURN_WITHIN: Duration = Duration::from_secs(20);
const WITHIN: Duration = Duration::from_secs(50);

/// The most that may wait for a count, and with one key or token: several dashboards of a dozen panels.
const MOST_WAITING: usize = 200;
const MOST_WAITING_OF_ONE: usize = 50;

const PURPOSE: Purpose = Purpose { plural: "counts", meanwhile: "waiting or being made", room_after: 2 };

/// How many numbers are kept in all, with their names: some ten megabytes.
const MOST_KEPT: u64 = 100_000;

/// What a kept answer weighs beside its numbers.
const OVERHEAD: u64 = 20;

/// About how many answers that is.
const ANSWERS: usize = 500;

/// What a count follows from. The same again has the same outcome.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key<Q> {
    question: Q,
    sees_restricted: bool,
    as_of: AsOf,
}

/// How much of the room a kept answer takes.
#[derive(Clone)]
struct Size;

impl<Q: Question> Weighter<Key<Q>, Arc<Q::Counted>> for Size {
    fn weight(&self, _: &Key<Q>, counted: &Arc<Q::Counted>) -> u64 {
        u64::try_from(Q::size(counted)).unwrap_or(u64::MAX).saturating_add(OVERHEAD)
    }
}

/// What was counted lately.
pub(super) struct Kept<Q: Question>(Cache<Key<Q>, Arc<Q::Counted>, Size>);

impl<Q: Question> Default for Kept<Q> {
    fn default() -> Self {
        let mut options = OptionsBuilder::new();
        // One shard: a large answer may take more room than an even share.
        let options = options.shards(1).estimated_items_capacity(ANSWERS).weight_capacity(MOST_KEPT);
        let cache = match options.build() {
            Ok(options) => {
                Cache::with_options(options, Size, DefaultHashBuilder::default(), DefaultLifecycle::default())
            }
            Err(_) => Cache::with_weighter(ANSWERS, MOST_KEPT, Size),
        };
        Self(cache)
    }
}

/// How many questions were answered, and how many counts that took; for metrics.
#[derive(Debug, Clone, Default)]
pub struct CountNumbers {
    pub answered: Counter,
    pub made: Counter,
}

/// The counts of a process. Clones share them.
#[derive(Clone)]
pub struct Counting(Arc<Inner>);

pub(super) struct Inner {
    db: Db,
    numbers: CountNumbers,
    turns: Arc<Semaphore>,
    places: Places,
    days: Kept<DayQuestion>,
    series: Kept<SeriesQuestion>,
}

/// A question whose answers are kept.
pub(super) trait Keep: Question {
    fn kept(counting: &Inner) -> &Kept<Self>;
}

impl Keep for DayQuestion {
    fn kept(counting: &Inner) -> &Kept<Self> {
        &counting.days
    }
}

impl Keep for SeriesQuestion {
    fn kept(counting: &Inner) -> &Kept<Self> {
        &counting.series
    }
}

/// What was counted, and from which position the answer is given.
pub(super) struct Found<Q: Question> {
    pub(super) question: Q,
    pub(super) counted: Arc<Q::Counted>,
    pub(super) known: Knowledge,
}

impl Counting {
    #[must_use]
    pub fn new(db: Db) -> Self {
        let turns = usize::try_from(db.pool_use().most / SHARE).unwrap_or_default().max(1);
        Self(Arc::new(Inner {
            db,
            numbers: CountNumbers::default(),
            turns: Arc::new(Semaphore::new(turns)),
            places: Places::new(PURPOSE, MOST_WAITING, MOST_WAITING_OF_ONE),
            days: Kept::default(),
            series: Kept::default(),
        }))
    }

    /// What was done so far.
    #[must_use]
    pub fn numbers(&self) -> &CountNumbers {
        &self.0.numbers
    }

    /// What was counted for a question that is found in a snapshot: kept from before, counted for somebody else meanwhile, or
    /// counted now.
    ///
    /// # Errors
    /// What is asked for can't be; no room or no turn; the database can't answer.
    pub(super) async fn of<Q: Keep, F>(
        &self,
        (asker, named): (Asker, Named),
        ask: F,
    ) -> std::result::Result<Found<Q>, Problem>
    where
        F: FnOnce(&mut Snapshot<'_>) -> Result<(Q, Known)> + Send + 'static,
    {
        let sees_restricted = asker.0.sight.sees_restricted();
        let unseen = Context { evidence: Evidence::default(), ..asker.0.clone() };
        let take_up = move |snapshot: &mut Snapshot<'_>| {
            let (question, known) = ask(snapshot)?;
            let known = service::take_up(snapshot, &question, known)?;
            Ok((Key { question, sees_restricted, as_of: service::as_of(snapshot, known)? }, known))
        };
        let (key, known) = self.0.db.read(asker.0, Cost::Scan, take_up).await?;
        let question = key.question.clone();
        let counted = match Q::kept(&self.0).0.get(&key) {
            Some(counted) => counted,
            None => {
                let place = self.0.places.enter(&named.credential)?;
                // A task of its own goes on where whoever asked has left.
                let count = rt::spawn(self.clone().count((key, known), unseen, place));
                match timeout(WITHIN, count).await {
                    Ok(Ok(counted)) => counted?,
                    Ok(Err(_)) => return Err(Error::internal("a count panicked").into()),
                    Err(_) => return Err(Error::Busy("counts take too long now").into()),
                }
            }
        };
        self.0.numbers.answered.inc();
        Ok(Found { question, counted, known })
    }

    async fn count<Q: Keep>(
        self,
        (key, known): (Key<Q>, Knowledge),
        asker: Context,
        _place: Place,
    ) -> Result<Arc<Q::Counted>> {
        let kept = &Q::kept(&self.0).0;
        let room = match kept.get_value_or_guard_async(&key).await {
            Ok(counted) => return Ok(counted),
            Err(room) => room,
        };
        let turn = timeout(TURN_WITHIN, Arc::clone(&self.0.turns).acquire_owned());
        let Ok(Ok(turn)) = turn.await else {
            return Err(Error::Busy("as many counts as may be made at a time wait"));
        };
        let question = key.question.clone();
        let count = move |snapshot: &mut Snapshot<'_>| {
            // Held by the thread that counts, which nobody can stop.
            let _turn = turn;
            snapshot.take_longer()?;
            let known = Knowledge { is_head: snapshot.head()?.seq == known.seq, ..known };
            Ok((service::as_of(snapshot, known)?, question.count(snapshot, known)?))
        };
        let (as_of, counted) = self.0.db.read(asker, Cost::Scan, count).await?;
        self.0.numbers.made.inc();
        let counted = Arc::new(counted);
        // Where something was recorded meanwhile, what was counted is kept for nobody else.
        if as_of == key.as_of {
            drop(room.insert(Arc::clone(&counted)));
        }
        Ok(counted)
    }
}

#[cfg(test)]
mod tests;
