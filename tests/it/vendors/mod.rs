//! Vendors over HTTP: recording and changing them; identifiers, retirement and lists in rooms of their own.

mod identifiers;
mod lists;
mod retire;

use serde_json::{Value, json};

use super::support::{App, Client, samples::assert_says};

const UNKNOWN: &str = "019b76da-a801-7b11-aee7-d79cd37d93b3";

/// A vendor with every field.
fn full() -> Value {
    json!({
        "legal_name": "Société d’Étude, S.A.", "kind": "company", "country": "FR",
        "names": [{ "name": "Étude", "kind": "trade" }, { "name": "Old Étude", "kind": "former" }],
        "identifiers": [
            { "scheme": "lei", "value": "5493001KJTIIGC8Y1R12" },
            { "scheme": "national", "value": "RCS 123", "jurisdiction": "FR" },
        ],
        "roles": ["primary model provider", "reseller"], "criticality": "critical",
        "website": "https://etude.example/a?b=c", "description": "Two\nlines", "tags": ["ai", "cloud"],
    })
}

fn create(client: &Client, body: &Value) -> Value {
    client.post("/v1/vendors", body).expect(201).json()
}

fn path(vendor: &Value) -> String {
    format!("/v1/vendors/{}", vendor["id"].as_str().unwrap())
}

#[test]
fn every_field_comes_back_as_it_was_stated() {
    let app = App::empty();
    let client = &app.client;
    let head = client.head();
    let created = client.post("/v1/vendors", &full()).expect(201);
    let record = created.json();
    assert_says(&record, &full());
    assert_says(&record, &json!({ "revision": 1, "status": "active", "ended": null }));
    assert_eq!(record["created_at"], record["updated_at"]);
    assert_eq!((created.header("location"), created.etag().as_str()), (Some(&*path(&record)), "\"1\""));
    assert_eq!(client.get(&path(&record)).expect(200).text, created.text);
    let entry = client.get(&format!("/v1/journal/{}", head + 1)).expect(200).json();
    assert_says(
        &entry,
        &json!({ "action": "vendor.created", "payload": record, "recorded_at": record["created_at"] }),
    );

    let least = create(client, &json!({ "legal_name": " Acme\u{a0}", "kind": "individual" }));
    assert_says(
        &least,
        &json!({
            "legal_name": "Acme", "names": [], "identifiers": [], "country": null, "roles": [], "criticality": null,
            "website": null, "description": null, "tags": [],
        }),
    );
}

#[test]
fn a_country_is_kept_as_alpha_2_however_it_is_written() {
    let app = App::empty();
    for (given, kept) in [("US", "US"), ("usa", "US"), ("gb", "GB"), ("DEU", "DE"), ("fr", "FR")] {
        let body = json!({ "legal_name": "Acme", "kind": "company", "country": given });
        assert_eq!(create(&app.client, &body)["country"], kept);
    }
    for given in [" fr ", "FR\n", "UK", "XX", "EU", "EUR", "", "Germany"] {
        let body = json!({ "legal_name": "Acme", "kind": "company", "country": given });
        assert_eq!(app.client.refused("POST", "/v1/vendors", &body)[0].0, "/country", "{given}");
    }
}

#[test]
fn what_is_no_vendor_is_refused_with_the_field() {
    let app = App::empty();
    let client = &app.client;
    let cases = [
        (json!({ "legal_name": " \t" }), "/legal_name"),
        (json!({ "legal_name": "A\u{0}B" }), "/legal_name"),
        (json!({ "legal_name": "A\nB" }), "/legal_name"),
        (json!({ "legal_name": "x".repeat(501) }), "/legal_name"),
        (json!({ "kind": "firm" }), "/kind"),
        (json!({ "names": [{ "name": "A" }] }), "/names/0/kind"),
        (json!({ "names": [{ "name": "A", "kind": "alias", "from": "2020-01-01" }] }), "/names/0/from"),
        (json!({ "names": ["A"] }), "/names/0"),
        (json!({ "criticality": "extreme" }), "/criticality"),
        (json!({ "website": "etude.example" }), "/website"),
        (json!({ "website": "https://me:secret@etude.example" }), "/website"),
        (json!({ "roles": [1] }), "/roles/0"),
        (json!({ "tags": vec!["t"; 51] }), "/tags"),
        (json!({ "status": "retired" }), "/status"),
        (json!({ "colour": "red" }), "/colour"),
    ];
    for (change, pointer) in cases {
        let mut body = full();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(client.refused("POST", "/v1/vendors", &body)[0].0, pointer, "{change}");
    }
    for missing in ["legal_name", "kind"] {
        let mut body = full();
        body.as_object_mut().unwrap().remove(missing);
        let refused = client.refused("POST", "/v1/vendors", &body);
        assert_eq!(refused, [(format!("/{missing}"), "missing_field".to_owned())]);
    }
    assert_eq!(client.head(), 0);
    create(client, &json!({ "legal_name": "x".repeat(500), "kind": "other", "tags": vec!["t"; 50] }));
}

#[test]
fn a_patch_replaces_what_it_names_and_null_empties() {
    let app = App::empty();
    let client = &app.client;
    let before = create(client, &full());
    let patch = json!({
        "legal_name": "Another", "kind": "government", "country": "bel", "names": [{ "name": "B", "kind": "alias" }],
        "identifiers": [{ "scheme": "cik", "value": "007" }], "roles": ["buyer"], "criticality": "low",
        "website": "https://b.example", "description": "One", "tags": ["b"],
    });
    let after = client.change(&path(&before), &patch);
    let mut expected = before.clone();
    json_patch::merge(&mut expected, &patch);
    expected["country"] = json!("BE");
    expected["identifiers"] = json!([{ "scheme": "cik", "value": "7", "jurisdiction": null }]);
    expected["revision"] = json!(2);
    expected["updated_at"] = after["updated_at"].clone();
    assert_eq!(after, expected);
    assert!(after["updated_at"].as_str() > before["updated_at"].as_str());

    let optional =
        ["names", "identifiers", "country", "roles", "criticality", "website", "description", "tags"];
    let nulls: Value = optional.into_iter().map(|field| (field.to_owned(), Value::Null)).collect();
    let emptied = client.change(&path(&before), &nulls);
    for field in optional {
        assert!(emptied[field].is_null() || emptied[field] == json!([]), "{field}: {emptied}");
    }
    assert_eq!(emptied["legal_name"], "Another");
    for (field, code) in [("legal_name", "missing_field"), ("kind", "missing_field")] {
        let refused = client.refused("PATCH", &path(&before), &json!({ field: null }));
        assert_eq!(refused, [(format!("/{field}"), code.to_owned())]);
    }
    let history = client.all(&format!("{}/history?limit=2", path(&before)));
    let actions: Vec<&Value> = history.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["vendor.created", "vendor.updated", "vendor.updated"]);
    assert_eq!(history[1]["payload"], after);
}

#[test]
fn a_patch_that_changes_nothing_records_nothing() {
    let app = App::empty();
    let client = &app.client;
    let vendor = create(client, &full());
    let head = client.head();
    for patch in [
        json!({}),
        full(),
        json!({ "country": "fra", "status": "active" }),
        json!({ "legal_name": " Société d’Étude, S.A. " }),
    ] {
        let answer = client.patch(&path(&vendor), "\"1\"", &patch).expect(200);
        assert_eq!((answer.json(), answer.etag().as_str()), (vendor.clone(), "\"1\""), "{patch}");
    }
    assert_eq!(client.head(), head);
}

#[test]
fn what_the_registry_keeps_itself_can_not_be_patched() {
    let app = App::empty();
    let client = &app.client;
    let vendor = create(client, &full());
    for field in ["id", "revision", "created_at", "updated_at", "ended", "nonsense"] {
        let code = if field == "nonsense" { "unknown_field" } else { "fixed_field" };
        for value in [vendor[field].clone(), Value::Null] {
            let refused = client.refused("PATCH", &path(&vendor), &json!({ field: value }));
            assert_eq!(refused, [(format!("/{field}"), code.to_owned())]);
        }
    }
    for status in [json!("retired"), json!("other"), Value::Null] {
        let refused = client.refused("PATCH", &path(&vendor), &json!({ "status": status }));
        assert_eq!(refused, [("/status".to_owned(), "invalid_value".to_owned())]);
    }
    assert_eq!(client.refused("PATCH", &path(&vendor), &json!([])).len(), 1);
    client.patch(&path(&vendor), "\"2\"", &json!({ "kind": "other" })).expect_problem(412, "stale");
    let headers = [("content-type", "application/json")];
    client.send("PATCH", &path(&vendor), &headers, Some(b"{}")).expect_problem(428, "precondition_required");
    client.patch(&format!("/v1/vendors/{UNKNOWN}"), "*", &json!({})).expect_problem(404, "not_found");
    assert_eq!(client.get(&path(&vendor)).expect(200).json(), vendor);
}

#[test]
fn a_vendor_reads_as_it_was_known() {
    let app = App::empty();
    let client = &app.client;
    let vendor = create(client, &full());
    let mut kept = vec![(client.head(), client.get(&path(&vendor)).expect(200))];
    client.change(&path(&vendor), &json!({ "legal_name": "Another" }));
    kept.push((client.head(), client.get(&path(&vendor)).expect(200)));
    client.end(&path(&vendor), "Gone");
    for (seq, known) in kept {
        let again = client.get(&format!("{}?known_seq={seq}", path(&vendor))).expect(200);
        assert_eq!((&again.text, again.etag()), (&known.text, known.etag()));
        let at = known.text_at("/updated_at");
        assert_eq!(client.get(&format!("{}?known_at={at}", path(&vendor))).expect(200).text, known.text);
    }
    client.get(&format!("{}?known_seq=0", path(&vendor))).expect_problem(404, "not_found");
    client.get(&format!("/v1/vendors/{UNKNOWN}")).expect_problem(404, "not_found");
}
