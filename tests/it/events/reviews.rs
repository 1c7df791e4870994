//! When a designation must be looked at again, and what moves that day.

use serde_json::{Value, json};

use super::super::support::{
    App, Client,
    samples::{event, order},
};

/// A designation of a new vendor under a regime with this interval, from its first event.
fn designated(client: &Client, interval: Option<u32>, first: &Value) -> String {
    let mut body = client.designation_body(&client.vendor("Acme"), first);
    let regime = body["regime_id"].as_str().unwrap().to_owned();
    client.change(&format!("/v1/regimes/{regime}"), &json!({ "review_interval_days": interval }));
    body["title"] = json!("Reviewed");
    client.post("/v1/designations", &body).expect(201).id()
}

fn next(client: &Client, id: &str) -> Value {
    client.get(&format!("/v1/designations/{id}")).expect(200).json()["next_review_on"].clone()
}

fn is_due(client: &Client, id: &str) -> bool {
    client.all("/v1/designations?review_due_before=9999-01-01").iter().any(|item| item["id"] == *id)
}

#[test]
fn the_next_review_is_the_last_one_s_date_else_the_order_s_else_the_interim_measure_s() {
    let app = App::empty();
    let client = &app.client;
    let urgent = event(
        "urgent_action",
        "2026-03-01",
        &json!({ "basis": "Now", "scopes": [{}], "review_by": "2026-05-01" }),
    );
    for (interval, ordered) in [(None, json!(null)), (Some(365), json!("2027-04-01"))] {
        let id = designated(client, interval, &urgent);
        assert_eq!(next(client, &id), "2026-05-01");
        client.event(&id, &order("2026-04-01", &json!([])));
        assert_eq!(next(client, &id), ordered, "the order takes the measure's place");
        client
            .event(&id, &event("review_affirmed", "2026-06-01", &json!({ "next_review_on": "2027-12-01" })));
        assert_eq!(next(client, &id), "2027-12-01");
    }
    let id = designated(client, Some(365), &urgent);
    client.event(&id, &event("review_affirmed", "2026-03-05", &json!({ "next_review_on": "2027-06-10" })));
    client.event(&id, &order("2026-04-01", &json!([])));
    assert_eq!(next(client, &id), "2027-06-10", "what a review said, an order does not unsay");
}

#[test]
fn a_regime_that_is_changed_moves_no_review_of_what_is_recorded() {
    let app = App::empty();
    let client = &app.client;
    let id = designated(client, Some(100), &order("2026-03-01", &json!([{}])));
    assert_eq!(next(client, &id), "2026-06-09");
    let designation = client.get(&format!("/v1/designations/{id}")).json();
    let regime = format!("/v1/regimes/{}", designation["regime_id"].as_str().unwrap());
    client.change(&regime, &json!({ "review_interval_days": 1000, "prior_notice_required": true }));
    let changed = client.change(&format!("/v1/designations/{id}"), &json!({ "title": "Another title" }));
    assert_eq!((&changed["next_review_on"], &changed["warnings"]), (&json!("2026-06-09"), &json!([])));
}

#[test]
fn what_has_ended_is_not_due_and_what_will_end_still_is() {
    let app = App::empty();
    let client = &app.client;
    let ordered = order("2026-03-01", &json!([{}]));
    let (ended, ending) = (designated(client, Some(365), &ordered), designated(client, Some(365), &ordered));
    client.event(&ended, &event("rescinded", "2026-05-01", &json!({})));
    client.event(&ending, &event("rescinded", "2026-05-01", &json!({ "effective_on": "9990-01-01" })));
    assert_eq!((is_due(client, &ended), is_due(client, &ending)), (false, true));
}
