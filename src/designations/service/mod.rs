//! Use cases of designations. `record` writes one revision with all that belongs to it; `create`, `events`, `reasons`
//! and `changes` say what a revision is, `mentions` what it may name, `draft_text` how one that waits is written; `read`
//! looks at them, `references` at what a question names besides.

mod changes;
mod create;
mod draft_text;
mod events;
mod mentions;
mod read;
mod reasons;
mod record;
mod references;

pub use changes::{update, void};
pub use create::{DesignationCreate, Draft as DesignationDraft, create};
pub use draft_text::DraftText;
pub use events::{EventRecorded, record_event};
pub use read::{Version, all, for_standing, get, is_known, load, state, texts, timeline, timelines_of};
pub(super) use read::{list, states};
pub use reasons::{add_reason, find as find_reason, remove_reason, update_reason};
pub use record::{derive, load as to_change};
pub use references::{Named, references};
