//! The access log: who asked for which standing and read which restricted record, and what they were answered. It is
//! append-only, beside the journal, which has the changes; a read never waits for it to be written.

pub mod api;
mod model;
mod recorder;
mod store;

use crate::{db::Tx, error::Result};

pub use model::{AccessEntry, MOST_IDS, MOST_OF_TARGET, Read};
pub use recorder::AccessLog;

/// Writes entries with a change of the registry's own.
///
/// # Errors
/// When the database can't take them.
pub fn record(tx: &mut Tx<'_>, reads: &[Read]) -> Result<()> {
    store::insert(tx.connection(), reads)
}
