//! Every kind of change of every kind of record, made one by one and looked up in the journal each time.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{
    Answer, Client,
    samples::{order, reason, source},
};

/// Every action that the journal knows.
const ACTIONS: [&str; 19] = [
    "authority.created",
    "authority.reactivated",
    "authority.retired",
    "authority.updated",
    "designation.created",
    "designation.event_recorded",
    "designation.reason_added",
    "designation.reason_removed",
    "designation.reason_updated",
    "designation.updated",
    "designation.voided",
    "regime.created",
    "regime.reactivated",
    "regime.retired",
    "regime.updated",
    "vendor.created",
    "vendor.reactivated",
    "vendor.retired",
    "vendor.updated",
];

/// Makes one change after another and looks each time at what the journal says of it.
struct Recorder<'a> {
    client: &'a Client,
    head: u64,
    actions: BTreeSet<String>,
    revisions: BTreeMap<String, u64>,
}

impl<'a> Recorder<'a> {
    fn new(client: &'a Client) -> Self {
        Self { client, head: client.head(), actions: BTreeSet::new(), revisions: BTreeMap::new() }
    }

    /// Checks that the answer's change made one entry, with this action, about this record; gives the entry.
    #[track_caller]
    fn one(&mut self, answer: &Answer, action: &str, record: &str) -> Value {
        assert!((200..300).contains(&answer.status), "{action}: {answer:?}");
        assert_eq!(self.client.head(), self.head + 1, "{action}: one change is one entry");
        self.head += 1;
        let entry = self.client.get(&format!("/v1/journal/{}", self.head)).expect(200).json();
        let (collection, id) = record.rsplit_once('/').unwrap();
        let kind = BTreeMap::from([
            ("/v1/vendors", "vendor"),
            ("/v1/authorities", "authority"),
            ("/v1/regimes", "regime"),
            ("/v1/designations", "designation"),
        ])[collection];
        let revision = self.revisions.entry(id.to_owned()).or_default();
        *revision += 1;
        let shown = shown(&self.client.get(record));
        assert_eq!(entry["payload"], shown, "{action}: the payload is the record");
        assert_eq!(entry["seq"], self.head);
        assert_eq!(entry["action"], action);
        assert_eq!((&entry["subject_kind"], &entry["subject_id"]), (&json!(kind), &json!(id)));
        assert_eq!((&entry["revision"], &shown["revision"]), (&json!(*revision), &json!(*revision)));
        assert_eq!(entry["recorded_at"], shown["updated_at"]);
        assert_eq!(entry["request_id"].as_str(), answer.header("x-request-id"));
        assert_eq!(entry["actor"], "local");
        self.actions.insert(action.to_owned());
        entry
    }

    /// Checks that nothing was recorded since.
    #[track_caller]
    fn none(&self, why: &str) {
        assert_eq!(self.client.head(), self.head, "{why} is no change");
    }

    fn etag(&self, record: &str) -> String {
        self.client.get(record).expect(200).etag()
    }

    #[track_caller]
    fn patch(&mut self, record: &str, body: &Value, action: &str) -> Value {
        let answer = self.client.patch(record, &self.etag(record), body);
        self.one(&answer, action, record)
    }

    #[track_caller]
    fn delete(&mut self, record: &str, action: &str) -> Value {
        let answer = self.client.delete(&format!("{record}?comment=No%20more"), &self.etag(record));
        let entry = self.one(&answer, action, record);
        assert_eq!(entry["comment"], "No more");
        assert_eq!(entry["payload"]["ended"]["comment"], "No more");
        entry
    }

    #[track_caller]
    fn create(&mut self, collection: &str, body: &Value, action: &str) -> String {
        let answer = self.client.post(collection, body).expect(201);
        let record = format!("{collection}/{}", answer.id());
        let entry = self.one(&answer, action, &record);
        assert_eq!(entry["comment"], Value::Null);
        record
    }
}

/// A record as an answer shows it, less what is computed for today.
#[track_caller]
pub fn shown(answer: &Answer) -> Value {
    let mut record = answer.clone().expect(200).json();
    record.as_object_mut().unwrap().remove("current");
    record
}

pub fn id(record: &str) -> &str {
    record.rsplit_once('/').unwrap().1
}

/// Every kind of change of every kind of record, each checked; gives the records.
pub fn change_everything(client: &Client) -> Vec<String> {
    let mut made = Recorder::new(client);
    let vendor =
        made.create("/v1/vendors", &json!({ "legal_name": "Acme", "kind": "company" }), "vendor.created");
    let entry = made.patch(&vendor, &json!({ "tags": ["a", "b"], "country": "DE" }), "vendor.updated");
    assert_eq!(entry["event"], Value::Null);
    made.client.patch(&vendor, &made.etag(&vendor), &json!({ "country": "DE" })).expect(200);
    made.none("a patch that changes nothing");
    made.client.patch(&vendor, "\"1\"", &json!({ "country": "FR" })).expect(412);
    made.client.patch(&vendor, "\"2\"", &json!({ "country": "Neverland" })).expect(422);
    made.none("a patch that is refused");
    made.delete(&vendor, "vendor.retired");
    made.client.delete(&vendor, &made.etag(&vendor)).expect(409);
    made.none("a second retirement");
    made.patch(&vendor, &json!({ "status": "active" }), "vendor.reactivated");

    let body = json!({ "name": "Agency", "kind": "government" });
    let authority = made.create("/v1/authorities", &body, "authority.created");
    made.patch(&authority, &json!({ "aliases": [{ "name": "The Agency" }] }), "authority.updated");
    made.delete(&authority, "authority.retired");
    made.patch(&authority, &json!({ "status": "active" }), "authority.reactivated");
    let body = json!({
        "slug": "law-1", "title": "Law 1", "citation": "1 Law 1", "jurisdiction": "US", "effect": "prohibited",
        "prior_notice_required": false, "description": "For tests",
    });
    let regime = made.create("/v1/regimes", &body, "regime.created");
    made.client.post("/v1/regimes", &body).expect(409);
    made.none("a slug that is taken");
    made.patch(&regime, &json!({ "title": "Law One" }), "regime.updated");
    made.delete(&regime, "regime.retired");
    made.patch(&regime, &json!({ "status": "active" }), "regime.reactivated");
    let designation = change_a_designation(&mut made, &vendor, &authority, &regime);
    assert!(made.actions.iter().eq(ACTIONS.iter()), "{:?}", made.actions);
    vec![vendor, authority, regime, designation]
}

fn change_a_designation(made: &mut Recorder<'_>, vendor: &str, authority: &str, regime: &str) -> String {
    let body = json!({
        "vendor_id": id(vendor), "regime_id": id(regime), "authority_id": id(authority), "title": "A designation",
        "instrument": "determination", "origin": "official", "basis_disclosure": "public",
        "reasons": [reason()], "event": order("2026-01-05", &json!([{ "environments": ["cui"] }, {}])),
    });
    let designation = made.create("/v1/designations", &body, "designation.created");
    let first = made.client.get(&format!("/v1/journal/{}", made.head)).json();
    assert_eq!(
        first["event"], first["payload"]["events"][0],
        "a designation and its first event are one entry"
    );
    made.patch(&designation, &json!({ "summary": "In short" }), "designation.updated");
    let added = made.client.post(&format!("{designation}/reasons"), &reason()).expect(201);
    made.one(&added, "designation.reason_added", &designation);
    let reason = format!("{designation}/reasons/{}", added.id());
    let etag = made.etag(&designation);
    let updated = made.client.patch(&reason, &etag, &json!({ "status": "contested" }));
    made.one(&updated, "designation.reason_updated", &designation);
    let removed = made.client.delete(&reason, &made.etag(&designation));
    let entry = made.one(&removed, "designation.reason_removed", &designation);
    assert_eq!(entry["event"], Value::Null);
    let stay = json!({
        "type": "stayed", "occurred_on": "2026-02-01", "sources": [source()],
        "details": { "authority_id": id(authority), "case_number": "1" },
    });
    let events = format!("{designation}/events");
    let stayed = made.client.post(&events, &stay).expect(201);
    let entry = made.one(&stayed, "designation.event_recorded", &designation);
    assert_eq!(entry["event"], stayed.json()["event"]);
    assert_eq!(
        (&entry["event"]["seq"], &entry["event"]["recorded_at"]),
        (&entry["seq"], &entry["recorded_at"])
    );
    let again = json!({ "type": "order_issued", "occurred_on": "2026-02-02", "sources": [source()] });
    made.client.post(&events, &again).expect_problem(409, "illegal_event");
    made.none("an event that the history does not allow");
    let lift = json!({ "type": "stay_lifted", "occurred_on": "2026-03-01", "sources": [source()] });
    let lifted = made.client.post(&events, &lift).expect(201);
    made.one(&lifted, "designation.event_recorded", &designation);
    made.delete(&designation, "designation.voided");
    made.client.post(&events, &lift).expect(409);
    made.none("an event of a designation that is void");
    designation
}
