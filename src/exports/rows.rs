//! What each export brings along: its name, its columns and its rows.

use std::ops::Range;

use utoipa::ToSchema;

use super::format::Part;
use crate::{db::Snapshot, error::Result, journal::Knowledge};

/// The rows of an export, found and still to be read.
pub(super) trait Rows: Send + Sync + 'static {
    /// The last part of its path, and the first of its file's name.
    const NAME: &'static str;

    /// The columns of its CSV. They are promised: names stay, and new ones come last.
    const COLUMNS: &'static [&'static str];

    /// What a line of its NDJSON is.
    type Line: ToSchema;

    fn count(&self) -> usize;

    /// Writes some of the rows, as they were known where they were found.
    ///
    /// # Errors
    /// When the database can't answer.
    fn write(
        &self,
        snapshot: &mut Snapshot<'_>,
        rows: (Range<usize>, Knowledge),
        part: &mut Part,
    ) -> Result<()>;
}
