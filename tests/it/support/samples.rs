//! Records that tests need before they come to their point.

use serde_json::{Value, json};

use super::Client;

/// A source, for events and reasons.
pub fn source() -> Value {
    json!({ "kind": "official_order", "title": "Order 1/2026" })
}

/// A reason.
pub fn reason() -> Value {
    json!({
        "code": "vulnerability", "statement": "Unpatched for a year", "asserted_by": "authority",
        "confidence": "confirmed", "status": "asserted", "sources": [],
    })
}

/// An order on a day, with these scopes.
pub fn order(occurred_on: &str, scopes: &Value) -> Value {
    json!({
        "type": "order_issued", "occurred_on": occurred_on, "details": { "scopes": scopes }, "sources": [source()],
    })
}

/// An event of a type on a day with these details, and whatever else every event of its type must carry.
pub fn event(kind: &str, occurred_on: &str, details: &Value) -> Value {
    let mut event =
        json!({ "type": kind, "occurred_on": occurred_on, "details": details, "sources": [source()] });
    match kind {
        "notice_issued" => event["notified_on"] = json!(occurred_on),
        "noted" => event["note"] = json!("For the record"),
        _ => {}
    }
    event
}

/// A text as it stands in a query.
pub fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

impl Client {
    /// The id of a new vendor of this name.
    #[track_caller]
    pub fn vendor(&self, legal_name: &str) -> String {
        self.post("/v1/vendors", &json!({ "legal_name": legal_name, "kind": "company" })).expect(201).id()
    }

    /// The id of a new authority of this name and kind.
    #[track_caller]
    pub fn authority(&self, name: &str, kind: &str) -> String {
        self.post("/v1/authorities", &json!({ "name": name, "kind": kind })).expect(201).id()
    }

    /// The id of a new regime of this slug and effect, which any agency may act under.
    #[track_caller]
    pub fn regime(&self, slug: &str, effect: &str) -> String {
        let body = json!({
            "slug": slug, "title": slug, "citation": "1 Law 1", "jurisdiction": "US", "effect": effect,
            "prior_notice_required": false, "description": "For tests",
        });
        self.post("/v1/regimes", &body).expect(201).id()
    }

    /// What a designation needs, with a first event: to be changed and posted.
    #[track_caller]
    pub fn designation_body(&self, vendor: &str, event: &Value) -> Value {
        let slug = format!("test-{}", self.get("/readyz").json()["journal_head"]);
        let (regime, authority) = (self.regime(&slug, "prohibited"), self.authority("Agency", "government"));
        json!({
            "vendor_id": vendor, "regime_id": regime, "authority_id": authority, "title": "A designation",
            "instrument": "determination", "origin": "official", "basis_disclosure": "public",
            "reasons": [reason()], "event": event,
        })
    }

    /// The id of a new designation of a vendor, with a regime and an authority of its own.
    #[track_caller]
    pub fn designation(&self, vendor: &str, event: &Value) -> String {
        self.post("/v1/designations", &self.designation_body(vendor, event)).expect(201).id()
    }

    /// Records an event that must be accepted.
    #[track_caller]
    pub fn event(&self, designation: &str, event: &Value) -> Value {
        self.post(&format!("/v1/designations/{designation}/events"), event).expect(201).json()
    }

    /// The journal's head.
    #[track_caller]
    pub fn head(&self) -> u64 {
        self.get("/readyz").expect(200).json()["journal_head"].as_u64().unwrap()
    }
}
