//! The project's own extractors. Their names matter: utoipa reads `Json`, `Path` and `Query` off a handler's signature.

use std::{future::Future, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{
        Method,
        header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue},
    },
    rt::time::timeout,
    web,
};
use serde::de::DeserializeOwned;

use super::{problem, problem::Problem, strict};
use crate::error::FieldError;

/// The largest body that is read, in bytes.
pub const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// How long a body may take to come: one that comes drop by drop would hold its connection and memory for ever.
pub const BODY_WITHIN: Duration = Duration::from_secs(20);

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// A JSON body, read strictly, with the digest of its bytes.
pub struct Json<T> {
    pub value: T,
    /// The bytes as they came.
    pub bytes: web::Bytes,
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = body(request, payload);
        Box::pin(async move {
            let bytes = body.await?;
            let value = strict::read(value_of(&bytes)?).map_err(invalid_body)?;
            Ok(Self { value, bytes })
        })
    }
}

/// A JSON merge patch (RFC 7396) as it came; what it may change, the service knows.
pub struct MergePatch(pub serde_json::Value);

impl FromRequest for MergePatch {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = body(request, payload);
        Box::pin(async move { Ok(Self(value_of(&body.await?)?)) })
    }
}

fn value_of(bytes: &[u8]) -> Result<serde_json::Value, Problem> {
    strict::parse(bytes)
        .map_err(|fault| Problem::new(&problem::MALFORMED, format!("the body is no valid JSON: {fault}")))
}

fn invalid_body(fault: FieldError) -> Problem {
    crate::error::Error::Invalid(vec![fault]).into()
}

fn body(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<web::Bytes, Problem>> + use<> {
    let fits = media_type_fits(request);
    let payload = web::Payload::from_request(request, payload);
    async move {
        fits?;
        let unreadable = |fault: &dyn std::fmt::Display| {
            Problem::new(&problem::MALFORMED, format!("the body could not be read: {fault}"))
        };
        let payload = payload.await.map_err(|fault| unreadable(&fault))?;
        match timeout(BODY_WITHIN, payload.to_bytes_limited(BODY_LIMIT)).await {
            Err(_) => Err(Problem::new(
                &problem::TOO_SLOW,
                format!("the body did not come within {} seconds; send it again", BODY_WITHIN.as_secs()),
            )),
            Ok(Ok(bytes)) => bytes.map_err(|fault| unreadable(&fault)),
            Ok(Err(_)) => Err(Problem::new(
                &problem::TOO_LARGE,
                format!("a body may have at most {BODY_LIMIT} bytes; split it"),
            )),
        }
    }
}

/// Only JSON, and for PATCH also the media type of merge patches; a charset other than UTF-8 is no JSON.
fn media_type_fits(request: &HttpRequest) -> Result<(), Problem> {
    // What is compressed would be larger than it looks.
    let plain = |value: &HeaderValue| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity");
    if !request.headers().get_all(CONTENT_ENCODING).all(plain) {
        let detail = "a body with a Content-Encoding is not supported here; send it as it is";
        return Err(Problem::new(&problem::UNSUPPORTED, detail));
    }
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (essence, parameters) = given.split_once(';').unwrap_or((given, ""));
    let essence = essence.trim().to_ascii_lowercase();
    let patch = request.method() == Method::PATCH && essence == "application/merge-patch+json";
    let charset = parameters.trim().to_ascii_lowercase();
    let utf8 = charset.is_empty() || !charset.starts_with("charset=") || charset.contains("utf-8");
    if (essence == "application/json" || patch) && utf8 {
        return Ok(());
    }
    let wanted = if request.method() == Method::PATCH {
        "application/merge-patch+json or application/json"
    } else {
        "application/json"
    };
    let detail = if given.is_empty() {
        format!("the request has no Content-Type; send {wanted}")
    } else {
        format!("{given} is not supported here; send {wanted}")
    };
    Err(Problem::new(&problem::UNSUPPORTED, detail))
}

/// A part of the path.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = web::Path::<T>::from_request(request, payload).into_inner();
        std::future::ready(read.map(|path| Self(path.into_inner())).map_err(|fault| {
            // The router's words for a number are Rust's.
            let fault = fault.to_string();
            let fault = if fault.starts_with("can not parse") { "must be a whole number" } else { &fault };
            Problem::new(&problem::MALFORMED, format!("the path {} can't be read: {fault}", request.path()))
        }))
    }
}
