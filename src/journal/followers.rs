//! Those who wait for what is recorded next, by a long poll or on a stream: how many there may be, and whose turn it is to
//! read. Whoever waits holds no connection and no thread.

use std::sync::Arc;

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::look_out::LookOut;
use crate::{
    db::{Db, Heads},
    error::{Error, Result},
    http::{
        Problem,
        places::{self, Places, Purpose},
    },
};

/// The most that may wait at one process. Each holds a connection of the listener and some memory.
pub const MOST: usize = 1000;

/// The most that may wait with one key or token: a wall of screens, and not all that there is room for.
pub const MOST_OF_ONE: usize = 100;

/// Of how many read connections followers have one, so that most are left to everybody else.
const SHARE: u32 = 4;

const PURPOSE: Purpose = Purpose { plural: "streams and long polls", meanwhile: "open", room_after: 5 };

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
    places: Places,
    turns: Semaphore,
    numbers: FollowerNumbers,
    look_out: LookOut,
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
        let places = Places::new(PURPOSE, MOST, MOST_OF_ONE);
        let look_out = LookOut::start(db, places.clone())?;
        let (heads, turns) = (db.heads().clone(), Semaphore::new(turns));
        Ok(Self(Arc::new(Inner { heads, places, turns, numbers: FollowerNumbers::default(), look_out })))
    }

    /// Sends everybody home, now and from now on: the server stops.
    pub fn end(&self) {
        self.0.heads.end();
        self.0.look_out.tell();
    }

    /// Ends, and waits until nothing of it uses the database any more.
    pub fn close(&self) {
        self.end();
        self.0.look_out.join();
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
        let place = self.0.places.enter(credential)?;
        self.0.look_out.tell();
        Ok(Place::of(place, self.0.numbers.of(by)))
    }

    /// Waits for a turn to read. There are fewer turns than connections, so that a thousand who are woken at once leave
    /// connections to everybody else.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        self.0.turns.acquire().await.map_err(|_| Error::Busy("the registry is shutting down"))
    }
}

impl FollowerNumbers {
    const fn of(&self, by: By) -> &Gauge {
        match by {
            By::LongPoll => &self.long_polls,
            By::Stream => &self.streams,
        }
    }
}

/// A place among those who wait, counted as long as it is kept.
pub(super) struct Place {
    counted: Gauge,
    _place: places::Place,
}

impl Place {
    fn of(place: places::Place, number: &Gauge) -> Self {
        number.inc();
        Self { counted: number.clone(), _place: place }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.counted.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_by_how_they_follow_as_long_as_they_are_kept() {
        let (places, numbers) = (Places::new(PURPOSE, 2, 2), FollowerNumbers::default());
        let take = |by: By| Place::of(places.enter("key").unwrap(), numbers.of(by));
        let (stream, long_poll) = (take(By::Stream), take(By::LongPoll));
        assert_eq!((numbers.streams.get(), numbers.long_polls.get(), places.taken()), (1, 1, 2));
        drop(stream);
        assert_eq!((numbers.streams.get(), numbers.long_polls.get(), places.taken()), (0, 1, 1));
        drop(long_poll);
        assert_eq!((numbers.streams.get(), numbers.long_polls.get(), places.taken()), (0, 0, 0));
    }
}
