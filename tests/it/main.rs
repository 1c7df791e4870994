//! The tests of the registry, in one binary: through HTTP where a client can see it, on the pure rules directly.

mod authorities;
mod catalogue;
mod designations;
mod events;
mod idempotency;
mod landscape;
mod reasons;
mod regimes;
mod standing;
mod support;
mod timeline;
mod vendors;
