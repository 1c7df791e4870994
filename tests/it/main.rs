//! The tests of the registry, in one binary: through HTTP where a client can see it, on the pure rules directly.

mod append_only;
mod full_disk;
mod journal;
mod landscape;
mod postgres;
mod real_input;
mod sqlite_schema;
mod support;
mod survival;
mod timeline;
mod verify;
mod writer;
