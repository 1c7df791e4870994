//! Reviews and decisions against what the replay makes of them: each decision once, each confirmation beside the one entry
//! that it made, and that entry just what was proposed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::{QueryDsl, RunQueryDsl};
use uuid::Uuid;

use super::{
    confirmed::{self, Entry},
    derived::same_columns,
    replay::{Expected, Version},
    report::Report,
    tables::same,
};
use crate::{
    access::person::is_same_person,
    db::{
        AnyConnection,
        schema::{review_decisions, reviews},
        types::DbUuid,
        unexpected,
    },
    designations::model::Event,
    error::Result,
    journal::{JournalAction, Row, SubjectKind, column},
    reviews::model::{Review, ReviewStatus},
    values::Instant,
};

/// A decision's row: review, position, decision, by whom, comment.
type DecisionRow = (DbUuid, i64, String, String, Option<String>);

/// An entry that a confirmation made.
struct Made {
    review: Uuid,
    designation: Uuid,
    revision: u64,
    recorded_at: Instant,
    actor: String,
    action: String,
    comment: Option<String>,
    event: Option<Event>,
}

/// What the replay has seen of reviews.
#[derive(Default)]
pub(super) struct Seen {
    made: BTreeMap<u64, Made>,
    decisions: BTreeSet<DecisionRow>,
}

/// Notes an entry that says that a confirmation made it.
pub(super) fn note_made(report: &mut Report, seen: &mut Seen, (seq, row): (u64, &Row)) {
    let Some(review) = row.review_id else { return };
    if row.subject_kind != SubjectKind::Designation.as_str() {
        report.differs(format!("journal entry {seq}: it names a review, and is of no designation"));
        return;
    }
    let made = Made {
        review: review.0,
        designation: row.subject_id.0,
        revision: u64::try_from(row.revision).unwrap_or_default(),
        recorded_at: row.recorded_at.0,
        actor: row.actor.clone(),
        action: row.action.clone(),
        comment: row.comment.clone(),
        event: row.event.as_ref().and_then(|text| serde_json::from_str(&text.0).ok()),
    };
    seen.made.insert(seq, made);
}

/// Replays an entry of a review; `before` is the payload of its revision before.
pub(super) fn replay(
    report: &mut Report,
    (seen, versions): (&mut Seen, &HashMap<Uuid, Vec<Version>>),
    (seq, row): (u64, &Row),
    before: Option<&str>,
) {
    let mut differs = |what: &str| report.differs(format!("journal entry {seq}: {what}"));
    let review: Review = match serde_json::from_str(&row.payload.0) {
        Ok(review) => review,
        Err(failure) => return differs(&format!("its review can't be read: {failure}")),
    };
    let before: Option<Review> = before.and_then(|payload| serde_json::from_str(payload).ok());
    let action = match review.status {
        ReviewStatus::Pending => JournalAction::ReviewProposed,
        ReviewStatus::Confirmed => JournalAction::ReviewConfirmed,
        ReviewStatus::Rejected => JournalAction::ReviewRejected,
    };
    if row.action != action.as_str() {
        differs("its action is not what became of its review");
    }
    let comment = match &review.decision {
        Some(decision) => decision.comment.as_deref(),
        None => confirmed::comment(&review.proposal),
    };
    if row.comment.as_deref() != comment {
        differs("its comment is not what its review says");
    }
    let Some(decision) = &review.decision else {
        if review.status != ReviewStatus::Pending || before.is_some() || review.proposed_by != row.actor {
            differs("its review is proposed by another, or is not as a proposal is");
        }
        return;
    };
    let proposed = before.filter(|before| before.status == ReviewStatus::Pending);
    let as_proposed = proposed.is_some_and(|before| {
        let (updated_at, status, decision) = (review.updated_at, review.status, review.decision.clone());
        Review { revision: review.revision, updated_at, status, decision, ..before } == review
    });
    if !as_proposed {
        differs("what it decides is not what was proposed");
    }
    if decision.by != row.actor || decision.at != row.recorded_at.0 {
        differs("its decision is of another, or of another instant");
    }
    let decided_by = decision.by.clone();
    let comment = decision.comment.as_deref().map(ToOwned::to_owned);
    seen.decisions.insert((
        DbUuid(review.id.uuid()),
        row.seq,
        review.status.to_string(),
        decided_by,
        comment,
    ));
    let made = seq.checked_sub(1).and_then(|before| seen.made.remove(&before));
    match (&decision.result, made) {
        (None, None) if review.status == ReviewStatus::Rejected => {}
        (Some(result), Some(made)) if review.status == ReviewStatus::Confirmed => {
            if is_same_person(&review.proposed_by, &decision.by) {
                differs("it confirms what the same person proposed");
            }
            let fits = result.seq.saturating_add(1) == seq
                && made.review == review.id.uuid()
                && made.designation == review.designation_id.uuid()
                && made.revision == result.revision
                && made.actor == decision.by
                && made.event.as_ref().map(|event| event.id) == result.event_id
                && made.event == confirmed::event(&review.proposal, (result.seq, made.recorded_at));
            if !fits {
                differs("the entry before it is not what it confirms");
            }
            let versions = versions.get(&made.designation).map(Vec::as_slice).unwrap_or_default();
            compare(report, &review, (seq.saturating_sub(1), &made), versions);
        }
        _ => differs("the entry before it is not what it decides about"),
    }
}

/// Compares an entry with the review that it confirms: the newest version is its designation, the one before that what the
/// change was made to.
fn compare(report: &mut Report, review: &Review, (seq, made): (u64, &Made), versions: &[Version]) {
    let (newest, earlier) = match versions {
        [earlier @ .., newest] if newest.known_from == seq => (newest, earlier),
        // The replay has said already that its designation can't be read.
        _ => return,
    };
    let entry = Entry {
        seq,
        recorded_at: made.recorded_at,
        actor: &made.actor,
        action: &made.action,
        comment: made.comment.as_deref(),
        before: earlier.last().map(|version| &version.designation),
        after: &newest.designation,
    };
    let Some(differing) = confirmed::differing(review, &entry) else {
        let id = review.id;
        report.differs(format!("journal entry {seq}: review {id} can't have changed the revision before it"));
        return;
    };
    for field in differing {
        report.differs(format!(
            "journal entry {seq}: its {field} is not what review {} makes of it",
            review.id
        ));
    }
}

/// Compares the rows of reviews and decisions.
pub(super) fn check(connection: &mut AnyConnection, expected: &Expected, report: &mut Report) -> Result<()> {
    for (seq, made) in &expected.reviews.made {
        report
            .differs(format!("journal entry {seq}: nobody confirmed review {}, which it names", made.review));
    }
    let found: Vec<DecisionRow> = review_decisions::table
        .select((
            review_decisions::review_id,
            review_decisions::seq,
            review_decisions::decision,
            review_decisions::decided_by,
            review_decisions::comment,
        ))
        .load(connection)
        .map_err(unexpected("read decisions"))?;
    same(report, "decisions about reviews", found, expected.reviews.decisions.clone());
    let found: Vec<(DbUuid, _)> = reviews::table
        .select((
            reviews::id,
            (
                reviews::created_seq,
                reviews::change,
                reviews::designation_id,
                reviews::vendor_id,
                reviews::proposed_by,
            ),
        ))
        .load(connection)
        .map_err(unexpected("read reviews"))?;
    let of_kind = expected.records.iter().filter(|(_, last)| last.kind == SubjectKind::Review);
    let mut wanted = HashMap::new();
    for (id, last) in of_kind {
        let Ok(review) = serde_json::from_str::<Review>(&last.payload) else { continue };
        let vendor = review.vendor_id.map(|id| DbUuid(id.uuid()));
        let change = review.proposal.change().to_string();
        let designation = DbUuid(review.designation_id.uuid());
        wanted.insert(*id, (column(last.created_seq)?, change, designation, vendor, review.proposed_by));
    }
    same_columns(report, SubjectKind::Review, found, wanted);
    Ok(())
}
