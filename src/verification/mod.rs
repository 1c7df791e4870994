//! Verification: replays the journal and compares records, events, versions and periods with it. It only reads.

mod confirmed;
mod derived;
mod designations;
mod form;
mod replay;
mod report;
mod reviews;
mod tables;

pub use replay::verify;
pub use report::Report;
