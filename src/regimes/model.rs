//! The record of a regime and its rules. No I/O.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    journal::recorded,
    values::{
        AuthorityId, Date, Ended, Instant, Line, Prose, RecordStatus, RegimeId, Slug, WebAddress, Whole,
        words,
    },
};

words! {
    /// What a designation does to the use of a vendor. From the weakest to the strongest, and ordered so.
    pub enum Effect {
        /// It warns, and binds nobody.
        Advisory = "advisory",
        /// Use must be reported.
        Reportable = "reportable",
        /// Use is allowed under conditions.
        Restricted = "restricted",
        /// Use is forbidden.
        Prohibited = "prohibited",
    }
}

/// What a client states of a regime.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "slug": "us-41-usc-4713", "title": "41 U.S.C. 4713: supply chain risk in procurements of covered articles",
    "citation": "41 U.S.C. 4713", "jurisdiction": "US", "effect": "prohibited", "prior_notice_required": true,
    "response_days": 30, "review_interval_days": 365, "expires_on": "2033-12-31",
    "url": "https://www.law.cornell.edu/uscode/text/41/4713",
    "description": "Lets the head of any executive agency exclude a source from procurements of covered articles."
}))]
pub struct RegimeCreate {
    /// The name of the regime in queries. No other regime has it, and it never changes.
    pub slug: Slug,
    /// What the regime is called, in a line.
    pub title: Line<500>,
    /// Who acts under it; null or left out where any agency may.
    #[serde(default)]
    pub authority_id: Option<AuthorityId>,
    /// Where the law stands, as lawyers cite it.
    pub citation: Line<1000>,
    /// Whose law it is: a country's code, or a name such as EU or UN.
    pub jurisdiction: Line<100>,
    /// What a designation under it does, unless the designation says otherwise.
    pub effect: Effect,
    /// Whether the subject must be notified before an order.
    pub prior_notice_required: bool,
    /// How many days the subject has to respond to a notice; null where no number is set.
    #[serde(default)]
    pub response_days: Option<Whole<1, 3650>>,
    /// After how many days a designation is due for review; null where no number is set.
    #[serde(default)]
    pub review_interval_days: Option<Whole<1, 36500>>,
    /// The day on which the regime itself ends; null where none is set.
    #[serde(default)]
    pub expires_on: Option<Date>,
    /// Where the law can be read on the web; null where no place is recorded.
    #[serde(default)]
    pub url: Option<WebAddress>,
    /// What it lets whom do, in words.
    pub description: Prose<10000>,
}

/// What a client may change of a regime: all that [`RegimeCreate`] has, but the slug.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegimeFields {
    pub title: Line<500>,
    #[serde(default)]
    pub authority_id: Option<AuthorityId>,
    pub citation: Line<1000>,
    pub jurisdiction: Line<100>,
    pub effect: Effect,
    pub prior_notice_required: bool,
    #[serde(default)]
    pub response_days: Option<Whole<1, 3650>>,
    #[serde(default)]
    pub review_interval_days: Option<Whole<1, 36500>>,
    #[serde(default)]
    pub expires_on: Option<Date>,
    #[serde(default)]
    pub url: Option<WebAddress>,
    pub description: Prose<10000>,
}

/// The legal basis or programme that an authority acts under: citation, what it restricts, clocks, effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Regime {
    /// The regime's id, given when it was recorded; it never changes.
    pub id: RegimeId,
    /// From 1; each change adds 1.
    #[schema(minimum = 1)]
    pub revision: u64,
    /// When it was first recorded (UTC).
    pub created_at: Instant,
    /// When it last changed (UTC).
    pub updated_at: Instant,
    pub status: RecordStatus,
    /// The name of the regime in queries; it never changes.
    pub slug: Slug,
    /// What the regime is called, in a line.
    pub title: Line<500>,
    /// Who acts under it; null where any agency may.
    #[schema(required)]
    pub authority_id: Option<AuthorityId>,
    /// Where the law stands, as lawyers cite it.
    pub citation: Line<1000>,
    /// Whose law it is: a country's code, or a name such as EU or UN.
    pub jurisdiction: Line<100>,
    pub effect: Effect,
    /// Whether the subject must be notified before an order.
    pub prior_notice_required: bool,
    /// How many days the subject has to respond to a notice; null where no number is set.
    #[schema(required)]
    pub response_days: Option<Whole<1, 3650>>,
    /// After how many days a designation is due for review; null where no number is set.
    #[schema(required)]
    pub review_interval_days: Option<Whole<1, 36500>>,
    /// The day on which the regime itself ends; null where none is set.
    #[schema(required)]
    pub expires_on: Option<Date>,
    /// Where the law can be read on the web; null where no place is recorded.
    #[schema(required)]
    pub url: Option<WebAddress>,
    /// What it lets whom do, in words.
    pub description: Prose<10000>,
    /// When, by whom and why it was retired; null while it is active.
    #[schema(required)]
    pub ended: Option<Ended>,
}

impl Regime {
    /// The first revision of a regime.
    #[must_use]
    pub fn new(id: RegimeId, stated: RegimeCreate, at: Instant) -> Self {
        Self {
            id,
            revision: 1,
            created_at: at,
            updated_at: at,
            status: RecordStatus::Active,
            slug: stated.slug,
            title: stated.title,
            authority_id: stated.authority_id,
            citation: stated.citation,
            jurisdiction: stated.jurisdiction,
            effect: stated.effect,
            prior_notice_required: stated.prior_notice_required,
            response_days: stated.response_days,
            review_interval_days: stated.review_interval_days,
            expires_on: stated.expires_on,
            url: stated.url,
            description: stated.description,
            ended: None,
        }
    }

    /// The first revision of the same regime with other fields.
    fn replaced(&self, fields: RegimeFields, at: Instant) -> Self {
        let stated = RegimeCreate {
            slug: self.slug.clone(),
            title: fields.title,
            authority_id: fields.authority_id,
            citation: fields.citation,
            jurisdiction: fields.jurisdiction,
            effect: fields.effect,
            prior_notice_required: fields.prior_notice_required,
            response_days: fields.response_days,
            review_interval_days: fields.review_interval_days,
            expires_on: fields.expires_on,
            url: fields.url,
            description: fields.description,
        };
        Self::new(self.id, stated, at)
    }

    /// What a client may change of it.
    #[must_use]
    pub fn fields(&self) -> RegimeFields {
        let regime = self.clone();
        RegimeFields {
            title: regime.title,
            authority_id: regime.authority_id,
            citation: regime.citation,
            jurisdiction: regime.jurisdiction,
            effect: regime.effect,
            prior_notice_required: regime.prior_notice_required,
            response_days: regime.response_days,
            review_interval_days: regime.review_interval_days,
            expires_on: regime.expires_on,
            url: regime.url,
            description: regime.description,
        }
    }
}

recorded!(Regime, RegimeFields, [RegimeCreated, RegimeUpdated, RegimeRetired, RegimeReactivated]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_are_ordered_from_the_weakest_to_the_strongest() {
        assert!(Effect::Advisory < Effect::Reportable);
        assert!(Effect::Reportable < Effect::Restricted);
        assert!(Effect::Restricted < Effect::Prohibited);
    }
}
