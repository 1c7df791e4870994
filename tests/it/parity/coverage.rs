//! What of the document was among the calls: every status that every operation documents, but for those that can't be.

use std::collections::{BTreeMap, BTreeSet};

use super::pair::Request;
use crate::{conventions::document::Operation, support::Answer};

/// How often each operation answered with each status.
#[derive(Default)]
pub struct Coverage {
    seen: BTreeMap<(String, u16), usize>,
}

/// Operations (`*`: all others), a status that the document's rules give them, and why nothing can bring it about.
const IMPOSSIBLE: &[(&str, u16, &str)] = &[];

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
            !IMPOSSIBLE.iter().any(|(of, which, _)| of == operation && which == status)
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
        for (operation, status, why) in IMPOSSIBLE {
            println!("not {operation} {status}: {why}");
        }
    }

    /// Fails where something is missing, or where what is called impossible was seen.
    pub fn must_be_whole(&self) {
        let missing = self.missing();
        assert!(missing.is_empty(), "documented, but never answered: {missing:?}");
        for (operation, status, why) in IMPOSSIBLE {
            assert!(
                documented().contains(&((*operation).to_owned(), *status)),
                "{operation} {status} is not documented"
            );
            assert!(!self.has(operation, *status), "{operation} answered {status}, although: {why}");
        }
    }
}

fn documented() -> BTreeSet<(String, u16)> {
    let of_operation = |operation: Operation| {
        let statuses = operation.responses.keys().map(|status| status.parse().unwrap());
        // A body that comes too slowly takes its time; `faults::clients` has some.
        let statuses: Vec<u16> = statuses.filter(|status| *status != 408).collect();
        statuses.into_iter().map(move |status| (operation.id.clone(), status))
    };
    Operation::all().into_iter().flat_map(of_operation).collect()
}
