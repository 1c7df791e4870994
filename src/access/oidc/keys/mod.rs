//! The issuer's keys: which of a key set (JWK Set, RFC 7517) can verify a token, and which of those a token means.

mod cache;

use jsonwebtoken::{
    DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse},
};
use serde_json::Value;

use super::{settings::Algorithm, token::Token};

pub(super) use cache::Cache;
pub use cache::Timing;

/// One public key, and what it may verify.
#[derive(Clone)]
pub(super) struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    verifying: DecodingKey,
}

impl Key {
    /// Reads a key; none where it is not for signatures, or not for one of the allowed algorithms.
    fn read(value: &Value, allowed: &[Algorithm]) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value.clone()).ok()?;
        let common = &jwk.common;
        let signs = common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature);
        let verifies = common
            .key_operations
            .as_ref()
            .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
        // By its name in the set: a name that the crate does not know must not count as none.
        let named = value.get("alg");
        let fits = |algorithm: &Algorithm| {
            suits(&jwk.algorithm, *algorithm)
                && named.is_none_or(|name| name.as_str() == Some(algorithm.as_str()))
        };
        let algorithms: Vec<_> = allowed.iter().copied().filter(fits).collect();
        if !signs || !verifies || algorithms.is_empty() {
            return None;
        }
        Some(Self { id: common.key_id.clone(), algorithms, verifying: DecodingKey::from_jwk(&jwk).ok()? })
    }

    /// The key itself.
    pub(super) const fn verifying(&self) -> &DecodingKey {
        &self.verifying
    }
}

/// Whether a key of this kind can have made such a signature. Secrets (`oct`) suit none.
fn suits(key: &AlgorithmParameters, algorithm: Algorithm) -> bool {
    match algorithm {
        Algorithm::Rs256
        | Algorithm::Rs384
        | Algorithm::Rs512
        | Algorithm::Ps256
        | Algorithm::Ps384
        | Algorithm::Ps512 => matches!(key, AlgorithmParameters::RSA(_)),
        Algorithm::Es256 => {
            matches!(key, AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256)
        }
        Algorithm::Es384 => {
            matches!(key, AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384)
        }
        Algorithm::EdDsa => {
            matches!(key, AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519)
        }
    }
}

/// The keys of an issuer that can verify tokens.
pub(super) struct Keys(Vec<Key>);

/// What a set of keys has for a token.
pub(super) enum Found<'a> {
    /// The key that it means.
    Key(&'a Key),
    /// No key, and a newer set would have none either.
    Refused(&'static str),
    /// No key; a newer set may have one.
    Unknown(&'static str),
}

impl Keys {
    /// Reads a key set. What the registry can't use is passed over: a set may hold keys for other purposes.
    ///
    /// # Errors
    /// Where it is no key set, or holds no key that the registry can use.
    pub(super) fn read(set: &Value, allowed: &[Algorithm]) -> Result<Self, String> {
        let listed = set.get("keys").and_then(Value::as_array).ok_or("its key set has no list of keys")?;
        let keys: Vec<_> = listed.iter().filter_map(|key| Key::read(key, allowed)).collect();
        if keys.is_empty() {
            let words: Vec<_> = allowed.iter().map(|algorithm| algorithm.as_str()).collect();
            return Err(format!(
                "its key set holds {} keys, and none of them is for signatures by {}",
                listed.len(),
                words.join(", ")
            ));
        }
        Ok(Self(keys))
    }

    /// How many there are.
    pub(super) const fn count(&self) -> usize {
        self.0.len()
    }

    /// The key that a token means.
    pub(super) fn find(&self, token: &Token<'_>) -> Found<'_> {
        let fits = |key: &&Key| key.algorithms.contains(&token.algorithm);
        let Some(id) = token.key_id.as_deref() else {
            let mut fitting = self.0.iter().filter(fits);
            return match (fitting.next(), fitting.next()) {
                (Some(only), None) => Found::Key(only),
                (Some(_), Some(_)) => {
                    Found::Refused("the token names no key (kid), and the issuer has several for its alg")
                }
                (None, _) => Found::Unknown("the issuer has no key for the token's alg"),
            };
        };
        let mut named = self.0.iter().filter(|key| key.id.as_deref() == Some(id)).peekable();
        if named.peek().is_none() {
            return Found::Unknown("the token's key (kid) is none of the issuer's");
        }
        named.find(fits).map_or(Found::Refused("the token's key (kid) is not for its alg"), Found::Key)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjB";

    fn usable(key: Value) -> Vec<&'static str> {
        let key = Key::read(&key, Algorithm::ALL);
        key.map(|key| key.algorithms.iter().map(|algorithm| algorithm.as_str()).collect()).unwrap_or_default()
    }

    #[test]
    fn a_key_verifies_what_its_kind_its_alg_and_its_use_allow() {
        let rsa = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
        assert_eq!(usable(json!({"kty": "RSA", "n": N, "e": "AQAB"})), rsa);
        assert_eq!(
            usable(json!({"kty": "RSA", "n": N, "e": "AQAB", "use": "sig", "alg": "PS256"})),
            ["PS256"]
        );
        assert_eq!(usable(json!({"kty": "RSA", "n": N, "e": "AQAB", "key_ops": ["verify"]})), rsa);
        assert_eq!(usable(json!({"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"})), ["ES256"]);
        assert_eq!(usable(json!({"kty": "EC", "crv": "P-384", "x": "AAAA", "y": "AAAA"})), ["ES384"]);
        assert_eq!(usable(json!({"kty": "OKP", "crv": "Ed25519", "x": "AAAA"})), ["EdDSA"]);
        for useless in [
            json!({"kty": "RSA", "n": N, "e": "AQAB", "use": "enc"}),
            json!({"kty": "RSA", "n": N, "e": "AQAB", "key_ops": ["encrypt"]}),
            json!({"kty": "RSA", "n": N, "e": "AQAB", "alg": "RSA-OAEP"}),
            json!({"kty": "RSA", "n": N, "e": "AQAB", "alg": "HS256"}),
            json!({"kty": "RSA", "n": N, "e": "AQAB", "alg": "new"}),
            json!({"kty": "RSA", "n": N, "e": "AQAB", "alg": 1}),
            json!({"kty": "RSA", "n": "+/", "e": "AQAB"}),
            json!({"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA", "alg": "ES384"}),
            json!({"kty": "EC", "crv": "P-521", "x": "AAAA", "y": "AAAA"}),
            json!({"kty": "EC", "crv": "secp256k1", "x": "AAAA", "y": "AAAA"}),
            json!({"kty": "oct", "k": "AAAA"}),
            json!({"kty": "oct", "k": "AAAA", "alg": "RS256"}),
            json!({"kty": "new"}),
            json!({}),
            json!("key"),
            json!(null),
        ] {
            assert_eq!(usable(useless.clone()), Vec::<&str>::new(), "{useless}");
        }
    }

    #[test]
    fn a_set_without_a_key_that_can_be_used_is_refused() {
        for (set, why) in [
            (json!({}), "no list of keys"),
            (json!([]), "no list of keys"),
            (json!({"keys": {}}), "no list of keys"),
            (json!({"keys": []}), "holds 0 keys"),
            (json!({"keys": [{"kty": "oct", "k": "AAAA"}, 1]}), "holds 2 keys"),
        ] {
            let refusal = Keys::read(&set, &[Algorithm::Rs256]).err().unwrap();
            assert!(refusal.contains(why), "{refusal}");
        }
        let mixed = json!({"keys": [{"kty": "new"}, {"kty": "RSA", "n": N, "e": "AQAB"}]});
        assert_eq!(Keys::read(&mixed, &[Algorithm::Rs256]).ok().unwrap().count(), 1);
    }
}
