//! Numbers for Prometheus: requests by route and status, their latencies, the writer, the pool, and the journal's head.

use std::{collections::HashSet, time::Duration};

use actix_web::{HttpResponse, get, http::header::CONTENT_TYPE, rt::time::timeout, web::Data};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    db::{Context, Cost, Db, Target},
    error::Error,
    http::{NoQuery, Problem, Query},
    journal::followers::FollowerNumbers,
    statistics::CountNumbers,
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
const BUCKETS: [f64; 15] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct BuildLabels {
    version: String,
    database: String,
}

type Latencies = Family<RouteLabels, Histogram, fn() -> Histogram>;

/// The numbers of one server.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    latencies: Latencies,
    head: Gauge,
    connections: Gauge,
    idle: Gauge,
}

impl Metrics {
    /// Numbers that begin at nothing, with those of the database's writer, of those who follow the feed and of counts.
    #[must_use]
    pub fn new(db: &Db, followers: &FollowerNumbers, counts: &CountNumbers) -> Self {
        let mut registry = Registry::with_prefix("risk_registry");
        let requests = Family::<RequestLabels, Counter>::default();
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let latencies = Latencies::new_with_constructor(histogram);
        let [head, connections, idle, most]: [Gauge; 4] = std::array::from_fn(|_| Gauge::default());
        most.set(i64::from(db.pool_use().most));
        let build = Family::<BuildLabels, Gauge>::default();
        let database = match db.target() {
            Target::Sqlite(_) => "sqlite",
            Target::Postgres(_) => "postgresql",
        };
        let labels =
            BuildLabels { version: env!("CARGO_PKG_VERSION").to_owned(), database: database.to_owned() };
        build.get_or_create(&labels).set(1);
        let writer = db.writer_numbers();
        registry.register("build_info", "What runs here; the value is always 1", build);
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_duration_seconds", "Time to an answer", latencies.clone());
        registry.register("journal_head", "The journal's last position", head.clone());
        registry.register("writer_queue_depth", "Writes that wait for the writer", writer.waiting.clone());
        registry.register(
            "writer_batch_jobs",
            "Jobs in a committed batch, refused ones among them",
            writer.batch_jobs.clone(),
        );
        registry.register(
            "writer_batch_duration_seconds",
            "Time from a batch's first try to its commit",
            writer.batch_seconds.clone(),
        );
        registry.register(
            "writer_batch_retries",
            "Batches tried again after a deadlock, a serialization failure or a lost connection",
            writer.retries.clone(),
        );
        registry.register("writer_batch_failures", "Batches that failed for good", writer.failures.clone());
        registry.register("feed_streams", "Open streams of the journal", followers.streams.clone());
        registry.register(
            "feed_long_polls",
            "Requests that wait for what is recorded next",
            followers.long_polls.clone(),
        );
        registry.register("statistics_answered", "Questions that were counted for", counts.answered.clone());
        registry.register(
            "statistics_counted",
            "Counts that were made; what was asked before is kept",
            counts.made.clone(),
        );
        registry.register("read_pool_connections", "Open connections for reads", connections.clone());
        registry.register("read_pool_idle", "Open connections for reads that nobody uses", idle.clone());
        registry.register("read_pool_max", "The most connections for reads", most);
        Self { registry, requests, latencies, head, connections, idle }
    }

    /// Counts an answered request. `route` is the pattern of its path.
    pub fn count(&self, method: &str, route: &str, status: u16, took: Duration) {
        // Anybody can invent a method, and a series is kept for ever.
        let known = ["GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"].contains(&method);
        let method = if known { method } else { "other" };
        let labels = RequestLabels { method: method.to_owned(), route: route.to_owned(), status };
        self.requests.get_or_create(&labels).inc();
        self.latencies.get_or_create(&RouteLabels { route: route.to_owned() }).observe(took.as_secs_f64());
    }

    async fn text(&self, db: &Db) -> Result<String, Error> {
        // Without a database, or with one that hangs, the other numbers still tell something.
        let head = db.read(Context::own(), Cost::Key, |snapshot| snapshot.head());
        if let Ok(Ok(head)) = timeout(Duration::from_millis(500), head).await {
            self.head.set(i64::try_from(head.seq).unwrap_or(i64::MAX));
        }
        let pool = db.pool_use();
        self.connections.set(i64::from(pool.open));
        self.idle.set(i64::from(pool.idle));
        let mut text = String::new();
        encode(&mut text, &self.registry)
            .map_err(|failure| Error::internal(format!("write metrics: {failure}")))?;
        Ok(as_text_0_0_4(&text))
    }
}

/// The text form that every scraper reads. The encoder writes `OpenMetrics`, which names a counter without the `_total` of
/// its samples, and ends with a mark of its own.
fn as_text_0_0_4(text: &str) -> String {
    let counters: HashSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter")).collect();
    let mut converted = String::with_capacity(text.len());
    for line in text.lines().filter(|line| *line != "# EOF") {
        let name = line.strip_prefix("# ").and_then(|rest| rest.split(' ').nth(1));
        match name.filter(|name| counters.contains(name)) {
            Some(name) => converted += &line.replacen(name, &format!("{name}_total"), 1),
            None => converted += line,
        }
        converted.push('\n');
    }
    converted
}

/// Get metrics
///
/// Numbers of this process in Prometheus' text form.
#[utoipa::path(
    tag = "Operations", params(NoQuery),
    responses((
        status = 200, description = "The numbers", body = String, content_type = "text/plain",
        example = "# TYPE risk_registry_journal_head gauge\nrisk_registry_journal_head 42\n",
    )),
)]
#[get("/metrics")]
async fn get_metrics(
    db: Data<Db>,
    metrics: Data<Metrics>,
    _: Query<NoQuery>,
) -> Result<HttpResponse, Problem> {
    let text = metrics.text(&db).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body(text))
}

/// Registers the operation.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_metrics);
}
