//! The guard in front of every operation under `/v1`: who asks, and whether they may. Without its word no handler gets a
//! context to ask the database with, so what it does not let through does not run.

use std::{collections::HashMap, rc::Rc};

use actix_web::{
    HttpMessage, HttpRequest, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{AUTHORIZATION, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use serde_json::Value;

use super::{
    admission::Lasting,
    door::{Door, Identity},
    evidence::{Reader, evidenced},
    operation::Operation,
    rates::Rates,
};
use crate::{
    access_log::AccessLog,
    db::{Context, Evidence},
    http::{
        Problem,
        admitted::Admitted,
        client::ClientAddress,
        openapi, problem,
        request::{Allowances, Named, RequestId, SignedIn},
    },
};

/// Which operation answers a method and a pattern of paths, read off the OpenAPI document.
pub struct Operations(HashMap<(Method, String), Operation>);

impl Operations {
    /// Those of a document. One that the table does not know is left out, so nobody may do it.
    #[must_use]
    pub fn of(document: &Value) -> Self {
        let known = |(path, method, operation): (&str, &str, &Value)| {
            let operation = Operation::of_id(operation.get("operationId")?.as_str()?)?;
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).ok()?;
            Some(((method, path.to_owned()), operation))
        };
        Self(openapi::operations(document).filter_map(known).collect())
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
    let mut allowances = Allowances::default();
    let admitted = admit(&request, &mut allowances).await;
    if !allowances.0.is_empty() {
        request.extensions_mut().insert(allowances);
    }
    match admitted {
        Ok(()) => Ok(evidenced(next.call(request).await?.map_into_boxed_body())),
        Err(refusal) => Ok(request.error_response(refusal)),
    }
}

pub(super) fn unwired(what: &str) -> Problem {
    crate::error::Error::internal(format!("the {what} is not wired")).into()
}

/// Lets a request through with what it may do.
async fn admit(request: &ServiceRequest, allowances: &mut Allowances) -> Result<(), Problem> {
    let unwired = || unwired("guard");
    let door = request.app_data::<Data<Door>>().ok_or_else(unwired)?;
    let operations = request.app_data::<Data<Operations>>().ok_or_else(unwired)?;
    let rates = request.app_data::<Data<Rates>>().ok_or_else(unwired)?;
    let headers = request.headers();
    // Whose address can't be told shares one allowance with all such.
    let address = request.extensions().get::<ClientAddress>().copied().unwrap_or(ClientAddress::UNKNOWN);
    rates.of_address(address, headers, allowances)?;
    door.is_for(request.head())?;
    let identity = door.identify(headers).await.inspect_err(|refusal| {
        // Who shows nothing has not tried.
        if refusal.status_code() == StatusCode::UNAUTHORIZED && headers.contains_key(AUTHORIZATION) {
            rates.failed(address, headers);
        }
    })?;
    let named = Named { actor: identity.actor.clone(), credential: identity.credential.clone() };
    request.extensions_mut().insert(named);
    rates.of_credential(&identity, headers, allowances)?;
    let operation = operations.find(request.request());
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    // Where no operation is meant, 404 or 405 answers, which needs no context.
    if let Some(operation) = operation {
        let context = context_of(&identity, operation, request_id.clone())?;
        let lasting = operation.lasts().then(|| Lasting {
            door: door.clone(),
            log: request.app_data::<Data<AccessLog>>().cloned(),
            operation,
            shown: headers.iter().filter(|(name, _)| *name == AUTHORIZATION).map(owned).collect(),
            reader: Reader::of(request.request(), &identity, (operation, &request_id)),
        });
        let mut extensions = request.extensions_mut();
        if let Some(lasting) = lasting {
            extensions.insert(Admitted(Rc::new(lasting)));
        }
        extensions.insert(operation);
        extensions.insert(SignedIn(context));
    }
    request.extensions_mut().insert(identity);
    Ok(())
}

fn owned((name, value): (&HeaderName, &HeaderValue)) -> (HeaderName, HeaderValue) {
    (name.clone(), value.clone())
}

/// What somebody may ask the database with, for an operation.
///
/// # Errors
/// 403 where no role of theirs may do it.
pub(super) fn context_of(
    identity: &Identity,
    operation: Operation,
    request_id: String,
) -> Result<Context, Problem> {
    if !operation.roles().meet(identity.roles) {
        return Err(forbidden(operation, identity));
    }
    let (actor, sight) = (identity.actor.clone(), identity.roles.sight());
    let context = Context { actor, request_id, sight, evidence: Evidence::default() };
    if operation.is_evidence() {
        context.evidence.is_due();
    }
    Ok(context)
}

fn forbidden(operation: Operation, identity: &Identity) -> Problem {
    let list = |roles: super::Roles| roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
    let (wanted, has) = (list(operation.roles()), list(identity.roles));
    let has = if has.is_empty() { "no role".to_owned() } else { has };
    Problem::new(&problem::FORBIDDEN, format!("{} is for {wanted}; you are {has}", operation.id()))
}
