//! How many have a place where there is room for so many in all, and for some of each credential.

use std::collections::HashMap;

/// Places that are taken, in all and by credential.
#[derive(Debug, Default)]
pub struct Places {
    taken: usize,
    by_credential: HashMap<String, usize>,
}

impl Places {
    /// How many are taken.
    #[must_use]
    pub const fn taken(&self) -> usize {
        self.taken
    }

    /// How many of them a credential has.
    #[must_use]
    pub fn taken_by(&self, credential: &str) -> usize {
        self.by_credential.get(credential).copied().unwrap_or_default()
    }

    /// How many credentials have any.
    #[must_use]
    pub fn credentials(&self) -> usize {
        self.by_credential.len()
    }

    /// Takes one for a credential.
    pub fn take(&mut self, credential: &str) {
        self.taken = self.taken.saturating_add(1);
        let own = self.by_credential.entry(credential.to_owned()).or_default();
        *own = own.saturating_add(1);
    }

    /// Gives back one that a credential took. Nothing is kept of one that has none any more.
    pub fn give_back(&mut self, credential: &str) {
        self.taken = self.taken.saturating_sub(1);
        if let Some(own) = self.by_credential.get_mut(credential) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                self.by_credential.remove(credential);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_all_and_by_credential_and_nothing_is_left_of_those_who_left() {
        let mut places = Places::default();
        for credential in ["a", "a", "b"] {
            places.take(credential);
        }
        assert_eq!((places.taken(), places.taken_by("a"), places.taken_by("b")), (3, 2, 1));
        places.give_back("a");
        assert_eq!((places.taken(), places.taken_by("a")), (2, 1));
        places.give_back("a");
        places.give_back("b");
        assert_eq!((places.taken(), places.credentials()), (0, 0));
    }
}
