//! Recording a designation, together with its first event.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    mentions,
    record::{self, References, check_authorities, check_references, check_successor},
};
use crate::{
    authorities,
    db::Tx,
    designations::model::{
        BasisDisclosure, Designation, DesignationLink, DesignationStatus, Draft as EventDraft, Event,
        EventCreate, EventCreateBody, EventType, Instrument, Origin, Reason, ReasonFields, Visibility,
    },
    error::{Error, Result},
    journal::JournalAction,
    regimes::{self, Effect},
    values::{AuthorityId, Date, DesignationId, Line, List, Prose, ReasonId, RegimeId, VendorId},
    vendors,
};

/// What a client states of a new designation: its own fields, its reasons and its first event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "vendor_id": "0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77", "regime_id": "0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e78",
    "authority_id": "0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e79", "reference": "N-2026-0117",
    "title": "Exclusion from covered procurements", "instrument": "exclusion_order", "origin": "official",
    "basis_disclosure": "partial",
    "reasons": [{
        "code": "foreign_control_or_influence", "statement": "A foreign state controls the vendor.",
        "asserted_by": "authority", "confidence": "confirmed", "status": "asserted",
        "sources": [{"kind": "official_order", "title": "Order N-2026-0117"}]
    }],
    "event": {
        "type": "order_issued", "occurred_on": "2026-03-03",
        "details": {"scopes": [{
            "environments": ["secret", "top_secret"], "actions": ["procure"], "tiers": ["prime", "subcontract"],
            "effective_from": "2026-04-01"
        }]},
        "sources": [{
            "kind": "official_order", "title": "Order N-2026-0117", "url": "https://www.example.com/order",
            "published_on": "2026-03-05"
        }]
    }
}))]
pub struct DesignationCreate {
    /// The vendor that is designated. Either this or `category`.
    #[serde(default)]
    pub vendor_id: Option<VendorId>,
    /// The category that is designated, in words, like "routers produced in a foreign country".
    #[serde(default)]
    pub category: Option<Line<500>>,
    /// The regime that it was made under.
    pub regime_id: RegimeId,
    /// The authority that made it.
    pub authority_id: AuthorityId,
    /// What it does; the regime's effect unless given.
    #[serde(default)]
    pub effect: Option<Effect>,
    /// The official number; null where there is none.
    #[serde(default)]
    pub reference: Option<Line<200>>,
    /// What the designation is called here, in a line.
    pub title: Line<500>,
    /// What it says, in words; null where nobody wrote it down.
    #[serde(default)]
    pub summary: Option<Prose<10000>>,
    pub instrument: Instrument,
    pub origin: Origin,
    pub basis_disclosure: BasisDisclosure,
    /// `public` unless given.
    #[serde(default)]
    pub visibility: Option<Visibility>,
    /// How it relates to other designations.
    #[serde(default)]
    pub links: List<DesignationLink, 50>,
    /// Why it was made, as its sources say.
    #[serde(default)]
    pub reasons: List<ReasonFields, 200>,
    /// The first event: one that gives a state, with at least one scope.
    #[schema(value_type = EventCreateBody)]
    pub event: EventCreate,
}

/// A designation that is ready to be recorded: its ids are made, so that the write can be run again. As JSON it is
/// [`super::DraftText`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "super::DraftText", into = "super::DraftText")]
pub struct Draft {
    pub id: DesignationId,
    pub(super) stated: DesignationCreate,
    pub(super) reasons: List<Reason, 200>,
    pub(super) event: EventDraft,
}

impl Draft {
    /// Checks what can be checked without the database.
    ///
    /// # Errors
    /// What is wrong in itself.
    pub fn new(stated: DesignationCreate, today: Date) -> Result<Self> {
        // What the schema of the event says comes before what no schema can say.
        let event = EventDraft::new(stated.event.clone(), "/event", today)?;
        if stated.vendor_id.is_some() == stated.category.is_some() {
            let detail = "give the subject: either vendor_id or category";
            return Err(Error::invalid("/vendor_id", "invalid_subject", detail));
        }
        if event.corrects().is_some() {
            return Err(Error::invalid(
                "/event/corrects",
                "invalid_value",
                "the first event has nothing to correct",
            ));
        }
        if !stated.event.event_type.gives_state() {
            let types: Vec<&str> =
                EventType::ALL.iter().filter(|kind| kind.gives_state()).map(|kind| kind.as_str()).collect();
            let detail = format!("the first event must give a state: one of {}", types.join(", "));
            return Err(Error::invalid("/event/type", "invalid_value", detail));
        }
        if event.details().scopes().unwrap_or_default().is_empty() {
            let detail = "the first event must bring at least one scope; {} is one that matches everything";
            return Err(Error::invalid("/event/details/scopes", "missing_field", detail));
        }
        must_have_reason(stated.event.event_type, stated.reasons.is_empty(), "/reasons")?;
        let reasons =
            stated.reasons.iter().map(|fields| Reason::new(ReasonId::new(), fields.clone())).collect();
        let reasons =
            List::new(reasons).map_err(|fault| Error::invalid("/reasons", "invalid_value", fault))?;
        Ok(Self { id: DesignationId::new(), stated, reasons, event })
    }

    /// The same with this effect, whatever the regime's comes to be.
    #[must_use]
    pub fn with_effect(mut self, effect: Effect) -> Self {
        self.stated.effect = Some(effect);
        self
    }

    /// The effect that is stated; of one that was proposed, the regime's where none was.
    #[must_use]
    pub const fn effect(&self) -> Option<Effect> {
        self.stated.effect
    }

    /// The first revision that it becomes by its event, not yet with what follows from that.
    ///
    /// # Errors
    /// None that can happen: one event is never too many.
    pub fn designation(&self, effect: Effect, event: Event) -> Result<Designation> {
        let stated = self.stated.clone();
        Ok(Designation {
            id: self.id,
            revision: 1,
            created_at: event.recorded_at,
            updated_at: event.recorded_at,
            status: DesignationStatus::Active,
            vendor_id: stated.vendor_id,
            category: stated.category,
            regime_id: stated.regime_id,
            authority_id: stated.authority_id,
            effect,
            reference: stated.reference,
            title: stated.title,
            summary: stated.summary,
            instrument: stated.instrument,
            origin: stated.origin,
            basis_disclosure: stated.basis_disclosure,
            visibility: self.visibility(),
            reasons: self.reasons.clone(),
            scopes: List::default(),
            events: List::new(vec![event]).map_err(Error::internal)?,
            links: stated.links,
            next_review_on: None,
            warnings: List::default(),
            ended: None,
            current: None,
        })
    }

    fn visibility(&self) -> Visibility {
        self.stated.visibility.unwrap_or(Visibility::Public)
    }

    /// The first event.
    #[must_use]
    pub const fn event(&self) -> &EventDraft {
        &self.event
    }
}

/// An order needs a reason; `undisclosed` counts.
pub(super) fn must_have_reason(event_type: EventType, none: bool, pointer: &str) -> Result<()> {
    if event_type == EventType::OrderIssued && none {
        let detail = "order_issued needs at least one reason on the designation; the code undisclosed counts";
        return Err(Error::invalid(pointer, "missing_field", detail));
    }
    Ok(())
}

/// Records a designation and its first event as one entry.
///
/// # Errors
/// References that are not there or not in use, and an event that is wrong in itself.
pub fn create(tx: &mut Tx<'_>, draft: &Draft) -> Result<Designation> {
    let stated = &draft.stated;
    if let Some(vendor) = stated.vendor_id {
        vendors::must_be_active(tx, vendor, "/vendor_id")?;
    }
    let regime = regimes::must_be_active(tx, stated.regime_id, "/regime_id")?;
    authorities::must_be_active(tx, stated.authority_id, "/authority_id")?;
    check_authorities(tx, draft.event.details(), "/event")?;
    check_successor(tx, draft.id, draft.event.details(), "/event")?;
    check_links(tx, draft.id, &stated.links)?;
    mentions::check_new(tx, draft.visibility(), &stated.links, draft.event.details())?;
    draft.event.check_restated(&[], "/event")?;
    let stamp = tx.stamp();
    let event = draft.event.record(stamp.seq, stamp.recorded_at);
    let effect = stated.effect.unwrap_or(regime.effect);
    let mut designation = draft.designation(effect, event.clone())?;
    let timelines = record::derive(&mut designation, &regime, (&event, "/event"))?;
    let recorded =
        record::Recorded { action: JournalAction::DesignationCreated, event: Some(&event), comment: None };
    record::write(tx, &stamp, (&designation, Some(&timelines)), &recorded)?;
    Ok(designation)
}

/// Where a request holds a link's designation.
pub(super) fn link_pointer(index: usize) -> String {
    format!("/links/{index}/designation_id")
}

/// Refuses links to designations that are not there, and to the designation itself.
pub(super) fn check_links(tx: &mut Tx<'_>, id: DesignationId, links: &[DesignationLink]) -> Result<()> {
    if let Some(index) = links.iter().position(|link| link.designation_id == id) {
        return Err(Error::invalid(link_pointer(index), "invalid_value", "must be another designation"));
    }
    let references: Vec<_> =
        links.iter().enumerate().map(|(index, link)| (link.designation_id, link_pointer(index))).collect();
    check_references(tx, &references, References::MustExist)
}
