//! Four eyes: what counts waits in a review until another person confirms it. Through HTTP, with people who show keys.

mod decisions;
mod held;
mod later;
mod queue;
mod tampering;

use risk_registry::{access::FourEyes, db::AnyConnection};
use serde_json::{Value, json};

use super::support::{
    Answer, Client, Office, declared,
    samples::{order, reason},
    sql::{self, Raw},
};

/// Where another person must confirm.
fn office() -> Office {
    Office::with(FourEyes::On)
}

/// Refers to what is recorded at once: a vendor, and the rest of what a designation needs, with a first event.
struct Case {
    vendor: String,
    body: Value,
}

impl Case {
    fn new(office: &Office) -> Self {
        let client = &office.analyst;
        let vendor = client.vendor("Acme Networks");
        let scopes = json!([{ "environments": ["secret"] }, { "actions": ["procure"] }]);
        let body = client.designation_body(&vendor, &order("2026-03-03", &scopes));
        Self { vendor, body }
    }

    /// A designation that was proposed and confirmed: its id.
    fn confirmed(&self, office: &Office) -> String {
        let review = office.analyst.post("/v1/designations", &self.body).expect(202).json();
        confirm(&office.approver, &review);
        id_of(&review["designation_id"])
    }
}

fn id_of(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no id: {value}")).to_owned()
}

fn at(review: &Value, more: &str) -> String {
    format!("/v1/reviews/{}{more}", id_of(&review["id"]))
}

/// Tries to confirm.
#[track_caller]
fn try_to_confirm(client: &Client, review: &Value) -> Answer {
    client.post(&at(review, "/confirm"), &json!({}))
}

/// Confirms, which must be accepted: the review after it.
#[track_caller]
fn confirm(client: &Client, review: &Value) -> Value {
    try_to_confirm(client, review).expect(200).json()
}

#[track_caller]
fn reject(client: &Client, review: &Value) -> Answer {
    client.post(&at(review, "/reject"), &json!({ "comment": "Another company of the same name" }))
}

/// A change of a designation with two reasons that another person must confirm, by its name.
fn proposals(designation: &str, reason_id: &str) -> Vec<(&'static str, &'static str, String, Option<Value>)> {
    let path = format!("/v1/designations/{designation}");
    let of_reason = format!("{path}/reasons/{reason_id}");
    let note = json!({
        "type": "amended", "occurred_on": "2026-04-01", "details": { "scopes": [{ "environments": ["sci"] }] },
    });
    vec![
        ("record_event", "POST", format!("{path}/events"), Some(note)),
        ("add_reason", "POST", format!("{path}/reasons"), Some(reason())),
        ("update_reason", "PATCH", of_reason.clone(), Some(json!({ "status": "contested" }))),
        ("remove_reason", "DELETE", of_reason, None),
        ("void_designation", "DELETE", format!("{path}?comment=By%20mistake"), None),
    ]
}

/// Asks for a change, under the designation's ETag where one is needed.
#[track_caller]
fn ask(client: &Client, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let mut headers = vec![("content-type", "application/json")];
    if method != "POST" {
        headers.push(("if-match", "*"));
    }
    client.send(method, path, &headers, body.map(ToString::to_string).as_deref().map(str::as_bytes))
}

/// The first reason of a designation.
fn first_reason(client: &Client, designation: &str) -> String {
    client.get(&format!("/v1/designations/{designation}/reasons")).expect(200).text_at("/items/0/id")
}

/// All that is shown and stored of designations, as a reader without reviews sees it: nothing of it may change before a
/// confirmation. What encodes the journal's head is left out.
fn picture(office: &Office, case: &Case, designation: Option<&str>) -> Vec<String> {
    let client = &office.viewer;
    let mut paths = vec![
        "/v1/designations".to_owned(),
        "/v1/designations?status=voided".to_owned(),
        "/v1/designations?state=in_force".to_owned(),
        format!("/v1/vendors/{}/designations", case.vendor),
        format!("/v1/vendors/{}/standing?on=2026-05-01&environment=secret", case.vendor),
        format!("/v1/vendors/{}", case.vendor),
        "/v1/vendors?designated=true".to_owned(),
    ];
    for part in ["", "/timeline", "/events", "/reasons", "/history"] {
        paths.extend(designation.map(|designation| format!("/v1/designations/{designation}{part}")));
    }
    let shown = paths.iter().map(|path| {
        let mut body = client.get(path).expect(200).json();
        for field in ["known_seq", "recorded_at"] {
            body.as_object_mut().unwrap().remove(field);
        }
        format!("{path}: {body}")
    });
    let mut connection = sql::plain(office.app.target());
    let tables = declared::tables();
    let ours = tables.iter().filter(|(table, _)| table.starts_with("designation"));
    let stored = ours.flat_map(|(table, columns)| {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let line = match &connection {
            AnyConnection::Sqlite(_) => format!("json_array({})", names.join(", ")),
            AnyConnection::Postgres(_) => format!("{table}::text"),
        };
        let mut rows = connection.lines(&format!("SELECT {line} AS line FROM {table}"));
        rows.sort();
        rows.into_iter().map(move |row| format!("{table}: {row}"))
    });
    shown.chain(stored.collect::<Vec<_>>()).collect()
}

/// The office's journal, as an auditor reads it.
fn journal(office: &Office, after: u64) -> Vec<Value> {
    office.auditor.all(&format!("/v1/journal?after={after}"))
}

#[track_caller]
fn must_verify(office: &Office) {
    let output = super::support::process::verify(office.app.database().url());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
