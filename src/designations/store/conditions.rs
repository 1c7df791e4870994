//! What a list asks of each version, as SQL texts: Diesel can't put a boxed query into another one on two backends. What
//! stands in them are the model's own words, ids, dates and numbers, never a client's text.

use uuid::Uuid;

use super::list::Filter;
use crate::{
    db::{
        AnyConnection,
        narrow::{among_text, settled},
    },
    designations::{model::DesignationStatus, timeline::ScopeState},
    values::Date,
};

/// True where a column that holds `,a,b,` has one of these words.
fn has_one_of(column: &'static str, words: &[&'static str]) -> String {
    let each = words.iter().map(|word| format!("{column} LIKE '%,{word},%'"));
    each.collect::<Vec<_>>().join(" OR ")
}

/// Every filter but the status, as it holds at a position.
pub(super) fn conditions(connection: &AnyConnection, filter: &Filter, seq: i64) -> Vec<String> {
    let ids = |column: &str, ids: Vec<Uuid>| {
        let column = format!("designation_versions.{column}");
        (!ids.is_empty()).then(|| among_text(connection, &column, ids))
    };
    let vendors = ids("vendor_id", filter.vendors.iter().map(|id| id.uuid()).collect());
    let regimes = ids("regime_id", filter.regimes.iter().map(|id| id.uuid()).collect());
    let authorities = ids("authority_id", filter.authorities.iter().map(|id| id.uuid()).collect());
    let mut conditions: Vec<String> = [vendors, regimes, authorities].into_iter().flatten().collect();
    if !filter.origins.is_empty() {
        let origins: Vec<&str> = filter.origins.iter().map(|origin| origin.as_str()).collect();
        conditions.push(format!("designation_versions.origin IN ('{}')", origins.join("', '")));
    }
    if let Some(before) = filter.review_due_before {
        conditions.push(format!("designation_versions.next_review_on < '{before}'"));
    }
    if !filter.reason_codes.is_empty() {
        let codes: Vec<&str> = filter.reason_codes.iter().map(|code| code.as_str()).collect();
        conditions.push(format!("({})", has_one_of("designation_versions.reason_codes", &codes)));
    }
    conditions.extend(scopes_wanted(filter, seq));
    if filter.review_due_before.is_some() {
        conditions.push(still_to_review(filter, seq));
    }
    conditions
}

/// What must exist among the scopes: one in a wanted state today, one that binds on the wanted day, and each of them
/// also matching the wanted use. Without a state or a day: one that matches the use.
fn scopes_wanted(filter: &Filter, seq: i64) -> Vec<String> {
    let environments: Vec<&str> = filter.environments.iter().map(|word| word.as_str()).collect();
    let actions: Vec<&str> = filter.actions.iter().map(|word| word.as_str()).collect();
    let mut used = String::new();
    for (column, words) in [("environments", environments), ("actions", actions)] {
        if !words.is_empty() {
            used += &format!(" AND ({column} = '' OR {})", has_one_of(column, &words));
        }
    }
    let mut wanted = Vec::new();
    if !filter.states.is_empty() {
        let states = in_states(|state| filter.states.contains(&state), filter.today);
        wanted.push(format!("{states}{used}"));
    }
    if let Some(on) = filter.in_force_on {
        wanted.push(format!("{}{used}", in_states(ScopeState::binds, on)));
    }
    let mut known = known_at(seq);
    if wanted.is_empty() && !used.is_empty() {
        wanted.push(used);
        // A voided designation is in no state, but still shows its scopes: those whose periods its voiding closed.
        if filter.status == DesignationStatus::Voided {
            known = "p.known_to_seq = designation_versions.known_from_seq".to_owned();
        }
    }
    wanted.into_iter().map(|scope| exists(&known, &scope)).collect()
}

/// Nobody reviews what has ended; an expiry is recorded by no event, so the date alone does not tell.
pub(super) fn still_to_review(filter: &Filter, seq: i64) -> String {
    exists(&known_at(seq), &in_states(|state| !state.is_end(), filter.today))
}

fn known_at(seq: i64) -> String {
    format!("p.known_from_seq <= {seq} AND p.known_to_seq > {seq}")
}

fn in_states(is: impl Fn(ScopeState) -> bool, on: Date) -> String {
    let in_state = settled(&format!("state IN ('{}')", ScopeState::words_of(is).join("', '")));
    format!(" AND {in_state} AND from_on <= '{on}' AND to_on > '{on}'")
}

/// One row is looked up at a time: LIMIT keeps planners from turning the question around.
fn exists(known: &str, conditions: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM designation_periods p \
         WHERE p.designation_id = designation_versions.designation_id AND {known}{conditions} LIMIT 1 OFFSET 0)"
    )
}
