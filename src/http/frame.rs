//! What happens around every request: its id, HEAD as GET, problem documents with the id, one line in the log.

use std::time::Instant;

use actix_web::{
    HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY},
    },
    middleware::Next,
    web::Data,
};
use uuid::Uuid;

use super::{
    problem::{self, Problem},
    request::RequestId,
};
use crate::metrics::Metrics;

/// For a year, browsers speak to this host and those below it over TLS alone.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The middleware. It is the outermost one, so that nothing answers without it.
///
/// # Errors
/// None of its own.
pub async fn frame(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let id = request_id(&request);
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    // Wherever there is GET there is HEAD: actix sends no body for it, whatever the handler makes.
    if method == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    if let Some(problem) = problem_of(&response) {
        if let Some(cause) = &problem.cause {
            log::error!("{cause} request_id={id}");
        }
        let (request, _) = response.into_parts();
        response = ServiceResponse::new(request, problem.render(&id));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    if response.request().app_config().secure() {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
    let route = response.request().match_pattern().unwrap_or_else(|| "-".into());
    let (status, took) = (response.status().as_u16(), started.elapsed());
    if let Some(metrics) = response.request().app_data::<Data<Metrics>>() {
        metrics.count(method.as_str(), &route, status, took);
    }
    // Whoever watches asks every few seconds, day and night.
    let watched = ["/healthz", "/readyz", "/metrics"].contains(&route.as_str()) && status < 400;
    let level = if watched { log::Level::Debug } else { log::Level::Info };
    log::log!(level, "{method} {route} {status} {:.3}ms request_id={id}", took.as_secs_f64() * 1000.0);
    Ok(response)
}

/// The client's id, where it is one that a log line and a header can carry; else a new one.
fn request_id(request: &ServiceRequest) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    match given {
        Some(id) if (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic()) => {
            id.to_owned()
        }
        _ => Uuid::now_v7().to_string(),
    }
}

/// The problem behind an answer, whoever raised it.
fn problem_of(response: &ServiceResponse<BoxBody>) -> Option<Problem> {
    let error = response.response().error()?;
    if let Some(problem) = error.as_error::<Problem>() {
        return Some(problem.clone());
    }
    let status = response.status();
    Some(match status {
        StatusCode::NOT_FOUND => Problem::new(&problem::NOT_FOUND, "there is nothing at this path"),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(&problem::TOO_LARGE, "the body is too large"),
        _ if status.is_client_error() => Problem::new(&problem::MALFORMED, error.to_string()),
        _ => crate::error::Error::internal(error.to_string()).into(),
    })
}
