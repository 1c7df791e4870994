//! Appending to the journal, positions in it, single entries, and records as they were known.

use uuid::Uuid;

use super::{
    model::{JournalAction, JournalEntry, Knowledge, Known, SubjectKind},
    store::{self, Of},
};
use crate::{
    db::{
        Sight, Snapshot, Stamp, Tx,
        types::{DbInstant, DbJson, DbUuid},
    },
    error::{Error, Result},
    values::{Instant, Seq},
};

/// A change of one record, on its way into the journal.
pub struct Change<'a> {
    pub action: JournalAction,
    pub subject_kind: SubjectKind,
    pub subject_id: Uuid,
    /// The record's revision after the change.
    pub revision: u64,
    /// The record after the change, as JSON.
    pub payload: &'a str,
    /// The event that it records, as JSON.
    pub event: Option<&'a str>,
    pub comment: Option<&'a str>,
    /// The least sight that sees the entry.
    pub sight: Sight,
}

/// Appends the entry that a stamp has taken the place of.
///
/// # Errors
/// When the database can't take it.
pub fn append(tx: &mut Tx<'_>, stamp: &Stamp, change: &Change<'_>) -> Result<()> {
    let context = tx.context().clone();
    let mut row = store::Row {
        seq: column(stamp.seq)?,
        recorded_at: DbInstant(stamp.recorded_at),
        actor: context.actor,
        action: change.action.as_str().to_owned(),
        subject_kind: change.subject_kind.as_str().to_owned(),
        subject_id: DbUuid(change.subject_id),
        revision: column(change.revision)?,
        payload: DbJson(change.payload.to_owned()),
        event: change.event.map(|event| DbJson(event.to_owned())),
        comment: change.comment.map(ToOwned::to_owned),
        request_id: context.request_id,
        sight: change.sight.as_str().to_owned(),
        review_id: tx.review().map(DbUuid),
        digest: String::new(),
    };
    row.digest = row.computed_digest();
    store::insert(tx.connection(), row)?;
    tx.filled();
    Ok(())
}

/// A position or revision as a column holds it.
///
/// # Errors
/// Past 2^63, which no registry reaches.
pub fn column(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| Error::internal(format!("{number} is out of range")))
}

/// The position of the journal that a client means.
///
/// # Errors
/// Both `known_at` and `known_seq`, or a `known_seq` beyond the head.
pub fn resolve(snapshot: &mut Snapshot<'_>, known: Known) -> Result<Knowledge> {
    let knowledge = position(snapshot, known)?;
    snapshot.evidence().known(knowledge.seq);
    Ok(knowledge)
}

fn position(snapshot: &mut Snapshot<'_>, known: Known) -> Result<Knowledge> {
    let head = snapshot.head()?;
    let recorded = |seq: u64, at: Instant| Knowledge {
        seq,
        recorded_at: (seq > 0).then_some(at),
        is_head: seq == head.seq,
    };
    match (known.known_at, known.known_seq.map(Seq::get)) {
        (None, None) => Ok(recorded(head.seq, head.recorded_at)),
        (Some(_), Some(_)) => {
            Err(Error::invalid("known_at", "exclusive", "give known_at or known_seq, not both"))
        }
        (Some(at), None) if at.0 >= head.recorded_at => Ok(recorded(head.seq, head.recorded_at)),
        (Some(at), None) => match store::position_at(snapshot.connection(), at.0)? {
            Some((seq, instant)) => Ok(recorded(unsigned(seq)?, instant)),
            None => Ok(recorded(0, head.recorded_at)),
        },
        (None, Some(seq)) if seq > head.seq => {
            let detail = format!("lies beyond the journal's head, which is {}", head.seq);
            Err(Error::invalid("known_seq", "beyond_head", detail))
        }
        (None, Some(0)) => Ok(recorded(0, head.recorded_at)),
        (None, Some(seq)) => match store::recorded_at(snapshot.connection(), column(seq)?)? {
            Some(instant) => Ok(recorded(seq, instant)),
            None => Err(Error::internal(format!("the journal has no entry {seq}"))),
        },
    }
}

/// The last entry about one of these kinds of records at or before a position, whoever sees it, by its position and instant;
/// `None` where there is none. What follows from those records alone has not changed since. The position alone would not tell: a
/// database that lost its last entries gives their positions to others.
///
/// # Errors
/// When the database can't answer.
pub fn last_about(
    snapshot: &mut Snapshot<'_>,
    kinds: &[SubjectKind],
    seq: u64,
) -> Result<Option<(u64, Instant)>> {
    let mut last = None;
    for kind in kinds {
        let up_to = (Of::Kind(*kind), column(seq)?);
        last = last.max(store::last_seen(snapshot.connection(), Sight::Everything, up_to)?);
    }
    let Some(last) = last else { return Ok(None) };
    let recorded_at = store::recorded_at(snapshot.connection(), last)?;
    recorded_at.map(|instant| unsigned(last).map(|seq| (seq, instant))).transpose()
}

/// Notes an entry about a restricted designation, or about a review, which the answer shows.
pub(super) fn note(snapshot: &Snapshot<'_>, (row, now): &store::Shown) {
    let public = Sight::Public.as_str();
    let restricted = row.sight != public || now.as_deref().is_some_and(|now| now != public);
    match SubjectKind::parse(&row.subject_kind).filter(|_| restricted) {
        Some(SubjectKind::Designation) => snapshot.evidence().restricted(row.subject_id.0),
        Some(SubjectKind::Review) => {
            snapshot.evidence().restricted(row.subject_id.0);
            if let Some(designation) = designation_of(&row.payload.0) {
                snapshot.evidence().restricted(designation);
            }
        }
        Some(SubjectKind::Vendor | SubjectKind::Authority | SubjectKind::Regime | SubjectKind::ApiKey)
        | None => {}
    }
}

/// The designation that a stored review is about.
#[must_use]
pub fn designation_of(review: &str) -> Option<Uuid> {
    #[derive(serde::Deserialize)]
    struct About {
        designation_id: Uuid,
    }
    serde_json::from_str::<About>(review).ok().map(|about| about.designation_id)
}

/// A record as known at a position, as far as it is seen: its revision and its text.
///
/// # Errors
/// When the database can't answer.
pub fn record_at(snapshot: &mut Snapshot<'_>, subject: Uuid, seq: u64) -> Result<Option<(u64, String)>> {
    let row = last_seen(snapshot, subject, column(seq)?)?;
    row.map(|row| Ok((unsigned(row.revision)?, row.payload.0))).transpose()
}

/// The last entry of a record at or before a position, of those that are seen.
pub(super) fn last_seen(snapshot: &mut Snapshot<'_>, subject: Uuid, seq: i64) -> Result<Option<store::Row>> {
    let sight = snapshot.sight();
    store::last_of(snapshot.connection(), sight, (subject, seq))
}

/// Those of these records that were recorded by a position, each as it was known then, as far as they are seen.
///
/// # Errors
/// When the database can't answer.
pub fn records_at(snapshot: &mut Snapshot<'_>, subjects: &[Uuid], seq: u64) -> Result<Vec<(Uuid, String)>> {
    let sight = snapshot.sight();
    let found = store::last_of_each(snapshot.connection(), sight, (subjects, column(seq)?))?;
    Ok(found.into_iter().map(|(id, payload)| (id.0, payload.0)).collect())
}

/// One entry.
///
/// # Errors
/// When there is none that is seen.
pub fn entry(snapshot: &mut Snapshot<'_>, seq: u64) -> Result<JournalEntry> {
    let missing = || Error::not_found("journal entry", seq);
    let (seq, sight) = (i64::try_from(seq).map_err(|_| missing())?, snapshot.sight());
    let shown = store::find(snapshot.connection(), sight, seq)?.ok_or_else(missing)?;
    note(snapshot, &shown);
    shown.0.try_into()
}

/// A position or revision from a column.
///
/// # Errors
/// A negative one, which the registry never writes.
pub fn unsigned(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|_| Error::internal(format!("a stored number is negative: {number}")))
}
