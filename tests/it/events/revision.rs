//! What an event does to the designation: one revision with its reasons, the next review, warnings.

use serde_json::{Value, json};

use super::{
    super::support::{
        App, Client,
        samples::{details, event, order, reason, today},
    },
    events_of,
};

fn record(client: &Client, id: &str) -> Value {
    client.get(&format!("/v1/designations/{id}")).expect(200).json()
}

#[test]
fn events_reasons_and_fields_share_one_revision() {
    let app = App::empty();
    let client = &app.client;
    let id = client.designation(&client.vendor("Acme"), &order("2026-03-01", &json!([{}])));
    let path = format!("/v1/designations/{id}");
    let tag = |revision: u64| format!("\"{revision}.{}\"", today());
    let noted = event("noted", "2026-04-01", &json!({}));
    let posted = |etag: &str| client.post_with(&events_of(&id), &[("if-match", etag)], &noted);
    assert_eq!(posted(&tag(1)).expect(201).etag(), tag(2));
    posted(&tag(1)).expect_problem(412, "stale");
    assert_eq!(posted("\"2.2020-01-01\"").expect(201).etag(), tag(3), "only the revision is compared");
    assert_eq!(client.post(&events_of(&id), &noted).expect(201).etag(), tag(4), "an event needs no If-Match");

    let reasons = format!("{path}/reasons");
    let added = client.post_with(&reasons, &[("if-match", &*tag(3))], &reason());
    added.expect_problem(412, "stale");
    let added = client.post_with(&reasons, &[("if-match", &*tag(4))], &reason()).expect(201);
    assert_eq!(added.etag(), tag(5));
    client.patch(&path, &tag(4), &json!({ "title": "Stale" })).expect_problem(412, "stale");
    let one = format!("{reasons}/{}", added.id());
    assert_eq!(client.get(&one).expect(200).etag(), tag(5));
    assert_eq!(client.patch(&one, &tag(5), &json!({ "status": "contested" })).expect(200).etag(), tag(6));
    posted(&tag(5)).expect_problem(412, "stale");
    assert_eq!(client.delete(&one, &tag(6)).expect(204).etag(), tag(7));
    assert_eq!(client.patch(&path, &tag(7), &json!({ "title": "Another" })).expect(200).etag(), tag(8));
    client.delete(&format!("{path}?comment=A"), &tag(7)).expect_problem(412, "stale");
    assert_eq!(record(client, &id)["revision"], 8);
    let history = client.all(&format!("{path}/history?limit=3"));
    let revisions: Vec<u64> = history.iter().map(|entry| entry["revision"].as_u64().unwrap()).collect();
    assert_eq!(revisions, [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn an_order_without_the_notice_that_its_regime_needs_is_accepted_with_a_warning() {
    let app = App::with_catalogue();
    let client = &app.client;
    let regime = client.get("/v1/regimes?name=us-41-usc-4713").expect(200).text_at("/items/0/id");
    let vendor = client.vendor("Acme");
    let mut body = client.designation_body(&vendor, &order("2026-03-01", &json!([{}])));
    let elsewhere = client.post("/v1/designations", &body).expect(201).json();
    assert_eq!(elsewhere["warnings"], json!([]), "this regime needs none");
    body["regime_id"] = json!(regime);
    let created = client.post("/v1/designations", &body).expect(201).json();
    let codes = |record: &Value| -> Vec<Value> {
        record["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].clone()).collect()
    };
    assert_eq!(codes(&created), [json!("notice_missing")]);
    let id = created["id"].as_str().unwrap();
    let noted = client.event(id, &event("noted", "2026-03-02", &json!({})));
    assert_eq!(codes(&noted), [json!("notice_missing")], "it stays until the notice is recorded");
    let mut notice = event("notice_issued", "2026-02-01", &json!({}));
    let noticed = client.event(id, &notice);
    assert_eq!(codes(&noticed), Vec::<Value>::new());
    assert_eq!(codes(&record(client, id)), Vec::<Value>::new());
    notice["type"] = json!("noted");
    notice["note"] = json!("There was none");
    notice["corrects"] = noticed["event"]["id"].clone();
    assert_eq!(codes(&client.event(id, &notice)), [json!("notice_missing")], "a retracted notice is none");

    body["event"] = event("proposal_recorded", "2026-03-01", &json!({ "scopes": [{}] }));
    let proposed = client.post("/v1/designations", &body).expect(201).json();
    assert_eq!(codes(&proposed), Vec::<Value>::new(), "nothing is ordered yet");
}

#[test]
fn the_next_review_is_the_one_that_the_latest_step_asks_for() {
    let app = App::empty();
    let client = &app.client;
    let urgent = json!({ "scopes": [{}], "basis": "Now", "review_by": "2026-04-30" });
    let mut body =
        client.designation_body(&client.vendor("Acme"), &event("urgent_action", "2026-03-01", &urgent));
    let regime = format!("/v1/regimes/{}", body["regime_id"].as_str().unwrap());
    client.change(&regime, &json!({ "review_interval_days": 365 }));
    let created = client.post("/v1/designations", &body).expect(201).json();
    let id = created["id"].as_str().unwrap();
    assert_eq!(created["next_review_on"], "2026-04-30");
    client.event(id, &event("order_issued", "2026-05-01", &json!({})));
    assert_eq!(record(client, id)["next_review_on"], "2027-05-01", "the regime's interval after the order");
    let affirmed =
        client.event(id, &event("review_affirmed", "2026-06-01", &details("review_affirmed", "", "")));
    assert_eq!(record(client, id)["next_review_on"], "2027-01-01");
    let mut retraction = event("noted", "2026-06-01", &json!({}));
    retraction["corrects"] = affirmed["event"]["id"].clone();
    client.event(id, &retraction);
    assert_eq!(record(client, id)["next_review_on"], "2027-05-01");

    client.change(&regime, &json!({ "review_interval_days": null }));
    body["event"] = order("2026-05-01", &json!([{}]));
    let without = client.post("/v1/designations", &body).expect(201).json();
    assert_eq!(without["next_review_on"], Value::Null);
    let due = |before: &str| -> Vec<Value> {
        let items = client.all(&format!("/v1/designations?review_due_before={before}"));
        items.iter().map(|item| item["id"].clone()).collect()
    };
    assert_eq!(due("2027-05-01"), Vec::<Value>::new());
    assert_eq!(due("2027-05-02"), [json!(id)]);
    let voided = client.end(&format!("/v1/designations/{id}"), "A mistake");
    assert_eq!(voided["next_review_on"], Value::Null);
}
