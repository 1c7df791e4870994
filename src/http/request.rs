//! What requests carry beside their bodies: who asks; and with writes If-Match and Idempotency-Key.

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{HeaderValue, IF_MATCH, IF_NONE_MATCH},
};
use sha2::{Digest, Sha256};

use super::{problem, problem::Problem, tags::Tags};
use crate::{
    db::Context,
    error::{Error, Result},
    idempotency,
    values::hex,
};

/// The id of a request, as given or made.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Beside a request for headers alone (HEAD), which handlers see as GET.
#[derive(Debug, Clone, Copy)]
pub struct WithoutBody;

impl WithoutBody {
    /// Whether no more than the headers are wanted: a handler that sends piece by piece need not begin.
    #[must_use]
    pub fn is_asked(request: &HttpRequest) -> bool {
        request.extensions().get::<Self>().is_some()
    }
}

/// Who asks and what they signed in with, for the log.
#[derive(Debug, Clone)]
pub struct Named {
    pub actor: String,
    pub credential: String,
}

impl FromRequest for Named {
    type Error = Problem;
    type Future = std::future::Ready<std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let named = request.extensions().get::<Self>().cloned();
        std::future::ready(named.ok_or_else(|| Error::internal("nobody was identified").into()))
    }
}

/// What somebody may still ask for under one limit.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    pub name: &'static str,
    /// How much may be had at once.
    pub quota: u32,
    /// In how many seconds all of it comes back.
    pub window: u32,
    pub remaining: u32,
    /// In how many seconds all of it is there again.
    pub restored: u32,
}

/// What is told of limits with an answer: the header fields of draft-ietf-httpapi-ratelimit-headers.
#[derive(Debug, Clone, Default)]
pub struct Allowances(pub Vec<Allowance>);

impl Allowances {
    /// `RateLimit-Policy` and `RateLimit`.
    #[must_use]
    pub fn headers(&self) -> (String, String) {
        let list = |item: fn(&Allowance) -> String| self.0.iter().map(item).collect::<Vec<_>>().join(", ");
        (
            list(|one| format!("\"{}\";q={};w={}", one.name, one.quota, one.window)),
            list(|one| format!("\"{}\";r={};t={}", one.name, one.remaining, one.restored)),
        )
    }
}

/// The most characters of an idempotency key.
pub const KEY_LIMIT: usize = 255;

/// The form of an idempotency key: visible ASCII characters.
pub const KEY_PATTERN: &str = "^[!-~]+$";

/// Who asks, as the guard found out. Only the guard puts it beside a request.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Context);

/// Who asks for a read.
#[derive(Debug, Clone)]
pub struct Asker(pub Context);

impl FromRequest for Asker {
    type Error = Problem;
    type Future = std::future::Ready<std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // Else a condition that nobody can read would be taken for one that does not hold.
        let readable = |context| Tags::of(request, &IF_NONE_MATCH).map(|_| Self(context));
        std::future::ready(signed_in(request).and_then(readable))
    }
}

/// The guard's word. Without it (for a path that only the router could read, say) nothing is done.
fn signed_in(request: &HttpRequest) -> std::result::Result<Context, Problem> {
    request.extensions().get::<SignedIn>().map(|signed_in| signed_in.0.clone()).ok_or_else(|| {
        Problem::new(&problem::NOT_FOUND, "there is nothing at this path; write it without escapes")
    })
}

/// What a write request says besides its body.
#[derive(Debug, Clone)]
pub struct Caller {
    pub context: Context,
    /// The condition of If-Match; `None`: there is none.
    if_match: Option<Condition>,
    idempotency_key: Option<String>,
    method: String,
    path: String,
    query: String,
}

#[derive(Debug, Clone)]
enum Condition {
    Any,
    /// Revisions that are named; what can't be an ETag of this registry names none.
    Revisions(Vec<u64>),
}

impl Caller {
    /// The key under which the answer to this request is kept, if the client gave one.
    #[must_use]
    pub fn key(&self, body: &[u8]) -> Option<idempotency::Key> {
        let key = self.idempotency_key.clone()?;
        let mut digest = Sha256::new();
        digest.update(self.query.as_bytes());
        digest.update([0]);
        digest.update(body);
        Some(idempotency::Key {
            actor: self.context.actor.clone(),
            method: self.method.clone(),
            path: self.path.clone(),
            key,
            request_sha256: hex(&digest.finalize()),
        })
    }

    /// For an operation whose answer can't be kept, and so takes no idempotency key.
    ///
    /// # Errors
    /// 400 where the client gave one.
    pub fn takes_no_key(&self, why: &str) -> std::result::Result<(), Problem> {
        match &self.idempotency_key {
            None => Ok(()),
            Some(_) => {
                let detail = format!("Idempotency-Key is not taken here, for the answer is not kept: {why}");
                Err(Problem::new(&problem::MALFORMED, detail))
            }
        }
    }

    /// The condition of a change.
    ///
    /// # Errors
    /// 428 where there is none.
    pub fn must_match(&self) -> std::result::Result<Precondition, Problem> {
        match &self.if_match {
            Some(condition) => Ok(Precondition(Some(condition.clone()))),
            None => {
                let detail = "send the record's ETag in If-Match, so that nobody's change is lost";
                Err(Problem::new(&problem::PRECONDITION_REQUIRED, detail))
            }
        }
    }

    /// The condition of an addition: it is kept where the client gives one.
    #[must_use]
    pub fn may_match(&self) -> Precondition {
        Precondition(self.if_match.clone())
    }
}

/// What must be true of a record's revision for a change to happen.
#[derive(Debug, Clone)]
pub struct Precondition(Option<Condition>);

impl Precondition {
    /// No condition.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// # Errors
    /// Stale, where the record is at another revision.
    pub fn check(&self, current: u64) -> Result<()> {
        match &self.0 {
            None | Some(Condition::Any) => Ok(()),
            Some(Condition::Revisions(revisions)) if revisions.contains(&current) => Ok(()),
            Some(Condition::Revisions(_)) => Err(Error::Stale { current }),
        }
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = std::future::Ready<std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(caller(request))
    }
}

fn caller(request: &HttpRequest) -> std::result::Result<Caller, Problem> {
    let context = signed_in(request)?;
    let mut keys = request.headers().get_all("idempotency-key");
    let idempotency_key = keys.next().map(key).transpose()?;
    if keys.next().is_some() {
        return Err(Problem::new(&problem::MALFORMED, "the header Idempotency-Key stands twice"));
    }
    Ok(Caller {
        context,
        if_match: condition(request)?,
        idempotency_key,
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
    })
}

fn key(value: &HeaderValue) -> std::result::Result<String, Problem> {
    let text = value.to_str().unwrap_or_default();
    if text.is_empty() || text.len() > KEY_LIMIT || !text.bytes().all(|b| b.is_ascii_graphic()) {
        let detail =
            format!("Idempotency-Key must be 1 to {KEY_LIMIT} visible ASCII characters, a UUID for example");
        return Err(Problem::new(&problem::MALFORMED, detail));
    }
    Ok(text.to_owned())
}

/// Reads If-Match. A designation's ETag is `"<revision>.<on>"`, and only the revision is compared.
fn condition(request: &HttpRequest) -> std::result::Result<Option<Condition>, Problem> {
    Ok(match Tags::of(request, &IF_MATCH)? {
        None => None,
        Some(Tags::Any) => Some(Condition::Any),
        Some(Tags::Named(tags)) => {
            // A weak tag never matches here: RFC 9110 asks for the strong comparison.
            let strong = tags.iter().filter(|tag| !tag.is_weak);
            Some(Condition::Revisions(strong.filter_map(|tag| revision(&tag.opaque)).collect()))
        }
    })
}

fn revision(opaque: &str) -> Option<u64> {
    let named = opaque.split('.').next().unwrap_or_default();
    // "01" and "+1" are other ETags than "1".
    named.parse::<u64>().ok().filter(|revision| revision.to_string() == named)
}
