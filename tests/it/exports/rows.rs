//! Every row is a record as the lists show it.

use serde_json::{Value, json};

use super::{csv, ndjson, records};
use crate::{
    conventions::document::DOCUMENT,
    support::{App, samples::today, scribe::Scribe},
};

/// Queries that lists and exports take alike.
const VENDORS: [&str; 9] = [
    "sort=name",
    "sort=-name",
    "sort=updated_at",
    "sort=-updated_at",
    "name=a",
    "country=US&country=CN",
    "designated=true",
    "designated=false&sort=-name",
    "status=retired",
];

const DESIGNATIONS: [&str; 11] = [
    "sort=name",
    "sort=-updated_at",
    "sort=latest_event",
    "sort=-latest_event",
    "state=in_force&state=stayed",
    "environment=national_security_system&action=procure",
    "origin=reported&origin=official",
    "in_force_on=2026-03-10",
    "known_at=2026-03-10",
    "known_seq=40",
    "status=voided",
];

#[test]
fn an_export_holds_every_record_of_the_list_in_its_order() {
    let app = App::demo();
    let client = &app.client;
    let mut rows = 0;
    for (name, queries) in [("vendors", &VENDORS[..]), ("designations", &DESIGNATIONS[..])] {
        for query in queries {
            let listed = client.all(&format!("/v1/{name}?limit=3&{query}"));
            let lines = ndjson(client, name, query);
            assert_eq!(lines, listed, "{name} {query}");
            let sheet = csv(client, name, query);
            let ids: Vec<&str> = listed.iter().map(|record| record["id"].as_str().unwrap()).collect();
            assert_eq!(sheet.column("id"), ids, "{name} {query}");
            for (record, at) in listed.iter().zip(0..) {
                for field in
                    ["revision", "status", "created_at", "updated_at", "kind", "country", "title", "origin"]
                {
                    let Some(value) = record.get(field) else { continue };
                    let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
                    let value = if value == "null" { "" } else { &value };
                    assert_eq!(sheet.column(field)[at], value, "{name} {query} {field}");
                }
            }
            rows += listed.len();
        }
    }
    assert!(rows > 50, "only {rows} rows were compared");
}

#[test]
fn an_export_of_many_parts_is_the_same_as_the_list() {
    let app = App::empty();
    let client = &app.client;
    let mut scribe = Scribe::new(client, 7);
    while client.get("/v1/designations?limit=500").expect(200).json()["items"].as_array().unwrap().len() < 120
    {
        scribe.write(200);
    }
    let head = client.head();
    for query in
        ["sort=name", "sort=-latest_event", &format!("known_seq={}", head / 2), "state=in_force&sort=-name"]
    {
        let listed = client.all(&format!("/v1/designations?limit=500&{query}"));
        assert!(query.contains("state") || listed.len() > 50, "{query}: {}", listed.len());
        assert_eq!(ndjson(client, "designations", query), listed, "{query}");
        let ids: Vec<&str> = listed.iter().map(|record| record["id"].as_str().unwrap()).collect();
        assert_eq!(csv(client, "designations", query).column("id"), ids, "{query}");
    }
}

#[test]
fn a_designation_stands_beside_the_names_of_what_it_refers_to_and_what_it_is_today() {
    let app = App::demo();
    let client = &app.client;
    let sheet = csv(client, "designations", "");
    for (at, record) in client.all("/v1/designations").iter().enumerate() {
        let cell = |column: &str| sheet.column(column)[at].to_owned();
        let field = |path: &str, field: &str| client.get(path).expect(200).text_at(field);
        let of = |field: &str| record[field].as_str().unwrap().to_owned();
        assert_eq!(cell("regime"), field(&format!("/v1/regimes/{}", of("regime_id")), "/slug"));
        assert_eq!(cell("authority"), field(&format!("/v1/authorities/{}", of("authority_id")), "/name"));
        if let Some(vendor) = record["vendor_id"].as_str() {
            assert_eq!(cell("vendor"), field(&format!("/v1/vendors/{vendor}"), "/legal_name"));
        }
        assert_eq!(cell("state"), record["current"]["state"].as_str().unwrap());
        assert_eq!(cell("in_force"), record["current"]["in_force"].to_string());
        assert_eq!(cell("scopes"), record["scopes"].as_array().unwrap().len().to_string());
        let all = record["scopes"].as_array().unwrap().iter().any(|scope| scope["environments"] == json!([]));
        assert_eq!(cell("environments") == "all", all);
    }
}

#[test]
fn a_standing_check_is_exported_in_the_order_of_its_question_and_unknown_vendors_are_never_clear() {
    let app = App::demo();
    let client = &app.client;
    let vendors = client.all("/v1/vendors");
    let mut asked: Vec<Value> = vendors.iter().map(|vendor| json!({ "vendor_id": vendor["id"] })).collect();
    asked.insert(1, json!({ "scheme": "cik", "value": "7" }));
    asked.insert(2, json!({ "scheme": "cik", "value": "no number" }));
    asked.insert(3, json!({ "scheme": "lei", "value": "x;=1+1" }));
    let body = json!({ "vendors": asked, "on": "2026-03-10", "environment": ["secret"] });
    let checked = client.post("/v1/standing-checks", &body).expect(200).json();
    let items = checked["items"].as_array().unwrap();
    let answer = client.post("/v1/exports/standing-checks?format=ndjson", &body).expect(200);
    assert_eq!(records(&answer), *items);
    let answer = client.post("/v1/exports/standing-checks", &body).expect(200);
    assert_eq!(answer.header("known-seq"), Some(checked["known_seq"].to_string().as_str()));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("etag"), None);
    let sheet = super::Sheet::of(&answer);
    assert_eq!(sheet.rows.len(), items.len());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for (at, item) in items.iter().enumerate() {
        for field in ["vendor_id", "verdict", "summary", "coverage"] {
            assert_eq!(sheet.column(field)[at], text(&item["standing"][field]), "{field}");
        }
        assert_eq!(sheet.column("error_code")[at], text(&item["error"]["code"]));
    }
    assert_eq!(sheet.column("error_code")[1..4], ["not_found", "invalid_identifier", "invalid_identifier"]);
    assert_eq!(sheet.column("verdict")[1..4], ["", "", ""]);
    // Each refused one says what was asked, so that it can be found among ten thousand.
    assert_eq!(sheet.column("asked")[1..4], ["cik:7", "cik:no number", "lei:x;'=1+1"]);
    let told = |at: usize| items[at]["error"]["detail"].as_str().unwrap().to_owned();
    assert!(told(2).contains("\"no number\"") && told(3).contains("\"x;=1+1\""), "{} {}", told(2), told(3));
    assert!(sheet.column("verdict").contains(&"prohibited"));
    // What the check refuses the export refuses as well.
    let all = json!({ "vendors": vec![json!({ "vendor_id": vendors[0]["id"] }); 10_001] });
    client.post("/v1/exports/standing-checks", &all).expect_problem(422, "invalid");
}

#[test]
fn the_headers_say_what_the_file_is_and_how_much_is_in_it() {
    let app = App::demo();
    let client = &app.client;
    let answer = client.get("/v1/exports/designations?known_seq=40&format=ndjson").expect(200);
    let file = format!("attachment; filename=\"designations-{}-seq-40.ndjson\"", today());
    assert_eq!(answer.header("content-disposition"), Some(file.as_str()));
    assert_eq!(answer.header("known-seq"), Some("40"));
    assert_eq!(answer.header("row-count"), Some(records(&answer).len().to_string().as_str()));
    assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
    let empty = client.get("/v1/exports/vendors?name=nobodyhasthisname").expect(200);
    assert_eq!((empty.header("row-count"), super::Sheet::of(&empty).rows.len()), (Some("0"), 0));
    assert_eq!(client.get("/v1/exports/vendors?name=nobodyhasthisname&format=ndjson").expect(200).text, "");
    for (query, code) in
        [("format=xml", "invalid_query"), ("limit=5", "invalid_query"), ("cursor=a", "invalid_query")]
    {
        client.get(&format!("/v1/exports/vendors?{query}")).expect_problem(400, code);
    }
    client.get("/v1/exports/designations?known_seq=999999").expect_problem(422, "invalid");
    client.get("/v1/exports/designations?regime=nothing").expect_problem(422, "invalid");
}

#[test]
fn the_etag_holds_until_something_is_recorded_and_no_longer() {
    let app = App::demo();
    let client = &app.client;
    for path in ["/v1/exports/vendors", "/v1/exports/designations?known_seq=40"] {
        let etag = client.get(path).expect(200).etag();
        let again = client.get_with(path, &[("if-none-match", &etag)]).expect(304);
        assert_eq!((again.text.as_str(), again.header("known-seq")), ("", None));
        let separator = if path.contains('?') { '&' } else { '?' };
        let other = client.get(&format!("{path}{separator}format=ndjson")).expect(200).etag();
        assert_ne!(other, etag, "the other form is another file");
    }
    let etag = client.get("/v1/exports/vendors").expect(200).etag();
    client.vendor("One more");
    let answer = client.get_with("/v1/exports/vendors", &[("if-none-match", &etag)]).expect(200);
    assert!(answer.text.contains("One more"));
}

#[test]
fn the_document_and_the_page_on_exports_name_the_columns_that_files_have() {
    let app = App::demo();
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/exports.md")).unwrap();
    let check = |name: &str, method: &str, columns: Vec<String>| {
        let operation = &DOCUMENT["paths"][format!("/v1/exports/{name}")][method];
        let said = operation["description"].as_str().unwrap().replace('\n', " ");
        assert!(said.contains(&format!("`{}`", columns.join(", "))), "{name}: {said}");
        let example = operation["responses"]["200"]["content"]["text/csv"]["example"].as_str().unwrap();
        let example = example.trim_start_matches('\u{feff}');
        assert_eq!(example.lines().next().unwrap(), columns.join(","), "{name}");
        let mut reader = csv::Reader::from_reader(example.as_bytes());
        assert_eq!(reader.records().map(|row| row.unwrap().len()).max(), Some(columns.len()));
        let chapter = page.split("\n## ").find(|chapter| chapter.starts_with(&format!("`{name}`"))).unwrap();
        let listed: Vec<&str> = chapter
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(column, _)| column))
            .collect();
        assert_eq!(listed, columns, "docs/exports.md, {name}");
    };
    for name in ["vendors", "designations", "statistics"] {
        check(name, "get", csv(&app.client, name, "").columns);
    }
    let body = json!({ "vendors": [] });
    let answer = app.client.post("/v1/exports/standing-checks", &body).expect(200);
    check("standing-checks", "post", super::Sheet::of(&answer).columns);
}
