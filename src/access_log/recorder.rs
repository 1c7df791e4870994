//! Writes the access log behind the answers: entries wait in memory for a fraction of a second, and are then written
//! through the writer, many at a time. Where they can't be written they go on waiting, and when no more can wait, what
//! would have to be logged is no longer answered: a read that leaves no trace must not happen.

use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{model::Read, store};
use crate::{
    db::{Db, Tx},
    error::{Error, Result},
};

/// How many entries may wait.
const PLACES: usize = 20_000;

/// How many subjects all waiting entries may have: a batch has up to 10,000.
const MOST_SUBJECTS: usize = 2_000_000;

/// How long an entry waits for others to be written with.
const GATHER: Duration = Duration::from_millis(100);

/// The most entries of one write, and after how many subjects it takes no more: others wait for the writer.
const MOST_AT_ONCE: usize = 200;
const ENOUGH_SUBJECTS: usize = 5_000;

/// The pause after a write that failed.
const PAUSE: Duration = Duration::from_millis(500);

/// How long whoever reads the log waits for it to be written.
const FLUSHED_WITHIN: Duration = Duration::from_secs(2);

/// How long the end of the server waits for what is left to be written.
const AT_THE_END: Duration = Duration::from_secs(10);

enum Message {
    Read(Box<Read>),
    /// Asks to be told when everything before it is written.
    Flush(oneshot::Sender<()>),
    Close,
}

/// The access log of a server. Clones share it.
#[derive(Clone)]
pub struct AccessLog {
    queue: SyncSender<Message>,
    /// How many subjects the waiting entries have.
    subjects: Arc<AtomicUsize>,
    /// When the writing must be over; set at the end.
    deadline: Arc<OnceLock<Instant>>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl AccessLog {
    /// Starts to write what is added.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(db: &Db) -> Result<Self> {
        let (queue, messages) = sync_channel(PLACES);
        let deadline = Arc::new(OnceLock::new());
        let subjects = Arc::new(AtomicUsize::new(0));
        let recorder = Recorder {
            db: db.clone(),
            subjects: Arc::clone(&subjects),
            deadline: Arc::clone(&deadline),
            waiting: Vec::new(),
        };
        let thread = thread::Builder::new()
            .name("access-log".into())
            .spawn(move || recorder.work(&messages))
            .map_err(|failure| Error::Unavailable(format!("the access log can't start: {failure}")))?;
        Ok(Self { queue, subjects, deadline, thread: Arc::new(Mutex::new(Some(thread))) })
    }

    /// Adds an entry, without waiting.
    ///
    /// # Errors
    /// Busy where no more entries can wait: what the entry is of must not be answered then.
    pub fn add(&self, read: Read) -> Result<()> {
        let count = read.subjects.len();
        let before = self.subjects.fetch_add(count, Ordering::Relaxed);
        if before < MOST_SUBJECTS && self.queue.try_send(Message::Read(Box::new(read))).is_ok() {
            return Ok(());
        }
        self.subjects.fetch_sub(count, Ordering::Relaxed);
        Err(Error::Busy(
            "the access log can't be written as fast, so nothing more is shown that belongs there",
        ))
    }

    /// Waits until what was added before is written, so that whoever reads the log sees it.
    pub async fn flushed(&self) {
        let (written, waiting) = oneshot::channel();
        if self.queue.try_send(Message::Flush(written)).is_ok() {
            // Where it takes too long the log is read as it is.
            drop(actix_web::rt::time::timeout(FLUSHED_WITHIN, waiting).await);
        }
    }

    /// Writes what is left, and ends.
    pub fn close(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return };
        self.deadline.get_or_init(|| Instant::now() + AT_THE_END);
        // It may have given up, and then takes no message any more.
        drop(self.queue.send(Message::Close));
        drop(thread.join());
    }
}

/// The thread's own: what waits to be written.
struct Recorder {
    db: Db,
    subjects: Arc<AtomicUsize>,
    deadline: Arc<OnceLock<Instant>>,
    waiting: Vec<Read>,
}

impl Recorder {
    fn work(mut self, messages: &Receiver<Message>) {
        while let Ok(first) = messages.recv() {
            let closing = self.gather(first, messages);
            let written = self.write();
            if !written {
                let left = messages.try_iter().filter(|message| matches!(message, Message::Read(_))).count();
                if left > 0 {
                    log::error!("{left} more entries of the access log are lost");
                }
            }
            if closing || !written {
                return;
            }
        }
    }

    /// Takes a message and what comes within a moment. Says whether the log is to be closed.
    fn gather(&mut self, first: Message, messages: &Receiver<Message>) -> bool {
        let until = Instant::now() + GATHER;
        let mut message = first;
        loop {
            match message {
                Message::Read(read) => self.waiting.push(*read),
                Message::Flush(written) => {
                    if self.write() && written.send(()).is_err() {
                        log::debug!("nobody waits for the access log any more");
                    }
                }
                Message::Close => return true,
            }
            let subjects: usize = self.waiting.iter().map(|read| read.subjects.len()).sum();
            if self.waiting.len() >= MOST_AT_ONCE || subjects >= ENOUGH_SUBJECTS {
                return false;
            }
            match messages.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(next) => message = next,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return false,
            }
        }
    }

    /// Writes what waits, again and again until it is written. At the end of the server there is a limit to that; says
    /// whether it was written.
    fn write(&mut self) -> bool {
        if self.waiting.is_empty() {
            return true;
        }
        let entries: Arc<[Read]> = std::mem::take(&mut self.waiting).into();
        let subjects = entries.iter().map(|read| read.subjects.len()).sum();
        self.subjects.fetch_sub(subjects, Ordering::Relaxed);
        let mut complained = false;
        loop {
            let of_this_try = Arc::clone(&entries);
            let write = move |tx: &mut Tx<'_>| store::insert(tx.connection(), &of_this_try);
            let gone = |_| Err(Error::Uncertain("the writer stopped".into()));
            let queued = self.db.queue_behind(write);
            let Err(failure) = queued.and_then(|answered| answered.blocking_recv().unwrap_or_else(gone))
            else {
                return true;
            };
            if !std::mem::replace(&mut complained, true) {
                log::error!("{} entries of the access log wait to be written: {failure}", entries.len());
            }
            if self.deadline.get().is_some_and(|deadline| Instant::now() >= *deadline) {
                log::error!(
                    "{} entries of the access log are lost: the server ended before they could be written",
                    entries.len()
                );
                return false;
            }
            thread::sleep(PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::model::AccessEntry, *};
    use crate::values::{AccessEntryId, Instant as Moment, Sha256Hex};

    fn read(subjects: usize) -> Read {
        let entry = AccessEntry {
            id: AccessEntryId::new(),
            at: Moment::now(),
            actor: "anna".into(),
            credential: "none".into(),
            operation: "get_vendor_standing".into(),
            target: "/".into(),
            status: 200,
            known_seq: None,
            answer_sha256: Sha256Hex::of(b""),
            request_sha256: None,
            vendors: Vec::new(),
            vendor_count: 0,
            restricted: Vec::new(),
            restricted_count: 0,
            address: None,
            request_id: "-".into(),
        };
        Read { entry, subjects: vec![uuid::Uuid::nil(); subjects] }
    }

    fn log_of(queue: SyncSender<Message>) -> AccessLog {
        AccessLog { queue, subjects: Arc::default(), deadline: Arc::default(), thread: Arc::default() }
    }

    #[test]
    fn so_is_what_has_too_many_subjects() {
        let (queue, _messages) = sync_channel(1000);
        let log = log_of(queue);
        let taken = (0..1000).take_while(|_| log.add(read(10_000)).is_ok()).count();
        assert_eq!(taken, MOST_SUBJECTS / 10_000);
        assert_eq!(log.subjects.load(Ordering::Relaxed), MOST_SUBJECTS, "a refused one leaves no trace");
    }

    #[test]
    fn what_can_not_wait_to_be_logged_is_refused() {
        let (queue, messages) = sync_channel(2);
        let log = log_of(queue);
        log.add(read(1)).unwrap();
        log.add(read(1)).unwrap();
        assert!(matches!(log.add(read(1)), Err(Error::Busy(_))));
        drop(messages.recv());
        log.add(read(1)).unwrap();
        drop(messages);
        assert!(matches!(log.add(read(1)), Err(Error::Busy(_))), "a log that has ended takes nothing");
    }
}
