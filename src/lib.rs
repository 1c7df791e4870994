//! Risk Registry: the system of record for supply-chain risk designations.

pub mod db;
pub mod designations;
pub mod error;
pub mod values;
