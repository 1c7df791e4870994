//! An entry of the access log. No I/O.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::values::{AccessEntryId, Instant, Sha256Hex};

/// The most ids of one kind that an entry names; their number is whole.
pub const MOST_IDS: usize = 500;

/// The most characters of a request target that are kept.
pub const MOST_OF_TARGET: usize = 36_000;

/// Somebody's read: a standing that was answered, or restricted records that were shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccessEntry {
    /// The entry's id, given when the read was recorded.
    pub id: AccessEntryId,
    /// When it was answered.
    pub at: Instant,
    /// Who asked, as the journal names them.
    #[schema(max_length = 200)]
    pub actor: String,
    /// What they signed in with: an API key by its id, or single sign-on; `none` where nobody had to sign in, and where the
    /// example asked. Never the secret.
    #[schema(max_length = 500, example = "key:0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77")]
    pub credential: String,
    /// The operation's id in this document.
    #[schema(max_length = 100, example = "get_vendor_standing")]
    pub operation: String,
    /// What was asked: path and query, whole.
    #[schema(
        max_length = 36000,
        example = "/v1/vendors/0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77/standing?on=2026-04-10"
    )]
    pub target: String,
    /// The status: 304 where the client was told that what it has still holds; also of a refusal that tells something of a
    /// restricted record.
    #[schema(minimum = 200, maximum = 599)]
    pub status: u16,
    /// The journal position that the answer was given from; null where it has none.
    #[schema(required)]
    pub known_seq: Option<u64>,
    /// SHA-256 of the answer's body: with 304 of the body that the client has, and with HEAD, which sends none, of an empty
    /// one (`e3b0c442…`), though the headers tell what the entry names. An export has two entries with one `request_id`: that
    /// of its beginning, which names the records and has the digest of an empty body; and, once all of it was sent, one with
    /// the digest of the whole file. With 304, with HEAD, and where it was cut off, it has the first alone; HEAD and a file
    /// that was cut off look alike.
    pub answer_sha256: Sha256Hex,
    /// SHA-256 of the request's body, which holds the vendors of a batch; null where it had none.
    #[schema(required)]
    pub request_sha256: Option<Sha256Hex>,
    /// The vendors that a standing was about, 500 at most; the entry is found by all of them.
    #[schema(max_items = 500)]
    pub vendors: Vec<Uuid>,
    /// How many they were in all.
    pub vendor_count: u64,
    /// The restricted designations that were shown, and the reviews with the designations that they are about, 500 at most;
    /// the entry is found by all of them.
    #[schema(max_items = 500)]
    pub restricted: Vec<Uuid>,
    /// How many they were in all.
    pub restricted_count: u64,
    /// The client's address; null where it is not known.
    #[schema(required, max_length = 60)]
    pub address: Option<String>,
    /// The request that asked.
    #[schema(max_length = 128)]
    pub request_id: String,
}

/// An entry on its way into the log, with every vendor and designation by which it is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    pub entry: AccessEntry,
    pub subjects: Vec<Uuid>,
}
