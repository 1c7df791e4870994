//! The change feed and single entries.

use actix_web::{get, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    feed::{self, Entries, FeedRequest},
    follower::next_entries,
    followers::Followers,
    model::{HistoryEntry, JournalEntry, Knowledge, Known, KnownAt, SubjectKind, Wait},
    record::Record,
    service,
    stream::stream_journal_entries,
};
use crate::{
    db::{Context, Cost, Db, Snapshot, Tx},
    error::{Error, Result},
    http::{
        Admitted, Answer, Asker, Cursor, Cursors, Handled, Limit, NoQuery, Path, Problem, Query, page::page,
        revision_etag, to_json,
    },
    values::{Prose, Seq},
};

/// The tag of these operations.
pub const TAG: &str = "Journal";

page! {
    /// A page of the change feed.
    JournalPage of JournalEntry
}

page! {
    /// A page of a record's history.
    HistoryPage of HistoryEntry
}

/// As known when. The query of reads that look back.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct KnownQuery {
    /// As known at this instant, or at the end of this date (UTC). Not together with `known_seq`.
    known_at: Option<KnownAt>,
    /// As known at this position of the journal; 0 is before the first entry, and one beyond the head is 422.
    #[param(inline)]
    known_seq: Option<Seq>,
}

impl From<KnownQuery> for Known {
    fn from(query: KnownQuery) -> Self {
        Self { known_at: query.known_at, known_seq: query.known_seq }
    }
}

/// Which page of a list.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many items the page has at most.
    #[serde(default)]
    #[param(inline, required = false)]
    pub limit: Limit,
    /// The `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// The query of a deletion, which retires.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RetireQuery {
    /// Why, for the journal.
    pub comment: Option<Prose<10000>>,
}

/// A page of entries; one that was cut short goes on after its last entry.
fn page_of<T>(
    cursors: &Cursors,
    entries: Entries<T>,
    limit: Limit,
    seq: impl Fn(&T) -> u64,
) -> (Vec<T>, Option<Cursor>) {
    let Entries { items, cut } = entries;
    let (items, next) = cursors.page(items, limit, &seq);
    let after_cut = || items.last().filter(|_| cut).and_then(|last| cursors.after(seq(last)));
    let next = next.or_else(after_cut);
    (items, next)
}

/// Answers with a record as known; `read` is its slice's.
///
/// # Errors
/// The read's own, and a position that can't be.
pub async fn read_record<R, F>(db: &Db, asker: Asker, query: KnownQuery, read: F) -> Handled<R>
where
    F: FnOnce(&mut Snapshot<'_>, Knowledge) -> Result<(u64, String)> + Send + 'static,
{
    let read = move |snapshot: &mut Snapshot<'_>| {
        let known = service::resolve(snapshot, query.into())?;
        read(snapshot, known)
    };
    let (revision, document) = db.read(asker.0, Cost::Key, read).await?;
    Ok(Answer::stored(document, revision_etag(revision)))
}

/// Answers with a record after a change of it.
///
/// # Errors
/// The change's own.
pub async fn change_record<R, F>(db: &Db, context: Context, change: F) -> Handled<R>
where
    R: Record + Send + 'static,
    F: FnMut(&mut Tx<'_>) -> Result<R> + Send + 'static,
{
    let record = db.write(context, change).await?;
    Ok(Answer::stored(to_json(&record)?, revision_etag(record.revision())))
}

/// A page of the history of a record; each slice offers it for its own records.
///
/// # Errors
/// When the record is not of this kind or is not there, and a cursor that does not fit.
pub async fn history_page(
    db: &Db,
    asker: Asker,
    (kind, subject): (SubjectKind, uuid::Uuid),
    query: PageQuery,
) -> Handled<HistoryPage> {
    let cursors = Cursors::of("history", &subject);
    let after: Option<u64> = cursors.read(query.cursor.as_ref())?;
    let limit = query.limit;
    let entries = db
        .read(asker.0, Cost::Scan, move |snapshot| {
            feed::history(snapshot, (kind, subject), after, limit.and_one())
        })
        .await?;
    let (items, next_cursor) = page_of(&cursors, entries, limit, |entry| entry.seq);
    Answer::of(&HistoryPage { items, next_cursor })
}

/// What of the feed is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FeedQuery {
    /// Only entries after this position, 0 to the journal's head; a poller gives the last `seq` that it has seen.
    #[param(inline)]
    after: Option<Seq>,
    /// Only entries about this kind of record.
    subject_kind: Option<SubjectKind>,
    /// How many items the page has at most.
    #[serde(default)]
    #[param(inline, required = false)]
    limit: Limit,
    /// The `next_cursor` of the page before, with the same `after` and `subject_kind`.
    cursor: Option<Cursor>,
    /// How many seconds to wait where there is nothing after the position: the answer comes as soon as something is recorded,
    /// and is an empty page when the time is over. Not together with `cursor`.
    #[serde(default)]
    #[param(inline, required = false)]
    wait: Wait,
}

/// List journal entries
///
/// The change feed: every change of every record, oldest first, without gaps but for what your role may not see. To follow
/// it, ask again with `after` set to the last `seq` that you have seen; nothing is missed and nothing comes twice. With `wait`
/// you need not ask again and again: the answer comes when there is one. `If-None-Match` is compared with what is answered
/// in the end.
#[utoipa::path(
    tag = TAG, params(FeedQuery),
    responses((status = 200, description = "A page of the feed", body = JournalPage)),
)]
#[get("/v1/journal")]
async fn list_journal_entries(
    (db, followers): (Data<Db>, Data<Followers>),
    (asker, admitted): (Asker, Admitted),
    query: Query<FeedQuery>,
) -> Handled<JournalPage> {
    let FeedQuery { after, subject_kind, limit, cursor, wait } = query.0;
    if cursor.is_some() && wait.is_any() {
        let detail = "can't go with cursor, which goes on with a page that is there; leave it out";
        return Err(Error::invalid("wait", "exclusive", detail).into());
    }
    let cursors = Cursors::of("journal", &(after, subject_kind));
    let after = cursors.read(cursor.as_ref())?.or(after.map(Seq::get)).unwrap_or(0);
    let request = FeedRequest { after, subject_kind, limit: limit.and_one(), bytes: feed::PAGE_BYTES };
    let entries = if wait.is_any() {
        next_entries((&db, &followers), (asker, admitted), (request, wait)).await?
    } else {
        db.read(asker.0, Cost::Scan, move |snapshot| feed::feed(snapshot, &request)).await?
    };
    let (items, next_cursor) = page_of(&cursors, entries, limit, |entry| entry.seq);
    Answer::of(&JournalPage { items, next_cursor })
}

/// Get a journal entry
///
/// One change, with the record as it was after it.
#[utoipa::path(
    tag = TAG, params(("seq" = Seq, Path, description = "The entry's position, from 1"), NoQuery),
    responses((status = 200, description = "The entry", body = JournalEntry)),
)]
#[get("/v1/journal/{seq}")]
async fn get_journal_entry(
    db: Data<Db>,
    asker: Asker,
    path: Path<Seq>,
    _: Query<NoQuery>,
) -> Handled<JournalEntry> {
    let seq = path.0.get();
    let entry = db
        .read(asker.0, Cost::Key, move |snapshot| service::entry(snapshot, seq))
        .await
        .map_err(Problem::from)?;
    Answer::of(&entry)
}

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_journal_entries).service(stream_journal_entries).service(get_journal_entry);
}
