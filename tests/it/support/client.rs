//! A small HTTP client for tests: every answer is read whole, whatever its status; of a stream of events all that there is
//! so far.

use std::{io::Read, net::SocketAddr, sync::Arc, time::Duration};

use serde_json::Value;

use super::explained;
use crate::conventions::observed;

/// Talks to one server.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    pub address: SocketAddr,
    /// What stands before each path.
    base: String,
    /// What it shows with every request that shows nothing else.
    bearer: Option<String>,
    /// Whether every answer must be as the document declares it.
    is_strict: bool,
}

/// What a stream says when it has sent all that there is.
pub const THAT_IS_ALL: &str = ": that is all so far\n\n";

const EVENT_STREAM: &str = "text/event-stream";

/// The beginning of a stream, which does not end by itself.
fn so_far(mut stream: impl Read) -> std::io::Result<String> {
    let (mut text, mut part) = (Vec::new(), [0; 4096]);
    while !text.ends_with(THAT_IS_ALL.as_bytes()) {
        match stream.read(&mut part)? {
            0 => break,
            read => text.extend(&part[..read]),
        }
    }
    String::from_utf8(text).map_err(std::io::Error::other)
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|fault| panic!("no JSON ({fault}): {self:?}"))
    }

    /// A header's value; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The ETag, which must be there.
    #[track_caller]
    pub fn etag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("no ETag: {self:?}")).to_owned()
    }

    /// Checks the status and gives the answer on.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// Checks that it is a problem document of this status and code.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        assert_eq!(self.json()["code"], code, "{self:?}");
        self
    }

    /// A field of the body that must be a text.
    #[track_caller]
    pub fn text_at(&self, pointer: &str) -> String {
        let body = self.json();
        let found = body.pointer(pointer).and_then(Value::as_str).map(ToOwned::to_owned);
        found.unwrap_or_else(|| panic!("no text at {pointer}: {body}"))
    }

    /// The `id` of the body.
    #[track_caller]
    pub fn id(&self) -> String {
        self.text_at("/id")
    }
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self::made(address, None)
    }

    /// A client that gives up on an answer after a while.
    pub fn with_limit(address: SocketAddr, limit: Duration) -> Self {
        Self::made(address, Some(limit))
    }

    fn made(address: SocketAddr, limit: Option<Duration>) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(limit)
            .http_status_as_error(false)
            .max_redirects(0)
            .allow_non_standard_methods(true)
            .build();
        let base = format!("http://{address}");
        Self { agent: ureq::Agent::new_with_config(config), address, base, bearer: None, is_strict: true }
    }

    /// A client that speaks TLS to `localhost`, and takes the certificates of one authority, given as PEM.
    pub fn secure(port: u16, authority: &[u8]) -> Self {
        let root = ureq::tls::Certificate::from_pem(authority).unwrap();
        let tls = ureq::tls::TlsConfig::builder()
            .root_certs(ureq::tls::RootCerts::new_with_certs(&[root]))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .build();
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections(0)
            .proxy(None)
            .tls_config(tls)
            .build();
        let (agent, base) = (ureq::Agent::new_with_config(config), format!("https://localhost:{port}"));
        Self { agent, address: SocketAddr::from(([127, 0, 0, 1], port)), base, bearer: None, is_strict: true }
    }

    /// The same client, of a server that was started again elsewhere.
    pub fn moved_to(&self, address: SocketAddr) -> Self {
        Self { address, base: format!("http://{address}"), ..self.clone() }
    }

    /// The same client, of a server whose records were made up: their documents are not what the API would show.
    pub fn of_made_up_records(&self) -> Self {
        Self { is_strict: false, ..self.clone() }
    }

    /// The same client, which shows this key or token.
    pub fn showing(&self, token: &str) -> Self {
        Self { bearer: Some(token.to_owned()), ..self.clone() }
    }

    /// What it shows.
    pub fn bearer(&self) -> Option<&str> {
        self.bearer.as_deref()
    }

    /// Sends a request with any method, headers and body.
    #[track_caller]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        self.try_send(method, path, headers, body)
            .unwrap_or_else(|failure| panic!("{method} {path}: {failure}"))
    }

    /// As `send`, for servers that may be gone.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let shows = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        if let Some(bearer) = self.bearer.as_ref().filter(|_| !shows) {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let mut response = match body {
            Some(body) => self.agent.run(request.body(body)?)?,
            None => self.agent.run(request.body(())?)?,
        };
        let headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let is_stream = headers.iter().any(|(name, value)| name == "content-type" && value == EVENT_STREAM);
        let text = if is_stream && method != "HEAD" {
            so_far(response.body_mut().as_reader())?
        } else {
            response.body_mut().with_config().limit(200_000_000).read_to_string()?
        };
        let answer = Answer { status: response.status().as_u16(), headers, text };
        let faults = if self.is_strict { observed::faults(method, path, &answer) } else { Vec::new() };
        assert!(faults.is_empty(), "{method} {path} is not answered as documented: {faults:#?}\n{answer:?}");
        explained::must_be_explained(&answer);
        Ok(answer)
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    #[track_caller]
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, None)
    }

    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, &[], body)
    }

    #[track_caller]
    pub fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let all: Vec<_> = headers.iter().copied().chain([("content-type", "application/json")]).collect();
        self.send("POST", path, &all, Some(body.to_string().as_bytes()))
    }

    #[track_caller]
    pub fn patch(&self, path: &str, etag: &str, body: &Value) -> Answer {
        let headers = [("if-match", etag), ("content-type", "application/merge-patch+json")];
        self.send("PATCH", path, &headers, Some(body.to_string().as_bytes()))
    }

    #[track_caller]
    pub fn delete(&self, path: &str, etag: &str) -> Answer {
        self.send("DELETE", path, &[("if-match", etag)], None)
    }

    /// Every item of a list, page by page.
    #[track_caller]
    pub fn all(&self, path: &str) -> Vec<Value> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let (mut items, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let at = cursor.map(|cursor| format!("{separator}cursor={cursor}")).unwrap_or_default();
            let page = self.get(&format!("{path}{at}")).expect(200).json();
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return items,
            }
        }
    }
}
