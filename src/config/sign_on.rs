//! The settings of single sign-on.

use clap::Args;

use crate::access::oidc::{Algorithm, Audience, ClaimPath, Issuer, RoleRule, Roots, Settings, Timing};

/// Single sign-on with OpenID Connect.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_field_names, reason = "fields are named as their flags")]
pub struct SignOnSettings {
    /// The OpenID Connect issuer whose tokens let people in, letter by letter as it calls itself: an https:// URL
    #[arg(long, env = "OIDC_ISSUER", value_name = "URL", value_parser = Issuer::parse, requires = "oidc_audience")]
    oidc_issuer: Option<Issuer>,

    /// What the issuer writes into `aud` of tokens for this registry; tokens for anybody else let nobody in
    #[arg(long, env = "OIDC_AUDIENCE", value_name = "TEXT", value_parser = Audience::parse, requires = "oidc_issuer")]
    oidc_audience: Option<Audience>,

    /// Where a token says what its holder is: a claim, or claims from the outside in with dots between them
    #[arg(long, env = "OIDC_ROLES_CLAIM", value_name = "CLAIM", default_value = "roles", value_parser = ClaimPath::parse)]
    oidc_roles_claim: ClaimPath,

    /// A value of that claim and the role that it gives. Can be given several times, or in the variable with ; between
    /// them; without any, values are themselves names of roles
    #[arg(long, env = "OIDC_ROLE", value_name = "VALUE=ROLE", value_delimiter = ';', value_parser = RoleRule::parse)]
    oidc_role: Vec<RoleRule>,

    /// Where a token says who its holder is, as the journal names them: something that they can't change themselves
    #[arg(long, env = "OIDC_ACTOR_CLAIM", value_name = "CLAIM", default_value = "sub", value_parser = ClaimPath::parse)]
    oidc_actor_claim: ClaimPath,

    /// The ways to sign that are taken, with commas between them
    #[arg(long, env = "OIDC_ALGORITHMS", value_name = "NAMES", value_delimiter = ',', default_value = "RS256,PS256,ES256,EdDSA", value_parser = algorithm)]
    oidc_algorithms: Vec<Algorithm>,

    /// A PEM file of the authorities that may vouch for the issuer's server, instead of the public ones
    #[arg(long, env = "OIDC_CA_FILE", value_name = "FILE", value_parser = Roots::read, requires = "oidc_issuer")]
    oidc_ca_file: Option<Roots>,
}

impl SignOnSettings {
    /// The settings of the one issuer; none where there is no single sign-on.
    #[must_use]
    pub fn settings(self) -> Option<Settings> {
        Some(Settings {
            issuer: self.oidc_issuer?,
            audience: self.oidc_audience?,
            algorithms: self.oidc_algorithms,
            actor_claim: self.oidc_actor_claim,
            roles_claim: self.oidc_roles_claim,
            role_rules: self.oidc_role,
            roots: self.oidc_ca_file,
            timing: Timing::default(),
        })
    }
}

fn algorithm(text: &str) -> Result<Algorithm, String> {
    let words = || Algorithm::ALL.iter().map(|algorithm| algorithm.as_str()).collect::<Vec<_>>().join(", ");
    Algorithm::parse(text).ok_or_else(|| format!("must be of {}: ways with a public key", words()))
}
