//! What every endpoint shares: strict extractors, answers with an `ETag`, preconditions, pages, problem documents,
//! request ids, and the passes over the OpenAPI document. It knows no slice.

pub mod admitted;
pub mod answer;
pub mod client;
pub mod cors;
pub mod deprecation;
pub mod events;
pub mod extract;
pub mod frame;
pub mod headers;
pub mod limits;
pub mod openapi;
pub mod page;
pub mod places;
pub mod problem;
pub mod query;
pub mod request;
pub mod routes;
pub mod strict;
pub mod tags;

pub use admitted::Admitted;
pub use answer::{Answer, Handled, Reply, revision_etag, to_json};
pub use extract::{Json, MergePatch, Path};
pub use page::{Cursor, Cursors, Limit, Listing};
pub use problem::Problem;
pub use query::{NoQuery, Query};
pub use request::{Asker, Caller, Precondition};
