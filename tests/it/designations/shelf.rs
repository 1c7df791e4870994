//! A registry with designations of all sorts, for lists to be asked of.

use serde_json::{Value, json};

use super::super::support::{
    App,
    samples::{event, order, reason},
};

pub const CODES: [&str; 3] = ["vulnerability", "undisclosed", "other"];
pub const ORIGINS: [&str; 3] = ["official", "reported", "internal"];

/// A registry with designations of all sorts.
pub struct Shelf {
    pub app: App,
    pub vendors: Vec<String>,
    pub regimes: Vec<String>,
    pub authorities: Vec<String>,
    designations: Vec<String>,
}

impl Shelf {
    pub fn new() -> Self {
        let app = App::empty();
        let client = &app.client;
        let vendors = vec![client.vendor("Acme"), client.vendor("Bcme")];
        let authorities = vec![client.authority("Works", "government"), client.authority("Court", "court")];
        let regimes = vec![client.regime("plain", "advisory"), client.regime("yearly", "prohibited")];
        client.change(&format!("/v1/regimes/{}", regimes[1]), &json!({ "review_interval_days": 365 }));
        let mut shelf = Self { app, vendors, regimes, authorities, designations: Vec::new() };
        for number in 0..24 {
            shelf.add(number);
        }
        shelf
    }

    fn add(&mut self, number: usize) {
        let client = &self.app.client;
        let scopes = [
            json!([{}]),
            json!([{ "environments": ["secret"] }, { "environments": ["cui"], "actions": ["use"] }]),
            json!([{ "environments": ["cui", "sci"], "effective_from": "2026-04-01" }, { "actions": ["procure"] }]),
            json!([{ "environments": ["secret"], "effective_to": "2026-05-01" }, { "environments": ["sci"] }]),
        ];
        let day = format!("2026-0{}-10", 1 + number % 4);
        let mut first = order(&day, &scopes[number % 4]);
        if number % 5 == 1 {
            first = event("proposal_recorded", &day, &json!({ "scopes": scopes[number % 4] }));
        }
        if number % 7 == 2 {
            let urgent = json!({ "scopes": scopes[number % 4], "basis": "Now", "review_by": "2026-12-01" });
            first = event("urgent_action", &day, &urgent);
        }
        let vendor = &self.vendors[number % 2];
        let mut reasons = vec![reason()];
        reasons[0]["code"] = json!(CODES[number % 3]);
        if usize::is_multiple_of(number, 2) {
            reasons.push(reason());
        }
        let titles = ["Zebra", "ähnlich", "Apple", "apple", "Éclair", "eclair"];
        let mut body = json!({
            "vendor_id": vendor, "regime_id": self.regimes[number % 2], "authority_id": self.authorities[number / 2 % 2],
            "title": titles[number % 6], "instrument": "listing", "origin": ORIGINS[number % 3],
            "basis_disclosure": "public", "reasons": reasons, "event": first,
        });
        if number % 11 == 5 {
            body["vendor_id"] = Value::Null;
            body["category"] = json!("Drones");
        }
        let designation = client.post("/v1/designations", &body).expect(201).json();
        let id = designation["id"].as_str().unwrap();
        let scope = &designation["scopes"][0]["id"];
        let path = format!("/v1/designations/{id}");
        let by_court = json!({ "authority_id": self.authorities[1], "case_number": "1" });
        let one = |kind: &str, on: &str, details: &Value| {
            let mut event = event(kind, on, details);
            event["scope_ids"] = json!([scope]);
            client.post(&format!("{path}/events"), &event)
        };
        match number % 6 {
            0 => drop(one("stayed", "2026-06-01", &by_court)),
            1 => drop(one("rescinded", "2026-06-15", &json!({}))),
            2 => drop(one("review_affirmed", "2026-06-20", &json!({ "next_review_on": "2026-10-10" }))),
            3 => drop(client.change(&path, &json!({ "summary": "Changed" }))),
            _ => {}
        }
        if number % 9 == 4 {
            client.end(&path, "A mistake");
        }
        self.designations.push(id.to_owned());
    }

    /// Every designation as known, with its timeline.
    pub fn known(&self, seq: u64) -> Vec<(Value, Value)> {
        let get = |path: &str| self.app.client.get(&format!("/v1/designations/{path}?known_seq={seq}"));
        let read = |id: &String| {
            let record = get(id);
            (record.status == 200).then(|| (record.json(), get(&format!("{id}/timeline")).expect(200).json()))
        };
        self.designations.iter().filter_map(read).collect()
    }
}
