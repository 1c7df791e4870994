//! Headers that every answer has, whoever made it: what browsers may do with it, and what caches may.

use actix_web::http::{
    StatusCode,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY, VARY,
        X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// For data and plain pages: nothing is loaded, nothing is run, nothing is framed.
const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// For the registry's own pages: as `NOTHING`, and the one style sheet that stands in them, by its digest.
pub(crate) const PAGE: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    style-src 'sha256-QbfsgYzyqbcRBnsAZ3Y4uO/y6xsXqw8+KqAXmayzfNY='";

/// For the documentation: its own scripts and styles, requests to this server, and the images that its styles carry. Its
/// script adds one style sheet to the page, which is allowed by its digest.
const DOCUMENTATION: &str = "default-src 'none'; script-src 'self'; style-src 'self' \
    'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Which part of the server a path belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What only those who signed in see.
    Versioned,
    /// The documentation and its scripts.
    Documentation,
    /// The registry's own pages about problems.
    Page,
    /// The rest: health, metrics, the document.
    Other,
}

impl Part {
    /// The part that a path as sent belongs to.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let under = |folder: &str| {
            path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if under("/v1") {
            Self::Versioned
        } else if under("/docs/problems") {
            Self::Page
        } else if under("/docs") {
            Self::Documentation
        } else {
            Self::Other
        }
    }
}

/// Completes an answer's headers. What the handler said of caches stays.
pub fn complete(headers: &mut HeaderMap, part: Part, status: StatusCode, varies_by_origin: bool) {
    let policy = match part {
        Part::Documentation => DOCUMENTATION,
        Part::Page => PAGE,
        Part::Versioned | Part::Other => NOTHING,
    };
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(CONTENT_SECURITY_POLICY, policy);
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Browsers that don't know `frame-ancestors` know this.
    set(X_FRAME_OPTIONS, "DENY");
    set(REFERRER_POLICY, "no-referrer");
    set(CROSS_ORIGIN_RESOURCE_POLICY, "same-origin");
    if status.is_client_error() || status.is_server_error() {
        set(CACHE_CONTROL, "no-store");
    } else if !headers.contains_key(CACHE_CONTROL) {
        let value = if part == Part::Documentation { "no-cache" } else { "no-store" };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(value));
    }
    let vary = match (part == Part::Versioned, varies_by_origin) {
        (true, true) => "Authorization, Origin",
        (true, false) => "Authorization",
        (false, true) => "Origin",
        (false, false) => return,
    };
    headers.insert(VARY, HeaderValue::from_static(vary));
}
