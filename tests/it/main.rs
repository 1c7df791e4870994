//! The tests of the registry, in one binary: through HTTP where a client can see it, on the pure rules directly.

mod landscape;
mod standing;
mod support;
mod timeline;
