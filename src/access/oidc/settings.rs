//! The settings of single sign-on, as types that cannot be wrong.

use std::{fmt, path::Path, sync::Arc};

use jsonwebtoken::Algorithm as Signature;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use ureq::tls::Certificate;
use url::{Host, Url};

use super::keys::Timing;
use crate::{access::Role, values::words};

/// Everything about the issuer and its tokens.
#[derive(Debug, Clone)]
pub struct Settings {
    pub issuer: Issuer,
    pub audience: Audience,
    pub algorithms: Vec<Algorithm>,
    /// Where a token says who holds it.
    pub actor_claim: ClaimPath,
    /// Where a token says what they are.
    pub roles_claim: ClaimPath,
    /// Which value of that claim gives which role; without any rule a value is the name of a role.
    pub role_rules: Vec<RoleRule>,
    /// Who may vouch for the issuer's server; `None`: the authorities of Mozilla's list, which is part of the program.
    pub roots: Option<Roots>,
    /// How long its keys are used, and how often they are fetched.
    pub timing: Timing,
}

words! {
    /// A way to sign a token. All of them have two keys, so that nobody who can check a token can make one.
    pub enum Algorithm {
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        Rs256 = "RS256",
        /// RSASSA-PKCS1-v1_5 with SHA-384.
        Rs384 = "RS384",
        /// RSASSA-PKCS1-v1_5 with SHA-512.
        Rs512 = "RS512",
        /// RSASSA-PSS with SHA-256.
        Ps256 = "PS256",
        /// RSASSA-PSS with SHA-384.
        Ps384 = "PS384",
        /// RSASSA-PSS with SHA-512.
        Ps512 = "PS512",
        /// ECDSA on P-256 with SHA-256.
        Es256 = "ES256",
        /// ECDSA on P-384 with SHA-384.
        Es384 = "ES384",
        /// `EdDSA` on Ed25519.
        EdDsa = "EdDSA",
    }
}

impl Algorithm {
    /// As the crate that verifies names it.
    pub(super) const fn signature(self) -> Signature {
        match self {
            Self::Rs256 => Signature::RS256,
            Self::Rs384 => Signature::RS384,
            Self::Rs512 => Signature::RS512,
            Self::Ps256 => Signature::PS256,
            Self::Ps384 => Signature::PS384,
            Self::Ps512 => Signature::PS512,
            Self::Es256 => Signature::ES256,
            Self::Es384 => Signature::ES384,
            Self::EdDsa => Signature::EdDSA,
        }
    }
}

/// The issuer's identifier: a URL, compared letter by letter with what discovery and tokens say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    url: Url,
}

impl Issuer {
    /// Reads an issuer.
    ///
    /// # Errors
    /// What it must be.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text)
            .map_err(|fault| format!("must be a URL like https://login.example.org: {fault}"))?;
        must_be_safe(&url)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err("must have no query and no fragment".into());
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where it says what it offers (OpenID Connect Discovery 1.0, section 4).
    pub(super) fn discovery(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.text.trim_end_matches('/'))
    }

    /// Whether it runs on this machine.
    pub(super) fn is_local(&self) -> bool {
        is_loopback(&self.url)
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Refuses a URL over which keys could be changed on the way, or which carries a password.
///
/// # Errors
/// What it must be.
pub(super) fn must_be_safe(url: &Url) -> Result<(), String> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must hold no user name and no password".into());
    }
    match url.scheme() {
        "https" if url.host().is_some() => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        _ => Err("must begin with https:// (http:// for a loopback address only)".into()),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Whom the issuer's tokens must be for: this registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience(String);

impl Audience {
    /// Reads an audience.
    ///
    /// # Errors
    /// What it must be.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.trim().is_empty() {
            return Err(
                "must not be empty: it is what the issuer writes into `aud` of tokens for this registry",
            );
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where in a token's claims something stands: a name, or names from the outside in with dots between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimPath(String);

impl ClaimPath {
    /// Reads a path.
    ///
    /// # Errors
    /// What it must be.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() || text.starts_with('.') || text.ends_with('.') {
            return Err("must be the name of a claim, like roles or realm_access.roles");
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One value of the claim of roles, and the role that it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRule {
    pub value: String,
    pub role: Role,
}

impl RoleRule {
    /// Reads `value=role`. The value may hold `=` itself, as names of directories do.
    ///
    /// # Errors
    /// What it must be.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words = || Role::ALL.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
        let rule = text.rsplit_once('=').filter(|(value, _)| !value.is_empty());
        let (value, role) =
            rule.ok_or("must be the claim's value, = and a role, like registry-analysts=analyst")?;
        let role = Role::parse(role).ok_or_else(|| format!("must end in =role, with one of {}", words()))?;
        Ok(Self { value: value.to_owned(), role })
    }
}

/// Certificate authorities from a file.
#[derive(Debug, Clone)]
pub struct Roots(Arc<Vec<Certificate<'static>>>);

impl Roots {
    /// Reads a PEM file of certificates.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn read(path: &str) -> Result<Self, String> {
        let certificates = CertificateDer::pem_file_iter(Path::new(path))
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|failure| format!("the file can't be read: {failure}"))?;
        if certificates.is_empty() {
            return Err("the file holds no certificate in PEM form".into());
        }
        let owned = certificates.iter().map(|certificate| Certificate::from_der(certificate).to_owned());
        Ok(Self(Arc::new(owned.collect())))
    }

    pub(super) fn certificates(&self) -> Arc<Vec<Certificate<'static>>> {
        Arc::clone(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_reached_over_https_or_on_this_machine() {
        for (good, discovery) in [
            ("https://login.example.org", "https://login.example.org/.well-known/openid-configuration"),
            ("https://login.example.org/", "https://login.example.org/.well-known/openid-configuration"),
            ("https://example.org/realms/a", "https://example.org/realms/a/.well-known/openid-configuration"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000/.well-known/openid-configuration"),
            ("http://[::1]:9000", "http://[::1]:9000/.well-known/openid-configuration"),
            ("http://localhost:9000", "http://localhost:9000/.well-known/openid-configuration"),
        ] {
            let issuer = Issuer::parse(good).unwrap();
            assert_eq!((issuer.as_str(), issuer.discovery().as_str()), (good, discovery));
        }
        for bad in [
            "",
            "login.example.org",
            "http://login.example.org",
            "http://localhost.example.org",
            "http://127.0.0.1.example.org",
            "http://10.0.0.1",
            "ftp://login.example.org",
            "file:///etc/passwd",
            "https://user@login.example.org",
            "https://:secret@login.example.org",
            "https://login.example.org?a=b",
            "https://login.example.org#a",
        ] {
            let refusal = Issuer::parse(bad).unwrap_err();
            assert!(refusal.starts_with("must") && !refusal.contains("secret"), "{bad}: {refusal}");
        }
    }

    #[test]
    fn a_rule_of_roles_ends_in_a_role() {
        for (text, value, role) in [
            ("analysts=analyst", "analysts", Role::Analyst),
            ("cn=auditors,dc=example=auditor", "cn=auditors,dc=example", Role::Auditor),
        ] {
            assert_eq!(RoleRule::parse(text), Ok(RoleRule { value: value.to_owned(), role }));
        }
        for bad in ["", "analyst", "=analyst", "analysts=", "analysts=boss", "analysts=Analyst"] {
            assert!(RoleRule::parse(bad).unwrap_err().starts_with("must"), "{bad}");
        }
    }

    #[test]
    fn nobody_can_choose_an_algorithm_with_one_key_for_both_sides() {
        for word in ["HS256", "HS384", "HS512", "none", "None", "", "rs256"] {
            assert_eq!(Algorithm::parse(word), None, "{word}");
        }
        assert_eq!(Algorithm::ALL.len(), 9);
    }
}
