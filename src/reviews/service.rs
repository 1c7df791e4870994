//! Use cases of reviews: a change is held, and later confirmed or rejected. What is confirmed runs the use case that would
//! have run at once, so every check is made when it is proposed and again when it is confirmed.

use serde_json::Value;

use super::{
    model::{
        AddReasonProposal, CreateDesignationProposal, Proposal, RecordEventProposal, RemoveReasonProposal,
        Review, ReviewDecision, ReviewResult, ReviewStatus, UpdateReasonProposal, VoidDesignationProposal,
    },
    store::{self, Filter},
};
use crate::{
    access::{Role, Roles, person::is_same_person},
    db::{Evidence, Sight, Snapshot, Stamp, Tx},
    designations::{
        model::{Designation, Draft as EventDraft, Reason},
        service::{self as designations, DesignationDraft},
    },
    error::{Error, Result},
    http::{Precondition, to_json},
    journal::{self, Change, JournalAction, SubjectKind},
    values::{DesignationId, Prose, ReasonId, ReviewId},
    vendors,
};

/// A change of a designation that is asked for, and that another person must confirm. Its ids are made.
#[derive(Debug, Clone)]
pub enum Asked {
    CreateDesignation(Box<DesignationDraft>),
    RecordEvent(DesignationId, Box<EventDraft>),
    VoidDesignation(DesignationId, Option<Prose<10000>>),
    AddReason(DesignationId, Reason),
    /// The merge patch of a reason.
    UpdateReason((DesignationId, ReasonId), Value),
    RemoveReason((DesignationId, ReasonId)),
}

impl Asked {
    /// Records it at once, and gives the designation after it.
    fn record(&self, tx: &mut Tx<'_>, condition: &Precondition) -> Result<Designation> {
        match self {
            Self::CreateDesignation(draft) => designations::create(tx, draft),
            Self::RecordEvent(id, draft) => {
                Ok(designations::record_event(tx, *id, condition, draft)?.designation)
            }
            Self::VoidDesignation(id, comment) => designations::void(tx, *id, condition, comment.clone()),
            Self::AddReason(id, reason) => designations::add_reason(tx, *id, condition, reason.clone()),
            Self::UpdateReason(ids, patch) => designations::update_reason(tx, *ids, condition, patch.clone()),
            Self::RemoveReason(ids) => designations::remove_reason(tx, *ids, condition),
        }
    }
}

/// What became of a change that another person must confirm.
#[derive(Debug, Clone)]
pub enum Held {
    /// It waits.
    Pending(Box<Review>),
    /// It would change nothing, so there is nothing to confirm: the designation is as it was.
    Unchanged(Box<Designation>),
}

/// Holds a change until another person confirms it: makes every check that recording it would, and records the review
/// instead.
///
/// # Errors
/// Those of the change itself.
pub fn hold(tx: &mut Tx<'_>, id: ReviewId, asked: &Asked, condition: &Precondition) -> Result<Held> {
    let after = tx.dry_run(|tx| asked.record(tx, condition))?;
    let Some(proposal) = proposal(tx, asked, &after)? else { return Ok(Held::Unchanged(Box::new(after))) };
    let comment = match &proposal {
        Proposal::VoidDesignation(VoidDesignationProposal { comment, .. }) => Some(comment.clone()),
        Proposal::CreateDesignation(_)
        | Proposal::RecordEvent(_)
        | Proposal::AddReason(_)
        | Proposal::UpdateReason(_)
        | Proposal::RemoveReason(_) => None,
    };
    let stamp = tx.stamp();
    let review = Review {
        id,
        revision: 1,
        created_at: stamp.recorded_at,
        updated_at: stamp.recorded_at,
        status: ReviewStatus::Pending,
        designation_id: after.id,
        designation_title: after.title,
        vendor_id: after.vendor_id,
        proposed_by: tx.context().actor.clone(),
        proposal,
        decision: None,
    };
    let document = append(tx, &stamp, (JournalAction::ReviewProposed, &review), comment.as_deref())?;
    store::insert(tx.connection(), (&review, &document), stamp.seq)?;
    Ok(Held::Pending(Box::new(review)))
}

/// What is proposed, whole: what the change would make is stated, not how it was asked for. `None`: nothing.
fn proposal(tx: &mut Tx<'_>, asked: &Asked, after: &Designation) -> Result<Option<Proposal>> {
    Ok(Some(match asked {
        Asked::CreateDesignation(draft) => {
            let designation = DesignationDraft::clone(draft).with_effect(after.effect);
            Proposal::CreateDesignation(Box::new(CreateDesignationProposal { designation }))
        }
        Asked::RecordEvent(_, draft) => {
            let event = EventDraft::clone(draft);
            Proposal::RecordEvent(Box::new(RecordEventProposal { event }))
        }
        Asked::VoidDesignation(_, comment) => {
            let comment = comment.clone().ok_or_else(|| Error::internal("a voiding without a comment"))?;
            let revision = after.revision.saturating_sub(1);
            Proposal::VoidDesignation(VoidDesignationProposal { revision, comment })
        }
        Asked::AddReason(_, reason) => Proposal::AddReason(AddReasonProposal { reason: reason.clone() }),
        Asked::UpdateReason((id, reason), _) => {
            let before = designations::to_change(tx, *id)?;
            if before.revision == after.revision {
                return Ok(None);
            }
            let of = |designation| designations::find_reason(designation, *reason).cloned();
            Proposal::UpdateReason(UpdateReasonProposal { before: of(&before)?, after: of(after)? })
        }
        Asked::RemoveReason((id, reason)) => {
            let before = designations::to_change(tx, *id)?;
            let reason = designations::find_reason(&before, *reason)?.clone();
            Proposal::RemoveReason(RemoveReasonProposal { reason })
        }
    }))
}

/// Confirms a review: records what it proposes, under the name of who confirms, and the decision.
///
/// # Errors
/// One that is decided, a stale precondition, the actor's own proposal, and a change that is not possible any more: then the
/// review stays pending.
pub fn confirm(
    tx: &mut Tx<'_>,
    id: ReviewId,
    condition: &Precondition,
    comment: Option<Prose<10000>>,
) -> Result<Review> {
    let review = to_decide(tx, id, condition)?;
    if is_same_person(&review.proposed_by, &tx.context().actor) {
        let detail = "you proposed this, so another person must confirm it; you may reject it, and where four eyes is off \
                      propose it anew, which records it";
        return Err(Error::forbidden("own_proposal", detail));
    }
    tx.confirms(id.uuid());
    let designation = record(tx, &review).map_err(still_pending)?;
    tx.confirms(None);
    let result = ReviewResult {
        seq: tx.head().seq,
        revision: designation.revision,
        event_id: review.proposal.event_id(),
    };
    decide(tx, review, (ReviewStatus::Confirmed, Some(result)), comment)
}

/// Rejects a review, or withdraws one's own. Nothing of the designation changes.
///
/// # Errors
/// One that is decided, a stale precondition, and another's proposal where the roles allow one's own only.
pub fn reject(
    tx: &mut Tx<'_>,
    id: ReviewId,
    condition: &Precondition,
    (comment, roles): (Prose<10000>, Roles),
) -> Result<Review> {
    let review = to_decide(tx, id, condition)?;
    if !is_same_person(&review.proposed_by, &tx.context().actor) && !roles.contains(Role::Approver) {
        let detail =
            format!("{} proposed this; another person's proposal an approver rejects", review.proposed_by);
        return Err(Error::forbidden("not_your_proposal", detail));
    }
    decide(tx, review, (ReviewStatus::Rejected, None), Some(comment))
}

/// A review that is loaded to be decided; one that is can't be.
fn to_decide(tx: &mut Tx<'_>, id: ReviewId, condition: &Precondition) -> Result<Review> {
    let (revision, document) =
        store::record(tx.connection(), id)?.ok_or_else(|| Error::not_found("review", id))?;
    note(&tx.context().evidence, id, &document);
    let review: Review = serde_json::from_str(&document)
        .map_err(|failure| Error::internal(format!("review {id} can't be read: {failure}")))?;
    match review.status {
        ReviewStatus::Pending => {}
        ReviewStatus::Confirmed | ReviewStatus::Rejected => {
            let detail = format!("review {id} is {} already, which is final", review.status);
            return Err(Error::conflict("already_decided", detail));
        }
    }
    condition.check(revision)?;
    Ok(review)
}

/// Records what a review proposes, by the use case that would have recorded it at once.
fn record(tx: &mut Tx<'_>, review: &Review) -> Result<Designation> {
    let (id, always) = (review.designation_id, Precondition::none());
    match &review.proposal {
        Proposal::CreateDesignation(proposal) => designations::create(tx, &proposal.designation),
        Proposal::RecordEvent(proposal) => {
            Ok(designations::record_event(tx, id, &always, &proposal.event)?.designation)
        }
        Proposal::VoidDesignation(proposal) => {
            let now = designations::to_change(tx, id)?.revision;
            if now != proposal.revision {
                let detail = format!(
                    "the designation was at revision {} when its voiding was proposed and is at {now}; look at it again, and \
                     propose it anew",
                    proposal.revision
                );
                return Err(Error::conflict("designation_changed", detail));
            }
            designations::void(tx, id, &always, Some(proposal.comment.clone()))
        }
        Proposal::AddReason(proposal) => designations::add_reason(tx, id, &always, proposal.reason.clone()),
        Proposal::UpdateReason(proposal) => {
            must_be_as_it_was(tx, id, &proposal.before)?;
            let patch = serde_json::to_value(proposal.after.fields())
                .map_err(|failure| Error::internal(failure.to_string()))?;
            designations::update_reason(tx, (id, proposal.after.id), &always, patch)
        }
        Proposal::RemoveReason(proposal) => {
            must_be_as_it_was(tx, id, &proposal.reason)?;
            designations::remove_reason(tx, (id, proposal.reason.id), &always)
        }
    }
}

/// Whoever confirms has seen the change of one reason, and not of what became of it since.
fn must_be_as_it_was(tx: &mut Tx<'_>, id: DesignationId, reason: &Reason) -> Result<()> {
    let designation = designations::to_change(tx, id)?;
    if designation.reasons.iter().any(|now| now == reason) {
        return Ok(());
    }
    let detail = format!("reason {} has changed since this was proposed, or is gone", reason.id);
    Err(Error::conflict("reason_changed", detail))
}

/// Whatever stands against a change that was possible when it was proposed contradicts what is recorded since: a conflict,
/// under the code that the change itself would have met where that is one.
fn still_pending(failure: Error) -> Error {
    let stays = |detail: String| {
        format!(
            "{detail}. The review stays pending: reject it, or confirm it when this no longer stands against it"
        )
    };
    let impossible = |detail: String| Error::conflict("no_longer_possible", stays(detail));
    match failure {
        Error::Conflict { code, detail } => Error::conflict(code, stays(detail)),
        Error::IllegalEvent { detail, allowed, conflicting_event_id } => {
            Error::IllegalEvent { detail: stays(detail), allowed, conflicting_event_id }
        }
        Error::Invalid(faults) => {
            let each = faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.detail));
            impossible(each.collect::<Vec<_>>().join("; "))
        }
        Error::NotFound { .. } | Error::Stale { .. } | Error::Forbidden { .. } | Error::KeyReused => {
            impossible(failure.to_string())
        }
        Error::Busy(_)
        | Error::TimedOut(_)
        | Error::Interrupted(_)
        | Error::Uncertain(_)
        | Error::Unavailable(_)
        | Error::NoRoom(_)
        | Error::Internal(_) => failure,
    }
}

fn decide(
    tx: &mut Tx<'_>,
    review: Review,
    (status, result): (ReviewStatus, Option<ReviewResult>),
    comment: Option<Prose<10000>>,
) -> Result<Review> {
    let stamp = tx.stamp();
    let by = tx.context().actor.clone();
    let decision = ReviewDecision { at: stamp.recorded_at, by, comment: comment.clone(), result };
    let decided = Review {
        revision: review.revision.saturating_add(1),
        updated_at: stamp.recorded_at,
        status,
        decision: Some(decision.clone()),
        ..review
    };
    let action = match status {
        ReviewStatus::Confirmed => JournalAction::ReviewConfirmed,
        ReviewStatus::Rejected => JournalAction::ReviewRejected,
        ReviewStatus::Pending => return Err(Error::internal("a decision that decides nothing")),
    };
    let document = append(tx, &stamp, (action, &decided), comment.as_deref())?;
    store::decide(tx.connection(), (&decided, &decision), &document, stamp.seq)?;
    Ok(decided)
}

/// Appends the entry of a revision of a review, and gives its text.
fn append(
    tx: &mut Tx<'_>,
    stamp: &Stamp,
    (action, review): (JournalAction, &Review),
    comment: Option<&str>,
) -> Result<String> {
    let payload = to_json(review)?;
    let change = Change {
        action,
        subject_kind: SubjectKind::Review,
        subject_id: review.id.uuid(),
        revision: review.revision,
        payload: &payload,
        event: None,
        comment,
        sight: Sight::Restricted,
    };
    journal::append(tx, stamp, &change)?;
    Ok(payload)
}

/// A review, as its revision and text.
///
/// # Errors
/// When there is none.
pub fn get(snapshot: &mut Snapshot<'_>, id: ReviewId) -> Result<(u64, String)> {
    let found = store::record(snapshot.connection(), id)?.ok_or_else(|| Error::not_found("review", id))?;
    note(snapshot.evidence(), id, &found.1);
    Ok(found)
}

/// So many reviews after one, oldest first, each with its text.
///
/// # Errors
/// An unknown vendor or designation: a mistyped id must not look like an empty queue.
pub(super) fn list(
    snapshot: &mut Snapshot<'_>,
    filter: &Filter,
    page: (Option<ReviewId>, i64),
) -> Result<Vec<(ReviewId, String)>> {
    let unknown = |parameter, what, id: &dyn std::fmt::Display| {
        Error::invalid(parameter, "unknown_reference", format!("there is no {what} {id}"))
    };
    if let Some(id) = filter.vendor
        && vendors::known(snapshot, &[id])?.is_empty()
    {
        return Err(unknown("vendor_id", "vendor", &id));
    }
    if let Some(id) = filter.designation
        && !designations::is_known(snapshot, id)?
        && !store::is_proposed(snapshot.connection(), id)?
    {
        return Err(unknown("designation_id", "designation", &id));
    }
    let found = store::list(snapshot.connection(), filter, page)?;
    // The last one only tells that there are more.
    let shown = usize::try_from(page.1).unwrap_or(usize::MAX).saturating_sub(1);
    for (id, text) in found.iter().take(shown) {
        note(snapshot.evidence(), *id, text);
    }
    Ok(found)
}

/// Notes that a review is shown, and with it the designation that it is about.
fn note(evidence: &Evidence, id: ReviewId, text: &str) {
    evidence.restricted(id.uuid());
    if let Some(designation) = journal::designation_of(text) {
        evidence.restricted(designation);
    }
}
