//! Authorities over HTTP: names and aliases, what stands in the way of retiring one, lists.

use serde_json::{Value, json};

use super::support::{
    App, Client,
    samples::{assert_says, details, encoded, event, order},
};

const UNKNOWN: &str = "019b76da-a801-7b11-aee7-d79cd37d93b3";

fn create(client: &Client, body: &Value) -> Value {
    client.post("/v1/authorities", body).expect(201).json()
}

fn path(authority: &Value) -> String {
    format!("/v1/authorities/{}", authority["id"].as_str().unwrap())
}

fn department() -> Value {
    json!({
        "name": "Department of Défense", "kind": "government", "country": "US",
        "aliases": [
            { "name": "DoD", "from": null, "to": null }, { "name": "War Department", "from": null, "to": "1947-09-17" },
            { "name": "Department of War", "from": "2025-09-05", "to": null },
        ],
    })
}

#[test]
fn an_authority_is_recorded_changed_and_read_as_it_was_known() {
    let app = App::empty();
    let client = &app.client;
    let created = client.post("/v1/authorities", &department()).expect(201);
    let record = created.json();
    assert_says(&record, &department());
    assert_says(&record, &json!({ "revision": 1, "status": "active", "ended": null }));
    assert_eq!((created.header("location"), created.etag().as_str()), (Some(&*path(&record)), "\"1\""));
    let seq = client.head();

    let patch = json!({ "name": " Council ", "kind": "other", "country": null, "aliases": [{ "name": "EU Council" }] });
    let changed = client.change(&path(&record), &patch);
    assert_says(&changed, &json!({ "name": "Council", "kind": "other", "country": null, "revision": 2 }));
    assert_eq!(changed["aliases"], json!([{ "name": "EU Council", "from": null, "to": null }]));
    let head = client.head();
    assert_eq!(client.change(&path(&record), &patch), changed);
    assert_eq!(client.head(), head, "what changes nothing is not recorded");
    assert_eq!(client.change(&path(&record), &json!({ "aliases": null }))["aliases"], json!([]));
    assert_eq!(client.get(&format!("{}?known_seq={seq}", path(&record))).expect(200).text, created.text);
    let history = client.all(&format!("{}/history", path(&record)));
    assert_eq!(history.len(), 3);
    assert_eq!(history[1]["payload"], changed);
    client.patch(&path(&record), "\"1\"", &json!({ "kind": "court" })).expect_problem(412, "stale");
    client.patch(&format!("/v1/authorities/{UNKNOWN}"), "*", &json!({})).expect_problem(404, "not_found");
}

#[test]
fn what_is_no_authority_is_refused_with_the_field() {
    let app = App::empty();
    let client = &app.client;
    let alias = |from: &str, to: &str| json!({ "aliases": [{ "name": "A" }, { "name": "B", "from": from, "to": to }] });
    let cases = [
        (alias("2025-09-05", "2025-09-04"), "/aliases/1"),
        (alias("2025-02-29", "2025-09-04"), "/aliases/1/from"),
        (json!({ "aliases": ["A"] }), "/aliases/0"),
        (json!({ "aliases": [{ "from": "2025-01-01" }] }), "/aliases/0/name"),
        (json!({ "kind": "ministry" }), "/kind"),
        (json!({ "country": "EU" }), "/country"),
        (json!({ "name": null }), "/name"),
        (json!({ "slug": "dod" }), "/slug"),
    ];
    let record = create(client, &department());
    for (change, pointer) in cases {
        let mut body = department();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(client.refused("POST", "/v1/authorities", &body)[0].0, pointer, "{change}");
        assert_eq!(client.refused("PATCH", &path(&record), &change)[0].0, pointer, "{change}");
    }
    create(client, &{
        let mut body = department();
        body["aliases"][1] = json!({ "name": "One day", "from": "2025-09-05", "to": "2025-09-05" });
        body
    });
    for field in ["id", "revision", "created_at", "updated_at", "ended"] {
        let refused = client.refused("PATCH", &path(&record), &json!({ field: record[field] }));
        assert_eq!(refused, [(format!("/{field}"), "fixed_field".to_owned())]);
    }
}

#[test]
fn an_authority_that_something_in_use_names_can_not_be_retired() {
    let app = App::empty();
    let client = &app.client;
    let new = |name: &str| create(client, &json!({ "name": name, "kind": "court" }));
    let in_use = |authority: &Value| {
        let head = client.head();
        client.delete(&path(authority), "*").expect_problem(409, "in_use");
        assert_eq!(client.head(), head);
    };
    let of_regime = new("Of a regime");
    let regime = format!("/v1/regimes/{}", client.regime("one", "advisory"));
    client.change(&regime, &json!({ "authority_id": of_regime["id"] }));
    in_use(&of_regime);
    client.end(&regime, "Repealed");
    let retired = client.end(&path(&of_regime), "Dissolved");
    assert_says(
        &retired,
        &json!({ "status": "retired", "ended": { "by": "local", "comment": "Dissolved" } }),
    );
    client.delete(&path(&of_regime), "*").expect_problem(409, "already_retired");

    let (issuer, court, bound, once) = (new("Issuer"), new("Court"), new("Bound"), new("Once bound"));
    let scopes = json!([{ "agencies": [bound["id"]] }, { "agencies": [once["id"]] }]);
    let mut body = client.designation_body(&client.vendor("Acme"), &order("2026-03-01", &scopes));
    body["authority_id"] = issuer["id"].clone();
    let designation = client.post("/v1/designations", &body).expect(201).json();
    let id = designation["id"].as_str().unwrap();
    client.event(id, &event("stayed", "2026-04-01", &details("stayed", court["id"].as_str().unwrap(), "")));
    let mut restated =
        order("2026-03-01", &json!([{ "id": designation["scopes"][0]["id"], "agencies": [bound["id"]] }]));
    restated["corrects"] = designation["events"][0]["id"].clone();
    client.event(id, &restated);
    for authority in [&issuer, &court, &bound, &once] {
        in_use(authority);
    }
    client.end(&format!("/v1/designations/{id}"), "A mistake");
    for authority in [&issuer, &court, &bound, &once] {
        client.end(&path(authority), "Dissolved");
    }
    let back = client.change(&path(&court), &json!({ "status": "active" }));
    assert_says(&back, &json!({ "status": "active", "ended": null, "revision": 3 }));
}

#[test]
fn authorities_are_found_by_the_beginning_of_any_name_by_kind_country_and_status() {
    let app = App::empty();
    let client = &app.client;
    create(client, &department());
    create(client, &json!({ "name": "Court of Appeals", "kind": "court", "country": "US" }));
    create(
        client,
        &json!({ "name": "Bundesgerichtshof", "kind": "court", "country": "DE", "aliases": [{ "name": "Défense" }] }),
    );
    create(client, &json!({ "name": "Board", "kind": "internal" }));
    let gone = create(client, &json!({ "name": "Board of old", "kind": "internal" }));
    client.end(&path(&gone), "Dissolved");
    let names = |query: &str| -> Vec<String> {
        let items = client.all(&format!("/v1/authorities?limit=1&{query}"));
        items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    let all = ["Board", "Bundesgerichtshof", "Court of Appeals", "Department of Défense"];
    assert_eq!(names(""), all);
    assert_eq!(names("sort=-name"), all.into_iter().rev().collect::<Vec<_>>());
    assert_eq!(
        names("sort=updated_at"),
        ["Department of Défense", "Court of Appeals", "Bundesgerichtshof", "Board"]
    );
    let found = [
        ("name=dod", vec!["Department of Défense"]),
        ("name=department+of+DEF", vec!["Department of Défense"]),
        ("name=war", vec!["Department of Défense"]),
        ("name=defense", vec!["Bundesgerichtshof"]),
        ("name=board", vec!["Board"]),
        ("status=retired", vec!["Board of old"]),
        ("kind=court", vec!["Bundesgerichtshof", "Court of Appeals"]),
        ("kind=court&kind=internal", vec!["Board", "Bundesgerichtshof", "Court of Appeals"]),
        ("country=usa&kind=court", vec!["Court of Appeals"]),
        ("country=de&country=us&name=d", vec!["Bundesgerichtshof", "Department of Défense"]),
        (&*format!("name={}", encoded("%")), vec![]),
    ];
    for (query, expected) in found {
        assert_eq!(names(query), expected, "{query}");
    }
    for query in ["kind=ministry", "country=EU", "authority=1", "sort=kind"] {
        client.get(&format!("/v1/authorities?{query}")).expect_problem(400, "invalid_query");
    }
}

#[test]
fn old_names_find_an_authority_unless_another_bears_them_now() {
    let app = App::empty();
    let client = &app.client;
    let vendor = client.vendor("Acme");
    let meant = |agency: &str| {
        let path = format!("/v1/vendors/{vendor}/standing?agency={}", encoded(agency));
        client.get(&path).expect(200).json()["inputs"]["agency"][0].as_str().unwrap().to_owned()
    };
    let old = create(client, &json!({ "name": "Old Bureau", "kind": "government" }));
    client.change(&path(&old), &json!({ "name": "New Bureau" }));
    assert_eq!(meant("old bureau"), old["id"]);
    let aliases = json!([{ "name": "The Office", "to": "2020-12-31" }]);
    let ended = create(client, &json!({ "name": "First Office", "kind": "other", "aliases": aliases }));
    assert_eq!(meant("The Office"), ended["id"]);
    let heirs = ["Old Bureau", "The Office"].map(|name| {
        create(client, &json!({ "name": name, "kind": "government" }))["id"].as_str().unwrap().to_owned()
    });
    assert_eq!([meant("Old Bureau"), meant("The Office")], heirs, "who bears a name now goes first");
    let taken = json!({ "name": " NONE ", "kind": "other" });
    assert_eq!(
        client.refused("POST", "/v1/authorities", &taken),
        [("/name".to_owned(), "reserved_name".to_owned())]
    );
    for list in ["authorities", "regimes", "vendors"] {
        assert_eq!(
            client.all(&format!("/v1/{list}?name=%CC%81")),
            Vec::<Value>::new(),
            "only an accent: {list}"
        );
    }
}
