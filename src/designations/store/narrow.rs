//! Where those designations are that can meet a filter: for each filter the stretches of indexes that hold all of them.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{conditions::still_to_review, labels::label, list::Filter};
use crate::{
    db::{
        AnyConnection,
        narrow::{self, Span, Spans, Values, is_open},
    },
    designations::timeline::ScopeState,
    error::Result,
    values::Date,
};

const RECORDS: (&str, &str) = ("id", "designations");
const VERSIONS: (&str, &str) = ("designation_id", "designation_versions");
const PERIODS: (&str, &str) = ("designation_id", "designation_periods");

/// Designations among which all that a list can show are, or `None` where they are many. Hidden ones are not among them:
/// how a list is read must not tell that they are there.
pub(super) fn few(
    connection: &mut AnyConnection,
    filter: &Filter,
    known: (i64, bool),
) -> Result<Option<BTreeSet<Uuid>>> {
    let filters = spans(connection, filter, known);
    let seen = |span: Span| match filter.sight.of_designation(span.id()) {
        Some(seen) => span.that(&seen),
        None => span,
    };
    let filters = filters.into_iter().map(|spans| spans.into_iter().map(seen).collect());
    narrow::few(connection, filters.collect())
}

fn spans(connection: &AnyConnection, filter: &Filter, (seq, is_head): (i64, bool)) -> Vec<Spans> {
    let mut filters = Vec::new();
    let ids: [(&str, Vec<Uuid>); 3] = [
        ("vendor_id", filter.vendors.iter().map(|id| id.uuid()).collect()),
        ("regime_id", filter.regimes.iter().map(|id| id.uuid()).collect()),
        ("authority_id", filter.authorities.iter().map(|id| id.uuid()).collect()),
    ];
    // What is fixed at creation, the records tell as of any time.
    for (column, ids) in ids.iter().filter(|(_, ids)| !ids.is_empty()) {
        filters.push(vec![Span::of_values(connection, RECORDS, column, &Values::Ids(ids))]);
    }
    for labels in labels(filter) {
        let table = ("designation_id", "designation_labels");
        filters.push(vec![Span::of_values(connection, table, "label", &Values::Words(&labels))]);
    }
    if !filter.states.is_empty() {
        let states = ScopeState::words_of(|state| filter.states.contains(&state));
        filters.extend(of_states(connection, &states, filter.today, (seq, is_head)));
    }
    if let Some(on) = filter.in_force_on {
        filters.extend(of_states(connection, &ScopeState::words_of(ScopeState::binds), on, (seq, is_head)));
    }
    if let Some(before) = filter.review_due_before
        && is_head
    {
        // What ended long ago kept the date of a review that will never be: it is looked at, and left out at once.
        let due = format!("{} AND next_review_on < '{before}'", is_open(VERSIONS.1));
        let due = Span::new(VERSIONS, &due, "next_review_on");
        filters.push(vec![due.that(&still_to_review(filter, seq))]);
    }
    if !is_head {
        let by_then = format!("known_from_seq <= {seq}");
        filters.push(vec![Span::new(VERSIONS, &by_then, "known_from_seq")]);
    }
    filters
}

/// The labels of each filter: one of each must be there.
fn labels(filter: &Filter) -> Vec<Vec<String>> {
    let of = |kind: &str, words: Vec<&str>| -> Vec<String> {
        words.into_iter().map(|word| label(kind, word)).collect()
    };
    let or_all = |kind: &str, mut labels: Vec<String>| {
        if !labels.is_empty() {
            labels.push(label(kind, ""));
        }
        labels
    };
    let environments = filter.environments.iter().map(|word| word.as_str()).collect();
    let actions = filter.actions.iter().map(|word| word.as_str()).collect();
    let all = vec![
        of("origin", filter.origins.iter().map(|word| word.as_str()).collect()),
        of("reason_code", filter.reason_codes.iter().map(|word| word.as_str()).collect()),
        or_all("environment", of("environment", environments)),
        or_all("action", of("action", actions)),
    ];
    all.into_iter().filter(|labels| !labels.is_empty()).collect()
}

/// Those with a scope in one of these states on a day. Either side of the day may be the one that leaves few: on a late
/// day it is what had not ended by then, on an early one what had begun.
fn of_states(
    connection: &AnyConnection,
    states: &[&str],
    on: Date,
    (seq, is_head): (i64, bool),
) -> Vec<Spans> {
    let states: Vec<String> = states.iter().map(ToString::to_string).collect();
    let in_states = Span::of_values(connection, PERIODS, "state", &Values::Words(&states));
    let begun = in_states.clone().within(&format!("from_on <= '{on}'"));
    if !is_head {
        return vec![vec![in_states.within(&format!("known_to_seq > {seq}"))], vec![begun]];
    }
    let not_over = in_states.within(&format!("{} AND to_on > '{on}'", is_open(PERIODS.1)));
    vec![vec![not_over], vec![begun]]
}
