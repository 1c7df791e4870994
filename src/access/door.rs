//! The door: who somebody is, by what they show.

use std::net::IpAddr;

use actix_web::{
    dev::RequestHead,
    http::header::{AUTHORIZATION, FORWARDED, HOST, HeaderMap, X_FORWARDED_FOR},
};

use super::{
    oidc::Oidc,
    role::{Role, Roles},
};
use crate::{
    db::Db,
    http::{Problem, problem},
    keys::{self, Keyring, Uses, service::Refusal},
};

/// Somebody who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who acts, as the journal names them: a person has one name, whatever they signed in with.
    pub actor: String,
    pub roles: Roles,
    /// What they signed in with, for the log of reads and for limits; never the secret itself.
    pub credential: String,
}

/// Who acts where nobody has to sign in: the person at this machine.
const LOCAL: &str = "local";

/// The longest credential that is looked at, in bytes: tokens of an organisation's sign-on list groups and can be long.
const LONGEST: usize = 16 * 1024;

/// How people are let in.
#[derive(Clone)]
pub enum Door {
    /// Nobody has to sign in, and everybody has every right. For a loopback address only.
    Open,
    /// Whoever shows a key, or a token of the organisation's sign-on.
    Locked(Lock),
}

/// What keys are checked with.
#[derive(Clone)]
pub struct Lock {
    db: Db,
    keyring: Keyring,
    uses: Uses,
    /// The organisation's sign-on, where one is configured.
    oidc: Option<Oidc>,
}

impl Door {
    /// A door for holders of API keys and, where there is one, of tokens of the organisation's sign-on.
    #[must_use]
    pub fn locked(db: Db, keyring: Keyring, oidc: Option<Oidc>) -> Self {
        Self::Locked(Lock { db, keyring, uses: Uses::default(), oidc })
    }

    /// Where nobody has to sign in: whether a request is for this machine, by its own name. A page of another name that is made
    /// to mean this machine (DNS rebinding) sends its own, and a proxy lets others in.
    ///
    /// # Errors
    /// 403 where it is not.
    pub fn is_for(&self, request: &RequestHead) -> Result<(), Problem> {
        match self {
            Self::Open if !is_local(request) => Err(Problem::new(&problem::FORBIDDEN, NOT_LOCAL)),
            Self::Open | Self::Locked(_) => Ok(()),
        }
    }

    /// Who asks.
    ///
    /// # Errors
    /// 401 where that can't be told; 503 where it can't be told now.
    pub async fn identify(&self, headers: &HeaderMap) -> Result<Identity, Problem> {
        match self {
            Self::Open => {
                Ok(Identity { actor: LOCAL.to_owned(), roles: Roles::ALL, credential: "none".to_owned() })
            }
            Self::Locked(lock) => lock.identify(bearer(headers, lock.takes())?).await,
        }
    }
}

impl Lock {
    /// What people can show.
    fn takes(&self) -> &'static str {
        if self.oidc.is_some() { "an API key or a token of the sign-on" } else { "an API key" }
    }

    async fn identify(&self, credential: &str) -> Result<Identity, Problem> {
        if credential.starts_with(keys::PREFIX) {
            let holder = keys::service::check(&self.db, &self.keyring, credential).await.map_err(refused)?;
            self.uses.note(&self.db, holder.id);
            let roles: Roles = std::iter::once::<Role>(holder.role).collect();
            return Ok(Identity { actor: holder.actor, roles, credential: format!("key:{}", holder.id) });
        }
        match &self.oidc {
            Some(oidc) => oidc.identify(credential).await,
            None => Err(Problem::invalid_token(
                "this is no API key, which begins with rr_, and no single sign-on is configured here",
            )),
        }
    }
}

/// What somebody is told who does not ask at this machine.
const NOT_LOCAL: &str = "nobody has to sign in here (--no-auth), so only this machine is served: ask for http://localhost or \
                         http://127.0.0.1, without a proxy; to serve others, start without --no-auth";

/// Whether a request names this machine and came by no proxy that says so.
fn is_local(request: &RequestHead) -> bool {
    let headers = request.headers();
    let mut hosts = headers.get_all(HOST).map(|host| host.to_str().unwrap_or_default());
    let mut named =
        hosts.by_ref().chain(request.uri.authority().map(|authority| authority.as_str())).peekable();
    named.peek().is_some()
        && named.all(names_loopback)
        && !headers.contains_key(X_FORWARDED_FOR)
        && !headers.contains_key(FORWARDED)
}

/// Whether a `Host`, with or without a port, is `localhost`, a name below it, or a loopback address.
fn names_loopback(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, port)) => (name, port),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = |text: &str| text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    match name.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => name == "localhost" || name.ends_with(".localhost"),
    }
}

/// What stands in the one header `Authorization`, without its scheme. `takes`: what it could be.
fn bearer<'a>(headers: &'a HeaderMap, takes: &str) -> Result<&'a str, Problem> {
    let mut given = headers.get_all(AUTHORIZATION);
    let Some(value) = given.next() else {
        let detail = format!("nobody has signed in; send `Authorization: Bearer` with {takes}");
        return Err(Problem::new(&problem::UNAUTHENTICATED, detail));
    };
    if given.next().is_some() {
        return Err(Problem::new(&problem::MALFORMED, "the header Authorization stands twice"));
    }
    let text = value.to_str().unwrap_or_default().trim();
    let (scheme, credential) = text.split_once(' ').unwrap_or((text, ""));
    let credential = credential.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || credential.is_empty() {
        let detail = format!("the header Authorization must be `Bearer`, a space and {takes}");
        return Err(Problem::new(&problem::UNAUTHENTICATED, detail));
    }
    if credential.len() > LONGEST || !credential.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Problem::invalid_token(
            "this can be no credential: it is too long, or holds white space",
        ));
    }
    Ok(credential)
}

/// A refused key. Whoever does not have its secret is told the same whether it is there or not.
fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Malformed => Problem::invalid_token(
            "this is no API key of this registry: it may be cut off, mistyped or of another environment",
        ),
        Refusal::Unknown => Problem::invalid_token("the registry does not know this API key"),
        Refusal::Expired(at) => {
            Problem::invalid_token(&format!("this API key expired at {at}; an admin can make another"))
        }
        Refusal::Revoked => Problem::invalid_token("this API key was revoked; an admin can make another"),
        Refusal::Failed(failure) => failure.into(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for host in [
            "localhost",
            "LocalHost:8080",
            "registry.localhost",
            "127.0.0.1",
            "127.9.9.9:80",
            "[::1]",
            "[::1]:8080",
            "[::ffff:127.0.0.1]:8080",
        ] {
            assert!(names_loopback(host), "{host}");
        }
        for host in [
            "",
            ":8080",
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "notlocalhost",
            "127.0.0.1.evil.example",
            "0.0.0.0",
            "192.0.2.1",
            "[::2]",
            "[evil.example]",
            "localhost:80@evil.example",
            "localhost:x",
            "127.0.0.1:80:90",
            "evil.example localhost",
        ] {
            assert!(!names_loopback(host), "{host}");
        }
    }

    #[test]
    fn the_open_door_is_for_this_machine_alone() {
        let admits = |request: TestRequest| Door::Open.is_for(request.to_http_request().head()).is_ok();
        let local = || TestRequest::default().insert_header((HOST, "127.0.0.1:8080"));
        assert!(admits(local()));
        assert!(admits(TestRequest::default().uri("http://localhost:8080/v1/vendors")));
        assert!(!admits(TestRequest::default()), "without a name");
        assert!(!admits(TestRequest::default().insert_header((HOST, "evil.example"))));
        assert!(!admits(local().append_header((HOST, "evil.example"))), "two names");
        assert!(!admits(local().uri("http://evil.example/v1/vendors")));
        assert!(!admits(local().insert_header((X_FORWARDED_FOR, "127.0.0.1"))));
        assert!(!admits(local().insert_header((FORWARDED, "for=127.0.0.1"))));
    }
}
