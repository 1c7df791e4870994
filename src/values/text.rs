//! Bounded text. What is said of its length in the OpenAPI document is what is enforced here.

use std::{borrow::Cow, fmt, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::json;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{self, ObjectBuilder, Type},
};

use super::{asked::asked, space::is_white_space};

macro_rules! text {
    ($(#[$meta:meta])* $name:ident, $allowed:expr, $what:literal, $pattern:expr, $taken:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name<const MAX: usize>(String);

        impl<const MAX: usize> $name<MAX> {
            /// Trims surrounding white space, of the sort that the pattern means; changes nothing else.
            ///
            /// # Errors
            /// Says what is wrong with the text: empty, too long, or a control character in it.
            pub fn parse(text: &str) -> Result<Self, String> {
                // Of the text as it came: a client's check against the document counts no other.
                let length = text.chars().count();
                if length > MAX {
                    return Err(format!("must have at most {MAX} characters; it has {length}"));
                }
                let text = text.trim_matches(is_white_space);
                if text.is_empty() {
                    return Err("must not be empty or only white space".into());
                }
                let allowed: fn(char) -> bool = $allowed;
                match text.chars().find(|c| !allowed(*c)) {
                    Some(bad) => Err(format!("must not hold the control character U+{:04X}; {}", u32::from(bad), $what)),
                    None => Ok(Self(text.to_owned())),
                }
            }
        }

        impl<const MAX: usize> Deref for $name<MAX> {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl<const MAX: usize> fmt::Display for $name<MAX> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de, const MAX: usize> Deserialize<'de> for $name<MAX> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&Cow::<'de, str>::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }

        impl<const MAX: usize> PartialSchema for $name<MAX> {
            fn schema() -> openapi::RefOr<openapi::Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .min_length(Some(1))
                    .max_length(Some(MAX))
                    .pattern(Some($pattern))
                    .extensions(Some(asked(json!({ "pattern": $taken }))))
                    .into()
            }
        }

        impl<const MAX: usize> ToSchema for $name<MAX> {
            fn name() -> Cow<'static, str> {
                Cow::Owned(format!("{}{MAX}", stringify!($name)))
            }
        }
    };
}

text!(
    /// One line of text: 1 to `MAX` characters, no control characters.
    Line,
    |c| !c.is_control(),
    "write it on one line",
    r"^[^\s\x00-\x1F\x7F-\x9F]([^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F])?$",
    r"^\s*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*\s*$"
);
text!(
    /// Text of several lines: 1 to `MAX` characters, no control characters but tab and line ends.
    Prose,
    |c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'),
    "only tabs and line ends are allowed",
    r"^[^\s\x00-\x1F\x7F-\x9F]([^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F])?$",
    r"^\s*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]*\s*$"
);

/// A short name for URLs and queries: lower-case letters, digits and single hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    const MAX: usize = 100;

    /// # Errors
    /// When the text is no slug.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let ok = !text.is_empty()
            && text.len() <= Self::MAX
            && text.split('-').all(|part| {
                !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            });
        if ok {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be lower-case letters, digits and single hyphens, at most 100, like us-10-usc-3252")
        }
    }
}

impl Deref for Slug {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&Cow::<'de, str>::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl PartialSchema for Slug {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(Self::MAX))
            .pattern(Some("^[a-z0-9]+(-[a-z0-9]+)*$"))
            .examples(["us-10-usc-3252"])
            .into()
    }
}

impl ToSchema for Slug {}

/// The form in which names are compared: compatibility forms made one, case and white space made one, and without the
/// accents of alphabets that can do without them. `É.  Müller` and `e. muller` are the same to it, and so are `Groß` and
/// `GROSS` (some letters have no capital of their own, or two small forms, so all go through their capitals); ガ and カ
/// are not.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut accents_drop = true;
    let mut keeps = |c: char| {
        if is_combining_mark(c) {
            return !accents_drop;
        }
        // Latin, Greek, Cyrillic and Armenian, and what Unicode added to them later.
        accents_drop = matches!(c, '\0'..='\u{58F}' | '\u{1E00}'..='\u{1FFF}' | '\u{2C60}'..='\u{2C7F}');
        true
    };
    let lower = |c: char| c.to_lowercase();
    let plain: String = text.nfkd().filter(|c| keeps(*c)).nfc().collect();
    let plain: String = plain.chars().flat_map(lower).flat_map(char::to_uppercase).flat_map(lower).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Line, Prose, fold};

    #[test]
    fn text_is_trimmed_and_keeps_within_its_limits() {
        assert_eq!(&*Line::<5>::parse(" a b\n").unwrap(), "a b");
        assert_eq!(&*Line::<5>::parse("\u{feff}a\u{2003}").unwrap(), "a");
        assert_eq!(&*Prose::<5>::parse("a\n\tb").unwrap(), "a\n\tb");
        for text in ["", " \n", "a\nb", "a\u{7f}", "a\0b", "\u{9f}", "a     ", "\u{feff}", "a\u{85}"] {
            assert!(Line::<5>::parse(text).is_err(), "{text:?}");
        }
        for text in ["", " \t", "a\u{b}b", "a\0b", "abcdef"] {
            assert!(Prose::<5>::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn accents_fall_where_an_alphabet_can_do_without_them_and_nowhere_else() {
        assert_eq!(fold("  É.\u{3000} MÜLLER "), "e. muller");
        assert_eq!(fold("Ｆｕｌｌ"), "full");
        assert_ne!(fold("ガ"), fold("カ"));
        assert_ne!(fold("कि"), fold("क"));
        assert_eq!(fold("ガ"), fold("カ\u{3099}"));
    }

    #[test]
    fn names_that_differ_in_case_accents_or_white_space_alone_fold_to_the_same() {
        for (one, other) in [
            ("É.  Müller", "e. muller"),
            ("Meßtechnik", "MESSTECHNIK"),
            ("MEẞTECHNIK", "meßtechnik"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("IŞIK", "ışık"),
            ("ＡＣＭＥ\u{a0}Ｃｏ．", "acme co."),
        ] {
            assert_eq!(fold(one), fold(other));
            assert_eq!(fold(&fold(one)), fold(one));
        }
        assert_ne!(fold("Acme"), fold("Acne"));
    }
}
