//! The journal's table. It is only ever added to.

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, Selectable, SelectableHelper,
    dsl::{exists, not, sql},
    expression::SqlLiteral,
    sql_types::{Bool, Nullable, Text},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::model::{JournalAction, JournalEntry, SubjectKind};
use crate::{
    db::{
        AnyConnection, MultiBackend, Sight,
        narrow::{among, settled},
        schema::{journal, journal::dsl},
        types::{DbInstant, DbJson, DbUuid},
        unexpected, visibility_now,
    },
    error::{Error, Result},
    values::{Instant, hex},
};

/// An entry as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Insertable, Selectable)]
#[diesel(table_name = journal)]
pub struct Row {
    pub seq: i64,
    pub recorded_at: DbInstant,
    pub actor: String,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: DbUuid,
    pub revision: i64,
    pub payload: DbJson,
    pub event: Option<DbJson>,
    pub comment: Option<String>,
    pub request_id: String,
    /// The least sight that sees it.
    pub sight: String,
    /// The review whose confirmation made the change.
    pub review_id: Option<DbUuid>,
    /// SHA-256 of the rest, in hexadecimal.
    pub digest: String,
}

impl Row {
    /// How much text it holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.payload.0.len().saturating_add(self.event.as_ref().map_or(0, |event| event.0.len()))
    }

    /// The digest of everything else in the entry: each field by its length and its bytes, so that no two entries read
    /// the same.
    #[must_use]
    pub fn computed_digest(&self) -> String {
        let mut digest = Sha256::new();
        let mut take = |field: Option<&str>| {
            let length = field.map_or(u64::MAX, |text| u64::try_from(text.len()).unwrap_or(u64::MAX));
            digest.update(length.to_be_bytes());
            digest.update(field.unwrap_or_default());
        };
        take(Some(&self.seq.to_string()));
        take(Some(&self.recorded_at.0.to_string()));
        take(Some(&self.actor));
        take(Some(&self.action));
        take(Some(&self.subject_kind));
        take(Some(&self.subject_id.0.to_string()));
        take(Some(&self.revision.to_string()));
        take(Some(&self.payload.0));
        take(self.event.as_ref().map(|event| event.0.as_str()));
        take(self.comment.as_deref());
        take(Some(&self.request_id));
        take(Some(&self.sight));
        take(self.review_id.map(|id| id.0.to_string()).as_deref());
        hex(&digest.finalize())
    }
}

impl TryFrom<Row> for JournalEntry {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let broken =
            |what: &str| Error::internal(format!("journal entry {}: its {what} can't be read", row.seq));
        let raw = |text: DbJson| serde_json::value::RawValue::from_string(text.0);
        Ok(Self {
            seq: u64::try_from(row.seq).map_err(|_| broken("seq"))?,
            recorded_at: row.recorded_at.0,
            action: JournalAction::parse(&row.action).ok_or_else(|| broken("action"))?,
            subject_kind: SubjectKind::parse(&row.subject_kind).ok_or_else(|| broken("subject kind"))?,
            subject_id: row.subject_id.0,
            revision: u64::try_from(row.revision).map_err(|_| broken("revision"))?,
            payload: raw(row.payload.clone()).map_err(|_| broken("payload"))?,
            event: row.event.clone().map(raw).transpose().map_err(|_| broken("event"))?,
            actor: row.actor,
            comment: row.comment,
            request_id: row.request_id,
            review_id: row.review_id.map(|id| id.0),
        })
    }
}

pub(super) fn insert(connection: &mut AnyConnection, row: Row) -> Result<()> {
    diesel::insert_into(dsl::journal)
        .values(row)
        .execute(connection)
        .map_err(unexpected("append to the journal"))?;
    Ok(())
}

/// An entry, and the visibility that its designation has now, where it is about one.
pub(super) type Shown = (Row, Option<String>);

/// True of the entries that are seen. No index is chosen by it.
fn seen(sight: Sight) -> SqlLiteral<Bool> {
    sql(&sight.of_entries().map_or_else(|| "1 = 1".to_owned(), |seen| settled(&seen)))
}

fn now() -> SqlLiteral<Nullable<Text>> {
    sql(&visibility_now("journal.subject_id"))
}

pub(super) fn find(connection: &mut AnyConnection, sight: Sight, seq: i64) -> Result<Option<Shown>> {
    dsl::journal
        .find(seq)
        .filter(seen(sight))
        .select((Row::as_select(), now()))
        .get_result(connection)
        .optional()
        .map_err(unexpected("read a journal entry"))
}

/// The instant of an entry.
pub(super) fn recorded_at(connection: &mut AnyConnection, seq: i64) -> Result<Option<Instant>> {
    let found: Option<DbInstant> = dsl::journal
        .find(seq)
        .select(dsl::recorded_at)
        .get_result(connection)
        .optional()
        .map_err(unexpected("read a journal position"))?;
    Ok(found.map(|instant| instant.0))
}

/// The last position at or before an instant.
pub(super) fn position_at(connection: &mut AnyConnection, at: Instant) -> Result<Option<(i64, Instant)>> {
    let found: Option<(i64, DbInstant)> = dsl::journal
        .filter(dsl::recorded_at.le(DbInstant(at)))
        .order(dsl::recorded_at.desc())
        .limit(1)
        .select((dsl::seq, dsl::recorded_at))
        .get_result(connection)
        .optional()
        .map_err(unexpected("find a journal position"))?;
    Ok(found.map(|(seq, instant)| (seq, instant.0)))
}

/// The last entry of a record at or before a position, of those that are seen.
pub(super) fn last_of(
    connection: &mut AnyConnection,
    sight: Sight,
    (subject, seq): (Uuid, i64),
) -> Result<Option<Row>> {
    dsl::journal
        .filter(dsl::subject_id.eq(DbUuid(subject)))
        .filter(dsl::seq.le(seq))
        .filter(seen(sight))
        .order(dsl::seq.desc())
        .limit(1)
        .select(Row::as_select())
        .get_result(connection)
        .optional()
        .map_err(unexpected("read a record as known"))
}

/// The last payload of each of these records at or before a position, where it is seen.
pub(super) fn last_of_each(
    connection: &mut AnyConnection,
    sight: Sight,
    (subjects, seq): (&[Uuid], i64),
) -> Result<Vec<(DbUuid, DbJson)>> {
    let wanted = among(connection, "journal.subject_id", subjects.iter().copied());
    let later = diesel::alias!(journal as later);
    let superseded = later
        .filter(later.field(journal::subject_id).eq(journal::subject_id))
        .filter(later.field(journal::seq).gt(journal::seq))
        .filter(later.field(journal::seq).le(seq));
    dsl::journal
        .filter(wanted)
        .filter(dsl::seq.le(seq))
        .filter(not(exists(superseded)))
        .filter(seen(sight))
        .select((dsl::subject_id, dsl::payload))
        .load(connection)
        .map_err(unexpected("read records as known"))
}

/// Entries after a position, whoever may see them: for the program itself, which shows none to anybody.
///
/// # Errors
/// When the database can't answer.
pub fn all_after(connection: &mut AnyConnection, seq: i64, limit: i64) -> Result<Vec<Row>> {
    dsl::journal
        .filter(dsl::seq.gt(seq))
        .order(dsl::seq.asc())
        .limit(limit)
        .select(Row::as_select())
        .load(connection)
        .map_err(unexpected("read the journal"))
}

/// Which entries are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Everything,
    Kind(SubjectKind),
    Record(Uuid),
}

impl Of {
    /// Those of a kind of record, or of every kind.
    pub(super) fn of_kind(kind: Option<SubjectKind>) -> Self {
        kind.map_or(Self::Everything, Self::Kind)
    }
}

/// Which entries are read: after a position, so many at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) after: i64,
    pub(super) limit: i64,
    pub(super) of: Of,
}

/// The last position of those that are seen, up to one.
pub(super) fn last_seen(
    connection: &mut AnyConnection,
    sight: Sight,
    (of, seq): (Of, i64),
) -> Result<Option<i64>> {
    let query = dsl::journal.limit(1).select(dsl::seq).filter(seen(sight)).into_boxed::<MultiBackend>();
    let query = match of {
        Of::Everything => query.filter(dsl::seq.le(seq)).order(dsl::seq.desc()),
        Of::Record(subject) => {
            query.filter(dsl::subject_id.eq(DbUuid(subject))).filter(dsl::seq.le(seq)).order(dsl::seq.desc())
        }
        Of::Kind(kind) => query
            .filter(sql::<Bool>(&format!(
                "(subject_kind, seq) > ('{0}', -1) AND (subject_kind, seq) <= ('{0}', {seq})",
                kind.as_str(),
            )))
            .order((dsl::subject_kind.desc(), dsl::seq.desc())),
    };
    query.get_result(connection).optional().map_err(unexpected("find the last entry that is seen"))
}

/// Entries after a position that are seen, oldest first.
pub(super) fn after(connection: &mut AnyConnection, sight: Sight, stretch: Stretch) -> Result<Vec<Shown>> {
    let Stretch { after: seq, limit, of } = stretch;
    let mut query = dsl::journal.limit(limit).select((Row::as_select(), now())).into_boxed::<MultiBackend>();
    if let Some(seen) = sight.of_entries() {
        query = query.filter(sql::<Bool>(&settled(&seen)));
    }
    query = match of {
        Of::Everything => query.filter(dsl::seq.gt(seq)).order(dsl::seq.asc()),
        Of::Record(subject) => {
            query.filter(dsl::seq.gt(seq)).filter(dsl::subject_id.eq(DbUuid(subject))).order(dsl::seq.asc())
        }
        // One kind as a range of rows, in their order: of an equality and the order by position alone, PostgreSQL may
        // make a walk past everything of other kinds.
        Of::Kind(kind) => {
            let kind = kind.as_str();
            let range = format!(
                "(subject_kind, seq) > ('{kind}', {seq}) AND (subject_kind, seq) <= ('{kind}', {})",
                i64::MAX
            );
            query.filter(sql::<Bool>(&range)).order((dsl::subject_kind.asc(), dsl::seq.asc()))
        }
    };
    query.load(connection).map_err(unexpected("read the journal"))
}
