//! Pages of lists: keyset, never OFFSET. A cursor binds the filters and the order that it was made with.

use std::{borrow::Cow, hash::Hash};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, de, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{self, KnownFormat, ObjectBuilder, SchemaFormat, Type},
};

use super::{
    answer::{Answer, Handled},
    problem,
    problem::Problem,
    request::Asker,
};
use crate::{
    db::{Cost, Db, Keyset, Listed, Snapshot, SortKey},
    error,
};

/// How many items a page has: 1 to 500.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Limit(u16);

impl Limit {
    const MAX: u16 = 500;

    #[must_use]
    pub fn get(self) -> usize {
        usize::from(self.0)
    }

    /// One more than a page, to see whether another follows.
    #[must_use]
    pub fn and_one(self) -> i64 {
        i64::from(self.0).saturating_add(1)
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse::<u16>()
            .ok()
            .filter(|limit| (1..=Self::MAX).contains(limit))
            .map(Self)
            .ok_or_else(|| de::Error::custom("limit must be a whole number from 1 to 500"))
    }
}

impl PartialSchema for Limit {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1))
            .maximum(Some(Self::MAX))
            .default(Some(50.into()))
            .into()
    }
}

impl ToSchema for Limit {}

/// Where a page goes on: opaque to clients. The list that reads it refuses what is no base64url.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    const MAX: usize = 4000;
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        if text.is_empty() || text.len() > Self::MAX {
            return Err(de::Error::custom("cursor must be the next_cursor of an earlier page"));
        }
        Ok(Self(text.into_owned()))
    }
}

impl PartialSchema for Cursor {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(Self::MAX))
            .pattern(Some("^[A-Za-z0-9_-]+$"))
            .into()
    }
}

impl ToSchema for Cursor {}

#[derive(Serialize, Deserialize)]
struct Bookmark<K> {
    /// The digest of the filters and the order.
    b: String,
    /// The key of the last item.
    k: K,
}

/// Makes and reads the cursors of one list. `binding` is whatever must not change from page to page.
pub struct Cursors {
    binding: String,
}

impl Cursors {
    /// Cursors of a list with these filters and this order.
    #[must_use]
    pub fn of(list: &str, filters: &impl Serialize) -> Self {
        let text = format!("{list} {}", serde_json::to_string(filters).unwrap_or_default());
        let digest = Sha256::digest(text.as_bytes());
        Self { binding: URL_SAFE_NO_PAD.encode(digest.get(..12).unwrap_or_default()) }
    }

    /// Cursors of a list with this query, of which `limit` and `cursor` may change from page to page.
    #[must_use]
    pub fn of_query(list: &str, query: &impl Serialize) -> Self {
        let mut binding = serde_json::to_value(query).unwrap_or_default();
        if let Some(fields) = binding.as_object_mut() {
            fields.remove("cursor");
            fields.remove("limit");
        }
        Self::of(list, &binding)
    }

    /// A list of records in this order (true: descending), from its cursor on.
    ///
    /// # Errors
    /// A cursor that was not made by this list with these filters.
    pub fn listing(
        self,
        (sort, descending): (SortKey, bool),
        limit: Limit,
        cursor: Option<&Cursor>,
    ) -> Result<Listing, Problem> {
        let after = self.read(cursor)?;
        Ok(Listing { cursors: self, sort, keyset: Keyset { descending, after }, limit })
    }

    /// The key after which the page begins.
    ///
    /// # Errors
    /// A cursor that was not made by this list with these filters.
    pub fn read<K: DeserializeOwned>(&self, cursor: Option<&Cursor>) -> Result<Option<K>, Problem> {
        let Some(Cursor(text)) = cursor else { return Ok(None) };
        let broken =
            || Problem::new(&problem::INVALID_CURSOR, "the cursor can't be read; start again without one");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| broken())?;
        let bookmark: Bookmark<K> = serde_json::from_slice(&bytes).map_err(|_| broken())?;
        if bookmark.b != self.binding {
            let detail = "the cursor was made with other filters or another order; start again without one";
            return Err(Problem::new(&problem::INVALID_CURSOR, detail));
        }
        Ok(Some(bookmark.k))
    }

    /// The cursor after an item.
    pub fn after<K: Serialize>(&self, key: K) -> Option<Cursor> {
        let bookmark = Bookmark { b: self.binding.clone(), k: key };
        serde_json::to_vec(&bookmark).ok().map(|bytes| Cursor(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Cuts a list that was read with one item too many to a page.
    pub fn page<T, K: Serialize>(
        &self,
        mut items: Vec<T>,
        limit: Limit,
        key: impl Fn(&T) -> K,
    ) -> (Vec<T>, Option<Cursor>) {
        if items.len() <= limit.get() {
            return (items, None);
        }
        items.truncate(limit.get());
        let next = items.last().and_then(|last| self.after(key(last)));
        (items, next)
    }
}

/// A page of a list of records, on its way from the query to the answer.
pub struct Listing {
    cursors: Cursors,
    pub sort: SortKey,
    pub keyset: Keyset,
    pub limit: Limit,
}

impl Listing {
    /// Reads the page and answers with it. `T` is its `page!` type.
    ///
    /// # Errors
    /// When the database can't answer.
    pub async fn answer<T, F>(self, db: &Db, asker: Asker, read: F) -> Handled<T>
    where
        F: FnOnce(&mut Snapshot<'_>, &Self) -> error::Result<Vec<Listed>> + Send + 'static,
    {
        let page = move |snapshot: &mut Snapshot<'_>| {
            let found = read(snapshot, &self)?;
            let (items, next) = self.cursors.page(found, self.limit, |item| item.key(self.sort));
            let texts: Vec<String> = items.into_iter().map(|item| item.document.0).collect();
            stored_page(&texts, next.as_ref())
        };
        Ok(Answer::digested(db.read(asker.0, Cost::Scan, page).await?))
    }
}

/// Defines the orders of a list of records as a schema of its own.
macro_rules! record_sort {
    ($name:ident) => {
        crate::values::words! {
            /// The order of a list; `-` for descending.
            pub enum $name {
                /// By name or title, A first.
                Name = "name",
                /// By name or title, Z first.
                NameDescending = "-name",
                /// The one whose last change is the oldest first.
                UpdatedAt = "updated_at",
                /// The last changed first.
                UpdatedAtDescending = "-updated_at",
            }
        }

        impl $name {
            /// The column, and whether it descends; by name unless asked.
            pub(crate) fn order(asked: Option<Self>) -> (crate::db::SortKey, bool) {
                match asked.unwrap_or(Self::Name) {
                    Self::Name => (crate::db::SortKey::Name, false),
                    Self::NameDescending => (crate::db::SortKey::Name, true),
                    Self::UpdatedAt => (crate::db::SortKey::UpdatedAt, false),
                    Self::UpdatedAtDescending => (crate::db::SortKey::UpdatedAt, true),
                }
            }
        }
    };
}
pub(crate) use record_sort;

/// Defines the page of a list as a schema of its own, with its items by reference.
macro_rules! page {
    ($(#[$meta:meta])* $name:ident of $item:ty) => {
        $(#[$meta])*
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            /// The items of this page, in the order that was asked for.
            #[schema(max_items = 500)]
            pub items: Vec<$item>,
            /// Where the next page begins; null on the last one.
            #[schema(required)]
            pub next_cursor: Option<crate::http::page::Cursor>,
        }
    };
}
pub(crate) use page;

/// A page whose items are stored texts: what a `page!` type documents, written without reading the items.
///
/// # Errors
/// Never for stored texts; a failure is internal.
pub fn stored_page(items: &[String], next_cursor: Option<&Cursor>) -> crate::error::Result<String> {
    let next = super::answer::to_json(&next_cursor)?;
    Ok(format!("{{\"items\":[{}],\"next_cursor\":{next}}}", items.join(",")))
}
