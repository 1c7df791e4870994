//! A rate for each key, and what is told of it in headers.

use std::{
    hash::Hash,
    num::NonZeroU32,
    sync::Mutex,
    time::{Duration, Instant},
};

use governor::{
    RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::HashMapStateStore,
};

use super::Rate;
use crate::http::request::{Allowance, Allowances};

/// How often what is as if it had never asked is forgotten. Nothing is remembered for longer than its window and this.
pub(super) const FORGET_EVERY: Duration = Duration::from_secs(10);

/// A rate for each key.
pub(super) struct Limiter<K: Hash + Eq + Clone> {
    name: &'static str,
    rate: Rate,
    states: RateLimiter<K, HashMapStateStore<K>, DefaultClock, StateInformationMiddleware>,
    forgot: Mutex<Instant>,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    pub(super) fn new(name: &'static str, rate: Rate) -> Self {
        let states = RateLimiter::hashmap_with_clock(rate.quota(), DefaultClock::default()).with_middleware();
        Self { name, rate, states, forgot: Mutex::new(Instant::now()) }
    }

    /// Takes one request off what a key has, and notes what is left.
    ///
    /// # Errors
    /// After how many seconds there is one again.
    pub(super) fn take(&self, key: &K, allowances: &mut Allowances) -> Result<(), u32> {
        self.forget();
        let taken = self.states.check_key(key);
        let remaining = taken.as_ref().map_or(0, |left| left.remaining_burst_capacity());
        allowances.0.push(Allowance {
            name: self.name,
            quota: self.rate.burst.get(),
            window: seconds(self.rate.window()),
            remaining,
            restored: seconds(self.restored(remaining)),
        });
        match taken {
            Ok(_) => Ok(()),
            Err(not_until) => Err(seconds(not_until.wait_time_from(DefaultClock::default().now()))),
        }
    }

    /// How long it takes from what is left until everything may be had again.
    fn restored(&self, remaining: u32) -> Duration {
        let missing = self.rate.burst.get().saturating_sub(remaining);
        NonZeroU32::new(missing)
            .map_or(Duration::ZERO, |missing| Rate { burst: missing, ..self.rate }.window())
    }

    /// Keys whose allowance is whole again need no memory.
    fn forget(&self) {
        let Ok(mut forgot) = self.forgot.try_lock() else { return };
        if forgot.elapsed() >= FORGET_EVERY {
            *forgot = Instant::now();
            self.states.retain_recent();
            self.states.shrink_to_fit();
        }
    }

    /// How many keys are remembered.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.states.len()
    }

    /// Sets the clock of forgetting back.
    #[cfg(test)]
    fn is_due(&self) {
        let due = Instant::now().checked_sub(FORGET_EVERY).unwrap();
        *self.forgot.lock().unwrap() = due;
    }
}

/// Whole seconds, rounded up: who comes back a little late is served, a little early not.
pub(super) fn seconds(duration: Duration) -> u32 {
    let rounded = duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0));
    u32::try_from(rounded).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{super::rate::Unit, *};

    fn number(number: u32) -> NonZeroU32 {
        NonZeroU32::new(number).unwrap()
    }

    #[test]
    fn each_key_has_its_burst_and_no_more_and_is_told_when_to_come_back() {
        let limiter = Limiter::new("address", Rate { number: number(1), unit: Unit::Hour, burst: number(3) });
        for left in [2, 1, 0] {
            let mut allowances = Allowances::default();
            limiter.take(&"a", &mut allowances).unwrap();
            assert_eq!(allowances.0[0].remaining, left);
            let hours = (3 - left) * 3600;
            assert!((hours - 60..=hours).contains(&allowances.0[0].restored), "{left} left");
        }
        let mut allowances = Allowances::default();
        let seconds = limiter.take(&"a", &mut allowances).unwrap_err();
        assert!((3000..=3600).contains(&seconds), "{seconds}");
        assert_eq!(
            (allowances.0[0].remaining, allowances.0[0].quota, allowances.0[0].window),
            (0, 3, 10_800)
        );
        limiter.take(&"b", &mut Allowances::default()).unwrap();
    }

    #[test]
    fn what_asked_long_ago_takes_no_memory() {
        let limiter =
            Limiter::new("address", Rate { number: number(1_000_000), unit: Unit::Second, burst: number(1) });
        for key in 0..10_000 {
            limiter.take(&key, &mut Allowances::default()).unwrap();
        }
        assert_eq!(limiter.len(), 10_000);
        std::thread::sleep(Duration::from_millis(5));
        limiter.is_due();
        limiter.take(&0, &mut Allowances::default()).unwrap();
        assert_eq!(limiter.len(), 1);
    }
}
