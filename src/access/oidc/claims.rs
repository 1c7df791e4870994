//! What a token's claims say: looking one up, and the actor's name.

use serde_json::{Map, Value};

use super::settings::ClaimPath;

/// The claims of a token.
pub(super) type Claims = Map<String, Value>;

/// The most characters of an actor's name.
const LONGEST_NAME: usize = 200;

/// The claim at a path. A name may hold dots itself (`https://example.org/roles` is a common one), so the longest name
/// that is there goes first.
pub(super) fn find<'a>(claims: &'a Claims, path: &str) -> Option<&'a Value> {
    claims.get(path).or_else(|| {
        path.match_indices('.').rev().find_map(|(at, _)| {
            let (name, rest) = (path.get(..at)?, path.get(at.saturating_add(1)..)?);
            find(claims.get(name)?.as_object()?, rest)
        })
    })
}

/// Who holds the token, as the journal will name them.
///
/// # Errors
/// What the claim must be.
pub(super) fn actor(claims: &Claims, path: &ClaimPath) -> Result<String, String> {
    let name = find(claims, path.as_str())
        .and_then(Value::as_str)
        .ok_or_else(|| format!("the token does not name its holder: {path} must be a text"))?;
    let is_name = (1..=LONGEST_NAME).contains(&name.chars().count())
        && name.trim() == name
        && !name.chars().any(char::is_control);
    if !is_name {
        return Err(format!(
            "the token does not name its holder: {path} must have 1 to {LONGEST_NAME} characters, no control characters and \
             no spaces around them"
        ));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Claims {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_claim_is_found_by_its_name_or_by_names_with_dots_between() {
        let claims = claims(json!({
            "roles": 1, "realm_access": {"roles": 2}, "https://example.org/roles": 3,
            "resource_access": {"registry.example.org": {"roles": 4}}, "a.b": {"c": 5}, "text": "x",
        }));
        for (path, value) in [
            ("roles", Some(1)),
            ("realm_access.roles", Some(2)),
            ("https://example.org/roles", Some(3)),
            ("resource_access.registry.example.org.roles", Some(4)),
            ("a.b.c", Some(5)),
            ("realm_access", None),
            ("realm_access.other", None),
            ("text.roles", None),
            ("roles.roles", None),
            ("other", None),
        ] {
            assert_eq!(find(&claims, path).and_then(Value::as_i64), value, "{path}");
        }
    }

    #[test]
    fn an_actor_is_a_text_of_one_to_two_hundred_characters() {
        let named = |name: Value| actor(&claims(json!({ "sub": name })), &ClaimPath::parse("sub").unwrap());
        for good in ["a", "Ana Müller", "00u1abc|x", &"ü".repeat(200)] {
            assert_eq!(named(json!(good)).as_deref(), Ok(good));
        }
        for bad in [
            json!(""),
            json!(" a"),
            json!("a "),
            json!("a\nb"),
            json!("a\0"),
            json!("a\u{85}b"),
            json!("ü".repeat(201)),
            json!(1),
            json!(null),
            json!(["a"]),
        ] {
            assert!(named(bad.clone()).unwrap_err().contains("sub must"), "{bad}");
        }
    }
}
