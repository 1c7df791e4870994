//! Statistics: how many designations were in which state on a day, or on many days, as known at a time.
//! It only reads, and owns no table. A designation counts from the first day on which it is in some state.

pub mod api;
mod counting;
pub mod model;
mod points;
mod series;
pub mod service;
mod store;

pub use counting::{CountNumbers, Counting};
