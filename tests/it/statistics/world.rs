//! Random designations of a few vendors, regimes and authorities, some of them restricted or voided, made through the API.

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};

use super::super::support::{
    Client,
    samples::{details, event, reason},
};

const EVENTS: [&str; 16] = [
    "notice_issued",
    "urgent_action",
    "order_issued",
    "order_issued",
    "amended",
    "amended",
    "stayed",
    "stayed",
    "stay_lifted",
    "vacated",
    "rescinded",
    "delisted",
    "withdrawn",
    "superseded",
    "reinstated",
    "noted",
];

pub struct World<'a> {
    client: &'a Client,
    pub rng: StdRng,
    pub vendors: Vec<String>,
    pub regimes: Vec<String>,
    pub authorities: Vec<String>,
    pub designations: Vec<String>,
}

impl<'a> World<'a> {
    pub fn new(client: &'a Client, seed: u64) -> Self {
        Self {
            client,
            rng: StdRng::seed_from_u64(seed),
            vendors: ["Acme", "Bcme", "Ccme"].map(|name| client.vendor(name)).to_vec(),
            regimes: ["law-b", "law-a", "law-c"].map(|slug| client.regime(slug, "prohibited")).to_vec(),
            authorities: ["Works", "Deeds"].map(|name| client.authority(name, "government")).to_vec(),
            designations: Vec::new(),
        }
    }

    pub fn day(&mut self) -> String {
        let first: chrono::NaiveDate = "2025-11-20".parse().unwrap();
        first.iter_days().nth(self.rng.random_range(0..220)).unwrap().to_string()
    }

    pub fn one_of<'b>(&mut self, words: &[&'b str]) -> &'b str {
        words.choose(&mut self.rng).copied().unwrap()
    }

    pub fn chance(&mut self, odds: f64) -> bool {
        self.rng.random_bool(odds)
    }

    fn scope(&mut self) -> Value {
        let mut scope = json!({});
        if self.chance(0.6) {
            let all = ["unclassified", "cui", "national_security_system", "secret", "top_secret", "sci"];
            let some: Vec<&&str> = all.sample(&mut self.rng, 2).collect();
            scope["environments"] = json!(some);
        }
        for bound in ["effective_from", "effective_to"] {
            if self.chance(0.25) {
                scope[bound] = json!(self.day());
            }
        }
        scope
    }

    fn reason(&mut self) -> Value {
        let mut reason = reason();
        reason["code"] = json!(self.one_of(&["vulnerability", "sanctions", "undisclosed", "other"]));
        reason
    }

    pub fn designate(&mut self) {
        let kind = self.one_of(&["proposal_recorded", "notice_issued", "urgent_action", "order_issued"]);
        let mut first = event(kind, &self.day(), &details(kind, "", ""));
        let scopes: Vec<Value> = (0..self.rng.random_range(1..4)).map(|_| self.scope()).collect();
        first["details"]["scopes"] = json!(scopes);
        let reasons: Vec<Value> = (0..self.rng.random_range(0..3)).map(|_| self.reason()).collect();
        let mut body = json!({
            "regime_id": self.regimes.choose(&mut self.rng), "authority_id": self.authorities.choose(&mut self.rng),
            "title": "A designation", "instrument": "determination", "basis_disclosure": "public",
            "origin": self.one_of(&["official", "reported", "internal"]), "reasons": reasons, "event": first,
            "visibility": if self.chance(0.25) { "restricted" } else { "public" },
        });
        match self.chance(0.15) {
            true => body["category"] = json!("Drones"),
            false => body["vendor_id"] = json!(self.vendors.choose(&mut self.rng)),
        }
        let answer = self.client.post("/v1/designations", &body);
        match answer.status {
            201 => self.designations.push(answer.id()),
            status => assert_eq!(
                status, 422,
                "an order needs a reason, and a scope may end before it begins: {answer:?}"
            ),
        }
    }

    pub fn happen(&mut self) {
        let Some(id) = self.designations.choose(&mut self.rng).cloned() else { return };
        let path = format!("/v1/designations/{id}");
        let answer = match self.rng.random_range(0..40) {
            0 => self.client.delete(&format!("{path}?comment=A+mistake"), "*"),
            1..3 => {
                let visibility = self.one_of(&["public", "restricted"]);
                self.client.patch(&path, "*", &json!({ "visibility": visibility }))
            }
            3..6 => self.client.post(&format!("{path}/reasons"), &self.reason()),
            _ => {
                let event = self.event(&path);
                self.client.post(&format!("{path}/events"), &event)
            }
        };
        assert!(matches!(answer.status, 200 | 201 | 409 | 422), "{answer:?}");
    }

    fn event(&mut self, path: &str) -> Value {
        let kind = self.one_of(&EVENTS);
        let successor = self.designations.choose(&mut self.rng).unwrap();
        let mut event = event(kind, "2026-01-01", &details(kind, &self.authorities[0], successor));
        event["occurred_on"] = json!(self.day());
        if kind == "amended" || (kind == "order_issued" && self.chance(0.2)) {
            event["details"]["scopes"] = json!([self.scope()]);
        }
        if kind == "vacated" {
            event["details"]["retroactive"] = json!(self.chance(0.3));
        }
        if self.chance(0.2) {
            let events = self.client.get(path).expect(200).json()["events"].as_array().unwrap().clone();
            event["corrects"] = events.choose(&mut self.rng).unwrap()["id"].clone();
        }
        event
    }
}
