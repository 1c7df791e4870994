//! The journal: the one append-only log of every change to every record. History, records as known at any time, and
//! the change feed are read from it. It knows no slice; slices append to it through `append`.

pub mod api;
mod feed;
mod follower;
pub mod followers;
mod look_out;
mod model;
pub mod record;
mod service;
mod store;
mod stream;

pub use api::{HistoryPage, KnownQuery, PageQuery, RetireQuery, history_page};
pub use api::{change_record, read_record};
pub use followers::Followers;
pub use model::{
    HistoryEntry, JournalAction, JournalEntry, JsonPatchOperation, Knowledge, Known, KnownAt, SubjectKind,
};
pub use record::Record;
pub(crate) use record::recorded;
pub use service::{
    Change, append, column, designation_of, last_about, record_at, records_at, resolve, unsigned,
};
pub use store::{Row, all_after};
