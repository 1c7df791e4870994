//! Single sign-on: with a real issuer program, and with one of our own that does what no good issuer would. Tokens are
//! forged in every way that is known to have worked somewhere.

mod attacks;
mod configuration;
mod issuer;
mod keys;
mod real;
mod signer;

use std::{fs, sync::LazyLock};

use risk_registry::access::oidc::{
    Algorithm, Audience, ClaimPath, Issuer as Name, Oidc, Roots, Settings, Timing,
};
use tempfile::TempDir;

use super::support::{App, certificates::Authority};
use issuer::Issuer;

/// Whom tokens are for.
const AUDIENCE: &str = "https://registry.test";

/// What every role reads, and what only some may do.
const READ: &str = "/v1/vendors";

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::new("The issuer's authority"));

/// Settings that trust an issuer whose server the authority of these tests vouches for.
fn settings(issuer: &str) -> Settings {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("authority.pem");
    fs::write(&file, AUTHORITY.pem()).unwrap();
    Settings {
        issuer: Name::parse(issuer).unwrap(),
        audience: Audience::parse(AUDIENCE).unwrap(),
        algorithms: vec![Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa],
        actor_claim: ClaimPath::parse("sub").unwrap(),
        roles_claim: ClaimPath::parse("roles").unwrap(),
        role_rules: Vec::new(),
        roots: Some(Roots::read(file.to_str().unwrap()).unwrap()),
        timing: Timing::default(),
    }
}

/// The application, with sign-on by these settings.
fn app(settings: Settings) -> App {
    App::behind(Oidc::new(settings))
}

/// The application, with sign-on at this issuer.
fn app_of(issuer: &Issuer) -> App {
    app(settings(&issuer.name()))
}
