//! When keys are used: noted to the minute, without a request's waiting for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant as Moment},
};

use super::store;
use crate::{
    db::Db,
    values::{ApiKeyId, Instant},
};

/// How often one process notes the use of one key.
const EVERY: Duration = Duration::from_secs(60);

/// When this process last noted the use of each key. Only keys that let somebody in are in it.
#[derive(Debug, Clone, Default)]
pub struct Uses(Arc<Mutex<HashMap<ApiKeyId, Moment>>>);

impl Uses {
    /// Has the writer note that a key is used now, unless that was noted within the last minute. Where the writer has no
    /// room or fails, the next use is noted: nobody is refused for that.
    pub fn note(&self, db: &Db, id: ApiKeyId) {
        let now = Moment::now();
        {
            let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if noted.get(&id).is_some_and(|last| now.duration_since(*last) < EVERY) {
                return;
            }
            noted.insert(id, now);
        }
        let at = Instant::now();
        if db.queue_behind(move |tx| store::used(tx.connection(), id, at)).is_err() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        }
    }
}
