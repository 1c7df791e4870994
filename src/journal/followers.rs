//! Those who wait for what is recorded next, by a long poll or on a stream: how many there may be, who looks at the database
//! for all of them, and whose turn it is to read. Whoever waits holds no connection and no thread.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{
    db::{Db, Heads},
    error::{Error, Result},
    http::{Problem, places::Places, problem},
};

/// How often this process looks whether another one has written, while anybody waits.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The most that may wait at one process. Each holds a connection of the listener and some memory.
pub const MOST: usize = 1000;

/// The most that may wait with one key or token: a wall of screens, and not all that there is room for.
pub const MOST_OF_ONE: usize = 100;

/// Of how many read connections followers have one, so that most are left to everybody else.
const SHARE: u32 = 4;

/// After how many seconds whoever found no room may try again.
const ROOM_AFTER: u32 = 5;

/// How somebody follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    LongPoll,
    Stream,
}

/// The followers of one process. Clones share them.
#[derive(Clone)]
pub struct Followers(Arc<Inner>);

struct Inner {
    heads: Heads,
    waiting: Mutex<Places>,
    /// Told when the first one comes, and at the end.
    changed: Condvar,
    turns: Semaphore,
    numbers: FollowerNumbers,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// How many follow, for metrics.
#[derive(Debug, Clone, Default)]
pub struct FollowerNumbers {
    pub streams: Gauge,
    pub long_polls: Gauge,
}

impl Followers {
    /// Followers of a database, none yet.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(db: &Db) -> Result<Self> {
        let turns = usize::try_from((db.pool_use().most / SHARE).max(1)).unwrap_or(1);
        let inner = Arc::new(Inner::of(db.heads().clone(), turns));
        let (db, of_thread) = (db.clone(), Arc::clone(&inner));
        let thread = thread::Builder::new()
            .name("journal-head".into())
            .spawn(move || of_thread.look(&db))
            .map_err(|failure| Error::Unavailable(format!("nobody can look at the journal: {failure}")))?;
        *inner.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(Self(inner))
    }

    /// Sends everybody home, now and from now on: the server stops.
    pub fn end(&self) {
        self.0.heads.end();
        // Whoever is about to wait has looked before the lock, or looks after it.
        drop(self.0.waiting());
        self.0.changed.notify_all();
    }

    /// Ends, and waits until nothing of it uses the database any more.
    pub fn close(&self) {
        self.end();
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            drop(thread.join());
        }
    }

    /// How many follow.
    #[must_use]
    pub fn numbers(&self) -> &FollowerNumbers {
        &self.0.numbers
    }

    /// Takes a place among those who wait, until it is dropped.
    ///
    /// # Errors
    /// 429 where whoever has the credential has as many as one may have, 503 where there is no room for anybody.
    pub(super) fn enter(&self, credential: &str, by: By) -> std::result::Result<Place, Problem> {
        let mut waiting = self.0.waiting();
        if waiting.taken() >= MOST {
            let detail = format!(
                "{MOST} wait for what is recorded next, and there is no room for more; try again in {ROOM_AFTER} s"
            );
            return Err(Problem::new(&problem::UNAVAILABLE, detail).with_retry(ROOM_AFTER));
        }
        if waiting.taken_by(credential) >= MOST_OF_ONE {
            let detail = format!(
                "this key or token has {MOST_OF_ONE} streams and long polls open; close one, or try again in {ROOM_AFTER} s"
            );
            return Err(Problem::new(&problem::TOO_MANY_REQUESTS, detail).with_retry(ROOM_AFTER));
        }
        waiting.take(credential);
        drop(waiting);
        self.0.changed.notify_all();
        self.0.numbers.of(by).inc();
        Ok(Place { inner: Arc::clone(&self.0), credential: credential.to_owned(), by })
    }

    /// Waits for a turn to read. There are fewer turns than connections, so that a thousand who are woken at once leave
    /// connections to everybody else.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        self.0.turns.acquire().await.map_err(|_| Error::Busy("the registry is shutting down"))
    }
}

impl FollowerNumbers {
    fn of(&self, by: By) -> &Gauge {
        match by {
            By::LongPoll => &self.long_polls,
            By::Stream => &self.streams,
        }
    }
}

impl Inner {
    fn of(heads: Heads, turns: usize) -> Self {
        Self {
            heads,
            waiting: Mutex::default(),
            changed: Condvar::new(),
            turns: Semaphore::new(turns),
            numbers: FollowerNumbers::default(),
            thread: Mutex::default(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Places> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The thread's work: while anybody waits, to look how far the journal has come.
    fn look(&self, db: &Db) {
        let mut failing = false;
        loop {
            let nobody = |waiting: &mut Places| waiting.taken() == 0 && !self.heads.is_over();
            drop(self.changed.wait_while(self.waiting(), nobody).unwrap_or_else(PoisonError::into_inner));
            if self.heads.is_over() {
                return;
            }
            if let Err(failure) = db.look_at_head() {
                if !std::mem::replace(&mut failing, true) {
                    log::warn!("what other processes record can't be seen now: {failure}");
                }
            } else {
                failing = false;
            }
            let waiting = self.waiting();
            let pause = self.changed.wait_timeout_while(waiting, LOOK_EVERY, |_| !self.heads.is_over());
            drop(pause.unwrap_or_else(PoisonError::into_inner));
        }
    }
}

/// A place among those who wait.
pub(super) struct Place {
    inner: Arc<Inner>,
    credential: String,
    by: By,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.inner.waiting().give_back(&self.credential);
        self.inner.numbers.of(self.by).dec();
    }
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError;

    use super::*;

    #[test]
    fn there_is_room_for_so_many_and_for_some_of_each_and_places_come_back() {
        let followers = Followers(Arc::new(Inner::of(Heads::default(), 1)));
        let refused = |credential: &str| {
            let refusal = followers.enter(credential, By::Stream).err().unwrap();
            (refusal.status_code().as_u16(), refusal.render("r").headers().contains_key("retry-after"))
        };
        let mut places: Vec<Place> = (0..MOST)
            .map(|number| followers.enter(&format!("key-{}", number / MOST_OF_ONE), By::Stream).unwrap())
            .collect();
        assert_eq!(refused("another"), (503, true));
        assert_eq!(followers.numbers().streams.get(), 1000);
        drop(places.pop());
        assert_eq!(refused("key-0"), (429, true));
        places.push(followers.enter("another", By::LongPoll).unwrap());
        assert_eq!(followers.numbers().long_polls.get(), 1);
        drop(places);
        let left = {
            let waiting = followers.0.waiting();
            (waiting.taken(), waiting.credentials())
        };
        assert_eq!(left, (0, 0));
        assert_eq!((followers.numbers().streams.get(), followers.numbers().long_polls.get()), (0, 0));
    }
}
