//! Which of the two databases failed: both may be PostgreSQL, and a message of theirs says only that.

use crate::error::Error;

/// One of the two ends of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Source,
    Target,
}

impl Side {
    /// The failure, with the side that it happened on before its text.
    #[must_use]
    pub fn names(self, failure: Error) -> Error {
        let side = match self {
            Self::Source => "source",
            Self::Target => "target",
        };
        let named = |text: &str| format!("{side}: {text}");
        match failure {
            Error::Conflict { code, detail } => Error::Conflict { code, detail: named(&detail) },
            Error::TimedOut(text) => Error::TimedOut(named(&text)),
            Error::Interrupted(text) => Error::Interrupted(named(&text)),
            Error::Uncertain(text) => Error::Uncertain(named(&text)),
            Error::Unavailable(text) => Error::Unavailable(named(&text)),
            Error::NoRoom(text) => Error::NoRoom(named(&text)),
            Error::Internal(text) => Error::Internal(named(&text)),
            // No database says these.
            other @ (Error::NotFound { .. }
            | Error::Invalid(_)
            | Error::IllegalEvent { .. }
            | Error::Stale { .. }
            | Error::KeyReused
            | Error::Forbidden { .. }
            | Error::Busy(_)) => other,
        }
    }
}
