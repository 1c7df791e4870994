//! How the databases go about lists, standings and writes where tables are large: no plan reads a whole table, none walks
//! far for a page, and the answers are those of a plain query. `crowd` fills the tables, `calls`, `filters` and `catalogue` say what is asked,
//! `postgres` and `sqlite` look at what the database did; `indexes` asks the catalogues.

mod calls;
mod catalogue;
pub mod crowd;
mod filters;
mod indexes;
mod postgres;
mod reviews;
mod sqlite;
mod statistics;

use std::collections::BTreeMap;

use risk_registry::db::{AnyConnection, Sizes};
use serde_json::Value;

use self::calls::{Call, Kind};
use super::{
    restricted,
    support::{App, Backend, Client, Database, sql, sql::Raw},
};

/// The tables that hold a hundred thousand rows or more.
const LARGE: [&str; 17] = [
    "journal",
    "authorities",
    "authority_names",
    "regimes",
    "vendors",
    "vendor_words",
    "vendor_identifiers",
    "vendor_labels",
    "designations",
    "designation_versions",
    "designation_events",
    "designation_authorities",
    "designation_labels",
    "designation_mentions",
    "designation_periods",
    "idempotency_keys",
    "reviews",
];

/// What a database did for one statement.
struct Plan {
    statement: String,
    /// The most rows of a large table that one of its steps touched.
    touched: u64,
    /// What is wrong with it.
    faults: Vec<String>,
}

/// Watches what the database does.
trait Watch {
    /// The plans since the last time.
    fn plans(&mut self, kind: &Kind) -> Vec<Plan>;
}

#[test]
fn no_list_standing_or_write_reads_a_whole_table_and_all_answer_as_a_plain_query_does() {
    let app = App::on(Database::fresh(), Sizes::default());
    let signed_in = restricted::People::of(&app.db);
    let people = crowd::People::of(&app.client);
    let mut plain = sql::plain(app.target());
    let begun = std::time::Instant::now();
    let crowd = crowd::fill(&mut plain, app.database().backend, &people);
    for table in LARGE {
        let rows = plain.number(&format!("SELECT count(*) AS number FROM {table}"));
        assert!(rows >= 100_000, "{table} has {rows} rows");
        println!("{table}: {rows} rows");
    }
    println!("filled in {:?}", begun.elapsed());
    let database = app.stop();
    let mut watch: Box<dyn Watch> = match database.backend {
        Backend::Postgres => Box::new(postgres::Log::open(&database.target)),
        Backend::Sqlite => Box::new(sqlite::Statements::new(&database.target)),
    };
    // One connection for reads, so that it can be watched.
    let sizes = Sizes { read_pool: 1, ..Sizes::default() };
    let locked = App::secured_with_sizes(database.clone(), sizes);
    let app = App::on(database, sizes);
    if app.database().backend == Backend::Sqlite {
        sqlite::watch(&app.db);
        sqlite::watch(&locked.db);
    }
    let viewer = signed_in.viewer(&locked);
    let (mut seen, mut faults) = (BTreeMap::<&str, (usize, u64)>::new(), Vec::new());
    for call in calls::all(&people, &crowd) {
        drop(watch.plans(&call.kind));
        let client = if call.viewer { &viewer } else { &app.client };
        make(&client.of_made_up_records(), &mut plain, &call);
        let plans = watch.plans(&call.kind);
        // What SQLite reads by key, it reads on the worker's own thread, which nobody watches.
        assert!(!plans.is_empty() || call.kind == Kind::Key, "{call:?} was seen to ask nothing");
        let (statements, most) = seen.entry(call.kind.name()).or_default();
        *statements += plans.len();
        *most = (*most).max(plans.iter().map(|plan| plan.touched).max().unwrap_or_default());
        for plan in plans.into_iter().filter(|plan| !plan.faults.is_empty()) {
            let who = if call.viewer { "viewer: " } else { "" };
            faults.push(format!("{who}{}\n  {}\n  {}", call.path, plan.faults.join("\n  "), plan.statement));
        }
    }
    for (kind, (statements, most)) in &seen {
        println!("{kind}: {statements} statements, at most {most} rows of a large table in one step");
    }
    assert!(faults.is_empty(), "{} plans are bad\n{}", faults.len(), faults.join("\n"));
}

/// Makes a call and compares its answer with the plain query's.
fn make(client: &Client, plain: &mut AnyConnection, call: &Call) {
    let answer = match &call.body {
        None if call.method == "GET" => client.get(&call.path),
        None => client.send(call.method, &call.path, &[("if-match", "*")], None),
        Some(body) => {
            let key = ("idempotency-key", "the-same");
            let headers = [("if-match", "*"), ("content-type", "application/json"), key];
            client.send(call.method, &call.path, &headers, Some(body.to_string().as_bytes()))
        }
    };
    assert!(call.statuses.contains(&answer.status), "{call:?}: {answer:?}");
    let Some(wanted) = &call.wanted else { return };
    let mut page = answer.json();
    let mut found = ids(&page);
    assert!(found.len() <= 50);
    if let Some(cursor) = page["next_cursor"].as_str() {
        page = client.get(&format!("{}&cursor={cursor}", call.path)).expect(200).json();
        found.extend(ids(&page));
    }
    assert_eq!(found, plain.lines(&format!("{wanted} LIMIT 100")), "{}", call.path);
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}
