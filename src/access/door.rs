//! The door: who somebody is, by what they show.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

use super::role::{Role, Roles};
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
    /// Whoever shows a key.
    Locked(Lock),
}

/// What keys are checked with.
#[derive(Clone)]
pub struct Lock {
    db: Db,
    keyring: Keyring,
    uses: Uses,
}

impl Door {
    /// A door for holders of API keys.
    #[must_use]
    pub fn locked(db: Db, keyring: Keyring) -> Self {
        Self::Locked(Lock { db, keyring, uses: Uses::default() })
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
            Self::Locked(lock) => lock.identify(bearer(headers)?).await,
        }
    }
}

impl Lock {
    async fn identify(&self, credential: &str) -> Result<Identity, Problem> {
        if credential.starts_with(keys::PREFIX) {
            let holder = keys::service::check(&self.db, &self.keyring, credential).await.map_err(refused)?;
            self.uses.note(&self.db, holder.id);
            let roles: Roles = std::iter::once::<Role>(holder.role).collect();
            return Ok(Identity { actor: holder.actor, roles, credential: format!("key:{}", holder.id) });
        }
        Err(Problem::invalid_token(
            "this is no API key, which begins with rr_, and no single sign-on is configured here",
        ))
    }
}

/// What stands in the one header `Authorization`, without its scheme.
fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut given = headers.get_all(AUTHORIZATION);
    let Some(value) = given.next() else {
        let detail = "nobody has signed in; send `Authorization: Bearer` with an API key";
        return Err(Problem::new(&problem::UNAUTHENTICATED, detail));
    };
    if given.next().is_some() {
        return Err(Problem::new(&problem::MALFORMED, "the header Authorization stands twice"));
    }
    let text = value.to_str().unwrap_or_default().trim();
    let (scheme, credential) = text.split_once(' ').unwrap_or((text, ""));
    let credential = credential.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || credential.is_empty() {
        let detail = "the header Authorization must be `Bearer`, a space and an API key";
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
