//! Vendors: the suppliers that designations are put on, with their names and identifiers.
//! Others may look one up, by id or by identifier; only this slice writes them.

pub mod api;
mod identifier_text;
pub mod model;
pub mod service;
mod store;

pub use identifier_text::IdentifierText;
pub(crate) use service::{all, texts};
pub use service::{as_known, by_identifiers, known, must_be_active, must_be_known};
pub(crate) use store::Filter;
