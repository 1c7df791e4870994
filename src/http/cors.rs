//! Cross-origin requests (the Fetch standard's CORS): pages of listed origins may read answers, all others may not. A
//! browser never sends a session along, for there is none: whoever asks shows a key or a token.

use actix_web::{
    HttpResponse,
    dev::ServiceRequest,
    http::{
        Method,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap,
            HeaderValue, ORIGIN,
        },
    },
};
use url::Url;

const METHODS: &str = "GET, HEAD, POST, PATCH, DELETE";

const REQUEST_HEADERS: &str =
    "authorization, content-type, if-match, if-none-match, idempotency-key, last-event-id, x-request-id";

const ANSWER_HEADERS: &str = "content-disposition, deprecation, etag, known-seq, link, location, ratelimit, \
    ratelimit-policy, retry-after, row-count, sunset, www-authenticate, x-request-id";

/// How long a browser may keep the answer to a preflight, in seconds.
const KEPT_FOR: &str = "600";

/// The origins whose pages may read answers. None, unless they are listed.
#[derive(Debug, Clone, Default)]
pub struct Origins(Vec<String>);

impl Origins {
    /// One of the list.
    ///
    /// # Errors
    /// What it must be instead.
    pub fn parse_one(text: &str) -> Result<String, String> {
        let text = text.trim();
        match text {
            "*" => return Err("would let every page on the web read answers; list the origins".into()),
            "null" => return Err("is what any sandboxed page calls itself; list the origins".into()),
            _ => {}
        }
        // A browser's origin has no wildcard, and nothing here reads one.
        let wanted = || format!("must be an origin, like https://dashboard.example, not {text:?}");
        let url = Url::parse(text).map_err(|_| wanted())?;
        let origin = url.origin().ascii_serialization();
        if !matches!(url.scheme(), "https" | "http") || origin != text || text.contains('*') {
            return Err(if matches!(url.scheme(), "https" | "http") {
                format!("{}; did you mean {origin}?", wanted())
            } else {
                wanted()
            });
        }
        Ok(origin)
    }

    /// Whether any are listed.
    #[must_use]
    pub fn any(&self) -> bool {
        !self.0.is_empty()
    }

    /// The request's origin, where it is listed.
    #[must_use]
    pub fn listed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let mut given = headers.get_all(ORIGIN);
        let origin = given.next()?;
        let listed = self.0.iter().any(|listed| listed.as_bytes() == origin.as_bytes());
        (listed && given.next().is_none()).then(|| origin.clone())
    }

    /// The answer to a listed origin's preflight. It needs no sign-in: browsers send none with it.
    #[must_use]
    pub fn preflight(&self, request: &ServiceRequest) -> Option<HttpResponse> {
        let asks = request.method() == Method::OPTIONS
            && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
            && self.listed(request.headers()).is_some();
        asks.then(|| {
            HttpResponse::NoContent()
                .insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS))
                .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS))
                .insert_header((ACCESS_CONTROL_MAX_AGE, KEPT_FOR))
                .finish()
        })
    }

    /// Lets the listed origin's page read an answer.
    pub fn expose(headers: &mut HeaderMap, origin: HeaderValue) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(ANSWER_HEADERS));
    }
}

impl FromIterator<String> for Origins {
    fn from_iter<T: IntoIterator<Item = String>>(origins: T) -> Self {
        Self(origins.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Origins;

    #[test]
    fn origins_are_exact_and_nobody_lists_everybody() {
        for origin in ["https://dashboard.example", "http://localhost:3000", "https://xn--bcher-kva.example"]
        {
            assert_eq!(Origins::parse_one(origin).unwrap(), origin);
        }
        for refused in [
            "*",
            "null",
            "",
            "dashboard.example",
            "https://dashboard.example/",
            "https://dashboard.example:443",
            "https://Dashboard.example",
            "https://*.example",
            "https://user@dashboard.example",
            "https://dashboard.example/path",
            "file:///x",
            "data:text/html,x",
        ] {
            assert!(Origins::parse_one(refused).is_err(), "{refused} was taken");
        }
    }
}
