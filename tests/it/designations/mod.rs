//! Designations over HTTP: recording them, changing them, voiding them, listing them.

mod changes;
mod lists;
mod shelf;
mod void;

use serde_json::{Value, json};

use super::support::{
    App, Client,
    samples::{assert_says, details, event, order, source, today},
};

const UNKNOWN: &str = "019b76da-a801-7b11-aee7-d79cd37d93b3";
const FIRST: [(&str, &str); 4] = [
    ("proposal_recorded", "proposed"),
    ("notice_issued", "noticed"),
    ("urgent_action", "interim"),
    ("order_issued", "in_force"),
];

fn first_event(kind: &str) -> Value {
    let mut details = details(kind, "", "");
    details["scopes"] = json!([{ "environments": ["cui"] }]);
    event(kind, "2026-03-01", &details)
}

#[test]
fn a_designation_is_recorded_with_each_event_that_gives_a_state_as_one_entry() {
    let app = App::empty();
    let client = &app.client;
    let vendor = client.vendor("Acme");
    for (kind, state) in FIRST {
        let body = client.designation_body(&vendor, &first_event(kind));
        let head = client.head();
        let created = client.post("/v1/designations", &body).expect(201);
        assert_eq!(client.head(), head + 1);
        let record = created.json();
        let path = format!("/v1/designations/{}", created.id());
        assert_eq!(created.header("location"), Some(&*path));
        assert_eq!(created.etag(), format!("\"1.{}\"", today()));
        let in_force = matches!(state, "interim" | "in_force");
        assert_eq!(record["current"], json!({ "on": today(), "state": state, "in_force": in_force }));
        assert_eq!(
            (&record["status"], &record["revision"], &record["ended"]),
            (&json!("active"), &json!(1), &Value::Null)
        );
        assert_eq!(record["events"][0]["seq"], json!(head + 1));
        assert_eq!(record["events"][0]["recorded_at"], record["created_at"]);
        assert_eq!(record["scopes"][0]["id"], record["events"][0]["details"]["scopes"][0]["id"]);
        assert_eq!(record["scopes"][0]["stated_by"], record["events"][0]["id"]);
        assert_eq!(client.get(&path).expect(200).text, created.text);

        let entry = client.get(&format!("/v1/journal/{}", head + 1)).expect(200).json();
        assert_eq!((&entry["action"], &entry["subject_id"]), (&json!("designation.created"), &record["id"]));
        assert_eq!(entry["event"], record["events"][0]);
        let mut payload = record.clone();
        payload.as_object_mut().unwrap().remove("current");
        assert_eq!(entry["payload"], payload, "the journal has what does not depend on the day");
    }
}

#[test]
fn a_first_event_gives_a_state_brings_a_scope_and_corrects_nothing() {
    let app = App::empty();
    let client = &app.client;
    let (vendor, court) = (client.vendor("Acme"), client.authority("Court", "court"));
    let refused = |event: Value| {
        let body = client.designation_body(&vendor, &event);
        client.refused("POST", "/v1/designations", &body)
    };
    let of = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
    let others = [
        "response_received",
        "response_extended",
        "stayed",
        "stay_lifted",
        "vacated",
        "rescinded",
        "delisted",
        "withdrawn",
        "superseded",
        "reinstated",
        "amended",
        "review_affirmed",
        "noted",
    ];
    for kind in others {
        let event = event(kind, "2026-03-01", &details(kind, &court, UNKNOWN));
        assert_eq!(refused(event), of("/event/type", "invalid_value"), "{kind}");
    }
    for (kind, _) in FIRST {
        let mut event = event(kind, "2026-03-01", &details(kind, "", ""));
        assert_eq!(refused(event.clone()), of("/event/details/scopes", "missing_field"), "{kind}");
        event["details"]["scopes"] = json!([]);
        assert_eq!(refused(event), of("/event/details/scopes", "missing_field"), "{kind}");
    }
    let mut event = order("2026-03-01", &json!([{}]));
    event["corrects"] = json!(UNKNOWN);
    assert_eq!(refused(event), of("/event/corrects", "invalid_value"));
    assert_eq!(
        refused(order("2026-03-01", &json!([{ "id": UNKNOWN }]))),
        of("/event/details/scopes/0/id", "unknown_scope")
    );
    let mut bare = order("2026-03-01", &json!([{}]));
    bare["sources"] = json!([]);
    assert_eq!(refused(bare), of("/event/sources", "missing_field"));
    let mut body = client.designation_body(&vendor, &order("2026-03-01", &json!([{}])));
    body["reasons"] = json!([]);
    assert_eq!(client.refused("POST", "/v1/designations", &body), of("/reasons", "missing_field"));
    body["event"] = first_event("proposal_recorded");
    client.post("/v1/designations", &body).expect(201);
}

#[test]
fn every_field_comes_back_as_it_was_stated() {
    let app = App::empty();
    let client = &app.client;
    let (vendor, agency) = (client.vendor("Acme"), client.authority("Works", "government"));
    let linked = client.designation(&vendor, &order("2026-03-01", &json!([{}])));
    let evidence = json!({
        "kind": "list_snapshot", "title": "The list", "url": "https://list.example/a?b=c#d",
        "published_on": "2026-02-28", "retrieved_at": "2026-03-01T10:00:00.000001Z", "sha256": "ab".repeat(32),
    });
    let scope = json!({
        "environments": ["sci", "secret"], "actions": ["invest", "export"], "tiers": ["subcontract"],
        "agencies": [agency], "effective_from": "2026-03-10", "effective_to": "9999-12-30", "note": "Only\nthese",
    });
    let mut body = client.designation_body(&vendor, &order("2026-03-01", &json!([scope, {}])));
    body["effect"] = json!("reportable");
    body["reference"] = json!("26-014");
    body["summary"] = json!("In\ntwo lines");
    body["instrument"] = json!("listing");
    body["origin"] = json!("reported");
    body["basis_disclosure"] = json!("classified_reference");
    body["visibility"] = json!("restricted");
    body["links"] = json!([{ "kind": "redesignates", "designation_id": linked }]);
    body["reasons"][0]["sources"] = json!([evidence, source()]);
    for (field, on) in
        [("announced_on", "2026-02-27"), ("notified_on", "2026-03-04"), ("published_on", "2026-03-05")]
    {
        body["event"][field] = json!(on);
    }
    body["event"]["note"] = json!("As the letter says");
    body["event"]["sources"] = json!([evidence]);
    let record = client.post("/v1/designations", &body).expect(201).json();
    let stated_event = body.as_object_mut().unwrap().remove("event").unwrap();
    assert_says(&record, &body);
    assert_says(&record["events"], &json!([stated_event]));
    assert_says(
        &record["scopes"],
        &json!([scope, { "environments": [], "agencies": [], "effective_from": null }]),
    );
}

#[test]
fn the_subject_is_a_vendor_or_a_category_and_never_both_or_neither() {
    let app = App::empty();
    let client = &app.client;
    let mut body = client.designation_body(&client.vendor("Acme"), &order("2026-03-01", &json!([{}])));
    body["category"] = json!("Drones");
    let subject = vec![("/vendor_id".to_owned(), "invalid_subject".to_owned())];
    assert_eq!(client.refused("POST", "/v1/designations", &body), subject);
    body["vendor_id"] = Value::Null;
    let record = client.post("/v1/designations", &body).expect(201).json();
    assert_eq!((&record["vendor_id"], &record["category"]), (&Value::Null, &json!("Drones")));
    body["category"] = Value::Null;
    assert_eq!(client.refused("POST", "/v1/designations", &body), subject);
}

#[test]
fn the_effect_is_the_one_of_the_regime_on_the_day_of_recording_unless_given() {
    let app = App::empty();
    let client = &app.client;
    let mut body = client.designation_body(&client.vendor("Acme"), &order("2026-03-01", &json!([{}])));
    let regime = format!("/v1/regimes/{}", body["regime_id"].as_str().unwrap());
    client.change(&regime, &json!({ "effect": "reportable" }));
    let copied = client.post("/v1/designations", &body).expect(201).json();
    body["effect"] = json!("advisory");
    let given = client.post("/v1/designations", &body).expect(201).json();
    client.change(&regime, &json!({ "effect": "restricted" }));
    for (record, effect) in [(copied, "reportable"), (given, "advisory")] {
        let now =
            client.get(&format!("/v1/designations/{}", record["id"].as_str().unwrap())).expect(200).json();
        assert_eq!((&record["effect"], &now["effect"]), (&json!(effect), &json!(effect)));
    }
}

#[test]
fn what_a_designation_refers_to_must_be_there_and_who_acts_must_be_in_use() {
    let app = App::empty();
    let client = &app.client;
    let stated = client.designation_body(&client.vendor("Acme"), &order("2026-03-01", &json!([{}])));
    let with = |pointer: &str, value: Value| {
        let mut body = stated.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let refused = |body: &Value| client.refused("POST", "/v1/designations", body);
    let of = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
    for pointer in ["/vendor_id", "/regime_id", "/authority_id"] {
        assert_eq!(refused(&with(pointer, json!(UNKNOWN))), of(pointer, "unknown_reference"));
    }
    assert_eq!(
        refused(&with(
            "/event/details/scopes",
            json!([{}, { "agencies": [stated["authority_id"], UNKNOWN] }])
        )),
        of("/event/details/scopes/1/agencies/1", "unknown_reference")
    );
    let mut linked = stated.clone();
    linked["links"] = json!([{ "kind": "implements", "designation_id": UNKNOWN }]);
    assert_eq!(refused(&linked), of("/links/0/designation_id", "unknown_reference"));

    let retired = [
        ("/vendor_id", format!("/v1/vendors/{}", client.vendor("Bcme"))),
        ("/regime_id", format!("/v1/regimes/{}", client.regime("retired", "advisory"))),
        ("/authority_id", format!("/v1/authorities/{}", client.authority("Retired", "court"))),
    ];
    for (pointer, path) in retired {
        let id = client.end(&path, "No longer")["id"].clone();
        assert_eq!(refused(&with(pointer, id)), of(pointer, "retired_reference"));
    }
}

/// The timeline's scopes, as known.
fn timeline(client: &Client, id: &str, query: &str) -> Value {
    client.get(&format!("/v1/designations/{id}/timeline?{query}")).expect(200).json()["scopes"].clone()
}
