//! What a confirmation recorded against what was proposed, change by change, from the journal alone: the designation before,
//! with the change made to it, must be the designation after. What follows from the events is the replay's to check.

use serde_json::Value;

use crate::{
    designations::model::{Designation, DesignationStatus, Event, Reason},
    error::{Error, Result},
    journal::JournalAction,
    reviews::model::{Proposal, Review},
    values::{Ended, Instant, List, ReasonId},
};

/// An entry that a confirmation made, with the designation of its payload and that of the revision before.
pub(super) struct Entry<'a> {
    pub(super) seq: u64,
    pub(super) recorded_at: Instant,
    pub(super) actor: &'a str,
    pub(super) action: &'a str,
    pub(super) comment: Option<&'a str>,
    pub(super) before: Option<&'a Designation>,
    pub(super) after: &'a Designation,
}

/// What of an entry is not what the review proposed, each by its field. `None`: the change can't be made to what was before.
pub(super) fn differing(review: &Review, entry: &Entry<'_>) -> Option<Vec<String>> {
    let wanted = designation(&review.proposal, entry).ok().flatten()?;
    let mut differing = Vec::new();
    if entry.action != action(&review.proposal).as_str() {
        differing.push("action".to_owned());
    }
    if entry.comment != comment(&review.proposal) {
        differing.push("comment".to_owned());
    }
    if wanted != *entry.after {
        differing.extend(fields(&wanted, entry.after)?);
    }
    Some(differing)
}

const fn action(proposal: &Proposal) -> JournalAction {
    match proposal {
        Proposal::CreateDesignation(_) => JournalAction::DesignationCreated,
        Proposal::RecordEvent(_) => JournalAction::DesignationEventRecorded,
        Proposal::VoidDesignation(_) => JournalAction::DesignationVoided,
        Proposal::AddReason(_) => JournalAction::DesignationReasonAdded,
        Proposal::UpdateReason(_) => JournalAction::DesignationReasonUpdated,
        Proposal::RemoveReason(_) => JournalAction::DesignationReasonRemoved,
    }
}

/// The comment of the entry that a proposal makes, which its own entry bears too.
pub(super) fn comment(proposal: &Proposal) -> Option<&str> {
    match proposal {
        Proposal::VoidDesignation(proposal) => Some(&proposal.comment),
        Proposal::CreateDesignation(_)
        | Proposal::RecordEvent(_)
        | Proposal::AddReason(_)
        | Proposal::UpdateReason(_)
        | Proposal::RemoveReason(_) => None,
    }
}

/// The event that a proposal records, in the entry that records it.
pub(super) fn event(proposal: &Proposal, (seq, recorded_at): (u64, Instant)) -> Option<Event> {
    match proposal {
        Proposal::CreateDesignation(proposal) => Some(proposal.designation.event().record(seq, recorded_at)),
        Proposal::RecordEvent(proposal) => Some(proposal.event.record(seq, recorded_at)),
        Proposal::VoidDesignation(_)
        | Proposal::AddReason(_)
        | Proposal::UpdateReason(_)
        | Proposal::RemoveReason(_) => None,
    }
}

/// The designation as the proposal makes it.
fn designation(proposal: &Proposal, entry: &Entry<'_>) -> Result<Option<Designation>> {
    let after = entry.after;
    // What follows from the events, and from the regime as it was.
    let derived = |designation| Designation {
        scopes: after.scopes.clone(),
        next_review_on: after.next_review_on,
        warnings: after.warnings.clone(),
        ..designation
    };
    let event = event(proposal, (entry.seq, entry.recorded_at));
    if let Proposal::CreateDesignation(proposal) = proposal {
        let draft = &proposal.designation;
        let (Some(effect), Some(event), None) = (draft.effect(), event, entry.before) else {
            return Ok(None);
        };
        return draft.designation(effect, event).map(derived).map(Some);
    }
    let Some(before) = entry.before else { return Ok(None) };
    let next = Designation {
        revision: before.revision.saturating_add(1),
        updated_at: entry.recorded_at,
        ..before.clone()
    };
    Ok(match proposal {
        Proposal::CreateDesignation(_) => None,
        Proposal::RecordEvent(_) => {
            let events = before.events.iter().cloned().chain(event).collect();
            Some(derived(Designation { events: List::new(events).map_err(Error::internal)?, ..next }))
        }
        Proposal::VoidDesignation(proposal) => {
            let (at, by) = (entry.recorded_at, entry.actor.to_owned());
            Some(Designation {
                status: DesignationStatus::Voided,
                ended: Some(Ended { at, by, comment: Some(proposal.comment.clone()) }),
                next_review_on: None,
                ..next
            })
        }
        Proposal::AddReason(proposal) => {
            let reasons = before.reasons.iter().chain([&proposal.reason]).cloned().collect();
            Some(Designation { reasons: List::new(reasons).map_err(Error::internal)?, ..next })
        }
        Proposal::UpdateReason(proposal) => {
            with_reason(next, &proposal.before, (proposal.after.id, Some(&proposal.after)))?
        }
        Proposal::RemoveReason(proposal) => with_reason(next, &proposal.reason, (proposal.reason.id, None))?,
    })
}

/// A designation with another reason, or none, in the place of one. `None`: it has no such reason.
fn with_reason(
    designation: Designation,
    before: &Reason,
    (id, after): (ReasonId, Option<&Reason>),
) -> Result<Option<Designation>> {
    if before.id != id || !designation.reasons.contains(before) {
        return Ok(None);
    }
    let reasons = designation.reasons.iter();
    let reasons = reasons.filter_map(|reason| if reason.id == id { after } else { Some(reason) });
    let reasons = List::new(reasons.cloned().collect()).map_err(Error::internal)?;
    Ok(Some(Designation { reasons, ..designation }))
}

/// The fields in which two designations differ.
fn fields(wanted: &Designation, found: &Designation) -> Option<Vec<String>> {
    let (wanted, found) = (serde_json::to_value(wanted).ok()?, serde_json::to_value(found).ok()?);
    let (Value::Object(wanted), Value::Object(found)) = (wanted, found) else { return None };
    // What one of them leaves out differs too.
    let names: std::collections::BTreeSet<&String> = wanted.keys().chain(found.keys()).collect();
    let names = names.into_iter().filter(|name| wanted.get(*name) != found.get(*name));
    Some(names.cloned().collect())
}
