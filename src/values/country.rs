//! A country of ISO 3166-1.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{self, ObjectBuilder, Type},
};

use super::{asked::asked, space::refuse_around};

/// An ISO 3166-1 country, written as alpha-2. Alpha-3 and lower case are accepted and normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(&'static str);

impl Country {
    /// # Errors
    /// When no country has that code, or there is white space around it.
    pub fn parse(code: &str) -> Result<Self, &'static str> {
        refuse_around(code)?;
        let code = code.to_ascii_uppercase();
        let found = match code.len() {
            2 => rust_iso3166::from_alpha2(&code),
            3 => rust_iso3166::from_alpha3(&code),
            _ => None,
        };
        found
            .map(|country| Self(country.alpha2))
            .ok_or("must be a country code of ISO 3166-1, like US or USA")
    }

    /// The alpha-2 code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&Cow::<'de, str>::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl PartialSchema for Country {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(2))
            .max_length(Some(2))
            .pattern(Some("^[A-Z]{2}$"))
            .description(Some("ISO 3166-1 alpha-2."))
            .examples(["US"])
            .extensions(Some(asked(json!({
                "maxLength": 3, "pattern": "^[A-Za-z]{2,3}$",
                "description": "Alpha-3 and lower case are accepted and normalised.",
            }))))
            .into()
    }
}

impl ToSchema for Country {}
