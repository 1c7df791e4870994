//! Errors as clients see them: problem documents of RFC 9457. The one place where the registry's errors meet HTTP.

mod codes;
mod examples;
mod kinds;

pub use codes::{Code, codes_of, field_codes_of};
pub use examples::example;
pub use kinds::*;

use actix_web::{
    HttpResponse, ResponseError,
    body::BoxBody,
    http::{
        StatusCode,
        header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::{Error, FieldError},
    values::EventId,
};

/// The media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// One thing that is wrong with the request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProblemError {
    /// Where, as a JSON Pointer (RFC 6901) into the body, or the name of a query parameter.
    #[schema(example = "/identifiers/0/value", max_length = 2000)]
    pub pointer: String,
    /// A stable word for programs; `/docs/problems/` lists all of them.
    #[schema(example = "invalid_value", max_length = 100)]
    pub code: String,
    /// What is wrong, for people.
    #[schema(example = "must be a country code of ISO 3166-1, like US or USA", max_length = 10000)]
    pub detail: String,
}

impl From<FieldError> for ProblemError {
    fn from(error: FieldError) -> Self {
        Self { pointer: error.pointer, code: error.code.to_owned(), detail: error.detail }
    }
}

/// What went wrong, as RFC 9457 has it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// A URL path that explains this kind of problem; `/docs/problems/` lists them.
    #[serde(rename = "type")]
    #[schema(example = "/docs/problems/invalid", max_length = 200)]
    pub problem_type: String,
    /// The kind of problem in a few words.
    #[schema(example = "The request is well-formed but invalid", max_length = 200)]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 422, minimum = 400, maximum = 599)]
    pub status: u16,
    /// What happened here and what to do about it.
    #[schema(example = "1 field is invalid; see errors", max_length = 10000)]
    pub detail: String,
    /// A stable word for programs: the kind of problem, or a more exact case of it. `/docs/problems/` lists all of them.
    #[schema(example = "invalid", max_length = 100)]
    pub code: String,
    /// What is wrong, each with its place, where it has one. There may be more to correct than was found at first.
    #[schema(max_items = 10000)]
    pub errors: Vec<ProblemError>,
    /// The types of event that the history allows; with `illegal_event`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false, max_items = 17, example = json!(["stay_lifted", "noted"]))]
    pub allowed: Option<Vec<&'static str>>,
    /// The recorded event that stands against it; with `illegal_event`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pub conflicting_event_id: Option<EventId>,
    /// The request's id, as in the log.
    #[schema(example = "0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77", max_length = 128)]
    pub request_id: String,
}

/// A problem on its way to a client.
#[derive(Debug, Clone)]
pub struct Problem {
    document: Box<ProblemDocument>,
    allow: Option<String>,
    retry_after: Option<u32>,
    /// Whether somebody showed a credential that was not taken.
    is_token_refused: bool,
    /// For the log only.
    pub cause: Option<String>,
}

impl Problem {
    /// A problem of this kind.
    #[must_use]
    pub fn new(kind: &Kind, detail: impl Into<String>) -> Self {
        let document = ProblemDocument {
            problem_type: kind.page(),
            title: kind.title.to_owned(),
            status: kind.status,
            detail: detail.into(),
            code: kind.code.to_owned(),
            errors: Vec::new(),
            allowed: None,
            conflicting_event_id: None,
            request_id: String::new(),
        };
        Self {
            document: Box::new(document),
            allow: None,
            retry_after: None,
            is_token_refused: false,
            cause: None,
        }
    }

    /// 401 to somebody who showed a credential that is not taken (RFC 6750, section 3.1).
    #[must_use]
    pub fn invalid_token(detail: &str) -> Self {
        Self { is_token_refused: true, ..Self::new(&UNAUTHENTICATED, detail) }
    }

    /// What its client is shown.
    #[must_use]
    pub const fn document(&self) -> &ProblemDocument {
        &self.document
    }

    /// With single errors.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.document.errors = errors.into_iter().map(Into::into).collect();
        self
    }

    /// With the methods that the path takes.
    #[must_use]
    pub fn with_allow(mut self, methods: String) -> Self {
        self.allow = Some(methods);
        self
    }

    /// With other words about what happened here.
    #[must_use]
    pub fn with_detail(mut self, detail: &str) -> Self {
        detail.clone_into(&mut self.document.detail);
        self
    }

    fn with_code(mut self, code: &'static str) -> Self {
        self.document.code = code.to_owned();
        self
    }

    /// With the seconds after which another try is worth it.
    #[must_use]
    pub fn with_retry(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    fn with_cause(mut self, cause: String) -> Self {
        self.cause = Some(cause);
        self
    }

    /// The answer, with the id of its request.
    #[must_use]
    pub fn render(&self, request_id: &str) -> HttpResponse<BoxBody> {
        let mut document = self.document.clone();
        document.request_id = request_id.to_owned();
        let mut answer = HttpResponse::build(self.status_code());
        answer.insert_header((CONTENT_TYPE, PROBLEM_JSON));
        if let Some(methods) = &self.allow {
            answer.insert_header((ALLOW, methods.as_str()));
        }
        if self.document.status == UNAUTHENTICATED.status {
            let challenge = if self.is_token_refused {
                r#"Bearer realm="risk-registry", error="invalid_token""#
            } else {
                r#"Bearer realm="risk-registry""#
            };
            answer.insert_header((WWW_AUTHENTICATE, challenge));
        }
        if let Some(seconds) = self.retry_after {
            answer.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        answer.body(serde_json::to_string(&document).unwrap_or_default())
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.document.code, self.document.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.document.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        self.render("")
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { what, id } => Self::new(&NOT_FOUND, format!("there is no {what} {id}")),
            Error::Invalid(errors) => {
                let detail = match errors.as_slice() {
                    [only] if only.pointer.is_empty() => only.detail.clone(),
                    [only] => format!("{} {}", only.pointer, only.detail),
                    several => format!("{} fields are invalid; see errors", several.len()),
                };
                Self::new(&INVALID, detail).with_errors(errors)
            }
            Error::Conflict { code, detail } => Self::new(&CONFLICT, detail).with_code(code),
            Error::IllegalEvent { detail, allowed, conflicting_event_id } => {
                let mut problem = Self::new(&ILLEGAL_EVENT, detail);
                problem.document.allowed = Some(allowed);
                problem.document.conflicting_event_id = conflicting_event_id;
                problem
            }
            Error::Forbidden { code, detail } => Self::new(&FORBIDDEN, detail).with_code(code),
            Error::Stale { current } => {
                let detail =
                    format!("the record is at revision {current}; read it again and repeat the change");
                Self::new(&STALE, detail)
            }
            Error::KeyReused => Self::new(&KEY_REUSED, "this key was used with another body; make a new key"),
            Error::Busy(why) => {
                Self::new(&UNAVAILABLE, format!("{why}; try again in a second")).with_retry(1)
            }
            Error::TimedOut(cause) => Self::new(&UNAVAILABLE, "the database took too long; try again soon")
                .with_retry(2)
                .with_cause(cause),
            Error::Interrupted(cause) => Self::new(
                &UNAVAILABLE,
                "the database was lost on the way, and nothing was recorded; try again",
            )
            .with_retry(1)
            .with_cause(cause),
            Error::Uncertain(cause) => Self::new(
                &OUTCOME_UNKNOWN,
                "the change may or may not be recorded; send it again with the same Idempotency-Key",
            )
            .with_retry(2)
            .with_cause(cause),
            Error::Unavailable(cause) => {
                Self::new(&UNAVAILABLE, "the database can't be used now; try again soon")
                    .with_retry(5)
                    .with_cause(cause)
            }
            Error::NoRoom(cause) => {
                Self::new(&NO_ROOM, "the database's disk is full; nothing was recorded").with_cause(cause)
            }
            Error::Internal(cause) => Self::new(
                &INTERNAL,
                "something went wrong inside the registry; the request id finds it in the log",
            )
            .with_cause(cause),
        }
    }
}
