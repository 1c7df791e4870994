//! Events, versions and periods of designations against what the replay makes of them.

use std::collections::{BTreeSet, HashMap};

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use uuid::Uuid;

use super::{
    replay::{Expected, Version},
    report::Report,
    tables::count,
};
use crate::{
    db::{
        AnyConnection, OPEN,
        schema::{designation_events, designation_periods, designation_versions},
        types::{DbJson, DbUuid},
        unexpected,
    },
    designations::{
        model::{Designation, Details},
        store::{PeriodRow, VersionRow},
    },
    error::Result,
    journal::column,
};

/// An event's row: id, designation, position, type, day, corrected event, successor, text.
type EventRow = (DbUuid, DbUuid, i64, String, chrono::NaiveDate, Option<DbUuid>, Option<DbUuid>, DbJson);

pub(super) fn events(connection: &mut AnyConnection, expected: &Expected, report: &mut Report) -> Result<()> {
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

pub(super) fn versions(
    connection: &mut AnyConnection,
    expected: &Expected,
    report: &mut Report,
) -> Result<()> {
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

pub(super) fn periods(
    connection: &mut AnyConnection,
    expected: &Expected,
    report: &mut Report,
) -> Result<()> {
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
