//! The tests of the registry, in one binary: through HTTP where a client can see it, on the pure rules directly.

mod append_only;
mod bad_input;
mod conventions;
mod designations;
mod events;
mod full_disk;
mod journal;
mod landscape;
mod openapi;
mod postgres;
mod reasons;
mod sqlite_schema;
mod standing;
mod support;
mod survival;
mod timeline;
mod verify;
mod writer;
