//! Risk Registry: the system of record for supply-chain risk designations.
//!
//! Folders say what the product does (`vendors`, `authorities`, `regimes`, `designations`, `reviews`, `standing`,
//! `statistics`, `journal`, `keys`, `access`, `access_log`, `catalogue`, `verification`); inside each, the same rooms: `model` (records
//! and rules), `service` (use cases), `store` (SQL), `api` (HTTP). `values`, `error`, `db`, `http` and `idempotency` are
//! what they share; `server` wires them, `cli` starts them.

pub mod access;
pub mod access_log;
pub mod authorities;
pub mod backup;
pub mod catalogue;
pub mod cli;
pub mod config;
pub mod copy;
pub mod db;
pub mod designations;
pub mod docs;
pub mod error;
pub mod exports;
pub mod health;
pub mod http;
pub mod idempotency;
pub mod journal;
pub mod keys;
pub mod metrics;
pub mod regimes;
pub mod reviews;
pub mod server;
pub mod standing;
pub mod statistics;
pub mod values;
pub mod vendors;
pub mod verification;
