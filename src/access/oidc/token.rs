//! A token (a JWT, RFC 7519, signed as RFC 7515 has it): its header, which is read before anything is trusted, and its
//! verification. Keys that a header brings along or points to (`jwk`, `jku`, `x5u`, `x5c`) are never looked at.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Validation, errors::ErrorKind};
use serde::Deserialize;
use serde_json::Value;

use super::{
    claims::Claims,
    keys::Key,
    settings::{Algorithm, Settings},
};
use crate::values::Instant;

/// No token is longer. Issuers' own are some 1 KiB; with hundreds of groups in them, some 10.
const MOST_BYTES: usize = 16 * 1024;

/// How far clocks may be apart, in seconds.
const LEEWAY: u32 = 30;

/// The types of token: an access token (RFC 9068), or one that does not say. Others, such as logout tokens, are signed
/// with the same keys, and let nobody in.
const TYPES: [&str; 2] = ["at+jwt", "jwt"];

/// A token whose header could be right.
#[derive(Debug)]
pub(super) struct Token<'a> {
    text: &'a str,
    pub(super) algorithm: Algorithm,
    /// The name of the key; only ever compared with others.
    pub(super) key_id: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

impl<'a> Token<'a> {
    /// Reads a token's header.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(text: &'a str, allowed: &[Algorithm]) -> Result<Self, String> {
        if text.len() > MOST_BYTES {
            return Err(format!("the token is longer than {MOST_BYTES} bytes"));
        }
        let header = header(text).ok_or(
            "the token is none that can be read: neither an API key nor a signed JWT of three parts",
        )?;
        if header.crit.is_some() {
            return Err("the token's header has `crit`, and the registry knows no such extension".into());
        }
        // RFC 7515 leaves `application/` out where no other slash follows, and media types ignore case.
        let said = header.typ.map(|kind| kind.to_ascii_lowercase());
        let kind = said.as_deref().map(|kind| kind.strip_prefix("application/").unwrap_or(kind));
        // RFC 7519 leaves it to issuers whether to say it, and large ones don't.
        if kind.is_some_and(|kind| !TYPES.contains(&kind)) {
            return Err("the token's typ is neither at+jwt nor JWT: it is no access token".into());
        }
        let algorithm = Algorithm::parse(&header.alg).filter(|algorithm| allowed.contains(algorithm));
        let algorithm = algorithm.ok_or_else(|| {
            let words: Vec<_> = allowed.iter().map(|algorithm| algorithm.as_str()).collect();
            format!("the token's alg is none of {}", words.join(", "))
        })?;
        Ok(Self { text, algorithm, key_id: header.kid })
    }

    /// Checks the signature first, then what is signed.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn verify(&self, key: &Key, settings: &Settings) -> Result<Claims, String> {
        let mut validation = Validation::new(self.algorithm.signature());
        validation.leeway = LEEWAY.into();
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_issuer(&[settings.issuer.as_str()]);
        validation.set_audience(&[settings.audience.as_str()]);
        let claims = jsonwebtoken::decode::<Claims>(self.text, key.verifying(), &validation)
            .map_err(|failure| explain(failure.kind()))?
            .claims;
        // The crate also takes a list of issuers, of which one is ours.
        if claims.get("iss").and_then(Value::as_str) != Some(settings.issuer.as_str()) {
            return Err(WRONG_ISSUER.into());
        }
        match claims.get("iat").map(Value::as_f64) {
            None => Ok(claims),
            Some(Some(issued)) if issued <= latest() => Ok(claims),
            Some(Some(_)) => {
                Err("the token's iat lies in the future: the issuer's clock or this machine's is wrong"
                    .into())
            }
            Some(None) => Err("the token's iat is no number".into()),
        }
    }
}

const WRONG_ISSUER: &str = "the token's iss is not the issuer that this registry is told to trust";

fn header(text: &str) -> Option<Header> {
    let (header, rest) = text.split_once('.')?;
    let (payload, signature) = rest.split_once('.')?;
    let is_whole = !payload.is_empty() && !signature.contains('.');
    let bytes = is_whole.then(|| URL_SAFE_NO_PAD.decode(header).ok()).flatten()?;
    serde_json::from_slice(&bytes).ok()
}

/// The latest `iat` that is not in the future.
fn latest() -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::as_conversions,
        reason = "exact for 285 million years of seconds"
    )]
    let now = Instant::now().utc().timestamp() as f64;
    now + f64::from(LEEWAY)
}

/// What a developer needs to know.
fn explain(failure: &ErrorKind) -> String {
    match failure {
        ErrorKind::InvalidSignature => "the token's signature is wrong".into(),
        ErrorKind::ExpiredSignature => "the token has expired; get a new one from the issuer".into(),
        ErrorKind::ImmatureSignature => "the token is not valid yet (nbf)".into(),
        ErrorKind::InvalidIssuer => WRONG_ISSUER.into(),
        ErrorKind::InvalidAudience => {
            "the token's aud is not this registry: it is a token for somebody else".into()
        }
        ErrorKind::MissingRequiredClaim(claim) => {
            format!("the token has no {claim}, or none that can be read")
        }
        ErrorKind::InvalidClaimFormat(claim) => format!("the token's {claim} can't be read"),
        _ => "the token can't be read".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Result<(Algorithm, Option<String>), String> {
        let text = format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(header));
        Token::read(&text, &[Algorithm::Rs256, Algorithm::EdDsa]).map(|token| (token.algorithm, token.key_id))
    }

    #[test]
    fn a_header_names_an_allowed_algorithm_and_a_type_of_access_token() {
        let taken = Ok((Algorithm::Rs256, None));
        for header in [
            r#"{"alg":"RS256"}"#,
            r#"{"alg":"RS256","typ":"JWT"}"#,
            r#"{"alg":"RS256","typ":"jwt"}"#,
            r#"{"alg":"RS256","typ":"at+jwt"}"#,
            r#"{"alg":"RS256","typ":"application/at+jwt","jku":"https://attacker.test"}"#,
        ] {
            assert_eq!(read(header), taken, "{header}");
        }
        assert_eq!(read(r#"{"alg":"EdDSA","kid":"a"}"#), Ok((Algorithm::EdDsa, Some("a".into()))));
        for (header, why) in [
            (r#"{"alg":"none"}"#, "alg is none of RS256, EdDSA"),
            (r#"{"alg":"HS256"}"#, "alg is none of"),
            (r#"{"alg":"ES256"}"#, "alg is none of"),
            (r#"{"alg":"RS256","typ":"logout+jwt"}"#, "typ is neither"),
            (r#"{"alg":"RS256","typ":""}"#, "typ is neither"),
            (r#"{"alg":"RS256","crit":["exp"],"exp":1}"#, "`crit`"),
            (r#"{"alg":"RS256","crit":[]}"#, "`crit`"),
            (r#"{"alg":"RS256","alg":"none"}"#, "can be read"),
            (r#"{"alg":1}"#, "can be read"),
            (r#"{"alg":"RS256","kid":1}"#, "can be read"),
            ("{}", "can be read"),
            ("[]", "can be read"),
            ("", "can be read"),
        ] {
            assert!(read(header).unwrap_err().contains(why), "{header}");
        }
    }

    #[test]
    fn a_token_has_three_parts_and_an_end() {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#);
        let allowed = [Algorithm::Rs256];
        for text in [
            "",
            ".",
            "..",
            "a.b",
            "a.b.c",
            "a.b.c.d.e",
            &format!("{header}.e30.s.x"),
            &format!("{header}..s"),
        ] {
            assert!(Token::read(text, &allowed).unwrap_err().contains("can be read"), "{text}");
        }
        let long = format!("{header}.{}.c", "a".repeat(MOST_BYTES));
        assert!(Token::read(&long, &allowed).unwrap_err().contains("longer than 16384 bytes"));
    }
}
