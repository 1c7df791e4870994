//! What is hidden and what is missing is asked for in the same statements, so that nothing but their words' time could tell
//! them apart. On SQLite, reads by key run on a connection that nobody watches; on PostgreSQL all are seen.

use std::sync::{Mutex, PoisonError};

use diesel::connection::{Connection, InstrumentationEvent};
use risk_registry::db::{Context, Sizes};
use serde_json::json;

use super::{People, walk::UNKNOWN};
use crate::support::{App, Backend, Client, samples::order};

static RAN: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn note(event: InstrumentationEvent<'_>) {
    if let InstrumentationEvent::StartQuery { query, .. } = event {
        let text = query.to_string();
        let statement = text.split(" -- binds").next().unwrap_or_default().to_owned();
        RAN.lock().unwrap_or_else(PoisonError::into_inner).push(statement);
    }
}

/// What an answer took, with one word for the id that was asked for. Who asks is looked up as well, or was just now.
fn statements(client: &Client, path: &str, id: &str) -> (u16, Vec<String>) {
    let take = || std::mem::take(&mut *RAN.lock().unwrap_or_else(PoisonError::into_inner));
    take();
    let status = client.get(path).status;
    let ran = take().into_iter().filter(|statement| !statement.contains("api_key"));
    (status, ran.map(|statement| statement.replace(id, "{id}")).collect())
}

#[test]
fn what_is_hidden_and_what_is_missing_take_the_same_statements() {
    let app = App::secured();
    let people = People::of(&app.db);
    let analyst = people.analyst(&app);
    let (designated, other) = (analyst.vendor("Zenith Works"), analyst.vendor("Yonder Works"));
    let mut body = analyst.designation_body(&designated, &order("2026-03-01", &json!([{}])));
    body["visibility"] = json!("restricted");
    let hidden = analyst.post("/v1/designations", &body).expect(201).id();
    let head = analyst.head();
    let third = analyst.vendor("Xenon Works");
    let app = App::secured_with_sizes(app.stop(), Sizes { read_pool: 1, ..Sizes::default() });
    let watched = app.db.read_blocking(&Context::own(), |snapshot| {
        snapshot.connection().set_instrumentation(note);
        Ok(())
    });
    watched.unwrap();
    let (viewer, mut compared) = (people.viewer(&app), 0);
    let by_id = ["", "?known_seq={head}", "/timeline", "/events", "/reasons", "/history"];
    let by_id = by_id
        .iter()
        .map(|rest| (format!("/v1/designations/{{id}}{rest}"), [hidden.as_str(), UNKNOWN, UNKNOWN]));
    let lists = [
        "/v1/designations?vendor_id={id}",
        "/v1/designations?vendor_id={id}&state=in_force&reason_code=vulnerability&known_seq={head}",
        "/v1/vendors/{id}/designations?in_force_on=2026-04-01",
        "/v1/statistics/designations?vendor_id={id}&group_by=regime&group_by=month",
        "/v1/statistics/designations/series?vendor_id={id}&group_by=reason_code&known_seq={head}",
        "/v1/exports/statistics?vendor_id={id}&group_by=regime&group_by=month",
        "/v1/vendors/{id}/standing",
        "/v1/vendors/{id}/standing?known_seq={head}",
    ];
    let lists = lists.iter().map(|path| ((*path).to_owned(), [&*designated, &*other, &*third]));
    for (path, [id, missing, first]) in by_id.chain(lists) {
        let path = path.replace("{head}", &head.to_string());
        // Once to begin with, whatever the first of its kind has to prepare; of another, for what was counted is kept.
        statements(&viewer, &path.replace("{id}", first), first);
        let (one, another) = (
            statements(&viewer, &path.replace("{id}", id), id),
            statements(&viewer, &path.replace("{id}", missing), missing),
        );
        assert_eq!(one, another, "{path}");
        compared += one.1.len();
    }
    assert!(compared > if app.database().backend == Backend::Postgres { 40 } else { 10 }, "{compared}");
    println!("{compared} statements, one by one the same");
}
