//! The exports of a process: how many are sent at a time, and how long one may take.

use std::time::Duration;

use crate::http::{
    Problem, limits,
    places::{Place, Places, Purpose},
};

/// How many exports a process sends at a time: half of the connections that reads have.
const AT_ONCE: usize = 4;

/// How many of them may be one credential's, so that nobody takes all the places.
const MOST_OF_ONE: usize = 2;

const PURPOSE: Purpose = Purpose { plural: "exports", meanwhile: "being sent", room_after: 5 };

/// How long an export may take in all.
const WITHIN: Duration = Duration::from_secs(15 * 60);

/// How long a part may wait for its client to take the one before. Less than the network has, which would give the client up
/// without a word: so the log says why. Enough for some 20 kB/s, for a socket takes more only when a third of it is free.
const TAKEN_WITHIN: Duration = limits::TAKEN_WITHIN.saturating_sub(Duration::from_secs(15));

/// The exports of a process. Clones share the places.
#[derive(Debug, Clone)]
pub struct Exports {
    places: Places,
    pub(super) within: Duration,
    pub(super) taken_within: Duration,
}

impl Default for Exports {
    fn default() -> Self {
        Self {
            places: Places::new(PURPOSE, AT_ONCE, MOST_OF_ONE),
            within: WITHIN,
            taken_within: TAKEN_WITHIN,
        }
    }
}

impl Exports {
    /// With other limits on how long an export may take in all, and a part until it is taken.
    #[must_use]
    pub fn with_limits(self, within: Duration, taken_within: Duration) -> Self {
        Self { within, taken_within, ..self }
    }

    /// With another limit on how many one credential may have on their way.
    #[must_use]
    pub fn with_most_of_one(self, most_of_one: usize) -> Self {
        Self { places: Places::new(PURPOSE, AT_ONCE, most_of_one), ..self }
    }

    /// A place for an export of this credential.
    pub(super) fn enter(&self, credential: &str) -> Result<Place, Problem> {
        self.places.enter(credential)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_given_up_before_the_network_gives_its_client_up() {
        let taken_within = Exports::default().taken_within;
        assert!(taken_within + Duration::from_secs(10) < limits::TAKEN_WITHIN, "{taken_within:?}");
        assert_eq!(taken_within, Duration::from_secs(45), "as docs/exports.md has it");
    }
}
