//! What happens around every request: its id and its client's address, its limits, HEAD as GET, problem documents with the
//! id, headers, one line in the log.

use std::time::{Duration, Instant};

use actix_web::{
    HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        ConnectionType, Method, StatusCode,
        header::{HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY},
    },
    middleware::Next,
    rt::time::timeout,
    web::Data,
};
use uuid::Uuid;

use super::{
    client::{ClientAddress, TrustedProxies},
    cors::Origins,
    deprecation::{Deprecations, Notice},
    headers::{self, Part},
    limits,
    problem::{self, Problem},
    request::{Allowances, Named, RequestId, WithoutBody},
};
use crate::{error::Error, metrics::Metrics};

/// For a year, browsers speak to this host and those below it over TLS alone.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// How long the handling of a request may take: a body's 20 seconds and a write's 30 fit in.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// The longest method that a log line shows.
const METHOD_SHOWN: usize = 20;

/// What the frame goes by.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub proxies: TrustedProxies,
    pub origins: Origins,
    /// How long the handling of a request may take.
    pub answer_within: Duration,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self { proxies: TrustedProxies::default(), origins: Origins::default(), answer_within: ANSWER_WITHIN }
    }
}

/// What is known of a request before anybody answers it.
struct Asked {
    started: Instant,
    id: String,
    method: Method,
    part: Part,
    /// Whether it came over TLS.
    is_secure: bool,
    address: Option<ClientAddress>,
    /// The request's origin, where it is listed.
    origin: Option<HeaderValue>,
    /// What is told of the operation that is asked for, where it is deprecated.
    notice: Option<Notice>,
    surroundings: Data<Surroundings>,
}

impl Asked {
    fn of(request: &ServiceRequest) -> Self {
        let surroundings = request.app_data::<Data<Surroundings>>().cloned();
        let surroundings = surroundings.unwrap_or_else(|| Data::new(Surroundings::default()));
        let peer = request.peer_addr();
        Self {
            started: Instant::now(),
            id: request_id(request),
            method: request.method().clone(),
            part: Part::of(request.path()),
            is_secure: request.app_config().secure(),
            address: peer.map(|peer| surroundings.proxies.client(peer.ip(), request.headers())),
            origin: surroundings.origins.listed(request.headers()),
            notice: request.app_data::<Data<Deprecations>>().and_then(|all| all.notice(request)),
            surroundings,
        }
    }

    /// The answer to a problem.
    fn render(&self, problem: &Problem) -> HttpResponse {
        if let Some(cause) = &problem.cause {
            log::error!("{cause} request_id={}", self.id);
        }
        problem.render(&self.id)
    }

    /// What every answer has.
    fn complete(&self, response: &mut HttpResponse, allowances: Option<&Allowances>) {
        let status = response.status();
        let all = response.headers_mut();
        if self.is_secure {
            all.insert(STRICT_TRANSPORT_SECURITY, ONLY_TLS);
        }
        headers::complete(all, self.part, status, self.surroundings.origins.any());
        let mut set = |name: HeaderName, text: &str| {
            if let Ok(value) = HeaderValue::from_str(text) {
                all.insert(name, value);
            }
        };
        set(REQUEST_ID, &self.id);
        if let Some(allowances) = allowances {
            let (policy, left) = allowances.headers();
            set(RATE_LIMIT_POLICY, &policy);
            set(RATE_LIMIT, &left);
        }
        if let Some(notice) = &self.notice {
            notice.tell(all);
        }
        if let Some(origin) = &self.origin {
            Origins::expose(all, origin.clone());
        }
    }

    /// One line. What a client can choose is quoted and escaped.
    fn log(&self, route: &str, status: StatusCode, named: Option<&Named>) {
        let (method, status) = (self.method.as_str(), status.as_u16());
        let method = method.get(..METHOD_SHOWN).unwrap_or(method);
        let took = self.started.elapsed().as_secs_f64() * 1000.0;
        let address = self.address.map_or_else(|| "-".to_owned(), |address| address.to_string());
        let who = named.map_or_else(String::new, |named| {
            format!(" actor={:?} credential={:?}", named.actor, named.credential)
        });
        // Whoever watches asks every few seconds, day and night.
        let watched = ["/healthz", "/readyz", "/metrics"].contains(&route) && status < 400;
        let level = if watched { log::Level::Debug } else { log::Level::Info };
        log::log!(
            level,
            "{method} {route} {status} {took:.3}ms address={address}{who} request_id={}",
            self.id
        );
    }
}

/// The middleware. It is the outermost one, so that nothing answers without it.
///
/// # Errors
/// None of its own but the answer to a request that took too long.
pub async fn frame(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let asked = Asked::of(&request);
    request.extensions_mut().insert(RequestId(asked.id.clone()));
    if let Some(address) = asked.address {
        request.extensions_mut().insert(address);
    }
    let metrics = request.app_data::<Data<Metrics>>().cloned();
    let count = |route: &str, status: StatusCode| {
        if let Some(metrics) = &metrics {
            metrics.count(asked.method.as_str(), route, status.as_u16(), asked.started.elapsed());
        }
    };
    // Wherever there is GET there is HEAD: actix sends no body for it, whatever the handler makes.
    if asked.method == Method::HEAD {
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(WithoutBody);
    }
    let mut response = if let Some(answer) = asked.surroundings.origins.preflight(&request) {
        request.into_response(answer)
    } else if let Err(unfit) = limits::check(&request) {
        let mut response = request.error_response(unfit.problem);
        if unfit.closes {
            response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        response
    } else {
        match timeout(asked.surroundings.answer_within, next.call(request)).await {
            Ok(response) => response?.map_into_boxed_body(),
            Err(_) => {
                let mut answer = asked.render(&too_long(&asked.method));
                asked.complete(&mut answer, None);
                count("-", answer.status());
                asked.log("-", answer.status(), None);
                return Err(InternalError::from_response("it took too long", answer).into());
            }
        }
    };
    if let Some(problem) = problem_of(&response) {
        let connection = response.response().head().connection_type();
        let (request, _) = response.into_parts();
        let mut answer = asked.render(&problem);
        if connection == ConnectionType::Close {
            answer.head_mut().set_connection_type(connection);
        }
        response = ServiceResponse::new(request, answer);
    }
    let allowances = response.request().extensions_mut().remove::<Allowances>();
    asked.complete(response.response_mut(), allowances.as_ref());
    let route = response.request().match_pattern().unwrap_or_else(|| "-".into());
    count(&route, response.status());
    asked.log(&route, response.status(), response.request().extensions().get::<Named>());
    Ok(response)
}

/// What is said where the handling took too long: of a read, that it did; of a write, that nobody knows.
fn too_long(method: &Method) -> Problem {
    let cause = "the handling of a request took too long".to_owned();
    if method.is_safe() { Error::TimedOut(cause) } else { Error::Uncertain(cause) }.into()
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
        StatusCode::NOT_FOUND => {
            Problem::new(&problem::NOT_FOUND, "there is nothing at this path; /docs/ lists all that there is")
        }
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(&problem::TOO_LARGE, "the body is too large"),
        _ if status.is_client_error() => Problem::new(&problem::MALFORMED, error.to_string()),
        _ => Error::internal(error.to_string()).into(),
    })
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App, HttpResponse,
        middleware::from_fn,
        rt::time::sleep,
        test::{TestRequest, init_service, read_body},
        web::{self, Data},
    };

    use super::*;

    /// What is said where a handler takes half a second and may take so many milliseconds.
    async fn answer(method: Method, within: u64) -> (StatusCode, serde_json::Value) {
        let surroundings =
            Surroundings { answer_within: Duration::from_millis(within), ..Surroundings::default() };
        let slow = || async {
            sleep(Duration::from_millis(500)).await;
            HttpResponse::Ok().body("{}")
        };
        let app = App::new().app_data(Data::new(surroundings)).wrap(from_fn(frame)).route("/", web::to(slow));
        let service = init_service(app).await;
        let request = TestRequest::default().method(method).uri("/").insert_header(("x-request-id", "r"));
        let (status, body, headers) =
            match actix_web::dev::Service::call(&service, request.to_request()).await {
                Ok(response) => {
                    let (status, headers) = (response.status(), response.headers().clone());
                    (status, read_body(response).await, headers)
                }
                Err(failure) => {
                    let response = failure.error_response();
                    let (status, headers) = (response.status(), response.headers().clone());
                    let body = actix_web::body::to_bytes(response.into_body()).await.ok().unwrap_or_default();
                    (status, body, headers)
                }
            };
        assert_eq!(headers.get("x-request-id").unwrap(), "r");
        assert!(headers.contains_key("content-security-policy"));
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[actix_web::test]
    async fn who_waits_too_long_is_told_what_is_known() {
        assert_eq!(answer(Method::GET, 5_000).await.0, StatusCode::OK);
        let (status, problem) = answer(Method::GET, 20).await;
        assert_eq!((status.as_u16(), problem["code"].as_str()), (503, Some("unavailable")));
        assert_eq!(problem["request_id"], "r");
        let (status, problem) = answer(Method::POST, 20).await;
        assert_eq!((status.as_u16(), problem["code"].as_str()), (503, Some("outcome_unknown")));
    }
}
