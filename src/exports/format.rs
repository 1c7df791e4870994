//! The forms of an export, and the file that its rows are written into.

use super::csv;
use crate::{error::Result, values::words};

words! {
    /// The form of an export.
    pub enum ExportFormat {
        /// Comma-separated values (RFC 4180) for spreadsheets, one line a record: UTF-8 with a byte order mark, names of
        /// columns first.
        Csv = "csv",
        /// One JSON text a line, each a record as the API shows it.
        Ndjson = "ndjson",
    }
}

/// A spreadsheet's, unless another is asked for.
impl Default for ExportFormat {
    fn default() -> Self {
        Self::Csv
    }
}

impl ExportFormat {
    /// The media type without its parameters.
    #[must_use]
    pub const fn essence(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
        }
    }
}

/// A part of an export in the making.
pub(super) struct Part {
    format: ExportFormat,
    bytes: Vec<u8>,
}

impl Part {
    pub(super) const fn new(format: ExportFormat) -> Self {
        Self { format, bytes: Vec::new() }
    }

    /// What stands before the first row.
    pub(super) fn begin(&mut self, columns: &[&str]) -> Result<()> {
        match self.format {
            ExportFormat::Csv => csv::begin(&mut self.bytes, columns),
            ExportFormat::Ndjson => Ok(()),
        }
    }

    /// Whether records are written as cells, and not as their texts.
    pub(super) const fn has_cells(&self) -> bool {
        matches!(self.format, ExportFormat::Csv)
    }

    /// Adds a record as its cells.
    pub(super) fn row(&mut self, cells: &[String]) -> Result<()> {
        csv::write(&mut self.bytes, cells)
    }

    /// Adds a record as its text.
    pub(super) fn line(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(b'\n');
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
