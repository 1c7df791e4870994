//! Corrections, retractions, backdated events, and that what was known stays known.

use serde_json::{Value, json};

use super::{
    super::support::{
        App, Client,
        samples::{details, event, order},
    },
    UNKNOWN, events_of, periods, state_on,
};

/// A designation under one order since 2026-03-01, of these scopes.
fn ordered(client: &Client, scopes: &Value) -> String {
    client.designation(&client.vendor("Acme"), &order("2026-03-01", scopes))
}

fn record(client: &Client, id: &str) -> Value {
    client.get(&format!("/v1/designations/{id}")).expect(200).json()
}

/// An event that replaces the newest event of a designation.
fn correcting(client: &Client, id: &str, mut event: Value) -> Value {
    event["corrects"] = record(client, id)["events"].as_array().unwrap().last().unwrap()["id"].clone();
    event
}

fn period(state: &str, from: &str, to: Option<&str>) -> (String, String, Option<String>) {
    (state.to_owned(), from.to_owned(), to.map(ToOwned::to_owned))
}

#[test]
fn a_correction_takes_the_place_of_what_it_corrects_and_both_stay_on_the_record() {
    let app = App::empty();
    let client = &app.client;
    let id = ordered(client, &json!([{}]));
    client.event(&id, &event("rescinded", "2026-04-01", &json!({})));
    let correction = correcting(client, &id, event("rescinded", "2026-05-01", &json!({})));
    client.event(&id, &correction);
    let in_force = period("in_force", "2026-03-01", Some("2026-05-01"));
    assert_eq!(periods(client, &id, ""), [[in_force, period("rescinded", "2026-05-01", None)]]);
    let events = record(client, &id)["events"].clone();
    assert_eq!(events.as_array().unwrap().len(), 3);
    assert_eq!(events[2]["corrects"], events[1]["id"]);

    let other_kind = correcting(client, &id, event("delisted", "2026-05-10", &json!({})));
    client.event(&id, &other_kind);
    assert_eq!(state_on(client, &id, "2026-05-10").as_deref(), Some("delisted"));
    assert_eq!(state_on(client, &id, "2026-05-09").as_deref(), Some("in_force"));
}

#[test]
fn a_note_in_its_place_retracts_an_event_but_not_the_last_that_gives_a_state() {
    let app = App::empty();
    let client = &app.client;
    let id = ordered(client, &json!([{}]));
    let only = correcting(client, &id, event("noted", "2026-03-01", &json!({})));
    client.post(&events_of(&id), &only).expect_problem(409, "illegal_event");
    client.event(&id, &event("rescinded", "2026-04-01", &json!({})));
    let retraction = correcting(client, &id, event("noted", "2026-04-01", &json!({})));
    client.event(&id, &retraction);
    assert_eq!(periods(client, &id, ""), [[period("in_force", "2026-03-01", None)]]);
}

#[test]
fn only_the_newest_of_a_chain_can_be_corrected_and_only_events_of_this_designation() {
    let app = App::empty();
    let client = &app.client;
    let id = ordered(client, &json!([{}]));
    client.event(&id, &event("rescinded", "2026-04-01", &json!({})));
    let first = correcting(client, &id, event("rescinded", "2026-04-02", &json!({})));
    let newest = client.event(&id, &first)["event"]["id"].clone();
    let problem = client.post(&events_of(&id), &first).expect_problem(409, "illegal_event").json();
    assert_eq!(problem["conflicting_event_id"], newest, "it names the one to correct");
    let mut again = first.clone();
    again["corrects"] = newest;
    client.event(&id, &again);

    let mut foreign = event("noted", "2026-04-03", &json!({}));
    foreign["corrects"] = record(client, &ordered(client, &json!([{}])))["events"][0]["id"].clone();
    assert_eq!(client.refused("POST", &events_of(&id), &foreign)[0].0, "/corrects");
}

#[test]
fn a_correction_carries_scopes_over_unless_it_states_the_whole_list_anew() {
    let app = App::empty();
    let client = &app.client;
    let stated = json!([{ "environments": ["secret"] }, { "environments": ["cui"] }]);
    let id = ordered(client, &stated);
    let original = record(client, &id)["scopes"].clone();
    let moved = correcting(client, &id, event("order_issued", "2026-03-05", &json!({})));
    let moved = client.event(&id, &moved);
    assert_eq!(moved["event"]["details"].get("scopes"), None);
    assert_eq!(record(client, &id)["scopes"], original, "the last list of the chain is carried over");
    assert_eq!(
        periods(client, &id, ""),
        [[period("in_force", "2026-03-05", None)], [period("in_force", "2026-03-05", None)]]
    );

    let list = json!([{ "id": original[1]["id"], "environments": ["cui", "sci"] }, { "actions": ["use"] }]);
    let restated = correcting(client, &id, event("order_issued", "2026-03-05", &json!({ "scopes": list })));
    let restated = client.event(&id, &restated)["event"].clone();
    let scopes = record(client, &id)["scopes"].clone();
    assert_eq!(scopes.as_array().unwrap().len(), 2, "what the list omits is gone: {scopes}");
    assert_eq!((&scopes[0]["id"], &scopes[0]["environments"]), (&original[1]["id"], &json!(["cui", "sci"])));
    assert_eq!(scopes[0]["stated_by"], restated["id"]);
    assert_eq!(scopes[1]["id"], restated["details"]["scopes"][1]["id"], "one without an id is new");
    assert!(original.as_array().unwrap().iter().all(|old| old["id"] != scopes[1]["id"]));

    let back = correcting(client, &id, order("2026-03-05", &json!([{ "id": original[0]["id"] }])));
    client.event(&id, &back);
    assert_eq!(
        record(client, &id)["scopes"][0]["id"],
        original[0]["id"],
        "a scope of the chain can come back"
    );

    for foreign in [json!(UNKNOWN), record(client, &ordered(client, &json!([{}])))["scopes"][0]["id"].clone()]
    {
        let faulty = correcting(client, &id, order("2026-03-05", &json!([{ "id": foreign }])));
        let refused = client.refused("POST", &events_of(&id), &faulty);
        assert_eq!(refused, [("/details/scopes/0/id".to_owned(), "unknown_scope".to_owned())]);
    }
}

#[test]
fn a_backdated_event_that_another_one_could_not_stand_with_is_refused_and_names_it() {
    let app = App::empty();
    let client = &app.client;
    let court = client.authority("Court", "court");
    let id = ordered(client, &json!([{}]));
    let stay = client.event(&id, &event("stayed", "2026-05-01", &details("stayed", &court, "")));
    let head = client.head();
    let backdated = event("rescinded", "2026-04-01", &json!({}));
    let problem = client.post(&events_of(&id), &backdated).expect_problem(409, "illegal_event").json();
    assert_eq!(problem["conflicting_event_id"], stay["event"]["id"], "{problem}");
    assert_eq!(client.head(), head);
    client.event(&id, &event("rescinded", "2026-05-01", &json!({})));
    assert_eq!(
        state_on(client, &id, "2026-05-01").as_deref(),
        Some("rescinded"),
        "an end goes before a stay"
    );

    let mut later = order("2026-06-01", &json!([{}]));
    later["corrects"] = record(client, &id)["events"][0]["id"].clone();
    let problem = client.post(&events_of(&id), &later).expect_problem(409, "illegal_event").json();
    assert_eq!(
        problem["conflicting_event_id"], stay["event"]["id"],
        "nothing is live when it is stayed: {problem}"
    );
}

#[test]
fn a_proposal_that_is_learnt_of_late_takes_its_place_before_the_order() {
    let app = App::empty();
    let client = &app.client;
    let id = ordered(client, &json!([{}]));
    client.event(&id, &event("notice_issued", "2026-02-01", &json!({})));
    client.event(&id, &event("proposal_recorded", "2026-01-01", &json!({})));
    let steps = [
        period("proposed", "2026-01-01", Some("2026-02-01")),
        period("noticed", "2026-02-01", Some("2026-03-01")),
        period("in_force", "2026-03-01", None),
    ];
    assert_eq!(periods(client, &id, ""), [steps]);
}

#[test]
fn ends_and_stays_bite_on_the_day_that_they_say_and_a_retroactive_one_from_the_first() {
    let app = App::empty();
    let client = &app.client;
    let court = client.authority("Court", "court");
    let id = ordered(client, &json!([{ "effective_from": "2026-03-10" }]));
    let mut stay = event("stayed", "2026-04-01", &details("stayed", &court, ""));
    stay["details"]["effective_on"] = json!("2026-04-08");
    client.event(&id, &stay);
    client.event(&id, &event("stay_lifted", "2026-05-01", &json!({ "effective_on": "2026-05-03" })));
    client.event(&id, &event("rescinded", "2026-06-01", &json!({ "effective_on": "2026-05-20" })));
    let expected = [
        period("issued", "2026-03-01", Some("2026-03-10")),
        period("in_force", "2026-03-10", Some("2026-04-08")),
        period("stayed", "2026-04-08", Some("2026-05-03")),
        period("in_force", "2026-05-03", Some("2026-05-20")),
        period("rescinded", "2026-05-20", None),
    ];
    assert_eq!(periods(client, &id, ""), [expected]);
    let mut vacated = event("vacated", "2026-06-01", &details("vacated", &court, ""));
    vacated["details"]["retroactive"] = json!(true);
    let vacated = correcting(client, &id, vacated);
    client.event(&id, &vacated);
    let expected =
        [period("issued", "2026-03-01", Some("2026-03-10")), period("vacated", "2026-03-10", None)];
    assert_eq!(periods(client, &id, ""), [expected]);
}

#[test]
fn an_amendment_adds_scopes_from_its_day_and_moves_last_days() {
    let app = App::empty();
    let client = &app.client;
    let id = ordered(client, &json!([{}]));
    let scope = record(client, &id)["scopes"][0]["id"].clone();
    let amended = json!({
        "scopes": [{ "environments": ["sci"], "effective_from": "2026-05-15" }, {}],
        "dates": [{ "scope_id": scope, "effective_to": "2026-06-30" }],
    });
    client.event(&id, &event("amended", "2026-05-01", &amended));
    let expected = [
        vec![period("in_force", "2026-03-01", Some("2026-07-01")), period("expired", "2026-07-01", None)],
        vec![period("issued", "2026-05-01", Some("2026-05-15")), period("in_force", "2026-05-15", None)],
        vec![period("in_force", "2026-05-01", None)],
    ];
    assert_eq!(periods(client, &id, ""), expected);
    let begun = json!({ "dates": [{ "scope_id": scope, "effective_from": "2026-05-20" }] });
    client
        .post(&events_of(&id), &event("amended", "2026-05-01", &begun))
        .expect_problem(409, "illegal_event");
}

#[test]
fn the_timeline_as_known_at_each_step_stays_what_it_was() {
    let app = App::empty();
    let client = &app.client;
    let court = client.authority("Court", "court");
    let id = ordered(client, &json!([{}, { "environments": ["cui"] }]));
    let path = format!("/v1/designations/{id}/timeline");
    let mut kept = vec![client.get(&path).expect(200).text];
    let correction = |client: &Client, event| correcting(client, &id, event);
    let steps: [&dyn Fn(&Client) -> Value; 7] = [
        &|_| event("stayed", "2026-04-01", &details("stayed", &court, "")),
        &|client| correction(client, event("stayed", "2026-04-10", &details("stayed", &court, ""))),
        &|_| event("notice_issued", "2026-02-01", &json!({})),
        &|_| event("amended", "2026-05-01", &json!({ "scopes": [{ "environments": ["sci"] }] })),
        &|_| event("rescinded", "2026-06-01", &json!({})),
        &|client| correction(client, event("noted", "2026-06-01", &json!({}))),
        &|_| event("vacated", "2026-06-01", &details("vacated", &court, "")),
    ];
    for step in steps {
        client.event(&id, &step(client));
        kept.push(client.get(&path).expect(200).text);
    }
    client.end(&format!("/v1/designations/{id}"), "A mistake");
    kept.push(client.get(&path).expect(200).text);
    let app = app.restart();
    for text in &kept {
        let known: Value = serde_json::from_str(text).unwrap();
        let seq = format!("{path}?known_seq={}", known["known_seq"]);
        assert_eq!(&app.client.get(&seq).expect(200).text, text);
        let at = format!("{path}?known_at={}", known["recorded_at"].as_str().unwrap());
        assert_eq!(&app.client.get(&at).expect(200).text, text);
    }
    kept.dedup();
    assert_eq!(kept.len(), 9);
}
