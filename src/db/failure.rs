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
    (
        &[
            "database or disk is full",
            "No space left on device",
            "Disk quota exceeded",
            "could not extend file",
        ],
        Error::NoRoom,
    ),
    (
        &[
            "deadlock detected",
            "could not serialize access",
            "terminating connection",
            "server closed the connection",
            "the database system is",
            "canceling statement due to user request",
        ],
        Error::Interrupted,
    ),
    (&["database is locked", "locking protocol", "lock timeout", "statement timeout"], Error::TimedOut),
    (
        &[
            "disk I/O error",
            "unable to open database file",
            "readonly database",
            "out of memory",
            "out of shared memory",
            "too many clients",
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: DatabaseErrorKind, message: &str) -> Error {
        unexpected("test")(DieselError::DatabaseError(kind, Box::new(message.to_owned())))
    }

    #[test]
    fn what_a_database_says_is_read_as_what_it_means() {
        use DatabaseErrorKind::{ClosedConnection, ReadOnlyTransaction, SerializationFailure, Unknown};
        type Meaning = fn(&Error) -> bool;
        let no_room: Meaning = |error| matches!(error, Error::NoRoom(_));
        let interrupted: Meaning = |error| matches!(error, Error::Interrupted(_));
        let timed_out: Meaning = |error| matches!(error, Error::TimedOut(_));
        let unavailable: Meaning = |error| matches!(error, Error::Unavailable(_));
        let internal: Meaning = |error| matches!(error, Error::Internal(_));
        let said = [
            (Unknown, "could not extend file \"base/5/16402\": No space left on device", no_room),
            (
                Unknown,
                "could not extend file \"base/5/1\": wrote only 4096 of 8192 bytes at block 7",
                no_room,
            ),
            (Unknown, "database or disk is full", no_room),
            (Unknown, "deadlock detected", interrupted),
            (Unknown, "terminating connection due to administrator command", interrupted),
            (Unknown, "canceling statement due to user request", interrupted),
            (Unknown, "the database system is shutting down", interrupted),
            (SerializationFailure, "could not serialize access due to concurrent update", interrupted),
            (ClosedConnection, "server closed the connection unexpectedly", interrupted),
            (Unknown, "canceling statement due to lock timeout", timed_out),
            (Unknown, "canceling statement due to statement timeout", timed_out),
            (Unknown, "database is locked", timed_out),
            (Unknown, "locking protocol", timed_out),
            (ReadOnlyTransaction, "cannot execute INSERT in a read-only transaction", unavailable),
            (Unknown, "attempt to write a readonly database", unavailable),
            (Unknown, "disk I/O error", unavailable),
            (Unknown, "out of shared memory", unavailable),
            (Unknown, "permission denied for table journal", internal),
            (Unknown, "database disk image is malformed", internal),
            (DatabaseErrorKind::UniqueViolation, "No space left on device", internal),
        ];
        for (kind, message, means) in said {
            let error = of(kind, message);
            assert!(means(&error), "{message}: {error:?}");
        }
    }
}
