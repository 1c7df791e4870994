//! Handlers of standing: one vendor, or up to 10,000 in one request.

use actix_web::{get, post, web::Data};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    model::{Standing, StandingError},
    service::{self, Named, Question, Unfit},
};
use crate::{
    access::FourEyes,
    db::{Cost, Db, Snapshot},
    designations::model::{Action, Environment, Tier},
    error::{Error, Result},
    http::{Answer, Asker, Handled, Json, NoQuery, Path, Query},
    journal::{Known, KnownAt},
    values::{Date, Instant, Line, List, Seq, VendorId},
    vendors::model::{IdentifierScheme, normalise},
};

/// The tag of these operations.
pub const TAG: &str = "Standing";

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StandingQuery {
    /// The day that the verdict is for; today (UTC) unless given.
    on: Option<Date>,
    /// As known at this instant, or at the end of this date (UTC). Not together with `known_seq`.
    known_at: Option<KnownAt>,
    /// As known at this position of the journal; 0 is before the first entry, and one beyond the head is 422.
    known_seq: Option<Seq>,
    /// The sort of system; every one unless given.
    #[serde(default)]
    #[param(inline)]
    environment: List<Environment, 6>,
    /// What is done; everything unless given.
    #[serde(default)]
    #[param(inline)]
    action: List<Action, 8>,
    /// The level of the contract; both unless given.
    #[serde(default)]
    #[param(inline)]
    tier: List<Tier, 2>,
    /// Who procures: an authority's id, name or alias, old ones too; `none` for a customer that is no agency. Every one
    /// unless given.
    #[serde(default)]
    #[param(inline, example = json!(["Department of Defense"]))]
    agency: List<Line<500>, 50>,
}

/// Get a vendor's standing
///
/// May we use this vendor, for this purpose, on this date, and what did we know then? The same inputs and `known_seq`
/// give the same answer for ever, where `coverage` is `full`. Under `public` only public designations were looked at:
/// `clear` is then no clearance, and one that becomes restricted later leaves past answers as well.
#[utoipa::path(
    tag = TAG, params(("id" = VendorId, Path, description = "The vendor's id"), StandingQuery),
    responses((status = 200, description = "The standing", body = Standing)),
)]
#[get("/v1/vendors/{id}/standing")]
async fn get_vendor_standing(
    db: Data<Db>,
    four_eyes: Data<FourEyes>,
    asker: Asker,
    path: Path<VendorId>,
    query: Query<StandingQuery>,
) -> Handled<Standing> {
    let (vendor, query) = (path.0, query.0);
    let question = Question {
        on: query.on.unwrap_or_else(Date::today),
        known: Known { known_at: query.known_at, known_seq: query.known_seq },
        environment: query.environment.into_vec(),
        action: query.action.into_vec(),
        tier: query.tier.into_vec(),
        agency: query.agency.iter().map(ToString::to_string).collect(),
        four_eyes: **four_eyes,
    };
    let standing =
        db.read(asker.0, Cost::Key, move |snapshot| service::standing(snapshot, vendor, &question)).await?;
    Answer::of(&standing)
}

/// A vendor to check: by `vendor_id`, or by `scheme` and `value`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"scheme": "cik", "value": "1321655"}))]
struct StandingSubject {
    /// The vendor's id; without `scheme` and `value`.
    #[serde(default)]
    vendor_id: Option<VendorId>,
    /// Who gave out the identifier; together with `value`.
    #[serde(default)]
    scheme: Option<IdentifierScheme>,
    /// The identifier; together with `scheme`, in any form that the scheme allows.
    #[serde(default)]
    value: Option<Line<200>>,
}

impl StandingSubject {
    fn named(self, index: usize) -> Result<Named> {
        match self {
            Self { vendor_id: Some(id), scheme: None, value: None } => Ok(Named::Id(id)),
            Self { vendor_id: None, scheme: Some(scheme), value: Some(value) } => {
                let unfit = |fault| Unfit { value: value.to_string(), fault };
                Ok(Named::Identifier(scheme, normalise(scheme, &value).map_err(unfit)))
            }
            _ => {
                let detail = "give either vendor_id, or scheme and value";
                Err(Error::invalid(format!("/vendors/{index}"), "invalid_subject", detail))
            }
        }
    }
}

/// Vendors to check, and the use and date that all of them are checked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "vendors": [{"scheme": "domain", "value": "anthropic.com"}, {"scheme": "cik", "value": "789019"}],
    "on": "2026-04-10", "environment": ["secret"], "agency": ["Department of Defense"]
}))]
pub struct StandingCheckCreate {
    /// The vendors, 10,000 at most, each by its id or by an identifier.
    vendors: List<StandingSubject, 10000>,
    /// The day that the verdicts are for; today (UTC) unless given.
    #[serde(default)]
    on: Option<Date>,
    /// As known at this instant, or at the end of this date (UTC). Not together with `known_seq`.
    #[serde(default)]
    known_at: Option<KnownAt>,
    /// As known at this position of the journal; 0 is before the first entry, and one beyond the head is 422.
    #[serde(default)]
    known_seq: Option<Seq>,
    /// The sort of system; every one unless given.
    #[serde(default)]
    environment: List<Environment, 6>,
    /// What is done; everything unless given.
    #[serde(default)]
    action: List<Action, 8>,
    /// The level of the contract; both unless given.
    #[serde(default)]
    tier: List<Tier, 2>,
    /// Ids, names or aliases of authorities; `none` for a customer that is no agency.
    #[serde(default)]
    agency: List<Line<500>, 50>,
}

/// What a batch asks: about whom, and what.
pub struct Asked {
    pub named: Vec<Named>,
    pub question: Question,
}

impl StandingCheckCreate {
    /// What it asks of a server that works so.
    ///
    /// # Errors
    /// A vendor that is named in no way, or in two.
    pub fn asked(self, four_eyes: FourEyes) -> Result<Asked> {
        let vendors = self.vendors.into_vec().into_iter().enumerate();
        let named = vendors.map(|(index, subject)| subject.named(index)).collect::<Result<Vec<_>>>()?;
        let question = Question {
            on: self.on.unwrap_or_else(Date::today),
            known: Known { known_at: self.known_at, known_seq: self.known_seq },
            environment: self.environment.into_vec(),
            action: self.action.into_vec(),
            tier: self.tier.into_vec(),
            agency: self.agency.iter().map(ToString::to_string).collect(),
            four_eyes,
        };
        Ok(Asked { named, question })
    }
}

/// The answer for one vendor of a batch: exactly one of `standing` and `error` is there, and it is never null.
#[derive(Debug, Serialize, ToSchema)]
pub struct StandingCheckItem {
    /// The standing; left out where `error` says why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pub standing: Option<Standing>,
    /// Why there is no standing; left out where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pub error: Option<StandingError>,
}

impl From<std::result::Result<Standing, StandingError>> for StandingCheckItem {
    fn from(item: std::result::Result<Standing, StandingError>) -> Self {
        match item {
            Ok(standing) => Self { standing: Some(standing), error: None },
            Err(error) => Self { standing: None, error: Some(error) },
        }
    }
}

/// The standing of many vendors, from one position of the journal.
#[derive(Debug, Serialize, ToSchema)]
struct StandingCheck {
    /// In the order of the request.
    #[schema(max_items = 10000)]
    items: Vec<StandingCheckItem>,
    /// The journal position that all of the answers were given from.
    known_seq: u64,
    /// The instant of that position; null where nothing was recorded yet.
    #[schema(required)]
    recorded_at: Option<Instant>,
}

/// Check the standing of many vendors
///
/// Up to 10,000 vendors for one use and date, all from one position of the journal. It only reads. A vendor that is not
/// known is an error of its item, never `clear`. Each standing says its `coverage`: under `public`, `clear` is no clearance.
#[utoipa::path(
    tag = TAG, request_body = StandingCheckCreate, params(NoQuery),
    responses((status = 200, description = "The standings, in the order of the request", body = StandingCheck)),
)]
#[post("/v1/standing-checks")]
async fn check_standing(
    db: Data<Db>,
    four_eyes: Data<FourEyes>,
    asker: Asker,
    _: Query<NoQuery>,
    body: Json<StandingCheckCreate>,
) -> Handled<StandingCheck> {
    asker.0.evidence.asked(&body.bytes);
    let asked = body.value.asked(**four_eyes)?;
    let check = move |snapshot: &mut Snapshot<'_>| {
        service::check(snapshot, &asked.named, &asked.question).map_err(Error::of_body)
    };
    let checked = db.read(asker.0, Cost::Scan, check).await?;
    Answer::now(&StandingCheck {
        items: checked.items.into_iter().map(Into::into).collect(),
        known_seq: checked.knowledge.seq,
        recorded_at: checked.knowledge.recorded_at,
    })
}

/// Completes what derived schemas can't say: somebody must be named.
pub fn complete_schemas(schemas: &mut Map<String, Value>) {
    if let Some(subject) = schemas.get_mut("StandingSubject") {
        subject["minProperties"] = json!(1);
    }
}

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_vendor_standing).service(check_standing);
}
