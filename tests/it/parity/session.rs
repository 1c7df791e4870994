//! A long session at random: every operation of the document, most of the time as a client means it, else spoilt.

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;

use super::{
    bodies::body,
    pair::{Difference, PROPOSERS, Pair, Request},
    spoiling::{spoilt_for, spoilt_somehow},
    world::{Known, World, beginnings, day, one, word},
};
use crate::{
    conventions::{
        calls::NOWHERE,
        document::{Operation, Parameter, resolved, type_of},
    },
    support::{Answer, samples::encoded},
};

pub struct Session<'p> {
    pub pair: &'p mut Pair,
    pub world: World,
    pub rng: StdRng,
    operations: Vec<Operation>,
    sent: usize,
}

impl<'p> Session<'p> {
    /// Begins with a look at all that there is.
    pub fn begin(pair: &'p mut Pair, seed: u64) -> Result<Self, Difference> {
        let (world, rng) = (World::default(), StdRng::seed_from_u64(seed));
        let mut session = Self { pair, world, rng, operations: Operation::all_that_end(), sent: 0 };
        for list in [
            "list_vendors",
            "list_authorities",
            "list_regimes",
            "list_designations",
            "list_reviews",
            "list_journal_entries",
        ] {
            let operation = session.operation(list);
            session.send(Request {
                operation: list.to_owned(),
                method: "GET".to_owned(),
                target: format!("{}?limit=500", operation.path),
                ..Request::default()
            })?;
        }
        Ok(session)
    }

    pub fn operation(&self, id: &str) -> Operation {
        self.operations.iter().find(|operation| operation.id == id).unwrap().clone()
    }

    /// Sends so many requests at random.
    pub fn play(&mut self, requests: usize) -> Result<(), Difference> {
        for number in 0..requests {
            let request = match self.rng.random_range(0..100) {
                0..12 if !self.world.pages.is_empty() => self.next_page(),
                12..15 if !self.world.keyed.is_empty() => self.again(),
                _ => self.any(),
            };
            self.send(request)?;
            if number == requests / 2 {
                self.pair.restart();
            }
        }
        Ok(())
    }

    /// Reads every list in every order, whole and in pages, and by the beginning of every name that there may be.
    pub fn look_everywhere(&mut self) -> Result<(), Difference> {
        for operation in self.operations.clone() {
            if !operation.lists() || operation.path.contains('{') {
                continue;
            }
            let of = |target: String| Request {
                operation: operation.id.clone(),
                method: "GET".to_owned(),
                target,
                ..Request::default()
            };
            for parameter in &operation.in_query {
                let asked: Vec<String> = match parameter.name.as_str() {
                    "sort" => {
                        let orders = parameter.schema["enum"].as_array().unwrap();
                        orders.iter().map(|order| order.as_str().unwrap().to_owned()).collect()
                    }
                    "name" => beginnings().map(encoded).collect(),
                    _ => continue,
                };
                for asked in asked {
                    self.send(of(format!("{}?{}={asked}&limit=500", operation.path, parameter.name)))?;
                }
            }
            let mut page = Some(format!("{}?limit=7", operation.path));
            while let Some(target) = page {
                let answer = self.send(of(target))?;
                let next = answer.json()["next_cursor"].as_str().map(ToOwned::to_owned);
                page = next.map(|cursor| format!("{}?limit=7&cursor={cursor}", operation.path));
            }
        }
        Ok(())
    }

    /// Sends what makes an operation answer with a status that it has not answered with yet.
    pub fn aim(&mut self, operation: &str, status: u16) -> Result<(), Difference> {
        let operation = self.operation(operation);
        for _ in 0..60 {
            if self.pair.coverage.has(&operation.id, status) {
                break;
            }
            let request = self.of(&operation);
            for request in spoilt_for(status, &operation, request, &self.world, &mut self.rng) {
                self.send(request)?;
            }
        }
        Ok(())
    }

    pub fn send(&mut self, request: Request) -> Result<Answer, Difference> {
        self.sent += 1;
        // Where none is given the registry makes one, which is its own like any id.
        let request = if self.sent.is_multiple_of(7) {
            request
        } else {
            request.header("x-request-id", &format!("call-{}", self.sent))
        };
        let answer = self.pair.play(&request)?;
        self.world.learn(&request, &answer);
        if answer.status == 201 && request.headers.iter().any(|(name, _)| name == "idempotency-key") {
            self.world.keyed.push(request);
        }
        Ok(answer)
    }

    fn any(&mut self) -> Request {
        let writes = self.rng.random_bool(0.5);
        let operation = loop {
            let operation = one(&mut self.rng, &self.operations);
            let rare =
                matches!(operation.id.as_str(), "void_designation" | "retire_authority" | "retire_regime");
            if operation.writes() == writes && (!rare || self.rng.random_bool(0.3)) {
                break operation.clone();
            }
        };
        let request = self.of(&operation);
        if self.rng.random_bool(0.25) {
            spoilt_somehow(&operation, request, &self.world, &mut self.rng)
        } else {
            request
        }
    }

    fn next_page(&mut self) -> Request {
        let at = self.rng.random_range(0..self.world.pages.len());
        let (target, cursor) = self.world.pages.swap_remove(at);
        let path = target.split('?').next().unwrap();
        let of_path = |operation: &&Operation| operation.method == "GET" && fits(path, &operation.path);
        let operation = self.operations.iter().find(of_path).unwrap().id.clone();
        let kept: Vec<&str> =
            target.split(['?', '&']).skip(1).filter(|part| !part.starts_with("cursor=")).collect();
        let target = format!("{path}?{}&cursor={cursor}", kept.join("&")).replace("?&", "?");
        Request { operation, method: "GET".to_owned(), target, ..Request::default() }
    }

    /// A write with the key of one that was done: the same again, or another body.
    fn again(&mut self) -> Request {
        let request = one(&mut self.rng, &self.world.keyed).clone();
        if self.rng.random_bool(0.7) {
            return request;
        }
        let mut other = request.json();
        other["title"] = json!("Another");
        request.with_json(&other)
    }

    /// An operation as a client means it.
    pub fn of(&mut self, operation: &Operation) -> Request {
        let known = one(&mut self.rng, &self.world.designations).clone();
        let mut request = Request {
            operation: operation.id.clone(),
            method: operation.method.clone(),
            target: self.path(operation, &known),
            ..Request::default()
        };
        for parameter in &operation.in_query {
            let needed = operation.id == "void_designation";
            let often = match parameter.name.as_str() {
                "sort" | "limit" => 0.5,
                "name" => 0.3,
                _ => 0.12,
            };
            if (needed || self.rng.random_bool(often))
                && let Some(value) = self.asked(parameter)
            {
                request = request.asking(&format!("{}={value}", parameter.name));
            }
        }
        if operation.body.is_some() {
            let body = body(&operation.id, &self.world, &mut self.rng, Some(&known));
            let body =
                body.unwrap_or_else(|| panic!("tell tests/it/parity/bodies.rs a body of {}", operation.id));
            let media_type: &String = one(&mut self.rng, &operation.media_types);
            request = request.with_json(&body).header("content-type", media_type);
        }
        if matches!(operation.method.as_str(), "PATCH" | "DELETE") {
            let etag =
                if self.rng.random_bool(0.7) { self.world.etag(request.path()) } else { "*".to_owned() };
            request = request.header("if-match", &etag);
        }
        let keeps_answers = operation.id != "create_api_key";
        if operation.method == "POST" && operation.writes() && keeps_answers && self.rng.random_bool(0.3) {
            let key = format!("key-{}", self.sent);
            request = request.header("idempotency-key", &key);
        }
        if operation.method == "GET" && self.rng.random_bool(0.1) {
            let etag = self.world.etag(request.path());
            request = request.header("if-none-match", &etag);
        }
        if operation.method == "GET" && self.rng.random_bool(0.05) {
            (request.method, request.operation) = ("HEAD".to_owned(), String::new());
        }
        request
    }

    /// An operation with what it needs and no more.
    pub fn plainly(&mut self, operation: &Operation) -> Request {
        let mut request = self.of(operation);
        request.target = request.path().to_owned();
        request.operation = operation.id.clone();
        request.method = operation.method.clone();
        request.without("if-none-match")
    }

    fn path(&mut self, operation: &Operation, known: &Known) -> String {
        let (world, rng) = (&self.world, &mut self.rng);
        let id = match operation.path.split('/').nth(2) {
            Some("vendors") => one(rng, &world.vendors).clone(),
            Some("authorities") => one(rng, &world.authorities).clone(),
            Some("regimes") => one(rng, &world.regimes).clone(),
            Some("access-log") if !world.access_entries.is_empty() => one(rng, &world.access_entries).clone(),
            Some("reviews") => one(rng, &world.reviews).clone(),
            // There is none before one is made.
            Some("api-keys") => world.api_keys.choose(rng).cloned().unwrap_or_else(|| NOWHERE.to_owned()),
            _ => known.id.clone(),
        };
        let reason = known.reasons.first().cloned().unwrap_or_else(|| "nothing".to_owned());
        let seq = rng.random_range(1..=world.head.max(1)).to_string();
        operation.path.replace("{id}", &id).replace("{reason_id}", &reason).replace("{seq}", &seq)
    }

    /// A value for a query parameter, as it stands in a query.
    fn asked(&mut self, parameter: &Parameter) -> Option<String> {
        let (world, rng) = (&self.world, &mut self.rng);
        let schema = match type_of(&parameter.schema).as_str() {
            "array" => resolved(&parameter.schema["items"]),
            _ => parameter.schema.clone(),
        };
        if let Some(words) = schema["enum"].as_array() {
            return Some(one(rng, words).as_str().unwrap().to_owned());
        }
        Some(match parameter.name.as_str() {
            "cursor" => return None,
            // Whoever waits is answered by what is recorded meanwhile, which nothing is here.
            "wait" => "0".to_owned(),
            "limit" => one(rng, &["1", "2", "3", "5", "10", "500"]).to_string(),
            "name" => encoded(beginnings().nth(rng.random_range(0..beginnings().count())).unwrap()),
            "role" | "tag" | "jurisdiction" => encoded(word(rng)),
            "comment" => encoded(&format!("Because of {}", word(rng))),
            "country" => one(rng, &["FR", "us", "DEU"]).to_string(),
            "identifier" => {
                let (scheme, value) =
                    world.identifiers.get(rng.random_range(0..world.identifiers.len().max(1)))?;
                encoded(&format!("{scheme}:{value}"))
            }
            "vendor_id" => one(rng, &world.vendors).clone(),
            "designation_id" => one(rng, &world.designations).id.clone(),
            "proposed_by" => {
                let proposer: &&str = one(rng, &PROPOSERS);
                encoded(proposer)
            }
            "authority_id" => one(rng, &world.authorities).clone(),
            "regime" => one(rng, &world.slugs).clone(),
            "agency" => {
                if rng.random_bool(0.3) {
                    "none".to_owned()
                } else {
                    one(rng, &world.authorities).clone()
                }
            }
            "actor" => "local".to_owned(),
            "operation" => {
                one(rng, &["get_vendor_standing", "check_standing", "get_vendor", "get_nothing"]).to_string()
            }
            "subject_id" => one(rng, &world.vendors).clone(),
            "from" | "to" if schema["format"] == "date-time" => {
                world.instants.get(rng.random_range(0..world.instants.len().max(1)))?.clone()
            }
            "known_seq" | "after" => rng.random_range(0..=world.head).to_string(),
            "known_at" if rng.random_bool(0.3) => day(rng),
            "known_at" => world.instants.get(rng.random_range(0..world.instants.len().max(1)))?.clone(),
            _ if type_of(&schema) == "boolean" => one(rng, &["true", "false"]).to_string(),
            _ if schema["format"] == "date" => day(rng),
            other => panic!("tell tests/it/parity/session.rs a value of {other}"),
        })
    }
}

/// Whether a path is one of a path with place holders.
fn fits(path: &str, of: &str) -> bool {
    path.split('/').count() == of.split('/').count()
        && path.split('/').zip(of.split('/')).all(|(part, of)| of.starts_with('{') || part == of)
}
