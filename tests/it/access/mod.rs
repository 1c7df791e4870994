//! Who may do what, held against the running application.

mod credentials;
mod first_start;
mod keys;
mod matrix;
mod secrets;
pub mod started;
mod table;
