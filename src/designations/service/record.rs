//! One revision of a designation: what follows from its events, and everything that is written with it.

use crate::{
    authorities,
    db::{Stamp, Tx},
    designations::{
        model::{Designation, Details, Event, EventType, EventWarning, Visibility},
        periods, store,
        timeline::{Illegal, IllegalFault, ScopeTimeline, allowed_on, counting, timeline},
    },
    error::{Error, Result},
    http::to_json,
    journal::{self, Change, JournalAction, SubjectKind},
    regimes::Regime,
    values::{Date, DesignationId, List},
};

/// A designation that is loaded to be changed; one that is voided can't be.
///
/// # Errors
/// No such designation, or a voided one.
pub fn load(tx: &mut Tx<'_>, id: DesignationId) -> Result<Designation> {
    let designation = load_any(tx, id)?;
    if designation.counts() {
        return Ok(designation);
    }
    Err(Error::conflict("voided", format!("designation {id} is voided, which is final; record it anew")))
}

fn load_any(tx: &mut Tx<'_>, id: DesignationId) -> Result<Designation> {
    let sight = tx.context().sight;
    let found = store::record(tx.connection(), sight, id)?;
    let found = found.ok_or_else(|| Error::not_found("designation", id))?;
    let designation = parse(id, &found.document)?;
    // Whatever is answered tells something of it: the record itself, or why the change can't be.
    if designation.visibility == Visibility::Restricted {
        tx.context().evidence.restricted(id.uuid());
    }
    Ok(designation)
}

/// Reads a stored designation.
pub(super) fn parse(id: impl std::fmt::Display, document: &str) -> Result<Designation> {
    serde_json::from_str(document)
        .map_err(|failure| Error::internal(format!("designation {id} can't be read: {failure}")))
}

/// The next revision, not yet with what follows from its events.
pub(super) fn next(designation: &Designation, stamp: &Stamp) -> Designation {
    Designation {
        revision: designation.revision.saturating_add(1),
        updated_at: stamp.recorded_at,
        ..designation.clone()
    }
}

/// What a revision records besides the designation itself.
pub(super) struct Recorded<'a> {
    pub(super) action: JournalAction,
    pub(super) event: Option<&'a Event>,
    pub(super) comment: Option<&'a str>,
}

/// The most bytes that a designation may have as JSON: each revision keeps it whole.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Writes a revision: journal, record, version, event and periods, all in this transaction. `None` for the timelines: the
/// revision changes nothing that they follow from, so the periods stand as they are.
pub(super) fn write(
    tx: &mut Tx<'_>,
    stamp: &Stamp,
    (designation, timelines): (&Designation, Option<&[ScopeTimeline]>),
    recorded: &Recorded<'_>,
) -> Result<()> {
    let event = recorded.event.map(to_json).transpose()?;
    let payload = to_json(designation)?;
    if payload.len() > MOST_BYTES {
        let detail =
            format!("the designation would have {} bytes; it may have at most {MOST_BYTES}", payload.len());
        return Err(Error::conflict("designation_too_large", detail));
    }
    let change = Change {
        action: recorded.action,
        subject_kind: SubjectKind::Designation,
        subject_id: designation.id.uuid(),
        revision: designation.revision,
        payload: &payload,
        event: event.as_deref(),
        comment: recorded.comment,
        sight: designation.visibility.sight(),
    };
    journal::append(tx, stamp, &change)?;
    if designation.revision == 1 {
        store::insert(tx.connection(), (designation, &payload), stamp.seq)?;
    } else {
        store::update(tx.connection(), (designation, &payload), stamp.seq)?;
    }
    if let Some(event) = recorded.event {
        store::insert_event(tx.connection(), designation.id, event)?;
    }
    match timelines {
        Some(timelines) => {
            let now = periods::stretches(designation, timelines);
            store::write_turn(tx.connection(), designation, &now, stamp.seq)
        }
        None => Ok(()),
    }
}

/// Fills in what follows from the events: the scopes as they stand, the next review, the warnings.
///
/// # Errors
/// Events that can't be; `new` is the one that is being recorded, and `at` the pointer to it in the request.
pub fn derive(
    designation: &mut Designation,
    regime: &Regime,
    (new, at): (&Event, &str),
) -> Result<Vec<ScopeTimeline>> {
    let timelines =
        timeline(&designation.events).map_err(|illegal| refusal(designation, illegal, (new, at)))?;
    let scopes = timelines.iter().map(|timeline| timeline.scope.clone()).collect();
    designation.scopes = List::new(scopes).map_err(|fault| Error::conflict("too_many_scopes", fault))?;
    designation.next_review_on = next_review_on(designation, regime);
    designation.warnings = List::new(warnings(designation, regime)).map_err(Error::internal)?;
    Ok(timelines)
}

fn refusal(designation: &Designation, illegal: Illegal, (new, at): (&Event, &str)) -> Error {
    let own = new.id == illegal.event_id;
    // What its day allows as the history stands without it.
    let before = || {
        let recorded: Vec<Event> =
            designation.events.iter().filter(|event| event.id != new.id).cloned().collect();
        allowed_on(&recorded, new.occurred_on)
    };
    match illegal.fault {
        IllegalFault::Invalid { pointer } if own => {
            Error::invalid(format!("{at}{pointer}"), "invalid_value", illegal.detail)
        }
        IllegalFault::NotAllowed { allowed, behind, scope_ids } if own => {
            let mut detail = illegal.detail;
            if !scope_ids.is_empty() {
                let ids: Vec<String> = scope_ids.iter().map(ToString::to_string).collect();
                detail = format!("{detail} (scope {})", ids.join(", "));
            }
            let allowed = if allowed.is_empty() { before() } else { allowed };
            let allowed = allowed.into_iter().map(EventType::as_str).collect();
            Error::IllegalEvent { detail, allowed, conflicting_event_id: behind }
        }
        IllegalFault::Invalid { .. } | IllegalFault::NotAllowed { .. } => Error::IllegalEvent {
            detail: format!(
                "event {}, which is recorded, could not stand any more: {}",
                illegal.event_id, illegal.detail
            ),
            allowed: before().into_iter().map(EventType::as_str).collect(),
            conflicting_event_id: Some(illegal.event_id),
        },
    }
}

/// The last review's next date; before any review the regime's interval after the order; before the order the interim
/// measure's date. It stands in the record also after an end; lists of what is due leave out what has ended.
fn next_review_on(designation: &Designation, regime: &Regime) -> Option<Date> {
    let (mut reviewed, mut ordered, mut interim) = (None, None, None);
    for event in counting(&designation.events) {
        match &event.details {
            Details::ReviewAffirmed { next_review_on } => reviewed = Some(*next_review_on),
            Details::UrgentAction { review_by, .. } => interim = *review_by,
            Details::OrderIssued { .. } => {
                let interval = regime.review_interval_days.map(|days| days.get());
                ordered = interval.and_then(|days| event.occurred_on.plus_days(days));
                // The measure's own date is over once the order stands in its place.
                interim = None;
            }
            _ => {}
        }
    }
    reviewed.or(ordered).or(interim)
}

/// Officers often learn late, so an order without the notice that its regime needs is accepted, and said to be so.
fn warnings(designation: &Designation, regime: &Regime) -> Vec<EventWarning> {
    let counts = |event_type| designation.counting_events().any(|event| event.event_type() == event_type);
    if !regime.prior_notice_required || !counts(EventType::OrderIssued) || counts(EventType::NoticeIssued) {
        return Vec::new();
    }
    let detail = format!("{} needs a notice before an order, and none is recorded", &*regime.slug);
    vec![EventWarning { code: "notice_missing".to_owned(), detail }]
}

/// Refuses events and scopes that mention authorities which are not there.
pub(super) fn check_authorities(tx: &mut Tx<'_>, details: &Details, at: &str) -> Result<()> {
    let acting = details.authority_id().map(|id| (id, format!("{at}/details/authority_id")));
    let scopes = details.scopes().unwrap_or_default().iter().enumerate();
    let agencies = scopes.flat_map(|(index, scope)| {
        scope
            .agencies
            .iter()
            .enumerate()
            .map(move |(place, id)| (*id, format!("{at}/details/scopes/{index}/agencies/{place}")))
    });
    let mentioned: Vec<_> = acting.into_iter().chain(agencies).collect();
    authorities::must_all_be_known(tx, &mentioned)
}

/// Refuses a successor that is not there, is voided, or is the designation itself.
pub(super) fn check_successor(tx: &mut Tx<'_>, id: DesignationId, details: &Details, at: &str) -> Result<()> {
    let Details::Superseded { successor_id, .. } = details else { return Ok(()) };
    let pointer = format!("{at}/details/successor_id");
    if *successor_id == id {
        return Err(Error::invalid(pointer, "invalid_value", "must be another designation"));
    }
    check_references(tx, &[(*successor_id, pointer)], References::MustCount)
}

/// What a designation that is referred to must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum References {
    MustExist,
    MustCount,
}

/// Refuses references to designations that are not there.
pub(super) fn check_references(
    tx: &mut Tx<'_>,
    references: &[(DesignationId, String)],
    wanted: References,
) -> Result<()> {
    if references.is_empty() {
        return Ok(());
    }
    let ids: Vec<DesignationId> = references.iter().map(|(id, _)| *id).collect();
    let sight = tx.context().sight;
    let found = store::statuses(tx.connection(), sight, &ids)?;
    let mut faults = Vec::new();
    for (id, pointer) in references {
        let detail = match found.iter().find(|(other, _)| other == id) {
            None => format!("there is no designation {id}"),
            Some((_, false)) if wanted == References::MustCount => format!("designation {id} is voided"),
            Some(_) => continue,
        };
        faults.push(crate::error::FieldError::new(pointer, "unknown_reference", detail));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}
