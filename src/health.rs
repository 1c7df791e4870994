//! Whether the process lives, and whether it can do its work.

use actix_web::{get, web::Data};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    db::{Cost, Db},
    error::Error,
    http::{Answer, Handled, NoQuery, Query},
};

/// The process lives.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// Always `ok`.
    #[schema(example = "ok", max_length = 10)]
    status: &'static str,
}

/// The registry can do its work.
#[derive(Debug, Serialize, ToSchema)]
struct Readiness {
    /// Always `ready`; anything else is a problem document.
    #[schema(example = "ready", max_length = 10)]
    status: &'static str,
    /// The journal's last position.
    journal_head: u64,
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
    Answer::of(&Health { status: "ok" })
}

/// Get readiness
///
/// Answers 200 when the database answers and the writer takes writes; else 503.
#[utoipa::path(
    tag = "Operations", params(NoQuery),
    responses((status = 200, description = "The registry can do its work", body = Readiness)),
)]
#[get("/readyz")]
async fn get_readiness(db: Data<Db>, _: Query<NoQuery>) -> Handled<Readiness> {
    if !db.takes_writes() {
        return Err(Error::Unavailable("the writer has ended".into()).into());
    }
    let head = db.read(Cost::Key, |snapshot| snapshot.head()).await?;
    Answer::of(&Readiness { status: "ready", journal_head: head.seq })
}

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_health).service(get_readiness);
}
