//! Sign-ins that fail: a few a minute of an address are answered, then it must wait. What signed in lately goes on doing so:
//! a dashboard with an old key must not shut out the office behind the same address.

use std::{
    collections::HashMap,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use governor::{
    Quota, RateLimiter, clock::DefaultClock, middleware::StateInformationMiddleware,
    state::keyed::HashMapStateStore,
};
use sha2::{Digest, Sha256};

use super::limiter::seconds;
use crate::http::client::ClientAddress;

/// How many sign-ins of an address may fail within a minute.
const FAILURES: NonZeroU32 = match NonZeroU32::new(10) {
    Some(number) => number,
    None => NonZeroU32::MIN,
};

/// How long one failure counts once there were so many.
const EACH: Duration = Duration::from_secs(6);

/// For how long what has signed in is known to have.
const KNOWN_FOR: Duration = Duration::from_secs(600);

/// The most credentials and addresses that are remembered.
const MOST: usize = 20_000;

type Limiter = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, DefaultClock, StateInformationMiddleware>;
type Fingerprint = [u8; 32];

/// Failed sign-ins, by address.
pub(super) struct Failures {
    limiter: Limiter,
    /// Addresses that must wait, and until when.
    held: Mutex<HashMap<IpAddr, Instant>>,
    /// What signed in, by digest, and when.
    known: Mutex<HashMap<Fingerprint, Instant>>,
}

impl Failures {
    pub(super) fn new() -> Self {
        let quota = Quota::per_minute(FAILURES);
        Self {
            limiter: RateLimiter::hashmap_with_clock(quota, DefaultClock::default()).with_middleware(),
            held: Mutex::default(),
            known: Mutex::default(),
        }
    }

    /// For how many seconds an address must not try to sign in with what it shows.
    pub(super) fn held(&self, address: ClientAddress, headers: &HeaderMap) -> Option<u32> {
        let until = open(&self.held).get(&address.block()).copied()?;
        let left = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
        let shown = fingerprint(headers)?;
        let is_known = open(&self.known).get(&shown).is_some_and(|when| when.elapsed() < KNOWN_FOR);
        (!is_known).then(|| seconds(left))
    }

    /// What was shown is good.
    pub(super) fn good(&self, headers: &HeaderMap) {
        let Some(shown) = fingerprint(headers) else { return };
        let mut known = open(&self.known);
        if known.len() >= MOST && !known.contains_key(&shown) {
            known.retain(|_, when| when.elapsed() < KNOWN_FOR);
        }
        if known.len() < MOST || known.contains_key(&shown) {
            known.insert(shown, Instant::now());
        }
    }

    /// What was shown is not good.
    pub(super) fn count(&self, address: ClientAddress, headers: &HeaderMap) {
        if let Some(shown) = fingerprint(headers) {
            open(&self.known).remove(&shown);
        }
        log(address, headers);
        let left = self.limiter.check_key(&address.block()).map_or(0, |left| left.remaining_burst_capacity());
        if left > 0 {
            return;
        }
        let mut held = open(&self.held);
        if held.len() >= MOST {
            held.retain(|_, until| *until > Instant::now());
            self.limiter.retain_recent();
        }
        if let Some(until) = Instant::now().checked_add(EACH) {
            held.insert(address.block(), until);
        }
        log::warn!("sign-ins from {address} must wait: {FAILURES} failed within a minute");
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
        let failures = Failures::new();
        let address = ClientAddress("192.0.2.1".parse().unwrap());
        let (good, bad) = (showing("Bearer good"), showing("Bearer bad"));
        failures.good(&good);
        for _ in 0..10 {
            assert_eq!(failures.held(address, &bad), None);
            failures.count(address, &bad);
        }
        assert!(failures.held(address, &bad).is_some_and(|seconds| (1..=6).contains(&seconds)));
        assert!(failures.held(address, &showing("Bearer other")).is_some());
        assert_eq!(failures.held(address, &good), None, "it signed in before");
        assert_eq!(failures.held(address, &HeaderMap::new()), None, "nothing is tried");
        assert_eq!(failures.held(ClientAddress("192.0.2.2".parse().unwrap()), &bad), None);
        failures.count(address, &good);
        assert!(failures.held(address, &good).is_some(), "what is refused is no longer known");
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
