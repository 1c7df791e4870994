//! Lists of vendors: filters, folded names, orders and cursors.

use risk_registry::values::fold;
use serde_json::{Value, json};

use super::{
    super::support::{
        App, Client,
        samples::{details, encoded, event, order},
    },
    UNKNOWN, create, path,
};

/// The legal names of a list.
fn names(client: &Client, query: &str) -> Vec<String> {
    let items = client.all(&format!("/v1/vendors?{query}"));
    items.iter().map(|item| item["legal_name"].as_str().unwrap().to_owned()).collect()
}

fn shelf() -> App {
    let app = App::empty();
    let vendors = [
        json!({ "legal_name": "Société d’Étude, S.A.", "country": "FR", "roles": ["Model provider"], "tags": ["AI"] }),
        json!({ "legal_name": "Acme-Soft (UK) Ltd", "country": "GB", "tags": ["ai", "cloud"] }),
        json!({
            "legal_name": "Huawei Technologies", "country": "CN", "roles": ["model  provider", "Vendor"],
            "names": [{ "name": "华为技术", "kind": "alias" }, { "name": "Hua Wei", "kind": "weak_alias" }],
            "identifiers": [{ "scheme": "lei", "value": "5493001KJTIIGC8Y1R12" }],
        }),
        json!({ "legal_name": "acme", "country": "US", "identifiers": [{ "scheme": "cik", "value": "7" }] }),
        json!({ "legal_name": "ÁCME", "country": "US", "identifiers": [{ "scheme": "other", "value": "a:b" }] }),
        json!({ "legal_name": "+++", "roles": ["Crème fournisseur"] }),
    ];
    for mut vendor in vendors {
        vendor["kind"] = json!("company");
        create(&app.client, &vendor);
    }
    app
}

#[test]
fn a_name_is_found_by_the_beginning_of_any_word_of_any_name() {
    let app = shelf();
    let client = &app.client;
    let societe = vec!["Société d’Étude, S.A."];
    let found = [
        ("societe", societe.clone()),
        ("SOCIÉTÉ", societe.clone()),
        ("soc", societe.clone()),
        ("étu", societe.clone()),
        ("etude soc", societe.clone()),
        ("d'étude", societe.clone()),
        ("S.A.", vec!["Acme-Soft (UK) Ltd", "Société d’Étude, S.A."]),
        ("société d’étude, s.a.", societe),
        ("tude", vec![]),
        ("societe acme", vec![]),
        ("acme", vec!["acme", "ÁCME", "Acme-Soft (UK) Ltd"]),
        ("soft", vec!["Acme-Soft (UK) Ltd"]),
        ("(uk)", vec!["Acme-Soft (UK) Ltd"]),
        ("华为", vec!["Huawei Technologies"]),
        ("wei", vec!["Huawei Technologies"]),
        ("tech hua", vec!["Huawei Technologies"]),
        ("+++", vec!["+++"]),
        ("%", vec![]),
        ("ac%me", vec![]),
        ("ac_e", vec![]),
    ];
    for (name, expected) in found {
        assert_eq!(names(client, &format!("name={}", encoded(name))), expected, "{name}");
    }
}

#[test]
fn each_filter_takes_several_values_where_it_says_so_and_all_filters_must_fit() {
    let app = shelf();
    let client = &app.client;
    let found = [
        ("country=US", vec!["acme", "ÁCME"]),
        ("country=usa&country=chn", vec!["acme", "ÁCME", "Huawei Technologies"]),
        ("country=DE", vec![]),
        ("role=model+provider", vec!["Huawei Technologies", "Société d’Étude, S.A."]),
        ("role=VENDOR&role=creme+fournisseur", vec!["+++", "Huawei Technologies"]),
        ("role=model", vec![]),
        ("tag=ai", vec!["Acme-Soft (UK) Ltd", "Société d’Étude, S.A."]),
        ("tag=cloud&tag=none", vec!["Acme-Soft (UK) Ltd"]),
        ("tag=vendor", vec![]),
        ("identifier=cik:0007", vec!["acme"]),
        ("identifier=lei:5493001kjtiigc8y1r12", vec!["Huawei Technologies"]),
        ("identifier=other:a:b", vec!["ÁCME"]),
        ("identifier=duns:000000007", vec![]),
        ("name=acme&country=US", vec!["acme", "ÁCME"]),
        ("name=acme&tag=ai", vec!["Acme-Soft (UK) Ltd"]),
        ("role=model+provider&country=FR&tag=ai&name=soc", vec!["Société d’Étude, S.A."]),
        ("role=model+provider&country=FR&tag=cloud", vec![]),
    ];
    for (query, expected) in found {
        assert_eq!(names(client, query), expected, "{query}");
    }
    let of_its_scheme = ("identifier=cik:x", 422, "invalid");
    let of_its_form =
        ["identifier=7", "identifier=tax:7", "identifier=cik:"].map(|wrong| (wrong, 400, "invalid_query"));
    for (wrong, status, code) in of_its_form.into_iter().chain([of_its_scheme]) {
        let problem = client.get(&format!("/v1/vendors?{wrong}")).expect_problem(status, code).json();
        assert_eq!(problem["errors"][0]["pointer"], "identifier", "{wrong}");
    }
    for wrong in
        ["country=UK", "status=gone", "sort=kind", "colour=red", "limit=0", "limit=501", "designated=maybe"]
    {
        client.get(&format!("/v1/vendors?{wrong}")).expect_problem(400, "invalid_query");
    }
}

#[test]
fn designated_means_bound_today() {
    let app = App::empty();
    let client = &app.client;
    let court = client.authority("Court", "court");
    let ordered = |scope: Value| order("2026-03-01", &json!([scope]));
    let urgent = event("urgent_action", "2026-03-01", &json!({ "scopes": [{}], "basis": "Now" }));
    let proposed = event("proposal_recorded", "2026-03-01", &json!({ "scopes": [{}] }));
    for (name, first) in [
        ("In force", ordered(json!({ "environments": ["sci"] }))),
        ("Interim", urgent),
        ("Issued", ordered(json!({ "effective_from": "2099-01-01" }))),
        ("Expired", ordered(json!({ "effective_to": "2026-04-01" }))),
        ("Proposed", proposed),
        ("Stayed", ordered(json!({}))),
        ("Voided", ordered(json!({}))),
    ] {
        let vendor = client.vendor(name);
        let id = client.designation(&vendor, &first);
        match name {
            "Stayed" => {
                drop(client.event(&id, &event("stayed", "2026-04-01", &details("stayed", &court, ""))))
            }
            "Voided" => drop(client.end(&format!("/v1/designations/{id}"), "A mistake")),
            _ => {}
        }
    }
    client.vendor("None");
    assert_eq!(names(client, "designated=true"), ["In force", "Interim"]);
    assert_eq!(
        names(client, "designated=false"),
        ["Expired", "Issued", "None", "Proposed", "Stayed", "Voided"]
    );
    assert_eq!(names(client, "designated=true&name=int"), ["Interim"]);
}

#[test]
fn each_order_is_kept_through_pages_with_ties() {
    let app = App::empty();
    let client = &app.client;
    for name in ["b", "Acme", "acme", "ÁCME", "z", "Ü", "u", "1", "acme "] {
        create(client, &json!({ "legal_name": name, "kind": "company" }));
    }
    let second = client.all("/v1/vendors?sort=updated_at")[1].clone();
    client.change(&path(&second), &json!({ "tags": ["changed"] }));
    let keys: [(&str, fn(&Value) -> String); 2] = [
        ("name", |item| fold(item["legal_name"].as_str().unwrap())),
        ("updated_at", |item| item["updated_at"].as_str().unwrap().to_owned()),
    ];
    for (sort, key) in keys {
        for limit in [1, 2, 4, 500] {
            let up = client.all(&format!("/v1/vendors?sort={sort}&limit={limit}"));
            let order: Vec<(String, &str)> =
                up.iter().map(|item| (key(item), item["id"].as_str().unwrap())).collect();
            assert!(order.len() == 9 && order.is_sorted_by(|a, b| a < b), "{sort}: {order:?}");
            let down = client.all(&format!("/v1/vendors?sort=-{sort}&limit={limit}"));
            assert_eq!(down, up.iter().rev().cloned().collect::<Vec<_>>());
        }
    }
    assert_eq!(client.all("/v1/vendors"), client.all("/v1/vendors?sort=name"), "by name unless asked");
    assert_eq!(client.all("/v1/vendors?sort=-updated_at&limit=3")[0]["id"], second["id"]);
}

#[test]
fn a_cursor_goes_on_with_its_own_list_only_and_past_what_was_changed() {
    let app = App::empty();
    let client = &app.client;
    for name in ["a", "b", "c", "d", "e"] {
        client.vendor(name);
    }
    let page = client.get("/v1/vendors?limit=2").expect(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    for other in ["sort=-name", "country=US", "status=retired", "name=a"] {
        client.get(&format!("/v1/vendors?{other}&cursor={cursor}")).expect_problem(400, "invalid_cursor");
    }
    client.get(&format!("/v1/authorities?cursor={cursor}")).expect_problem(400, "invalid_cursor");
    client.get("/v1/vendors?cursor=nonsense").expect_problem(400, "invalid_cursor");
    client.end(&path(&page["items"][1]), "Gone");
    assert_eq!(names(client, &format!("limit=500&cursor={cursor}")), ["c", "d", "e"]);
    let last = client.get(&format!("/v1/vendors?limit=3&cursor={cursor}")).expect(200).json();
    assert_eq!(last["next_cursor"], Value::Null);
    client.get(&format!("/v1/vendors/{UNKNOWN}/history")).expect_problem(404, "not_found");
}
