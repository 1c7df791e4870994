//! Pages of designations, as known at a position of the journal.

use std::collections::HashMap;

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::sql,
    sql_types::{Bool, Date as SqlDate, Nullable, Text},
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
pub(in crate::designations) enum SortKey {
    Name,
    UpdatedAt,
    LatestEvent,
}

/// What a list is narrowed to. An empty list narrows nothing.
#[derive(Debug, Clone)]
pub(in crate::designations) struct Filter {
    pub(in crate::designations) vendors: Vec<VendorId>,
    pub(in crate::designations) regimes: Vec<RegimeId>,
    pub(in crate::designations) authorities: Vec<AuthorityId>,
    pub(in crate::designations) states: Vec<ScopeState>,
    pub(in crate::designations) reason_codes: Vec<ReasonCode>,
    pub(in crate::designations) environments: Vec<Environment>,
    pub(in crate::designations) actions: Vec<Action>,
    pub(in crate::designations) origins: Vec<Origin>,
    pub(in crate::designations) in_force_on: Option<Date>,
    pub(in crate::designations) review_due_before: Option<Date>,
    pub(in crate::designations) status: DesignationStatus,
    /// The day that `states` speaks of.
    pub(in crate::designations) today: Date,
    /// How far whoever asks sees.
    pub(in crate::designations) sight: Sight,
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
    let now = sql::<Nullable<Text>>(&visibility_now("journal.subject_id"));
    let found: Vec<(i64, DbJson, String, Option<String>)> = journal::table
        .filter(journal::seq.eq_any(seqs))
        .select((journal::seq, journal::payload, journal::sight, now))
        .load(connection)
        .map_err(unexpected("read the designations of a page"))?;
    let public = Visibility::Public.as_str();
    let text = |(seq, document, then, now): (i64, DbJson, String, Option<String>)| {
        (seq, (document, then != public || now.as_deref() != Some(public)))
    };
    let mut texts: HashMap<i64, (DbJson, bool)> = found.into_iter().map(text).collect();
    page.into_iter()
        .map(|(id, name_key, updated_at, latest_event_on, seq)| {
            let (document, restricted) = texts
                .remove(&seq)
                .ok_or_else(|| Error::internal(format!("the journal has no entry {seq}")))?;
            Ok(Listed { id, name_key, updated_at, latest_event_on, document, restricted })
        })
        .collect()
}

/// What is seen of versions. One that is known now is as public as its designation.
fn seen(sight: Sight, known: Knowledge) -> Vec<String> {
    let then = sight.of_versions().map(ToOwned::to_owned);
    let now = sight.of_designation("designation_versions.designation_id").filter(|_| !known.is_head);
    then.into_iter().chain(now).collect()
}

/// The keys of a designation on a page, and the position of its version.
type Keys = (DbUuid, String, DbInstant, chrono::NaiveDate, i64);

fn page(
    connection: &mut AnyConnection,
    filter: &Filter,
    known: Knowledge,
    (sort, keyset, limit): (SortKey, &Keyset, Limit),
) -> Result<Vec<Keys>> {
    let seq = column(known.seq)?;
    let query = versions::table
        .select((
            versions::designation_id,
            versions::name_key,
            versions::updated_at,
            versions::latest_event_on,
            versions::known_from_seq,
        ))
        .limit(limit.and_one())
        .into_boxed::<MultiBackend>();
    // Before anything else: a cursor that can't be read is refused, however little there is to list.
    let mut query = match sort {
        SortKey::Name => {
            let after = keyset.after_as(|key| Some(key.to_owned()))?;
            let by = (versions::name_key, versions::designation_id);
            keyset!(query, (by.0, by.1, "name_key, designation_id", Text), keyset.descending, after)
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
        Some(few) if few.is_empty() => return Ok(Vec::new()),
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
    query.load(connection).map_err(unexpected("list designations"))
}
