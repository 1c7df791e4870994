//! The other tables against what the journal says must be in them. Every row of theirs is read. Records are compared
//! here; `form` looks at how keys are written, `derived` at what lists search in, `designations` at the rest.

use std::{collections::BTreeSet, fmt::Debug};

use diesel::{QueryDsl, RunQueryDsl};

use super::{derived, designations, form, replay::Expected, report::Report, reviews};
use crate::{
    db::{
        AnyConnection,
        schema::{
            api_keys, authorities, designations as designation_records, journal_head, regimes,
            reviews as review_records, vendors,
        },
        types::{DbInstant, DbJson, DbUuid},
        unexpected,
    },
    error::Result,
    journal::{SubjectKind, column},
    values::{Date, Instant},
};

/// Compares every other table with what the journal says must be in it.
pub(super) fn compare(connection: &mut AnyConnection, expected: &Expected, report: &mut Report) {
    type Check = fn(&mut AnyConnection, &Expected, &mut Report) -> Result<()>;
    let checks: [(&str, Check); 8] = [
        ("journal head", head),
        ("schema and form of keys", form::check),
        ("records", records),
        ("what lists search in", derived::check),
        ("events", designations::events),
        ("versions", designations::versions),
        ("periods", designations::periods),
        ("decisions about reviews", reviews::check),
    ];
    for (what, check) in checks {
        // What can't be read is a difference too, and must not hide the others.
        if let Err(failure) = check(connection, expected, report) {
            report.differs(format!("{what}: can't be read: {failure}"));
        }
    }
}

fn head(connection: &mut AnyConnection, expected: &Expected, report: &mut Report) -> Result<()> {
    let (seq, at): (i64, DbInstant) = journal_head::table
        .find(1)
        .select((journal_head::seq, journal_head::recorded_at))
        .get_result(connection)
        .map_err(unexpected("read the journal's head"))?;
    let newest = expected.newest.unwrap_or((0, Instant::start_of(Date::first())));
    if (u64::try_from(seq).unwrap_or_default(), at.0) != newest {
        let (last, instant) = newest;
        report.differs(format!(
            "journal head: it says {seq} at {}, the last entry is {last} at {instant}",
            at.0
        ));
    }
    Ok(())
}

/// A record's row as every table of records has it: id, position of creation, status, revision, instant, text.
type RecordRow = (DbUuid, i64, String, i64, DbInstant, DbJson);

macro_rules! record_rows {
    ($connection:expr, $table:ident) => {
        $table::table
            .select((
                $table::id,
                $table::created_seq,
                $table::status,
                $table::revision,
                $table::updated_at,
                $table::document,
            ))
            .load::<RecordRow>($connection)
            .map_err(unexpected("read records"))?
    };
}

fn records(connection: &mut AnyConnection, expected: &Expected, report: &mut Report) -> Result<()> {
    let rows = [
        (SubjectKind::Vendor, "vendors", record_rows!(connection, vendors)),
        (SubjectKind::Authority, "authorities", record_rows!(connection, authorities)),
        (SubjectKind::Regime, "regimes", record_rows!(connection, regimes)),
        (SubjectKind::Designation, "designations", record_rows!(connection, designation_records)),
        (SubjectKind::Review, "reviews", record_rows!(connection, review_records)),
        (SubjectKind::ApiKey, "API keys", record_rows!(connection, api_keys)),
    ];
    for (kind, what, rows) in rows {
        report.checked(what, count(rows.len()));
        of_kind(expected, report, kind, rows);
    }
    Ok(())
}

/// What every payload has besides the fields that the replay reads.
#[derive(serde::Deserialize)]
struct Common {
    status: String,
    updated_at: Instant,
}

fn of_kind(expected: &Expected, report: &mut Report, kind: SubjectKind, rows: Vec<RecordRow>) {
    let mut seen = BTreeSet::new();
    for (id, created_seq, status, revision, updated_at, document) in rows {
        seen.insert(id.0);
        let Some(last) = expected.records.get(&id.0).filter(|last| last.kind == kind) else {
            report.differs(format!("{kind} {}: the journal does not know it", id.0));
            continue;
        };
        let same_columns = serde_json::from_str::<Common>(&last.payload).is_ok_and(|common| {
            common.status == status
                && DbInstant(common.updated_at) == updated_at
                && column(last.revision).is_ok_and(|expected| expected == revision)
                && column(last.created_seq).is_ok_and(|expected| expected == created_seq)
        });
        if document.0 != last.payload || !same_columns {
            report.differs(format!("{kind} {}: the record is not what the journal says", id.0));
        }
    }
    for (id, _) in expected.records.iter().filter(|(id, last)| last.kind == kind && !seen.contains(*id)) {
        report.differs(format!("{kind} {id}: the record is missing"));
    }
}

/// Compares a table's rows with those that must be there.
pub(super) fn same<T: Ord + Debug + Clone>(
    report: &mut Report,
    what: &'static str,
    found: Vec<T>,
    wanted: BTreeSet<T>,
) {
    report.checked(what, count(found.len()));
    let found: BTreeSet<T> = found.into_iter().collect();
    for row in wanted.difference(&found) {
        report.differs(format!("{what}: missing {row:?}"));
    }
    for row in found.difference(&wanted) {
        report.differs(format!("{what}: not what the journal says: {row:?}"));
    }
}

pub(super) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
