//! Reviews: changes of designations that wait until another person confirms them, and what became of each. A review is a
//! record of its own; nothing of the designation changes before the confirmation, which runs the use case that would have
//! run at once. Only this slice writes the tables of reviews.

pub mod api;
pub mod model;
mod schema;
pub mod service;
mod store;
