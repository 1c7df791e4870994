//! Keyset pages: a list goes on after the key of its last item, in either direction, with the id to break ties.

use uuid::Uuid;

use crate::error::{Error, Result};

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

/// Orders a boxed query by a key and an id, and begins it after the keyset's item.
macro_rules! keyset {
    ($query:expr, $key:expr, $id:expr, $descending:expr, $after:expr) => {{
        let query = $query;
        match ($descending, $after) {
            (false, None) => query.order(($key.asc(), $id.asc())),
            (true, None) => query.order(($key.desc(), $id.desc())),
            (false, Some((key, id))) => query
                .filter($key.gt(key.clone()).or($key.eq(key).and($id.gt(crate::db::types::DbUuid(id)))))
                .order(($key.asc(), $id.asc())),
            (true, Some((key, id))) => query
                .filter($key.lt(key.clone()).or($key.eq(key).and($id.lt(crate::db::types::DbUuid(id)))))
                .order(($key.desc(), $id.desc())),
        }
    }};
}
pub(crate) use keyset;
