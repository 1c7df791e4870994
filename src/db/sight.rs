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

/// What is narrowed to what is seen, as conditions in SQL. A designation is seen if it is public now; what was recorded of
/// it is seen if it was public then as well. `None` where all of it is seen: nothing is to be asked then.
impl Sight {
    /// Whether restricted designations are seen.
    #[must_use]
    pub fn sees_restricted(self) -> bool {
        self.sees(Self::Restricted)
    }

    /// Of a table's rows: the designation that a column names is seen. It is looked up one at a time: LIMIT keeps planners
    /// from turning the question around.
    #[must_use]
    pub fn of_designation(self, column: &str) -> Option<String> {
        (!self.sees_restricted()).then(|| {
            format!(
                "EXISTS (SELECT 1 FROM designations seen WHERE seen.id = {column} AND seen.visibility = 'public' \
                 LIMIT 1 OFFSET 0)"
            )
        })
    }

    /// Of `designation_versions`: the version was public. Of one that is known now this is all there is to ask.
    #[must_use]
    pub fn of_versions(self) -> Option<&'static str> {
        (!self.sees_restricted()).then_some("designation_versions.visibility = 'public'")
    }

    /// Of `journal`: the entry is seen, and so is the designation that it is about, where it is about one.
    #[must_use]
    pub fn of_entries(self) -> Option<String> {
        let levels = self.levels().join("', '");
        match self {
            Self::Everything => None,
            Self::Restricted => Some(format!("journal.sight IN ('{levels}')")),
            Self::Public => Some(format!(
                "journal.sight IN ('{levels}') AND NOT EXISTS (SELECT 1 FROM designations hidden \
                 WHERE hidden.id = journal.subject_id AND hidden.visibility <> 'public' LIMIT 1 OFFSET 0)"
            )),
        }
    }
}

/// The visibility that a designation has now, of a row whose column names one; null of what names none.
#[must_use]
pub fn visibility_now(column: &str) -> String {
    format!("(SELECT now.visibility FROM designations now WHERE now.id = {column})")
}

/// What one answer showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// Whether it is evidence whatever it shows: a standing.
    pub is_evidence: bool,
    /// The journal position that it was given from.
    pub known_seq: Option<u64>,
    /// The restricted designations and the reviews in it.
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

    /// Notes what was answered, where it is evidence; says whether it is.
    #[must_use]
    pub fn answered(&self, digest: impl FnOnce() -> Sha256Hex) -> bool {
        let mut shown = self.open();
        let is_evidence = shown.is_evidence || !shown.restricted.is_empty();
        if is_evidence {
            shown.answer_sha256 = Some(digest());
        }
        is_evidence
    }

    /// Notes the position that the answer is given from.
    pub fn known(&self, seq: u64) {
        self.open().known_seq = Some(seq);
    }

    /// Notes a restricted designation, or a review, that the answer shows.
    pub fn restricted(&self, id: Uuid) {
        self.open().restricted.insert(id);
    }

    /// Notes a record that the answer is about.
    pub fn subject(&self, id: Uuid) {
        self.open().subjects.insert(id);
    }

    /// Whether every restricted record of another note is in this one.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let other = other.shown();
        other.restricted.is_subset(&self.open().restricted)
    }

    /// What was noted.
    #[must_use]
    pub fn shown(&self) -> Shown {
        self.open().clone()
    }
}
