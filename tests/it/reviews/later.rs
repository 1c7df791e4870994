//! What happens between a proposal and its confirmation: it is judged anew, takes its place when it is confirmed, and
//! outlives a restart.

use serde_json::{Value, json};

use super::{
    Case, Office, ask, at, confirm, first_reason, id_of, must_verify, office, reject, try_to_confirm,
};
use crate::support::{
    Client,
    samples::{details, event},
};

fn propose(client: &Client, designation: &str, event: &Value) -> Value {
    client.post(&format!("/v1/designations/{designation}/events"), event).expect(202).json()
}

fn rescinded(day: &str) -> Value {
    event("rescinded", day, &json!({}))
}

/// What stands against it, and that it stays pending.
#[track_caller]
fn refused(office: &Office, review: &Value, code: &str) -> Value {
    let head = office.app.client.head();
    let problem = try_to_confirm(&office.approver, review).expect_problem(409, code).json();
    assert!(problem["detail"].as_str().unwrap().contains("stays pending"), "{problem}");
    assert_eq!(office.analyst.get(&at(review, "")).expect(200).json(), *review);
    assert_eq!(office.app.client.head(), head, "a refusal records nothing");
    problem
}

#[test]
fn an_event_that_became_illegal_stays_pending_and_can_be_rejected() {
    let office = office();
    let designation = Case::new(&office).confirmed(&office);
    let (first, second) = (
        propose(&office.analyst, &designation, &rescinded("2026-05-01")),
        propose(&office.analyst, &designation, &rescinded("2026-05-02")),
    );
    confirm(&office.approver, &first);
    let problem = refused(&office, &second, "illegal_event");
    assert!(problem["allowed"].as_array().unwrap().contains(&json!("reinstated")), "{problem}");
    // Possible again once the other is retracted.
    let other = office.analyst.get(&format!("/v1/designations/{designation}")).text_at("/events/1/id");
    let mut note = event("noted", "2026-05-01", &details("noted", "", ""));
    note["corrects"] = json!(other);
    confirm(&office.approver, &propose(&office.analyst, &designation, &note));
    confirm(&office.approver, &second);
    let third = propose(&office.analyst, &designation, &event("noted", "2026-05-03", &json!({})));
    reject(&office.approver, &third).expect(200);
    must_verify(&office);
}

#[test]
fn whatever_stands_against_a_change_since_is_a_conflict() {
    let office = office();
    let case = Case::new(&office);
    let creation = office.analyst.post("/v1/designations", &case.body).expect(202).json();
    office.analyst.end(&format!("/v1/vendors/{}", case.vendor), "Gone");
    refused(&office, &creation, "no_longer_possible");
    office.analyst.change(&format!("/v1/vendors/{}", case.vendor), &json!({ "status": "active" }));
    confirm(&office.approver, &creation);
    let designation = id_of(&creation["designation_id"]);

    // The last reason of an order: each of two removals was possible.
    let path = format!("/v1/designations/{designation}");
    let added = office.analyst.post(&format!("{path}/reasons"), &super::reason()).expect(202).json();
    confirm(&office.approver, &added);
    let reasons = office.analyst.all(&format!("{path}/reasons"));
    let remove = |reason: &Value| {
        let path = format!("{path}/reasons/{}", id_of(&reason["id"]));
        ask(&office.analyst, "DELETE", &path, None).expect(202).json()
    };
    let (one, other) = (remove(&reasons[0]), remove(&reasons[1]));
    confirm(&office.approver, &one);
    refused(&office, &other, "last_reason");

    // Voided while an event waits.
    let note = propose(&office.analyst, &designation, &event("noted", "2026-05-03", &json!({})));
    let void = ask(&office.analyst, "DELETE", &format!("{path}?comment=Wrong"), None).expect(202).json();
    let again = ask(&office.analyst, "DELETE", &format!("{path}?comment=Wrong"), None).expect(202).json();
    confirm(&office.approver, &void);
    for waiting in [&note, &again, &other] {
        refused(&office, waiting, "voided");
        reject(&office.analyst, waiting).expect(200);
    }
    let voided = office.viewer.get(&path).expect(200).json();
    assert_eq!(voided["ended"]["comment"], "Wrong");
    assert_eq!(voided["ended"]["by"], "paul.approver");
    must_verify(&office);
}

#[test]
fn a_change_of_a_reason_that_has_changed_since_is_refused() {
    let office = office();
    let designation = Case::new(&office).confirmed(&office);
    let path = format!("/v1/designations/{designation}/reasons");
    confirm(&office.approver, &office.analyst.post(&path, &super::reason()).expect(202).json());
    let reason = format!("{path}/{}", first_reason(&office.analyst, &designation));
    let patch = |patch: Value| ask(&office.analyst, "PATCH", &reason, Some(&patch)).expect(202).json();
    let (contested, disputed) =
        (patch(json!({ "status": "contested" })), patch(json!({ "confidence": "disputed" })));
    let removed = ask(&office.analyst, "DELETE", &reason, None).expect(202).json();
    assert_eq!(contested["proposal"]["before"]["status"], "asserted");
    assert_eq!(contested["proposal"]["after"]["status"], "contested");
    confirm(&office.approver, &contested);
    refused(&office, &disputed, "reason_changed");
    refused(&office, &removed, "reason_changed");
    // Another reason's change stands in nobody's way, and what is back as it was can be confirmed.
    let back = patch(json!({ "status": "asserted" }));
    confirm(&office.approver, &back);
    confirm(&office.approver, &removed);
    refused(&office, &disputed, "reason_changed");
    must_verify(&office);
}

#[test]
fn an_event_takes_its_place_when_it_is_confirmed() {
    let office = office();
    let designation = Case::new(&office).confirmed(&office);
    let court = office.analyst.authority("Court", "court");
    // On one day the order of recording decides: a stay before its lift.
    let mut first = event("noted", "2026-05-01", &json!({}));
    first["note"] = json!("Proposed first");
    let mut second = event("stayed", "2026-05-01", &details("stayed", &court, ""));
    second["note"] = json!("Proposed second");
    let (first, second) =
        (propose(&office.analyst, &designation, &first), propose(&office.analyst, &designation, &second));
    confirm(&office.approver, &second);
    let between = office.app.client.head();
    confirm(&office.approver, &first);
    let events = office.viewer.all(&format!("/v1/designations/{designation}/events"));
    let notes: Vec<&Value> = events.iter().map(|event| &event["note"]).collect();
    assert_eq!(notes, [&Value::Null, &json!("Proposed second"), &json!("Proposed first")]);
    assert!(events[1]["seq"].as_u64().unwrap() <= between);
    assert!(events[2]["seq"].as_u64().unwrap() > between);
    must_verify(&office);
}

#[test]
fn what_was_known_between_proposal_and_confirmation_is_the_old() {
    let office = office();
    let case = Case::new(&office);
    let designation = case.confirmed(&office);
    let review = propose(&office.analyst, &designation, &rescinded("2026-04-01"));
    let between = office.app.client.head();
    let timeline = format!("/v1/designations/{designation}/timeline?known_seq={between}");
    let standing = format!("/v1/vendors/{}/standing?on=2026-05-01&known_seq={between}", case.vendor);
    let before = (office.viewer.get(&timeline).text, office.viewer.get(&standing).text);
    confirm(&office.approver, &review);
    let after = (office.viewer.get(&timeline).text, office.viewer.get(&standing).text);
    assert_eq!(before, after);
    let now = office.viewer.get(&format!("/v1/vendors/{}/standing?on=2026-05-01", case.vendor)).json();
    assert_eq!(
        (&now["verdict"], &office.viewer.get(&standing).json()["verdict"]),
        (&json!("clear"), &json!("prohibited"))
    );
    let instant = review["created_at"].as_str().unwrap();
    let at_proposal = format!("/v1/vendors/{}/standing?on=2026-05-01&known_at={instant}", case.vendor);
    assert_eq!(office.viewer.get(&at_proposal).json()["verdict"], "prohibited");
    // A designation that is only proposed was not known when it was proposed.
    let other = Case::new(&office);
    let review = office.analyst.post("/v1/designations", &other.body).expect(202).json();
    let between = office.app.client.head();
    confirm(&office.approver, &review);
    let path = format!("/v1/designations/{}", id_of(&review["designation_id"]));
    office.viewer.get(&format!("{path}?known_seq={between}")).expect_problem(404, "not_found");
    office.viewer.get(&path).expect(200);
}

#[test]
fn what_waits_outlives_a_restart() {
    let Office { app, analyst, approver, .. } = office();
    let regime = analyst.regime("test", "prohibited");
    let (vendor, authority) = (analyst.vendor("Acme"), analyst.authority("Agency", "government"));
    let mut body =
        analyst.designation_body(&vendor, &crate::support::samples::order("2026-03-03", &json!([{}])));
    (body["regime_id"], body["authority_id"]) = (json!(regime), json!(authority));
    let review = analyst.post("/v1/designations", &body).expect(202).json();
    let app = app.restart();
    let approver = approver.moved_to(app.client.address);
    assert_eq!(approver.get(&at(&review, "")).expect(200).json(), review);
    let confirmed = confirm(&approver, &review);
    assert_eq!(confirmed["proposal"], review["proposal"]);
    approver.get(&format!("/v1/designations/{}", id_of(&review["designation_id"]))).expect(200);
}
