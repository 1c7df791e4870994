//! The look-out: a thread that looks, while anybody waits, how far the journal has come in the database, where other processes
//! write as well. Whoever waits is woken through the heads.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::{
    db::{Db, Heads},
    error::{Error, Result},
    http::places::Places,
};

/// How often this process looks whether another one has written.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The thread, and what it is told by.
pub(super) struct LookOut {
    post: Arc<Post>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Post {
    heads: Heads,
    places: Places,
    /// Told when somebody comes, and at the end. Whoever changes what is waited for takes the lock before they tell, so that
    /// the thread has either seen the change or waits already.
    changed: Condvar,
    lock: Mutex<()>,
}

impl LookOut {
    /// Starts it for those who have these places.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(super) fn start(db: &Db, places: Places) -> Result<Self> {
        let heads = db.heads().clone();
        let post = Arc::new(Post { heads, places, changed: Condvar::new(), lock: Mutex::default() });
        let (db, of_thread) = (db.clone(), Arc::clone(&post));
        let thread = thread::Builder::new()
            .name("journal-head".into())
            .spawn(move || of_thread.look(&db))
            .map_err(|failure| Error::Unavailable(format!("nobody can look at the journal: {failure}")))?;
        Ok(Self { post, thread: Mutex::new(Some(thread)) })
    }

    /// Tells that somebody has come, or that the end has.
    pub(super) fn tell(&self) {
        drop(self.post.locked());
        self.post.changed.notify_all();
    }

    /// Waits until the thread has ended, which needs the end of the heads.
    pub(super) fn join(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            drop(thread.join());
        }
    }
}

impl Post {
    fn locked(&self) -> MutexGuard<'_, ()> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self, db: &Db) {
        let mut failing = false;
        loop {
            let nobody = |(): &mut ()| self.places.taken() == 0 && !self.heads.is_over();
            drop(self.changed.wait_while(self.locked(), nobody).unwrap_or_else(PoisonError::into_inner));
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
            let is_going_on = |(): &mut ()| !self.heads.is_over();
            let pause = self.changed.wait_timeout_while(self.locked(), LOOK_EVERY, is_going_on);
            drop(pause.unwrap_or_else(PoisonError::into_inner));
        }
    }
}
