//! Regimes: the legal bases and programmes that authorities act under, with what they restrict and their clocks.
//! Others may look one up, by id or by slug; only this slice writes them.

pub mod api;
pub mod model;
pub mod service;
mod store;

pub use model::{Effect, Regime};
pub use service::{by_id, by_slug, current as get, must_be_active, slugs};
