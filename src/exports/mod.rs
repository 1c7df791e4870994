//! Exports: whole lists, and standings, as files for spreadsheets (CSV) and for programs (NDJSON). It only reads, and owns no
//! table. An export is found whole in one snapshot and then sent some rows at a time; `stream` says how.

pub mod api;
mod columns;
mod csv;
mod designations;
mod format;
mod places;
mod standing_checks;
mod statistics;
mod stream;
mod vendors;

pub use format::ExportFormat;
pub use places::Exports;
