//! The conventions of the API, held against every operation that the document has: an operation that is added later
//! is walked over as well, and must keep them. `calls` says how each is called; the rest is read off the document.

mod bodies;
pub mod calls;
mod conditions;
pub mod document;
mod lists;
pub mod observed;
mod patches;
mod probe;
mod requests;
mod spoilt;
pub mod validation;
