//! What an event carries beyond what every event carries, typed by the event's type.
//! One table ([`fields`]) says which fields belong to which type; requests, stored events and the OpenAPI document
//! all follow it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{event::EventType, scope::ScopeStatement};
use crate::values::{AuthorityId, Date, DesignationId, EventId, Line, List, Prose, ScopeId};

/// The scopes that an event states. `None`: it states no list (a correction then carries the last one over).
pub type Scopes = Option<List<ScopeStatement, 500>>;

/// Dates for a scope. At least one of the two is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeDates {
    pub scope_id: ScopeId,
    /// First day of effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
    /// Last day of effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<Date>,
}

/// The details of an event, each type with its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Details {
    ProposalRecorded {
        scopes: Scopes,
    },
    NoticeIssued {
        scopes: Scopes,
        response_due_on: Option<Date>,
    },
    ResponseReceived {
        received_on: Date,
    },
    ResponseExtended {
        response_due_on: Date,
    },
    UrgentAction {
        basis: Prose<10000>,
        scopes: Scopes,
        review_by: Option<Date>,
    },
    OrderIssued {
        scopes: Scopes,
        dates: List<ScopeDates, 500>,
    },
    Stayed {
        authority_id: AuthorityId,
        case_number: Line<200>,
        effective_on: Option<Date>,
    },
    StayLifted {
        lifts: Option<EventId>,
        effective_on: Option<Date>,
    },
    Vacated {
        authority_id: AuthorityId,
        case_number: Line<200>,
        retroactive: bool,
        effective_on: Option<Date>,
    },
    Rescinded {
        effective_on: Option<Date>,
    },
    Delisted {
        effective_on: Option<Date>,
    },
    Withdrawn,
    Superseded {
        successor_id: DesignationId,
        effective_on: Option<Date>,
    },
    Reinstated {
        authority_id: AuthorityId,
        reinstates: Option<EventId>,
        effective_on: Option<Date>,
    },
    Amended {
        scopes: Scopes,
        dates: List<ScopeDates, 500>,
    },
    ReviewAffirmed {
        next_review_on: Date,
    },
    Noted,
}

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

/// Something wrong with one field of the details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub field: &'static str,
    pub detail: String,
}

/// The fields of an event type's details; `true` where one must be given.
#[must_use]
pub const fn fields(event_type: EventType) -> &'static [(&'static str, bool)] {
    match event_type {
        EventType::ProposalRecorded => &[("scopes", false)],
        EventType::NoticeIssued => &[("scopes", false), ("response_due_on", false)],
        EventType::ResponseReceived => &[("received_on", true)],
        EventType::ResponseExtended => &[("response_due_on", true)],
        EventType::UrgentAction => &[("basis", true), ("scopes", false), ("review_by", false)],
        EventType::OrderIssued | EventType::Amended => &[("scopes", false), ("dates", false)],
        EventType::Stayed => &[("authority_id", true), ("case_number", true), ("effective_on", false)],
        EventType::StayLifted => &[("lifts", false), ("effective_on", false)],
        EventType::Vacated => {
            &[("authority_id", true), ("case_number", true), ("retroactive", true), ("effective_on", false)]
        }
        EventType::Rescinded | EventType::Delisted => &[("effective_on", false)],
        EventType::Superseded => &[("successor_id", true), ("effective_on", false)],
        EventType::Reinstated => &[("authority_id", true), ("reinstates", false), ("effective_on", false)],
        EventType::ReviewAffirmed => &[("next_review_on", true)],
        EventType::Withdrawn | EventType::Noted => &[],
    }
}

impl Details {
    /// The type of event that these details belong to.
    #[must_use]
    pub const fn event_type(&self) -> EventType {
        match self {
            Self::ProposalRecorded { .. } => EventType::ProposalRecorded,
            Self::NoticeIssued { .. } => EventType::NoticeIssued,
            Self::ResponseReceived { .. } => EventType::ResponseReceived,
            Self::ResponseExtended { .. } => EventType::ResponseExtended,
            Self::UrgentAction { .. } => EventType::UrgentAction,
            Self::OrderIssued { .. } => EventType::OrderIssued,
            Self::Stayed { .. } => EventType::Stayed,
            Self::StayLifted { .. } => EventType::StayLifted,
            Self::Vacated { .. } => EventType::Vacated,
            Self::Rescinded { .. } => EventType::Rescinded,
            Self::Delisted { .. } => EventType::Delisted,
            Self::Withdrawn => EventType::Withdrawn,
            Self::Superseded { .. } => EventType::Superseded,
            Self::Reinstated { .. } => EventType::Reinstated,
            Self::Amended { .. } => EventType::Amended,
            Self::ReviewAffirmed { .. } => EventType::ReviewAffirmed,
            Self::Noted => EventType::Noted,
        }
    }

    /// The scopes that the event states, where it states a list.
    #[must_use]
    pub fn scopes(&self) -> Option<&[ScopeStatement]> {
        match self {
            Self::ProposalRecorded { scopes }
            | Self::NoticeIssued { scopes, .. }
            | Self::UrgentAction { scopes, .. }
            | Self::OrderIssued { scopes, .. }
            | Self::Amended { scopes, .. } => scopes.as_deref(),
            _ => None,
        }
    }

    /// Replaces the stated scopes, where the type has them.
    pub fn set_scopes(&mut self, stated: List<ScopeStatement, 500>) {
        match self {
            Self::ProposalRecorded { scopes }
            | Self::NoticeIssued { scopes, .. }
            | Self::UrgentAction { scopes, .. }
            | Self::OrderIssued { scopes, .. }
            | Self::Amended { scopes, .. } => *scopes = Some(stated),
            _ => {}
        }
    }

    /// The dates that the event gives to scopes.
    #[must_use]
    pub fn dates(&self) -> &[ScopeDates] {
        match self {
            Self::OrderIssued { dates, .. } | Self::Amended { dates, .. } => dates,
            _ => &[],
        }
    }

    /// The day on which the effect starts, where the event says so.
    #[must_use]
    pub const fn effective_on(&self) -> Option<Date> {
        match self {
            Self::Stayed { effective_on, .. }
            | Self::StayLifted { effective_on, .. }
            | Self::Vacated { effective_on, .. }
            | Self::Rescinded { effective_on }
            | Self::Delisted { effective_on }
            | Self::Superseded { effective_on, .. }
            | Self::Reinstated { effective_on, .. } => *effective_on,
            _ => None,
        }
    }

    /// The court or authority that acted, where the event names one.
    #[must_use]
    pub const fn authority_id(&self) -> Option<AuthorityId> {
        match self {
            Self::Stayed { authority_id, .. }
            | Self::Vacated { authority_id, .. }
            | Self::Reinstated { authority_id, .. } => Some(*authority_id),
            _ => None,
        }
    }

    /// The details of an event of this type.
    ///
    /// # Errors
    /// Every field that is missing or does not belong to the type, and dates that contradict each other.
    pub fn from_text(event_type: EventType, text: DetailsText) -> Result<Self, Vec<Fault>> {
        let faults = text.faults(event_type);
        if !faults.is_empty() {
            return Err(faults);
        }
        let dates = text.dates.unwrap_or_default();
        let (scopes, effective_on) = (text.scopes, text.effective_on);
        let built = match event_type {
            EventType::ProposalRecorded => Some(Self::ProposalRecorded { scopes }),
            EventType::NoticeIssued => {
                Some(Self::NoticeIssued { scopes, response_due_on: text.response_due_on })
            }
            EventType::ResponseReceived => {
                text.received_on.map(|received_on| Self::ResponseReceived { received_on })
            }
            EventType::ResponseExtended => {
                text.response_due_on.map(|response_due_on| Self::ResponseExtended { response_due_on })
            }
            EventType::UrgentAction => {
                text.basis.map(|basis| Self::UrgentAction { basis, scopes, review_by: text.review_by })
            }
            EventType::OrderIssued => Some(Self::OrderIssued { scopes, dates }),
            EventType::Amended => Some(Self::Amended { scopes, dates }),
            EventType::Stayed => text
                .authority_id
                .zip(text.case_number)
                .map(|(authority_id, case_number)| Self::Stayed { authority_id, case_number, effective_on }),
            EventType::StayLifted => Some(Self::StayLifted { lifts: text.lifts, effective_on }),
            EventType::Vacated => text.authority_id.zip(text.case_number).zip(text.retroactive).map(
                |((authority_id, case_number), retroactive)| Self::Vacated {
                    authority_id,
                    case_number,
                    retroactive,
                    effective_on,
                },
            ),
            EventType::Rescinded => Some(Self::Rescinded { effective_on }),
            EventType::Delisted => Some(Self::Delisted { effective_on }),
            EventType::Withdrawn => Some(Self::Withdrawn),
            EventType::Superseded => {
                text.successor_id.map(|successor_id| Self::Superseded { successor_id, effective_on })
            }
            EventType::Reinstated => text.authority_id.map(|authority_id| Self::Reinstated {
                authority_id,
                reinstates: text.reinstates,
                effective_on,
            }),
            EventType::ReviewAffirmed => {
                text.next_review_on.map(|next_review_on| Self::ReviewAffirmed { next_review_on })
            }
            EventType::Noted => Some(Self::Noted),
        };
        built.ok_or_else(|| vec![Fault { field: "", detail: "is incomplete".into() }])
    }
}

impl DetailsText {
    fn faults(&self, event_type: EventType) -> Vec<Fault> {
        let allowed = fields(event_type);
        let names = || allowed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let mut faults = Vec::new();
        for (field, given) in self.given() {
            match allowed.iter().find(|(name, _)| *name == field) {
                None if given => {
                    let which =
                        if allowed.is_empty() { "no details".into() } else { format!("only {}", names()) };
                    faults.push(Fault {
                        field,
                        detail: format!("does not belong to {event_type}, which carries {which}"),
                    });
                }
                Some((_, true)) if !given => {
                    faults.push(Fault { field, detail: format!("is required for {event_type}") });
                }
                _ => {}
            }
        }
        if self.retroactive == Some(true) && self.effective_on.is_some() {
            let detail = "must be left out when retroactive is true: the effect reaches back to the first day in force";
            faults.push(Fault { field: "effective_on", detail: detail.into() });
        }
        if self
            .dates
            .iter()
            .flatten()
            .any(|dates| dates.effective_from.is_none() && dates.effective_to.is_none())
        {
            faults.push(Fault {
                field: "dates",
                detail: "each item needs effective_from or effective_to".into(),
            });
        }
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
