//! Identifiers: normalised, checked by their scheme, and each with one active bearer.

use serde_json::{Value, json};

use super::{
    super::support::{App, Client},
    create, path,
};

fn bearing(name: &str, identifiers: &[(&str, &str)]) -> Value {
    let identifiers: Vec<Value> =
        identifiers.iter().map(|(scheme, value)| json!({ "scheme": scheme, "value": value })).collect();
    json!({ "legal_name": name, "kind": "company", "identifiers": identifiers })
}

#[test]
fn identifiers_are_kept_in_one_form() {
    let app = App::empty();
    let forms = [
        ("lei", " 5493001kjtiigc8y1r12 ", "5493001KJTIIGC8Y1R12"),
        ("uei", "zqggHJH74DW7", "ZQGGHJH74DW7"),
        ("cage", "1a2b3", "1A2B3"),
        ("cage", "d1234", "D1234"),
        ("cage", "0116g", "0116G"),
        ("duns", "15-048-3782", "150483782"),
        ("cik", "0001321655", "1321655"),
        ("ein", "12-3456789", "123456789"),
        ("vat", "de 123.456-789", "DE123456789"),
        ("national", " HRB 123 b ", "HRB 123 b"),
        ("domain", "BÜCHER.Example.", "xn--bcher-kva.example"),
        ("domain", "XN--BCHER-KVA.example.com", "xn--bcher-kva.example.com"),
        ("other", " any Thing ", "any Thing"),
    ];
    for (scheme, given, kept) in forms {
        let vendor = create(&app.client, &bearing("Acme", &[(scheme, given)]));
        let expected = json!([{ "scheme": scheme, "value": kept, "jurisdiction": null }]);
        assert_eq!(vendor["identifiers"], expected);
    }
    let mut body = bearing("Acme", &[("national", "1")]);
    body["identifiers"][0]["jurisdiction"] = json!("deu");
    assert_eq!(create(&app.client, &body)["identifiers"][0]["jurisdiction"], "DE");
}

#[test]
fn an_identifier_that_its_scheme_does_not_know_is_refused_where_it_stands() {
    let app = App::empty();
    let wrong = [
        ("lei", "5493001KJTIIGC8Y1R13"),
        ("lei", "5493001KJTIIGC8Y1R1"),
        ("uei", "0QGGHJH74DW7"),
        ("uei", "ZQGGHJH74DWO"),
        ("uei", "ZQGGHJH74DW"),
        ("cage", "1O2B3"),
        ("cage", "1A2B"),
        ("cage", "1A2B34"),
        ("cage", "1A-B3"),
        ("duns", "12345678"),
        ("duns", "12345678x"),
        ("cik", "0"),
        ("cik", "12345678901"),
        ("cik", "12a"),
        ("ein", "12-345678"),
        ("vat", "D-1"),
        ("domain", "localhost"),
        ("domain", "192.168.0.1"),
        ("domain", "https://acme.example"),
        ("domain", "acme .example"),
        ("domain", "-acme.example"),
        ("other", " "),
        ("passport", "1"),
    ];
    for (scheme, value) in wrong {
        let body = bearing("Acme", &[("other", "first"), (scheme, value)]);
        let refused = app.client.refused("POST", "/v1/vendors", &body);
        assert!(
            refused.len() == 1 && refused[0].0.starts_with("/identifiers/1"),
            "{scheme} {value}: {refused:?}"
        );
        let first = app.client.refused("POST", "/v1/vendors", &bearing("Acme", &[(scheme, value)]));
        assert!(first[0].0.starts_with("/identifiers/0"), "{first:?}");
    }
    assert_eq!(app.client.head(), 0);
}

#[test]
fn an_identifier_stands_once_in_a_vendor_and_a_value_may_stand_under_two_schemes() {
    let app = App::empty();
    let twice = bearing("Acme", &[("cik", "7"), ("duns", "150483782"), ("cik", "007")]);
    let refused = app.client.refused("POST", "/v1/vendors", &twice);
    assert_eq!(refused, [("/identifiers/2".to_owned(), "duplicate".to_owned())]);
    let vendor = create(&app.client, &bearing("Acme", &[]));
    assert_eq!(app.client.refused("PATCH", &path(&vendor), &twice), refused);
    create(
        &app.client,
        &bearing("Acme", &[("duns", "150483782"), ("ein", "150483782"), ("cik", "150483782")]),
    );
}

fn taken(client: &Client, body: &Value) {
    let head = client.head();
    client.post("/v1/vendors", body).expect_problem(409, "identifier_taken");
    assert_eq!(client.head(), head, "nothing of it was recorded");
}

#[test]
fn one_scheme_and_value_belongs_to_one_active_vendor() {
    let app = App::empty();
    let client = &app.client;
    let first = create(client, &bearing("First", &[("domain", "bücher.example"), ("cik", "7")]));
    taken(client, &bearing("Second", &[("domain", "XN--BCHER-KVA.EXAMPLE")]));
    taken(client, &bearing("Second", &[("lei", "5493001KJTIIGC8Y1R12"), ("cik", "0007")]));
    let second =
        create(client, &bearing("Second", &[("lei", "5493001KJTIIGC8Y1R12"), ("duns", "000000007")]));

    let patch = bearing("Second", &[("cik", "7")]);
    client.patch(&path(&second), "*", &patch).expect_problem(409, "identifier_taken");
    assert_eq!(client.get(&path(&second)).expect(200).json(), second);
    client.change(&path(&first), &json!({ "description": "It keeps its own" }));
    client.change(&path(&first), &json!({ "identifiers": [{ "scheme": "cik", "value": "7" }] }));
    create(client, &bearing("Third", &[("domain", "bücher.example")]));
}

#[test]
fn a_retired_vendor_frees_its_identifiers_until_it_comes_back() {
    let app = App::empty();
    let client = &app.client;
    let first = create(client, &bearing("First", &[("cik", "7")]));
    client.end(&path(&first), "Gone");
    let second = create(client, &bearing("Second", &[("cik", "7")]));
    let active = json!({ "status": "active" });
    client.patch(&path(&first), "*", &active).expect_problem(409, "identifier_taken");
    assert_eq!(client.get(&path(&first)).json()["status"], "retired");
    client.change(&path(&first), &json!({ "status": "active", "identifiers": [] }));
    client.change(&path(&second), &json!({ "identifiers": [] }));
    let back = client.change(&path(&first), &json!({ "identifiers": [{ "scheme": "cik", "value": "7" }] }));
    client.end(&path(&back), "Gone again");
    assert_eq!(client.change(&path(&back), &active)["identifiers"][0]["value"], "7");
    client
        .patch(&path(&second), "*", &bearing("Second", &[("cik", "7")]))
        .expect_problem(409, "identifier_taken");
}
