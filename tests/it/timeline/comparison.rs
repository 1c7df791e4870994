//! Holds the timeline of a list of events against what the oracle makes of the same list.
//! A difference is a sentence: what differs, on which day, and what either side says.

use risk_registry::{
    designations::{
        model::Event,
        timeline::{Illegal, IllegalFault, Period, ScopeTimeline, timeline},
    },
    values::{Date, EventId},
};

use super::{
    histories::span,
    oracle::{self, Kind, OneDay, Refusal, ScopeDays, day_of},
};

/// What both say of the events: every scope on every day, or which event can't stand and why.
///
/// # Errors
/// What they differ in.
pub fn differences(events: &[Event]) -> Result<Result<Vec<ScopeDays>, Refusal>, String> {
    // Some days of margin: nothing changes before the first date or after the last.
    let (first, last) = span(events);
    let expected = oracle::days(events, (day_of(first) - 2, day_of(last) + 3));
    match (timeline(events), &expected) {
        (Ok(found), Ok(scopes)) => every_scope(scopes, &found)?,
        (Err(illegal), Err(refusal)) if same(&illegal, refusal) => {}
        (Ok(_), Err(refusal)) => return Err(format!("it is legal, but expected {refusal:?}")),
        (Err(illegal), Ok(_)) => return Err(format!("expected it to be legal, but got {illegal:?}")),
        (Err(illegal), Err(refusal)) => return Err(format!("expected {refusal:?}, but got {illegal:?}")),
    }
    Ok(expected)
}

fn same(illegal: &Illegal, refusal: &Refusal) -> bool {
    let kind = match (&illegal.fault, &refusal.kind) {
        (IllegalFault::NotAllowed { .. }, Kind::NotAllowed { .. }) => true,
        (IllegalFault::Invalid { pointer }, Kind::Invalid) => pointer.starts_with('/'),
        _ => false,
    };
    kind && illegal.event_id == refusal.event_id && !illegal.detail.is_empty()
}

fn every_scope(expected: &[ScopeDays], got: &[ScopeTimeline]) -> Result<(), String> {
    if got.len() != expected.len() {
        return Err(format!("expected {} scopes, but got {}", expected.len(), got.len()));
    }
    for scope in expected {
        let found = got.iter().find(|found| found.scope.id == scope.scope_id);
        let found = found.ok_or_else(|| format!("scope {} is missing", scope.scope_id))?;
        one_scope(scope, found).map_err(|difference| format!("scope {}: {difference}", scope.scope_id))?;
    }
    Ok(())
}

fn one_scope(expected: &ScopeDays, found: &ScopeTimeline) -> Result<(), String> {
    well_formed(&found.periods)?;
    for day in &expected.days {
        one_day(day, &found.periods)?;
    }
    let scope = &found.scope;
    let got = (scope.stated_by, scope.effective_from, scope.effective_to);
    let wanted = (expected.stated_by, expected.effective_from, expected.effective_to);
    if got != wanted {
        return Err(format!("expected (stated_by, from, to) {wanted:?}, got {got:?}"));
    }
    Ok(())
}

fn well_formed(periods: &[Period]) -> Result<(), String> {
    for pair in periods.windows(2) {
        let (one, next) = (&pair[0], &pair[1]);
        let Some(to) = one.to else { return Err(format!("{one:?} is open, but not the last")) };
        if to > next.from {
            return Err(format!("{one:?} and {next:?} overlap or are out of order"));
        }
        if to == next.from && one.state == next.state {
            return Err(format!("{one:?} and {next:?} are one run of one state"));
        }
    }
    match periods.iter().find(|period| period.to.is_some_and(|to| to <= period.from)) {
        Some(empty) => Err(format!("{empty:?} is empty")),
        None => Ok(()),
    }
}

fn one_day(expected: &OneDay, periods: &[Period]) -> Result<(), String> {
    let covers = |period: &&Period| {
        day_of(period.from) <= expected.day && period.to.is_none_or(|to: Date| expected.day < day_of(to))
    };
    let period = periods.iter().find(covers);
    let state = period.map(|period| period.state);
    let begun_by: Option<EventId> =
        period.filter(|period| day_of(period.from) == expected.day).map(|period| period.event_id);
    if (state, begun_by) == (expected.state, expected.event_id) {
        return Ok(());
    }
    let day = expected.date();
    Err(format!(
        "on {day} expected {:?} begun by {:?}, got {state:?} begun by {begun_by:?}",
        expected.state, expected.event_id
    ))
}

/// The same events less those without which `differs` still finds a difference.
pub fn shrunk(events: &[Event], differs: impl Fn(&[Event]) -> bool) -> Vec<Event> {
    let mut least = events.to_vec();
    let mut n = 0;
    while n < least.len() {
        let mut fewer = least.clone();
        fewer.remove(n);
        if !fewer.is_empty() && differs(&fewer) {
            least = fewer;
            n = 0;
        } else {
            n += 1;
        }
    }
    least
}
