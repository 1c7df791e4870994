//! Single sign-on: bearer tokens (JWT) of one OpenID Connect issuer. The registry is a resource server and nothing else: it
//! checks what an issuer signed, and knows no passwords, no sessions and no client secrets.

mod claims;
mod fetch;
mod keys;
mod roles;
mod settings;
mod token;

use std::sync::Arc;

pub use keys::Timing;
pub use settings::{Algorithm, Audience, ClaimPath, Issuer, RoleRule, Roots, Settings};

use super::{door::Identity, person::is_own_name};
use crate::http::Problem;
use keys::{Cache, Found};
use token::Token;

/// Signs people in by the tokens of one issuer. Clones share its keys.
#[derive(Clone)]
pub struct Oidc(Arc<SignOn>);

struct SignOn {
    settings: Settings,
    keys: Cache,
}

impl Oidc {
    /// Signs in by these settings. Nothing is fetched yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let keys = Cache::new(fetch::Fetcher::new(&settings), &settings);
        Self(Arc::new(SignOn { settings, keys }))
    }

    /// Fetches the issuer's keys, so that the first request need not wait for them. Where that fails the log says so, and
    /// they are asked for again when somebody signs in.
    pub async fn prepare(&self) {
        drop(self.0.keys.current().await);
    }

    /// Who holds this token.
    ///
    /// # Errors
    /// 401 where the token says it of nobody; 503 while the issuer's keys can't be had.
    pub async fn identify(&self, token: &str) -> Result<Identity, Problem> {
        let SignOn { settings, keys } = &*self.0;
        let token = Token::read(token, &settings.algorithms).map_err(refused)?;
        let known = keys.current().await?;
        let key = match known.find(&token) {
            Found::Key(key) => key.clone(),
            Found::Refused(why) => return Err(refused(why)),
            // The issuer may have new keys.
            Found::Unknown(why) => {
                let newer = keys.newer_than(&known).await?.ok_or_else(|| refused(why))?;
                match newer.find(&token) {
                    Found::Key(key) => key.clone(),
                    Found::Refused(why) | Found::Unknown(why) => return Err(refused(why)),
                }
            }
        };
        let claims = token.verify(&key, settings).map_err(refused)?;
        let actor = claims::actor(&claims, &settings.actor_claim).map_err(refused)?;
        if is_own_name(&actor) {
            return Err(refused(
                "the token's holder has a name under which the registry itself writes in the journal",
            ));
        }
        let roles = roles::of(&claims, &settings.roles_claim, &settings.role_rules);
        Ok(Identity { credential: format!("sign-on:{actor}"), actor, roles })
    }
}

/// 401, with what a developer needs and nothing of the token.
fn refused(why: impl AsRef<str>) -> Problem {
    Problem::invalid_token(why.as_ref())
}
