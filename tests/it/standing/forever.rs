//! The same inputs and the same position of the journal give the same answer for ever.

use serde_json::{Value, json};

use super::super::support::{
    App, Client,
    samples::{event, order, reason},
};

/// What is asked again and again: vendor and query, without the position.
fn questions(vendors: &[String], agency: &str) -> Vec<String> {
    let uses = [
        "",
        "&environment=secret",
        "&environment=cui&action=use",
        "&agency=none",
        &*format!("&agency={agency}"),
    ]
    .map(ToOwned::to_owned);
    let days = ["2026-02-28", "2026-03-15", "2026-04-15", "2026-05-15", "2026-12-31"];
    let mut questions = Vec::new();
    for vendor in vendors {
        for on in days {
            questions.extend(uses.iter().map(|of| format!("/v1/vendors/{vendor}/standing?on={on}{of}")));
        }
    }
    questions
}

/// Every answer as it is now, with the position that it was given from.
fn answers(client: &Client, questions: &[String]) -> (u64, Vec<String>) {
    (client.head(), questions.iter().map(|question| client.get(question).expect(200).text).collect())
}

#[track_caller]
fn change(client: &Client, path: &str, patch: &Value) {
    let etag = client.get(path).expect(200).etag();
    client.patch(path, &etag, patch).expect(200);
}

#[track_caller]
fn end(client: &Client, path: &str, query: &str) {
    let etag = client.get(path).expect(200).etag();
    client.delete(&format!("{path}{query}"), &etag);
}

#[test]
fn an_answer_stays_what_it_was_whatever_is_recorded_later() {
    let app = App::empty();
    let client = &app.client;
    let agency = client.authority("Department of Works", "government");
    let court = client.authority("Court", "court");
    let vendors = [client.vendor("Acme"), client.vendor("Bcme")];
    let questions = questions(&vendors, &agency);
    let mut kept = vec![answers(client, &questions)];

    let scopes = json!([{ "environments": ["secret"] }, { "agencies": [agency], "actions": ["use"] }]);
    let one =
        client.post("/v1/designations", &client.designation_body(&vendors[0], &order("2026-03-01", &scopes)));
    let one = one.expect(201).json();
    let path = format!("/v1/designations/{}", one["id"].as_str().unwrap());
    let id = one["id"].as_str().unwrap();
    let other = client.designation(&vendors[1], &order("2026-03-01", &json!([{}])));
    let mut body = client.designation_body(&vendors[0], &order("2026-03-10", &json!([{}])));
    body["vendor_id"] = Value::Null;
    body["category"] = json!("Drones");
    let category = client.post("/v1/designations", &body).expect(201).id();
    kept.push(answers(client, &questions));

    let by_court = json!({ "authority_id": court, "case_number": "1" });
    let stay = client.event(id, &event("stayed", "2026-04-01", &by_court))["event"]["id"].clone();
    client.event(&other, &event("rescinded", "2026-05-01", &json!({})));
    kept.push(answers(client, &questions));

    let mut correction = event("stayed", "2026-04-20", &by_court);
    correction["corrects"] = stay;
    client.event(id, &correction);
    let mut restated = order("2026-03-05", &json!([{ "environments": ["cui"] }]));
    restated["corrects"] = one["events"][0]["id"].clone();
    client.event(id, &restated);
    kept.push(answers(client, &questions));

    change(client, &path, &json!({ "title": "Another title", "reference": "26-1" }));
    let added = client.post(&format!("{path}/reasons"), &reason()).expect(201).id();
    change(client, &format!("{path}/reasons/{added}"), &json!({ "status": "rejected_by_court" }));
    change(client, &format!("/v1/vendors/{}", vendors[0]), &json!({ "legal_name": "Zeta" }));
    let regime = one["regime_id"].as_str().unwrap();
    change(client, &format!("/v1/regimes/{regime}"), &json!({ "effect": "advisory", "title": "Renamed" }));
    change(client, &format!("/v1/authorities/{agency}"), &json!({ "name": "Department of Deeds" }));
    kept.push(answers(client, &questions));

    end(client, &path, "?comment=A+mistake");
    end(client, &format!("/v1/designations/{category}"), "?comment=Another");
    end(client, &format!("/v1/vendors/{}", vendors[1]), "");
    kept.push(answers(client, &questions));

    let texts: Vec<&Vec<String>> = kept.iter().map(|(_, texts)| texts).collect();
    assert!(texts.windows(2).all(|pair| pair[0] != pair[1]), "each step changed some answer");
    let app = app.restart();
    for (seq, texts) in &kept {
        for (question, text) in questions.iter().zip(texts) {
            let again = app.client.get(&format!("{question}&known_seq={seq}")).expect(200);
            assert_eq!(&again.text, text, "{question} as known at {seq}");
            let recorded_at = again.json()["recorded_at"].clone();
            if let Some(instant) = recorded_at.as_str() {
                let by_instant = app.client.get(&format!("{question}&known_at={instant}")).expect(200);
                assert_eq!(&by_instant.text, text, "{question} as known at {instant}");
            }
        }
    }
}

#[test]
fn a_name_of_an_agency_that_was_given_up_still_leads_to_the_same_answer() {
    let app = App::empty();
    let client = &app.client;
    let agency = client.authority("Department of Works", "government");
    let vendor = client.vendor("Acme");
    client.designation(&vendor, &order("2026-03-01", &json!([{ "agencies": [agency] }])));
    let head = client.head();
    let ask = |agency: &str| {
        let path = format!("/v1/vendors/{vendor}/standing?on=2026-05-01&known_seq={head}&agency={agency}");
        client.get(&path).expect(200).text
    };
    let before = ask("Department+of+Works");
    let renamed = json!({ "name": "Department of Deeds", "aliases": [{ "name": "Department of Works" }] });
    change(client, &format!("/v1/authorities/{agency}"), &renamed);
    for name in ["Department+of+Works", "Department+of+Deeds", &agency] {
        assert_eq!(ask(name), before, "{name}");
    }
}
