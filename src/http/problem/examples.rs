//! Problem documents as the API sends them, one of each kind: what the documentation shows.

use super::{CONFLICT, ILLEGAL_EVENT, INVALID, INVALID_QUERY, Kind, Problem, ProblemDocument, ProblemError};
use crate::error::FieldError;

const ID: &str = "0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77";

/// A problem of this kind.
#[must_use]
pub fn example(kind: &Kind) -> ProblemDocument {
    let mut document = *Problem::new(kind, kind.detail).document;
    document.request_id = ID.to_owned();
    match kind.code {
        code if code == CONFLICT.code => "identifier_taken".clone_into(&mut document.code),
        code if code == ILLEGAL_EVENT.code => {
            document.allowed = Some(vec!["stayed", "vacated", "rescinded", "amended", "noted"]);
            document.conflicting_event_id = ID.parse().ok();
        }
        code if code == INVALID.code => {
            document.errors =
                error("/country", "invalid_value", "must be a country code of ISO 3166-1, like US or USA");
        }
        code if code == INVALID_QUERY.code => {
            document.errors = error(
                "countri",
                "invalid_parameter",
                "is no parameter of this operation, which takes limit, cursor, sort, country",
            );
        }
        _ => {}
    }
    document
}

fn error(pointer: &str, code: &'static str, detail: &str) -> Vec<ProblemError> {
    vec![FieldError::new(pointer, code, detail).into()]
}
