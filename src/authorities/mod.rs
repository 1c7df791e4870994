//! Authorities: the bodies that issue designations, rule on them, or are bound by their scopes.
//! Others may look one up, by id or by what people call it; only this slice writes them.

pub mod api;
pub mod model;
pub mod service;
mod store;

pub use service::{known_of as known, must_all_be_known, must_be_active, names_at, resolve, status};
pub(crate) use store::{CURRENT, FORMER};
