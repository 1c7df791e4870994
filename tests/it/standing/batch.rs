//! The standing of many vendors in one request.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use diesel::connection::{Connection, InstrumentationEvent};
use risk_registry::{
    access::FourEyes,
    db::Context,
    designations::model::{Action, Environment, Tier},
    journal::Known,
    standing::service::{Named, Question, check},
    values::{Date, Seq, VendorId},
    vendors::{self, model::IdentifierScheme, model::VendorFields},
};
use serde_json::{Value, json};

use super::super::support::{
    App, Client,
    samples::{event, order},
};

const MANY: usize = 10_000;

/// Ten thousand vendors, each with a domain, and designations on some; of everything, in one commit.
struct Crowd {
    app: App,
    ids: Vec<VendorId>,
    /// An agency that some scopes bind.
    agency: String,
}

impl Crowd {
    fn new() -> Self {
        let app = App::empty();
        let ids: Vec<VendorId> = (0..MANY).map(|_| VendorId::new()).collect();
        let fields = |number: usize| -> VendorFields {
            serde_json::from_value(json!({
                "legal_name": format!("V{number}"), "kind": "company",
                "identifiers": [{ "scheme": "domain", "value": format!("v{number}.example") }],
            }))
            .unwrap()
        };
        let recorded = ids.clone();
        app.db
            .write_blocking(Context::new("test", "test"), move |tx| {
                for (number, id) in recorded.iter().enumerate() {
                    vendors::service::create(tx, *id, fields(number))?;
                }
                Ok(())
            })
            .unwrap();
        let agency = app.client.authority("Department of Works", "government");
        let scopes = [json!([{}]), json!([{ "agencies": [agency] }]), json!([{ "environments": ["cui"] }])];
        for (number, id) in ids.iter().step_by(MANY / 40).enumerate() {
            let id = app.client.designation(&id.to_string(), &order("2026-03-01", &scopes[number % 3]));
            if number % 4 == 0 {
                app.client.event(&id, &event("rescinded", "2026-06-01", &json!({})));
            }
        }
        let mut body = app.client.designation_body("", &order("2026-03-01", &json!([{}])));
        body["vendor_id"] = Value::Null;
        body["category"] = json!("Drones");
        app.client.post("/v1/designations", &body).expect(201);
        Self { app, ids, agency }
    }
}

fn statements(app: &App, named: &[Named], question: &Question) -> usize {
    let counted = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&counted);
    let checked = app
        .db
        .read_blocking(&Context::own(), move |snapshot| {
            snapshot.connection().set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if matches!(event, InstrumentationEvent::StartQuery { .. }) {
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            });
            let checked = check(snapshot, named, question);
            snapshot.connection().set_instrumentation(|_: InstrumentationEvent<'_>| {});
            checked
        })
        .unwrap();
    assert_eq!(checked.items.len(), named.len());
    assert!(checked.items.iter().all(Result::is_ok));
    assert!(checked.items.iter().flatten().any(|standing| !standing.findings.is_empty()));
    counted.load(Ordering::Relaxed)
}

#[test]
fn ten_thousand_vendors_are_answered_as_each_alone_and_in_ten_statements() {
    let Crowd { app, ids, agency } = Crowd::new();
    let by_id = |id: &VendorId| json!({ "vendor_id": id });
    let by_domain = |number: usize| json!({ "scheme": "domain", "value": format!("V{number}.EXAMPLE") });
    let named: Vec<Value> = ids
        .iter()
        .enumerate()
        .map(|(number, id)| if number % 2 == 0 { by_id(id) } else { by_domain(number) })
        .collect();
    let mut body = json!({
        "vendors": named, "on": "2026-05-01", "environment": ["cui", "secret"], "action": ["use"],
        "tier": ["prime"], "agency": ["Department of Works"],
    });
    let head = app.client.head();
    for (position, known) in [("", head), ("known_seq=7000&", 7000)] {
        if !position.is_empty() {
            body["known_seq"] = json!(known);
        }
        let answer = app.client.post("/v1/standing-checks", &body).expect(200).json();
        let items = answer["items"].as_array().unwrap();
        assert_eq!((items.len(), &answer["known_seq"]), (MANY, &json!(known)));
        for number in (0..MANY).step_by(125).chain([1, 6999, 7001, MANY - 1]) {
            let path = format!(
                "/v1/vendors/{}/standing?{position}on=2026-05-01&environment=cui&environment=secret&action=use&tier=prime&agency={agency}",
                ids[number],
            );
            assert_eq!(items[number]["standing"], app.client.get(&path).expect(200).json(), "item {number}");
        }
        let unknown = items.iter().filter(|item| item["standing"]["vendor_known"] == false).count();
        assert_eq!(unknown, MANY - usize::try_from(known).unwrap().min(MANY));
    }

    let named: Vec<Named> = ids
        .iter()
        .enumerate()
        .map(|(number, id)| match number % 2 {
            0 => Named::Id(*id),
            _ => Named::Identifier(IdentifierScheme::Domain, Ok(format!("v{number}.example"))),
        })
        .collect();
    let at: Value = app.client.get(&format!("/v1/journal/{head}")).expect(200).json();
    let at = serde_json::from_value(at["recorded_at"].clone()).unwrap();
    for known in [
        Known::default(),
        Known { known_at: None, known_seq: Seq::new(head - 1) },
        Known { known_at: Some(at), known_seq: None },
        Known { known_at: Some(serde_json::from_value(json!("2100-01-01")).unwrap()), known_seq: None },
    ] {
        let question = Question {
            on: "2026-05-01".parse::<Date>().unwrap(),
            known,
            environment: vec![Environment::Cui, Environment::Secret],
            action: vec![Action::Use],
            tier: vec![Tier::Prime],
            agency: vec![agency.clone(), "Department of Works".to_owned(), "none".to_owned()],
            four_eyes: FourEyes::Off,
        };
        let counted = statements(&app, &named, &question);
        assert!((1..=10).contains(&counted), "{known:?} took {counted} statements");
    }
}

#[test]
fn answers_come_in_the_order_of_the_request_with_what_is_wrong_with_an_item_in_its_place() {
    let app = App::empty();
    let client = &app.client;
    let body = json!({
        "legal_name": "Acme", "kind": "company", "identifiers": [{ "scheme": "cik", "value": "0001321655" }],
    });
    let acme = client.post("/v1/vendors", &body).expect(201).id();
    client.designation(&acme, &order("2026-03-01", &json!([{}])));
    let other = client.vendor("Bcme");
    let nobody = "019b76da-a801-7b11-aee7-d79cd37d93b3";
    let check = json!({ "on": "2026-05-01", "vendors": [
        { "vendor_id": other }, { "vendor_id": nobody }, { "scheme": "cik", "value": "1321655" },
        { "scheme": "lei", "value": "not one" }, { "vendor_id": acme }, { "scheme": "cik", "value": "77" },
        { "scheme": "duns", "value": "001321655" }, { "vendor_id": other },
    ]});
    let answer = client.post("/v1/standing-checks", &check).expect(200).json();
    let items = answer["items"].as_array().unwrap();
    let said: Vec<&str> = items
        .iter()
        .map(|item| item["standing"]["verdict"].as_str().or(item["error"]["code"].as_str()).unwrap())
        .collect();
    assert_eq!(
        said,
        [
            "clear",
            "not_found",
            "prohibited",
            "invalid_identifier",
            "prohibited",
            "not_found",
            "not_found",
            "clear"
        ]
    );
    assert!(items.iter().all(|item| item.get("standing").is_none() != item.get("error").is_none()));
    assert_eq!((&items[0], &items[2]), (&items[7], &items[4]), "named by id or identifier is all one");
    let alone = client.get(&format!("/v1/vendors/{acme}/standing?on=2026-05-01")).expect(200).json();
    assert_eq!(items[2]["standing"], alone);
    assert_eq!((&answer["known_seq"], &answer["recorded_at"]), (&alone["known_seq"], &alone["recorded_at"]));
    assert_eq!(client.head(), alone["known_seq"].as_u64().unwrap(), "a check records nothing");
}

#[test]
fn an_identifier_means_its_active_bearer_and_only_without_one_those_that_retired() {
    let app = App::empty();
    let client = &app.client;
    let bearer = |name: &str| {
        let identifiers = json!([{ "scheme": "domain", "value": "acme.example" }]);
        let body = json!({ "legal_name": name, "kind": "company", "identifiers": identifiers });
        client.post("/v1/vendors", &body).expect(201).id()
    };
    let retire = |id: &str| drop(client.delete(&format!("/v1/vendors/{id}"), "*").expect(200));
    let asked = || {
        let check = json!({ "vendors": [{ "scheme": "domain", "value": "acme.example" }] });
        client.post("/v1/standing-checks", &check).expect(200).json()["items"][0].clone()
    };
    let first = bearer("First");
    retire(&first);
    assert_eq!(asked()["standing"]["vendor_id"], json!(first));
    let second = bearer("Second");
    assert_eq!(asked()["standing"]["vendor_id"], json!(second));
    retire(&second);
    assert_eq!(asked()["error"]["code"], "ambiguous_identifier");
}

#[track_caller]
fn refused(client: &Client, body: &Value, pointer: &str) {
    let problem = client.post("/v1/standing-checks", body).expect_problem(422, "invalid").json();
    assert_eq!(problem["errors"][0]["pointer"], json!(pointer), "{problem}");
}

#[test]
fn a_batch_that_is_too_long_or_names_no_vendor_or_agency_is_refused_whole() {
    let app = App::empty();
    let client = &app.client;
    let acme = json!({ "vendor_id": client.vendor("Acme") });
    refused(client, &json!({ "vendors": vec![&acme; MANY + 1] }), "/vendors");
    refused(client, &json!({ "vendors": [acme, {}] }), "/vendors/1");
    refused(client, &json!({ "vendors": [{ "scheme": "cik" }] }), "/vendors/0");
    let twice = json!({ "vendor_id": acme["vendor_id"], "scheme": "cik", "value": "1" });
    refused(client, &json!({ "vendors": [twice] }), "/vendors/0");
    refused(client, &json!({ "vendors": [acme], "agency": ["none", "Nobody"] }), "/agency/1");
    refused(client, &json!({ "vendors": [acme], "known_seq": 999_999 }), "/known_seq");
    refused(client, &json!({ "vendors": [acme], "known_seq": 1, "known_at": "2026-03-10" }), "/known_at");
    let none = client.post("/v1/standing-checks", &json!({ "vendors": [] })).expect(200).json();
    assert_eq!(none["items"], json!([]));
}

#[test]
fn each_item_has_a_standing_or_an_error_and_never_both() {
    let app = App::empty();
    let acme = app.client.vendor("Acme");
    let nobody = "0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77";
    let asked = json!({ "vendors": [
        { "vendor_id": acme }, { "vendor_id": nobody }, { "scheme": "cik", "value": "1" }, { "vendor_id": acme },
    ] });
    let list = app.client.post("/v1/standing-checks", &asked).expect(200).json();
    let file = app.client.post("/v1/exports/standing-checks?format=ndjson", &asked).expect(200);
    let lines: Vec<Value> = file.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for items in [list["items"].as_array().unwrap(), &lines] {
        let fields: Vec<Vec<&str>> =
            items.iter().map(|item| item.as_object().unwrap().keys().map(String::as_str).collect()).collect();
        assert_eq!(fields, [["standing"], ["error"], ["error"], ["standing"]], "{items:?}");
        assert!(items.iter().all(|item| item["standing"].is_object() != item["error"].is_object()));
    }
    let documented: Value = serde_json::from_str(risk_registry::server::document_text()).unwrap();
    let schema = &documented["components"]["schemas"]["StandingCheckItem"];
    assert!(schema["description"].as_str().unwrap().contains("exactly one"), "{schema}");
}
