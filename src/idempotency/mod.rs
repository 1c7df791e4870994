//! Idempotency keys: the answer to a write, kept for a day in the transaction of the write, so that a client that
//! repeats its request gets the first answer and nothing is recorded twice. Only successes are kept.

mod store;

use crate::{
    db::Tx,
    error::{Error, Result},
    http::Reply,
    values::Instant,
};

/// How long an answer is kept, in seconds.
pub const KEPT_SECONDS: i64 = 24 * 60 * 60;

/// What a key stands for: one request of one actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub actor: String,
    pub method: String,
    pub path: String,
    pub key: String,
    /// SHA-256 of the query and the body.
    pub request_sha256: String,
}

/// Runs a write once for its key, or gives the answer of the first time.
///
/// # Errors
/// The write's own; `KeyReused` where the key stands for another request.
pub fn once(
    tx: &mut Tx<'_>,
    key: Option<&Key>,
    run: impl FnOnce(&mut Tx<'_>) -> Result<Reply>,
) -> Result<Reply> {
    let Some(key) = key else { return run(tx) };
    let now = Instant::now();
    let fresh_since = now.plus_seconds(-KEPT_SECONDS);
    store::forget_before(tx.connection(), fresh_since)?;
    match store::find(tx.connection(), key)? {
        Some((request_sha256, _)) if request_sha256 != key.request_sha256 => Err(Error::KeyReused),
        Some((_, reply)) => {
            // What it shows is not known any more; that it was shown again is.
            tx.context().evidence.is_due();
            Ok(reply)
        }
        None => {
            let reply = run(tx)?;
            store::keep(tx.connection(), key, &reply, now)?;
            Ok(reply)
        }
    }
}
