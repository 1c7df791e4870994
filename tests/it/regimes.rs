//! Regimes over HTTP: the slug that names one for ever, what stands in the way of retiring one, lists.

use serde_json::{Value, json};

use super::support::{
    App, Client,
    samples::{assert_says, event, order},
};

const UNKNOWN: &str = "019b76da-a801-7b11-aee7-d79cd37d93b3";

fn create(client: &Client, body: &Value) -> Value {
    client.post("/v1/regimes", body).expect(201).json()
}

fn path(regime: &Value) -> String {
    format!("/v1/regimes/{}", regime["id"].as_str().unwrap())
}

/// A regime with every field.
fn full(slug: &str, authority: &str) -> Value {
    json!({
        "slug": slug, "title": "Supply chain risk", "authority_id": authority, "citation": "41 U.S.C. 4713",
        "jurisdiction": "US", "effect": "prohibited", "prior_notice_required": true, "response_days": 30,
        "review_interval_days": 365, "expires_on": "2033-12-31", "url": "https://law.example/41/4713",
        "description": "Two\nlines",
    })
}

#[test]
fn a_regime_is_recorded_changed_and_read_as_it_was_known() {
    let app = App::empty();
    let client = &app.client;
    let stated = full("us-41-usc-4713", &client.authority("Agency", "government"));
    let created = client.post("/v1/regimes", &stated).expect(201);
    let record = created.json();
    assert_says(&record, &stated);
    assert_says(&record, &json!({ "revision": 1, "status": "active", "ended": null }));
    let seq = client.head();
    let patch = json!({
        "title": "Another", "citation": "1 Law 1", "jurisdiction": "EU", "effect": "advisory",
        "prior_notice_required": false, "response_days": 1, "review_interval_days": 36500, "expires_on": "2040-01-01",
        "url": "http://other.example", "description": "One",
    });
    let changed = client.change(&path(&record), &patch);
    assert_says(&changed, &patch);
    let optional = ["authority_id", "response_days", "review_interval_days", "expires_on", "url"];
    let nulls: Value = optional.into_iter().map(|field| (field.to_owned(), Value::Null)).collect();
    let emptied = client.change(&path(&record), &nulls);
    assert_says(&emptied, &nulls);
    assert_eq!(emptied["revision"], 3);
    let head = client.head();
    assert_eq!(client.change(&path(&record), &nulls), emptied);
    assert_eq!(client.head(), head, "what changes nothing is not recorded");
    assert_eq!(client.get(&format!("{}?known_seq={seq}", path(&record))).expect(200).text, created.text);
    assert_eq!(client.all(&format!("{}/history", path(&record))).len(), 3);
}

#[test]
fn a_slug_is_of_one_regime_active_or_retired_and_never_changes() {
    let app = App::empty();
    let client = &app.client;
    let authority = client.authority("Agency", "government");
    let record = create(client, &full("one", &authority));
    let taken = || client.post("/v1/regimes", &full("one", &authority)).expect_problem(409, "slug_taken");
    let head = client.head();
    taken();
    assert_eq!(client.head(), head);
    for slug in [json!("two"), json!("one"), Value::Null] {
        let refused = client.refused("PATCH", &path(&record), &json!({ "slug": slug }));
        assert_eq!(refused, [("/slug".to_owned(), "fixed_field".to_owned())]);
    }
    client.end(&path(&record), "Repealed");
    taken();
    for slug in ["", "One", "a b", "a--b", "-a", "a-", "a_b", "é", &"x".repeat(101)] {
        let refused = client.refused("POST", "/v1/regimes", &full(slug, &authority));
        assert_eq!(refused[0].0, "/slug", "{slug}");
    }
    create(client, &full(&"x".repeat(100), &authority));
}

#[test]
fn what_is_no_regime_is_refused_with_the_field() {
    let app = App::empty();
    let client = &app.client;
    let authority = client.authority("Agency", "government");
    let record = create(client, &full("one", &authority));
    let retired = client.authority("Retired", "court");
    client.end(&format!("/v1/authorities/{retired}"), "Dissolved");
    let cases = [
        ("authority_id", json!(UNKNOWN), "unknown_reference"),
        ("authority_id", json!(retired), "retired_reference"),
        ("effect", json!("forbidden"), "unknown_value"),
        ("prior_notice_required", json!("yes"), "invalid_type"),
        ("prior_notice_required", Value::Null, "missing_field"),
        ("response_days", json!(0), "invalid_value"),
        ("response_days", json!(3651), "invalid_value"),
        ("response_days", json!(1.5), "invalid_type"),
        ("review_interval_days", json!(-1), "invalid_value"),
        ("expires_on", json!("9999-12-31"), "invalid_value"),
        ("url", json!("law.example"), "invalid_value"),
        ("citation", json!(""), "invalid_value"),
        ("title", Value::Null, "missing_field"),
        ("colour", json!("red"), "unknown_field"),
    ];
    for (field, value, code) in cases {
        let mut body = full("two", &authority);
        body[field] = value.clone();
        let refused = client.refused("POST", "/v1/regimes", &body);
        assert_eq!(refused[0].0, format!("/{field}"), "{value}: {refused:?}");
        let refused = client.refused("PATCH", &path(&record), &json!({ field: value }));
        assert_eq!(refused[0].0, format!("/{field}"), "{value}: {refused:?}");
        assert!(refused[0].1 == code || field == "response_days", "{field} {value}: {refused:?}");
    }
    assert_eq!(client.get(&path(&record)).json(), record);
}

#[test]
fn a_regime_that_a_designation_is_under_can_not_be_retired_until_it_is_voided() {
    let app = App::empty();
    let client = &app.client;
    let mut body = client.designation_body(&client.vendor("Acme"), &order("2026-03-01", &json!([{}])));
    let authority = client.authority("Agency", "government");
    let regime = create(client, &full("one", &authority));
    body["regime_id"] = regime["id"].clone();
    let id = client.post("/v1/designations", &body).expect(201).id();
    client.event(&id, &event("rescinded", "2026-04-01", &json!({})));
    client.delete(&path(&regime), "*").expect_problem(409, "in_use");
    client.end(&format!("/v1/designations/{id}"), "A mistake");
    let retired = client.end(&path(&regime), "Repealed");
    assert_says(
        &retired,
        &json!({ "status": "retired", "revision": 2, "ended": { "by": "local", "comment": "Repealed" } }),
    );
    client.delete(&path(&regime), "*").expect_problem(409, "already_retired");

    client.end(&format!("/v1/authorities/{authority}"), "Dissolved");
    client.change(&path(&regime), &json!({ "description": "Of a body that is gone" }));
    let refused = client.refused("PATCH", &path(&regime), &json!({ "status": "active" }));
    assert_eq!(refused, [("/authority_id".to_owned(), "retired_reference".to_owned())]);
    let back = client.change(&path(&regime), &json!({ "status": "active", "authority_id": null }));
    assert_says(&back, &json!({ "status": "active", "ended": null }));
}

#[test]
fn regimes_are_found_by_title_or_slug_authority_jurisdiction_and_effect() {
    let app = App::with_catalogue();
    let client = &app.client;
    let slugs = |query: &str| -> Vec<String> {
        let items = client.all(&format!("/v1/regimes?limit=3&{query}"));
        let mut slugs: Vec<String> =
            items.iter().map(|item| item["slug"].as_str().unwrap().to_owned()).collect();
        slugs.sort();
        slugs
    };
    let all = client.all("/v1/regimes?limit=500");
    let fits = |fit: &dyn Fn(&Value) -> bool| -> Vec<String> {
        let mut slugs: Vec<String> = all
            .iter()
            .filter(|item| fit(item))
            .map(|item| item["slug"].as_str().unwrap().to_owned())
            .collect();
        slugs.sort();
        slugs
    };
    assert_eq!(slugs("name=us-41"), ["us-41-usc-4713"]);
    let ofac = client.get("/v1/authorities?name=ofac").expect(200).text_at("/items/0/id");
    assert_eq!(slugs(&format!("authority_id={ofac}")), ["us-ofac-ns-cmic", "us-ofac-sdn"]);
    let mistyped = "/v1/regimes?authority_id=0195a3c4-0000-7000-8000-000000000000";
    assert_eq!(
        client.get(mistyped).expect_problem(422, "invalid").text_at("/errors/0/code"),
        "unknown_reference"
    );
    assert_eq!(slugs("jurisdiction=EU"), fits(&|item| item["jurisdiction"] == "EU"));
    assert_eq!(slugs("effect=advisory"), ["eu-5g-toolbox"]);
    assert_eq!(
        slugs("effect=advisory&effect=restricted"),
        fits(&|item| item["effect"] == "advisory" || item["effect"] == "restricted")
    );
    assert_eq!(slugs("effect=prohibited&jurisdiction=EU"), ["eu-consolidated"]);
    assert_eq!(slugs("status=retired"), Vec::<String>::new());
    let titles = |sort: &str| -> Vec<Value> {
        client
            .all(&format!("/v1/regimes?limit=7&sort={sort}"))
            .iter()
            .map(|item| item["title"].clone())
            .collect()
    };
    let up = titles("name");
    assert!(up.is_sorted_by_key(|title| risk_registry::values::fold(title.as_str().unwrap())));
    assert_eq!(titles("-name"), up.into_iter().rev().collect::<Vec<_>>());
    assert_eq!(titles("-updated_at"), titles("updated_at").into_iter().rev().collect::<Vec<_>>());
}
