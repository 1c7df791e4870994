//! Operations that will go away: what their annotation says of it, and the headers that say it with every answer,
//! `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link`.
//!
//! A handler is deprecated by its annotation alone:
//!
//! ```text
//! #[utoipa::path(…, extensions(
//!     ("x-deprecated-on" = json!("2026-11-22")),
//!     ("x-sunset" = json!("2027-06-30")),
//!     ("x-successor" = json!("/v1/vendors/{id}/standing")),
//! ))]
//! ```
//!
//! The first is needed; the successor is a path of the document whose parameters the operation's own path has. The document
//! (`openapi::deprecation`) and the headers both come from there, and the server does not start with one that can't be.

use std::time::{Duration, UNIX_EPOCH};

use actix_web::{
    dev::{Path, ResourceDef, ServiceRequest},
    http::{
        Method,
        header::{HeaderMap, HeaderName, HeaderValue, HttpDate, LINK},
    },
};
use chrono::NaiveTime;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::openapi::operations;
use crate::values::Date;

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// How many seconds into a day its last one begins.
const LAST_SECOND: u64 = 86_399;

/// What may stand in one segment of a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What an operation's annotation says of its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deprecation {
    /// The day from which nobody should begin to use it.
    pub since: Date,
    /// The last day on which it answers; after it, it may be gone.
    pub sunset: Option<Date>,
    /// The path that takes its place, as the document has it.
    pub successor: Option<String>,
    /// Where the documentation shows it.
    documentation: String,
}

impl Deprecation {
    /// That of an operation of the document; `None` where it stays.
    ///
    /// # Errors
    /// An annotation that can't be, in words for whoever wrote it.
    pub fn of(document: &Value, path: &str, operation: &Value) -> Result<Option<Self>, String> {
        let id = text(operation, "operationId").unwrap_or(path);
        let wrong = |what: &str| format!("{id}: {what}");
        let date = |name: &str| match operation.get(name) {
            None => Ok(None),
            Some(value) => match value.as_str().unwrap_or_default().parse::<Date>() {
                Ok(date) => Ok(Some(date)),
                Err(fault) => Err(wrong(&format!("{name} {fault}"))),
            },
        };
        let (since, sunset) = (date("x-deprecated-on")?, date("x-sunset")?);
        let Some(since) = since else {
            let alone =
                ["x-sunset", "x-successor", "deprecated"].iter().find(|name| operation.get(**name).is_some());
            return alone
                .map_or(Ok(None), |name| Err(wrong(&format!("{name} needs x-deprecated-on beside it"))));
        };
        if sunset.is_some_and(|sunset| sunset < since) {
            return Err(wrong("x-sunset lies before x-deprecated-on"));
        }
        let successor = match operation.get("x-successor") {
            None => None,
            Some(value) => {
                let named = value.as_str().unwrap_or_default();
                if named == path || document.get("paths").and_then(|paths| paths.get(named)).is_none() {
                    return Err(wrong("x-successor must be another path of the document"));
                }
                if parameters(named).any(|name| !parameters(path).any(|own| own == name)) {
                    return Err(wrong("x-successor has a parameter that the operation's own path has not"));
                }
                Some(named.to_owned())
            }
        };
        let tag = operation.pointer("/tags/0").and_then(Value::as_str).unwrap_or("default");
        let encoded = |text: &str| utf8_percent_encode(text, SEGMENT).to_string();
        let documentation = format!("/docs/#/{}/{}", encoded(tag), encoded(id));
        Ok(Some(Self { since, sunset, successor, documentation }))
    }

    /// The value of `Deprecation`: the first second of the day, in seconds since 1970.
    #[must_use]
    pub fn since_header(&self) -> String {
        format!("@{}", seconds(self.since))
    }

    /// The value of `Sunset`: the last second of the last day.
    #[must_use]
    pub fn sunset_header(&self) -> Option<String> {
        let seconds = u64::try_from(seconds(self.sunset?)).ok()?.checked_add(LAST_SECOND)?;
        Some(HttpDate::from(UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?).to_string())
    }

    /// The value of `Link`; `fill` gives each parameter of the successor's path.
    #[must_use]
    pub fn link_header(&self, fill: impl Fn(&str) -> String) -> String {
        let documentation = format!("<{}>; rel=\"deprecation\"; type=\"text/html\"", self.documentation);
        let Some(successor) = &self.successor else { return documentation };
        let filled = parameters(successor).fold(successor.clone(), |path, name| {
            path.replace(&format!("{{{name}}}"), &utf8_percent_encode(&fill(name), SEGMENT).to_string())
        });
        format!("<{filled}>; rel=\"successor-version\", {documentation}")
    }
}

fn text<'a>(operation: &'a Value, name: &str) -> Option<&'a str> {
    operation.get(name).and_then(Value::as_str)
}

/// The names of a path's parameters.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}

fn seconds(date: Date) -> i64 {
    date.day().and_time(NaiveTime::MIN).and_utc().timestamp()
}

/// One operation that is deprecated.
struct Deprecated {
    method: Method,
    pattern: String,
    path: ResourceDef,
    deprecation: Deprecation,
}

/// The operations of the document that are deprecated.
pub struct Deprecations(Vec<Deprecated>);

impl Deprecations {
    /// Those of a document.
    ///
    /// # Errors
    /// An annotation that can't be.
    pub fn of(document: &Value) -> Result<Self, String> {
        let mut found = Vec::new();
        for (path, method, operation) in operations(document) {
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes());
            if let (Some(deprecation), Ok(method)) = (Deprecation::of(document, path, operation)?, method) {
                let (pattern, path) = (path.to_owned(), ResourceDef::new(path));
                found.push(Deprecated { method, pattern, path, deprecation });
            }
        }
        Ok(Self(found))
    }

    /// What the answer to a request tells, where what it asks for is deprecated.
    #[must_use]
    pub fn notice(&self, request: &ServiceRequest) -> Option<Notice> {
        if self.0.is_empty() {
            return None;
        }
        let pattern = request.match_pattern()?;
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        let found = self.0.iter().find(|known| known.method == *method && known.pattern == pattern)?;
        let mut path = Path::new(request.path());
        found.path.capture_match_info(&mut path);
        let link = found.deprecation.link_header(|name| {
            let raw = path.get(name).unwrap_or_default();
            percent_encoding::percent_decode_str(raw).decode_utf8_lossy().into_owned()
        });
        Some(Notice {
            deprecation: HeaderValue::from_str(&found.deprecation.since_header()).ok()?,
            sunset: found.deprecation.sunset_header().and_then(|date| HeaderValue::from_str(&date).ok()),
            link: HeaderValue::from_str(&link).ok()?,
        })
    }
}

/// The headers of one answer.
pub struct Notice {
    deprecation: HeaderValue,
    sunset: Option<HeaderValue>,
    link: HeaderValue,
}

impl Notice {
    /// Writes them. Links that the handler gave stay.
    pub fn tell(&self, headers: &mut HeaderMap) {
        headers.insert(DEPRECATION, self.deprecation.clone());
        if let Some(sunset) = &self.sunset {
            headers.insert(SUNSET, sunset.clone());
        }
        headers.append(LINK, self.link.clone());
    }
}

#[cfg(test)]
mod tests;
