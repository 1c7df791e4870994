//! The replay: the journal entry by entry, and what must be in every other table after it.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use uuid::Uuid;

use super::{report::Report, reviews, tables};
use crate::{
    authorities::{self, model::Authority},
    db::AnyConnection,
    designations::{
        model::{Designation, Event},
        periods::{Rectangle, Stretch, stretches, turn},
        service::timelines_of,
    },
    error::Result,
    journal::{self, Row, SubjectKind},
    values::Instant,
};

/// How many entries are read at a time.
const STRIDE: i64 = 1000;

/// What every payload has.
#[derive(Deserialize)]
struct Common {
    id: Uuid,
    revision: u64,
    updated_at: Instant,
}

/// The last that the journal says of a record.
pub(super) struct Last {
    pub(super) kind: SubjectKind,
    pub(super) created_seq: u64,
    pub(super) revision: u64,
    pub(super) payload: String,
}

/// A revision of a designation, as the table of versions must have it.
pub(super) struct Version {
    pub(super) designation: Designation,
    pub(super) known_from: u64,
    pub(super) known_to: Option<u64>,
}

/// What the journal says must be in the other tables.
#[derive(Default)]
pub(super) struct Expected {
    /// The last entry's position and instant.
    pub(super) newest: Option<(u64, Instant)>,
    pub(super) records: HashMap<Uuid, Last>,
    pub(super) events: BTreeMap<u64, (Uuid, Event, String)>,
    pub(super) versions: HashMap<Uuid, Vec<Version>>,
    pub(super) rectangles: HashMap<Uuid, Vec<Rectangle>>,
    /// Whether an authority bears a name now or bore it once, by authority and folded name.
    pub(super) names: BTreeMap<(Uuid, String), &'static str>,
    pub(super) reviews: reviews::Seen,
}

/// Replays the journal and compares everything else with it.
///
/// # Errors
/// When the database can't be read at all. What differs is in the report.
pub fn verify(connection: &mut AnyConnection) -> Result<Report> {
    let mut report = Report::default();
    let mut expected = Expected::default();
    let mut last: Option<(u64, Instant)> = None;
    let mut after = 0;
    let mut entries: u64 = 0;
    loop {
        let rows = match journal::all_after(connection, after, STRIDE) {
            Ok(rows) => rows,
            Err(failure) => {
                report.differs(format!("journal: what comes after entry {after} can't be read: {failure}"));
                return Ok(report);
            }
        };
        let Some(newest) = rows.last() else { break };
        after = newest.seq;
        for row in rows {
            entries = entries.saturating_add(1);
            last = Some(in_order(&mut report, last, &row));
            replay(&mut report, &mut expected, row);
        }
    }
    report.checked("journal entries: gaps, order, digests, revisions", entries);
    expected.newest = last;
    tables::compare(connection, &expected, &mut report);
    Ok(report)
}

/// Gaps and order.
fn in_order(report: &mut Report, last: Option<(u64, Instant)>, row: &Row) -> (u64, Instant) {
    let seq = u64::try_from(row.seq).unwrap_or_default();
    let recorded_at = row.recorded_at.0;
    let (before, instant) = last.map_or((0, None), |(seq, instant)| (seq, Some(instant)));
    if seq != before.saturating_add(1) {
        report.differs(format!("journal: after entry {before} comes {seq}"));
    }
    if instant.is_some_and(|instant| recorded_at <= instant) {
        report
            .differs(format!("journal entry {seq}: recorded_at {recorded_at} is not after the entry before"));
    }
    if row.digest != row.computed_digest() {
        report.differs(format!("journal entry {seq}: it was altered, its digest does not fit"));
    }
    (seq, recorded_at)
}

fn replay(report: &mut Report, expected: &mut Expected, row: Row) {
    let seq = u64::try_from(row.seq).unwrap_or_default();
    let Some(kind) = SubjectKind::parse(&row.subject_kind) else {
        report.differs(format!("journal entry {seq}: there is no kind {}", row.subject_kind));
        return;
    };
    let common: Common = match serde_json::from_str(&row.payload.0) {
        Ok(common) => common,
        Err(failure) => {
            report.differs(format!("journal entry {seq}: its payload can't be read: {failure}"));
            return;
        }
    };
    let id = row.subject_id.0;
    let before = expected.records.get(&id).map_or(0, |last| last.revision);
    let revision = u64::try_from(row.revision).unwrap_or_default();
    if common.id != id || common.revision != revision || common.updated_at != row.recorded_at.0 {
        report.differs(format!("journal entry {seq}: its payload is of another record, revision or instant"));
    }
    if revision != before.saturating_add(1) {
        report.differs(format!("journal entry {seq}: {kind} {id} goes from revision {before} to {revision}"));
    }
    if kind == SubjectKind::Authority {
        for status in
            expected.names.iter_mut().filter(|((other, _), _)| *other == id).map(|(_, status)| status)
        {
            *status = authorities::FORMER;
        }
        let names = serde_json::from_str::<Authority>(&row.payload.0).map(|authority| authority.name_keys());
        let status = |borne| if borne { authorities::CURRENT } else { authorities::FORMER };
        expected.names.extend(names.into_iter().flatten().map(|(name, borne)| ((id, name), status(borne))));
    }
    if kind == SubjectKind::Designation {
        replay_designation(report, expected, (seq, &row));
    }
    reviews::note_made(report, &mut expected.reviews, (seq, &row));
    if kind == SubjectKind::Review {
        let before = expected.records.get(&id).map(|last| last.payload.as_str());
        reviews::replay(report, (&mut expected.reviews, &expected.versions), (seq, &row), before);
    }
    let created_seq = expected.records.get(&id).map_or(seq, |last| last.created_seq);
    expected.records.insert(id, Last { kind, created_seq, revision, payload: row.payload.0 });
}

fn replay_designation(report: &mut Report, expected: &mut Expected, (seq, row): (u64, &Row)) {
    let id = row.subject_id.0;
    let designation: Designation = match serde_json::from_str(&row.payload.0) {
        Ok(designation) => designation,
        Err(failure) => {
            report.differs(format!("journal entry {seq}: its designation can't be read: {failure}"));
            return;
        }
    };
    if let Some(text) = &row.event {
        match serde_json::from_str::<Event>(&text.0) {
            Ok(event) if event.seq == seq && designation.events.last() == Some(&event) => {
                expected.events.insert(seq, (id, event, text.0.clone()));
            }
            _ => report.differs(format!("journal entry {seq}: its event is not the last one of its payload")),
        }
    }
    if row.sight != designation.visibility.sight().as_str() {
        report.differs(format!("journal entry {seq}: it is for other eyes than its designation"));
    }
    match timelines_of(&designation) {
        Ok(timelines) => {
            let now = stretches(&designation, &timelines);
            turn_rectangles(expected.rectangles.entry(id).or_default(), &now, seq);
            if designation.counts()
                && !timelines.iter().map(|timeline| &timeline.scope).eq(designation.scopes.iter())
            {
                report
                    .differs(format!("journal entry {seq}: its scopes are not what its events make of them"));
            }
        }
        Err(failure) => report.differs(format!("journal entry {seq}: {failure}")),
    }
    let versions = expected.versions.entry(id).or_default();
    if let Some(last) = versions.last_mut() {
        last.known_to = Some(seq);
    }
    versions.push(Version { designation, known_from: seq, known_to: None });
}

fn turn_rectangles(rectangles: &mut Vec<Rectangle>, now: &[Stretch], seq: u64) {
    let is_open = |rectangle: &&mut Rectangle| rectangle.known_to.is_none();
    let open: Vec<Stretch> = rectangles
        .iter()
        .filter(|rectangle| rectangle.known_to.is_none())
        .map(|r| r.stretch.clone())
        .collect();
    let turned = turn(&open, now);
    for rectangle in rectangles.iter_mut().filter(is_open) {
        if turned.closed.contains(&rectangle.stretch) {
            rectangle.known_to = Some(seq);
        }
    }
    rectangles.extend(turned.opened.into_iter().map(|stretch| Rectangle {
        stretch,
        known_from: seq,
        known_to: None,
    }));
}
