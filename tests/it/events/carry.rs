//! What an event must carry, and what it must not: 422 with the field.

use serde_json::{Value, json};

use super::{
    super::support::{
        App,
        samples::{EVENT_TYPES, assert_says, details, event, order, today},
    },
    UNKNOWN, events_of,
};

/// What each type's details must hold, and what they may hold besides.
const DETAILS: [(&str, &[&str], &[&str]); 17] = [
    ("proposal_recorded", &[], &["scopes"]),
    ("notice_issued", &[], &["scopes", "response_due_on"]),
    ("response_received", &["received_on"], &[]),
    ("response_extended", &["response_due_on"], &[]),
    ("urgent_action", &["basis"], &["scopes", "review_by"]),
    ("order_issued", &[], &["scopes", "dates"]),
    ("amended", &[], &["scopes", "dates"]),
    ("stayed", &["authority_id", "case_number"], &["effective_on"]),
    ("stay_lifted", &[], &["lifts", "effective_on"]),
    ("vacated", &["authority_id", "case_number", "retroactive"], &["effective_on"]),
    ("rescinded", &[], &["effective_on"]),
    ("delisted", &[], &["effective_on"]),
    ("superseded", &["successor_id"], &["effective_on"]),
    ("reinstated", &["authority_id"], &["reinstates", "effective_on"]),
    ("review_affirmed", &["next_review_on"], &[]),
    ("withdrawn", &[], &[]),
    ("noted", &[], &[]),
];

/// A value for each field that some type's details have.
fn fields() -> Value {
    json!({
        "scopes": [{}], "dates": [{ "scope_id": UNKNOWN, "effective_to": "2027-01-01" }],
        "response_due_on": "2026-05-01", "received_on": "2026-05-01", "basis": "Now", "review_by": "2026-05-01",
        "authority_id": UNKNOWN, "case_number": "1", "retroactive": false, "effective_on": "2026-05-01",
        "lifts": UNKNOWN, "successor_id": UNKNOWN, "reinstates": UNKNOWN, "next_review_on": "2027-01-01",
    })
}

/// A designation in force, for events that are refused before its state is looked at.
fn in_force(app: &App) -> String {
    let vendor = app.client.vendor("Acme");
    app.client.designation(&vendor, &order("2026-03-01", &json!([{}])))
}

fn error(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

#[test]
fn details_lack_nothing_that_their_type_needs_and_hold_nothing_that_belongs_elsewhere() {
    let app = App::empty();
    let (client, id) = (&app.client, in_force(&app));
    let path = events_of(&id);
    let head = client.head();
    for (kind, required, optional) in DETAILS {
        let complete = details(kind, UNKNOWN, UNKNOWN);
        for field in required {
            let mut details = complete.clone();
            details.as_object_mut().unwrap().remove(*field).unwrap();
            let refused = client.refused("POST", &path, &event(kind, "2026-04-01", &details));
            assert_eq!(refused, [error(&format!("/details/{field}"), "missing_field")], "{kind}");
        }
        for (field, value) in fields().as_object().unwrap() {
            if !required.contains(&&**field) && !optional.contains(&&**field) {
                let mut details = complete.clone();
                details[field] = value.clone();
                let refused = client.refused("POST", &path, &event(kind, "2026-04-01", &details));
                assert_eq!(refused, [error(&format!("/details/{field}"), "invalid_value")], "{kind}");
            }
        }
        let mut details = complete.clone();
        details["nonsense"] = json!(1);
        let refused = client.refused("POST", &path, &event(kind, "2026-04-01", &details));
        assert_eq!(refused, [error("/details/nonsense", "unknown_field")], "{kind}");
    }
    assert_eq!(client.head(), head);
}

#[test]
fn an_event_that_needs_evidence_a_notice_or_a_note_is_refused_without() {
    let app = App::empty();
    let (client, id) = (&app.client, in_force(&app));
    let without_source = [
        "notice_issued",
        "response_received",
        "response_extended",
        "urgent_action",
        "superseded",
        "amended",
        "review_affirmed",
    ];
    for kind in EVENT_TYPES {
        let complete = event(kind, "2026-04-01", &details(kind, UNKNOWN, UNKNOWN));
        let mut bare = complete.clone();
        for field in ["sources", "notified_on", "note"] {
            bare.as_object_mut().unwrap().remove(field);
        }
        let mut expected = Vec::new();
        if !without_source.contains(&kind) {
            expected.push(error("/sources", "missing_field"));
        }
        match kind {
            "notice_issued" => expected.push(error("/notified_on", "missing_field")),
            "noted" => expected.push(error("/note", "missing_field")),
            _ => {}
        }
        if !expected.is_empty() {
            assert_eq!(client.refused("POST", &events_of(&id), &bare), expected, "{kind}");
        }
    }
}

#[test]
fn every_fault_of_an_event_is_named_at_once() {
    let app = App::empty();
    let (client, id) = (&app.client, in_force(&app));
    let faulty = json!({ "type": "stayed", "occurred_on": "2099-01-01", "details": { "basis": "Why" } });
    let mut refused = client.refused("POST", &events_of(&id), &faulty);
    refused.sort();
    assert_eq!(
        refused,
        [
            error("/details/authority_id", "missing_field"),
            error("/details/basis", "invalid_value"),
            error("/details/case_number", "missing_field"),
            error("/occurred_on", "in_the_future"),
            error("/sources", "missing_field"),
        ]
    );
}

#[test]
fn an_event_occurred_today_at_the_latest() {
    let app = App::empty();
    let (client, id) = (&app.client, in_force(&app));
    let today: chrono::NaiveDate = today().parse().unwrap();
    let tomorrow = today.succ_opt().unwrap().to_string();
    let refused = client.refused("POST", &events_of(&id), &event("rescinded", &tomorrow, &json!({})));
    assert_eq!(refused, [error("/occurred_on", "in_the_future")]);
    client.event(&id, &event("rescinded", &today.to_string(), &json!({ "effective_on": tomorrow })));
}

#[test]
fn what_contradicts_itself_is_invalid_whatever_the_state() {
    let app = App::empty();
    let client = &app.client;
    let id = in_force(&app);
    let scope = client.get(&format!("/v1/designations/{id}")).json()["scopes"][0]["id"].clone();
    let foreign =
        client.get(&format!("/v1/designations/{}", in_force(&app))).json()["scopes"][0]["id"].clone();
    let court = client.authority("Court", "court");
    let with = |kind: &str, details: Value| event(kind, "2026-04-01", &details);
    let naming = |scopes: Value| {
        let mut event = with("rescinded", json!({}));
        event["scope_ids"] = scopes;
        event
    };
    let dated = |dates: Value| with("amended", json!({ "dates": dates }));
    let retroactive = json!({ "authority_id": court, "case_number": "1", "retroactive": true, "effective_on": "2026-05-01" });
    let backwards = json!([{ "effective_from": "2026-05-02", "effective_to": "2026-05-01" }]);
    let cases = [
        (with("vacated", retroactive), "/details/effective_on"),
        (naming(json!([UNKNOWN])), "/scope_ids/0"),
        (naming(json!([scope, foreign])), "/scope_ids/1"),
        (naming(json!([scope, scope])), "/scope_ids/1"),
        (with("amended", json!({})), "/details"),
        (with("amended", json!({ "scopes": backwards })), "/details/scopes/0/effective_to"),
        (dated(json!([{ "scope_id": scope }])), "/details/dates/0"),
        (dated(json!([{ "scope_id": foreign, "effective_to": "2026-05-01" }])), "/details/dates/0/scope_id"),
        (dated(json!([{ "scope_id": scope, "effective_to": "2026-03-31" }])), "/details/dates/0"),
        (
            dated(
                json!([{ "scope_id": scope, "effective_from": "2026-05-02", "effective_to": "2026-05-01" }]),
            ),
            "/details/dates/0/effective_to",
        ),
        (with("stay_lifted", json!({ "lifts": UNKNOWN })), "/details/lifts"),
        (with("reinstated", json!({ "authority_id": court, "reinstates": UNKNOWN })), "/details/reinstates"),
        (with("stayed", json!({ "authority_id": UNKNOWN, "case_number": "1" })), "/details/authority_id"),
        (with("superseded", json!({ "successor_id": UNKNOWN })), "/details/successor_id"),
        (with("superseded", json!({ "successor_id": id })), "/details/successor_id"),
        (with("amended", json!({ "scopes": [{ "agencies": [UNKNOWN] }] })), "/details/scopes/0/agencies/0"),
        (with("amended", json!({ "scopes": [{ "id": UNKNOWN }] })), "/details/scopes/0/id"),
        (with("amended", json!({ "scopes": [{}, { "id": scope }] })), "/details/scopes/1/id"),
    ];
    let head = client.head();
    for (event, pointer) in cases {
        let refused = client.refused("POST", &events_of(&id), &event);
        assert_eq!(refused.len(), 1, "{event}: {refused:?}");
        assert_eq!(refused[0].0, pointer, "{event}");
    }
    let mut correction = with("rescinded", json!({}));
    correction["corrects"] = json!(UNKNOWN);
    assert_eq!(client.refused("POST", &events_of(&id), &correction)[0].0, "/corrects");
    assert_eq!(client.head(), head);
    let path = format!("/v1/designations/{UNKNOWN}/events");
    client.post(&path, &with("rescinded", json!({}))).expect_problem(404, "not_found");
}

#[test]
fn an_event_comes_back_as_it_was_stated_with_the_ids_of_its_new_scopes() {
    let app = App::empty();
    let (client, id) = (&app.client, in_force(&app));
    let agency = client.authority("Works", "government");
    let scope = client.get(&format!("/v1/designations/{id}")).json()["scopes"][0]["id"].clone();
    let mut stated = event(
        "amended",
        "2026-04-01",
        &json!({
            "scopes": [{ "environments": ["sci"], "agencies": [agency], "note": "Added" }, {}],
            "dates": [{ "scope_id": scope, "effective_to": "2026-12-31" }],
        }),
    );
    for (field, on) in
        [("announced_on", "2026-03-30"), ("notified_on", "2026-04-02"), ("published_on", "2026-04-03")]
    {
        stated[field] = json!(on);
    }
    stated["note"] = json!("As published");
    let answer = client.post(&events_of(&id), &stated).expect(201);
    let recorded = answer.json();
    assert_says(&recorded["event"], &stated);
    assert_eq!(recorded["warnings"], json!([]));
    assert_eq!(recorded["etag"], json!(answer.etag()));
    assert_eq!(answer.header("location"), Some(&*events_of(&id)));
    let designation = client.get(&format!("/v1/designations/{id}")).expect(200);
    assert_eq!(designation.etag(), answer.etag());
    let scopes = designation.json()["scopes"].clone();
    for place in [0, 1] {
        assert_eq!(recorded["event"]["details"]["scopes"][place]["id"], scopes[place + 1]["id"]);
        assert_eq!(scopes[place + 1]["stated_by"], recorded["event"]["id"]);
    }
    assert_eq!(scopes[0]["effective_to"], "2026-12-31");
    assert_eq!(designation.json()["events"][1], recorded["event"]);
    let entry = client.get(&format!("/v1/journal/{}", client.head())).expect(200).json();
    assert_eq!(
        (&entry["action"], &entry["event"]),
        (&json!("designation.event_recorded"), &recorded["event"])
    );
    assert_eq!(recorded["event"]["seq"], entry["seq"]);
    assert_eq!(
        client.all(&format!("{}?limit=1", events_of(&id))),
        *designation.json()["events"].as_array().unwrap()
    );
}
