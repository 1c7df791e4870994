//! Makes tokens, good and bad.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use openssl::{
    bn::{BigNum, BigNumContext},
    ec::{EcGroup, EcKey},
    nid::Nid,
    pkey::{PKey, Private},
    rsa::Rsa,
};
use serde_json::{Value, json};

use super::AUDIENCE;

/// A key that an issuer signs with.
pub struct Signer {
    pub id: String,
    pub algorithm: Algorithm,
    private: EncodingKey,
    pub pair: PKey<Private>,
}

impl Signer {
    pub fn rsa(id: &str) -> Self {
        let pair = Rsa::generate(2048).unwrap();
        let private = EncodingKey::from_rsa_der(&pair.private_key_to_der().unwrap());
        Self { id: id.to_owned(), algorithm: Algorithm::RS256, private, pair: PKey::from_rsa(pair).unwrap() }
    }

    pub fn ec(id: &str) -> Self {
        let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let pair = PKey::from_ec_key(EcKey::generate(&curve).unwrap()).unwrap();
        let private = EncodingKey::from_ec_der(&pair.private_key_to_pkcs8().unwrap());
        Self { id: id.to_owned(), algorithm: Algorithm::ES256, private, pair }
    }

    /// The public key, as a key set lists it.
    pub fn jwk(&self) -> Value {
        let mut key = match self.algorithm {
            Algorithm::ES256 => {
                let pair = self.pair.ec_key().unwrap();
                let (mut x, mut y) = (BigNum::new().unwrap(), BigNum::new().unwrap());
                let mut context = BigNumContext::new().unwrap();
                pair.public_key().affine_coordinates(pair.group(), &mut x, &mut y, &mut context).unwrap();
                let part = |number: &BigNum| encoded(&number.to_vec_padded(32).unwrap());
                json!({"kty": "EC", "crv": "P-256", "x": part(&x), "y": part(&y)})
            }
            _ => {
                let pair = self.pair.rsa().unwrap();
                json!({"kty": "RSA", "n": encoded(&pair.n().to_vec()), "e": encoded(&pair.e().to_vec())})
            }
        };
        key["kid"] = json!(self.id);
        key["use"] = json!("sig");
        key
    }

    /// The header of a good token.
    pub fn header(&self) -> Value {
        json!({"alg": format!("{:?}", self.algorithm), "typ": "at+jwt", "kid": self.id})
    }

    /// A token with this header and these claims, signed by this key whatever they say.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let signature = crypto::sign(message.as_bytes(), &self.private, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }

    /// A good token with these claims.
    pub fn token(&self, claims: &Value) -> String {
        self.sign(&self.header(), claims)
    }
}

/// The part of a token that is signed.
pub fn message(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encoded(header.to_string().as_bytes()), encoded(claims.to_string().as_bytes()))
}

pub fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

/// The claims of a good token of this issuer.
pub fn claims(issuer: &str) -> Value {
    let now = now();
    json!({
        "iss": issuer, "aud": AUDIENCE, "sub": "ana", "roles": ["analyst"],
        "iat": now, "nbf": now, "exp": now + 300,
    })
}

/// The same with one claim changed; `null` takes it away.
pub fn but(claims: &Value, name: &str, value: Value) -> Value {
    let mut changed = claims.clone();
    if value.is_null() {
        changed.as_object_mut().unwrap().remove(name);
    } else {
        changed[name] = value;
    }
    changed
}
