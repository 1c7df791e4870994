//! Sends the requests of the walk, and holds every single answer against the document, whatever it was sent for.

use serde_json::Value;

use super::{
    calls::{Call, call},
    document::{Operation, resolved},
    validation::violations,
};
use crate::support::{Answer, App, Client};

/// One operation under test, with all that was found against it.
pub struct Probe<'a> {
    pub client: &'a Client,
    pub app: &'a App,
    pub operation: Operation,
    findings: &'a mut Vec<String>,
}

/// Walks over every operation of the document, and fails with all that was found.
pub fn walk(check: impl Fn(&mut Probe<'_>)) {
    let app = App::empty();
    let mut findings = Vec::new();
    for operation in Operation::all() {
        check(&mut Probe { client: &app.client, app: &app, operation, findings: &mut findings });
    }
    app.client.get("/readyz").expect(200);
    let found = findings.len();
    assert!(
        findings.is_empty(),
        "{found} answers are not what section 6 of the design promises for every operation. Make the operation keep the \
         convention (src/http has what all of them share), or document what it really answers:\n{}",
        findings.join("\n"),
    );
}

/// A request in the making.
#[derive(Clone, Default)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// The same with a header set, or with none where the value is empty.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        if !value.is_empty() {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.bytes(body.to_string().as_bytes())
    }

    pub fn bytes(self, body: &[u8]) -> Self {
        Self { body: Some(body.to_vec()), ..self }
    }

    pub fn at(self, target: &str) -> Self {
        Self { target: target.to_owned(), ..self }
    }
}

impl Probe<'_> {
    /// How to call the operation with success, on records of its own.
    #[track_caller]
    pub fn call(&self) -> Call {
        call(self.app, &self.operation).unwrap_or_else(|| {
            panic!(
                "nothing tells how to call {}. Add it to `call` in tests/it/conventions/calls.rs: its path filled with \
                 the ids of records that the call makes, and a body that succeeds",
                self.operation.id
            )
        })
    }

    /// The request of a call.
    pub fn request(&self, call: &Call) -> Request {
        let mut request =
            Request { method: self.operation.method.clone(), target: call.target(""), ..Request::default() };
        if let Some(body) = &call.body {
            let media_type = self.operation.media_types.last().unwrap();
            request = request.header("content-type", media_type).json(body);
        }
        request.header("if-match", call.etag.as_deref().unwrap_or_default())
    }

    /// Sends a request of this operation. The answer must be one that the document has for it.
    pub fn send(&mut self, request: &Request) -> Answer {
        let answer = self.send_any(request);
        let documented = self.operation.responses.get(&answer.status.to_string()).map(resolved);
        let Some(documented) = documented else {
            self.note(&format!("{} is not a documented status: {}", answer.status, answer.text), request);
            return answer;
        };
        let media_type = answer.header("content-type").map(ToOwned::to_owned);
        let content = documented["content"].as_object();
        // Of several media types, that which came; else the first, which the finding then names.
        let expected = content.and_then(|content| {
            let came = |(name, _): &(&String, &Value)| {
                media_type.as_deref().and_then(|given| given.split(';').next()) == Some(name.as_str())
            };
            content.iter().find(came).or_else(|| content.iter().next())
        });
        match (expected, media_type) {
            (None, None) => {}
            // The document may leave out a media type's parameters.
            (Some((expected, _)), Some(given))
                if *expected != given && !given.starts_with(&format!("{expected};")) =>
            {
                self.note(&format!("the content type is {given}, the document says {expected}"), request);
            }
            (Some((_, content)), Some(given)) if given.contains("json") && request.method != "HEAD" => {
                for violation in violations(&answer.json(), &content["schema"]) {
                    self.note(&format!("the body is not as documented: {violation}"), request);
                }
            }
            (Some(_), Some(_)) => {}
            (expected, given) => {
                self.note(&format!("content type {given:?}, documented {expected:?}"), request);
            }
        }
        for header in documented["headers"].as_object().into_iter().flatten().map(|(name, _)| name) {
            // Rates are off here; `rates` looks at the headers of limits.
            let optional = ["Retry-After", "RateLimit", "RateLimit-Policy"].contains(&header.as_str());
            self.check(optional || answer.header(&header.to_lowercase()).is_some(), request, || {
                format!("the documented header {header} is missing from {}", answer.status)
            });
        }
        answer
    }

    /// Sends any request on the operation's path: what holds for every answer is checked.
    pub fn send_any(&mut self, request: &Request) -> Answer {
        let headers: Vec<_> =
            request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = self.client.send(&request.method, &request.target, &headers, request.body.as_deref());
        let id = answer.header("x-request-id").unwrap_or_default().to_owned();
        self.check(!id.is_empty(), request, || "the answer has no X-Request-Id".into());
        self.check(answer.status < 500, request, || format!("{}: {}", answer.status, answer.text));
        if answer.status >= 400 && request.method != "HEAD" {
            self.must_be_problem(&answer, &id, request);
        }
        answer
    }

    fn must_be_problem(&mut self, answer: &Answer, id: &str, request: &Request) {
        let Ok(problem) = serde_json::from_str::<Value>(&answer.text) else {
            return self
                .note(&format!("{} without a problem document: {}", answer.status, answer.text), request);
        };
        let code = problem["code"].as_str().unwrap_or_default();
        let texts =
            ["title", "detail"].iter().all(|field| problem[*field].as_str().is_some_and(|t| !t.is_empty()));
        let complete = answer.header("content-type") == Some("application/problem+json")
            && texts
            && problem["type"].as_str().is_some_and(|kind| kind.starts_with("/docs/problems/"))
            && problem["status"] == answer.status
            && !code.is_empty()
            && problem["errors"].is_array()
            && problem["request_id"] == id;
        self.check(complete, request, || format!("no complete problem document: {answer:?}"));
    }

    /// Sends a request that must be refused, with this status and, where one is given, this code.
    pub fn refuses(&mut self, request: &Request, status: u16, code: &str, what: &str) -> Answer {
        let answer = self.send(request);
        let given = if answer.status >= 400 {
            answer.json()["code"].as_str().unwrap_or_default().to_owned()
        } else {
            String::new()
        };
        let as_said = answer.status == status && (code.is_empty() || given == code);
        self.check(as_said, request, || {
            format!("{what} must be {status} {code}, not {} {}", answer.status, answer.text)
        });
        answer
    }

    /// Sends a request that must succeed as documented.
    pub fn succeeds(&mut self, request: &Request, what: &str) -> Answer {
        let (answer, success) = (self.send(request), self.operation.success());
        self.check(answer.status == success, request, || {
            format!("{what} must be {success}, not {} {}", answer.status, answer.text)
        });
        answer
    }

    pub fn check(&mut self, holds: bool, request: &Request, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.note(&otherwise(), request);
        }
    }

    fn note(&mut self, finding: &str, request: &Request) {
        let body = request.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let (finding, body): (String, String) =
            (finding.chars().take(500).collect(), body.chars().take(300).collect());
        let Request { method, target, .. } = request;
        let finding = format!("- {}: {finding}", self.operation.id);
        // The same of every request would bury the rest.
        if !self.findings.iter().any(|other| other.starts_with(&finding)) {
            self.findings.push(format!("{finding}\n    ({method} {target} {body})"));
        }
    }
}
