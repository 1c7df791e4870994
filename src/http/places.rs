//! Places: room for so many in all, and for some of each credential. Whoever does what lasts takes one first.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::problem::{self, Problem};

/// Places of one kind. Clones share them.
#[derive(Debug, Clone)]
pub struct Places(Arc<Room>);

/// What places are for, in the words of a refusal.
#[derive(Debug, Clone, Copy)]
pub struct Purpose {
    /// Several of them: "exports".
    pub plural: &'static str,
    /// What becomes of them meanwhile: "being sent".
    pub meanwhile: &'static str,
    /// After how many seconds whoever found no place may try again.
    pub room_after: u32,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Full {
    /// The credential has as many as one may have.
    OfOne,
    /// There are as many as there may be.
    InAll,
}

#[derive(Debug)]
struct Room {
    purpose: Purpose,
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
    pub fn new(purpose: Purpose, most_in_all: usize, most_of_one: usize) -> Self {
        Self(Arc::new(Room { purpose, most_in_all, most_of_one, taken: Mutex::default() }))
    }

    /// How many are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.0.taken().in_all
    }

    /// Takes a place for a credential, until it is dropped.
    ///
    /// # Errors
    /// 429 where whoever has the credential has as many as one may have, which they are told first, for that is what they can
    /// change; 503 where there is no room for anybody. Both say after how many seconds to try again.
    pub fn enter(&self, credential: &str) -> Result<Place, Problem> {
        self.take(credential).map_err(|full| self.0.refusal(full))
    }

    fn take(&self, credential: &str) -> Result<Place, Full> {
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
    fn refusal(&self, full: Full) -> Problem {
        let Self { purpose: Purpose { plural, meanwhile, room_after }, most_in_all, most_of_one, .. } = self;
        let refusal = match full {
            Full::OfOne => Problem::new(
                &problem::TOO_MANY_REQUESTS,
                format!(
                    "{most_of_one} {plural} of this key or token are {meanwhile}, which is the most; wait until one has ended, and try again in \
                     {room_after} s"
                ),
            ),
            Full::InAll => Problem::new(
                &problem::UNAVAILABLE,
                format!(
                    "{most_in_all} {plural} are {meanwhile}, and there is no room for more; try again in {room_after} s"
                ),
            ),
        };
        refusal.with_retry(*room_after)
    }

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
    use actix_web::ResponseError;

    use super::*;

    const PURPOSE: Purpose = Purpose { plural: "exports", meanwhile: "being sent", room_after: 7 };

    #[test]
    fn there_is_room_for_so_many_and_for_some_of_each_and_places_come_back() {
        let places = Places::new(PURPOSE, 3, 2);
        let shared = places.clone();
        let own = [places.take("a").unwrap(), shared.take("a").unwrap()];
        assert_eq!(places.take("a").unwrap_err(), Full::OfOne);
        let other = places.take("b").unwrap();
        assert_eq!(
            (places.take("b").unwrap_err(), places.take("c").unwrap_err()),
            (Full::InAll, Full::InAll)
        );
        assert_eq!(places.take("a").unwrap_err(), Full::OfOne, "one's own come first");
        assert_eq!(places.taken(), 3);
        drop(other);
        assert_eq!(places.take("a").unwrap_err(), Full::OfOne);
        drop(own);
        assert_eq!((places.taken(), places.0.taken().by_credential.len()), (0, 0), "nothing is left of them");
        let again = places.take("a").unwrap();
        assert_eq!(shared.taken(), 1);
        drop(again);
    }

    #[test]
    fn whoever_finds_no_place_is_told_why_and_when_to_try_again() {
        let places = Places::new(PURPOSE, 2, 1);
        let kept = [places.enter("a").unwrap(), places.enter("b").unwrap()];
        let told = |credential: &str| {
            let refusal = places.enter(credential).unwrap_err();
            let answer = refusal.render("r");
            let after = answer.headers().get("retry-after").unwrap().to_str().unwrap().to_owned();
            (refusal.status_code().as_u16(), after, refusal.to_string())
        };
        let (of_one, in_all) = (told("a"), told("c"));
        assert_eq!((of_one.0, of_one.1.as_str(), in_all.0, in_all.1.as_str()), (429, "7", 503, "7"));
        assert!(of_one.2.contains("1 exports of this key or token are being sent"), "{}", of_one.2);
        assert!(in_all.2.contains("2 exports are being sent"), "{}", in_all.2);
        drop(kept);
    }
}
