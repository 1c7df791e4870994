//! One macro for the closed vocabularies of the model: an enum, its wire words, what each means, and its schema from one list.

use serde_json::json;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type, extensions::Extensions};

/// Defines an enum whose variants are written as the given words in JSON, in queries and in the database. The first line of
/// each variant's comment is what the OpenAPI document says of the word, so that every word has one.
macro_rules! words {
    ($(#[doc = $about:literal])+ pub enum $name:ident {
        $($(#[doc = $said:literal])+ $variant:ident = $text:literal,)+
    }) => {
        $(#[doc = $about])+
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        pub enum $name { $($(#[doc = $said])+ #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// Every word of this vocabulary, in the order of the model.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word as it stands in JSON and in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// What the word means, as the OpenAPI document says it.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($said),+),)+ }
            }

            /// The variant that a word names.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let words = [$((Self::$variant.as_str(), Self::$variant.meaning(), stringify!($variant)),)+];
                $crate::values::vocabulary(concat!($($about),+), &words)
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use words;

/// The schema of a vocabulary: of each word what it means, and the name of the variant. OpenAPI has no place for either
/// beside a word, so the meanings stand in the description for people, and in the extensions that generators read.
#[must_use]
pub fn vocabulary(about: &str, words: &[(&str, &str, &str)]) -> RefOr<Schema> {
    let listed: Vec<String> =
        words.iter().map(|(word, meaning, _)| format!("- `{word}`: {}", meaning.trim())).collect();
    let meanings: Vec<&str> = words.iter().map(|(_, meaning, _)| meaning.trim()).collect();
    let mut extensions = Extensions::builder().add("x-enum-descriptions", json!(meanings));
    let is_name = |word: &str| word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !words.iter().all(|(word, _, _)| is_name(word)) {
        let names: Vec<&str> = words.iter().map(|(_, _, name)| *name).collect();
        extensions = extensions.add("x-enum-varnames", json!(names));
    }
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words.iter().map(|(word, _, _)| *word)))
        .description(Some(format!("{}\n\n{}", about.trim(), listed.join("\n"))))
        .extensions(Some(extensions.build()))
        .into()
}
