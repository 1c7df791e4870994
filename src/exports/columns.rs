//! How values become cells, the same in every export.

use std::fmt::Display;

use serde::Deserialize;

use crate::{
    error::{Error, Result},
    values::Ended,
};

/// What stands between the values of a cell that holds several.
pub(super) const BETWEEN: &str = "; ";

/// A cell of what may be missing.
pub(super) fn optional(value: Option<impl Display>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A cell of several values.
pub(super) fn several(values: impl IntoIterator<Item = impl Display>) -> String {
    let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    values.join(BETWEEN)
}

/// When, by whom and why a record ended.
pub(super) fn ended(ended: Option<&Ended>) -> [String; 3] {
    [
        optional(ended.map(|ended| ended.at)),
        optional(ended.map(|ended| &ended.by)),
        optional(ended.and_then(|ended| ended.comment.as_ref())),
    ]
}

/// A stored record, read.
pub(super) fn record<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|failure| Error::internal(format!("a record can't be read: {failure}")))
}
