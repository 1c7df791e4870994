//! How a standing follows from designations as known: a pure function, without I/O and without a clock, so that the same
//! question about the same knowledge has the same answer for ever.

use std::collections::{BTreeSet, HashMap};

use super::model::{
    CategoryDesignation, Coverage, Finding, FindingScope, StandingInputs, UnmatchedDesignation, Verdict,
};
use crate::{
    designations::{
        model::{Designation, Scope},
        timeline::{Period, ScopeState, ScopeTimeline},
    },
    regimes::Effect,
    values::{AuthorityId, Date, EventId},
};

/// A designation with its timeline and its regime's slug.
pub struct KnownDesignation {
    pub designation: Designation,
    pub timelines: Vec<ScopeTimeline>,
    pub regime: String,
}

impl KnownDesignation {
    fn binds_on(&self, on: Date) -> bool {
        periods_on(&self.timelines, on).any(|(_, period)| period.state.binds())
    }

    /// The category designation of this, where it is one that is in force on a day.
    #[must_use]
    pub fn as_category(&self, on: Date) -> Option<CategoryDesignation> {
        let category = self.designation.category.as_ref().filter(|_| self.binds_on(on))?;
        Some(CategoryDesignation {
            designation_id: self.designation.id,
            title: self.designation.title.to_string(),
            category: category.to_string(),
            effect: self.designation.effect,
        })
    }
}

fn periods_on(timelines: &[ScopeTimeline], on: Date) -> impl Iterator<Item = (&Scope, &Period)> {
    timelines.iter().flat_map(move |timeline| {
        timeline
            .periods
            .iter()
            .filter(move |period| period.holds_on(on))
            .map(|period| (&timeline.scope, period))
    })
}

/// What follows from the designations of a vendor for a use and a day.
pub struct Evaluation {
    pub verdict: Verdict,
    pub findings: Vec<Finding>,
    pub unmatched: Vec<UnmatchedDesignation>,
    pub holds_until: Option<Date>,
}

/// Evaluates the designations of one vendor.
#[must_use]
pub fn evaluate(designations: &[KnownDesignation], inputs: &StandingInputs) -> Evaluation {
    let findings: Vec<Finding> = designations.iter().filter_map(|known| finding(known, inputs)).collect();
    let meets = |known: &&KnownDesignation| {
        let mut binding = periods_on(&known.timelines, inputs.on).filter(|(_, period)| period.state.binds());
        binding.any(|(scope, _)| inputs.meet(scope))
    };
    let unmatched = designations
        .iter()
        .filter(|known| known.binds_on(inputs.on) && !meets(known))
        .map(|known| UnmatchedDesignation {
            designation_id: known.designation.id,
            title: known.designation.title.to_string(),
        })
        .collect();
    let verdict = verdict_on(designations, inputs, inputs.on);
    let holds_until = turning_days(designations, inputs)
        .into_iter()
        .filter(|day| *day > inputs.on)
        .find(|day| verdict_on(designations, inputs, *day) != verdict);
    Evaluation { verdict, findings, unmatched, holds_until }
}

fn finding(known: &KnownDesignation, inputs: &StandingInputs) -> Option<Finding> {
    let designation = &known.designation;
    let sources = |event: EventId| {
        let event = designation.events.iter().find(|other| other.id == event);
        event.map(|event| event.sources.to_vec()).unwrap_or_default()
    };
    let scopes: Vec<FindingScope> = periods_on(&known.timelines, inputs.on)
        .filter(|(scope, _)| inputs.meet(scope))
        .map(|(scope, period)| FindingScope {
            scope_id: scope.id,
            state: period.state,
            since: period.from,
            until: period.to,
            event_id: period.event_id,
            sources: sources(period.event_id),
        })
        .collect();
    (!scopes.is_empty()).then(|| Finding {
        designation_id: designation.id,
        title: designation.title.to_string(),
        regime: known.regime.clone(),
        authority: designation.authority_id,
        effect: designation.effect,
        reference: designation.reference.as_ref().map(ToString::to_string),
        reasons: designation.reasons.to_vec(),
        scopes,
    })
}

/// The strongest effect among matching scopes in force or interim; else stayed; else pending; else clear.
fn verdict_on(designations: &[KnownDesignation], inputs: &StandingInputs, on: Date) -> Verdict {
    let states = || {
        designations.iter().flat_map(move |known| {
            periods_on(&known.timelines, on)
                .filter(|(scope, _)| inputs.meet(scope))
                .map(move |(_, period)| (known.designation.effect, period.state))
        })
    };
    let strongest = states().filter(|(_, state)| state.binds()).map(|(effect, _)| effect).max();
    let any = |wanted: &[ScopeState]| states().any(|(_, state)| wanted.contains(&state));
    match strongest {
        Some(effect) => effect.into(),
        None if any(&[ScopeState::Stayed]) => Verdict::Stayed,
        None if any(&[ScopeState::Proposed, ScopeState::Noticed, ScopeState::Issued]) => Verdict::Pending,
        None => Verdict::Clear,
    }
}

/// Every day on which the state of a matching scope changes.
fn turning_days(designations: &[KnownDesignation], inputs: &StandingInputs) -> BTreeSet<Date> {
    designations
        .iter()
        .flat_map(|known| &known.timelines)
        .filter(|timeline| inputs.meet(&timeline.scope))
        .flat_map(|timeline| &timeline.periods)
        .flat_map(|period| [Some(period.from), period.to].into_iter().flatten())
        .collect()
}

/// What a verdict's sentence names, as known then, and what was looked at.
pub struct Names<'a> {
    /// The vendor's legal name; `None`: it was not recorded yet.
    pub vendor: Option<&'a str>,
    pub agencies: &'a HashMap<AuthorityId, String>,
    pub coverage: Coverage,
}

/// The verdict in one sentence, which can't be quoted for more than was looked at: behind any verdict on what is public a
/// restricted designation may stand.
#[must_use]
pub fn summary(names: &Names<'_>, evaluation: &Evaluation, inputs: &StandingInputs) -> String {
    let (on, used) = (inputs.on, inputs.in_words(names.agencies));
    let verdict = evaluation.verdict;
    let end = match (names.coverage, verdict) {
        (Coverage::Full, _) => ".",
        (Coverage::Public, Verdict::Clear) => {
            "; only public designations were looked at, so this is no clearance."
        }
        (Coverage::Public, Verdict::Prohibited) => {
            "; only public designations were looked at, and restricted ones may prohibit it as well."
        }
        (Coverage::Public, _) => {
            "; only public designations were looked at, and a restricted one may go further."
        }
    };
    let Some(name) = names.vendor else {
        return format!(
            "The vendor was not recorded yet, so nothing was known of it: clear on {on} for {used}{end}"
        );
    };
    // Beside a prohibition an advice may be in force as well; it would be wrong to quote it as prohibiting.
    let decides = |effect: Effect| match verdict {
        Verdict::Prohibited | Verdict::Restricted | Verdict::Reportable | Verdict::Advisory => {
            Verdict::from(effect) == verdict
        }
        Verdict::Stayed | Verdict::Pending | Verdict::Clear => true,
    };
    let titled = |wanted: &[ScopeState]| {
        let telling = evaluation
            .findings
            .iter()
            .filter(|finding| finding.scopes.iter().any(|scope| wanted.contains(&scope.state)))
            .filter(|finding| decides(finding.effect))
            .map(|finding| format!("{} ({})", finding.title, finding.regime));
        telling.collect::<Vec<_>>().join("; ")
    };
    match verdict {
        Verdict::Prohibited | Verdict::Restricted | Verdict::Reportable | Verdict::Advisory => {
            let binding = titled(&[ScopeState::InForce, ScopeState::Interim]);
            format!("{name} is {verdict} on {on} for {used}, under {binding}{end}")
        }
        Verdict::Stayed => {
            let stayed = titled(&[ScopeState::Stayed]);
            format!("{name} is not bound on {on} for {used}, but only because a stay lies over {stayed}{end}")
        }
        Verdict::Pending => {
            let pending = titled(&[ScopeState::Proposed, ScopeState::Noticed, ScopeState::Issued]);
            format!("{name} is not bound yet on {on} for {used}: pending under {pending}{end}")
        }
        Verdict::Clear => {
            let recorded = match names.coverage {
                Coverage::Full => "recorded",
                Coverage::Public => "public",
            };
            format!(
                "{name} is clear on {on} for {used}: no {recorded} designation binds, is stayed or is pending{end}"
            )
        }
    }
}
