//! Evidence: what supports a reason or an event.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::values::{Date, Instant, Line, Sha256Hex, WebAddress, words};

words! {
    /// What sort of document a source is.
    pub enum SourceKind {
        /// A law as enacted.
        Statute = "statute",
        /// The order, letter or determination of an authority.
        OfficialOrder = "official_order",
        /// An order or judgment of a court.
        CourtOrder = "court_order",
        /// A notice in an official register or gazette.
        RegisterNotice = "register_notice",
        /// A copy of a published list, as it was on one day.
        ListSnapshot = "list_snapshot",
        /// What an agency said in public.
        AgencyStatement = "agency_statement",
        /// What the vendor said.
        VendorStatement = "vendor_statement",
        /// A report in the press.
        Press = "press",
        /// Anything else.
        Other = "other",
    }
}

/// Evidence for a reason or an event: a document, where it was found, and its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub kind: SourceKind,
    /// What the document is called.
    pub title: Line<1000>,
    /// Where it was found on the web; null where it is not there, or nobody said.
    #[serde(default)]
    pub url: Option<WebAddress>,
    /// The day on which the document was published; null where nobody said.
    #[serde(default)]
    pub published_on: Option<Date>,
    /// When somebody fetched the document; null where nobody did, or said so.
    #[serde(default)]
    pub retrieved_at: Option<Instant>,
    /// SHA-256 of the document as it was fetched, in hexadecimal; null where none was taken.
    #[serde(default)]
    pub sha256: Option<Sha256Hex>,
}
