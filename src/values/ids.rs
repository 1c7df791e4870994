//! Ids: UUIDs, a type for each kind of record, so that one can't stand where another belongs.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de};
use sha2::{Digest, Sha256};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{self, KnownFormat, ObjectBuilder, SchemaFormat, Type},
};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident,)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id: UUIDv7 (RFC 9562), so that ids sort by the time at which they were made.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "a default that differs at each call would mislead")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The bare UUID, for storage.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                parse(text).map(Self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(deserializer)?;
                parse(&text).map(Self).map_err(de::Error::custom)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> openapi::RefOr<openapi::Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
                    .examples(["0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77"])
                    .into()
            }
        }

        impl ToSchema for $name {}
    )+};
}

ids! {
    /// Names a vendor.
    VendorId,
    /// Names an authority.
    AuthorityId,
    /// Names a regime.
    RegimeId,
    /// Names a designation.
    DesignationId,
    /// Names a reason of a designation.
    ReasonId,
    /// Names a scope of a designation; it stays the same when a correction restates the scope.
    ScopeId,
    /// Names an event of a designation.
    EventId,
    /// Names an entry of the access log.
    AccessEntryId,
    /// Names a review.
    ReviewId,
    /// Names an API key.
    ApiKeyId,
}

/// When the example's records begin, 2026-01-01T00:00:00Z, in milliseconds since 1970: the time in its ids.
const EXAMPLE_BEGINS: u64 = 1_767_225_600_000;

/// The id of a part of the example, by its name: the same in every registry, so that what the documentation shows can be
/// pasted.
#[must_use]
pub fn example_id(name: &str) -> Uuid {
    nth_example_id(0, name)
}

/// [`example_id`] of a part that comes after so many others of its kind, so that their ids sort as they were made.
#[must_use]
pub fn nth_example_id(number: usize, name: &str) -> Uuid {
    let milliseconds = EXAMPLE_BEGINS.saturating_add(u64::try_from(number).unwrap_or(u64::MAX));
    let digest = Sha256::digest(format!("risk-registry example: {name}"));
    let mut random = [0; 10];
    random.iter_mut().zip(digest).for_each(|(byte, of_digest)| *byte = of_digest);
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid()
}

/// Only the 36-character form: `uuid` would also take braces and URNs, and then one id had many spellings.
fn parse(text: &str) -> Result<Uuid, &'static str> {
    if text.len() != 36 {
        return Err("must be a UUID of 36 characters, like 0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77");
    }
    Uuid::try_parse(text).map_err(|_| "must be a UUID, like 0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77")
}
