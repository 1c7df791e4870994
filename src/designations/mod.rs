//! Designations: acts under a regime against a vendor or a category, with their reasons, scopes and events.
//! The timeline is a pure fold over events; periods keep what it said for set queries. Only this slice writes them.

pub mod api;
pub mod model;
pub mod periods;
pub mod service;
pub mod store;
pub mod timeline;
