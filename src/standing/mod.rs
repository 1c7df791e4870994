//! Standing: the verdict on a vendor for a use and a date, as known at a time, with the findings that led to it.
//! It only reads, and owns no table. The evaluation itself is a pure function.

pub mod api;
mod evaluation;
pub mod model;
pub mod service;
