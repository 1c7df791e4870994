//! The one writer of a process: a thread that runs queued jobs in one transaction, commits once, then answers them all.
//! A job runs in a savepoint of its own. What happens to a batch that fails outside of one, `BatchFailure` says.

mod batch;
mod desk;
mod numbers;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
};

use desk::Desk;
pub use numbers::WriterNumbers;
use tokio::sync::oneshot;

use super::{
    connection::{Purpose, open},
    heads::Heads,
    pool::Generation,
    target::Target,
    tx::{Context, Tx},
};
use crate::error::{Error, Result};

/// The most jobs that one commit answers.
const MOST_IN_A_BATCH: usize = 256;

/// Who waits for a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// A client: of these only so many may wait.
    Clients,
    /// The program itself, with what follows behind its answers. It takes no client's place.
    Behind,
}

/// How many writes of the program itself may wait: it waits for each before it makes the next of its kind.
const PLACES_BEHIND: usize = 64;

/// A write use case that waits for the writer.
trait Job: Send {
    /// Runs the use case. May be called again after a rollback.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<()>;
    fn context(&self) -> Context;
    fn lane(&self) -> Lane;
    /// Answers whoever waits; nobody may be there any more.
    fn settle(self: Box<Self>, outcome: Result<()>);
}

struct UseCase<T, F> {
    run: F,
    context: Context,
    lane: Lane,
    value: Option<T>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: FnMut(&mut Tx<'_>) -> Result<T> + Send> Job for UseCase<T, F> {
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.value = None;
        self.value = Some((self.run)(tx)?);
        Ok(())
    }

    fn context(&self) -> Context {
        self.context.clone()
    }

    fn lane(&self) -> Lane {
        self.lane
    }

    fn settle(self: Box<Self>, outcome: Result<()>) {
        let Self { value, answer, .. } = *self;
        let outcome = outcome.and_then(|()| value.ok_or_else(|| Error::internal("a job left no answer")));
        // The client may have gone away; what it asked for is committed all the same.
        drop(answer.send(outcome));
    }
}

/// The handle to the writer's queue.
pub(super) struct Writer {
    queue: Mutex<Option<SyncSender<Box<dyn Job>>>>,
    /// How many clients may wait, and how many do.
    places: usize,
    taken: Arc<AtomicUsize>,
    numbers: Arc<WriterNumbers>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the writer with a queue of so many places. `generation` is told when its database had to be found again, `heads`
    /// of what it commits.
    pub(super) fn start(
        target: Target,
        places: usize,
        (generation, heads): (Generation, Heads),
    ) -> Result<Self> {
        let connection = open(&target, Purpose::Write)?;
        let numbers = Arc::new(WriterNumbers::default());
        let desk = Desk::new((target, connection), (generation, heads), Arc::clone(&numbers));
        let (queue, jobs) = sync_channel(places.saturating_add(PLACES_BEHIND));
        let taken = Arc::new(AtomicUsize::new(0));
        let of_thread = Arc::clone(&taken);
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || work(desk, &jobs, &of_thread))
            .map_err(|failure| Error::Unavailable(format!("the writer can't start: {failure}")))?;
        Ok(Self { queue: Mutex::new(Some(queue)), places, taken, numbers, thread: Mutex::new(Some(thread)) })
    }

    /// Queues a job. The answer comes after its commit is durable.
    pub(super) fn submit<T, F>(
        &self,
        lane: Lane,
        context: Context,
        run: F,
    ) -> Result<oneshot::Receiver<Result<T>>>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job = Box::new(UseCase { run, context, lane, value: None, answer });
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queue.as_ref().ok_or(Error::Busy("the registry is shutting down"))?;
        if lane == Lane::Clients {
            let more = |taken: usize| (taken < self.places).then(|| taken.saturating_add(1));
            self.taken
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
                .map_err(|_| Error::Busy("too many writes are waiting"))?;
        }
        // Counted first: the writer may take the job before this thread goes on.
        self.numbers.waiting.inc();
        let refusal = match queue.try_send(job) {
            Ok(()) => return Ok(answered),
            Err(TrySendError::Full(_)) => Error::Busy("too many writes are waiting"),
            Err(TrySendError::Disconnected(_)) => Error::Unavailable("the writer has stopped".into()),
        };
        self.numbers.waiting.dec();
        give_back(&self.taken, lane);
        Err(refusal)
    }
}

impl Writer {
    /// What it has done and what waits for it.
    pub(super) fn numbers(&self) -> &WriterNumbers {
        &self.numbers
    }
}

impl Drop for Writer {
    /// Lets the queued jobs finish.
    fn drop(&mut self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            drop(thread.join());
        }
    }
}

fn give_back(taken: &AtomicUsize, lane: Lane) {
    if lane == Lane::Clients {
        taken.fetch_sub(1, Ordering::Relaxed);
    }
}

fn work(mut desk: Desk, jobs: &Receiver<Box<dyn Job>>, taken: &AtomicUsize) {
    while let Ok(first) = jobs.recv() {
        let mut batch = vec![first];
        batch.extend(jobs.try_iter().take(MOST_IN_A_BATCH.saturating_sub(1)));
        for job in &batch {
            give_back(taken, job.lane());
        }
        desk.handle(batch);
    }
}
