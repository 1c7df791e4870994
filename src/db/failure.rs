//! What a database says, in the registry's words. A failure is read by the operation that caused it: SQLite names no
//! constraint, and Diesel gives no SQLSTATE, so a deadlock, a time limit or a full disk shows only in the message.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::error::Error;

/// Says what an unexpected failure of a statement means. `doing` names the operation, for the log.
pub fn unexpected(doing: &'static str) -> impl FnOnce(DieselError) -> Error {
    move |failure| classify(doing, &failure)
}

/// What one of these texts in a message means.
type Reading = (&'static [&'static str], fn(String) -> Error);

const READINGS: [Reading; 4] = [
    (&["database or disk is full", "No space left on device", "Disk quota exceeded"], Error::NoRoom),
    (
        &[
            "deadlock detected",
            "could not serialize access",
            "terminating connection",
            "server closed the connection",
            "the database system is",
        ],
        Error::Interrupted,
    ),
    (&["database is locked", "lock timeout", "statement timeout"], Error::TimedOut),
    (
        &[
            "disk I/O error",
            "unable to open database file",
            "readonly database",
            "out of memory",
            "too many clients",
            "could not extend file",
            "could not write",
        ],
        Error::Unavailable,
    ),
];

fn classify(doing: &'static str, failure: &DieselError) -> Error {
    let text = format!("{doing}: {failure}");
    let DieselError::DatabaseError(kind, info) = failure else {
        return Error::Internal(text);
    };
    match kind {
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::SerializationFailure => {
            Error::Interrupted(text)
        }
        DatabaseErrorKind::ReadOnlyTransaction => Error::Unavailable(text),
        DatabaseErrorKind::Unknown => {
            let says = |texts: &[&str]| texts.iter().any(|text| info.message().contains(text));
            match READINGS.iter().find(|(texts, _)| says(texts)) {
                Some((_, meaning)) => meaning(text),
                None => Error::Internal(text),
            }
        }
        _ => Error::Internal(text),
    }
}

/// Whether a statement failed because a unique value is there already.
#[must_use]
pub fn is_taken(failure: &DieselError) -> bool {
    matches!(failure, DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
}
