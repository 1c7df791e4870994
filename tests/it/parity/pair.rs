//! One registry on SQLite and one on PostgreSQL, of which everything is asked at once, and whose answers must be equal.

use std::thread;

use risk_registry::{
    access::FourEyes,
    catalogue,
    db::{Db, Sizes},
};

use super::{coverage::Coverage, tokens::Tokens};
use crate::support::{Answer, App, Backend, Client, Database, proposed, samples::event};

/// A request in the names that both sides share.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The operation that it is one of; empty where it is none of the document's.
    pub operation: String,
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// The same with a header set.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self
    }

    /// The path without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    /// The same with more in its query.
    pub fn asking(mut self, more: &str) -> Self {
        let separator = if self.target.contains('?') { '&' } else { '?' };
        self.target = format!("{}{separator}{more}", self.target);
        self
    }

    pub fn json(&self) -> serde_json::Value {
        self.body.as_deref().and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default()
    }

    pub fn with_json(mut self, body: &serde_json::Value) -> Self {
        self.body = Some(body.to_string().into_bytes());
        self
    }
}

/// One of the two.
pub struct Side {
    pub app: Option<App>,
    tokens: Tokens,
}

impl Side {
    pub fn client(&self) -> &Client {
        &self.app.as_ref().unwrap().client
    }

    pub fn db(&self) -> &Db {
        &self.app.as_ref().unwrap().db
    }

    pub fn database(&self) -> &Database {
        self.app.as_ref().unwrap().database()
    }

    fn send(&self, request: &Request) -> Answer {
        let said = |text: &str| self.tokens.expanded(text);
        let headers: Vec<(String, String)> =
            request.headers.iter().map(|(name, value)| (name.clone(), said(value))).collect();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        // What is no text holds no names.
        let body = request.body.as_ref().map(|body| match std::str::from_utf8(body) {
            Ok(text) => said(text).into_bytes(),
            Err(_) => body.clone(),
        });
        self.client().send(&request.method, &said(&request.target), &headers, body.as_deref())
    }

    /// An answer in shared names, less what says nothing about the registry.
    fn named(&mut self, request: &Request, mut answer: Answer) -> Answer {
        answer.headers.retain(|(name, _)| name != "date");
        answer.headers.sort();
        match request.path() {
            // Both are one process here, so numbers are of both; what is counted must be the same.
            "/metrics" => {
                answer.text =
                    answer.text.lines().filter(|line| line.starts_with('#')).collect::<Vec<_>>().join("\n");
                answer.headers.retain(|(name, _)| name != "content-length");
            }
            // For operators: the detail may say of what database it is; all else must be the same.
            "/readyz" if answer.status != 200 => {
                // Of HEAD there is no body.
                if !answer.text.is_empty() {
                    let mut problem = answer.json();
                    problem["detail"] = "of the database".into();
                    answer.text = problem.to_string();
                }
                answer.headers.retain(|(name, _)| name != "content-length");
            }
            _ => {}
        }
        for (name, value) in &mut answer.headers {
            *value = if name == "etag" { self.tokens.etag(value) } else { self.tokens.named(value) };
        }
        answer.text = self.tokens.named(&answer.text);
        answer
    }
}

/// The two registries.
pub struct Pair {
    pub sides: [Side; 2],
    pub calls: usize,
    pub coverage: Coverage,
}

/// What one of two answers says and the other doesn't.
#[derive(Debug)]
pub struct Difference(pub String);

/// Who proposed what waits at the beginning. Nobody of them is whoever plays the session.
pub const PROPOSERS: [&str; 4] = ["ana", "Ötzi", "zoe", "éva"];

/// Changes that wait in reviews: whoever plays the session may confirm them. Of the session's own nothing is held.
fn propose(app: &App) {
    let list = app.client.get("/v1/designations?limit=500").expect(200).json();
    let designations: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    for number in 0..REVIEWS {
        let mut note = event("noted", "2026-06-01", &serde_json::json!({}));
        note["note"] = format!("Proposed as number {number}").into();
        let designation = designations[number % designations.len()];
        proposed::event(&app.db, PROPOSERS[number % PROPOSERS.len()], designation, &note);
    }
}

/// How many wait.
const REVIEWS: usize = 120;

impl Pair {
    /// Two registries with the catalogue and the example, and with reviews.
    pub fn demo(sizes: Sizes) -> Self {
        // The example is recorded as of times past: only what comes later is the run's own.
        let begun = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        let side = |backend: Backend| {
            let app = App::on(Database::fresh_on(backend), sizes);
            catalogue::load_demo(&app.db, FourEyes::Off).unwrap();
            propose(&app);
            Side { app: Some(app), tokens: Tokens::from(begun.clone()) }
        };
        Self {
            sides: [side(Backend::Sqlite), side(Backend::Postgres)],
            calls: 0,
            coverage: Coverage::default(),
        }
    }

    /// Sends a request to both. Gives the answer, which is the same of both, in shared names.
    pub fn play(&mut self, request: &Request) -> Result<Answer, Difference> {
        let [sqlite, postgres] = &self.sides;
        let (one, other) = thread::scope(|scope| {
            let other = scope.spawn(|| postgres.send(request));
            (sqlite.send(request), other.join().unwrap())
        });
        self.compare(request, one, other)
    }

    /// Sends requests to both, all at the same time.
    pub fn play_all(&mut self, requests: &[Request]) -> Result<(), Difference> {
        let [sqlite, postgres] = &self.sides;
        let answers: Vec<(Answer, Answer)> = thread::scope(|scope| {
            let sent: Vec<_> = requests
                .iter()
                .map(|request| (scope.spawn(|| sqlite.send(request)), scope.spawn(|| postgres.send(request))))
                .collect();
            sent.into_iter().map(|(one, other)| (one.join().unwrap(), other.join().unwrap())).collect()
        });
        for (request, (one, other)) in requests.iter().zip(answers) {
            self.compare(request, one, other)?;
        }
        Ok(())
    }

    fn compare(&mut self, request: &Request, one: Answer, other: Answer) -> Result<Answer, Difference> {
        self.calls += 1;
        let [sqlite, postgres] = &mut self.sides;
        let (one, other) = (sqlite.named(request, one), postgres.named(request, other));
        if (one.status, &one.headers, &one.text) != (other.status, &other.headers, &other.text) {
            return Err(Difference(self.told(request, &one, &other)));
        }
        self.coverage.count(request, &one);
        Ok(one)
    }

    fn told(&self, request: &Request, one: &Answer, other: &Answer) -> String {
        let same = one.text.bytes().zip(other.text.bytes()).take_while(|(one, other)| one == other).count();
        let around = |answer: &Answer| {
            let text = answer.text.as_bytes();
            let (from, to) = (same.saturating_sub(300), text.len().min(same + 300));
            format!(
                "{} {:?}\n    …{}…",
                answer.status,
                answer.headers,
                String::from_utf8_lossy(&text[from.min(to)..to])
            )
        };
        let body = String::from_utf8_lossy(request.body.as_deref().unwrap_or_default());
        let body: String = body.chars().take(1000).collect();
        format!(
            "call {}: {} {} {:?}\n    {body}\n  SQLite says {}\n  PostgreSQL says {}",
            self.calls,
            request.method,
            request.target,
            request.headers,
            around(one),
            around(other)
        )
    }

    /// Stops both, and starts them again on the same databases.
    pub fn restart(&mut self) {
        for side in &mut self.sides {
            side.app = side.app.take().map(App::restart);
        }
    }
}
