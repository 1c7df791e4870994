//! An identifier as a query has it.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{self, ObjectBuilder, Type},
};

use super::model::{IdentifierScheme, normalise};
use crate::{
    error::{Error, Result},
    values::Line,
};

const MAX: usize = 250;

/// Scheme and value of an identifier, written with a colon between them, like `cik:1321655`.
#[derive(Debug, Clone, Serialize)]
pub struct IdentifierText {
    scheme: IdentifierScheme,
    value: Line<200>,
}

impl IdentifierText {
    /// # Errors
    /// A text without a known scheme or a value.
    fn parse(text: &str) -> std::result::Result<Self, String> {
        let shape = || format!("must be scheme:value, like cik:1321655; schemes: {}", schemes().join(", "));
        let line = Line::<MAX>::parse(text)?;
        let (scheme, value) = line.split_once(':').ok_or_else(shape)?;
        let scheme = IdentifierScheme::parse(scheme).ok_or_else(shape)?;
        let value = Line::parse(value)
            .map_err(|fault| format!("must be scheme:value, like cik:1321655; its value {fault}"))?;
        Ok(Self { scheme, value })
    }

    /// Scheme and normalised value.
    ///
    /// # Errors
    /// A value that its scheme doesn't have.
    pub fn parts(&self) -> Result<(String, String)> {
        let value = normalise(self.scheme, &self.value)
            .map_err(|fault| Error::invalid("identifier", "invalid_value", fault))?;
        Ok((self.scheme.as_str().to_owned(), value))
    }
}

impl<'de> Deserialize<'de> for IdentifierText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Self::parse(&Cow::<'de, str>::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

fn schemes() -> Vec<&'static str> {
    IdentifierScheme::ALL.iter().map(|scheme| scheme.as_str()).collect()
}

/// A known scheme, a colon, and a value of 1 to 200 characters without control characters that is not white space alone. The
/// value's 200 count the white space around it but for that at the end of all.
fn pattern() -> String {
    const VALUE: &str = r"[^\x00-\x1F\x7F-\x9F]{0,199}[^\s\x00-\x1F\x7F-\x9F]";
    format!(r"^\s*({}):{VALUE}\s*$", schemes().join("|"))
}

impl PartialSchema for IdentifierText {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX))
            .pattern(Some(pattern()))
            .examples(["cik:1321655"])
            .into()
    }
}

impl ToSchema for IdentifierText {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_pattern_refuses_is_refused_and_what_only_the_scheme_knows_is_left_to_it() {
        // The white space of the texts below; the expressions of the tests know no classes of Unicode.
        let spelt = pattern().replace(r"[^\s", r"[^\t-\r \xA0").replace(r"\s", r"[\t-\r \xA0]");
        let pattern = regex::Regex::new(&spelt).unwrap();
        let read = |text: &str| IdentifierText::parse(text).is_ok();
        let long = |length: usize| format!("other:{}", "x".repeat(length));
        for text in [
            "cik:1321655",
            " cik:1321655 ",
            "cik: 1321655",
            "other:a:b",
            "other: a b",
            "\u{a0}cik:1321655\t",
            &long(200),
        ] {
            assert!(read(text) && pattern.is_match(text), "{text:?}");
        }
        for text in [
            "",
            "cik",
            "cik:",
            "cik: ",
            ":1",
            "CIK:1",
            "cik :1",
            "nobody:1",
            "other:a\tb",
            "other:\ta",
            &long(201),
        ] {
            assert!(!read(text) && !pattern.is_match(text), "{text:?}");
        }
        assert!(pattern.is_match("cik:x") && IdentifierText::parse("cik:x").unwrap().parts().is_err());
    }
}
