//! Answers that are evidence: standings, and whatever showed restricted records.

use std::{
    collections::BTreeSet,
    pin::Pin,
    task::{Context as Waker, Poll},
};

use actix_web::{
    HttpMessage, HttpRequest,
    body::{BodySize, BoxBody, MessageBody},
    dev::ServiceResponse,
    http::{StatusCode, Uri},
    web::{Bytes, Data},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{door::Identity, guard::unwired, operation::Operation};
use crate::{
    access_log::{AccessEntry, AccessLog, MOST_IDS, MOST_OF_TARGET, Read},
    db::Shown,
    http::{
        Problem,
        client::ClientAddress,
        request::{SignedIn, WithoutBody},
    },
    values::{AccessEntryId, Instant, Sha256Hex, hex},
};

/// The most subjects of one entry: an insert of very many would hold the writer up, and past some ten seconds fail.
const MOST_OF_ENTRY: usize = 5000;

/// Puts an answer that is evidence into the access log. Where it can't be put there it is not given. Of one that is sent in
/// parts, the log is told of the end as well.
pub(super) fn evidenced(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let Some(read) = read_of(&response) else { return response };
    let Some(log) = response.request().app_data::<Data<AccessLog>>().cloned() else {
        return response.error_response(unwired("access log"));
    };
    let entry = read.entry.clone();
    if let Err(refusal) = parts(read).into_iter().try_for_each(|part| log.add(part)) {
        return response.error_response(Problem::from(refusal));
    }
    match response.response().body().size() {
        BodySize::Stream => response.map_body(|_, body| {
            BoxBody::new(Streamed { body, log, entry, digest: Sha256::new(), is_empty: true })
        }),
        BodySize::None | BodySize::Sized(_) => response,
    }
}

/// An entry in as many as its restricted records need: each names its own, and all have the same request.
fn parts(read: Read) -> Vec<Read> {
    let Read { entry, subjects } = read;
    if subjects.len() <= MOST_OF_ENTRY.saturating_mul(2) {
        return vec![Read { entry, subjects }];
    }
    let (restricted, others): (Vec<Uuid>, Vec<Uuid>) =
        subjects.into_iter().partition(|id| !entry.vendors.contains(id));
    let part = |(number, ids): (usize, &[Uuid])| {
        let mut part = entry.clone();
        part.restricted = ids.iter().copied().take(MOST_IDS).collect();
        part.restricted_count = ids.len().try_into().unwrap_or(u64::MAX);
        let mut subjects = ids.to_vec();
        if number > 0 {
            (part.id, part.vendors, part.vendor_count) = (AccessEntryId::new(), Vec::new(), 0);
        } else {
            subjects.extend(&others);
        }
        Read { entry: part, subjects }
    };
    restricted.chunks(MOST_OF_ENTRY).enumerate().map(part).collect()
}

/// An answer that is evidence and is sent in parts. Once all of it is sent, and before its client can tell, an entry with the
/// digest of the whole goes into the log; where it can't be put there, the answer is cut off.
struct Streamed {
    body: BoxBody,
    log: Data<AccessLog>,
    /// That of the beginning.
    entry: AccessEntry,
    digest: Sha256,
    is_empty: bool,
}

impl Streamed {
    fn ended(&self) -> crate::error::Result<()> {
        if self.is_empty {
            // The entry of the beginning has the digest of nothing already.
            return Ok(());
        }
        let entry = AccessEntry {
            id: AccessEntryId::new(),
            at: Instant::now(),
            answer_sha256: Sha256Hex::stored(hex(&self.digest.clone().finalize())),
            vendors: Vec::new(),
            vendor_count: 0,
            restricted: Vec::new(),
            restricted_count: 0,
            ..self.entry.clone()
        };
        self.log.add(Read { entry, subjects: Vec::new() })
    }
}

impl MessageBody for Streamed {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let streamed = self.get_mut();
        match Pin::new(&mut streamed.body).poll_next(waker) {
            Poll::Ready(Some(Ok(bytes))) => {
                streamed.digest.update(&bytes);
                streamed.is_empty &= bytes.is_empty();
                Poll::Ready(Some(Ok(bytes)))
            }
            Poll::Ready(None) => match streamed.ended() {
                Ok(()) => Poll::Ready(None),
                Err(failure) => {
                    log::error!("an answer was cut off: {failure} request_id={}", streamed.entry.request_id);
                    Poll::Ready(Some(Err(failure.into())))
                }
            },
            other => other,
        }
    }
}

/// What the access log says of an answer, where it is to say something.
fn read_of(response: &ServiceResponse<BoxBody>) -> Option<Read> {
    let request = response.request();
    let extensions = request.extensions();
    let (identity, operation, SignedIn(context)) =
        (extensions.get::<Identity>()?, extensions.get::<Operation>()?, extensions.get::<SignedIn>()?);
    let mut shown = context.evidence.shown();
    // Without a digest nothing was shown, but for a refusal, which may tell something of a restricted record.
    let answer_sha256 = if response.status().as_u16() < 400 {
        shown.answer_sha256.take()?
    } else if shown.restricted.is_empty() {
        return None;
    } else {
        digest_of_refusal(response, &context.request_id)?
    };
    // With 304 the client has the body that the digest is of; else HEAD gave it none.
    let nothing_is_sent = WithoutBody::is_asked(request) && response.status() != StatusCode::NOT_MODIFIED;
    let answer_sha256 = if nothing_is_sent { Sha256Hex::of(b"") } else { answer_sha256 };
    let reader = Reader::of(request, identity, (*operation, &context.request_id));
    Some(read(reader, shown, (response.status().as_u16(), answer_sha256)))
}

/// Who reads, and what they asked.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub(super) actor: String,
    pub(super) credential: String,
    pub(super) operation: &'static str,
    pub(super) target: String,
    pub(super) address: Option<String>,
    pub(super) request_id: String,
}

impl Reader {
    pub(super) fn of(
        request: &HttpRequest,
        identity: &Identity,
        (operation, request_id): (Operation, &str),
    ) -> Self {
        Self {
            actor: identity.actor.clone(),
            credential: identity.credential.clone(),
            operation: operation.id(),
            target: target(request.uri()),
            address: request.extensions().get::<ClientAddress>().map(ToString::to_string),
            request_id: request_id.to_owned(),
        }
    }
}

/// The entry of what was shown, with the status and the digest of what showed it.
pub(super) fn read(reader: Reader, shown: Shown, (status, answer_sha256): (u16, Sha256Hex)) -> Read {
    let Reader { actor, credential, operation, target, address, request_id } = reader;
    let subjects: BTreeSet<Uuid> = shown.restricted.union(&shown.subjects).copied().collect();
    let entry = AccessEntry {
        id: AccessEntryId::new(),
        at: Instant::now(),
        actor,
        credential,
        operation: operation.to_owned(),
        target,
        status,
        known_seq: shown.known_seq,
        answer_sha256,
        request_sha256: shown.request_sha256,
        vendor_count: shown.subjects.len().try_into().unwrap_or(u64::MAX),
        vendors: shown.subjects.into_iter().take(MOST_IDS).collect(),
        restricted_count: shown.restricted.len().try_into().unwrap_or(u64::MAX),
        restricted: shown.restricted.into_iter().take(MOST_IDS).collect(),
        address,
        request_id,
    };
    Read { entry, subjects: subjects.into_iter().collect() }
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
