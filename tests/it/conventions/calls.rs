//! How each operation is called so that it succeeds. Every call makes the records that it needs, so calls don't disturb
//! one another.

use serde_json::{Value, json};

use super::document::Operation;
use crate::support::{
    App, Client, proposed,
    samples::{order, reason, source},
};

/// What fills an operation's place holders.
pub struct Call {
    /// The path, filled.
    pub path: String,
    /// What the query needs.
    pub query: String,
    pub body: Option<Value>,
    /// The ETag for If-Match.
    pub etag: Option<String>,
    /// For a POST: a body that only the records make impossible, where there is one.
    pub refused: Option<Value>,
}

impl Call {
    fn to(path: String) -> Self {
        Self { path, query: String::new(), body: None, etag: None, refused: None }
    }

    fn with(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Impossible with this field.
    fn but(self, field: &str, value: Value) -> Self {
        let mut refused = self.body.clone().unwrap();
        refused[field] = value;
        Self { refused: Some(refused), ..self }
    }

    /// A change of the record at this path.
    fn change(client: &Client, path: String, record: &str) -> Self {
        let etag = Some(client.get(record).expect(200).etag());
        Self { etag, ..Self::to(path) }
    }

    /// The path with its query, and more for the query.
    pub fn target(&self, more: &str) -> String {
        let query: Vec<&str> = [self.query.as_str(), more].into_iter().filter(|q| !q.is_empty()).collect();
        if query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, query.join("&")) }
    }
}

/// How to call an operation. The place to extend when an operation is added.
pub fn call(app: &App, operation: &Operation) -> Option<Call> {
    let client = &app.client;
    let path = operation.path.clone();
    let at = |id: &str| path.replace("{id}", id);
    let (vendor, authority) = (|| new_vendor(client), || new_authority(client));
    let regime = || new_regime(client);
    let changed = |id: String| Call::change(client, at(&id), &at(&id));
    let reason_of = |designation: &str| {
        client.get(&format!("/v1/designations/{designation}/reasons")).text_at("/items/0/id")
    };
    let of_designation = |designation: &str| at(designation).replace("{reason_id}", &reason_of(designation));
    let change_of_reason = |designation: &str| {
        Call::change(client, of_designation(designation), &format!("/v1/designations/{designation}"))
    };
    Some(match operation.id.as_str() {
        "get_health" | "get_readiness" | "get_metrics" => Call::to(path),
        "list_vendors"
        | "list_authorities"
        | "list_regimes"
        | "list_designations"
        | "list_journal_entries"
        | "stream_journal_entries"
        | "export_vendors"
        | "export_designations"
        | "export_statistics"
        | "get_designation_statistics"
        | "get_designation_series" => {
            new_designation(client);
            Call::to(path)
        }
        "list_access_entries" => {
            some_standings(client);
            Call::to(path)
        }
        "get_access_entry" => {
            some_standings(client);
            Call::to(at(&client.get("/v1/access-log").expect(200).text_at("/items/0/id")))
        }
        "get_journal_entry" => {
            vendor();
            // The vendor's own, which everybody sees.
            Call::to(path.replace("{seq}", &client.head().to_string()))
        }
        "create_vendor" => {
            let number = |text: String| json!([{ "scheme": "national", "value": text }]);
            let taken = number(format!("T-{}", client.head()));
            let other = json!({ "legal_name": "Another", "kind": "company", "identifiers": taken });
            client.post("/v1/vendors", &other).expect(201);
            let own = number(format!("N-{}", client.head()));
            let body =
                json!({ "legal_name": "Acme", "kind": "company", "country": "DE", "identifiers": own });
            Call::to(path).with(body).but("identifiers", taken)
        }
        "get_vendor" | "list_vendor_history" | "list_vendor_designations" | "get_vendor_standing" => {
            let vendor = vendor();
            for _ in 0..2 {
                client.designation(&vendor, &an_order());
            }
            Call::to(at(&vendor))
        }
        "update_vendor" => {
            let own = json!([{ "scheme": "national", "value": format!("N-{}", client.head()) }]);
            changed(vendor()).with(json!({ "description": "Changed", "identifiers": own }))
        }
        "retire_vendor" => changed(vendor()),
        "create_authority" => Call::to(path).with(json!({ "name": "A council", "kind": "other" })),
        "get_authority" | "list_authority_history" => Call::to(at(&authority())),
        "update_authority" => changed(authority()).with(json!({ "name": "Changed" })),
        "retire_authority" => changed(authority()),
        "create_regime" => {
            let slug = format!("made-{}", client.head());
            client.regime(&format!("{slug}-taken"), "advisory");
            let body = json!({
                "slug": slug, "title": "A regime", "citation": "1 Law 1", "jurisdiction": "US",
                "effect": "prohibited", "prior_notice_required": false, "description": "For tests",
            });
            Call::to(path).with(body).but("slug", json!(format!("{slug}-taken")))
        }
        "get_regime" | "list_regime_history" => Call::to(at(&regime())),
        "update_regime" => changed(regime()).with(json!({ "title": "Changed" })),
        "retire_regime" => changed(regime()),
        "create_designation" => {
            let body = client.designation_body(&vendor(), &an_order());
            Call::to(path).with(body).but("regime_id", json!(NOWHERE))
        }
        "get_designation"
        | "get_designation_timeline"
        | "list_designation_history"
        | "list_events"
        | "list_reasons" => Call::to(at(&new_designation(client))),
        "update_designation" => changed(new_designation(client)).with(json!({ "title": "Changed" })),
        "void_designation" => {
            Call { query: "comment=By%20mistake".into(), ..changed(new_designation(client)) }
        }
        "record_event" => {
            let mut lift = a_note();
            (lift["type"], lift["details"]) = (json!("stay_lifted"), json!({}));
            Call { refused: Some(lift), ..Call::to(at(&new_designation(client))).with(a_note()) }
        }
        "add_reason" => Call::to(at(&new_designation(client))).with(reason()),
        "get_reason" => Call::to(of_designation(&new_designation(client))),
        "update_reason" => change_of_reason(&new_designation(client)).with(json!({ "statement": "Changed" })),
        "remove_reason" => change_of_reason(&new_designation(client)),
        "list_api_keys" => {
            new_key(client);
            Call::to(path)
        }
        "get_api_key" => Call::to(at(&new_key(client))),
        "revoke_api_key" => changed(new_key(client)),
        "create_api_key" => Call::to(path).with(a_key(client)),
        "list_reviews" => {
            a_review(app);
            Call::to(path)
        }
        "get_review" => Call::to(at(&a_review(app))),
        "list_review_history" => {
            let review = a_review(app);
            let comment = json!({ "comment": "Not this one" });
            client.post(&format!("/v1/reviews/{review}/reject"), &comment).expect(200);
            Call::to(at(&review))
        }
        "confirm_review" => Call::to(at(&a_review(app))).with(json!({ "comment": "Compared" })),
        // By the analyst of `Office`: an analyst rejects nobody else's.
        "reject_review" => {
            Call::to(at(&a_review_by(app, "anna.analyst"))).with(json!({ "comment": "Not this one" }))
        }
        "check_standing" | "export_standing_checks" => {
            Call::to(path).with(json!({ "vendors": [{ "vendor_id": vendor() }] }))
        }
        _ => return None,
    })
}

/// What makes an API key of a person of its own.
fn a_key(client: &Client) -> Value {
    let actor = format!("person-{}", client.head());
    json!({ "actor": actor, "name": "For tests", "role": "viewer", "expires_at": "2999-01-31T00:00:00Z" })
}

fn new_key(client: &Client) -> String {
    client.post("/v1/api-keys", &a_key(client)).expect(201).id()
}

/// An id that no record has.
pub const NOWHERE: &str = "0195a3c4-0000-7000-8000-000000000000";

fn an_order() -> Value {
    order("2026-03-03", &json!([{ "environments": ["secret"] }]))
}

pub fn a_note() -> Value {
    json!({ "type": "noted", "occurred_on": "2026-03-26", "note": "Noted", "sources": [source()] })
}

/// A review of a note that somebody else proposed.
fn a_review(app: &App) -> String {
    a_review_by(app, "somebody")
}

fn a_review_by(app: &App, actor: &str) -> String {
    proposed::event(&app.db, actor, &new_designation(&app.client), &a_note())
}

/// A vendor with three entries in its history.
fn new_vendor(client: &Client) -> String {
    let vendor = client.vendor("Acme Networks");
    three_times(client, &format!("/v1/vendors/{vendor}"), "description");
    vendor
}

fn new_authority(client: &Client) -> String {
    let authority = client.authority("Agency", "government");
    three_times(client, &format!("/v1/authorities/{authority}"), "name");
    authority
}

fn new_regime(client: &Client) -> String {
    let regime = client.regime(&format!("regime-{}", client.head()), "prohibited");
    three_times(client, &format!("/v1/regimes/{regime}"), "title");
    regime
}

/// A designation with an order, two notes and three reasons, so that one can be removed.
fn new_designation(client: &Client) -> String {
    let designation = client.designation(&new_vendor(client), &an_order());
    for _ in 0..2 {
        client.event(&designation, &a_note());
        client.post(&format!("/v1/designations/{designation}/reasons"), &reason()).expect(201);
    }
    designation
}

/// Asks for the standing of a vendor, so that the access log has entries.
fn some_standings(client: &Client) {
    let vendor = new_vendor(client);
    for _ in 0..3 {
        client.get(&format!("/v1/vendors/{vendor}/standing")).expect(200);
    }
}

fn three_times(client: &Client, path: &str, field: &str) {
    for text in ["First", "Second"] {
        let etag = client.get(path).expect(200).etag();
        client.patch(path, &etag, &json!({ field: text })).expect(200);
    }
}
