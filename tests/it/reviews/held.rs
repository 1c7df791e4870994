//! What is held: nothing of the designation changes before the confirmation, which makes just what would have been made.

use std::collections::BTreeMap;

use risk_registry::access::FourEyes;
use serde_json::{Value, json};

use super::{
    Case, Office, ask, at, confirm, first_reason, id_of, journal, must_verify, office, picture, proposals,
    reject,
};

#[test]
fn every_change_that_counts_is_held_and_changes_nothing_until_it_is_confirmed() {
    let office = office();
    let case = Case::new(&office);
    let before = picture(&office, &case, None);
    let answer = office.analyst.post("/v1/designations", &case.body).expect(202);
    let review = answer.json();
    assert_eq!(answer.header("location"), Some(at(&review, "").as_str()));
    assert_eq!(answer.etag(), "\"1\"");
    assert_eq!(picture(&office, &case, None), before);
    let designation = id_of(&review["designation_id"]);
    office.analyst.get(&format!("/v1/designations/{designation}")).expect_problem(404, "not_found");
    confirm(&office.approver, &review);

    // A second reason, so that one can be removed.
    let added = office.analyst.post(&format!("/v1/designations/{designation}/reasons"), &super::reason());
    confirm(&office.approver, &added.expect(202).json());
    let reason = first_reason(&office.analyst, &designation);
    for (change, method, path, body) in proposals(&designation, &reason) {
        let before = picture(&office, &case, Some(&designation));
        let head = office.app.client.head();
        let answer = ask(&office.analyst, method, &path, body.as_ref()).expect(202);
        let review = answer.json();
        assert_eq!(answer.header("location"), Some(at(&review, "").as_str()), "{change}");
        assert_eq!(answer.etag(), "\"1\"", "{change}");
        for (field, value) in [
            ("status", json!("pending")),
            ("revision", json!(1)),
            ("proposed_by", json!("anna.analyst")),
            ("designation_id", json!(designation)),
            ("designation_title", json!("A designation")),
            ("vendor_id", json!(case.vendor)),
            ("decision", Value::Null),
        ] {
            assert_eq!(review[field], value, "{change}: {field}");
        }
        assert_eq!(review["proposal"]["change"], change);
        assert_eq!(office.auditor.get(&at(&review, "")).expect(200).json(), review);
        assert_eq!(picture(&office, &case, Some(&designation)), before, "{change}");
        let entries = journal(&office, head);
        assert_eq!(entries.len(), 1, "{change}: {entries:?}");
        assert_eq!(entries[0]["action"], "review.proposed");
        assert_eq!(entries[0]["payload"], review);
        let rejected = reject(&office.approver, &review).expect(200).json();
        assert_eq!(rejected["status"], "rejected");
        assert_eq!(picture(&office, &case, Some(&designation)), before, "{change} rejected");
    }
    must_verify(&office);
}

/// A value less what is a registry's own: ids by their order of first appearance, no positions, instants or people.
struct Plain(BTreeMap<String, usize>);

impl Plain {
    fn of(&mut self, value: &Value) -> Value {
        const OWN: [&str; 14] = [
            "seq",
            "known_seq",
            "recorded_at",
            "created_at",
            "updated_at",
            "at",
            "by",
            "actor",
            "request_id",
            "review_id",
            "etag",
            "four_eyes",
            "regime",
            "patch",
        ];
        match value {
            Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => {
                let next = self.0.len();
                json!(format!("id {}", self.0.entry(text.clone()).or_insert(next)))
            }
            Value::Array(items) => items.iter().map(|item| self.of(item)).collect(),
            Value::Object(fields) => {
                let own = fields.iter().filter(|(field, _)| !OWN.contains(&field.as_str()));
                Value::Object(own.map(|(field, value)| (field.clone(), self.of(value))).collect())
            }
            other => other.clone(),
        }
    }
}

/// Makes every change, one after the other, and gives what there is after each.
fn after_each(office: &Office) -> Vec<String> {
    let case = Case::new(office);
    let mut plain = Plain(BTreeMap::new());
    let done = |answer: super::Answer| -> Value {
        match answer.status {
            202 => confirm(&office.approver, &answer.json())["designation_id"].clone(),
            _ => answer.json()["id"].clone(),
        }
    };
    let designation = id_of(&done(office.analyst.post("/v1/designations", &case.body)));
    let mut seen = Vec::new();
    let mut look = || {
        for part in ["", "/timeline", "/events", "/reasons", "/history"] {
            let path = format!("/v1/designations/{designation}{part}");
            let body = office.viewer.get(&path).expect(200).json();
            seen.push(format!("{part} {}", plain.of(&body)));
        }
        let standing = format!("/v1/vendors/{}/standing?on=2026-05-01", case.vendor);
        seen.push(plain.of(&office.viewer.get(&standing).expect(200).json()).to_string());
    };
    look();
    let added = office.analyst.post(&format!("/v1/designations/{designation}/reasons"), &super::reason());
    if added.status == 202 {
        confirm(&office.approver, &added.json());
    }
    look();
    let reason = first_reason(&office.analyst, &designation);
    for (_, method, path, body) in proposals(&designation, &reason) {
        let answer = ask(&office.analyst, method, &path, body.as_ref());
        if answer.status == 202 {
            confirm(&office.approver, &answer.json());
        } else {
            assert!(answer.status < 300, "{answer:?}");
        }
        look();
    }
    seen
}

#[test]
fn a_confirmation_makes_just_what_would_have_been_made_without_it() {
    let (on, off) = (office(), Office::with(FourEyes::Off));
    let (confirmed, at_once) = (after_each(&on), after_each(&off));
    assert_eq!(confirmed.len(), 42);
    for (confirmed, at_once) in confirmed.iter().zip(&at_once) {
        assert_eq!(confirmed, at_once);
    }
    must_verify(&on);
    must_verify(&off);
}

#[test]
fn what_is_confirmed_is_what_was_proposed_to_the_byte() {
    let office = office();
    let case = Case::new(&office);
    let review = office.analyst.post("/v1/designations", &case.body).expect(202).json();
    let proposed = &review["proposal"]["designation"];
    assert_eq!(proposed["effect"], "prohibited");
    // What the regime does now was not proposed.
    let regime = format!("/v1/regimes/{}", id_of(&case.body["regime_id"]));
    office.approver.change(&regime, &json!({ "effect": "advisory" }));
    let confirmed = confirm(&office.approver, &review);
    assert_eq!(confirmed["proposal"], review["proposal"]);
    let path = format!("/v1/designations/{}", id_of(&review["designation_id"]));
    let recorded = office.viewer.get(&path).expect(200).json();
    for (field, value) in proposed.as_object().unwrap() {
        if field != "event" {
            assert_eq!(&recorded[field], value, "{field}");
        }
    }
    for (field, value) in proposed["event"].as_object().unwrap() {
        assert_eq!(&recorded["events"][0][field], value, "{field}");
    }
    assert_eq!(confirmed["decision"]["result"]["event_id"], proposed["event"]["id"]);
    assert_eq!(confirmed["decision"]["result"]["revision"], 1);
    assert_eq!(confirmed["decision"]["result"]["seq"], recorded["events"][0]["seq"]);
}

#[test]
fn what_would_be_refused_is_refused_when_it_is_proposed_with_the_same_words() {
    let (on, off) = (office(), Office::with(FourEyes::Off));
    let answers = |office: &Office| {
        let case = Case::new(office);
        let answer = office.analyst.post("/v1/designations", &case.body);
        let designation = match answer.status {
            202 => {
                confirm(&office.approver, &answer.json());
                id_of(&answer.json()["designation_id"])
            }
            _ => answer.id(),
        };
        let reason = first_reason(&office.analyst, &designation);
        let path = format!("/v1/designations/{designation}");
        let scopes = office.viewer.get(&path).expect(200).json()["scopes"].clone();
        let scopes = scopes.as_array().unwrap().iter().map(|scope| id_of(&scope["id"]));
        let ids: Vec<String> = scopes.chain([designation.clone(), reason.clone()]).collect();
        let mut nowhere = case.body.clone();
        nowhere["vendor_id"] = json!(crate::conventions::calls::NOWHERE);
        let mut unordered = case.body.clone();
        unordered["reasons"] = json!([]);
        let lift = json!({
            "type": "stay_lifted", "occurred_on": "2026-04-01", "sources": [super::super::support::samples::source()],
        });
        let mut tomorrow = lift.clone();
        tomorrow["occurred_on"] = json!("2999-01-01");
        let head = office.app.client.head();
        let asked = [
            ("POST", "/v1/designations".to_owned(), Some(nowhere), "*"),
            ("POST", "/v1/designations".to_owned(), Some(unordered), "*"),
            ("POST", format!("{path}/events"), Some(lift.clone()), "*"),
            ("POST", format!("{path}/events"), Some(tomorrow), "*"),
            ("POST", format!("{path}/events"), Some(lift), "\"7\""),
            ("POST", format!("{path}/reasons"), Some(json!({})), "*"),
            ("POST", format!("{path}/reasons"), Some(super::reason()), "\"7\""),
            ("PATCH", format!("{path}/reasons/{reason}"), Some(json!({ "code": "odd" })), "*"),
            ("PATCH", format!("{path}/reasons/{reason}"), Some(json!({ "status": "contested" })), "\"7\""),
            ("PATCH", format!("{path}/reasons/{designation}"), Some(json!({})), "*"),
            ("DELETE", format!("{path}/reasons/{reason}"), None, "*"),
            ("DELETE", path.clone(), None, "*"),
            ("DELETE", format!("{path}?comment=x"), None, "\"7\""),
        ];
        let mut plain = Plain(BTreeMap::new());
        let answers: Vec<String> = asked
            .iter()
            .map(|(method, path, body, etag)| {
                let headers = [("content-type", "application/json"), ("if-match", *etag)];
                let body = body.as_ref().map(ToString::to_string);
                let answer = office.analyst.send(method, path, &headers, body.as_deref().map(str::as_bytes));
                assert!((400..500).contains(&answer.status), "{method} {path}: {answer:?}");
                let said = plain.of(&answer.json()).to_string();
                let said = ids.iter().fold(said, |said, id| said.replace(id, "it"));
                format!("{} {said}", answer.status)
            })
            .collect();
        assert_eq!(office.app.client.head(), head, "a refusal records nothing");
        answers
    };
    let (held, at_once) = (answers(&on), answers(&off));
    for (held, at_once) in held.iter().zip(&at_once) {
        assert_eq!(held, at_once);
    }
    println!("{} refusals, alike with and without four eyes", held.len());
}

#[test]
fn what_counts_for_nothing_is_not_held() {
    let office = office();
    let case = Case::new(&office);
    let designation = case.confirmed(&office);
    let path = format!("/v1/designations/{designation}");
    let changed = office.analyst.change(&path, &json!({ "title": "Another title" }));
    assert_eq!(changed["title"], "Another title");
    // A patch that changes nothing has nothing to be confirmed.
    let reason = first_reason(&office.analyst, &designation);
    let head = office.app.client.head();
    let of_reason = format!("{path}/reasons/{reason}");
    let same = ask(&office.analyst, "PATCH", &of_reason, Some(&json!({ "status": "asserted" }))).expect(200);
    assert_eq!(same.id(), reason);
    assert_eq!(same.etag(), office.analyst.get(&path).etag());
    assert_eq!(office.app.client.head(), head);
    assert_eq!(office.analyst.all("/v1/reviews"), Vec::<Value>::new());
    // Vendors, authorities and regimes are recorded at once.
    office.analyst.change(&format!("/v1/vendors/{}", case.vendor), &json!({ "description": "Changed" }));
}

#[test]
fn a_registry_says_whether_it_works_by_four_eyes() {
    for (office, word) in [(office(), "on"), (Office::with(FourEyes::Off), "off")] {
        assert_eq!(office.app.client.get("/readyz").expect(200).json()["four_eyes"], word);
        let vendor = office.analyst.vendor("Acme");
        let standing = office.viewer.get(&format!("/v1/vendors/{vendor}/standing")).expect(200).json();
        assert_eq!(standing["four_eyes"], word);
        let checked = office
            .viewer
            .post("/v1/standing-checks", &json!({ "vendors": [{ "vendor_id": vendor }] }))
            .expect(200);
        assert_eq!(checked.json()["items"][0]["standing"]["four_eyes"], word);
    }
}
