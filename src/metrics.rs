//! Numbers for Prometheus: requests by route and status, their latencies, and the journal's head.

use std::{sync::LazyLock, time::Duration};

use actix_web::{HttpResponse, get, http::header::CONTENT_TYPE, web::Data};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    db::{Cost, Db},
    error::Error,
    http::{NoQuery, Problem, Query},
};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    /// The route's pattern, never the path itself: the number of series must not grow with ids.
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

/// Upper bounds of the latency buckets, in seconds.
const BUCKETS: [f64; 12] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0];

struct Numbers {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    latencies: Family<RouteLabels, Histogram, fn() -> Histogram>,
    head: Gauge,
}

static NUMBERS: LazyLock<Numbers> = LazyLock::new(|| {
    let mut registry = Registry::with_prefix("risk_registry");
    let requests = Family::<RequestLabels, Counter>::default();
    let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
    let latencies = Family::<RouteLabels, Histogram, fn() -> Histogram>::new_with_constructor(histogram);
    let head = Gauge::default();
    registry.register("http_requests", "Requests answered", requests.clone());
    registry.register("http_request_duration_seconds", "Time to an answer", latencies.clone());
    registry.register("journal_head", "The journal's last position", head.clone());
    Numbers { registry, requests, latencies, head }
});

/// Counts an answered request. `route` is the pattern of its path.
pub fn count(method: &str, route: &str, status: u16, took: Duration) {
    // Anybody can invent a method, and a series is kept for ever.
    let known = ["GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"].contains(&method);
    let method = if known { method } else { "other" };
    let labels = RequestLabels { method: method.to_owned(), route: route.to_owned(), status };
    NUMBERS.requests.get_or_create(&labels).inc();
    NUMBERS.latencies.get_or_create(&RouteLabels { route: route.to_owned() }).observe(took.as_secs_f64());
}

/// Get metrics
///
/// Numbers of this process in the text form of `OpenMetrics`, which Prometheus reads.
#[utoipa::path(
    tag = "Operations", params(NoQuery),
    responses((
        status = 200, description = "The numbers", body = String,
        content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
        example = "# TYPE risk_registry_journal_head gauge\nrisk_registry_journal_head 42\n# EOF\n",
    )),
)]
#[get("/metrics")]
async fn get_metrics(db: Data<Db>, _: Query<NoQuery>) -> Result<HttpResponse, Problem> {
    // Without a database the other numbers still tell something.
    if let Ok(head) = db.read(Cost::Key, |snapshot| snapshot.head()).await {
        NUMBERS.head.set(i64::try_from(head.seq).unwrap_or(i64::MAX));
    }
    let mut text = String::new();
    encode(&mut text, &NUMBERS.registry)
        .map_err(|failure| Error::internal(format!("write metrics: {failure}")))?;
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, media_type)).body(text))
}

/// Registers the operation.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_metrics);
}
