//! The journal over HTTP: one entry for every change, and every record as it was known at every moment.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::support::{
    Answer, App, Client,
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
fn shown(answer: &Answer) -> Value {
    let mut record = answer.clone().expect(200).json();
    record.as_object_mut().unwrap().remove("current");
    record
}

fn id(record: &str) -> &str {
    record.rsplit_once('/').unwrap().1
}

/// Every kind of change of every kind of record, each checked; gives the records.
fn change_everything(client: &Client) -> Vec<String> {
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

#[test]
fn every_change_of_every_kind_of_record_makes_exactly_one_entry() {
    let app = App::empty();
    change_everything(&app.client);
    assert_eq!(app.restart().client.head(), 20);
}

#[test]
fn the_feed_goes_on_after_any_position_page_by_page_and_kind_by_kind() {
    let app = App::empty();
    change_everything(&app.client);
    let client = &app.client;
    let feed = client.all("/v1/journal?limit=500");
    let seqs =
        |entries: &[Value]| entries.iter().map(|entry| entry["seq"].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(seqs(&feed), (1..=20).collect::<Vec<_>>());
    assert_eq!(client.all("/v1/journal?limit=3"), feed);
    for after in 0..=21 {
        let (mut seen, mut position) = (Vec::new(), after);
        loop {
            let page = client.get(&format!("/v1/journal?after={position}&limit=4")).expect(200).json();
            let items = page["items"].as_array().unwrap().clone();
            let Some(last) = items.last() else { break };
            position = last["seq"].as_u64().unwrap();
            seen.extend(items);
        }
        assert_eq!(seen, feed.iter().skip(after as usize).cloned().collect::<Vec<_>>(), "after {after}");
    }
    let mut of_kinds = Vec::new();
    for kind in ["vendor", "authority", "regime", "designation"] {
        let of_kind = client.all(&format!("/v1/journal?subject_kind={kind}&limit=2"));
        assert!(!of_kind.is_empty() && of_kind.iter().all(|entry| entry["subject_kind"] == kind));
        let rest = client.all(&format!("/v1/journal?subject_kind={kind}&after={}", of_kind[0]["seq"]));
        assert_eq!(rest, of_kind[1..]);
        of_kinds.extend(of_kind);
    }
    of_kinds.sort_by_key(|entry| entry["seq"].as_u64());
    assert_eq!(of_kinds, feed);
    for entry in &feed {
        assert_eq!(&client.get(&format!("/v1/journal/{}", entry["seq"])).expect(200).json(), entry);
    }
    client.get("/v1/journal/0").expect_problem(404, "not_found");
    client.get("/v1/journal/21").expect_problem(404, "not_found");
    client.get("/v1/journal?subject_kind=event").expect_problem(400, "invalid_query");
}

#[test]
fn the_patches_of_a_history_applied_one_after_another_rebuild_every_payload() {
    let app = App::empty();
    let mut steps = 0;
    for record in change_everything(&app.client) {
        let history = app.client.all(&format!("{record}/history?limit=2"));
        let of_feed: Vec<Value> = app.client.all("/v1/journal");
        let of_feed: Vec<&Value> =
            of_feed.iter().filter(|entry| entry["subject_id"] == id(&record)).collect();
        assert!(history.iter().map(|entry| &entry["seq"]).eq(of_feed.iter().map(|entry| &entry["seq"])));
        let mut rebuilt = history[0]["payload"].clone();
        assert_eq!(history[0]["patch"], json!([]), "the first has nothing before it");
        for (entry, of_feed) in history.iter().zip(of_feed) {
            let patch: json_patch::Patch = serde_json::from_value(entry["patch"].clone()).unwrap();
            json_patch::patch(&mut rebuilt, &patch).unwrap();
            assert_eq!(rebuilt, entry["payload"], "entry {}", entry["seq"]);
            for field in
                ["recorded_at", "actor", "action", "revision", "payload", "event", "comment", "request_id"]
            {
                assert_eq!(entry[field], of_feed[field], "{field} of entry {}", entry["seq"]);
            }
            steps += 1;
        }
    }
    assert_eq!(steps, 20);
}

#[test]
fn any_record_is_answered_as_known_at_every_position_and_at_every_instant() {
    let app = App::empty();
    let client = &app.client;
    let records = change_everything(client);
    let feed = client.all("/v1/journal");
    for record in &records {
        let mut known: Option<Value> = None;
        for seq in 0..=feed.len() {
            let entry = seq.checked_sub(1).map(|index| &feed[index]);
            if let Some(entry) = entry.filter(|entry| entry["subject_id"] == id(record)) {
                known = Some(entry["payload"].clone());
            }
            let mut asked = vec![format!("known_seq={seq}")];
            if let Some(entry) = entry {
                asked.push(format!("known_at={}", entry["recorded_at"].as_str().unwrap()));
            }
            if let Some(next) = feed.get(seq) {
                let next: DateTime<Utc> = next["recorded_at"].as_str().unwrap().parse().unwrap();
                let before = next - TimeDelta::microseconds(1);
                asked.push(format!("known_at={}", before.to_rfc3339_opts(SecondsFormat::Micros, true)));
            }
            for query in asked {
                let answer = client.get(&format!("{record}?{query}"));
                match &known {
                    Some(known) => assert_eq!(&shown(&answer), known, "{record}?{query}"),
                    None => drop(answer.expect_problem(404, "not_found")),
                }
            }
        }
        client.get(&format!("{record}?known_seq={}", feed.len() + 1)).expect_problem(422, "invalid");
    }
    let vendor = &records[0];
    let before = client.get(&format!("{vendor}/standing?on=2026-01-10&known_seq=0")).expect(200).json();
    assert_eq!((&before["verdict"], &before["vendor_known"]), (&json!("clear"), &json!(false)));
    assert_eq!((&before["known_seq"], &before["recorded_at"]), (&json!(0), &Value::Null));
    let none = client.get("/v1/designations?known_seq=0").expect(200).json();
    assert_eq!(none["items"], json!([]));
}

#[test]
fn a_date_of_knowledge_means_its_end() {
    let app = App::demo();
    let client = &app.client;
    let feed = client.all("/v1/journal?limit=500");
    let day = |entry: &Value| entry["recorded_at"].as_str().unwrap()[..10].to_owned();
    let last_of_day: BTreeMap<String, u64> =
        feed.iter().map(|entry| (day(entry), entry["seq"].as_u64().unwrap())).collect();
    assert!(last_of_day.len() > 3, "the example was learnt over several days: {last_of_day:?}");
    let vendor = client.get("/v1/vendors?name=anthropic").expect(200).text_at("/items/0/id");
    let mut verdicts = BTreeSet::new();
    for (day, seq) in &last_of_day {
        let ask = |known: String| {
            client.get(&format!("/v1/vendors/{vendor}/standing?on=2026-03-10&{known}")).expect(200).json()
        };
        let (by_date, by_seq) = (ask(format!("known_at={day}")), ask(format!("known_seq={seq}")));
        for field in ["known_seq", "recorded_at", "verdict", "findings", "unmatched", "holds_until"] {
            assert_eq!(by_date[field], by_seq[field], "{field} as known on {day}");
        }
        assert_eq!(by_date["known_seq"], *seq, "as known at the end of {day}");
        verdicts.insert(format!("{} {}", by_date["verdict"], by_date["findings"].as_array().unwrap().len()));
        for entry in feed.iter().filter(|entry| entry["seq"].as_u64() <= Some(*seq)) {
            let record = format!("{}/{}", collection(entry), entry["subject_id"].as_str().unwrap());
            let by_date = client.get(&format!("{record}?known_at={day}"));
            assert_eq!(shown(&by_date), shown(&client.get(&format!("{record}?known_seq={seq}"))));
        }
    }
    assert!(verdicts.len() > 1, "what was known made a difference: {verdicts:?}");
    client.get(&format!("/v1/vendors/{vendor}?known_at=2025-12-31")).expect_problem(404, "not_found");
}

fn collection(entry: &Value) -> &'static str {
    match entry["subject_kind"].as_str().unwrap() {
        "vendor" => "/v1/vendors",
        "authority" => "/v1/authorities",
        "regime" => "/v1/regimes",
        _ => "/v1/designations",
    }
}
