//! The event table: in every state, what may happen and what it makes of the state.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    super::support::{
        App, Client,
        samples::{EVENT_TYPES, details, event, order},
    },
    events_of, state_on,
};

/// How to come to a state by 2026-05-01: the first event, those after it; and the state beneath.
fn ways(court: &str, other: &str) -> Vec<(&'static str, &'static str, Value, Vec<Value>)> {
    let with = |kind: &str, on: &str| event(kind, on, &details(kind, court, other));
    let first = |kind: &str| {
        let mut details = details(kind, court, other);
        details["scopes"] = json!([{}]);
        event(kind, "2026-03-01", &details)
    };
    let ordered = || order("2026-03-01", &json!([{}]));
    let dated = |scope: Value| order("2026-03-01", &json!([scope]));
    vec![
        ("proposed", "proposed", first("proposal_recorded"), vec![]),
        ("noticed", "noticed", first("notice_issued"), vec![]),
        ("interim", "interim", first("urgent_action"), vec![]),
        ("issued", "issued", dated(json!({ "effective_from": "2027-01-01" })), vec![]),
        ("in_force", "in_force", ordered(), vec![]),
        ("stayed", "in_force", ordered(), vec![with("stayed", "2026-04-01")]),
        ("stayed", "interim", first("urgent_action"), vec![with("stayed", "2026-04-01")]),
        (
            "stayed",
            "issued",
            dated(json!({ "effective_from": "2027-01-01" })),
            vec![with("stayed", "2026-04-01")],
        ),
        ("vacated", "vacated", ordered(), vec![with("vacated", "2026-04-01")]),
        ("rescinded", "rescinded", ordered(), vec![with("rescinded", "2026-04-01")]),
        ("delisted", "delisted", ordered(), vec![with("delisted", "2026-04-01")]),
        ("superseded", "superseded", ordered(), vec![with("superseded", "2026-04-01")]),
        ("withdrawn", "withdrawn", first("notice_issued"), vec![with("withdrawn", "2026-04-01")]),
        ("expired", "expired", dated(json!({ "effective_to": "2026-04-01" })), vec![]),
    ]
}

/// The state after an event, or none where the table does not allow it. `shown` lies over `beneath`.
fn after(kind: &str, shown: &'static str, beneath: &'static str) -> Option<&'static str> {
    let is = |states: &[&str]| states.contains(&beneath);
    let live = is(&["interim", "issued", "in_force"]);
    let unordered = is(&["proposed", "noticed", "interim"]);
    match kind {
        "notice_issued" if is(&["proposed"]) => Some("noticed"),
        "notice_issued" if is(&["interim"]) => Some(shown),
        "response_received" | "response_extended" if is(&["noticed", "interim"]) => Some(shown),
        "urgent_action" if is(&["proposed", "noticed"]) => Some("interim"),
        "order_issued" if unordered => Some("in_force"),
        "stayed" if live => Some("stayed"),
        "stay_lifted" if shown == "stayed" => Some(beneath),
        "vacated" if live => Some("vacated"),
        "rescinded" if live => Some("rescinded"),
        "delisted" if live => Some("delisted"),
        "withdrawn" if unordered => Some("withdrawn"),
        "superseded" if live || unordered => Some("superseded"),
        "reinstated" if is(&["vacated", "rescinded", "delisted"]) => Some("in_force"),
        "amended" | "review_affirmed" if live => Some(shown),
        "noted" => Some(shown),
        _ => None,
    }
}

#[track_caller]
fn refused(client: &Client, id: &str, event: &Value, allowed: &BTreeSet<&str>) {
    let problem = client.post(&events_of(id), event).expect_problem(409, "illegal_event").json();
    let said: BTreeSet<&str> =
        problem["allowed"].as_array().unwrap().iter().map(|kind| kind.as_str().unwrap()).collect();
    assert_eq!(&said, allowed, "{problem}");
    let events = client.get(&format!("/v1/designations/{id}")).json()["events"].clone();
    // A stay lies over the state that refuses; lifting it would not help, so it is not what stands against the event.
    let mut beneath = events.as_array().unwrap().iter().filter(|event| event["type"] != "stayed");
    let behind = beneath.next_back().unwrap();
    assert_eq!(problem["conflicting_event_id"], behind["id"], "the event behind the state: {problem}");
}

#[test]
fn in_every_state_every_type_of_event_does_what_the_table_says() {
    let app = App::empty();
    let client = &app.client;
    let court = client.authority("Court", "court");
    let vendor = client.vendor("Acme");
    let other = client.designation(&vendor, &order("2026-03-01", &json!([{}])));
    for (shown, beneath, first, later) in ways(&court, &other) {
        let body = client.designation_body(&vendor, &first);
        let reach = || {
            let id = client.post("/v1/designations", &body).expect(201).id();
            for event in &later {
                client.event(&id, event);
            }
            id
        };
        let mut standing = reach();
        assert_eq!(state_on(client, &standing, "2026-05-01").as_deref(), Some(shown));
        let allowed: BTreeSet<&str> =
            EVENT_TYPES.into_iter().filter(|kind| after(kind, shown, beneath).is_some()).collect();
        for kind in EVENT_TYPES {
            let event = event(kind, "2026-05-01", &details(kind, &court, &other));
            let Some(expected) = after(kind, shown, beneath) else {
                refused(client, &standing, &event, &allowed);
                continue;
            };
            client.event(&standing, &event);
            let state = state_on(client, &standing, "2026-05-01");
            assert_eq!(state.as_deref(), Some(expected), "{kind} in {shown} over {beneath}");
            let before = state_on(client, &standing, "2026-04-30");
            assert_eq!(before.as_deref(), Some(shown), "{kind} reaches back");
            standing = reach();
        }
    }
}

#[test]
fn an_event_that_names_scopes_needs_all_of_them_to_allow_it() {
    let app = App::empty();
    let client = &app.client;
    let court = client.authority("Court", "court");
    let scopes = json!([{}, { "effective_to": "2026-04-01" }]);
    let id = client.designation(&client.vendor("Acme"), &order("2026-03-01", &scopes));
    let ids: Vec<Value> = client.get(&format!("/v1/designations/{id}")).json()["scopes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|scope| scope["id"].clone())
        .collect();
    let mut stay = event("stayed", "2026-05-01", &details("stayed", &court, ""));
    stay["scope_ids"] = json!(ids);
    let problem = client.post(&events_of(&id), &stay).expect_problem(409, "illegal_event");
    assert!(problem.text_at("/detail").contains(ids[1].as_str().unwrap()), "it says which: {problem:?}");
    stay["scope_ids"] = json!([ids[1]]);
    client.post(&events_of(&id), &stay).expect_problem(409, "illegal_event");
    stay["scope_ids"] = json!([]);
    client.event(&id, &stay);
    let states: Vec<String> = super::periods(client, &id, "")
        .into_iter()
        .map(|periods| periods.last().unwrap().0.clone())
        .collect();
    assert_eq!(states, ["stayed", "expired"], "none named: every scope that allows it");
    let mut note = event("noted", "2026-05-02", &json!({}));
    note["scope_ids"] = json!(ids);
    client.event(&id, &note);
}

#[test]
fn an_order_needs_a_reason_on_the_designation() {
    let app = App::empty();
    let client = &app.client;
    let mut body = client.designation_body(
        &client.vendor("Acme"),
        &event("proposal_recorded", "2026-03-01", &json!({ "scopes": [{}] })),
    );
    let reason = body["reasons"].as_array_mut().unwrap().remove(0);
    let id = client.post("/v1/designations", &body).expect(201).id();
    let ordered = event("order_issued", "2026-04-01", &json!({}));
    let errors = client.refused("POST", &events_of(&id), &ordered);
    assert_eq!(errors[0].1, "missing_field");
    let mut undisclosed = reason;
    undisclosed["code"] = json!("undisclosed");
    client.post(&format!("/v1/designations/{id}/reasons"), &undisclosed).expect(201);
    client.event(&id, &ordered);
}

#[test]
fn a_stay_is_lifted_by_name_or_with_all_others() {
    let app = App::empty();
    let client = &app.client;
    let court = client.authority("Court", "court");
    let id = client.designation(&client.vendor("Acme"), &order("2026-03-01", &json!([{}])));
    let stay = |on: &str| {
        client.event(&id, &event("stayed", on, &details("stayed", &court, "")))["event"]["id"].clone()
    };
    let (first, second) = (stay("2026-04-01"), stay("2026-04-10"));
    client.event(&id, &event("stay_lifted", "2026-05-01", &json!({ "lifts": first })));
    assert_eq!(
        state_on(client, &id, "2026-05-01").as_deref(),
        Some("stayed"),
        "the other one still lies over it"
    );
    let again = event("stay_lifted", "2026-05-02", &json!({ "lifts": first }));
    client.post(&events_of(&id), &again).expect_problem(409, "illegal_event");
    client.event(&id, &event("stay_lifted", "2026-05-03", &json!({ "lifts": second })));
    assert_eq!(state_on(client, &id, "2026-05-03").as_deref(), Some("in_force"));
    stay("2026-06-01");
    stay("2026-06-02");
    client.event(&id, &event("stay_lifted", "2026-06-03", &json!({})));
    assert_eq!(state_on(client, &id, "2026-06-03").as_deref(), Some("in_force"));
}
