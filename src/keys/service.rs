//! Use cases of keys: making and revoking one, each a change like any other, and telling who shows one.

use uuid::Uuid;

use super::{
    keyring::{Keyring, Made},
    model::{ApiKey, ApiKeyCreate, ApiKeyRecord, ApiKeyStatus},
    store,
};
use crate::{
    access::{Role, person::is_own_name},
    db::{AnyConnection, Db, Sight, Snapshot, Stamp, Tx},
    error::{Error, Result},
    http::{Precondition, to_json},
    journal::{self, Change, JournalAction, SubjectKind},
    values::{ApiKeyId, Ended, Instant, Prose},
};

/// How many keys an actor can have under one name at a time: one in use, and the next, while the key is changed where it is
/// used.
const MOST_LIVE: usize = 2;

/// Records a key that was just made.
///
/// # Errors
/// An actor's name that is the registry's own, an expiry that has passed, or two live keys of the actor under the name.
pub fn create(tx: &mut Tx<'_>, made: &Made, stated: ApiKeyCreate) -> Result<ApiKeyRecord> {
    let now = Instant::now();
    if is_own_name(&stated.actor) {
        let detail =
            "is a name under which the registry itself writes in the journal; give the person's or program's";
        return Err(Error::invalid("/actor", "reserved", detail));
    }
    if stated.expires_at.is_some_and(|expires| expires <= now) {
        return Err(Error::invalid("/expires_at", "in_the_past", "must lie in the future"));
    }
    let owner = (&*stated.actor, &*stated.name);
    if store::live(tx.connection(), owner, now)? >= MOST_LIVE {
        let (actor, name) = owner;
        let detail = format!(
            "{actor} has {MOST_LIVE} live keys under the name {name}: one in use and the next; revoke one of them first"
        );
        return Err(Error::conflict("two_live_keys", detail));
    }
    let stamp = tx.stamp();
    let by = tx.context().actor.clone();
    let record = ApiKeyRecord::new(made.id, stated, by, stamp.recorded_at);
    append(tx, &stamp, JournalAction::ApiKeyCreated, (&record, None))?;
    store::insert(tx.connection(), &record, made, stamp.seq)?;
    Ok(record)
}

/// Revokes a key: from its commit on no process takes it.
///
/// # Errors
/// When there is none, a stale precondition, or one that is revoked already.
pub fn revoke(
    tx: &mut Tx<'_>,
    id: ApiKeyId,
    condition: &Precondition,
    comment: Option<Prose<10000>>,
) -> Result<ApiKeyRecord> {
    let found = store::record(tx.connection(), id)?;
    let (revision, document) = found.ok_or_else(|| Error::not_found("API key", id))?;
    condition.check(revision)?;
    let record = store::parsed(&document)?;
    match record.status {
        ApiKeyStatus::Active => {}
        ApiKeyStatus::Revoked => {
            return Err(Error::conflict("already_revoked", format!("API key {id} is revoked already")));
        }
    }
    let stamp = tx.stamp();
    let by = tx.context().actor.clone();
    let next = record.revoked(Ended { at: stamp.recorded_at, by, comment: comment.clone() });
    append(tx, &stamp, JournalAction::ApiKeyRevoked, (&next, comment.as_deref()))?;
    store::update(tx.connection(), &next)?;
    Ok(next)
}

/// A key as it is shown.
///
/// # Errors
/// When there is none.
pub fn get(snapshot: &mut Snapshot<'_>, id: ApiKeyId) -> Result<ApiKey> {
    shown(snapshot.connection(), id)
}

/// [`get`], within a change.
///
/// # Errors
/// When there is none.
pub fn shown(connection: &mut AnyConnection, id: ApiKeyId) -> Result<ApiKey> {
    let (_, document) = store::record(connection, id)?.ok_or_else(|| Error::not_found("API key", id))?;
    Ok(store::parsed(&document)?.shown(store::last_used(connection, id)?, None))
}

/// Keys in the order in which they were made, after one of them.
///
/// # Errors
/// When the database can't answer.
pub fn list(snapshot: &mut Snapshot<'_>, after: Option<Uuid>, limit: i64) -> Result<Vec<ApiKey>> {
    let found = store::list(snapshot.connection(), after, limit)?;
    found.into_iter().map(|(document, used)| Ok(store::parsed(&document)?.shown(used, None))).collect()
}

/// How many keys that are not revoked don't work, because they were made under another server's secret.
///
/// # Errors
/// When the database can't answer.
pub fn made_otherwise(connection: &mut AnyConnection, keyring: &Keyring) -> Result<u64> {
    store::hashed_otherwise(connection, &keyring.fingerprint()?)
}

/// Who showed a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub id: ApiKeyId,
    pub actor: String,
    pub role: Role,
}

/// Why a key does not let anybody in.
#[derive(Debug)]
pub enum Refusal {
    /// It can be no key of this registry, whatever is stored.
    Malformed,
    /// There is no such key, or its secret is another.
    Unknown,
    /// It is the key, and its time is over.
    Expired(Instant),
    /// It is the key, and it was revoked.
    Revoked,
    /// That can't be told now.
    Failed(Error),
}

/// Who shows this key. It is looked up each time, so that one that was revoked is refused by every process at once.
///
/// # Errors
/// Why nobody is let in.
pub async fn check(db: &Db, keyring: &Keyring, text: &str) -> std::result::Result<Holder, Refusal> {
    let shown = keyring.read(text).ok_or(Refusal::Malformed)?;
    let id = shown.id;
    let held = db.look_up(move |connection| store::held(connection, id)).await.map_err(Refusal::Failed)?;
    let hash = held.as_ref().map(|held| held.hash.as_str());
    let fits = keyring.fits(&shown, hash).map_err(Refusal::Failed)?;
    // Only whoever has the key itself is told more of it.
    let held = held.filter(|_| fits).ok_or(Refusal::Unknown)?;
    if ApiKeyStatus::parse(&held.status) != Some(ApiKeyStatus::Active) {
        return Err(Refusal::Revoked);
    }
    if let Some(expires) = held.expires_at.filter(|expires| expires.0 <= Instant::now()) {
        return Err(Refusal::Expired(expires.0));
    }
    let unknown = || Error::internal(format!("the role of API key {id} is {}", held.role));
    let role = Role::parse(&held.role).ok_or_else(unknown).map_err(Refusal::Failed)?;
    Ok(Holder { id, actor: held.actor, role })
}

fn append(
    tx: &mut Tx<'_>,
    stamp: &Stamp,
    action: JournalAction,
    (record, comment): (&ApiKeyRecord, Option<&str>),
) -> Result<()> {
    let change = Change {
        action,
        subject_kind: SubjectKind::ApiKey,
        subject_id: record.id.uuid(),
        revision: record.revision,
        payload: &to_json(record)?,
        event: None,
        comment,
        sight: Sight::Everything,
    };
    journal::append(tx, stamp, &change)
}
