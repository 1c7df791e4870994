//! Somebody who follows the feed: waits for what is recorded after a position, and reads it as whoever they are by then.

use std::time::Duration;

use actix_web::rt::time::{Instant, sleep_until, timeout};

use super::{
    feed::{self, Entries, FeedRequest},
    followers::{By, Followers, Place},
    model::{JournalEntry, Wait},
};
use crate::{
    db::{Context, Cost, Db, Evidence, Falls, Snapshot, Woken},
    error,
    http::{Admitted, Asker, Problem},
};

/// How soon somebody who has read all that there was reads again: under many writes an answer takes several together.
const READ_EVERY: Duration = Duration::from_millis(100);

/// Whoever follows the feed from a position on. They have a place as long as this is kept.
pub(super) struct Follower {
    db: Db,
    followers: Followers,
    admitted: Admitted,
    /// The position up to which they have seen all that they may see.
    after: u64,
    /// How often the journal had fallen before that was read.
    falls: Falls,
    may_read_at: Instant,
    _place: Place,
}

/// What a wait ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waited {
    /// Something was recorded, which they may see or not.
    Recorded,
    /// The time is over.
    Elapsed,
    /// The server stops.
    Over,
}

impl Follower {
    /// Takes a place.
    ///
    /// # Errors
    /// Where there is no room.
    pub(super) fn enter(
        db: &Db,
        followers: &Followers,
        (admitted, by): (Admitted, By),
        after: u64,
    ) -> Result<Self, Problem> {
        let place = followers.enter(admitted.0.credential(), by)?;
        let (db, followers, falls) = (db.clone(), followers.clone(), db.heads().falls());
        Ok(Self { db, followers, admitted, after, falls, may_read_at: Instant::now(), _place: place })
    }

    /// Whether the server stops.
    pub(super) fn is_over(&self) -> bool {
        self.db.heads().is_over()
    }

    pub(super) const fn after(&self) -> u64 {
        self.after
    }

    /// Says up to which position they have seen everything.
    pub(super) const fn has_seen(&mut self, after: u64) {
        self.after = after;
    }

    /// Has them not read for a while.
    pub(super) fn pause(&mut self, time: Duration) {
        self.may_read_at = Instant::now() + time;
    }

    /// Waits until something is recorded that they have not looked at, or the journal has fallen.
    pub(super) async fn wait(&self, until: Instant) -> Waited {
        let heads = self.db.heads();
        match timeout(until.saturating_duration_since(Instant::now()), heads.past(self.after, self.falls))
            .await
        {
            Err(_) => return Waited::Elapsed,
            Ok(Woken::Over) => return Waited::Over,
            Ok(Woken::Past) => {}
        }
        if self.may_read_at < until {
            sleep_until(self.may_read_at).await;
            return Waited::Recorded;
        }
        sleep_until(until).await;
        Waited::Elapsed
    }

    /// Whether they still would be let in. Asked in turn as well: a thousand streams have their beats at the same time.
    ///
    /// # Errors
    /// Where they would be refused now.
    pub(super) async fn is_admitted(&self) -> Result<(), Problem> {
        let _turn = self.followers.turn().await?;
        self.admitted.0.renewed().await.map(drop)
    }

    /// Puts what a part shows into the log of reads.
    ///
    /// # Errors
    /// Where the log takes no more: the part must not be sent.
    pub(super) fn shows(&self, context: &Context, part: &str) -> Result<(), Problem> {
        self.admitted.0.shows(context, part.as_bytes())
    }

    /// Reads, when it is their turn, as whoever they are then; gives that too. `evidence`: where it is noted what is shown, if
    /// not in the new context's own.
    ///
    /// # Errors
    /// Where they would be refused now, or the database can't answer.
    pub(super) async fn read<T, F>(
        &mut self,
        evidence: Option<Evidence>,
        run: F,
    ) -> Result<(T, Context), Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Snapshot<'_>) -> error::Result<T> + Send + 'static,
    {
        let turn = self.followers.turn().await?;
        let now = self.admitted.0.renewed().await?;
        let context = match evidence {
            Some(evidence) => Context { evidence, ..now },
            None => now,
        };
        self.falls = self.db.heads().falls();
        let found = self.db.read(context.clone(), Cost::Scan, run).await?;
        drop(turn);
        self.may_read_at = Instant::now() + READ_EVERY;
        Ok((found, context))
    }
}

/// The next entries, or none where there are none for so long.
///
/// # Errors
/// Where there is no room to wait, they would be refused by then, or the database can't answer.
pub(super) async fn next_entries(
    (db, followers): (&Db, &Followers),
    (asker, admitted): (Asker, Admitted),
    (request, wait): (FeedRequest, Wait),
) -> Result<Entries<JournalEntry>, Problem> {
    let until = Instant::now() + wait.duration();
    let read = move |snapshot: &mut Snapshot<'_>| Ok((snapshot.head()?.seq, feed::feed(snapshot, &request)?));
    let evidence = asker.0.evidence.clone();
    let (mut seen, mut entries) = db.read(asker.0, Cost::Scan, read).await?;
    if entries.items.is_empty() {
        let mut follower = Follower::enter(db, followers, (admitted, By::LongPoll), seen)?;
        while entries.items.is_empty() && follower.wait(until).await == Waited::Recorded {
            ((seen, entries), _) = follower.read(Some(evidence.clone()), read).await?;
            follower.has_seen(seen);
        }
        // What was read was for whoever they were just then; who got nothing has not been asked since the beginning.
        if entries.items.is_empty() {
            follower.is_admitted().await?;
        }
    }
    Ok(entries)
}
