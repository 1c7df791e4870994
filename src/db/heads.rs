//! How far the journal has come, as this process knows it: whoever waits for the next entry waits here, without a connection
//! and without a thread. The writer tells of its own commits, whoever looks at the database tells of other processes'.

use std::sync::Arc;

use tokio::sync::watch;

/// The last position that somebody told of. Clones share it.
#[derive(Debug, Clone)]
pub struct Heads(Arc<watch::Sender<Told>>);

#[derive(Debug, Clone, Copy, Default)]
struct Told {
    seq: u64,
    is_over: bool,
}

/// What ended a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// The journal has come past the position.
    Past,
    /// The server stops: nobody waits any more.
    Over,
}

impl Default for Heads {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Told::default())))
    }
}

impl Heads {
    /// Tells of a position that is committed. One that came before is no news, whoever was slow to tell of it.
    pub fn reached(&self, seq: u64) {
        self.0.send_if_modified(|told| {
            let is_news = seq > told.seq;
            told.seq = told.seq.max(seq);
            is_news
        });
    }

    /// Wakes everybody for good.
    pub fn end(&self) {
        self.0.send_modify(|told| told.is_over = true);
    }

    /// Whether nobody is to wait any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.0.borrow().is_over
    }

    /// Waits until the journal has come past a position, or nobody is to wait any more.
    pub async fn past(&self, seq: u64) -> Woken {
        let mut told = self.0.subscribe();
        // The sender lives as long as this does, so the wait ends by what it waits for.
        match told.wait_for(|told| told.is_over || told.seq > seq).await {
            Ok(told) if !told.is_over => Woken::Past,
            Ok(_) | Err(_) => Woken::Over,
        }
    }
}
