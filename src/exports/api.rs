//! Handlers of exports, and their part of the OpenAPI document.

use actix_web::{HttpRequest, get, post, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    designations::{DesignationExportQuery, DesignationRows},
    export::{Export, ExportQuery, Order},
    format::ExportFormat,
    places::Exports,
    standing_checks::{self, StandingRows},
    statistics::{StatisticsExportQuery, StatisticsRows},
    vendors::{VendorExportQuery, VendorRows},
};
use crate::{
    access::FourEyes,
    db::Db,
    http::{Asker, Json, Problem, Query, admitted::Admitted, to_json},
    standing::api::StandingCheckCreate,
};

/// The tag of these operations.
pub const TAG: &str = "Exports";

/// An export of these rows, or why there is none.
type Handled<R> = Result<Export<R>, Problem>;

/// What every export needs: where it reads, a place, who asks, and what they have already.
type Parts = (Data<Db>, Data<Exports>, Asker, Admitted, HttpRequest);

fn order(
    (db, exports, asker, admitted, request): Parts,
    format: ExportFormat,
    question: Option<String>,
) -> Order {
    let (db, exports) = (db.get_ref().clone(), exports.get_ref().clone());
    Order { db, exports, asker: asker.0, admitted, format, request, question }
}

async fn export<Q: ExportQuery>(parts: Parts, query: Q) -> Handled<Q::Rows> {
    order(parts, query.format(), Some(to_json(&query)?)).answer_to(query).await
}

/// Export vendors
///
/// Every vendor that the filters leave, as the list has them, as one file; all as known at one position of the journal.
///
/// CSV: `id, legal_name, kind, status, country, criticality, roles, tags, names, identifiers, website, description, revision,
/// created_at, updated_at, ended_at, ended_by, ended_comment`. `; ` stands between several values; names are written
/// `kind:name`, identifiers `scheme:value (jurisdiction)`. An apostrophe stands before what a spreadsheet could take for a
/// formula. NDJSON: a vendor a line, as the API shows it.
#[utoipa::path(
    tag = TAG, params(VendorExportQuery),
    responses(Export<VendorRows>),
)]
#[get("/v1/exports/vendors")]
async fn export_vendors(parts: Parts, query: Query<VendorExportQuery>) -> Handled<VendorRows> {
    export(parts, query.0).await
}

/// Export designations
///
/// Every designation that the filters leave, as the list has them, as one file; all as known at one position of the journal.
///
/// CSV: `id, title, reference, vendor_id, vendor, category, regime_id, regime, authority_id, authority, effect, instrument,
/// origin, basis_disclosure, visibility, status, state, in_force, state_on, reason_codes, scopes, environments, actions,
/// tiers, agencies, events, latest_event_on, next_review_on, summary, revision, created_at, updated_at, ended_at, ended_by,
/// ended_comment`. `scopes` and `events` are numbers; the four columns after `scopes` say what all scopes cover together,
/// `all` where one of them states nothing. `; ` stands between several values. An apostrophe stands before what a
/// spreadsheet could take for a formula. NDJSON: a designation a line, as the API shows it.
#[utoipa::path(
    tag = TAG, params(DesignationExportQuery),
    responses(Export<DesignationRows>),
)]
#[get("/v1/exports/designations")]
async fn export_designations(parts: Parts, query: Query<DesignationExportQuery>) -> Handled<DesignationRows> {
    export(parts, query.0).await
}

#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FormatQuery {
    /// The form of the file; `csv` unless asked. `Accept` is not looked at.
    format: Option<ExportFormat>,
}

/// Export a standing check
///
/// The standing of up to 10,000 vendors, asked for as in `POST /v1/standing-checks`, as one file in the order of the request.
/// It only reads. A vendor that is not known is an error of its row, never `clear`.
///
/// CSV: `asked, vendor_id, vendor, vendor_known, verdict, summary, on, holds_until, findings, finding_ids, unmatched,
/// categories, environment, action, tier, agency, coverage, four_eyes, known_seq, recorded_at, error_code, error_detail`.
/// A finding is written `title (regime, effect: states)`. `; ` stands between several values. An apostrophe stands before
/// what a spreadsheet could take for a formula. NDJSON: an item a line, with `standing` or `error`.
#[utoipa::path(
    tag = TAG, request_body = StandingCheckCreate, params(FormatQuery),
    responses(Export<StandingRows>),
)]
#[post("/v1/exports/standing-checks")]
async fn export_standing_checks(
    parts: Parts,
    four_eyes: Data<FourEyes>,
    query: Query<FormatQuery>,
    body: Json<StandingCheckCreate>,
) -> Handled<StandingRows> {
    let order = order(parts, query.0.format.unwrap_or_default(), None);
    order.asker.evidence.asked(&body.bytes);
    let asked = body.value.asked(**four_eyes)?;
    order.answer(move |snapshot| standing_checks::find(snapshot, &asked)).await
}

/// Export statistics
///
/// The counts of `GET /v1/statistics/designations`, asked for with the same parameters, as one file: an item a row, in the same
/// order. `total` is not in it, and can't be had by adding up where a designation counts under several items.
///
/// CSV: `regime, authority, authority_name, state, reason_code, origin, environment, month, designations, in_force, vendors`.
/// Cells of what they are not grouped by are empty. An apostrophe stands before what a spreadsheet could take for a formula.
/// NDJSON: an item a line, as the API shows it.
#[utoipa::path(
    tag = TAG, params(StatisticsExportQuery),
    responses(Export<StatisticsRows>),
)]
#[get("/v1/exports/statistics")]
async fn export_statistics(parts: Parts, query: Query<StatisticsExportQuery>) -> Handled<StatisticsRows> {
    export(parts, query.0).await
}

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(export_vendors)
        .service(export_designations)
        .service(export_standing_checks)
        .service(export_statistics);
}
