//! Keeps the issuer's keys, and fetches them again: when they are an hour old, and when a token names one that is not
//! there. There is never more than one fetch at a time, nor are there two within ten seconds, whatever tokens ask for.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use actix_web::rt::task;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{
    super::fetch::Fetcher,
    super::settings::{Algorithm, Settings},
    Keys,
};
use crate::http::{Problem, problem};

/// How long keys are used, and how often they are fetched.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// Keys that are older are fetched again, while those that are there go on being used.
    pub fresh: Duration,
    /// Keys that are older are used no more.
    pub usable: Duration,
    /// Between two fetches lies at least this, whoever asks: names of keys are free to invent.
    pub pause: Duration,
}

impl Default for Timing {
    /// While an issuer can't be reached it signs nothing new for anybody here, and tokens live for minutes to hours: to
    /// trust its keys for more than a day gains little, and they may have been revoked.
    fn default() -> Self {
        Self {
            fresh: Duration::from_secs(60 * 60),
            usable: Duration::from_secs(24 * 60 * 60),
            pause: Duration::from_secs(10),
        }
    }
}

/// The issuer's keys as they were at a time.
pub(in crate::access::oidc) struct Kept {
    keys: Keys,
    at: Instant,
}

impl std::ops::Deref for Kept {
    type Target = Keys;

    fn deref(&self) -> &Keys {
        &self.keys
    }
}

/// The keys, shared by all threads.
pub(in crate::access::oidc) struct Cache(Arc<Shelf>);

struct Shelf {
    fetcher: Fetcher,
    algorithms: Vec<Algorithm>,
    timing: Timing,
    state: RwLock<State>,
    /// Held by whoever fetches.
    fetching: Arc<Mutex<()>>,
}

#[derive(Default, Clone)]
struct State {
    kept: Option<Arc<Kept>>,
    /// When the last fetch ended, and whether it brought keys.
    last: Option<(Instant, Outcome)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Fetched,
    Failed,
}

impl Cache {
    pub(in crate::access::oidc) fn new(fetcher: Fetcher, settings: &Settings) -> Self {
        let (algorithms, timing) = (settings.algorithms.clone(), settings.timing);
        let (state, fetching) = (RwLock::default(), Arc::default());
        Self(Arc::new(Shelf { fetcher, algorithms, timing, state, fetching }))
    }

    /// The keys as far as they are known.
    ///
    /// # Errors
    /// 503 where there are none.
    pub(in crate::access::oidc) async fn current(&self) -> Result<Arc<Kept>, Problem> {
        let state = self.0.state();
        if let Some(kept) = self.0.usable(&state) {
            if kept.at.elapsed() >= self.0.timing.fresh && self.0.pause(&state).is_zero() {
                // Whoever asks need not wait; where somebody fetches already, there is nothing to do.
                if let Ok(turn) = Arc::clone(&self.0.fetching).try_lock_owned() {
                    drop(self.start(turn));
                }
            }
            return Ok(kept);
        }
        self.fetch_unless(|state| self.0.usable(state).is_some()).await;
        self.0.usable(&self.0.state()).ok_or_else(|| self.unavailable())
    }

    /// Keys that were fetched after these; none where none may be fetched yet.
    ///
    /// # Errors
    /// 503 where the issuer can't be asked: it may well have a newer key.
    pub(in crate::access::oidc) async fn newer_than(
        &self,
        known: &Kept,
    ) -> Result<Option<Arc<Kept>>, Problem> {
        self.fetch_unless(|state| state.kept.as_ref().is_some_and(|kept| kept.at > known.at)).await;
        let state = self.0.state();
        match self.0.usable(&state) {
            Some(kept) if kept.at > known.at => Ok(Some(kept)),
            _ if state.last.is_some_and(|(_, outcome)| outcome == Outcome::Failed) => Err(self.unavailable()),
            _ => Ok(None),
        }
    }

    /// Waits for whoever fetches, and fetches unless that has brought what is wanted, or it is too early.
    async fn fetch_unless(&self, is_done: impl Fn(&State) -> bool) {
        let turn = Arc::clone(&self.0.fetching).lock_owned().await;
        let state = self.0.state();
        if !is_done(&state) && self.0.pause(&state).is_zero() {
            drop(self.start(turn).await);
        }
    }

    /// Fetches on a thread of its own. The turn goes with it: a client that goes away ends neither.
    fn start(&self, turn: OwnedMutexGuard<()>) -> task::JoinHandle<()> {
        let shelf = Arc::clone(&self.0);
        task::spawn_blocking(move || {
            shelf.fetch();
            drop(turn);
        })
    }

    fn unavailable(&self) -> Problem {
        let seconds = self.0.pause(&self.0.state()).as_secs().saturating_add(1);
        let detail = format!(
            "the sign-on at {} can't be reached, so tokens can't be checked now; try again in {seconds} seconds",
            self.0.fetcher.issuer()
        );
        Problem::new(&problem::UNAVAILABLE, detail).with_retry(u32::try_from(seconds).unwrap_or(u32::MAX))
    }
}

impl Shelf {
    fn state(&self) -> State {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How long until the next fetch may begin.
    fn pause(&self, state: &State) -> Duration {
        state.last.map(|(ended, _)| self.timing.pause.saturating_sub(ended.elapsed())).unwrap_or_default()
    }

    fn usable(&self, state: &State) -> Option<Arc<Kept>> {
        state.kept.clone().filter(|kept| kept.at.elapsed() < self.timing.usable)
    }

    /// Fetches keys. Where that fails the log says why.
    fn fetch(&self) {
        let fetched = self.fetcher.key_set().and_then(|set| Keys::read(&set, &self.algorithms));
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match fetched {
            Ok(keys) => {
                log::info!("sign-on: {} keys of {}", keys.count(), self.fetcher.issuer());
                *state = State {
                    kept: Some(Arc::new(Kept { keys, at: now })),
                    last: Some((now, Outcome::Fetched)),
                };
            }
            Err(why) => {
                let age = state.kept.as_ref().map(|kept| kept.at.elapsed().as_secs());
                let rest = age.map_or_else(
                    || "nobody can sign in by it until that works".to_owned(),
                    |age| format!("its keys of {age} seconds ago go on being used for now"),
                );
                log::warn!("sign-on: no keys from {}: {why}; {rest}", self.fetcher.issuer());
                state.last = Some((now, Outcome::Failed));
            }
        }
    }
}
