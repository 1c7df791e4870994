//! How a designation that waits to be recorded is written: what was asked for, with the ids that it will have.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::create::{DesignationCreate, Draft};
use crate::{
    designations::model::{
        BasisDisclosure, DesignationLink, Draft as EventDraft, Instrument, Origin, Reason, Visibility,
    },
    regimes::Effect,
    values::{AuthorityId, DesignationId, Line, List, Prose, RegimeId, VendorId},
};

/// A designation as it was proposed, with its reasons and its first event, under the ids that they will have.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ProposedDesignation)]
pub struct DraftText {
    /// The id that it will have.
    id: DesignationId,
    /// The vendor that it will designate; null where the subject is a category.
    #[schema(required)]
    vendor_id: Option<VendorId>,
    /// The category that it will designate, in words; null where the subject is a vendor.
    #[schema(required)]
    category: Option<Line<500>>,
    /// The regime that it will be made under.
    regime_id: RegimeId,
    /// The authority that makes it.
    authority_id: AuthorityId,
    /// What it will do: as stated, or as the regime did when it was proposed.
    #[schema(required, nullable = false)]
    effect: Option<Effect>,
    /// The official number; null where there is none.
    #[schema(required)]
    reference: Option<Line<200>>,
    /// What the designation is called here, in a line.
    title: Line<500>,
    /// What it says, in words; null where nobody wrote it down.
    #[schema(required)]
    summary: Option<Prose<10000>>,
    instrument: Instrument,
    origin: Origin,
    basis_disclosure: BasisDisclosure,
    visibility: Visibility,
    /// How it relates to other designations.
    links: List<DesignationLink, 50>,
    /// Why it is made, under the ids that they will have.
    reasons: List<Reason, 200>,
    /// The first event.
    event: EventDraft,
}

impl From<Draft> for DraftText {
    fn from(draft: Draft) -> Self {
        let Draft { id, stated, reasons, event } = draft;
        Self {
            id,
            vendor_id: stated.vendor_id,
            category: stated.category,
            regime_id: stated.regime_id,
            authority_id: stated.authority_id,
            effect: stated.effect,
            reference: stated.reference,
            title: stated.title,
            summary: stated.summary,
            instrument: stated.instrument,
            origin: stated.origin,
            basis_disclosure: stated.basis_disclosure,
            visibility: stated.visibility.unwrap_or(Visibility::Public),
            links: stated.links,
            reasons,
            event,
        }
    }
}

impl From<DraftText> for Draft {
    fn from(text: DraftText) -> Self {
        let stated = DesignationCreate {
            vendor_id: text.vendor_id,
            category: text.category,
            regime_id: text.regime_id,
            authority_id: text.authority_id,
            effect: text.effect,
            reference: text.reference,
            title: text.title,
            summary: text.summary,
            instrument: text.instrument,
            origin: text.origin,
            basis_disclosure: text.basis_disclosure,
            visibility: Some(text.visibility),
            links: text.links,
            // What is recorded are the reasons and the event beside it, which have their ids.
            reasons: List::default(),
            event: text.event.stated().clone(),
        };
        Self { id: text.id, stated, reasons: text.reasons, event: text.event }
    }
}
