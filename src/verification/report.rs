//! What a verification checked and what it found.

use std::fmt;

/// The most differences that are printed; all are counted.
const MOST_PRINTED: usize = 100;

/// What was checked, and every difference.
#[derive(Debug, Default)]
pub struct Report {
    checked: Vec<(&'static str, u64)>,
    differences: Vec<String>,
}

impl Report {
    pub(super) fn checked(&mut self, what: &'static str, count: u64) {
        self.checked.push((what, count));
    }

    pub(super) fn differs(&mut self, what: impl Into<String>) {
        self.differences.push(what.into());
    }

    /// Whether everything agrees.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty()
    }

    /// Every difference, in words.
    #[must_use]
    pub fn differences(&self) -> &[String] {
        &self.differences
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, count) in &self.checked {
            writeln!(f, "checked {count:>9} {what}")?;
        }
        for difference in self.differences.iter().take(MOST_PRINTED) {
            writeln!(f, "DIFFERS {difference}")?;
        }
        match self.differences.len() {
            0 => writeln!(f, "everything agrees with the journal"),
            1 => writeln!(f, "1 difference"),
            count if count > MOST_PRINTED => {
                writeln!(f, "{count} differences, of which {MOST_PRINTED} are shown")
            }
            count => writeln!(f, "{count} differences"),
        }
    }
}
