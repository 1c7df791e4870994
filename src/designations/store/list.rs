//! Pages of designations, as known at a position of the journal.

use std::collections::HashMap;

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::sql,
    sql_types::{Bool, Date as SqlDate, Nullable, Text as SqlText},
};

use super::{conditions::conditions, narrow::few};
use crate::{
    db::{
        AnyConnection, Keyset, MultiBackend, Sight, keyset,
        narrow::{among, is_open, settled},
        schema::{designation_versions as versions, journal},
        types::{DbInstant, DbJson, DbUuid, SqlInstant},
        unexpected, visibility_now,
    },
    designations::{
        model::{Action, DesignationStatus, Environment, Origin, ReasonCode, Visibility},
        timeline::ScopeState,
    },
    error::{Error, Result},
    http::Limit,
    journal::{Knowledge, column},
    values::{AuthorityId, Date, Instant, RegimeId, VendorId},
};

/// The column that a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    Name,
    UpdatedAt,
    LatestEvent,
}

impl SortKey {
    /// The key that a cursor after a designation with these columns holds.
    #[must_use]
    pub fn key(self, name_key: &str, updated_at: DbInstant, latest_event_on: chrono::NaiveDate) -> String {
        match self {
            Self::Name => name_key.to_owned(),
            Self::UpdatedAt => updated_at.0.to_string(),
            Self::LatestEvent => latest_event_on.to_string(),
        }
    }
}

/// What a list is narrowed to. An empty list narrows nothing.
#[derive(Debug, Clone)]
pub struct Filter {
    pub vendors: Vec<VendorId>,
    pub regimes: Vec<RegimeId>,
    pub authorities: Vec<AuthorityId>,
    pub states: Vec<ScopeState>,
    pub reason_codes: Vec<ReasonCode>,
    pub environments: Vec<Environment>,
    pub actions: Vec<Action>,
    pub origins: Vec<Origin>,
    pub in_force_on: Option<Date>,
    pub review_due_before: Option<Date>,
    pub status: DesignationStatus,
    /// The day that `states` speaks of.
    pub today: Date,
    /// How far whoever asks sees.
    pub sight: Sight,
}

/// An item of a list: its keys, and its text as known.
#[derive(Debug, Clone)]
pub(in crate::designations) struct Listed {
    pub(in crate::designations) id: DbUuid,
    pub(in crate::designations) name_key: String,
    pub(in crate::designations) updated_at: DbInstant,
    pub(in crate::designations) latest_event_on: chrono::NaiveDate,
    pub(in crate::designations) document: DbJson,
    /// Whether it is restricted, now or in this version.
    pub(in crate::designations) restricted: bool,
}

/// A page of designations as they were known at a position.
pub(in crate::designations) fn list(
    connection: &mut AnyConnection,
    filter: &Filter,
    known: Knowledge,
    (sort, keyset, limit): (SortKey, &Keyset, Limit),
) -> Result<Vec<Listed>> {
    let page = page(connection, filter, known, (sort, keyset, limit))?;
    // The texts are read for the page alone: a sort would carry them all along.
    if page.is_empty() {
        return Ok(Vec::new());
    }
    let seqs: Vec<i64> = page.iter().map(|(.., seq)| *seq).collect();
    let mut texts = texts(connection, &seqs)?;
    page.into_iter()
        .map(|(id, name_key, updated_at, latest_event_on, seq)| {
            let Text { document, restricted, .. } = texts
                .remove(&seq)
                .ok_or_else(|| Error::internal(format!("the journal has no entry {seq}")))?;
            Ok(Listed { id, name_key, updated_at, latest_event_on, document, restricted })
        })
        .collect()
}

/// A version of a designation as its journal entry has it.
#[derive(Debug, Clone)]
pub(in crate::designations) struct Text {
    pub(in crate::designations) id: DbUuid,
    pub(in crate::designations) document: DbJson,
    /// Whether it is restricted, now or in this version.
    pub(in crate::designations) restricted: bool,
}

/// The texts of versions, by their positions. Which of them are seen was asked when the positions were found; where that is
/// a while ago, whoever asks compares `restricted` with what was found then.
pub(in crate::designations) fn texts(
    connection: &mut AnyConnection,
    seqs: &[i64],
) -> Result<HashMap<i64, Text>> {
    let now = sql::<Nullable<SqlText>>(&visibility_now("journal.subject_id"));
    let found: Vec<(i64, DbUuid, DbJson, String, Option<String>)> = journal::table
        .filter(journal::seq.eq_any(seqs))
        .select((journal::seq, journal::subject_id, journal::payload, journal::sight, now))
        .load(connection)
        .map_err(unexpected("read the designations of a page"))?;
    let public = Visibility::Public.as_str();
    let text = |(seq, id, document, then, now): (i64, DbUuid, DbJson, String, Option<String>)| {
        (seq, Text { id, document, restricted: then != public || now.as_deref() != Some(public) })
    };
    Ok(found.into_iter().map(text).collect())
}

/// Every version that a filter leaves, as known at a position and in an order (true: descending): the position of each, its
/// designation, and whether it is restricted, now or in this version.
pub(in crate::designations) fn all(
    connection: &mut AnyConnection,
    filter: &Filter,
    known: Knowledge,
    (sort, descending): (SortKey, bool),
) -> Result<Vec<(i64, DbUuid, bool)>> {
    Keyset::walk(descending, |keyset, most| {
        let Some(found) = found(connection, filter, known, (sort, keyset))? else { return Ok(Vec::new()) };
        let public = Visibility::Public.as_str();
        let now = visibility_now("designation_versions.designation_id");
        let restricted =
            sql::<Bool>(&format!("(designation_versions.visibility <> '{public}' OR {now} <> '{public}')"));
        let rows: Vec<(Keys, bool)> = found
            .select((KEYS, restricted))
            .limit(most)
            .load(connection)
            .map_err(unexpected("walk through designations"))?;
        let keyed = |((id, name_key, updated_at, latest_event_on, seq), restricted): (Keys, bool)| {
            ((seq, id, restricted), (sort.key(&name_key, updated_at, latest_event_on), id.0))
        };
        Ok(rows.into_iter().map(keyed).collect())
    })
}

/// What is seen of versions. One that is known now is as public as its designation.
fn seen(sight: Sight, known: Knowledge) -> Vec<String> {
    let then = sight.of_versions().map(ToOwned::to_owned);
    let now = sight.of_designation("designation_versions.designation_id").filter(|_| !known.is_head);
    then.into_iter().chain(now).collect()
}

/// The keys of a designation on a page, and the position of its version.
type Keys = (DbUuid, String, DbInstant, chrono::NaiveDate, i64);

/// Their columns.
type KeyColumns = (
    versions::designation_id,
    versions::name_key,
    versions::updated_at,
    versions::latest_event_on,
    versions::known_from_seq,
);
const KEYS: KeyColumns = (
    versions::designation_id,
    versions::name_key,
    versions::updated_at,
    versions::latest_event_on,
    versions::known_from_seq,
);

fn page(
    connection: &mut AnyConnection,
    filter: &Filter,
    known: Knowledge,
    (sort, keyset, limit): (SortKey, &Keyset, Limit),
) -> Result<Vec<Keys>> {
    let Some(found) = found(connection, filter, known, (sort, keyset))? else { return Ok(Vec::new()) };
    let page = found.select(KEYS).limit(limit.and_one());
    page.load(connection).map_err(unexpected("list designations"))
}

/// The versions that a filter leaves, as known at a position, in an order and from a key on, as a query to which columns and
/// a limit are to be added; `None` where it leaves nothing.
fn found(
    connection: &mut AnyConnection,
    filter: &Filter,
    known: Knowledge,
    (sort, keyset): (SortKey, &Keyset),
) -> Result<Option<versions::BoxedQuery<'static, MultiBackend>>> {
    let seq = column(known.seq)?;
    let query = versions::table.into_boxed::<MultiBackend>();
    // Before anything else: a cursor that can't be read is refused, however little there is to list.
    let mut query = match sort {
        SortKey::Name => {
            let after = keyset.after_as(|key| Some(key.to_owned()))?;
            let by = (versions::name_key, versions::designation_id);
            keyset!(query, (by.0, by.1, "name_key, designation_id", SqlText), keyset.descending, after)
        }
        SortKey::UpdatedAt => {
            let after = keyset.after_as(|key| key.parse::<Instant>().ok().map(DbInstant))?;
            let by = (versions::updated_at, versions::designation_id);
            keyset!(query, (by.0, by.1, "updated_at, designation_id", SqlInstant), keyset.descending, after)
        }
        SortKey::LatestEvent => {
            let after = keyset.after_as(|key| key.parse::<Date>().ok().map(Date::day))?;
            let by = (versions::latest_event_on, versions::designation_id);
            keyset!(query, (by.0, by.1, "latest_event_on, designation_id", SqlDate), keyset.descending, after)
        }
    };
    let few = few(connection, filter, (seq, known.is_head))?;
    let mut conditions = conditions(connection, filter, seq);
    conditions.extend(seen(filter.sight, known));
    let status = format!("designation_versions.status = '{}'", filter.status);
    let then = format!("known_from_seq <= {seq} AND known_to_seq > {seq}");
    query = match few {
        Some(few) if few.is_empty() => return Ok(None),
        Some(few) => {
            conditions.extend([status, then]);
            query
                .filter(among(connection, "designation_versions.designation_id", few))
                .filter(versions::known_to_seq.gt(seq))
        }
        None if known.is_head => {
            query.filter(sql::<Bool>(&format!("{} AND {status}", is_open("designation_versions"))))
        }
        None => {
            conditions.push(then);
            if sort == SortKey::UpdatedAt
                && let Some(last) = known.recorded_at
            {
                // What was recorded later need not be walked past.
                query = query.filter(versions::updated_at.le(DbInstant(last)));
            }
            // The indexes of the past say of themselves that they hold everything; else they'd be taken for the present.
            query.filter(sql::<Bool>(&format!("{status} AND designation_versions.known_to_seq > 0")))
        }
    };
    if !conditions.is_empty() {
        // No index is to be chosen by what stands in here: either it has been, or the order's is walked.
        query = query.filter(sql::<Bool>(&settled(&conditions.join(" AND "))));
    }
    Ok(Some(query))
}
