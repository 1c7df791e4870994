//! Who decides, and that a decision is one.

use std::{sync::Barrier, thread};

use risk_registry::access::{FourEyes, Role};
use serde_json::{Value, json};

use super::{
    Case, Office, ask, at, confirm, first_reason, id_of, journal, must_verify, office, proposals, reject,
    try_to_confirm,
};
use crate::support::office::key;

/// A designation that somebody proposed.
fn proposed(client: &super::Client, office: &Office) -> Value {
    client.post("/v1/designations", &Case::new(office).body).expect(202).json()
}

#[test]
fn nobody_confirms_what_they_proposed_whatever_keys_they_hold() {
    let office = office();
    let review = proposed(&office.approver, &office);
    try_to_confirm(&office.approver, &review).expect_problem(403, "own_proposal");
    // The same person, by another key.
    let (_, token) = key(&office.app.db, "paul.approver", Role::Approver, None);
    let other_key = office.app.client.showing(token.reveal());
    try_to_confirm(&other_key, &review).expect_problem(403, "own_proposal");
    let by_analyst = proposed(&office.analyst, &office);
    let (_, token) = key(&office.app.db, "anna.analyst", Role::Approver, None);
    let as_approver = office.app.client.showing(token.reveal());
    try_to_confirm(&as_approver, &by_analyst).expect_problem(403, "own_proposal");
    assert_eq!(office.analyst.get(&at(&by_analyst, "")).json()["status"], "pending");
    confirm(&office.second_approver, &review);
    confirm(&office.second_approver, &by_analyst);
    must_verify(&office);
}

#[test]
fn who_proposed_withdraws_and_an_approver_rejects() {
    let office = office();
    let review = proposed(&office.analyst, &office);
    let (_, token) = key(&office.app.db, "otto.analyst", Role::Analyst, None);
    let other = office.app.client.showing(token.reveal());
    reject(&other, &review).expect_problem(403, "not_your_proposal");
    let withdrawn = reject(&office.analyst, &review).expect(200).json();
    assert_eq!(
        (&withdrawn["status"], &withdrawn["decision"]["by"]),
        (&json!("rejected"), &json!("anna.analyst"))
    );
    assert_eq!(withdrawn["decision"]["result"], Value::Null);
    let review = proposed(&office.analyst, &office);
    let rejected = reject(&office.approver, &review).expect(200).json();
    assert_eq!(rejected["decision"]["comment"], "Another company of the same name");
    office.analyst.post(&at(&review, "/reject"), &json!({})).expect_problem(422, "invalid");
}

#[test]
fn viewers_admins_and_auditors_stay_outside() {
    let office = office();
    let review = proposed(&office.analyst, &office);
    for outside in [&office.viewer, &office.admin] {
        for path in ["/v1/reviews".to_owned(), at(&review, ""), at(&review, "/history")] {
            outside.get(&path).expect_problem(403, "forbidden");
        }
    }
    for outside in [&office.viewer, &office.admin, &office.auditor] {
        try_to_confirm(outside, &review).expect_problem(403, "forbidden");
        reject(outside, &review).expect_problem(403, "forbidden");
    }
    try_to_confirm(&office.analyst, &review).expect_problem(403, "forbidden");
    office.nobody.get("/v1/reviews").expect_problem(401, "unauthenticated");
    office.auditor.get("/v1/reviews").expect(200);
    assert_eq!(office.auditor.get(&at(&review, "")).expect(200).json(), review);
}

#[test]
fn a_decision_is_final() {
    let office = office();
    for confirmed in [true, false] {
        let review = proposed(&office.analyst, &office);
        let decided = if confirmed {
            confirm(&office.approver, &review)
        } else {
            reject(&office.approver, &review).expect(200).json()
        };
        assert_eq!((&decided["revision"], &decided["id"]), (&json!(2), &review["id"]));
        for client in [&office.approver, &office.second_approver] {
            try_to_confirm(client, &review).expect_problem(409, "already_decided");
            reject(client, &review).expect_problem(409, "already_decided");
        }
        let answer = office.analyst.get(&at(&review, "")).expect(200);
        assert_eq!((answer.etag(), answer.json()), ("\"2\"".to_owned(), decided));
    }
    must_verify(&office);
}

#[test]
fn many_confirmations_at_once_confirm_once() {
    let office = office();
    let reviews: Vec<Value> = (0..8).map(|_| proposed(&office.analyst, &office)).collect();
    // A second server on the same database, as another process would be.
    let other = Office::on(std::sync::Arc::clone(office.app.database()), FourEyes::On);
    let people = [&office.approver, &office.second_approver, &other.approver, &other.second_approver];
    for review in &reviews {
        let together = Barrier::new(people.len());
        let statuses: Vec<(u16, String)> = thread::scope(|scope| {
            let tries: Vec<_> = people
                .iter()
                .map(|client| {
                    scope.spawn(|| {
                        together.wait();
                        let answer = try_to_confirm(client, review);
                        let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
                        (answer.status, code)
                    })
                })
                .collect();
            tries.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let ok = statuses.iter().filter(|(status, _)| *status == 200).count();
        assert_eq!(ok, 1, "{statuses:?}");
        let late = statuses.iter().filter(|(status, code)| *status == 409 && code == "already_decided");
        assert_eq!(late.count(), people.len() - 1, "{statuses:?}");
    }
    let made = journal(&office, 0);
    let count = |action: &str| made.iter().filter(|entry| entry["action"] == action).count();
    assert_eq!(count("designation.created"), reviews.len());
    assert_eq!(count("review.confirmed"), reviews.len());
    must_verify(&office);
}

#[test]
fn the_journal_keeps_who_proposed_and_who_confirmed() {
    let office = office();
    let head = office.app.client.head();
    let review = proposed(&office.analyst, &office);
    let comment = json!({ "comment": "Compared with the order as published" });
    office.approver.post(&at(&review, "/confirm"), &comment).expect(200);
    let entries = journal(&office, head);
    let entries: Vec<&Value> = entries
        .iter()
        .filter(|entry| {
            let kind = entry["subject_kind"].as_str().unwrap();
            kind == "review" || kind == "designation"
        })
        .collect();
    let said: Vec<_> = entries
        .iter()
        .map(|entry| (entry["action"].as_str().unwrap(), entry["actor"].as_str().unwrap()))
        .collect();
    assert_eq!(
        said,
        [
            ("review.proposed", "anna.analyst"),
            ("designation.created", "paul.approver"),
            ("review.confirmed", "paul.approver"),
        ]
    );
    assert_eq!(entries[1]["review_id"], review["id"]);
    assert_eq!((&entries[0]["review_id"], &entries[2]["review_id"]), (&Value::Null, &Value::Null));
    assert_eq!(entries[2]["comment"], "Compared with the order as published");
    assert_eq!(entries[2]["payload"]["decision"]["result"]["seq"], entries[1]["seq"]);
    let history = office.auditor.all(&at(&review, "/history"));
    assert_eq!(history.len(), 2);
    let designation = id_of(&review["designation_id"]);
    let of_designation = office.viewer.all(&format!("/v1/designations/{designation}/history"));
    assert_eq!(of_designation[0]["review_id"], review["id"]);
    // Whoever sees nothing that is restricted sees the designation's entry alone.
    let seen = office.viewer.all(&format!("/v1/journal?after={head}"));
    assert!(seen.iter().all(|entry| entry["subject_kind"] != "review"), "{seen:?}");
}

#[test]
fn what_is_sent_again_under_its_key_is_done_once() {
    let office = office();
    let case = Case::new(&office);
    let keyed = [("idempotency-key", "the-same-again")];
    let first = office.analyst.post_with("/v1/designations", &keyed, &case.body).expect(202);
    let again = office.analyst.post_with("/v1/designations", &keyed, &case.body).expect(202);
    assert_eq!((first.text.as_str(), first.etag()), (again.text.as_str(), again.etag()));
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(office.analyst.all("/v1/reviews").len(), 1);
    let review = first.json();
    let path = at(&review, "/confirm");
    let confirmed = office.approver.post_with(&path, &keyed, &json!({})).expect(200);
    let head = office.app.client.head();
    let again = office.approver.post_with(&path, &keyed, &json!({})).expect(200);
    assert_eq!((confirmed.text.as_str(), confirmed.etag()), (again.text.as_str(), again.etag()));
    // Confirmed since; the first answer stays what it was.
    let proposed = office.analyst.post_with("/v1/designations", &keyed, &case.body).expect(202);
    assert_eq!(proposed.text, first.text);
    office
        .approver
        .post_with(&path, &keyed, &json!({ "comment": "x" }))
        .expect_problem(422, "idempotency_key_reused");
    assert_eq!(office.app.client.head(), head);
}

#[test]
fn a_decision_keeps_an_if_match_where_it_is_given_one() {
    let office = office();
    let review = proposed(&office.analyst, &office);
    let path = at(&review, "/confirm");
    office.approver.post_with(&path, &[("if-match", "\"2\"")], &json!({})).expect_problem(412, "stale");
    office.approver.post_with(&path, &[("if-match", "\"1\"")], &json!({})).expect(200);
    let unchanged = office.analyst.get_with(&at(&review, ""), &[("if-none-match", "\"2\"")]);
    assert_eq!(unchanged.status, 304);
}

#[test]
fn every_change_can_be_confirmed_by_anybody_but_who_asked_for_it() {
    let office = office();
    let designation = Case::new(&office).confirmed(&office);
    let added = office.approver.post(&format!("/v1/designations/{designation}/reasons"), &super::reason());
    let added = added.expect(202).json();
    try_to_confirm(&office.approver, &added).expect_problem(403, "own_proposal");
    confirm(&office.second_approver, &added);
    let reason = first_reason(&office.analyst, &designation);
    let mut confirmed = 0;
    for (change, method, path, body) in proposals(&designation, &reason) {
        let review = ask(&office.approver, method, &path, body.as_ref()).expect(202).json();
        try_to_confirm(&office.approver, &review).expect_problem(403, "own_proposal");
        let after = confirm(&office.second_approver, &review);
        assert_eq!(after["status"], "confirmed", "{change}");
        confirmed += 1;
    }
    assert_eq!(confirmed, 5);
    must_verify(&office);
}
