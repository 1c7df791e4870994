//! The tests of the registry, in one binary: through HTTP where a client can see it, on the pure rules directly.

mod designations;
mod events;
mod landscape;
mod reasons;
mod standing;
mod support;
mod timeline;
