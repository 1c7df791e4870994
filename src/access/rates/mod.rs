//! How many requests a credential and an address may make, and how many sign-ins of an address may fail. The numbers are this
//! process's own: several processes let through as many times more.

mod failures;
mod limiter;
mod rate;

use std::{net::IpAddr, time::Duration};

use actix_web::http::header::HeaderMap;

pub use rate::{Rate, RateLimit};

use self::{failures::Failures, limiter::Limiter};
use super::door::Identity;
use crate::http::{Problem, client::ClientAddress, problem, request::Allowances};

/// How long an address that failed to sign in ten times waits for each further try: ten a minute in the long run.
const FAILURE_EACH: Duration = Duration::from_secs(6);

/// The limits of one server.
pub struct Rates {
    credential: Option<Limiter<String>>,
    address: Option<Limiter<IpAddr>>,
    failures: Option<Failures>,
}

impl Rates {
    /// Limits for each credential and each address. Where there is none for credentials there are none at all.
    #[must_use]
    pub fn new(credential: RateLimit, address: RateLimit) -> Self {
        Self::with_pace(credential, address, FAILURE_EACH)
    }

    /// As `new`; an address that failed to sign in ten times may try again each so often.
    #[must_use]
    pub fn with_pace(credential: RateLimit, address: RateLimit, each: Duration) -> Self {
        let RateLimit::On(rate) = credential else {
            return Self { credential: None, address: None, failures: None };
        };
        let address = match address {
            RateLimit::On(rate) => Some(Limiter::new("address", rate)),
            RateLimit::Off => None,
        };
        let failures = Some(Failures::new(each));
        Self { credential: Some(Limiter::new("credential", rate)), address, failures }
    }

    /// Before anybody is looked up: a request of an address.
    ///
    /// # Errors
    /// 429 where it has made too many, or where too many of its sign-ins failed and it shows nothing that was good before.
    pub fn of_address(
        &self,
        address: ClientAddress,
        headers: &HeaderMap,
        allowances: &mut Allowances,
    ) -> Result<(), Problem> {
        if let Some(limiter) = &self.address {
            let detail = "this address sends too many requests";
            limiter.take(&address.block(), allowances).map_err(|seconds| refusal(detail, seconds))?;
        }
        let held = self.failures.as_ref().and_then(|failures| failures.held(address, headers));
        held.map_or(Ok(()), |seconds| Err(refusal("too many sign-ins from this address failed", seconds)))
    }

    /// Somebody has signed in: a request of a credential.
    ///
    /// # Errors
    /// 429 where it has made too many.
    pub fn of_credential(
        &self,
        identity: &Identity,
        headers: &HeaderMap,
        allowances: &mut Allowances,
    ) -> Result<(), Problem> {
        if let Some(failures) = &self.failures {
            failures.good(headers);
        }
        let Some(limiter) = &self.credential else { return Ok(()) };
        let detail = "this key or token sends too many requests";
        limiter.take(&identity.credential, allowances).map_err(|seconds| refusal(detail, seconds))
    }

    /// A sign-in failed: it is logged and counted.
    pub fn failed(&self, address: ClientAddress, headers: &HeaderMap) {
        match &self.failures {
            Some(failures) => failures.count(address, headers),
            None => failures::log(address, headers),
        }
    }
}

fn refusal(detail: &str, seconds: u32) -> Problem {
    Problem::new(&problem::TOO_MANY_REQUESTS, format!("{detail}; try again in {seconds} s"))
        .with_retry(seconds)
}
