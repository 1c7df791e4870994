//! Names that break files, formulas that must not run, and what other readers make of the files.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use super::{csv, ndjson};
use crate::support::{App, Client, skip};

fn vendor(client: &Client, name: &str) -> Value {
    let body = json!({
        "legal_name": name, "kind": "company", "names": [{ "name": name, "kind": "trade" }], "roles": [name],
        "tags": ["plain"], "description": format!("{name}\r\n- first\n=second; +third\tend"),
    });
    client.post("/v1/vendors", &body).expect(201).json()
}

/// What a text becomes that docs/exports.md describes: an apostrophe less at the beginning of a cell and after each semicolon,
/// tab or line end.
fn restored(cell: &str) -> String {
    let (mut text, mut at_beginning) = (String::new(), true);
    for c in cell.chars() {
        if at_beginning && c == '\'' {
            at_beginning = false;
            continue;
        }
        at_beginning = matches!(c, ';' | '\t' | '\r' | '\n') || (at_beginning && c == ' ');
        text.push(c);
    }
    text
}

fn nasty() -> Vec<String> {
    let long = "ü".repeat(200);
    [
        "Acme \"the best\" Ltd",
        "Comma, Inc.",
        "Semi; colon",
        "'Apostrophe'",
        "''",
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+49 30 1234",
        "-5",
        "@SUM(A1:A9)",
        "＝HYPERLINK(\"x\")",
        "＠x",
        "−7",
        "\u{200b}=1",
        "\u{202e}=1",
        "\"=1+1\"",
        "x;=1+1;y",
        "שָׁלוֹם בע״מ",
        "\u{202e}redrum",
        "名前株式会社",
        "😀 emoji 👩‍👩‍👧",
        "a'b",
        "0012",
        "1E5",
        "2026-03",
        "TRUE",
        "\\\"escaped\\\"",
        "%0A",
        "{\"a\":1}",
        "\u{feff}=1",
        long.as_str(),
    ]
    .map(ToOwned::to_owned)
    .to_vec()
}

#[test]
fn whatever_a_name_holds_the_file_keeps_its_shape_and_no_cell_is_a_formula() {
    let app = App::empty();
    let client = &app.client;
    let vendors: Vec<Value> = nasty().iter().map(|name| vendor(client, name)).collect();
    let sheet = csv(client, "vendors", "sort=updated_at");
    let lines = ndjson(client, "vendors", "sort=updated_at");
    assert_eq!(lines, vendors, "NDJSON is never altered");
    assert_eq!(sheet.rows.len(), vendors.len());
    for (at, vendor) in vendors.iter().enumerate() {
        let name = vendor["legal_name"].as_str().unwrap();
        assert_eq!(restored(sheet.column("legal_name")[at]), name);
        assert_eq!(restored(sheet.column("roles")[at]), name);
        assert_eq!(restored(sheet.column("names")[at]), format!("trade:{name}"));
        assert_eq!(restored(sheet.column("description")[at]), vendor["description"].as_str().unwrap());
    }
    let dangerous = |c: char| "=+-@＝＋－＠−\t\r\n".contains(c);
    let mut defused = 0;
    for cell in sheet.rows.iter().flatten() {
        // Also for a program that cuts at semicolons, tabs and line ends, whatever the quotation marks say.
        for part in cell.split([';', '\t', '\r', '\n']) {
            let seen =
                part.trim_matches(|c: char| c == '"' || c == ' ' || "\u{200b}\u{202e}\u{feff}".contains(c));
            assert!(!seen.starts_with(dangerous), "{cell:?}");
        }
        defused += usize::from(cell.starts_with('\''));
    }
    assert!(defused >= 20, "only {defused} cells were defused");
    for column in ["revision", "created_at", "updated_at", "id", "kind"] {
        assert!(sheet.column(column).iter().all(|cell| !cell.contains('\'')), "{column}");
    }
}

#[test]
fn ten_thousand_characters_are_one_cell() {
    let app = App::empty();
    let text = "é\"\r\n,".repeat(2000);
    let body = json!({ "legal_name": "Long", "kind": "company", "description": text });
    let kept = app.client.post("/v1/vendors", &body).expect(201).text_at("/description");
    let sheet = csv(&app.client, "vendors", "");
    assert_eq!(sheet.column("description"), [kept]);
}

#[test]
fn python_reads_what_was_written() {
    let app = App::empty();
    let client = &app.client;
    let vendors: Vec<Value> = nasty().iter().map(|name| vendor(client, name)).collect();
    let file = client.get("/v1/exports/vendors?sort=updated_at").expect(200).text;
    let script = "\
import csv, json, re, sys
with open(0, encoding='utf-8-sig', newline='') as file:
    rows = list(csv.DictReader(file, strict=True))
restored = [{k: re.sub(r\"(^|[;\\t\\r\\n])( *)'\", r'\\1\\2', v) for k, v in row.items()} for row in rows]
print(json.dumps([[row['legal_name'], row['description']] for row in restored]))";
    let started =
        Command::new("python3").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut python) = started else { return skip("python3 is not there to read CSV") };
    python.stdin.take().unwrap().write_all(file.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    let wanted: Vec<Value> =
        vendors.iter().map(|vendor| json!([vendor["legal_name"], vendor["description"]])).collect();
    assert_eq!(read, json!(wanted));
}
