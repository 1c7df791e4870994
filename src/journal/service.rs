//! Appending to the journal, and looking back through it.

use uuid::Uuid;

use super::{
    model::{HistoryEntry, JournalAction, JournalEntry, Knowledge, Known, SubjectKind},
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

/// Notes an entry about a restricted designation, or about a review, which the answer shows.
fn note(snapshot: &Snapshot<'_>, (row, now): &store::Shown) {
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
fn last_seen(snapshot: &mut Snapshot<'_>, subject: Uuid, seq: i64) -> Result<Option<store::Row>> {
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

/// What of the feed is asked for.
#[derive(Debug, Clone, Copy)]
pub struct FeedRequest {
    pub after: u64,
    pub subject_kind: Option<SubjectKind>,
    /// How many entries to read: one more than are shown.
    pub limit: i64,
    /// After how many bytes of their texts there are enough.
    pub bytes: usize,
}

/// The entries after a position that are seen, oldest first.
///
/// # Errors
/// When the database can't answer.
pub fn feed(snapshot: &mut Snapshot<'_>, request: &FeedRequest) -> Result<Entries<JournalEntry>> {
    let after = i64::try_from(request.after).unwrap_or(i64::MAX);
    let of = Of::of_kind(request.subject_kind);
    let (rows, cut) = bounded(snapshot, after, (request.limit, request.bytes), of)?;
    Ok(Entries { items: rows.into_iter().map(TryInto::try_into).collect::<Result<_>>()?, cut })
}

/// What comes next to somebody who follows the feed.
#[derive(Debug)]
pub struct Following {
    pub entries: Vec<JournalEntry>,
    /// After which position it goes on: past what they don't see, too.
    pub after: u64,
    /// Whether there may be more by now.
    pub is_cut: bool,
}

/// What of the feed comes after a position, and how far that has gone.
///
/// # Errors
/// When the database can't answer.
pub fn follow(snapshot: &mut Snapshot<'_>, request: &FeedRequest) -> Result<Following> {
    let head = snapshot.head()?.seq;
    snapshot.evidence().known(head);
    let Entries { items: mut entries, cut } = feed(snapshot, request)?;
    // The last of a full reading only says that there is more.
    let is_full = i64::try_from(entries.len()).is_ok_and(|count| count >= request.limit);
    if is_full {
        entries.pop();
    }
    let is_cut = cut || is_full;
    let last = entries.last().map_or(request.after, |entry| entry.seq);
    Ok(Following { entries, after: if is_cut { last } else { head.max(request.after) }, is_cut })
}

/// Where somebody begins who wants what is recorded from now on: the head, and the last position up to it that they see.
///
/// # Errors
/// When the database can't answer.
pub fn beginning(snapshot: &mut Snapshot<'_>, subject_kind: Option<SubjectKind>) -> Result<(u64, u64)> {
    let (head, sight) = (snapshot.head()?.seq, snapshot.sight());
    let of = Of::of_kind(subject_kind);
    let seen = store::last_seen(snapshot.connection(), sight, of)?;
    Ok((head, unsigned(seen.unwrap_or(0))?))
}

/// A page ends with the entry whose texts take it past so many bytes.
pub const PAGE_BYTES: usize = 8 * 1024 * 1024;

/// How many entries are read at a time: a single one can be as large as half a page.
const STRIDE: i64 = 8;

/// A page of entries, cut short where their texts are large: the cursor of what is there goes on with the rest.
fn bounded(
    snapshot: &mut Snapshot<'_>,
    after: i64,
    (limit, most_bytes): (i64, usize),
    of: Of,
) -> Result<(Vec<store::Row>, bool)> {
    let (mut page, sight): (Vec<store::Row>, _) = (Vec::new(), snapshot.sight());
    let (mut last, mut left, mut bytes) = (after, limit, 0_usize);
    while left > 0 {
        let stretch = store::Stretch { after: last, limit: left.min(STRIDE), of };
        let rows = store::after(snapshot.connection(), sight, stretch)?;
        // Where fewer come than are asked for there are no more.
        let is_last = i64::try_from(rows.len()).is_ok_and(|count| count < stretch.limit);
        for shown in rows {
            // The last of a full reading is not on the page: it only says that there is more.
            if left > 1 {
                note(snapshot, &shown);
            }
            let (row, _) = shown;
            last = row.seq;
            left = left.saturating_sub(1);
            bytes = bytes.saturating_add(row.bytes());
            page.push(row);
            if bytes >= most_bytes {
                return Ok((page, true));
            }
        }
        if is_last {
            break;
        }
    }
    Ok((page, false))
}

/// Entries of a page, and whether it was cut short because their texts are large.
#[derive(Debug)]
pub struct Entries<T> {
    pub items: Vec<T>,
    pub cut: bool,
}

/// The history of a record as far as it is seen, oldest first, with what each entry changed since the one before that is
/// seen.
///
/// # Errors
/// When the record is not of this kind, or nothing of it is there to be seen.
pub fn history(
    snapshot: &mut Snapshot<'_>,
    (kind, subject): (SubjectKind, Uuid),
    after: Option<u64>,
    limit: i64,
) -> Result<Entries<HistoryEntry>> {
    let from = i64::try_from(after.unwrap_or(0)).unwrap_or(i64::MAX);
    let mut before = match after {
        Some(_) => last_seen(snapshot, subject, from)?.map(|row| row.payload.0),
        None => None,
    };
    let (rows, cut) = bounded(snapshot, from, (limit, PAGE_BYTES), Of::Record(subject))?;
    let other = rows.first().is_some_and(|row| row.subject_kind != kind.as_str());
    if other || (rows.is_empty() && after.is_none()) {
        return Err(Error::not_found(kind.as_str(), subject));
    }
    let entries = rows
        .into_iter()
        .map(|row| {
            let payload = row.payload.0.clone();
            let patch = before
                .as_deref()
                .map_or(Ok(json_patch::Patch::default()), |before| diff(before, &payload))?;
            before = Some(payload);
            let JournalEntry {
                seq,
                recorded_at,
                actor,
                action,
                revision,
                payload,
                event,
                comment,
                request_id,
                review_id,
                ..
            } = row.try_into()?;
            Ok(HistoryEntry {
                seq,
                recorded_at,
                actor,
                action,
                revision,
                payload,
                patch,
                event,
                comment,
                request_id,
                review_id,
            })
        })
        .collect::<Result<_>>()?;
    Ok(Entries { items: entries, cut })
}

fn diff(before: &str, after: &str) -> Result<json_patch::Patch> {
    let read = |text: &str| {
        serde_json::from_str::<serde_json::Value>(text)
            .map_err(|failure| Error::internal(format!("a stored record can't be read: {failure}")))
    };
    Ok(json_patch::diff(&read(before)?, &read(after)?))
}

/// A position or revision from a column.
///
/// # Errors
/// A negative one, which the registry never writes.
pub fn unsigned(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|_| Error::internal(format!("a stored number is negative: {number}")))
}
