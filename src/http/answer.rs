//! What handlers answer with: a body whose documented type is part of the answer's type, its ETag, and the rules of
//! conditional reads (RFC 9110, section 13).

use std::marker::PhantomData;

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder, Responder,
    body::BoxBody,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION},
    },
};
use serde::{Deserialize, Serialize};

use super::{problem::Problem, request::SignedIn, tags::Tags};
use crate::{error::Error, values::Sha256Hex};

/// The result of a handler.
pub type Handled<T> = Result<Answer<T>, Problem>;

/// An answer as it is sent, and as an idempotency key keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub status: u16,
    pub location: Option<String>,
    pub etag: Option<String>,
    pub body: String,
}

impl Reply {
    /// 201 with the record that was made.
    ///
    /// # Errors
    /// None; the result saves the caller from wrapping it.
    pub fn created(location: String, etag: String, body: String) -> Result<Self, Error> {
        Ok(Self { status: 201, location: Some(location), etag: Some(etag), body })
    }

    /// 202 with what was noted instead, and where it is.
    #[must_use]
    pub fn accepted(location: String, etag: String, body: String) -> Self {
        Self { status: 202, location: Some(location), etag: Some(etag), body }
    }

    /// 200 with the record as it is now.
    #[must_use]
    pub fn ok(etag: String, body: String) -> Self {
        Self { status: 200, location: None, etag: Some(etag), body }
    }

    /// 204: done, nothing to show.
    #[must_use]
    pub fn empty(etag: String) -> Self {
        Self { status: 204, location: None, etag: Some(etag), body: String::new() }
    }
}

/// A reply with a body of type `T`.
#[derive(Debug)]
pub struct Answer<T> {
    reply: Reply,
    /// Of the body, where it was made already.
    digest: Option<Sha256Hex>,
    /// Whether it holds a secret.
    is_secret: bool,
    body: PhantomData<T>,
}

impl<T> From<Reply> for Answer<T> {
    fn from(reply: Reply) -> Self {
        Self { reply, digest: None, is_secret: false, body: PhantomData }
    }
}

impl<T> Answer<T> {
    /// 200 with a text that is JSON already, as the database keeps it.
    #[must_use]
    pub fn stored(body: String, etag: String) -> Self {
        Reply { status: 200, location: None, etag: Some(etag), body }.into()
    }

    /// The same, with a secret in it that nothing on the way may keep.
    #[must_use]
    pub fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// 200 with a text that is JSON already and its digest for an ETag.
    #[must_use]
    pub fn digested(body: String) -> Self {
        let digest = Sha256Hex::of(body.as_bytes());
        let etag = digest_etag(&digest);
        Self { digest: Some(digest), ..Self::stored(body, etag) }
    }

    /// 204: done, nothing to show.
    #[must_use]
    pub fn empty(etag: Option<String>) -> Self {
        Reply { status: 204, location: None, etag, body: String::new() }.into()
    }
}

impl<T: Serialize> Answer<T> {
    /// 200 with an ETag of the body's digest.
    ///
    /// # Errors
    /// When the body can't be written as JSON.
    pub fn of(body: &T) -> Result<Self, Problem> {
        Ok(Self::digested(to_json(body)?))
    }

    /// 200 with what holds only now: without an ETag, so that nobody is told that nothing has changed.
    ///
    /// # Errors
    /// When the body can't be written as JSON.
    pub fn now(body: &T) -> Result<Self, Problem> {
        Ok(Reply { status: 200, location: None, etag: None, body: to_json(body)? }.into())
    }
}

/// A value as JSON.
///
/// # Errors
/// Never for the registry's types; a failure is internal.
pub fn to_json<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|failure| Error::internal(format!("write JSON: {failure}")))
}

/// The ETag of a record.
#[must_use]
pub fn revision_etag(revision: u64) -> String {
    format!("\"{revision}\"")
}

/// The ETag of what has this digest: half of it tells bodies apart.
#[must_use]
pub fn digest_etag(digest: &Sha256Hex) -> String {
    format!("\"{}\"", digest.as_str().get(..32).unwrap_or_default())
}

impl<T> Responder for Answer<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse<BoxBody> {
        let Self { reply, digest, is_secret, .. } = self;
        let Reply { status, location, etag, body } = reply;
        let is_evidence = match request.extensions().get::<SignedIn>() {
            Some(SignedIn(context)) => {
                context.evidence.answered(|| digest.unwrap_or_else(|| Sha256Hex::of(body.as_bytes())))
            }
            None => false,
        };
        let status = StatusCode::from_u16(status).unwrap_or_default();
        let is_confidential = is_evidence || is_secret;
        let Begun { mut answer, is_unchanged } = Keeping { etag, is_confidential }.begin(request, status);
        if let Some(location) = location {
            answer.insert_header((LOCATION, location));
        }
        if is_unchanged || status == StatusCode::NO_CONTENT {
            return answer.finish();
        }
        answer.insert_header((CONTENT_TYPE, "application/json"));
        answer.body(body)
    }
}

/// Whether a client may keep an answer, and by what it asks whether that still holds.
pub struct Keeping {
    pub etag: Option<String>,
    /// A secret, or evidence: no disk keeps it.
    pub is_confidential: bool,
}

/// An answer with its status and what its client may do with it.
pub struct Begun {
    pub answer: HttpResponseBuilder,
    /// 304: the client has it, and gets no body.
    pub is_unchanged: bool,
}

impl Keeping {
    /// Begins an answer: with this status, or with 304 where a read names the ETag as known.
    #[must_use]
    pub fn begin(self, request: &HttpRequest, status: StatusCode) -> Begun {
        let Self { etag, is_confidential } = self;
        let is_unchanged =
            request.method().is_safe() && etag.as_deref().is_some_and(|etag| names(request, etag));
        let mut answer = HttpResponse::build(if is_unchanged { StatusCode::NOT_MODIFIED } else { status });
        // A browser may keep what has an ETag, but must ask whether it still holds; what has none nobody can ask about.
        let may_be_kept = etag.is_some() && !is_confidential;
        answer.insert_header((CACHE_CONTROL, if may_be_kept { "private, no-cache" } else { "no-store" }));
        if let Some(etag) = etag {
            answer.insert_header((ETAG, etag));
        }
        Begun { answer, is_unchanged }
    }
}

/// Whether a client says that it has the answer with this ETag. `*` says nothing of any: whoever sends it may never have got one.
#[must_use]
pub fn is_kept(request: &HttpRequest, etag: &str) -> bool {
    matches!(Tags::of(request, &IF_NONE_MATCH), Ok(Some(Tags::Named(_)))) && names(request, etag)
}

/// Whether If-None-Match names this ETag; the comparison is weak, as RFC 9110 has it for this header.
fn names(request: &HttpRequest, etag: &str) -> bool {
    let opaque = etag.trim_matches('"');
    match Tags::of(request, &IF_NONE_MATCH) {
        Ok(Some(Tags::Any)) => true,
        Ok(Some(Tags::Named(tags))) => tags.iter().any(|tag| tag.opaque == opaque),
        Ok(None) | Err(_) => false,
    }
}
