//! The guard in front of every operation under `/v1`: who asks, and whether they may. Without its word no handler gets a
//! context to ask the database with, so what it does not let through does not run.

use std::collections::HashMap;

use actix_web::{
    HttpMessage, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, Uri},
    middleware::Next,
    web::Data,
};
use serde_json::Value;

use super::{
    door::{Door, Identity},
    operation::Operation,
};
use crate::{
    access_log::{AccessEntry, AccessLog, MOST_IDS, MOST_OF_TARGET},
    db::{Context, Evidence},
    http::{
        Problem, problem,
        request::{RequestId, SignedIn},
    },
    values::{AccessEntryId, Instant},
};

/// Which operation answers a method and a pattern of paths, read off the OpenAPI document.
pub struct Operations(HashMap<(Method, String), Operation>);

impl Operations {
    /// Those of a document. One that the table does not know is left out, so nobody may do it.
    #[must_use]
    pub fn of(document: &Value) -> Self {
        let mut found = HashMap::new();
        for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
                let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes());
                if let (Some(operation), Ok(method)) = (Operation::of_id(id), method) {
                    found.insert((method, path.clone()), operation);
                }
            }
        }
        Self(found)
    }

    fn find(&self, request: &HttpRequest) -> Option<Operation> {
        let pattern = request.match_pattern()?;
        self.0.get(&(request.method().clone(), pattern)).copied()
    }
}

/// The middleware. It stands inside the frame, which gives its refusals their form.
///
/// # Errors
/// None of its own: a refusal is an answer.
pub async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let pattern = request.match_pattern();
    let path = pattern.as_deref().unwrap_or_else(|| request.path());
    if path != "/v1" && !path.starts_with("/v1/") {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    match admit(&request).await {
        Ok(()) => Ok(evidenced(next.call(request).await?.map_into_boxed_body())),
        Err(refusal) => Ok(request.error_response(refusal)),
    }
}

/// Puts an answer that is evidence into the access log. Where it can't be put there it is not given.
fn evidenced(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let Some(entry) = entry_of(&response) else { return response };
    let log = response.request().app_data::<Data<AccessLog>>().cloned();
    let added = log.map_or_else(|| Err(unwired("access log")), |log| log.add(entry).map_err(Problem::from));
    match added {
        Ok(()) => response,
        Err(refusal) => response.error_response(refusal),
    }
}

/// What the access log says of an answer, where it is to say something.
fn entry_of(response: &ServiceResponse<BoxBody>) -> Option<AccessEntry> {
    let request = response.request();
    let extensions = request.extensions();
    let (identity, operation, SignedIn(context)) =
        (extensions.get::<Identity>()?, extensions.get::<Operation>()?, extensions.get::<SignedIn>()?);
    let shown = context.evidence.shown();
    // Without a digest nothing was shown: the answer is no evidence, or a refusal.
    let answer_sha256 = shown.answer_sha256.filter(|_| response.status().as_u16() < 400)?;
    Some(AccessEntry {
        id: AccessEntryId::new(),
        at: Instant::now(),
        actor: identity.actor.clone(),
        credential: identity.credential.clone(),
        operation: operation.id().to_owned(),
        target: target(request.uri()),
        status: response.status().as_u16(),
        known_seq: shown.known_seq,
        answer_sha256,
        request_sha256: shown.request_sha256,
        vendor_count: shown.subjects.len().try_into().unwrap_or(u64::MAX),
        vendors: shown.subjects.into_iter().take(MOST_IDS).collect(),
        restricted_count: shown.restricted.len().try_into().unwrap_or(u64::MAX),
        restricted: shown.restricted.into_iter().take(MOST_IDS).collect(),
        address: request.peer_addr().map(|address| address.ip().to_string()),
        request_id: context.request_id.clone(),
    })
}

/// Path and query, as far as they are kept.
fn target(uri: &Uri) -> String {
    let whole = uri.path_and_query().map_or_else(|| uri.path(), |target| target.as_str());
    whole.chars().take(MOST_OF_TARGET).collect()
}

fn unwired(what: &str) -> Problem {
    crate::error::Error::internal(format!("the {what} is not wired")).into()
}

/// Lets a request through with what it may do.
async fn admit(request: &ServiceRequest) -> Result<(), Problem> {
    let door = request.app_data::<Data<Door>>().ok_or_else(|| unwired("guard"))?;
    let operations = request.app_data::<Data<Operations>>().ok_or_else(|| unwired("guard"))?;
    let identity = door.identify(request.headers()).await?;
    let operation = operations.find(request.request());
    let refused = operation.filter(|operation| !operation.roles().meet(identity.roles));
    if let Some(operation) = refused {
        return Err(forbidden(operation, &identity));
    }
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let context = Context {
        actor: identity.actor.clone(),
        request_id,
        sight: identity.roles.sight(),
        evidence: Evidence::default(),
    };
    let mut extensions = request.extensions_mut();
    extensions.insert(identity);
    // Where no operation is meant, 404 or 405 answers, which needs no context.
    if let Some(operation) = operation {
        if operation.is_evidence() {
            context.evidence.is_due();
        }
        extensions.insert(operation);
        extensions.insert(SignedIn(context));
    }
    Ok(())
}

fn forbidden(operation: Operation, identity: &Identity) -> Problem {
    let list = |roles: super::Roles| roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
    let (wanted, has) = (list(operation.roles()), list(identity.roles));
    let has = if has.is_empty() { "no role".to_owned() } else { has };
    Problem::new(&problem::FORBIDDEN, format!("{} is for {wanted}; you are {has}", operation.id()))
}
