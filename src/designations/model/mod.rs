//! The records of a designation and what may be said of them. No I/O, no SQL, no HTTP.

mod details;
mod event;
mod reason;
mod scope;
mod source;

pub use details::{Details, DetailsText, Fault, ScopeDates, Scopes, fields};
pub use event::{Event, EventType};
pub use reason::{AssertedBy, Confidence, Reason, ReasonCode, ReasonFields, ReasonStatus};
pub use scope::{Action, Environment, Scope, ScopeStatement, Tier};
pub use source::{Source, SourceKind};
