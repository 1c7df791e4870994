//! The other tables against what the journal says must be in them. Every row of theirs is read.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Debug,
};

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use uuid::Uuid;

use super::{
    columns::{self, Columns},
    replay::{Expected, Last, Version},
    report::Report,
};
use crate::{
    authorities::model::Authority,
    db::{
        AnyConnection, OPEN,
        schema::{
            authorities, authority_names, designation_authorities, designation_events, designation_periods,
            designation_versions, designations, journal_head, regimes, vendor_identifiers, vendor_labels,
            vendor_words, vendors,
        },
        types::{DbInstant, DbJson, DbUuid},
        unexpected,
    },
    designations::{
        model::{Designation, Details},
        store::{PeriodRow, VersionRow},
    },
    error::Result,
    journal::{SubjectKind, column},
    values::{Instant, fold},
    vendors::model::Vendor,
};

pub(super) fn head(connection: &mut AnyConnection) -> Result<(u64, Instant)> {
    let (seq, at): (i64, DbInstant) = journal_head::table
        .find(1)
        .select((journal_head::seq, journal_head::recorded_at))
        .get_result(connection)
        .map_err(unexpected("read the journal's head"))?;
    Ok((u64::try_from(seq).unwrap_or_default(), at.0))
}

/// A record's row as all four tables have it: id, position of creation, status, revision, instant, text.
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

pub(super) fn compare(
    connection: &mut AnyConnection,
    expected: &Expected,
    report: &mut Report,
) -> Result<()> {
    let rows = [
        (SubjectKind::Vendor, "vendors", record_rows!(connection, vendors)),
        (SubjectKind::Authority, "authorities", record_rows!(connection, authorities)),
        (SubjectKind::Regime, "regimes", record_rows!(connection, regimes)),
        (SubjectKind::Designation, "designations", record_rows!(connection, designations)),
    ];
    for (kind, what, rows) in rows {
        report.checked(what, count(rows.len()));
        let columns = columns::found(connection, kind)?;
        records(expected, report, kind, (rows, &columns));
    }
    derived(connection, expected, report)?;
    events(connection, expected, report)?;
    versions(connection, expected, report)?;
    periods(connection, expected, report)
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// What every payload has besides the fields that the replay reads.
#[derive(serde::Deserialize)]
struct Standing {
    status: String,
    updated_at: Instant,
}

fn records(
    expected: &Expected,
    report: &mut Report,
    kind: SubjectKind,
    (rows, columns): (Vec<RecordRow>, &HashMap<Uuid, Columns>),
) {
    let mut seen = BTreeSet::new();
    for (id, created_seq, status, revision, updated_at, document) in rows {
        seen.insert(id.0);
        let Some(last) = expected.records.get(&id.0).filter(|last| last.kind == kind) else {
            report.differs(format!("{kind} {}: the journal does not know it", id.0));
            continue;
        };
        let same_columns = serde_json::from_str::<Standing>(&last.payload).is_ok_and(|standing| {
            standing.status == status
                && DbInstant(standing.updated_at) == updated_at
                && column(last.revision).is_ok_and(|expected| expected == revision)
                && column(last.created_seq).is_ok_and(|expected| expected == created_seq)
        });
        let same_columns =
            same_columns && columns.get(&id.0) == columns::wanted(kind, &last.payload).as_ref();
        if document.0 != last.payload || !same_columns {
            report.differs(format!("{kind} {}: the record is not what the journal says", id.0));
        }
    }
    for (id, _) in expected.records.iter().filter(|(id, last)| last.kind == kind && !seen.contains(*id)) {
        report.differs(format!("{kind} {id}: the record is missing"));
    }
}

/// The last payloads of a kind, read.
fn parsed<T: serde::de::DeserializeOwned>(expected: &Expected, kind: SubjectKind) -> Vec<T> {
    let of_kind = expected.records.values().filter(|last| last.kind == kind);
    of_kind.filter_map(|Last { payload, .. }| serde_json::from_str(payload).ok()).collect()
}

/// What lists search in: it must be what the records make of it.
fn derived(connection: &mut AnyConnection, expected: &Expected, report: &mut Report) -> Result<()> {
    let vendors: Vec<Vendor> = parsed(expected, SubjectKind::Vendor);
    let found: Vec<(DbUuid, String)> = vendor_words::table
        .select((vendor_words::vendor_id, vendor_words::word))
        .load(connection)
        .map_err(unexpected("read words"))?;
    let wanted = vendors
        .iter()
        .flat_map(|vendor| vendor.words().into_iter().map(|word| (DbUuid(vendor.id.uuid()), word)));
    same(report, "words of vendors' names", found, wanted.collect());
    let found: Vec<(DbUuid, String, String, String)> = vendor_identifiers::table
        .select((
            vendor_identifiers::vendor_id,
            vendor_identifiers::scheme,
            vendor_identifiers::value,
            vendor_identifiers::status,
        ))
        .load(connection)
        .map_err(unexpected("read identifiers"))?;
    let wanted = vendors.iter().flat_map(|vendor| {
        vendor.identifiers.iter().map(|identifier| {
            let (scheme, value) = (identifier.scheme.to_string(), identifier.value.clone());
            (DbUuid(vendor.id.uuid()), scheme, value, vendor.status.to_string())
        })
    });
    same(report, "identifiers of vendors", found, wanted.collect());
    let found: Vec<(DbUuid, String, String)> = vendor_labels::table
        .select((vendor_labels::vendor_id, vendor_labels::kind, vendor_labels::label))
        .load(connection)
        .map_err(unexpected("read labels"))?;
    let wanted = vendors.iter().flat_map(|vendor| {
        let roles = vendor.roles.iter().map(|role| ("role", role.to_string()));
        let labels = roles.chain(vendor.tags.iter().map(|tag| ("tag", tag.to_string())));
        labels.map(|(kind, label)| (DbUuid(vendor.id.uuid()), kind.to_owned(), fold(&label)))
    });
    same(report, "roles and tags of vendors", found, wanted.collect());
    let found: Vec<(DbUuid, String)> = authority_names::table
        .select((authority_names::authority_id, authority_names::name_key))
        .load(connection)
        .map_err(unexpected("read names"))?;
    let authorities: Vec<Authority> = parsed(expected, SubjectKind::Authority);
    let wanted = authorities.iter().flat_map(|authority| {
        let names = std::iter::once(&authority.name).chain(authority.aliases.iter().map(|alias| &alias.name));
        names.map(|name| (DbUuid(authority.id.uuid()), fold(name)))
    });
    same(report, "names of authorities", found, wanted.collect());
    let found: Vec<(DbUuid, DbUuid)> = designation_authorities::table
        .select((designation_authorities::designation_id, designation_authorities::authority_id))
        .load(connection)
        .map_err(unexpected("read mentions"))?;
    let versions = expected.versions.values().flatten();
    let wanted = versions.flat_map(|Version { designation, .. }| {
        let id = DbUuid(designation.id.uuid());
        designation.mentioned_authorities().into_iter().map(move |authority| (id, DbUuid(authority.uuid())))
    });
    same(report, "authorities that designations mention", found, wanted.collect());
    Ok(())
}

/// Compares a table's rows with those that must be there.
fn same<T: Ord + Debug + Clone>(report: &mut Report, what: &'static str, found: Vec<T>, wanted: BTreeSet<T>) {
    report.checked(what, count(found.len()));
    let found: BTreeSet<T> = found.into_iter().collect();
    for row in wanted.difference(&found) {
        report.differs(format!("{what}: missing {row:?}"));
    }
    for row in found.difference(&wanted) {
        report.differs(format!("{what}: not what the journal says: {row:?}"));
    }
}

/// An event's row: id, designation, position, type, day, corrected event, successor, text.
type EventRow = (DbUuid, DbUuid, i64, String, chrono::NaiveDate, Option<DbUuid>, Option<DbUuid>, DbJson);

fn events(connection: &mut AnyConnection, expected: &Expected, report: &mut Report) -> Result<()> {
    let rows: Vec<EventRow> = designation_events::table
        .select((
            designation_events::id,
            designation_events::designation_id,
            designation_events::seq,
            designation_events::event_type,
            designation_events::occurred_on,
            designation_events::corrects,
            designation_events::successor_id,
            designation_events::document,
        ))
        .order(designation_events::seq.asc())
        .load(connection)
        .map_err(unexpected("read events"))?;
    report.checked("events", count(rows.len()));
    let mut seen = BTreeSet::new();
    for row in rows {
        let seq = u64::try_from(row.2).unwrap_or_default();
        seen.insert(seq);
        let same = expected.events.get(&seq).is_some_and(|(designation, event, text)| {
            let successor = match &event.details {
                Details::Superseded { successor_id, .. } => Some(DbUuid(successor_id.uuid())),
                _ => None,
            };
            row.0 == DbUuid(event.id.uuid())
                && row.1 == DbUuid(*designation)
                && row.3 == event.event_type().as_str()
                && row.4 == event.occurred_on.day()
                && row.5 == event.corrects.map(|id| DbUuid(id.uuid()))
                && row.6 == successor
                && row.7.0 == *text
        });
        if !same {
            report.differs(format!(
                "event {} of designation {}: it is not what the journal says",
                row.0.0, row.1.0
            ));
        }
    }
    for (seq, (designation, event, _)) in expected.events.iter().filter(|(seq, _)| !seen.contains(*seq)) {
        report.differs(format!(
            "event {} of designation {designation}: missing (journal entry {seq})",
            event.id
        ));
    }
    Ok(())
}

fn versions(connection: &mut AnyConnection, expected: &Expected, report: &mut Report) -> Result<()> {
    let rows: Vec<VersionRow> = designation_versions::table
        .select(VersionRow::as_select())
        .load(connection)
        .map_err(unexpected("read versions"))?;
    report.checked("versions of designations", count(rows.len()));
    let mut found: HashMap<(Uuid, i64), VersionRow> =
        rows.into_iter().map(|row| ((row.designation_id.0, row.known_from_seq), row)).collect();
    for version in expected.versions.values().flatten() {
        let Version { designation, known_from, known_to } = version;
        let mut wanted = VersionRow::of(designation, *known_from)?;
        wanted.known_to_seq = known_to.map_or(Ok(OPEN), column)?;
        if found.remove(&(designation.id.uuid(), wanted.known_from_seq)) != Some(wanted) {
            report.differs(format!(
                "version of designation {} from {known_from}: not what the journal says",
                designation.id
            ));
        }
    }
    for (id, from) in found.into_keys() {
        report.differs(format!("version of designation {id} from {from}: the journal does not know it"));
    }
    Ok(())
}

fn periods(connection: &mut AnyConnection, expected: &Expected, report: &mut Report) -> Result<()> {
    let rows: Vec<PeriodRow> = designation_periods::table
        .select(PeriodRow::as_select())
        .load(connection)
        .map_err(unexpected("read periods"))?;
    report.checked("periods", count(rows.len()));
    let mut found: BTreeSet<PeriodRow> = rows.into_iter().collect();
    for (id, rectangles) in &expected.rectangles {
        let Some(designation) = expected.versions.get(id).and_then(|versions| versions.last()) else {
            continue;
        };
        let designation: &Designation = &designation.designation;
        for rectangle in rectangles {
            let wanted =
                PeriodRow::new(designation, &rectangle.stretch, (rectangle.known_from, rectangle.known_to))?;
            if !found.remove(&wanted) {
                report.differs(format!(
                    "period of designation {id}, scope {}, from {}, known from {}: missing or altered",
                    rectangle.stretch.scope_id, rectangle.stretch.from, rectangle.known_from,
                ));
            }
        }
    }
    for row in found {
        report.differs(format!(
            "period of designation {}, scope {}, from {}, known from {}: the journal does not say so",
            row.designation_id.0, row.scope_id.0, row.from_on, row.known_from_seq,
        ));
    }
    Ok(())
}
