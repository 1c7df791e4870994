//! What a key looks like: `rr_<env>_<id><secret><checksum>`, with an underscore after the id. The beginning lets scanners
//! find it in texts where it does not belong, the checksum lets them (and the registry) tell it from what only looks alike.
//! A token prints nowhere but where it is revealed.

use std::{fmt, str::FromStr};

use crate::values::ApiKeyId;

/// What every key begins with.
pub const PREFIX: &str = "rr_";

/// How many digits the id has: 62^22 is the first power past 2^128.
const ID_DIGITS: usize = 22;

/// How many digits 32 bytes have.
const SECRET_DIGITS: usize = 43;

/// How many digits 32 bits have.
const CHECKSUM_DIGITS: usize = 6;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Which environment a registry's keys are of, as it stands in them: `live`, `test`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEnv(String);

impl FromStr for KeyEnv {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        if (2..=12).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be 2 to 12 lower-case letters and digits, like live")
        }
    }
}

impl Default for KeyEnv {
    fn default() -> Self {
        Self("live".to_owned())
    }
}

impl fmt::Display for KeyEnv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key as its holder has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The token of an id and 32 random bytes.
    pub(super) fn new(env: &KeyEnv, id: ApiKeyId, random: [u8; 32]) -> (Self, Secret) {
        let secret = Secret(digits_of(&random, SECRET_DIGITS));
        let id = digits_of(&id.uuid().into_bytes(), ID_DIGITS);
        let body = format!("{PREFIX}{env}_{id}_{}", secret.0);
        (Self(format!("{body}{}", checksum(&body))), secret)
    }

    /// The token itself, for the one answer that shows it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// The part of a token that only its holder knows.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(String);

impl Secret {
    pub(super) const fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// What somebody shows as a key, taken apart. Whether it is one is still to be asked.
pub(super) struct Shown {
    pub(super) env: KeyEnv,
    pub(super) id: ApiKeyId,
    pub(super) secret: Secret,
}

/// Takes a text apart. `None`: it is no key, whatever is stored; so nothing needs to be asked.
pub(super) fn read(text: &str) -> Option<Shown> {
    let (env, rest) = text.strip_prefix(PREFIX)?.split_once('_')?;
    let (id, rest) = rest.split_once('_')?;
    let well_formed = id.len() == ID_DIGITS
        && rest.len() == SECRET_DIGITS.saturating_add(CHECKSUM_DIGITS)
        && rest.bytes().all(|b| DIGITS.contains(&b));
    let (body, given) = text.split_at_checked(text.len().checked_sub(CHECKSUM_DIGITS)?)?;
    if !well_formed || checksum(body) != given {
        return None;
    }
    let secret = rest.get(..SECRET_DIGITS)?.to_owned();
    let id = ApiKeyId::from(uuid::Uuid::from_u128(number_of(id)?));
    Some(Shown { env: env.parse().ok()?, id, secret: Secret(secret) })
}

fn checksum(text: &str) -> String {
    digits_of(&crc32fast::hash(text.as_bytes()).to_be_bytes(), CHECKSUM_DIGITS)
}

/// A big-endian number in base 62, with so many digits.
fn digits_of(bytes: &[u8], count: usize) -> String {
    let mut number = bytes.to_vec();
    let mut digits = Vec::with_capacity(count);
    for _ in 0..count {
        let mut rest = 0_u16;
        for byte in &mut number {
            let part = (rest << 8) | u16::from(*byte);
            *byte = u8::try_from(part / 62).unwrap_or_default();
            rest = part % 62;
        }
        digits.push(DIGITS.get(usize::from(rest)).copied().unwrap_or_default());
    }
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
}

/// The number that digits of base 62 write; `None` past 128 bits.
fn number_of(digits: &str) -> Option<u128> {
    digits.bytes().try_fold(0_u128, |number, digit| {
        let value = DIGITS.iter().position(|other| *other == digit)?;
        number.checked_mul(62)?.checked_add(u128::try_from(value).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(random: [u8; 32]) -> (ApiKeyId, Token, Secret) {
        let id = ApiKeyId::new();
        let (token, secret) = Token::new(&KeyEnv::default(), id, random);
        (id, token, secret)
    }

    #[test]
    fn a_token_is_read_back_as_what_it_was_made_of() {
        for random in [[0; 32], [1; 32], [0xff; 32]] {
            let (id, token, secret) = made(random);
            let shown = read(token.reveal()).unwrap();
            assert_eq!((shown.id, shown.env.to_string()), (id, "live".to_owned()));
            assert!(shown.secret == secret);
            assert_eq!(token.reveal().len(), "rr_live_".len() + 22 + 1 + 43 + 6);
        }
        assert_eq!(digits_of(&[0xff; 32], 43).len(), 43);
        assert_eq!(digits_of(&u128::MAX.to_be_bytes(), 22), "7n42DGM5Tflk9n8mt7Fhc7");
        assert_eq!(number_of("7n42DGM5Tflk9n8mt7Fhc7"), Some(u128::MAX));
        assert_eq!(number_of("7n42DGM5Tflk9n8mt7Fhc8"), None);
    }

    #[test]
    fn no_change_of_one_character_leaves_a_token_well_formed() {
        let (_, token, _) = made([7; 32]);
        let text = token.reveal();
        let mut tried = 0;
        for at in 0..text.len() {
            for digit in ['0', 'A', 'z', '_', '-', ' ', '\u{e9}'] {
                let changed = format!("{}{digit}{}", &text[..at], &text[at + 1..]);
                if changed != text {
                    assert!(read(&changed).is_none(), "{at} {digit}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 400);
        let longer = format!("{text}0");
        for other in ["", "rr_", "rr_live", "rr_live_", "rr__", &text[1..], &text[..text.len() - 1], &longer]
        {
            assert!(read(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_token_does_not_print_itself() {
        let (_, token, _) = made([7; 32]);
        assert_eq!(format!("{token:?}"), "Token");
    }
}
