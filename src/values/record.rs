//! What every kind of record can be: in use, or ended by somebody for a reason.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Instant, Prose, words};

words! {
    /// Whether a record is in use.
    pub enum RecordStatus {
        /// In use.
        Active = "active",
        /// No longer in use; it keeps its history, and its standing on past dates.
        Retired = "retired",
    }
}

/// When, by whom and why a record was retired or voided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ended {
    /// When it ended (UTC).
    pub at: Instant,
    /// Who ended it, as the journal names them.
    #[schema(max_length = 200)]
    pub by: String,
    /// Why, in their words; null where nothing was said.
    #[schema(required)]
    pub comment: Option<Prose<10000>>,
}
