//! Risk Registry: the system of record for supply-chain risk designations.

pub mod designations;
pub mod values;
