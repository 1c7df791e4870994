//! The door: who somebody is, by what they show.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

use super::{oidc::Oidc, role::Roles};
use crate::http::{Problem, problem};

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

/// How people are let in.
#[derive(Clone)]
pub enum Door {
    /// Nobody has to sign in, and everybody has every right. For a loopback address only.
    Open,
    /// By a token of the organisation's sign-on.
    SignOn(Oidc),
}

impl Door {
    /// Who asks.
    ///
    /// # Errors
    /// 401 where that can't be told; 503 where it can't be told now.
    pub async fn identify(&self, headers: &HeaderMap) -> Result<Identity, Problem> {
        match self {
            Self::Open => {
                Ok(Identity { actor: LOCAL.to_owned(), roles: Roles::ALL, credential: "none".to_owned() })
            }
            Self::SignOn(oidc) => {
                let shown = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
                let bearer = shown.and_then(|shown| {
                    let (scheme, token) = shown.split_once(' ')?;
                    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
                });
                let nobody =
                    || Problem::new(&problem::UNAUTHENTICATED, "send `Authorization: Bearer` with a token");
                oidc.identify(bearer.ok_or_else(nobody)?).await
            }
        }
    }
}
