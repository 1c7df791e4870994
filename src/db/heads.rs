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
    falls: Falls,
    is_over: bool,
}

/// How often the journal was found to end before where it had ended: its database lost its last entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Falls(u64);

/// A look at the database that has begun.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// What was told when it began.
    seq: u64,
}

/// What ended a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// The journal has come past the position, or has fallen, perhaps behind it: there is something to look at.
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

    /// Begins a look at the database.
    #[must_use]
    pub fn look(&self) -> Look {
        Look { seq: self.0.borrow().seq }
    }

    /// Tells of the head that a look found. What was told before it began was committed by then: a head below that has fallen.
    /// Else whoever has seen all that there is would be woken without end by what is no more, and whoever has seen what is no
    /// more would wait for what takes its place. Where somebody told of more meanwhile, the next look says.
    pub fn found(&self, look: Look, seq: u64) {
        let has_fallen = self.0.send_if_modified(|told| {
            let has_fallen = seq < look.seq && told.seq == look.seq;
            if has_fallen {
                (told.seq, told.falls) = (seq, Falls(told.falls.0.wrapping_add(1)));
            }
            has_fallen
        });
        if has_fallen {
            log::error!("the journal ends at {seq} and had come to {}: the database lost entries", look.seq);
        } else {
            self.reached(seq);
        }
    }

    /// How often the journal has fallen. Asked before a position is read that is waited on from.
    #[must_use]
    pub fn falls(&self) -> Falls {
        self.0.borrow().falls
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

    /// Waits until the journal has come past a position, or has fallen more often than when the position was read, or nobody is
    /// to wait any more.
    pub async fn past(&self, seq: u64, falls: Falls) -> Woken {
        let mut told = self.0.subscribe();
        // The sender lives as long as this does, so the wait ends by what it waits for.
        match told.wait_for(|told| told.is_over || told.seq > seq || told.falls != falls).await {
            Ok(told) if !told.is_over => Woken::Past,
            Ok(_) | Err(_) => Woken::Over,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn whoever_waits_is_woken_by_what_comes_past_their_position_and_by_nothing_else() {
        let heads = Heads::default();
        heads.reached(7);
        let falls = heads.falls();
        assert_eq!(heads.past(6, falls).now_or_never(), Some(Woken::Past));
        assert_eq!(heads.past(7, falls).now_or_never(), None);
        heads.reached(5);
        assert_eq!(heads.past(5, falls).now_or_never(), Some(Woken::Past), "a slow word takes nothing back");
        heads.end();
        assert_eq!(heads.past(7, falls).now_or_never(), Some(Woken::Over));
    }

    #[test]
    fn a_head_that_falls_wakes_everybody_once_and_nobody_without_end() {
        let heads = Heads::default();
        heads.reached(100);
        let before = heads.falls();
        heads.found(heads.look(), 90);
        for seen in [80, 90, 95, 100] {
            assert_eq!(heads.past(seen, before).now_or_never(), Some(Woken::Past), "{seen}: they must look");
        }
        let now = heads.falls();
        assert_eq!(heads.past(90, now).now_or_never(), None, "there is nothing after 90 any more");
        heads.found(heads.look(), 90);
        assert_eq!(heads.past(90, now).now_or_never(), None, "and it falls only once");
        heads.reached(91);
        assert_eq!(heads.past(90, now).now_or_never(), Some(Woken::Past));
    }

    #[test]
    fn a_look_that_began_before_somebody_told_of_more_takes_nothing_back() {
        let heads = Heads::default();
        heads.reached(7);
        let look = heads.look();
        heads.reached(8);
        heads.found(look, 7);
        assert_eq!(heads.past(7, heads.falls()).now_or_never(), Some(Woken::Past));
        assert_eq!(heads.falls(), Falls::default());
        heads.found(heads.look(), 9);
        assert_eq!(heads.past(8, heads.falls()).now_or_never(), Some(Woken::Past));
    }
}
