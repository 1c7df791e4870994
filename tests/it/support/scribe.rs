//! A client that writes at random, from a seed: every kind of change, most of them legal.

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};

use super::{
    Answer, Client,
    samples::{reason, source},
};

/// Writes at random. What it sends is the same for the same seed and the same answers.
pub struct Scribe<'a> {
    client: &'a Client,
    rng: StdRng,
    vendors: Vec<String>,
    designations: Vec<String>,
    regime: String,
    authority: String,
    /// Writes that were accepted, refused as wrong, and failed.
    pub accepted: usize,
    pub refused: usize,
    written: usize,
}

const EVENTS: [&str; 12] = [
    "stayed",
    "stay_lifted",
    "vacated",
    "rescinded",
    "delisted",
    "reinstated",
    "amended",
    "review_affirmed",
    "noted",
    "order_issued",
    "noted_correction",
    "order_correction",
];

impl<'a> Scribe<'a> {
    pub fn new(client: &'a Client, seed: u64) -> Self {
        let (regime, authority) = (
            client.regime(&format!("law-{seed}"), "prohibited"),
            client.authority(&format!("Court {seed}"), "court"),
        );
        let vendors = (0..5).map(|number| client.vendor(&format!("Vendor {number} of {seed}"))).collect();
        let rng = StdRng::seed_from_u64(seed);
        Self {
            client,
            rng,
            vendors,
            designations: Vec::new(),
            regime,
            authority,
            accepted: 0,
            refused: 0,
            written: 0,
        }
    }

    /// Makes so many writes.
    #[track_caller]
    pub fn write(&mut self, writes: usize) {
        for _ in 0..writes {
            let answer = self.one();
            match answer.status {
                200..300 => self.accepted += 1,
                400..500 => self.refused += 1,
                _ => panic!("{answer:?}"),
            }
        }
    }

    fn pick(&mut self, from: &[String]) -> String {
        from.choose(&mut self.rng).unwrap().clone()
    }

    fn day(&mut self) -> String {
        format!("2026-{:02}-{:02}", self.rng.random_range(1..=6), self.rng.random_range(1..=28))
    }

    fn one(&mut self) -> Answer {
        self.written += 1;
        let number = self.written;
        let vendors = self.vendors.clone();
        let vendor = self.pick(&vendors);
        let path = format!("/v1/vendors/{vendor}");
        match self.rng.random_range(0..20) {
            0..3 => {
                let body = json!({
                    "legal_name": format!("Écrivain {number} & Söhne"), "kind": "company", "country": "FR",
                    "roles": ["Model provider"], "tags": ["new"], "names": [{ "name": "Scribe", "kind": "alias" }],
                    "identifiers": [{ "scheme": "national", "value": format!("{}-{number}", self.regime) }],
                });
                let answer = self.client.post("/v1/vendors", &body);
                self.vendors.push(answer.id());
                answer
            }
            3..5 => {
                self.change(&path, &json!({ "description": format!("Change {number}"), "tags": ["changed"] }))
            }
            5 => self.client.delete(&path, &self.etag(&path)),
            6 => self.change(&path, &json!({ "status": "active" })),
            7 => {
                let path = format!("/v1/authorities/{}", self.authority);
                self.change(&path, &json!({ "aliases": [{ "name": format!("Cour {number}") }] }))
            }
            8 => {
                let path = format!("/v1/regimes/{}", self.regime);
                self.change(&path, &json!({ "title": format!("Law {number}") }))
            }
            9..12 => self.designate(&vendor),
            _ if self.designations.is_empty() => self.designate(&vendor),
            12 => {
                let path = format!("/v1/designations/{}", self.designation());
                self.change(&path, &json!({ "summary": format!("Summary {number}") }))
            }
            13 => {
                let path = format!("/v1/designations/{}/reasons", self.designation());
                self.client.post(&path, &reason())
            }
            14 if self.rng.random_bool(0.2) => {
                let path = format!("/v1/designations/{}", self.designation());
                self.client.delete(&format!("{path}?comment=Mistaken"), &self.etag(&path))
            }
            _ => self.event(),
        }
    }

    fn designation(&mut self) -> String {
        let designations = self.designations.clone();
        self.pick(&designations)
    }

    fn etag(&self, path: &str) -> String {
        self.client.get(path).expect(200).etag()
    }

    fn change(&self, path: &str, body: &Value) -> Answer {
        self.client.patch(path, &self.etag(path), body)
    }

    fn scope(&mut self) -> Value {
        let environments = ["cui", "secret", "sci"];
        let environment = environments.choose(&mut self.rng).unwrap();
        match self.rng.random_range(0..3) {
            0 => json!({}),
            1 => json!({ "environments": [environment] }),
            _ => {
                json!({ "environments": [environment], "actions": ["procure"], "agencies": [self.authority] })
            }
        }
    }

    fn designate(&mut self, vendor: &str) -> Answer {
        let event_type =
            ["order_issued", "proposal_recorded", "urgent_action"].choose(&mut self.rng).unwrap();
        let mut details = json!({ "scopes": [self.scope(), self.scope()] });
        if *event_type == "urgent_action" {
            details["basis"] = json!("Urgent");
        }
        let body = json!({
            "vendor_id": vendor, "regime_id": self.regime, "authority_id": self.authority, "title": "By the scribe",
            "instrument": "determination", "origin": "official", "basis_disclosure": "public", "reasons": [reason()],
            "event": { "type": event_type, "occurred_on": self.day(), "details": details, "sources": [source()] },
        });
        let answer = self.client.post("/v1/designations", &body);
        if answer.status == 201 {
            self.designations.push(answer.id());
        }
        answer
    }

    fn event(&mut self) -> Answer {
        let path = format!("/v1/designations/{}", self.designation());
        let court = self.authority.clone();
        let word = *EVENTS.choose(&mut self.rng).unwrap();
        let (event_type, corrects) = match word {
            "noted_correction" => ("noted", true),
            "order_correction" => ("order_issued", true),
            word => (word, false),
        };
        let details = match event_type {
            "stayed" => json!({ "authority_id": court, "case_number": "1" }),
            "vacated" => {
                json!({ "authority_id": court, "case_number": "1", "retroactive": self.rng.random_bool(0.5) })
            }
            "reinstated" => json!({ "authority_id": court }),
            "amended" => json!({ "scopes": [self.scope()] }),
            "review_affirmed" => json!({ "next_review_on": "2027-01-01" }),
            "order_issued" if corrects => json!({ "scopes": [self.scope()] }),
            _ => json!({}),
        };
        let mut body = json!({
            "type": event_type, "occurred_on": self.day(), "details": details, "sources": [source()], "note": "A note",
        });
        if corrects {
            let events = self.client.get(&path).expect(200).json()["events"].as_array().unwrap().clone();
            body["corrects"] = events.choose(&mut self.rng).unwrap()["id"].clone();
        }
        self.client.post(&format!("{path}/events"), &body)
    }
}
