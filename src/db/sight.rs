//! Who sees what: the sight of whoever asks, which every query over what may be restricted is narrowed by, and what an
//! answer showed, for the log of reads.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use uuid::Uuid;

use crate::values::{Sha256Hex, words};

words! {
    /// How far somebody sees. Each level sees all that the one before sees.
    pub enum Sight {
        /// What is public.
        Public = "public",
        /// Restricted designations and reviews too.
        Restricted = "restricted",
        /// Also what was done to keys.
        Everything = "everything",
    }
}

impl Sight {
    /// Whether something that needs a level of sight is seen.
    #[must_use]
    pub fn sees(self, needed: Self) -> bool {
        needed <= self
    }

    /// The levels that are seen, as they stand in columns.
    #[must_use]
    pub fn levels(self) -> Vec<&'static str> {
        Self::ALL.iter().filter(|level| self.sees(**level)).map(|level| level.as_str()).collect()
    }
}

/// What one answer showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// Whether it is evidence whatever it shows: a standing.
    pub is_evidence: bool,
    /// The journal position that it was given from.
    pub known_seq: Option<u64>,
    /// The restricted designations in it.
    pub restricted: BTreeSet<Uuid>,
    /// The records that it is about: the vendors of a standing.
    pub subjects: BTreeSet<Uuid>,
    /// The digest of the request's body.
    pub request_sha256: Option<Sha256Hex>,
    /// The digest of the answer's body.
    pub answer_sha256: Option<Sha256Hex>,
}

/// Where the reads of one request note what they showed. Clones share the note.
#[derive(Debug, Clone, Default)]
pub struct Evidence(Arc<Mutex<Shown>>);

impl Evidence {
    fn open(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that the answer is evidence whatever it shows.
    pub fn is_due(&self) {
        self.open().is_evidence = true;
    }

    /// Notes what was asked, as a body.
    pub fn asked(&self, body: &[u8]) {
        self.open().request_sha256 = Some(Sha256Hex::of(body));
    }

    /// Notes what was answered, where it is evidence.
    pub fn answered(&self, body: &[u8]) {
        let mut shown = self.open();
        if shown.is_evidence || !shown.restricted.is_empty() {
            shown.answer_sha256 = Some(Sha256Hex::of(body));
        }
    }

    /// Notes the position that the answer is given from.
    pub fn known(&self, seq: u64) {
        self.open().known_seq = Some(seq);
    }

    /// Notes a restricted designation that the answer shows.
    pub fn restricted(&self, id: Uuid) {
        self.open().restricted.insert(id);
    }

    /// Notes a record that the answer is about.
    pub fn subject(&self, id: Uuid) {
        self.open().subjects.insert(id);
    }

    /// What was noted.
    #[must_use]
    pub fn shown(&self) -> Shown {
        self.open().clone()
    }
}
