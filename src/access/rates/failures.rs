//! Sign-ins that fail: a few a minute of an address are answered, then it must wait. What signed in lately goes on doing so:
//! a dashboard with an old key must not shut out the office behind the same address.

use std::{
    collections::HashMap,
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use governor::{
    Quota, RateLimiter, clock::DefaultClock, middleware::StateInformationMiddleware,
    state::keyed::HashMapStateStore,
};
use sha2::{Digest, Sha256};

use super::limiter::{FORGET_EVERY, seconds};
use crate::http::client::ClientAddress;

/// How many sign-ins of an address may fail at once.
const FAILURES: NonZeroU32 = match NonZeroU32::new(10) {
    Some(number) => number,
    None => NonZeroU32::MIN,
};

/// For how long what has signed in is known to have.
const KNOWN_FOR: Duration = Duration::from_secs(600);

/// From which age on it is noted again.
const NOTED_FOR: Duration = Duration::from_secs(300);

/// The most credentials and addresses that are remembered.
const MOST: usize = 20_000;

type Limiter = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, DefaultClock, StateInformationMiddleware>;
type Fingerprint = [u8; 32];

/// Failed sign-ins, by address.
pub(super) struct Failures {
    limiter: Limiter,
    /// How long one failure counts once there were as many as may be.
    each: Duration,
    /// The most of each that is remembered.
    most: usize,
    /// Addresses that must wait, and until when.
    held: Mutex<HashMap<IpAddr, Instant>>,
    /// Whether `held` may hold any: while it holds none, nobody looks.
    any_held: AtomicBool,
    /// What signed in, by digest, and when.
    known: RwLock<HashMap<Fingerprint, Instant>>,
    forgot: Mutex<Instant>,
}

impl Failures {
    /// `each`: how long an address that failed too often waits for each further try.
    pub(super) fn new(each: Duration) -> Self {
        Self::bounded(each, MOST)
    }

    fn bounded(each: Duration, most: usize) -> Self {
        // There is none for a pace of nothing.
        let quota = Quota::with_period(each).unwrap_or_else(|| Quota::per_second(FAILURES));
        let limiter = RateLimiter::hashmap_with_clock(quota.allow_burst(FAILURES), DefaultClock::default());
        Self {
            limiter: limiter.with_middleware(),
            each,
            most,
            held: Mutex::default(),
            any_held: AtomicBool::new(false),
            known: RwLock::default(),
            forgot: Mutex::new(Instant::now()),
        }
    }

    /// For how many seconds an address must not try to sign in with what it shows.
    pub(super) fn held(&self, address: ClientAddress, headers: &HeaderMap) -> Option<u32> {
        if !self.any_held.load(Ordering::Relaxed) {
            return None;
        }
        self.forget();
        let until = open(&self.held).get(&address.block()).copied()?;
        let left = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
        let shown = fingerprint(headers)?;
        (!self.is_known(&shown, KNOWN_FOR)).then(|| seconds(left))
    }

    /// What was shown is good.
    pub(super) fn good(&self, headers: &HeaderMap) {
        let Some(shown) = fingerprint(headers) else { return };
        if self.is_known(&shown, NOTED_FOR) {
            return;
        }
        self.forget();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < self.most || known.contains_key(&shown) {
            known.insert(shown, Instant::now());
        }
    }

    /// What was shown is not good.
    pub(super) fn count(&self, address: ClientAddress, headers: &HeaderMap) {
        if let Some(shown) = fingerprint(headers) {
            self.known.write().unwrap_or_else(PoisonError::into_inner).remove(&shown);
        }
        log(address, headers);
        self.forget();
        let block = address.block();
        let mut held = open(&self.held);
        // Addresses for which there is no room are counted together.
        let counted = if self.limiter.len() < self.most { block } else { ClientAddress::UNKNOWN.block() };
        let left = self.limiter.check_key(&counted).map_or(0, |left| left.remaining_burst_capacity());
        if left > 0 {
            return;
        }
        if let Some(until) = Instant::now().checked_add(self.each)
            && (held.len() < self.most || held.contains_key(&block))
        {
            held.insert(block, until);
            self.any_held.store(true, Ordering::Relaxed);
        }
        log::warn!("sign-ins from {address} must wait: {FAILURES} failed within a short time");
    }

    /// Whether something signed in, at most so long ago.
    fn is_known(&self, shown: &Fingerprint, within: Duration) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(shown).is_some_and(|when| when.elapsed() < within)
    }

    /// Now and then: what no longer counts needs no memory.
    fn forget(&self) {
        let Ok(mut forgot) = self.forgot.try_lock() else { return };
        if forgot.elapsed() < FORGET_EVERY {
            return;
        }
        *forgot = Instant::now();
        {
            let mut held = open(&self.held);
            held.retain(|_, until| *until > Instant::now());
            self.any_held.store(!held.is_empty(), Ordering::Relaxed);
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, when| when.elapsed() < KNOWN_FOR);
        drop(known);
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }

    /// Sets the clock of forgetting back.
    #[cfg(test)]
    fn is_due(&self) {
        *self.forgot.lock().unwrap() = Instant::now().checked_sub(FORGET_EVERY).unwrap();
    }
}

/// The lock's contents; they are whole after a panic too.
fn open<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fingerprint(headers: &HeaderMap) -> Option<Fingerprint> {
    headers.get(AUTHORIZATION).map(|shown| Sha256::digest(shown.as_bytes()).into())
}

/// One line, with what of the credential is no secret.
pub(super) fn log(address: ClientAddress, headers: &HeaderMap) {
    let shown = public_part(headers).unwrap_or("a credential");
    log::warn!("a sign-in from {address} with {shown} failed");
}

/// The id of an API key, `rr_<env>_<id>`: what stands before the secret. Of anything else nothing is public.
fn public_part(headers: &HeaderMap) -> Option<&str> {
    let shown = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (_, token) = shown.split_once(' ')?;
    let token = token.trim_start();
    let (public, _) = token.rsplit_once('_')?;
    let mut parts = public.split('_');
    let fits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let is_key = parts.next() == Some("rr")
        && parts.next().is_some_and(|environment| fits(environment, 12))
        && parts.next().is_some_and(|id| fits(id, 22))
        && parts.next().is_none();
    is_key.then_some(public)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn showing(text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(text).unwrap());
        headers
    }

    #[test]
    fn an_address_may_fail_ten_times_and_then_waits_but_for_what_signed_in_lately() {
        let failures = Failures::new(Duration::from_secs(3600));
        let address = ClientAddress("192.0.2.1".parse().unwrap());
        let (good, bad) = (showing("Bearer good"), showing("Bearer bad"));
        failures.good(&good);
        for _ in 0..10 {
            assert_eq!(failures.held(address, &bad), None);
            failures.count(address, &bad);
        }
        assert!(failures.held(address, &bad).is_some_and(|seconds| (1..=3600).contains(&seconds)));
        assert!(failures.held(address, &showing("Bearer other")).is_some());
        assert_eq!(failures.held(address, &good), None, "it signed in before");
        assert_eq!(failures.held(address, &HeaderMap::new()), None, "nothing is tried");
        assert_eq!(failures.held(ClientAddress("192.0.2.2".parse().unwrap()), &bad), None);
        failures.count(address, &good);
        assert!(failures.held(address, &good).is_some(), "what is refused is no longer known");
    }

    #[test]
    fn no_more_is_remembered_than_there_is_room_for_and_nothing_for_longer_than_it_counts() {
        let failures = Failures::bounded(Duration::from_secs(3600), 100);
        let address = |number: u32| ClientAddress(IpAddr::from(number.to_be_bytes()));
        for number in 1..=300 {
            failures.good(&showing(&format!("Bearer good-{number}")));
            for _ in 0..10 {
                failures.count(address(number), &showing("Bearer bad"));
            }
        }
        // One more is what the others are counted by together.
        assert!(failures.limiter.len() <= 101, "{}", failures.limiter.len());
        assert_eq!(open(&failures.held).len(), 100);
        assert_eq!(failures.known.read().unwrap().len(), 100);

        let failures = Failures::bounded(Duration::from_millis(1), 100);
        for number in 1..=50 {
            for _ in 0..1000 {
                failures.count(address(number), &showing("Bearer bad"));
            }
        }
        std::thread::sleep(Duration::from_millis(30));
        failures.is_due();
        assert_eq!(failures.held(address(1), &showing("Bearer bad")), None);
        failures.is_due();
        failures.forget();
        assert_eq!((open(&failures.held).len(), failures.limiter.len()), (0, 0));
        assert!(!failures.any_held.load(Ordering::Relaxed));
    }

    #[test]
    fn only_the_id_of_a_key_is_named() {
        let named = |text: &str| public_part(&showing(text)).map(ToOwned::to_owned);
        assert_eq!(
            named("Bearer rr_live_0123456789abcdefABCDEF_SECRETSECRET").as_deref(),
            Some("rr_live_0123456789abcdefABCDEF")
        );
        for secret in [
            "Bearer rr_live_SECRETSECRETSECRETSECRETSECRETSECRETSECRET",
            "Bearer rr_live_SECRETSECRETSECRETSECRETSECRETSECRETSECRET_x",
            "Bearer SECRET",
            "SECRET",
            "Bearer aaa.bbb_c.ddd",
            "Bearer rr_a_b_c_SECRET",
            "Basic rr_SECRET_SECRET\u{0}_x",
        ] {
            if let Ok(value) = HeaderValue::from_str(secret) {
                let mut headers = HeaderMap::new();
                headers.insert(AUTHORIZATION, value);
                assert_eq!(public_part(&headers), None, "{secret}");
            }
        }
    }
}
