//! API keys: who acts by one, in which role, until when, and what was done with it. A key is made and revoked like any other
//! change, with an entry of the journal; of its secret only a keyed hash is stored, in no journal. `token` is what a key
//! looks like, `keyring` what makes and checks keys.

pub mod api;
mod first;
mod keyring;
pub mod model;
pub mod service;
mod store;
mod token;
mod uses;

pub use first::{First, make_first};
pub use keyring::{KeySecret, Keyring};
pub use model::{ApiKeyCreate, ApiKeyRecord};
pub use token::{KeyEnv, PREFIX, Token};
pub use uses::Uses;
