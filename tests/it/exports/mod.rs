//! Exports: what stands in the files, who may read what, and what becomes of those that can't be finished.

mod crowd;
mod cut;
mod evidence;
mod rows;
mod spreadsheet;
mod statistics;

use serde_json::Value;

use crate::support::{Answer, Client};

/// The lines of an NDJSON export, in order.
fn records(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    assert!(answer.text.is_empty() || answer.text.ends_with('\n'));
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The rows of a CSV export: the names of the columns, and each row's cells.
struct Sheet {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    fn of(answer: &Answer) -> Self {
        assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
        let text = answer.text.strip_prefix('\u{feff}').expect("a byte order mark");
        assert!(text.ends_with("\r\n"));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let columns = reader.headers().unwrap().iter().map(ToOwned::to_owned).collect();
        let cells = |row: csv::StringRecord| row.iter().map(ToOwned::to_owned).collect();
        Self { columns, rows: reader.into_records().map(|row| cells(row.unwrap())).collect() }
    }

    fn column(&self, name: &str) -> Vec<&str> {
        let place = self.columns.iter().position(|column| column == name).expect(name);
        self.rows.iter().map(|row| row[place].as_str()).collect()
    }
}

fn csv(client: &Client, name: &str, query: &str) -> Sheet {
    Sheet::of(&client.get(&format!("/v1/exports/{name}?{query}")).expect(200))
}

fn ndjson(client: &Client, name: &str, query: &str) -> Vec<Value> {
    records(&client.get(&format!("/v1/exports/{name}?format=ndjson&{query}")).expect(200))
}
