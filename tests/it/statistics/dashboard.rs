//! The dashboard that docs/grafana ships: whatever its panels ask is in the document, is answered, and has the fields that
//! their columns name.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::{
    conventions::document::{Operation, resolved},
    support::{
        App,
        samples::{encoded, event, today},
    },
};

const DASHBOARD: &str = include_str!("../../../docs/grafana/risk-registry.json");

/// A value with Grafana's variables filled.
fn filled(value: &str, step: &str) -> String {
    let filled = value
        .replace("${__from:date:YYYY-MM-DD}", "2026-01-01")
        .replace("${__to:date:YYYY-MM-DD}", "2027-01-15")
        .replace("${step}", step);
    assert!(!filled.contains('$'), "say in tests/it/statistics/dashboard.rs what {value} stands for");
    filled
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// The schema of a field, by the names that lead to it.
fn schema_of(schema: &Value, selector: &str) -> Value {
    selector.split('.').filter(|name| !name.is_empty()).fold(resolved(schema), |schema, name| {
        let of_field = schema["properties"].get(name);
        resolved(of_field.unwrap_or_else(|| panic!("{selector}: the document knows no {name}")))
    })
}

#[test]
fn every_panel_of_the_dashboard_asks_what_the_registry_answers_and_shows_what_is_there() {
    let app = App::demo();
    // The example has nothing that is due.
    let in_force = app.client.get("/v1/designations?state=in_force").expect(200).text_at("/items/0/id");
    let review = event("review_affirmed", &today(), &json!({ "next_review_on": "2027-01-14" }));
    app.client.event(&in_force, &review);
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let variables: BTreeSet<&str> = dashboard["templating"]["list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variable| text(&variable["name"]))
        .collect();
    assert_eq!(variables, BTreeSet::from(["datasource", "step"]));
    let operations = Operation::all();
    let (mut asked, mut columns) = (0, 0);
    for panel in dashboard["panels"].as_array().unwrap() {
        let title = text(&panel["title"]);
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
            let path = text(&target["url"]);
            let operation = operations
                .iter()
                .find(|operation| operation.path == path && operation.method == "GET")
                .unwrap_or_else(|| panic!("{title}: the document knows no {path}"));
            let mut queries = Vec::new();
            for step in ["day", "week", "month", "quarter", "year"] {
                let parameters = target["url_options"]["params"].as_array().unwrap().iter();
                let pairs = parameters.map(|parameter| {
                    let (key, value) = (text(&parameter["key"]), text(&parameter["value"]));
                    assert!(operation.offers(key), "{title}: {} takes no {key}", operation.id);
                    format!("{key}={}", encoded(&filled(value, step)))
                });
                queries.push(pairs.collect::<Vec<_>>().join("&"));
            }
            queries.dedup();
            let schema = &operation.responses["200"]["content"]["application/json"]["schema"];
            let root = text(&target["root_selector"]);
            let of_root = schema_of(schema, root);
            let of_row = if of_root["type"] == "array" { of_root["items"].clone() } else { of_root };
            for query in queries {
                let answer = app.client.get(&format!("{path}?{query}")).expect(200).json();
                let rows = &answer[root];
                let rows = rows.as_array().cloned().unwrap_or_else(|| vec![rows.clone()]);
                assert!(!rows.is_empty(), "{title}: {query} shows nothing of the example");
                asked += 1;
                for column in target["columns"].as_array().unwrap() {
                    let selector = text(&column["selector"]);
                    let of_column = schema_of(&of_row, selector);
                    let kind = crate::conventions::document::type_of(&of_column);
                    let wanted = if column["type"] == "number" { "integer" } else { "string" };
                    assert_eq!(kind, wanted, "{title}: {selector} is shown as {}", column["type"]);
                    let pointer = format!("/{}", selector.replace('.', "/"));
                    assert!(rows.iter().all(|row| row.pointer(&pointer).is_some()), "{title}: no {selector}");
                    let shown =
                        rows.iter().any(|row| row.pointer(&pointer).is_some_and(|value| !value.is_null()));
                    let may_be_empty = ["reference", "next_review_on"].contains(&selector);
                    assert!(shown || may_be_empty, "{title}: {selector} is null in every row");
                    columns += 1;
                }
            }
        }
    }
    assert!(asked > 15 && columns > 60, "{asked} questions, {columns} columns");
    println!(
        "{} panels, {asked} questions, {columns} columns",
        dashboard["panels"].as_array().unwrap().len()
    );
}
