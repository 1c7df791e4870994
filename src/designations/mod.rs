//! Designations: acts under a regime against a vendor or a category, with their reasons, scopes and events.

pub mod model;
pub mod timeline;
