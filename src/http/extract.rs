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
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;

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
            Problem::new(&problem::MALFORMED, format!("the path {} can't be read: {fault}", request.path()))
        }))
    }
}

/// A query string; parameters that the type does not have are refused, and so is one that stands twice or is empty.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(query(request.query_string()).map(Self))
    }
}

fn query<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let invalid = |parameter: &str, detail: &str| {
        let error = FieldError::new(parameter, "invalid_parameter", detail);
        Problem::new(&problem::INVALID_QUERY, format!("{parameter}: {detail}")).with_errors(vec![error])
    };
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    // The form reader would turn bytes that are no UTF-8 into U+FFFD, and a search for that finds nothing.
    if percent_encoding::percent_decode_str(text).decode_utf8().is_err() {
        return Err(Problem::new(&problem::INVALID_QUERY, "the query is no UTF-8"));
    }
    // An unfilled variable of a template must not turn a question about the past into one about today.
    if let Some((name, _)) = pairs.iter().find(|(_, value)| value.is_empty()) {
        return Err(invalid(name, "is empty; give it a value or leave it out"));
    }
    let fault = match serde_html_form::from_str::<T>(text) {
        Ok(query) => return Ok(query),
        Err(fault) => fault,
    };
    // The fault does not say which parameter it is about, so each is read on its own: all of them may be left out.
    let alone = |kept: &[&(String, String)]| {
        let text =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept.iter().copied()).finish();
        serde_html_form::from_str::<T>(&text).err()
    };
    for pair in &pairs {
        if let Some(fault) = alone(&[pair]) {
            return Err(invalid(&pair.0, &fault.to_string()));
        }
    }
    for (name, _) in &pairs {
        let same: Vec<&(String, String)> = pairs.iter().filter(|(other, _)| other == name).collect();
        if same.len() > 1
            && let Some(fault) = alone(&same)
        {
            let detail = if fault.to_string().contains("at most") {
                fault.to_string()
            } else {
                "stands more than once".into()
            };
            return Err(invalid(name, &detail));
        }
    }
    Err(Problem::new(&problem::INVALID_QUERY, format!("the query can't be read: {fault}")))
}

/// The query of an operation that takes no parameter.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NoQuery {}
