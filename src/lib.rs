//! Risk Registry: the system of record for supply-chain risk designations.

pub mod authorities;
pub mod db;
pub mod designations;
pub mod error;
pub mod http;
pub mod idempotency;
pub mod journal;
pub mod regimes;
pub mod standing;
pub mod values;
pub mod vendors;
