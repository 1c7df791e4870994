//! What an event carries beyond what every event carries, typed by the event's type. One table ([`fields`]) says which
//! fields belong to which type; requests, stored events and the OpenAPI document all follow it. `details_text` is the
//! flat form in JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{details_text::DetailsText, event::EventType, scope::ScopeStatement};
use crate::values::{AuthorityId, Date, DesignationId, EventId, Line, List, Prose, ScopeId};

/// The scopes that an event states. `None`: it states no list (a correction then carries the last one over).
pub type Scopes = Option<List<ScopeStatement, 500>>;

/// Dates for a scope. At least one of the two is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeDates {
    /// The scope that gets the dates.
    pub scope_id: ScopeId,
    /// First day of effect; null or left out where it is not set here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
    /// Last day of effect; null or left out where it is not set here.
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

/// Something wrong with one field of the details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Below `details`; of an item of a list with its place.
    pub field: Cow<'static, str>,
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

    /// The designation that takes this one's place, where the event names one.
    #[must_use]
    pub const fn successor_id(&self) -> Option<DesignationId> {
        match self {
            Self::Superseded { successor_id, .. } => Some(*successor_id),
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
        built.ok_or_else(|| vec![Fault { field: "".into(), detail: "is incomplete".into() }])
    }
}
