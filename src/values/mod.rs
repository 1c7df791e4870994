//! Types that cannot be wrong: ids, instants, dates, bounded text, countries, web addresses.
//! Raw input is parsed into them once, at the edge; inside, nothing is checked again.
//! They know no HTTP, no SQL and no slice.

mod asked;
mod country;
mod date;
mod digest;
mod ids;
mod instant;
mod list;
mod number;
mod record;
mod space;
mod text;
mod web;
mod words;

pub use asked::ASKED;
pub use country::Country;
pub use date::Date;
pub use digest::{Sha256Hex, hex};
pub use ids::{
    AccessEntryId, ApiKeyId, AuthorityId, DesignationId, EventId, ReasonId, RegimeId, ReviewId, ScopeId,
    VendorId, example_id, nth_example_id,
};
pub use instant::Instant;
pub use list::List;
pub use number::{GREATEST, Seq, Whole};
pub use record::{Ended, RecordStatus};
pub use text::{Line, Prose, Slug, fold};
pub use web::{Domain, WebAddress};
pub use words::vocabulary;
pub(crate) use words::words;
