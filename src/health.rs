//! Whether the process lives, and whether it can do its work.

use actix_web::{get, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::FourEyes,
    db::{Db, NotReady},
    error::Error,
    http::{Answer, Handled, NoQuery, Problem, Query},
    values::words,
};

/// The process lives.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// Always `ok`.
    #[schema(example = "ok", max_length = 10)]
    status: &'static str,
}

/// What the registry can do.
#[derive(Debug, Serialize, ToSchema)]
struct Readiness {
    /// Always `ready`; anything else is a problem document.
    #[schema(example = "ready", max_length = 10)]
    status: &'static str,
    /// What was found to work: `writes` includes reads.
    ready_for: Work,
    /// The journal's last position.
    journal_head: u64,
    /// Whether another person must confirm what counts.
    four_eyes: FourEyes,
}

words! {
    /// What a registry can be ready for.
    pub enum Work {
        /// Reads are answered.
        Reads = "reads",
        /// Writes are recorded, and reads are answered.
        Writes = "writes",
    }
}

/// What readiness is asked about.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadinessQuery {
    /// What must work; `writes` unless given. With `reads` the answer is 200 as long as reads are answered, also while writes can't be recorded:
    /// for a load balancer that should go on sending reads.
    #[serde(rename = "for", default = "writes")]
    #[param(rename = "for", required = false)]
    wanted: Work,
}

const fn writes() -> Work {
    Work::Writes
}

/// Get liveness
///
/// Answers as long as the process lives; asks no database.
#[utoipa::path(
    tag = "Operations", params(NoQuery),
    responses((status = 200, description = "The process lives", body = Health)),
)]
#[get("/healthz")]
async fn get_health(_: Query<NoQuery>) -> Handled<Health> {
    Answer::now(&Health { status: "ok" })
}

/// Get readiness
///
/// Answers 200 when reads are answered, the schema is the one that this program was made for, and writes are recorded; else
/// 503, within two seconds. It finds out by doing both; a write of its own it makes at most once a second.
#[utoipa::path(
    tag = "Operations", params(ReadinessQuery),
    responses((status = 200, description = "The registry can do its work", body = Readiness)),
)]
#[get("/readyz")]
async fn get_readiness(
    db: Data<Db>,
    four_eyes: Data<FourEyes>,
    query: Query<ReadinessQuery>,
) -> Handled<Readiness> {
    let ready_for = query.0.wanted;
    let head = db.readiness(ready_for == Work::Writes).await.map_err(refusal)?;
    Answer::now(&Readiness { status: "ready", ready_for, journal_head: head.seq, four_eyes: **four_eyes })
}

/// Whatever stands in the way, the answer is the same kind of 503.
fn refusal(not_ready: NotReady) -> Problem {
    let (detail, cause) = match not_ready {
        NotReady::Reads(cause) => ("the database can't be used now; try again soon", cause),
        NotReady::Writes(cause) => ("reads are answered, but writes can't be recorded now", cause),
    };
    Problem::from(Error::Unavailable(cause.to_string())).with_detail(detail)
}

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_health).service(get_readiness);
}
