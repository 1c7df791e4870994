//! Web addresses and domain names.

use std::{borrow::Cow, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, de};
use url::Url;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{self, ObjectBuilder, SchemaFormat, Type},
};

use super::space::{is_white_space, refuse_around};

const MAX: usize = 2000;

/// What `WebAddress::parse` asks for before it reads the URL: the scheme, the slashes, somebody's name and nobody's password.
const PATTERN: &str =
    r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s\x00-\x1F\x7F-\x9F/?#@\\]+([/?#][^\s\x00-\x1F\x7F-\x9F]*)?$";

/// An absolute `http` or `https` URL, kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct WebAddress(String);

impl WebAddress {
    /// # Errors
    /// When the text is no absolute web address.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const SHAPE: &str = "must be an absolute http or https URL of at most 2000 characters";
        refuse_around(text)?;
        if text.chars().count() > MAX || text.chars().any(|c| c.is_control() || is_white_space(c)) {
            return Err(SHAPE);
        }
        // The reader of URLs puts right what is missing here, and then the text that is kept would still lack it.
        let (scheme, rest) = text.split_once("://").ok_or(SHAPE)?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.contains('@') {
            return Err("must not carry a user name or password");
        }
        let is_web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
        if !is_web || host.is_empty() || host.contains('\\') {
            return Err(SHAPE);
        }
        Url::parse(text).map_err(|_| SHAPE)?;
        Ok(Self(text.to_owned()))
    }
}

impl Deref for WebAddress {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for WebAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&Cow::<'de, str>::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl PartialSchema for WebAddress {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("uri".into())))
            .min_length(Some(1))
            .max_length(Some(MAX))
            .pattern(Some(PATTERN))
            .examples(["https://www.example.com/"])
            .into()
    }
}

impl ToSchema for WebAddress {}

/// A domain name with at least two labels, as lower-case punycode (UTS #46), without a closing dot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Domain(String);

impl Domain {
    /// # Errors
    /// When the text is no domain name.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const SHAPE: &str = "must be a domain name, like example.com";
        refuse_around(text)?;
        let text = text.strip_suffix('.').unwrap_or(text);
        let ascii = idna::domain_to_ascii_strict(text).map_err(|_| SHAPE)?;
        let labels: Vec<&str> = ascii.split('.').collect();
        let numeric = labels.last().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        if labels.len() < 2 || ascii.len() > 253 || numeric {
            return Err(SHAPE);
        }
        Ok(Self(ascii))
    }

    /// The name.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_web_addresses_are_taken_and_kept_as_they_are_written() {
        for text in [
            "https://www.example.com/",
            "HTTP://EXAMPLE.com",
            "https://example.com:8443?a=b@c#d",
            "http://[::1]/",
        ] {
            assert_eq!(WebAddress::parse(text).as_deref(), Ok(text));
        }
        for text in [
            "",
            " https://example.com/",
            "https://example.com/\u{feff}",
            "https://example.com/a b",
            "https:example.com",
            "https:///example.com",
            "https:\\\\example.com",
            "https://example.com\\a",
            "https://somebody@example.com/",
            "https://@example.com/",
            "ftp://example.com/",
            "https://",
            "https://exa<mple.com/",
        ] {
            assert!(WebAddress::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_domain_has_one_form() {
        assert_eq!(
            Domain::parse("BÜCHER.example.").map(Domain::into_string).as_deref(),
            Ok("xn--bcher-kva.example")
        );
        for text in [" example.com", "example.com\n", "localhost", "1.2.3.4", ""] {
            assert!(Domain::parse(text).is_err(), "{text:?}");
        }
    }
}
