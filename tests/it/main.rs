//! The tests of the registry, in one binary: through HTTP where a client can see it, on the pure rules directly.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::as_conversions,
    clippy::pedantic,
    clippy::disallowed_methods,
    clippy::type_complexity,
    reason = "a test stops at the first surprise and prints what it counted"
)]

mod access;
mod access_log;
mod append_only;
mod attacks;
mod authorities;
mod backup;
mod bad_input;
mod catalogue;
mod conventions;
mod copy;
mod designations;
mod documentation;
mod events;
mod exports;
mod faults;
mod feed;
mod health_command;
mod idempotency;
mod journal;
mod landscape;
mod metrics;
mod openapi;
mod output;
mod parity;
mod password_file;
mod plans;
mod postgres;
mod problems;
mod rates;
mod real_input;
mod reasons;
mod regimes;
mod restore;
mod restricted;
mod reviews;
mod roles;
mod security;
mod server_tls;
mod sign_on;
mod sqlite_schema;
mod standing;
mod statistics;
mod support;
mod timeline;
mod tls;
mod vendors;
mod verify;
mod writer;
