//! Every row of exported statistics is an item as the JSON operation shows it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Sheet, csv, ndjson};
use crate::support::{App, samples::today};

/// Queries that both take alike.
const QUESTIONS: [&str; 10] = [
    "",
    "group_by=regime&group_by=state&on=2026-04-10",
    "group_by=authority&on=2026-04-10",
    "group_by=reason_code&group_by=origin",
    "group_by=environment&on=2026-03-10",
    "group_by=month&group_by=authority&known_at=2026-03-20",
    "group_by=environment&group_by=month&known_seq=45",
    "state=stayed&state=in_force&on=2026-04-10",
    "in_force=true&group_by=regime&on=2026-04-10",
    "origin=official&group_by=origin&known_seq=0",
];

/// How many rows were compared, each cell of them, and the columns that held something.
fn compare(app: &App, questions: &[&str]) -> (usize, BTreeSet<String>) {
    let client = &app.client;
    let (mut rows, mut filled) = (0, BTreeSet::new());
    for question in questions {
        let counted = client.get(&format!("/v1/statistics/designations?{question}")).expect(200).json();
        let items = counted["items"].as_array().unwrap();
        assert_eq!(ndjson(client, "statistics", question), *items, "{question}");
        let sheet = csv(client, "statistics", question);
        assert_eq!(sheet.rows.len(), items.len(), "{question}");
        for (item, row) in items.iter().zip(&sheet.rows) {
            let fields: BTreeSet<&str> = item.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(sheet.columns.iter().map(String::as_str).collect::<BTreeSet<_>>(), fields);
            for (column, cell) in sheet.columns.iter().zip(row) {
                let value = match &item[column] {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                assert_eq!(*cell, value, "{question} {column}");
                if !cell.is_empty() {
                    filled.insert(column.clone());
                }
            }
        }
        rows += items.len();
    }
    (rows, filled)
}

#[test]
fn each_row_is_an_item_of_the_json_operation() {
    let (rows, filled) = compare(&App::demo(), &QUESTIONS);
    assert!(rows > 15, "only {rows} rows were compared");
    assert_eq!(filled.len(), 11, "some column was empty throughout: {filled:?}");
}

#[test]
fn the_headers_say_what_was_counted_and_from_where() {
    let app = App::demo();
    let client = &app.client;
    let path = "/v1/exports/statistics?group_by=regime&group_by=state&on=2026-04-10";
    let answer = client.get(path).expect(200);
    let head = client.head().to_string();
    let file = format!("attachment; filename=\"statistics-{}-seq-{head}.csv\"", today());
    assert_eq!(answer.header("content-disposition"), Some(file.as_str()));
    assert_eq!(answer.header("known-seq"), Some(head.as_str()));
    let rows = Sheet::of(&answer).rows.len();
    assert!(rows > 0);
    assert_eq!(answer.header("row-count"), Some(rows.to_string().as_str()));
    assert_eq!(
        answer.header("cache-control"),
        Some("no-store"),
        "of somebody who sees restricted designations"
    );
    let etag = answer.etag();
    client.get_with(path, &[("if-none-match", &etag)]).expect(304);
    assert_ne!(client.get(&format!("{path}&format=ndjson")).expect(200).etag(), etag);
    assert_ne!(client.get(&path.replace("04-10", "04-11")).expect(200).etag(), etag);
    client.vendor("One more");
    client.get_with(path, &[("if-none-match", &etag)]).expect(200);
    let earlier = client.get("/v1/exports/statistics?known_seq=40&format=ndjson").expect(200);
    assert_eq!(earlier.header("known-seq"), Some("40"));
}

#[test]
fn what_the_json_operation_refuses_the_export_refuses_alike() {
    let app = App::demo();
    for question in [
        "group_by=colour",
        "group_by=state&group_by=state",
        "group_by=state&group_by=month&group_by=origin",
        "known_seq=999999",
        "known_seq=4&known_at=2026-03-10",
        "regime=nothing",
        "limit=5",
    ] {
        let refused = app.client.get(&format!("/v1/statistics/designations?{question}"));
        let export = app.client.get(&format!("/v1/exports/statistics?{question}"));
        let code = |text: &str| serde_json::from_str::<Value>(text).unwrap()["code"].clone();
        assert!((400..500).contains(&export.status), "{question}: {}", export.status);
        assert_eq!((export.status, code(&export.text)), (refused.status, code(&refused.text)), "{question}");
    }
    app.client.get("/v1/exports/statistics?format=xml").expect_problem(400, "invalid_query");
}
