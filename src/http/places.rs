//! Places: room for so many in all, and for some of each credential. Whoever does what lasts takes one first.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Places of one kind. Clones share them.
#[derive(Debug, Clone)]
pub struct Places(Arc<Room>);

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The credential has as many as one may have.
    OfOne,
    /// There are as many as there may be.
    InAll,
}

#[derive(Debug)]
struct Room {
    most_in_all: usize,
    most_of_one: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    in_all: usize,
    by_credential: HashMap<String, usize>,
}

impl Places {
    /// So many in all, of which one credential may have so many.
    #[must_use]
    pub fn new(most_in_all: usize, most_of_one: usize) -> Self {
        Self(Arc::new(Room { most_in_all, most_of_one, taken: Mutex::default() }))
    }

    /// How many one credential may have.
    #[must_use]
    pub fn most_of_one(&self) -> usize {
        self.0.most_of_one
    }

    /// How many are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.0.taken().in_all
    }

    /// Takes a place for a credential, until it is dropped.
    ///
    /// # Errors
    /// Where there is none. Whoever has all that one may have is told so first: that is what they can change.
    pub fn enter(&self, credential: &str) -> Result<Place, Full> {
        let mut taken = self.0.taken();
        let own = taken.by_credential.get(credential).copied().unwrap_or_default();
        if own >= self.0.most_of_one {
            return Err(Full::OfOne);
        }
        if taken.in_all >= self.0.most_in_all {
            return Err(Full::InAll);
        }
        taken.in_all = taken.in_all.saturating_add(1);
        taken.by_credential.insert(credential.to_owned(), own.saturating_add(1));
        drop(taken);
        Ok(Place { room: Arc::clone(&self.0), credential: credential.to_owned() })
    }
}

impl Room {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that is taken. It is given back when this is dropped.
#[derive(Debug)]
#[must_use = "a place is given back as soon as it is dropped"]
pub struct Place {
    room: Arc<Room>,
    credential: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.room.taken();
        taken.in_all = taken.in_all.saturating_sub(1);
        if let Some(own) = taken.by_credential.get_mut(&self.credential) {
            *own = own.saturating_sub(1);
            // Nothing is kept of one that has none any more.
            if *own == 0 {
                taken.by_credential.remove(&self.credential);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_so_many_and_for_some_of_each_and_places_come_back() {
        let places = Places::new(3, 2);
        let shared = places.clone();
        let own = [places.enter("a").unwrap(), shared.enter("a").unwrap()];
        assert_eq!(places.enter("a").unwrap_err(), Full::OfOne);
        let other = places.enter("b").unwrap();
        assert_eq!(
            (places.enter("b").unwrap_err(), places.enter("c").unwrap_err()),
            (Full::InAll, Full::InAll)
        );
        assert_eq!(places.enter("a").unwrap_err(), Full::OfOne, "one's own come first");
        assert_eq!(places.taken(), 3);
        drop(other);
        assert_eq!(places.enter("a").unwrap_err(), Full::OfOne);
        drop(own);
        assert_eq!((places.taken(), places.0.taken().by_credential.len()), (0, 0), "nothing is left of them");
        let again = places.enter("a").unwrap();
        assert_eq!(shared.taken(), 1);
        drop(again);
    }
}
