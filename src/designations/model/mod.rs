//! The records of a designation and what may be said of them. No I/O, no SQL, no HTTP.

mod designation;
mod details;
mod details_text;
mod draft;
mod event;
mod reason;
mod scope;
mod source;

pub use designation::{
    BasisDisclosure, CurrentState, Designation, DesignationFields, DesignationLink, DesignationState,
    DesignationStatus, EventWarning, Instrument, LinkKind, Origin, Visibility,
};
pub use details::{Details, Fault, ScopeDates, Scopes, fields};
pub use details_text::DetailsText;
pub use draft::{Draft, EventCreate, EventCreateBody};
pub use event::{Event, EventType};
pub use reason::{AssertedBy, Confidence, Reason, ReasonCode, ReasonFields, ReasonStatus};
pub use scope::{Action, Environment, Scope, ScopeStatement, Tier};
pub use source::{Source, SourceKind};
