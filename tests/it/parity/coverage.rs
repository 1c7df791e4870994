//! What of the document was among the calls: every status that every operation documents, but for those that can't be.

use std::collections::{BTreeMap, BTreeSet};

use super::pair::Request;
use crate::{conventions::document::Operation, support::Answer};

/// How often each operation answered with each status.
#[derive(Default)]
pub struct Coverage {
    seen: BTreeMap<(String, u16), usize>,
}

/// A status that the document's rules give these operations, and why nothing here can bring it about.
type Impossible = (u16, &'static [&'static str], &'static str);

const IMPOSSIBLE: &[Impossible] = &[
    (
        408,
        &[
            "add_reason",
            "check_standing",
            "confirm_review",
            "create_api_key",
            "create_authority",
            "create_designation",
            "create_regime",
            "create_vendor",
            "export_standing_checks",
            "record_event",
            "reject_review",
            "update_authority",
            "update_designation",
            "update_reason",
            "update_regime",
            "update_vendor",
        ],
        "no body comes slowly enough here, which takes 20 seconds; `faults::clients` shows some that do",
    ),
    (
        409,
        &["create_authority", "update_authority", "update_regime"],
        "two may have one name, and the slug, which may not, never changes",
    ),
    (
        422,
        &[
            "get_access_entry",
            "get_api_key",
            "get_journal_entry",
            "get_review",
            "list_api_keys",
            "list_authorities",
            "list_authority_history",
            "list_designation_history",
            "list_events",
            "list_reasons",
            "list_regime_history",
            "list_review_history",
            "list_vendor_history",
        ],
        "its parameters say all by themselves: one that can't be is malformed, 400",
    ),
    (
        422,
        &[
            "remove_reason",
            "retire_authority",
            "retire_regime",
            "retire_vendor",
            "revoke_api_key",
            "void_designation",
        ],
        "there is no body, and a comment that can't be one is malformed, 400",
    ),
    (500, &["get_health", "get_metrics"], "nothing of the database is needed for an answer"),
    (500, &["get_readiness"], "whatever stands in the way of readiness is 503"),
    (503, &["get_health", "get_metrics"], "nothing of the database is needed for an answer"),
];

/// Statuses that no operation answers with here, whatever it is.
const ELSEWHERE: &[(u16, &str)] = &[
    (202, "one person is enough here; `reviews` compares what is held with what would be recorded at once"),
    (401, "nobody has to sign in here; `access` tries every operation as nobody"),
    (414, "no URL here is that long; `attacks::limits` tries one past every limit"),
    (429, "rates are off here; `rates` asks too often"),
    (403, "everybody has every right here; `access` tries every operation as each role"),
];

fn impossible() -> impl Iterator<Item = (&'static str, u16, &'static str)> {
    IMPOSSIBLE.iter().flat_map(|(status, operations, why)| operations.iter().map(|id| (*id, *status, *why)))
}

impl Coverage {
    pub fn count(&mut self, request: &Request, answer: &Answer) {
        *self.seen.entry((request.operation.clone(), answer.status)).or_default() += 1;
    }

    pub fn add(&mut self, other: &Self) {
        for (key, count) in &other.seen {
            *self.seen.entry(key.clone()).or_default() += count;
        }
    }

    pub fn has(&self, operation: &str, status: u16) -> bool {
        self.seen.contains_key(&(operation.to_owned(), status))
    }

    /// Every operation with each status that it documents and that can be.
    pub fn wanted() -> BTreeSet<(String, u16)> {
        let documented = documented();
        let possible = |(operation, status): &(String, u16)| {
            !impossible().any(|(of, which, _)| of == operation && which == *status)
                && !ELSEWHERE.iter().any(|(which, _)| which == status)
        };
        documented.into_iter().filter(possible).collect()
    }

    /// What is wanted and was not among the calls.
    pub fn missing(&self) -> BTreeSet<(String, u16)> {
        Self::wanted().into_iter().filter(|(operation, status)| !self.has(operation, *status)).collect()
    }

    /// Prints a line for each operation.
    pub fn print(&self) {
        for operation in Operation::all() {
            let of_it = self.seen.iter().filter(|((id, _), _)| *id == operation.id);
            let counts: Vec<String> =
                of_it.map(|((_, status), count)| format!("{status} × {count}")).collect();
            println!("{}: {}", operation.id, counts.join(", "));
        }
        for (status, why) in ELSEWHERE {
            println!("never {status}: {why}");
        }
        for (status, operations, why) in IMPOSSIBLE {
            println!("never {status}: {}: {why}", operations.join(", "));
        }
    }

    /// Fails where something is missing, or where what is called impossible was seen.
    pub fn must_be_whole(&self) {
        let missing = self.missing();
        assert!(missing.is_empty(), "documented, but never answered: {missing:?}");
        let documented = documented();
        for (operation, status, why) in impossible() {
            let named = (operation.to_owned(), status);
            assert!(
                documented.contains(&named),
                "{operation} {status} is no longer documented: take it off the list"
            );
            assert!(!self.has(operation, status), "{operation} answered {status}, although {why}");
        }
        let undocumented: Vec<_> =
            self.seen.keys().filter(|seen| !seen.0.is_empty() && !documented.contains(*seen)).collect();
        assert!(undocumented.is_empty(), "answered, but not documented: {undocumented:?}");
    }
}

fn documented() -> BTreeSet<(String, u16)> {
    let of_operation = |operation: Operation| {
        let statuses: Vec<u16> = operation.responses.keys().map(|status| status.parse().unwrap()).collect();
        statuses.into_iter().map(move |status| (operation.id.clone(), status))
    };
    Operation::all_that_end().into_iter().flat_map(of_operation).collect()
}
