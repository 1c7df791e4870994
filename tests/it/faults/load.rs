//! Careful clients that write at once: each repeats a request, with its idempotency key, until it is answered.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::ledger::{Ledger, What, Write};
use crate::support::{
    Answer, Client,
    samples::{order, source},
};

/// How long nothing may be acknowledged before a test gives up.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long a client waits for one answer before it repeats its request.
const ANSWER_WITHIN: Duration = Duration::from_secs(40);

/// Clients at work, until `finish`.
pub struct Load {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    ledger: Mutex<Ledger>,
    acknowledged: AtomicUsize,
    finishing: AtomicBool,
    /// What no client may ever be answered; the clients stop at the first.
    surprise: Mutex<Option<String>>,
}

impl Load {
    /// Starts clients, in turn at these servers. Each has a designation of its own, for its entries grow with its events.
    pub fn start(servers: &[SocketAddr], clients: usize) -> Self {
        let setting_up = Client::new(servers[0]);
        let designated = setting_up.vendor("Designated");
        let body = setting_up.designation_body(&designated, &order("2026-01-05", &json!([{}])));
        let designations: Vec<String> =
            (0..clients).map(|_| setting_up.post("/v1/designations", &body).expect(201).id()).collect();
        let shared = Arc::new(Shared::default());
        shared.ledger.lock().unwrap().base = setting_up.head();
        let start = |(number, designation): (usize, String)| {
            let server = servers[number % servers.len()];
            let client = Client::with_limit(server, ANSWER_WITHIN);
            let mut worker = Worker { client, number, designation, last_made: None, shared: shared.clone() };
            thread::spawn(move || worker.work())
        };
        let threads = designations.into_iter().enumerate().map(start).collect();
        Self { shared, threads }
    }

    /// How many writes were acknowledged until now.
    pub fn acknowledged(&self) -> usize {
        self.shared.acknowledged.load(Ordering::Relaxed)
    }

    /// Waits until so many more writes are acknowledged.
    pub fn await_more(&self, more: usize) {
        self.await_count("acknowledged", more, || self.acknowledged());
    }

    /// Waits until so many more requests are answered 503 or 507.
    pub fn await_refused(&self, more: usize) {
        self.await_count("refused", more, || self.shared.ledger.lock().unwrap().refused);
    }

    /// Waits until so many more requests are answered 507.
    pub fn await_no_room(&self, more: usize) {
        self.await_count("answered 507", more, || self.shared.ledger.lock().unwrap().no_room);
    }

    fn await_count(&self, what: &str, more: usize, count: impl Fn() -> usize) {
        let wanted = count() + more;
        let (mut last, mut since) = (0, Instant::now());
        while count() < wanted {
            if let Some(surprise) = self.shared.surprise.lock().unwrap().as_ref() {
                panic!("{surprise}");
            }
            if count() > last {
                (last, since) = (count(), Instant::now());
            }
            assert!(since.elapsed() < PATIENCE, "nothing is {what} any more");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Lets every client get the answer to what it has asked for, and gives the ledger.
    pub fn finish(self) -> Ledger {
        self.shared.finishing.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
        if let Some(surprise) = self.shared.surprise.lock().unwrap().take() {
            panic!("{surprise}");
        }
        std::mem::take(&mut self.shared.ledger.lock().unwrap())
    }
}

/// One client: it does one thing after the other.
struct Worker {
    client: Client,
    number: usize,
    designation: String,
    /// The vendor that it made last; only it changes that.
    last_made: Option<String>,
    shared: Arc<Shared>,
}

impl Worker {
    fn work(&mut self) {
        let begun = Instant::now();
        for turn in 0.. {
            let name = format!("V-{}-{turn}", self.number);
            let sent = Instant::now();
            let outcome = match (turn % 10, self.last_made.clone()) {
                (8, _) => self.note(&name),
                (9, Some(vendor)) => self.describe(vendor, &name),
                _ => self.create(&name),
            };
            let stop = match outcome {
                Ok(what) => {
                    let write = Write { what, sent, acknowledged: Instant::now() };
                    self.shared.ledger.lock().unwrap().writes.push(write);
                    self.shared.acknowledged.fetch_add(1, Ordering::Relaxed);
                    self.shared.finishing.load(Ordering::Relaxed)
                }
                Err(surprise) => {
                    let after = begun.elapsed().as_secs_f64();
                    let surprise = format!("client {}, {name}, after {after:.1} s: {surprise}", self.number);
                    self.shared.surprise.lock().unwrap().get_or_insert(surprise);
                    true
                }
            };
            if stop || self.shared.surprise.lock().unwrap().is_some() {
                return;
            }
        }
    }

    fn create(&mut self, name: &str) -> Result<What, String> {
        let answer = self.until_answered("POST", "/v1/vendors", ("idempotency-key", name), &vendor(name))?;
        let id = answered(&answer, 201)?.id();
        self.last_made = Some(id.clone());
        Ok(What::Vendor { id, name: name.to_owned() })
    }

    fn describe(&mut self, id: String, text: &str) -> Result<What, String> {
        let path = format!("/v1/vendors/{id}");
        let answer =
            self.until_answered("PATCH", &path, ("if-match", "\"1\""), &json!({ "description": text }))?;
        // Where the first answer got lost, a repetition finds the record changed: by nobody else.
        let answer = if answer.status == 412 {
            self.until_answered("GET", &path, ("accept", "application/json"), &Value::Null)?
        } else {
            answer
        };
        let described = answered(&answer, 200)?.json();
        self.last_made = None;
        if described["description"] == text && described["revision"] == 2 {
            Ok(What::Description { id, text: text.to_owned() })
        } else {
            Err(format!("{described} instead of {text}"))
        }
    }

    fn note(&mut self, text: &str) -> Result<What, String> {
        let path = format!("/v1/designations/{}/events", self.designation);
        let event =
            json!({ "type": "noted", "occurred_on": "2026-02-01", "note": text, "sources": [source()] });
        let answer = self.until_answered("POST", &path, ("idempotency-key", text), &event)?;
        let id = answered(&answer, 201)?.text_at("/event/id");
        Ok(What::Note { id, designation: self.designation.clone(), note: text.to_owned() })
    }

    /// Repeats a request until it has an answer that says whether it was done.
    fn until_answered(
        &self,
        method: &str,
        path: &str,
        header: (&str, &str),
        body: &Value,
    ) -> Result<Answer, String> {
        let text = body.to_string();
        let body = (!body.is_null()).then_some(text.as_bytes());
        let headers = [header, ("content-type", "application/json")];
        let begun = Instant::now();
        for attempt in 0.. {
            let answer = self.client.try_send(method, path, &headers, body);
            let mut ledger = self.shared.ledger.lock().unwrap();
            match answer {
                Err(_) => ledger.unanswered += 1,
                Ok(answer) if answer.status == 503 || answer.status == 507 => {
                    if answer.status == 503 && answer.header("retry-after").is_none() {
                        return Err(format!("503 without Retry-After: {answer:?}"));
                    }
                    ledger.refused += 1;
                    ledger.no_room += usize::from(answer.status == 507);
                }
                Ok(answer) => {
                    ledger.repeated += usize::from(attempt > 0);
                    return Ok(answer);
                }
            }
            drop(ledger);
            if begun.elapsed() > PATIENCE {
                return Err(format!("{method} {path} was not answered for {PATIENCE:?}"));
            }
            thread::sleep(Duration::from_millis(20));
        }
        unreachable!("attempts end with an answer")
    }
}

fn answered(answer: &Answer, status: u16) -> Result<&Answer, String> {
    if answer.status == status { Ok(answer) } else { Err(format!("{answer:?}")) }
}

/// What clients ask to create under a name, which is the idempotency key too.
pub fn vendor(name: &str) -> Value {
    json!({ "legal_name": name, "kind": "company", "tags": ["survivor"] })
}
