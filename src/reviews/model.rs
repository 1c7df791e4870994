//! The record of a review: what was proposed, by whom, and what became of it. No I/O.

use serde::{Deserialize, Serialize};
use utoipa::{PartialSchema, ToSchema, openapi};

use crate::{
    designations::{
        model::{Draft as EventDraft, Reason},
        service::{DesignationDraft, DraftText},
    },
    values::{DesignationId, EventId, Instant, Line, Prose, ReviewId, VendorId, words},
};

words! {
    /// What became of a review.
    pub enum ReviewStatus {
        /// It waits for another person.
        Pending = "pending",
        /// What it proposed is recorded.
        Confirmed = "confirmed",
        /// It was rejected, or withdrawn by who proposed it.
        Rejected = "rejected",
    }
}

words! {
    /// What a review proposes.
    pub enum ReviewChange {
        /// To record a designation, with its first event.
        CreateDesignation = "create_designation",
        /// To record an event of a designation.
        RecordEvent = "record_event",
        /// To void a designation.
        VoidDesignation = "void_designation",
        /// To add a reason to a designation.
        AddReason = "add_reason",
        /// To change a reason of a designation.
        UpdateReason = "update_reason",
        /// To remove a reason from a designation.
        RemoveReason = "remove_reason",
    }
}

/// To record a designation, with its reasons and its first event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreateDesignationProposal {
    /// The designation, under the ids that it and its parts will have.
    #[schema(value_type = DraftText)]
    pub designation: DesignationDraft,
}

/// To record an event, or a correction of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordEventProposal {
    pub event: EventDraft,
}

/// To void the designation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoidDesignationProposal {
    /// The designation's revision when its voiding was proposed. Once it is another, the voiding can't be confirmed.
    #[schema(minimum = 1)]
    pub revision: u64,
    /// Why: what the voided designation will say.
    pub comment: Prose<10000>,
}

/// To add a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AddReasonProposal {
    /// The reason, under the id that it will have.
    pub reason: Reason,
}

/// To change a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UpdateReasonProposal {
    /// The reason as it was when the change was proposed. Once it is another, the change can't be confirmed.
    pub before: Reason,
    /// The reason as it will be.
    pub after: Reason,
}

/// To remove a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RemoveReasonProposal {
    /// The reason as it was when its removal was proposed. Once it is another, it can't be confirmed.
    pub reason: Reason,
}

/// What a review proposes, to the byte: every id is made already, and a confirmation records just this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Proposal {
    CreateDesignation(Box<CreateDesignationProposal>),
    RecordEvent(Box<RecordEventProposal>),
    VoidDesignation(VoidDesignationProposal),
    AddReason(AddReasonProposal),
    UpdateReason(UpdateReasonProposal),
    RemoveReason(RemoveReasonProposal),
}

impl Proposal {
    /// What it proposes, in a word.
    #[must_use]
    pub const fn change(&self) -> ReviewChange {
        match self {
            Self::CreateDesignation(_) => ReviewChange::CreateDesignation,
            Self::RecordEvent(_) => ReviewChange::RecordEvent,
            Self::VoidDesignation(_) => ReviewChange::VoidDesignation,
            Self::AddReason(_) => ReviewChange::AddReason,
            Self::UpdateReason(_) => ReviewChange::UpdateReason,
            Self::RemoveReason(_) => ReviewChange::RemoveReason,
        }
    }

    /// The event that it will record, where it will.
    #[must_use]
    pub fn event_id(&self) -> Option<EventId> {
        match self {
            Self::CreateDesignation(proposal) => Some(proposal.designation.event().id()),
            Self::RecordEvent(proposal) => Some(proposal.event.id()),
            Self::VoidDesignation(_) | Self::AddReason(_) | Self::UpdateReason(_) | Self::RemoveReason(_) => {
                None
            }
        }
    }
}

/// The document shows a proposal as a union of one schema for each change; `schema` makes it.
impl PartialSchema for Proposal {
    fn schema() -> openapi::RefOr<openapi::Schema> {
        openapi::Object::new().into()
    }
}

impl ToSchema for Proposal {
    fn schemas(schemas: &mut Vec<(String, openapi::RefOr<openapi::Schema>)>) {
        fn add<T: ToSchema>(schemas: &mut Vec<(String, openapi::RefOr<openapi::Schema>)>) {
            schemas.push((T::name().into_owned(), T::schema()));
            T::schemas(schemas);
        }
        add::<CreateDesignationProposal>(schemas);
        add::<RecordEventProposal>(schemas);
        add::<VoidDesignationProposal>(schemas);
        add::<AddReasonProposal>(schemas);
        add::<UpdateReasonProposal>(schemas);
        add::<RemoveReasonProposal>(schemas);
    }
}

/// What a confirmation recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewResult {
    /// The journal entry of the designation.
    #[schema(minimum = 1)]
    pub seq: u64,
    /// The designation's revision after it.
    #[schema(minimum = 1)]
    pub revision: u64,
    /// The event that it recorded; null where the change records none.
    #[schema(required)]
    pub event_id: Option<EventId>,
}

/// Who decided, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewDecision {
    /// When it was decided (UTC).
    pub at: Instant,
    /// Who decided, as the journal names them.
    #[schema(max_length = 200)]
    pub by: String,
    /// Why, in their words; null where nothing was said.
    #[schema(required)]
    pub comment: Option<Prose<10000>>,
    /// What was recorded; null where it was rejected.
    #[schema(required)]
    pub result: Option<ReviewResult>,
}

/// A change of a designation that waits until another person confirms it, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Review {
    /// The review's id, given when the change was proposed; it never changes.
    pub id: ReviewId,
    /// 1 while it is pending, 2 once it is decided.
    #[schema(minimum = 1)]
    pub revision: u64,
    /// When the change was proposed (UTC).
    pub created_at: Instant,
    /// When it was decided; until then, when it was proposed (UTC).
    pub updated_at: Instant,
    pub status: ReviewStatus,
    /// The designation that it would change, or make.
    pub designation_id: DesignationId,
    /// The designation's title when it was proposed.
    pub designation_title: Line<500>,
    /// The vendor that is designated; null where the subject is a category.
    #[schema(required)]
    pub vendor_id: Option<VendorId>,
    /// Who proposed it, and so may not confirm it.
    #[schema(max_length = 200)]
    pub proposed_by: String,
    /// What is recorded once it is confirmed.
    pub proposal: Proposal,
    /// Who decided, how, when and why; null while it is pending.
    #[schema(required)]
    pub decision: Option<ReviewDecision>,
}
