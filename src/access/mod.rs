//! Who may do what: identities, roles, the table of role and operation, and the guard in front of every operation. How
//! somebody signs in is `door`'s; what of a record they see, each query's own.

mod admission;
pub mod door;
mod evidence;
mod four_eyes;
pub mod guard;
pub mod oidc;
pub mod operation;
pub mod person;
pub mod rates;
pub mod role;

pub use door::{Door, Identity};
pub use four_eyes::FourEyes;
pub use operation::Operation;
pub use rates::{RateLimit, Rates};
pub use role::{Role, Roles};
