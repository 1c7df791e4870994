//! Answers that are evidence: standings, and whatever showed restricted records.

use std::collections::BTreeSet;

use actix_web::{
    HttpMessage,
    body::{BoxBody, MessageBody},
    dev::ServiceResponse,
    http::Uri,
    web::Data,
};
use uuid::Uuid;

use super::{door::Identity, guard::unwired, operation::Operation};
use crate::{
    access_log::{AccessEntry, AccessLog, MOST_IDS, MOST_OF_TARGET, Read},
    http::{Problem, client::ClientAddress, request::SignedIn},
    values::{AccessEntryId, Instant, Sha256Hex},
};

/// Puts an answer that is evidence into the access log. Where it can't be put there it is not given.
pub(super) fn evidenced(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let Some(read) = read_of(&response) else { return response };
    let log = response.request().app_data::<Data<AccessLog>>().cloned();
    let added = log.map_or_else(|| Err(unwired("access log")), |log| log.add(read).map_err(Problem::from));
    match added {
        Ok(()) => response,
        Err(refusal) => response.error_response(refusal),
    }
}

/// What the access log says of an answer, where it is to say something.
fn read_of(response: &ServiceResponse<BoxBody>) -> Option<Read> {
    let request = response.request();
    let extensions = request.extensions();
    let (identity, operation, SignedIn(context)) =
        (extensions.get::<Identity>()?, extensions.get::<Operation>()?, extensions.get::<SignedIn>()?);
    let shown = context.evidence.shown();
    // Without a digest nothing was shown, but for a refusal, which may tell something of a restricted record.
    let answer_sha256 = if response.status().as_u16() < 400 {
        shown.answer_sha256?
    } else if shown.restricted.is_empty() {
        return None;
    } else {
        digest_of_refusal(response, &context.request_id)?
    };
    let subjects: BTreeSet<Uuid> = shown.restricted.union(&shown.subjects).copied().collect();
    let entry = AccessEntry {
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
        address: extensions.get::<ClientAddress>().map(ToString::to_string),
        request_id: context.request_id.clone(),
    };
    Some(Read { entry, subjects: subjects.into_iter().collect() })
}

/// The digest of the problem document that the frame will make of a refusal.
fn digest_of_refusal(response: &ServiceResponse<BoxBody>, request_id: &str) -> Option<Sha256Hex> {
    let problem = response.response().error()?.as_error::<Problem>()?;
    let body = problem.render(request_id).into_body().try_into_bytes().ok()?;
    Some(Sha256Hex::of(&body))
}

/// Path and query, as far as they are kept.
fn target(uri: &Uri) -> String {
    let whole = uri.path_and_query().map_or_else(|| uri.path(), |target| target.as_str());
    whole.chars().take(MOST_OF_TARGET).collect()
}
