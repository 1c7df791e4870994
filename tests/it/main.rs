//! The tests of the registry, in one binary: through HTTP where a client can see it, on the pure rules directly.

mod bad_input;
mod conventions;
mod landscape;
mod openapi;
mod support;
mod timeline;
