//! Wires everything into the actix app: slices, documentation, health, and what happens around every request.

#[cfg(test)]
mod tests;
mod tls;

use std::{
    net::TcpListener,
    sync::{Arc, LazyLock},
    time::Duration,
};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::Server,
    get,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    middleware::from_fn,
    web::{self, Data},
};
use serde_json::{Value, json};
use socket2::SockRef;
use utoipa::OpenApi;
use utoipa_actix_web::{AppExt, service_config::ServiceConfig};

use crate::{
    access::{self, Door, FourEyes, Rates, guard},
    access_log::{self, AccessLog},
    authorities,
    db::Db,
    designations, docs,
    error::{Error, Result},
    exports::{self, Exports},
    health,
    http::{
        deprecation::Deprecations,
        frame::{Surroundings, frame},
        limits::TAKEN_WITHIN,
        openapi, problem, routes,
    },
    journal::{self, Followers},
    keys::{self, api::KeptKeyring},
    metrics, regimes, reviews, standing, statistics, vendors,
};

pub use tls::Tls;

/// The document's own words; paths and schemas come from the handlers.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Risk Registry",
        version = "1.0.0",
        description = "The system of record for supply-chain risk designations: vendors, the designations that \
            authorities and firms put on them, the reasons, and the full history of each.\n\n\
            It answers: may we use this vendor, for this purpose, on this date, and what did we know then?\n\n\
            Whoever asks under `/v1` signs in with `Authorization: Bearer` and an API key, or a token of the organisation's \
            single sign-on where one is configured; a role says what they may do.\n\n\
            Errors are problem documents (RFC 9457); `/docs/problems/` says of each kind and code what happened and what to \
            do. PATCH and DELETE need the record's `ETag` in `If-Match`; a POST that records takes `Idempotency-Key`, so that it can \
            be sent again. Where changes wait for another person (four eyes) the answer is 202, with the review. Lists are \
            pages: go on with `cursor` while `next_cursor` is not null. Array parameters are repeated keys. White space around free text is \
            trimmed, and nothing else of it is changed. Dates are \
            UTC days, instants RFC 3339 in UTC.",
        license(name = "MIT OR Apache-2.0"),
    ),
    servers((url = "/", description = "This server")),
    components(schemas(
        problem::ProblemDocument,
        problem::ProblemError,
        vendors::api::VendorSort,
        authorities::api::AuthoritySort,
        regimes::api::RegimeSort,
        designations::api::DesignationSort,
        reviews::model::ReviewChange,
        exports::ExportFormat,
    )),
    tags(
        (name = "Vendors", description = "Suppliers: their names, identifiers and roles"),
        (name = "Authorities", description = "Bodies that issue designations or that a scope binds"),
        (name = "Regimes", description = "Legal bases and programmes that authorities act under"),
        (name = "Designations", description = "Acts under a regime against a vendor or a category: reasons, events, timeline"),
        (name = "Reviews", description = "Changes of designations that wait until another person confirms them"),
        (name = "Standing", description = "The verdict on a vendor for a use and a date, as known at a time"),
        (name = "Statistics", description = "How many designations there were, on a day and over days, as known at a time"),
        (name = "Exports", description = "Lists and standings as files for spreadsheets (CSV) and for programs (NDJSON)"),
        (name = "Journal", description = "The append-only log of every change: the change feed"),
        (name = "Access log", description = "Who asked for which standing and read which restricted record"),
        (name = "API keys", description = "Who acts by which key, in which role, until when"),
        (name = "Operations", description = "Health, readiness and metrics"),
    ),
)]
struct Document;

/// Registers every operation.
fn configure(config: &mut ServiceConfig<'_>) {
    vendors::api::configure(config);
    authorities::api::configure(config);
    regimes::api::configure(config);
    designations::api::configure(config);
    reviews::api::configure(config);
    standing::api::configure(config);
    statistics::api::configure(config);
    exports::api::configure(config);
    journal::api::configure(config);
    access_log::api::configure(config);
    keys::api::configure(config);
    health::configure(config);
    metrics::configure(config);
}

/// What the rules over the document can't know of the slices.
const PARTICULARS: openapi::Particulars = openapi::Particulars {
    reads_by_post: &["check_standing", "export_standing_checks"],
    adds_to_a_record: &["add_reason", "record_event", "confirm_review", "reject_review"],
    keeps_no_answer: &["create_api_key"],
    streams: &["stream_journal_entries"],
    fixed_fields: &[("Regime", "slug")],
    answered_as_asked: &["ScopeDates"],
    always_answered: &[("ScopeStatement", "id")],
    who_may: |id| access::Operation::of_id(id).map(access::Operation::audience),
    examples: include_str!("../openapi/examples.json"),
    answers: include_str!("../openapi/answers.json"),
    complete_schemas: |schemas| {
        designations::api::complete_schemas(schemas);
        reviews::api::complete_schemas(schemas);
        standing::api::complete_schemas(schemas);
    },
};

/// The OpenAPI document, collected from the handlers and completed by rule.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let (_, collected) =
        App::new().into_utoipa_app().openapi(Document::openapi()).configure(configure).split_for_parts();
    let collected = serde_json::to_value(&collected).unwrap_or_else(|_| json!({}));
    openapi::complete(collected, &PARTICULARS)
});

static DOCUMENT_TEXT: LazyLock<String> =
    LazyLock::new(|| serde_json::to_string_pretty(&*DOCUMENT).unwrap_or_default() + "\n");

/// The text of `openapi/openapi.json` and of `/openapi.json`.
#[must_use]
pub fn document_text() -> &'static str {
    &DOCUMENT_TEXT
}

#[get("/openapi.json")]
async fn openapi_json() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(document_text())
}

/// Registers what the document leaves out: the document itself, and its pages.
fn configure_documentation(config: &mut web::ServiceConfig) {
    config.service(openapi_json).configure(docs::configure);
}

/// Paths that the document leaves out, with the methods that they take.
const UNDOCUMENTED: [(&str, &str); 4] = [
    ("/openapi.json", "GET, HEAD"),
    ("/docs", "GET, HEAD"),
    ("/docs/{rest}*", "GET, HEAD"),
    ("/docs/problems/{code}", "GET, HEAD"),
];

/// How long the line and the headers of a request may take to come.
const HEAD_WITHIN: Duration = Duration::from_secs(5);

/// How long a connection without a request is kept.
const IDLE_FOR: Duration = Duration::from_secs(15);

/// The most connections of one worker: each may hold an answer of several MiB that its client is slow to take.
const MOST_CONNECTIONS: usize = 4096;

/// How a server works.
#[derive(Clone)]
pub struct Settings {
    /// How many threads answer; `None`: one for each core.
    pub workers: Option<usize>,
    /// How people are let in.
    pub door: Door,
    /// What API keys are made with; without it none can be made.
    pub keyring: KeptKeyring,
    /// Whether another person must confirm what counts.
    pub four_eyes: FourEyes,
    /// Where reads that are evidence are written.
    pub access_log: AccessLog,
    /// Those who wait for what is recorded next.
    pub followers: Followers,
    /// How often somebody may ask.
    pub rates: Arc<Rates>,
    /// How many exports are sent at a time, and for how long.
    pub exports: Exports,
    /// What is around the server: proxies, and the origins of pages that may ask.
    pub surroundings: Surroundings,
    /// How it speaks TLS; `None`: it speaks plain HTTP.
    pub tls: Option<Tls>,
}

/// Starts the server on a bound listener. It drains on SIGTERM and SIGINT.
///
/// # Errors
/// When the listener can't be used.
pub fn start(listener: TcpListener, db: &Db, settings: Settings) -> Result<Server> {
    let Settings {
        workers,
        door,
        keyring,
        four_eyes,
        access_log,
        followers,
        rates,
        exports,
        surroundings,
        tls,
    } = settings;
    let (door, keyring, four_eyes) = (Data::new(door), Data::new(keyring), Data::new(four_eyes));
    let (access_log, exports) = (Data::new(access_log), Data::new(exports));
    let (rates, surroundings) = (Data::from(rates), Data::new(surroundings));
    let operations = Data::new(guard::Operations::of(&DOCUMENT));
    let counting = statistics::Counting::new(db.clone());
    let numbers = Data::new(metrics::Metrics::new(db, followers.numbers(), counting.numbers()));
    let followers = Data::new(followers);
    let counting = Data::new(counting);
    let db = Data::new(db.clone());
    let routes = Data::new(routes::Routes::of(&DOCUMENT, &UNDOCUMENTED));
    let deprecations = Data::new(Deprecations::of(&DOCUMENT).map_err(Error::internal)?);
    let unusable = |failure: std::io::Error| Error::Unavailable(format!("can't listen: {failure}"));
    // Linux hands the listener's limit on to what it accepts; where there is none, slow readers cost a connection for longer.
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    SockRef::from(&listener).set_tcp_user_timeout(Some(TAKEN_WITHIN)).map_err(unusable)?;
    let mut server = HttpServer::new(move || {
        App::new()
            .wrap(from_fn(guard::guard))
            .wrap(from_fn(frame))
            .app_data(db.clone())
            .app_data(door.clone())
            .app_data(keyring.clone())
            .app_data(four_eyes.clone())
            .app_data(rates.clone())
            .app_data(surroundings.clone())
            .app_data(operations.clone())
            .app_data(access_log.clone())
            .app_data(exports.clone())
            .app_data(counting.clone())
            .app_data(routes.clone())
            .app_data(deprecations.clone())
            .app_data(numbers.clone())
            .app_data(followers.clone())
            .into_utoipa_app()
            .configure(configure)
            .into_app()
            .configure(configure_documentation)
            .default_service(web::to(routes::unmatched))
    })
    .max_connections(MOST_CONNECTIONS)
    .client_request_timeout(HEAD_WITHIN)
    .keep_alive(IDLE_FOR)
    .shutdown_timeout(30);
    if let Some(workers) = workers {
        server = server.workers(workers);
    }
    let server = match tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls.config()?),
        None => server.listen(listener),
    };
    Ok(server.map_err(unusable)?.run())
}
