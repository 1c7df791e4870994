//! Keyset pages: a list goes on after the key of its last item, in either direction, with the id to break ties.

use uuid::Uuid;

use super::types::{DbInstant, DbJson, DbUuid};
use crate::error::{Error, Result};

/// The column that a list of records is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    Name,
    UpdatedAt,
}

/// An item of a list of records: its keys and its text.
#[derive(Debug, Clone, diesel::Queryable)]
pub struct Listed {
    pub id: DbUuid,
    pub name_key: String,
    pub updated_at: DbInstant,
    pub document: DbJson,
}

impl Listed {
    /// The key that a cursor after this item holds.
    #[must_use]
    pub fn key(&self, sort: SortKey) -> (String, Uuid) {
        sort.key((&self.name_key, self.updated_at), self.id)
    }
}

impl SortKey {
    /// The key that a cursor after a record with these columns holds.
    #[must_use]
    pub fn key(self, (name_key, updated_at): (&str, DbInstant), id: DbUuid) -> (String, Uuid) {
        match self {
            Self::Name => (name_key.to_owned(), id.0),
            Self::UpdatedAt => (updated_at.0.to_string(), id.0),
        }
    }
}

/// The direction of a list, and the key of the item after which it goes on, as its cursor has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyset {
    pub descending: bool,
    pub after: Option<(String, Uuid)>,
}

impl Keyset {
    /// The key after which the list goes on, as its column has it.
    ///
    /// # Errors
    /// A cursor whose key is of another column.
    pub fn after_as<K>(&self, read: impl FnOnce(&str) -> Option<K>) -> Result<Option<(K, Uuid)>> {
        let Some((key, id)) = &self.after else { return Ok(None) };
        match read(key) {
            Some(key) => Ok(Some((key, *id))),
            None => Err(Error::invalid("cursor", "invalid_cursor", "can't be read; start again without one")),
        }
    }
}

/// The most rows of one step of [`Keyset::walk`].
const STEP: usize = 10_000;

impl Keyset {
    /// Reads a list from its beginning to its end, some thousands of rows at a time, so that no statement has to bring all of
    /// them. `page` gives at most so many rows after a keyset, each with its key.
    ///
    /// # Errors
    /// The page's own.
    pub fn walk<T>(
        descending: bool,
        mut page: impl FnMut(&Self, i64) -> Result<Vec<(T, (String, Uuid))>>,
    ) -> Result<Vec<T>> {
        let most = i64::try_from(STEP).unwrap_or(i64::MAX);
        let (mut found, mut keyset) = (Vec::new(), Self { descending, after: None });
        loop {
            let rows = page(&keyset, most)?;
            let is_last = rows.len() < STEP;
            for (row, key) in rows {
                found.push(row);
                keyset.after = Some(key);
            }
            if is_last {
                return Ok(found);
            }
        }
    }
}

/// Orders a boxed query by a key and an id, and begins it after the keyset's item. Keys are compared as rows, in a text:
/// an index then begins there, which it does not where the comparison is taken apart with OR.
macro_rules! keyset {
    ($query:expr, ($key:expr, $id:expr, $names:literal, $kind:ty), $descending:expr, $after:expr) => {{
        let mut query = $query;
        if let Some((key, id)) = $after {
            let begins =
                if $descending { concat!("(", $names, ") < (") } else { concat!("(", $names, ") > (") };
            query = query.filter(
                diesel::dsl::sql::<diesel::sql_types::Bool>(begins)
                    .bind::<$kind, _>(key)
                    .sql(", ")
                    .bind::<crate::db::types::SqlUuid, _>(crate::db::types::DbUuid(id))
                    .sql(")"),
            );
        }
        if $descending {
            query.order(($key.desc(), $id.desc()))
        } else {
            query.order(($key.asc(), $id.asc()))
        }
    }};
}
pub(crate) use keyset;

/// Orders a boxed query of a table with the columns `name_key`, `updated_at` and `id`, and begins it after the keyset's
/// item.
macro_rules! sorted {
    ($query:expr, $table:ident, $sort:expr, $keyset:expr) => {
        match $sort {
            crate::db::SortKey::Name => {
                let after = $keyset.after_as(|key| Some(key.to_owned()))?;
                crate::db::keyset!(
                    $query,
                    ($table::name_key, $table::id, "name_key, id", diesel::sql_types::Text),
                    $keyset.descending,
                    after
                )
            }
            crate::db::SortKey::UpdatedAt => {
                let read = |key: &str| key.parse().ok().map(crate::db::types::DbInstant);
                let after = $keyset.after_as(read)?;
                crate::db::keyset!(
                    $query,
                    ($table::updated_at, $table::id, "updated_at, id", crate::db::types::SqlInstant),
                    $keyset.descending,
                    after
                )
            }
        }
    };
}
pub(crate) use sorted;
