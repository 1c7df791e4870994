//! What a database says, in the registry's words. A failure is read by the operation that caused it: SQLite names no
//! constraint, and a deadlock comes as `Unknown`.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::error::Error;

/// Says what an unexpected failure of a statement means. `doing` names the operation, for the log.
pub fn unexpected(doing: &'static str) -> impl FnOnce(DieselError) -> Error {
    move |failure| classify(doing, &failure)
}

fn classify(doing: &'static str, failure: &DieselError) -> Error {
    let text = format!("{doing}: {failure}");
    let DieselError::DatabaseError(kind, info) = failure else {
        return Error::Internal(text);
    };
    let message = info.message();
    match kind {
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::ReadOnlyTransaction => {
            Error::Unavailable(text)
        }
        DatabaseErrorKind::SerializationFailure => Error::Busy("the database is busy"),
        _ if message.contains("database or disk is full") || message.contains("No space left on device") => {
            Error::NoRoom(text)
        }
        _ if message.contains("database is locked") || message.contains("deadlock detected") => {
            Error::Busy("the database is busy")
        }
        _ if message.contains("disk I/O error")
            || message.contains("unable to open database file")
            || message.contains("readonly database") =>
        {
            Error::Unavailable(text)
        }
        _ => Error::Internal(text),
    }
}

/// Whether a statement failed because a unique value is there already.
#[must_use]
pub fn is_taken(failure: &DieselError) -> bool {
    matches!(failure, DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
}
