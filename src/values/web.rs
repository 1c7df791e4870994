//! Web addresses and domain names.

use std::{borrow::Cow, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, de};
use url::Url;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{self, ObjectBuilder, SchemaFormat, Type},
};

const MAX: usize = 2000;

/// An absolute `http` or `https` URL, kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct WebAddress(String);

impl WebAddress {
    /// # Errors
    /// When the text is no absolute web address.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const SHAPE: &str = "must be an absolute http or https URL of at most 2000 characters";
        let text = text.trim();
        if text.chars().count() > MAX || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(SHAPE);
        }
        let url = Url::parse(text).map_err(|_| SHAPE)?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(SHAPE);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not carry a user name or password");
        }
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
            .pattern(Some("^[Hh][Tt][Tt][Pp][Ss]?://"))
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
        let text = text.trim();
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
