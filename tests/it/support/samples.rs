//! Records that tests need before they come to their point.

use serde_json::{Value, json};

use super::Client;

/// Every type of event, in the order of the model.
pub const EVENT_TYPES: [&str; 17] = [
    "proposal_recorded",
    "notice_issued",
    "response_received",
    "response_extended",
    "urgent_action",
    "order_issued",
    "stayed",
    "stay_lifted",
    "vacated",
    "rescinded",
    "delisted",
    "withdrawn",
    "superseded",
    "reinstated",
    "amended",
    "review_affirmed",
    "noted",
];

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

/// The least details that an event of a type must carry: `authority` acts, `successor` takes its place.
pub fn details(kind: &str, authority: &str, successor: &str) -> Value {
    match kind {
        "response_received" => json!({ "received_on": "2026-01-15" }),
        "response_extended" => json!({ "response_due_on": "2026-09-01" }),
        "urgent_action" => json!({ "basis": "It could not wait" }),
        "stayed" => json!({ "authority_id": authority, "case_number": "26-1" }),
        "vacated" => json!({ "authority_id": authority, "case_number": "26-1", "retroactive": false }),
        "superseded" => json!({ "successor_id": successor }),
        "reinstated" => json!({ "authority_id": authority }),
        "amended" => json!({ "scopes": [{ "environments": ["sci"] }] }),
        "review_affirmed" => json!({ "next_review_on": "2027-01-01" }),
        _ => json!({}),
    }
}

/// Today in UTC.
pub fn today() -> String {
    chrono::Utc::now().date_naive().to_string()
}

/// Whether a value says all that was stated: objects may have more fields, all else is equal.
#[track_caller]
pub fn assert_says(actual: &Value, stated: &Value) {
    match (actual, stated) {
        (Value::Object(actual), Value::Object(stated)) => {
            for (field, value) in stated {
                assert!(actual.contains_key(field), "no {field} in {actual:?}");
                assert_says(&actual[field], value);
            }
        }
        (Value::Array(actual), Value::Array(stated)) => {
            assert_eq!(actual.len(), stated.len(), "{actual:?} {stated:?}");
            actual.iter().zip(stated).for_each(|(actual, stated)| assert_says(actual, stated));
        }
        _ => assert_eq!(actual, stated),
    }
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
        let slug = format!("test-{}", self.get("/readyz?for=reads").json()["journal_head"]);
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

    /// Changes a record as it stands, which must be accepted; gives it after the change.
    #[track_caller]
    pub fn change(&self, path: &str, patch: &Value) -> Value {
        self.patch(path, &self.get(path).expect(200).etag(), patch).expect(200).json()
    }

    /// Retires or voids a record as it stands, with this comment, which must be accepted; gives it after that.
    #[track_caller]
    pub fn end(&self, path: &str, comment: &str) -> Value {
        let etag = self.get(path).expect(200).etag();
        self.delete(&format!("{path}?comment={}", encoded(comment)), &etag).expect(200).json()
    }

    /// The errors of a request that is well-formed but invalid: pointer and code of each.
    #[track_caller]
    pub fn refused(&self, method: &str, path: &str, body: &Value) -> Vec<(String, String)> {
        let headers = [("if-match", "*"), ("content-type", "application/json")];
        let answer = self.send(method, path, &headers, Some(body.to_string().as_bytes()));
        let problem = answer.expect_problem(422, "invalid").json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let errors = problem["errors"].as_array().unwrap().iter();
        errors.map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
    }

    /// The journal's head.
    #[track_caller]
    pub fn head(&self) -> u64 {
        self.get("/readyz?for=reads").expect(200).json()["journal_head"].as_u64().unwrap()
    }
}
