//! Verification: replays the journal and compares records, events, versions and periods with it. It only reads.

mod columns;
mod replay;
mod report;
mod tables;

pub use replay::verify;
pub use report::Report;
