//! The flat form of details in JSON, what is wrong with one, and the way back from the typed form.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    details::{Details, Fault, ScopeDates, fields},
    event::EventType,
    scope::ScopeStatement,
};
use crate::values::{AuthorityId, Date, DesignationId, EventId, Line, List, Prose};

/// The flat form of details in JSON: every field that any type has. Which ones belong to a type, [`fields`] says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EventDetails)]
pub struct DetailsText {
    /// The scopes that the event brings or, in a correction, restates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<List<ScopeStatement, 500>>,
    /// Dates for scopes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<List<ScopeDates, 500>>,
    /// The day by which the vendor must answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_due_on: Option<Date>,
    /// The day on which the vendor's answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_on: Option<Date>,
    /// Why it could not wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Prose<10000>>,
    /// The day by which the interim measure must be reviewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_by: Option<Date>,
    /// The court or authority that acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority_id: Option<AuthorityId>,
    /// The court's case number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_number: Option<Line<200>>,
    /// Whether the designation counts as never having been in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retroactive: Option<bool>,
    /// The day on which the effect starts; by default the day on which the event occurred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<Date>,
    /// The event of the stay that is lifted; by default all open stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifts: Option<EventId>,
    /// The designation that takes this one's place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor_id: Option<DesignationId>,
    /// The event of the end that is undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reinstates: Option<EventId>,
    /// The day of the next review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_review_on: Option<Date>,
}

impl DetailsText {
    pub(super) fn faults(&self, event_type: EventType) -> Vec<Fault> {
        let allowed = fields(event_type);
        let names = || allowed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let mut faults = Vec::new();
        for (field, given) in self.given() {
            match allowed.iter().find(|(name, _)| *name == field) {
                None if given => {
                    let which =
                        if allowed.is_empty() { "no details".into() } else { format!("only {}", names()) };
                    faults.push(Fault {
                        field: field.into(),
                        detail: format!("does not belong to {event_type}, which carries {which}"),
                    });
                }
                Some((_, true)) if !given => {
                    faults
                        .push(Fault { field: field.into(), detail: format!("is required for {event_type}") });
                }
                _ => {}
            }
        }
        if self.retroactive == Some(true) && self.effective_on.is_some() {
            let detail = "must be left out when retroactive is true: the effect reaches back to the first day in force";
            faults.push(Fault { field: "effective_on".into(), detail: detail.into() });
        }
        let empty = |dates: &ScopeDates| dates.effective_from.is_none() && dates.effective_to.is_none();
        let undated = self.dates.iter().flatten().enumerate().filter(|(_, dates)| empty(dates));
        faults.extend(undated.map(|(index, _)| Fault {
            field: format!("dates/{index}").into(),
            detail: "needs effective_from or effective_to".into(),
        }));
        faults
    }

    /// Every field with whether it is given. The pattern is exhaustive: a new field breaks the build here.
    fn given(&self) -> [(&'static str, bool); 14] {
        let Self {
            scopes,
            dates,
            response_due_on,
            received_on,
            basis,
            review_by,
            authority_id,
            case_number,
            retroactive,
            effective_on,
            lifts,
            successor_id,
            reinstates,
            next_review_on,
        } = self;
        [
            ("scopes", scopes.is_some()),
            ("dates", dates.is_some()),
            ("response_due_on", response_due_on.is_some()),
            ("received_on", received_on.is_some()),
            ("basis", basis.is_some()),
            ("review_by", review_by.is_some()),
            ("authority_id", authority_id.is_some()),
            ("case_number", case_number.is_some()),
            ("retroactive", retroactive.is_some()),
            ("effective_on", effective_on.is_some()),
            ("lifts", lifts.is_some()),
            ("successor_id", successor_id.is_some()),
            ("reinstates", reinstates.is_some()),
            ("next_review_on", next_review_on.is_some()),
        ]
    }
}

impl From<Details> for DetailsText {
    fn from(details: Details) -> Self {
        let dates_or_none = |dates: List<ScopeDates, 500>| (!dates.is_empty()).then_some(dates);
        let none = Self::default();
        match details {
            Details::ProposalRecorded { scopes } => Self { scopes, ..none },
            Details::NoticeIssued { scopes, response_due_on } => Self { scopes, response_due_on, ..none },
            Details::ResponseReceived { received_on } => Self { received_on: Some(received_on), ..none },
            Details::ResponseExtended { response_due_on } => {
                Self { response_due_on: Some(response_due_on), ..none }
            }
            Details::UrgentAction { basis, scopes, review_by } => {
                Self { basis: Some(basis), scopes, review_by, ..none }
            }
            Details::OrderIssued { scopes, dates } | Details::Amended { scopes, dates } => {
                Self { scopes, dates: dates_or_none(dates), ..none }
            }
            Details::Stayed { authority_id, case_number, effective_on } => Self {
                authority_id: Some(authority_id),
                case_number: Some(case_number),
                effective_on,
                ..none
            },
            Details::StayLifted { lifts, effective_on } => Self { effective_on, lifts, ..none },
            Details::Vacated { authority_id, case_number, retroactive, effective_on } => Self {
                authority_id: Some(authority_id),
                case_number: Some(case_number),
                retroactive: Some(retroactive),
                effective_on,
                ..none
            },
            Details::Rescinded { effective_on } | Details::Delisted { effective_on } => {
                Self { effective_on, ..none }
            }
            Details::Superseded { successor_id, effective_on } => {
                Self { successor_id: Some(successor_id), effective_on, ..none }
            }
            Details::Reinstated { authority_id, reinstates, effective_on } => {
                Self { authority_id: Some(authority_id), reinstates, effective_on, ..none }
            }
            Details::ReviewAffirmed { next_review_on } => {
                Self { next_review_on: Some(next_review_on), ..none }
            }
            Details::Withdrawn | Details::Noted => none,
        }
    }
}
