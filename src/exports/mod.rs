//! Exports: whole lists, and standings, as files for spreadsheets (CSV) and for programs (NDJSON). It only reads, and owns no
//! table. An export is found whole in one snapshot and then sent some rows at a time; `sending` says how.

pub mod api;
mod columns;
mod csv;
mod designations;
mod export;
mod format;
mod places;
mod rows;
mod sending;
mod standing_checks;
mod statistics;
mod stopped;
mod vendors;

pub use format::ExportFormat;
pub use places::Exports;
