//! What keys are made and checked with: the server's own secret, without which the stored hashes are worth nothing, and the
//! environment that stands in its keys.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::token::{KeyEnv, Secret, Shown, Token, read};
use crate::{
    error::{Error, Result},
    values::{ApiKeyId, hex},
};

/// The fewest bytes of a server's secret: as many as the hash has.
pub const MIN_SECRET: usize = 32;

/// The server's secret. It prints nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct KeySecret(String);

impl KeySecret {
    /// A secret that somebody stated.
    ///
    /// # Errors
    /// One that is too short.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        if text.len() < MIN_SECRET {
            return Err(format!(
                "the key secret has {} bytes, and must have at least {MIN_SECRET}; `openssl rand -hex 32` makes one",
                text.len()
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// A new one, of 32 random bytes.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn random() -> Result<Self> {
        Ok(Self(hex(&random()?)))
    }

    /// The secret itself, for the file that keeps it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySecret")
    }
}

fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|failure| Error::Unavailable(format!("the system gives no random numbers: {failure}")))?;
    Ok(bytes)
}

/// Makes and checks keys.
#[derive(Debug, Clone)]
pub struct Keyring {
    env: KeyEnv,
    secret: KeySecret,
}

/// A key that was just made, and what is stored of its secret.
#[derive(Clone)]
pub struct Made {
    pub id: ApiKeyId,
    pub token: Token,
    pub(super) hash: String,
    pub(super) hashed_with: String,
}

impl Keyring {
    #[must_use]
    pub const fn new(env: KeyEnv, secret: KeySecret) -> Self {
        Self { env, secret }
    }

    /// A key of an id of its own; it is worth nothing before it is recorded.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn make(&self) -> Result<Made> {
        self.make_under(ApiKeyId::new())
    }

    /// A key of a given id.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub(super) fn make_under(&self, id: ApiKeyId) -> Result<Made> {
        let (token, secret) = Token::new(&self.env, id, random()?);
        let hash = hex(&self.mac(id, &secret)?.finalize().into_bytes());
        Ok(Made { id, token, hash, hashed_with: self.fingerprint()? })
    }

    /// What somebody shows as a key, taken apart; `None` where it can be no key of this registry.
    pub(super) fn read(&self, text: &str) -> Option<Shown> {
        read(text).filter(|shown| shown.env == self.env)
    }

    /// Whether what is shown fits a stored hash. Where none is stored the same is done, so that time tells nobody which ids
    /// there are.
    ///
    /// # Errors
    /// Never for the registry's own secrets; a failure is internal.
    pub(super) fn fits(&self, shown: &Shown, hash: Option<&str>) -> Result<bool> {
        const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";
        let stored = bytes_of(hash.unwrap_or(NO_HASH));
        let same = self.mac(shown.id, &shown.secret)?.verify_slice(&stored).is_ok();
        Ok(same && hash.is_some())
    }

    /// Tells one server's secret from another, and nothing else of it.
    ///
    /// # Errors
    /// Never for the registry's own secrets; a failure is internal.
    pub(super) fn fingerprint(&self) -> Result<String> {
        let mut mac = self.keyed()?;
        mac.update(b"risk-registry: which secret");
        let digest = mac.finalize().into_bytes();
        Ok(hex(digest.get(..4).unwrap_or_default()))
    }

    /// The id goes into the hash, so that a hash fits no other key's row.
    fn mac(&self, id: ApiKeyId, secret: &Secret) -> Result<Hmac<Sha256>> {
        let mut mac = self.keyed()?;
        mac.update(id.uuid().as_bytes());
        mac.update(secret.bytes());
        Ok(mac)
    }

    fn keyed(&self) -> Result<Hmac<Sha256>> {
        Hmac::new_from_slice(self.secret.0.as_bytes()).map_err(|failure| Error::internal(failure.to_string()))
    }
}

/// The bytes that hexadecimal digits write; none where they are no such digits.
fn bytes_of(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks_exact(2);
    let byte = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(text, 16).ok()
    };
    pairs.map(byte).collect::<Option<_>>().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring(secret: &str) -> Keyring {
        Keyring::new(KeyEnv::default(), KeySecret::parse(secret).unwrap())
    }

    #[test]
    fn a_key_fits_its_own_hash_under_its_own_secret_alone() {
        let (one, other) = (keyring(&"a".repeat(32)), keyring(&"b".repeat(32)));
        let (first, second) = (one.make().unwrap(), one.make().unwrap());
        let shown = one.read(first.token.reveal()).unwrap();
        assert!(one.fits(&shown, Some(&first.hash)).unwrap());
        assert!(!one.fits(&shown, Some(&second.hash)).unwrap());
        assert!(!other.fits(&shown, Some(&first.hash)).unwrap());
        for wrong in ["", "0", "not hexadecimal", &first.hash[..62], &format!("{}00", first.hash)] {
            assert!(!one.fits(&shown, Some(wrong)).unwrap(), "{wrong}");
        }
        assert!(!one.fits(&shown, None).unwrap());
        assert_ne!(one.fingerprint().unwrap(), other.fingerprint().unwrap());
        let of_test = Keyring::new("test".parse().unwrap(), KeySecret::parse(&"a".repeat(32)).unwrap());
        assert!(of_test.read(first.token.reveal()).is_none());
    }

    #[test]
    fn a_secret_is_long_enough_and_does_not_print_itself() {
        assert!(KeySecret::parse(&"x".repeat(31)).unwrap_err().contains("at least 32"));
        let keyring = keyring(&"x".repeat(32));
        assert!(!format!("{keyring:?}").contains("xx"));
        assert_eq!(KeySecret::random().unwrap().reveal().len(), 64);
    }
}
