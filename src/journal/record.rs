//! What vendors, authorities and regimes have in common: each change of one is a revision and an entry of the journal,
//! a merge patch changes it, and it is retired rather than deleted. The tables are the slices' own.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

use super::{
    model::{JournalAction, Knowledge, SubjectKind},
    service::{Change, append, record_at},
};
use crate::{
    db::{Sight, Snapshot, Stamp, Tx},
    error::{Error, Result},
    http::{Precondition, strict, to_json},
    values::{Ended, Instant, Prose, RecordStatus},
};

/// What the journal calls the changes of a kind of record.
#[derive(Debug, Clone, Copy)]
pub struct Actions {
    pub created: JournalAction,
    pub updated: JournalAction,
    pub retired: JournalAction,
    pub reactivated: JournalAction,
}

/// A record that is changed by merge patches and retired. `recorded!` implements it.
pub trait Record: Serialize + DeserializeOwned {
    /// What a client may change of it.
    type Fields: PartialEq + Serialize + DeserializeOwned;
    const KIND: SubjectKind;
    const ACTIONS: Actions;

    fn id(&self) -> Uuid;
    fn revision(&self) -> u64;
    fn status(&self) -> RecordStatus;
    fn fields(&self) -> Self::Fields;
    /// The same record with other fields, one revision on.
    #[must_use]
    fn revised(&self, fields: Self::Fields, at: Instant) -> Self;
    /// The same record, ended or (with `None`) active.
    #[must_use]
    fn ended(self, ended: Option<Ended>) -> Self;
}

/// Implements [`Record`] for a struct with the usual fields and with `fields()` and `replaced(fields, at)`, which makes
/// the first revision of the same record with other fields.
macro_rules! recorded {
    ($record:ident, $fields:ident, [$created:ident, $updated:ident, $retired:ident, $reactivated:ident]) => {
        impl crate::journal::Record for $record {
            type Fields = $fields;
            const ACTIONS: crate::journal::record::Actions = crate::journal::record::Actions {
                created: crate::journal::JournalAction::$created,
                updated: crate::journal::JournalAction::$updated,
                retired: crate::journal::JournalAction::$retired,
                reactivated: crate::journal::JournalAction::$reactivated,
            };
            const KIND: crate::journal::SubjectKind = crate::journal::SubjectKind::$record;

            fn id(&self) -> uuid::Uuid {
                self.id.uuid()
            }

            fn revision(&self) -> u64 {
                self.revision
            }

            fn status(&self) -> crate::values::RecordStatus {
                self.status
            }

            fn fields(&self) -> $fields {
                Self::fields(self)
            }

            fn revised(&self, fields: $fields, at: crate::values::Instant) -> Self {
                Self {
                    revision: self.revision.saturating_add(1),
                    created_at: self.created_at,
                    status: self.status,
                    ended: self.ended.clone(),
                    ..self.replaced(fields, at)
                }
            }

            fn ended(self, ended: Option<crate::values::Ended>) -> Self {
                let status = match ended {
                    Some(_) => crate::values::RecordStatus::Retired,
                    None => crate::values::RecordStatus::Active,
                };
                Self { status, ended, ..self }
            }
        }
    };
}
pub(crate) use recorded;

/// Appends the entry of a record's first revision.
///
/// # Errors
/// When the database can't take it.
pub fn created<R: Record>(tx: &mut Tx<'_>, stamp: &Stamp, record: &R) -> Result<()> {
    entry(tx, stamp, R::ACTIONS.created, (record, None))
}

/// Reads a stored record for a change, under the change's condition.
///
/// # Errors
/// When there is none, or it is at another revision.
pub fn to_change<R: Record>(id: Uuid, found: Option<(u64, String)>, condition: &Precondition) -> Result<R> {
    let (revision, document) = found.ok_or_else(|| Error::not_found(R::KIND.as_str(), id))?;
    condition.check(revision)?;
    parsed(&document)
}

/// Reads a stored record.
///
/// # Errors
/// Internal: the registry reads what it wrote.
pub fn parsed<R: Record>(document: &str) -> Result<R> {
    serde_json::from_str(document)
        .map_err(|failure| Error::internal(format!("a stored {} can't be read: {failure}", R::KIND)))
}

/// What a merge patch makes of a record.
pub struct Patched<'r, R: Record> {
    before: &'r R,
    pub fields: R::Fields,
    pub reactivates: bool,
}

/// Applies a merge patch to what a client may change. `None`: it changes nothing, and nothing is to be recorded.
///
/// # Errors
/// A field that can't be changed, or a result that is invalid.
pub fn patched<R: Record>(before: &R, mut patch: Value) -> Result<Option<Patched<'_, R>>> {
    let reactivate = strict::take_reactivation(&mut patch)?;
    let current =
        serde_json::to_value(before.fields()).map_err(|failure| Error::internal(failure.to_string()))?;
    let fields: R::Fields =
        strict::merge::<R, _>(current, patch).map_err(|fault| Error::Invalid(vec![fault]))?;
    let reactivates = reactivate && before.status() == RecordStatus::Retired;
    let changes = reactivates || fields != before.fields();
    Ok(changes.then_some(Patched { before, fields, reactivates }))
}

impl<R: Record> Patched<'_, R> {
    /// Appends the entry of the change and gives the record after it.
    ///
    /// # Errors
    /// When the database can't take it.
    pub fn record(self, tx: &mut Tx<'_>) -> Result<R> {
        let stamp = tx.stamp();
        let mut next = self.before.revised(self.fields, stamp.recorded_at);
        let mut action = R::ACTIONS.updated;
        if self.reactivates {
            next = next.ended(None);
            action = R::ACTIONS.reactivated;
        }
        entry(tx, &stamp, action, (&next, None))?;
        Ok(next)
    }
}

/// # Errors
/// Conflict, where the record is retired already.
pub fn must_not_be_retired<R: Record>(record: &R) -> Result<()> {
    match record.status() {
        RecordStatus::Active => Ok(()),
        RecordStatus::Retired => {
            let detail = format!("{} {} is retired already", R::KIND, record.id());
            Err(Error::conflict("already_retired", detail))
        }
    }
}

/// Appends the entry of a retirement and gives the record after it.
///
/// # Errors
/// When the database can't take it.
pub fn retire<R: Record>(tx: &mut Tx<'_>, record: &R, comment: Option<Prose<10000>>) -> Result<R> {
    let stamp = tx.stamp();
    let by = tx.context().actor.clone();
    let ended = Ended { at: stamp.recorded_at, by, comment: comment.clone() };
    let next = record.revised(record.fields(), stamp.recorded_at).ended(Some(ended));
    entry(tx, &stamp, R::ACTIONS.retired, (&next, comment.as_deref()))?;
    Ok(next)
}

/// A record as known, as its revision and text; `current` is what its table has.
///
/// # Errors
/// When there is none, or was none then.
pub fn as_known(
    snapshot: &mut Snapshot<'_>,
    (kind, id): (SubjectKind, Uuid),
    current: Option<(u64, String)>,
    known: Knowledge,
) -> Result<(u64, String)> {
    let missing = || Error::not_found(kind.as_str(), id);
    let current = current.ok_or_else(missing)?;
    if known.is_head {
        return Ok(current);
    }
    record_at(snapshot, id, known.seq)?.ok_or_else(missing)
}

/// Refuses a reference to a record that is not there (`status` is `None`) or not in use.
///
/// # Errors
/// Invalid, at the pointer of the field that holds the reference.
pub fn must_be_active((kind, id): (SubjectKind, Uuid), status: Option<&str>, pointer: &str) -> Result<()> {
    match status {
        None => Err(Error::invalid(pointer, "unknown_reference", format!("there is no {kind} {id}"))),
        Some(status) if status == RecordStatus::Active.as_str() => Ok(()),
        Some(_) => {
            let detail =
                format!("{kind} {id} is retired; reactivate it with PATCH {{\"status\": \"active\"}} first");
            Err(Error::invalid(pointer, "retired_reference", detail))
        }
    }
}

fn entry<R: Record>(
    tx: &mut Tx<'_>,
    stamp: &Stamp,
    action: JournalAction,
    (record, comment): (&R, Option<&str>),
) -> Result<()> {
    let change = Change {
        action,
        subject_kind: R::KIND,
        subject_id: record.id(),
        revision: record.revision(),
        payload: &to_json(record)?,
        event: None,
        comment,
        sight: Sight::Public,
    };
    append(tx, stamp, &change)
}
