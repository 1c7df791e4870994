//! Voiding a designation that was recorded by mistake: final, and known to have been believed.

use serde_json::{Value, json};

use super::{
    super::support::{
        App, Client,
        samples::{event, order, reason},
    },
    timeline,
};

/// A vendor under one order, and the order.
fn designated(client: &Client) -> (String, String) {
    let vendor = client.vendor("Acme");
    let designation = client.designation(&vendor, &order("2026-03-01", &json!([{}])));
    (vendor, designation)
}

#[test]
fn voiding_needs_a_comment_and_says_when_by_whom_and_why() {
    let app = App::empty();
    let client = &app.client;
    let (_, id) = designated(client);
    let path = format!("/v1/designations/{id}");
    for query in ["", "?comment=", "?comment=+"] {
        let answer = client.delete(&format!("{path}{query}"), "*");
        assert!(matches!(answer.status, 400 | 422), "{answer:?}");
    }
    assert_eq!(
        client.delete(&path, "*").expect_problem(422, "invalid").json()["errors"][0]["pointer"],
        "comment"
    );
    client
        .send("DELETE", &format!("{path}?comment=A"), &[], None)
        .expect_problem(428, "precondition_required");
    client.delete(&format!("{path}?comment=A"), "\"7\"").expect_problem(412, "stale");

    let voided = client.end(&path, "Recorded twice");
    assert_eq!((&voided["status"], &voided["revision"]), (&json!("voided"), &json!(2)));
    assert_eq!(
        voided["ended"],
        json!({ "at": voided["updated_at"], "by": "local", "comment": "Recorded twice" })
    );
    assert_eq!(
        (&voided["current"]["state"], &voided["current"]["in_force"]),
        (&json!("none"), &json!(false))
    );
    assert_eq!(client.get(&path).expect(200).json(), voided, "it still answers");
    let entry = client.get(&format!("/v1/journal/{}", client.head())).expect(200).json();
    assert_eq!(
        (&entry["action"], &entry["comment"]),
        (&json!("designation.voided"), &json!("Recorded twice"))
    );
}

#[test]
fn void_is_final_so_every_later_write_is_refused() {
    let app = App::empty();
    let client = &app.client;
    let (_, id) = designated(client);
    let path = format!("/v1/designations/{id}");
    let reason_path =
        format!("{path}/reasons/{}", client.get(&path).json()["reasons"][0]["id"].as_str().unwrap());
    let voided = client.end(&path, "A mistake");
    let head = client.head();
    let voided =
        |answer: super::super::support::Answer| drop((answer.expect_problem(409, "voided"), &voided));
    voided(client.delete(&format!("{path}?comment=Again"), "*"));
    voided(client.patch(&path, "*", &json!({ "title": "Later" })));
    voided(client.patch(&path, "*", &json!({ "title": "A designation" })));
    voided(client.post(&format!("{path}/reasons"), &reason()));
    voided(client.patch(&reason_path, "*", &json!({ "status": "withdrawn" })));
    voided(client.delete(&reason_path, "*"));
    voided(client.post(&format!("{path}/events"), &event("rescinded", "2026-04-01", &json!({}))));
    voided(client.post(&format!("{path}/events"), &event("noted", "2026-04-01", &json!({}))));
    assert_eq!(client.head(), head);
}

#[test]
fn nothing_of_a_voided_designation_counts_from_then_on_and_what_was_known_stays_known() {
    let app = App::empty();
    let client = &app.client;
    let (vendor, id) = designated(client);
    let path = format!("/v1/designations/{id}");
    let before = (client.head(), client.get(&path).expect(200), timeline(client, &id, ""));
    client.end(&path, "A mistake");
    let standing = |query: &str| {
        let path = format!("/v1/vendors/{vendor}/standing?on=2026-05-01{query}");
        client.get(&path).expect(200).json()
    };
    let now = standing("");
    assert_eq!((&now["verdict"], &now["findings"]), (&json!("clear"), &json!([])));
    assert_eq!(timeline(client, &id, ""), json!([]));
    let (seq, known, then) = before;
    assert_eq!(standing(&format!("&known_seq={seq}"))["verdict"], "prohibited");
    assert_eq!(timeline(client, &id, &format!("known_seq={seq}")), then);
    let again = client.get(&format!("{path}?known_seq={seq}")).expect(200);
    assert_eq!(again.text, known.text);
    let at = known.json()["updated_at"].as_str().unwrap().to_owned();
    assert_eq!(standing(&format!("&known_at={at}"))["verdict"], "prohibited");

    let listed = |query: &str| -> Vec<Value> {
        let items = client.all(&format!("/v1/designations?{query}"));
        items.iter().map(|item| item["id"].clone()).collect()
    };
    assert_eq!(listed(""), Vec::<Value>::new());
    assert_eq!(listed("status=voided"), [json!(id)]);
    assert_eq!(listed(&format!("known_seq={seq}")), [json!(id)]);
    assert_eq!(listed(&format!("status=voided&known_seq={seq}")), Vec::<Value>::new());
}

#[test]
fn a_successor_that_counts_can_not_be_voided() {
    let app = App::empty();
    let client = &app.client;
    let (vendor, old) = designated(client);
    let new = client.designation(&vendor, &order("2026-04-01", &json!([{}])));
    let path = format!("/v1/designations/{new}");
    let superseded = client.event(&old, &event("superseded", "2026-04-01", &json!({ "successor_id": new })));
    let refused = client.delete(&format!("{path}?comment=A"), "*").expect_problem(409, "named_as_successor");
    assert!(refused.text.contains(&old), "it says by which: {refused:?}");
    let mut retraction = event("noted", "2026-04-01", &json!({}));
    retraction["corrects"] = superseded["event"]["id"].clone();
    client.event(&old, &retraction);
    client.end(&path, "A mistake");

    let refused = client.refused(
        "POST",
        &format!("/v1/designations/{old}/events"),
        &event("superseded", "2026-04-01", &json!({ "successor_id": new })),
    );
    assert_eq!(refused, [("/details/successor_id".to_owned(), "unknown_reference".to_owned())]);
}

#[test]
fn a_successor_can_be_voided_once_its_predecessor_is() {
    let app = App::empty();
    let client = &app.client;
    let (vendor, old) = designated(client);
    let new = client.designation(&vendor, &order("2026-04-01", &json!([{}])));
    client.event(&old, &event("superseded", "2026-04-01", &json!({ "successor_id": new })));
    client.end(&format!("/v1/designations/{old}"), "A mistake");
    client.end(&format!("/v1/designations/{new}"), "Another");
}
