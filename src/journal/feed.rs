//! The journal read on from a position: the change feed, and the history of a record.

use uuid::Uuid;

use super::{
    model::{HistoryEntry, JournalEntry, SubjectKind},
    service::{last_seen, note, unsigned},
    store::{self, Of},
};
use crate::{
    db::Snapshot,
    error::{Error, Result},
};

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

/// Nobody has seen what is not there: a registry that lost its last entries, or another one, would let them miss as many.
///
/// # Errors
/// When a position that is stated under this name lies beyond the head.
pub fn within_head(head: u64, (stated, after): (&'static str, u64)) -> Result<()> {
    if after <= head {
        return Ok(());
    }
    let detail =
        format!("lies beyond the journal's head, which is {head}; is this the registry that it is from?");
    Err(Error::invalid(stated, "beyond_head", detail))
}

/// The entries after a position that are seen, oldest first.
///
/// # Errors
/// A position beyond the head; the database can't answer.
pub fn feed(snapshot: &mut Snapshot<'_>, request: &FeedRequest) -> Result<Entries<JournalEntry>> {
    within_head(snapshot.head()?.seq, ("after", request.after))?;
    entries_after(snapshot, request)
}

fn entries_after(snapshot: &mut Snapshot<'_>, request: &FeedRequest) -> Result<Entries<JournalEntry>> {
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
/// A position beyond the head; the database can't answer.
pub fn follow(snapshot: &mut Snapshot<'_>, request: &FeedRequest) -> Result<Following> {
    let head = snapshot.head()?.seq;
    within_head(head, ("after", request.after))?;
    snapshot.evidence().known(head);
    let Entries { items: mut entries, cut } = entries_after(snapshot, request)?;
    // The last of a full reading only says that there is more.
    let is_full = i64::try_from(entries.len()).is_ok_and(|count| count >= request.limit);
    if is_full {
        entries.pop();
    }
    let is_cut = cut || is_full;
    let last = entries.last().map_or(request.after, |entry| entry.seq);
    Ok(Following { entries, after: if is_cut { last } else { head }, is_cut })
}

/// Where somebody begins who wants what is recorded from now on: the head, and the last position up to it that they see.
///
/// # Errors
/// When the database can't answer.
pub fn beginning(snapshot: &mut Snapshot<'_>, subject_kind: Option<SubjectKind>) -> Result<(u64, u64)> {
    let (head, sight) = (snapshot.head()?.seq, snapshot.sight());
    let of = Of::of_kind(subject_kind);
    let seen = store::last_seen(snapshot.connection(), sight, (of, i64::MAX))?;
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
            let entry: JournalEntry = row.try_into()?;
            Ok(HistoryEntry {
                seq: entry.seq,
                recorded_at: entry.recorded_at,
                actor: entry.actor,
                action: entry.action,
                revision: entry.revision,
                payload: entry.payload,
                patch,
                event: entry.event,
                comment: entry.comment,
                request_id: entry.request_id,
                review_id: entry.review_id,
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
