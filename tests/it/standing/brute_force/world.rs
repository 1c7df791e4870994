//! Random designations, made through the API, for the second evaluation to be asked about.

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Map, Value, json};

use super::super::super::support::{
    Client,
    samples::{event, reason},
};

pub const LISTS: [(&str, &str, &[&str]); 3] = [
    ("environments", "environment", &["secret", "cui", "sci"]),
    ("actions", "action", &["procure", "use"]),
    ("tiers", "tier", &["prime", "subcontract"]),
];
pub const EFFECTS: [&str; 4] = ["advisory", "reportable", "restricted", "prohibited"];
const FIRST: [&str; 4] = ["proposal_recorded", "notice_issued", "urgent_action", "order_issued"];
const TYPES: [&str; 17] = [
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
    "reinstated",
    "noted",
];

/// A registry under construction.
pub struct World<'a> {
    client: &'a Client,
    pub rng: StdRng,
    pub agencies: Vec<String>,
    pub vendors: Vec<String>,
    pub designations: Vec<String>,
}

impl<'a> World<'a> {
    pub fn new(client: &'a Client, seed: u64) -> Self {
        let agencies = ["Works", "Deeds"].map(|name| client.authority(name, "government")).to_vec();
        let vendors = ["Acme", "Bcme", "Ccme"].map(|name| client.vendor(name)).to_vec();
        Self { client, rng: StdRng::seed_from_u64(seed), agencies, vendors, designations: Vec::new() }
    }

    pub fn chance(&mut self, odds: f64) -> bool {
        self.rng.random_bool(odds)
    }

    fn day(&mut self, days: std::ops::Range<usize>) -> String {
        calendar()[self.rng.random_range(days)].clone()
    }

    fn pick<'b>(&mut self, words: &[&'b str]) -> &'b str {
        words.choose(&mut self.rng).copied().unwrap()
    }

    fn scope(&mut self) -> Value {
        let mut scope = Map::new();
        for (field, _, words) in LISTS {
            if self.chance(0.3) {
                scope.insert(field.into(), json!([self.pick(words)]));
            }
        }
        if self.chance(0.3) {
            scope.insert("agencies".into(), json!([self.agencies.choose(&mut self.rng)]));
        }
        for bound in ["effective_from", "effective_to"] {
            if self.chance(0.2) {
                scope.insert(bound.into(), json!(self.day(20..260)));
            }
        }
        Value::Object(scope)
    }

    /// An event; it may well be one that can't be.
    fn event(&mut self, kind: &str, of: Option<&Value>) -> Value {
        let mut details = Map::new();
        let brings = matches!(kind, "proposal_recorded" | "notice_issued" | "urgent_action" | "order_issued");
        if (brings && (of.is_none() || self.chance(0.2))) || kind == "amended" {
            let number = self.rng.random_range(1..4);
            details.insert("scopes".into(), (0..number).map(|_| self.scope()).collect());
        }
        if matches!(kind, "stayed" | "vacated" | "reinstated") {
            details.insert("authority_id".into(), json!(self.agencies[0]));
        }
        if matches!(kind, "stayed" | "vacated") {
            details.insert("case_number".into(), json!("1"));
        }
        match kind {
            "urgent_action" => drop(details.insert("basis".into(), json!("It could not wait"))),
            "vacated" => drop(details.insert("retroactive".into(), json!(self.chance(0.3)))),
            "superseded" => {
                let successor = self.designations.choose(&mut self.rng);
                drop(details.insert("successor_id".into(), json!(successor)));
            }
            "amended" if self.chance(0.5) => {
                let scopes = of.and_then(|designation| designation["scopes"].as_array());
                let scope =
                    scopes.and_then(|scopes| scopes.choose(&mut self.rng)).map(|scope| scope["id"].clone());
                let to = self.day(60..300);
                details.insert("dates".into(), json!([{ "scope_id": scope, "effective_to": to }]));
            }
            _ => {}
        }
        let bites = ["stayed", "stay_lifted", "vacated", "rescinded", "delisted", "superseded", "reinstated"];
        if bites.contains(&kind) && details.get("retroactive") != Some(&json!(true)) && self.chance(0.3) {
            details.insert("effective_on".into(), json!(self.day(30..300)));
        }
        let day = if of.is_none() { self.day(10..80) } else { self.day(20..240) };
        let mut event = event(kind, &day, &Value::Object(details));
        let events = of.and_then(|designation| designation["events"].as_array());
        if let Some(corrected) =
            events.filter(|_| self.chance(0.2)).and_then(|events| events.choose(&mut self.rng))
        {
            event["corrects"] = corrected["id"].clone();
        }
        event
    }

    pub fn designate(&mut self) {
        let kind = self.pick(&FIRST);
        let first = self.event(kind, None);
        let vendor = self.vendors.choose(&mut self.rng).unwrap().clone();
        let mut body = self.client.designation_body(&vendor, &first);
        body["effect"] = json!(self.pick(&EFFECTS));
        body["reasons"] = json!([reason()]);
        if self.chance(0.1) {
            body["vendor_id"] = Value::Null;
            body["category"] = json!("Drones");
        }
        let answer = self.client.post("/v1/designations", &body);
        match answer.status {
            201 => self.designations.push(answer.id()),
            status => assert_eq!(status, 422, "a scope may end before it begins: {answer:?}"),
        }
    }

    pub fn happen(&mut self) {
        let Some(id) = self.designations.choose(&mut self.rng).cloned() else { return };
        let path = format!("/v1/designations/{id}");
        if self.chance(0.02) {
            let answer = self.client.delete(&format!("{path}?comment=A+mistake"), "*");
            assert!(matches!(answer.status, 200 | 409), "{answer:?}");
            return;
        }
        let designation = self.client.get(&path).expect(200).json();
        let kind = self.pick(&TYPES);
        let event = self.event(kind, Some(&designation));
        let answer = self.client.post(&format!("{path}/events"), &event);
        assert!(matches!(answer.status, 201 | 409 | 422), "{event}: {answer:?}");
    }
}

/// Days that hold whatever happens here.
pub fn calendar() -> &'static [String] {
    static DAYS: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| {
        let first: chrono::NaiveDate = "2025-12-20".parse().unwrap();
        first.iter_days().take(320).map(|day| day.to_string()).collect()
    });
    &DAYS
}
