//! What can go wrong, in the words of the registry. It knows no HTTP and no SQL: `http/problem` turns it into an
//! answer, `db/failure` makes it from what a database said.

use crate::values::EventId;

/// The result of every use case.
pub type Result<T> = std::result::Result<T, Error>;

/// One thing that is wrong with what a client sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Where, as a JSON Pointer (RFC 6901) into the body, or the name of a query parameter.
    pub pointer: String,
    /// A stable word for programs.
    pub code: &'static str,
    /// What is wrong and what to do, for people.
    pub detail: String,
}

impl FieldError {
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}

/// What can go wrong in a use case.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// There is no such record, or there was none at the time that was asked for.
    #[error("there is no {what} {id}")]
    NotFound { what: &'static str, id: String },
    /// Well-formed, but it can't be.
    #[error("invalid: {0:?}")]
    Invalid(Vec<FieldError>),
    /// It contradicts what is recorded.
    #[error("{detail}")]
    Conflict { code: &'static str, detail: String },
    /// An event that the history does not allow.
    #[error("{detail}")]
    IllegalEvent { detail: String, allowed: Vec<&'static str>, conflicting_event_id: Option<EventId> },
    /// Their roles allow it, but not to them, or not of this record.
    #[error("{detail}")]
    Forbidden { code: &'static str, detail: String },
    /// The record has changed since the client read it.
    #[error("the record is at revision {current}")]
    Stale { current: u64 },
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// Too much to do; worth another try soon.
    #[error("busy: {0}")]
    Busy(&'static str),
    /// The database took longer than it may: a lock that somebody holds, or too much to read.
    #[error("timed out: {0}")]
    TimedOut(String),
    /// The database took back what was done, or was lost before the commit: nothing is recorded, and doing it again may
    /// work at once.
    #[error("interrupted: {0}")]
    Interrupted(String),
    /// The database was lost while it committed: the change is recorded, or it is not.
    #[error("the outcome is unknown: {0}")]
    Uncertain(String),
    /// The database can't be reached or can't take writes now.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The disk is full.
    #[error("no room: {0}")]
    NoRoom(String),
    /// A fault of the program or of the stored data. The text is for the log, never for a client.
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    /// One invalid field.
    pub fn invalid(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(pointer, code, detail)])
    }

    /// The same about the fields of a body, where a query would have had them as parameters: with JSON Pointers as places.
    #[must_use]
    pub fn of_body(self) -> Self {
        let Self::Invalid(mut faults) = self else { return self };
        for fault in &mut faults {
            if !fault.pointer.starts_with('/') {
                fault.pointer.insert(0, '/');
            }
        }
        Self::Invalid(faults)
    }

    /// The same about a query: of a parameter that can be given several times, its name is the place.
    #[must_use]
    pub fn of_query(self) -> Self {
        let Self::Invalid(mut faults) = self else { return self };
        for fault in &mut faults {
            let name = fault.pointer.find('/').unwrap_or(fault.pointer.len());
            fault.pointer.truncate(name);
        }
        Self::Invalid(faults)
    }

    pub fn not_found(what: &'static str, id: impl ToString) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }

    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Conflict { code, detail: detail.into() }
    }

    pub fn forbidden(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Forbidden { code, detail: detail.into() }
    }

    /// What a failure means to whoever only reads: where there is no room for a sort, or the connection was lost on the way,
    /// the database can't be used now. Of what was recorded nothing is to be said.
    pub(crate) fn of_a_read(self) -> Self {
        match self {
            Self::NoRoom(cause) | Self::Interrupted(cause) => Self::Unavailable(cause),
            other => other,
        }
    }

    pub fn internal(detail: impl Into<String>) -> Self {
        Self::Internal(detail.into())
    }
}
