//! Two registries, the same but for hidden records, and every byte of what they answer a viewer. What is left out of the
//! comparison is what tells the journal's head, and nothing else: `known_seq` and its `recorded_at` in answers that were given
//! from the head, the length and the ETag of those answers, the name and the
//! headers of an export, the head in readiness, and the date.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use risk_registry::access::FourEyes;
use serde_json::Value;

use super::{
    People,
    desk::Desk,
    secrets, secured,
    walk::{Question, UNKNOWN, Walk},
    world::{self, Hidden, World},
};
use crate::support::{Answer, App, Client, Office};

/// Where answers tell the position that they were given from.
fn positions(operation: &str, body: &Value) -> Vec<String> {
    match operation {
        "get_designation_timeline"
        | "get_vendor_standing"
        | "get_designation_statistics"
        | "get_designation_series" => vec![String::new()],
        "check_standing" => {
            let items = body["items"].as_array().map_or(0, Vec::len);
            let of_item = |number| format!("/items/{number}/standing");
            std::iter::once(String::new()).chain((0..items).map(of_item)).collect()
        }
        _ => Vec::new(),
    }
}

/// The rows of a standing check without what tells the head.
fn rows_without_positions(text: &str) -> String {
    if text.starts_with('{') {
        let lines = text.lines().map(|line| without_positions("get_vendor_standing", &unwrapped(line)));
        return lines.collect::<Vec<_>>().join("\n");
    }
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let told: Vec<bool> =
        reader.headers().unwrap().iter().map(|name| ["known_seq", "recorded_at"].contains(&name)).collect();
    let cells = |row: csv::StringRecord| -> Vec<String> {
        row.iter().zip(&told).filter(|(_, told)| !**told).map(|(cell, _)| cell.to_owned()).collect()
    };
    assert_eq!(told.iter().filter(|told| **told).count(), 2);
    format!("{:?}", reader.into_records().map(|row| cells(row.unwrap())).collect::<Vec<_>>())
}

/// The standing in a line of a standing check, or the line where there is none.
fn unwrapped(line: &str) -> String {
    let standing = line.strip_prefix("{\"standing\":").and_then(|rest| rest.strip_suffix('}'));
    standing.unwrap_or(line).to_owned()
}

/// The body without what tells the head.
fn without_positions(operation: &str, text: &str) -> String {
    if operation == "export_standing_checks" {
        return rows_without_positions(text);
    }
    let Ok(body) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    let mut text = text.to_owned();
    if operation == "get_readiness" {
        return text.replace(&format!("\"journal_head\":{}", body["journal_head"]), "\"journal_head\":?");
    }
    for pointer in positions(operation, &body) {
        let Some(place) = body.pointer(&pointer).filter(|place| place["known_seq"].is_u64()) else {
            continue;
        };
        let told = format!("\"known_seq\":{},\"recorded_at\":{}", place["known_seq"], place["recorded_at"]);
        assert!(text.contains(&told), "{operation}: {told} is not in {text}");
        text = text.replacen(&told, "\"known_seq\":?", 1);
    }
    text
}

/// What of an answer is compared: status, headers, body.
fn seen(question: &Question, answer: &Answer, exact: bool) -> (u16, Vec<(String, String)>, String) {
    const TELLING: [&str; 4] = ["etag", "content-length", "content-disposition", "known-seq"];
    let left_out = |name: &str| name == "date" || (!exact && TELLING.contains(&name));
    let mut headers: Vec<_> = answer.headers.iter().filter(|(name, _)| !left_out(name)).cloned().collect();
    headers.sort();
    let text = if exact { answer.text.clone() } else { without_positions(&question.operation, &answer.text) };
    (answer.status, headers, text)
}

/// Both registries, and what was found.
struct Comparison {
    with: Client,
    without: Client,
    /// Ids that a viewer must never read.
    secrets: BTreeSet<String>,
    requests: BTreeMap<String, usize>,
    statuses: BTreeMap<u16, usize>,
    not_exact: usize,
    differences: Vec<String>,
}

impl Comparison {
    fn send(client: &Client, question: &Question, method: &str, etag: Option<&str>) -> Answer {
        let mut headers = vec![("x-request-id", "the-same")];
        headers.extend(etag.map(|etag| ("if-none-match", etag)));
        let body = question.body.as_ref().map(ToString::to_string);
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        client.send(method, &question.path, &headers, body.as_deref().map(str::as_bytes))
    }

    /// Asks both the same, each under its own ETag where one is given, and compares.
    fn ask(&mut self, question: &Question, method: &str, etags: Option<(&str, &str)>) -> (Answer, Answer) {
        *self.requests.entry(question.operation.clone()).or_default() += 1;
        let asked = || {
            (
                Self::send(&self.with, question, method, etags.map(|(with, _)| with)),
                Self::send(&self.without, question, method, etags.map(|(_, without)| without)),
            )
        };
        let (mut with, mut without) = asked();
        // What is today changes at midnight; a difference that is one stays.
        if seen(question, &with, true) != seen(question, &without, true) {
            (with, without) = asked();
        }
        *self.statuses.entry(with.status).or_default() += 1;
        let exact = seen(question, &with, true) == seen(question, &without, true);
        if !exact {
            self.not_exact += 1;
            let tells = matches!(
                question.operation.as_str(),
                "get_readiness" | "check_standing" | "get_designation_statistics" | "get_designation_series"
            ) || question.operation.starts_with("export_")
                || question.operation.starts_with("get_vendor_standing")
                || question.operation.starts_with("get_designation_timeline");
            let (with, without) = (seen(question, &with, false), seen(question, &without, false));
            if !tells || with != without {
                self.differences.push(format!("{method} {question:?}\n  {with:?}\n  {without:?}"));
            }
        }
        self.look_for_leaks(question, &with);
        (with, without)
    }

    fn look_for_leaks(&mut self, question: &Question, answer: &Answer) {
        let asked = format!("{} {:?}", question.path, question.body).to_lowercase();
        let told = format!("{:?} {}", answer.headers, answer.text).to_lowercase();
        if told.contains("hush") && !asked.contains("hush") {
            self.differences.push(format!("hidden text in {question:?}: {answer:?}"));
        }
        let mut ids = BTreeSet::new();
        secrets::ids_in(&told, &mut ids);
        let ids = ids.intersection(&self.secrets).filter(|id| !asked.contains(id.as_str()));
        self.differences.extend(ids.map(|id| format!("the hidden id {id} in {question:?}: {answer:?}")));
    }

    /// Asks a question in every way: all pages, HEAD, and on condition that it changed.
    fn compare(&mut self, question: &Question) {
        let (mut with, without) = self.ask(question, &question.method, None);
        if question.thoroughly && question.method == "GET" {
            self.ask(question, "HEAD", None);
            if let (Some(etag), Some(other)) = (with.header("etag"), without.header("etag")) {
                let (again, _) = self.ask(question, "GET", Some((etag, other)));
                assert_eq!(again.status, 304, "{question:?}");
            }
        }
        let (mut pages, separator) = (0, if question.path.contains('?') { '&' } else { '?' });
        while with.status == 200
            && with.text.contains("\"next_cursor\":\"")
            && let Some(cursor) = with.json()["next_cursor"].as_str()
        {
            let path = format!("{}{separator}cursor={cursor}", question.path);
            (with, _) = self.ask(&Question { path, ..question.clone() }, &question.method, None);
            pages += 1;
            assert!(pages < 500, "{question:?} does not end");
        }
    }
}

/// The reasons that there are, each with its designation.
fn reasons(client: &Client, ids: impl Iterator<Item = String>) -> Vec<(String, String)> {
    let of = |id: String| {
        let record = client.get(&format!("/v1/designations/{id}")).expect(200).json();
        let reasons = record["reasons"].as_array().unwrap().clone();
        reasons.into_iter().map(move |reason| (id.clone(), reason["id"].as_str().unwrap().to_owned()))
    };
    ids.flat_map(of).collect()
}

/// Some of the positions that a viewer sees, the last ones first, with their instants; and instants before and after all.
fn positions_seen(client: &Client) -> (Vec<u64>, Vec<String>) {
    let entries = client.all("/v1/journal?limit=500");
    let some = entries.iter().rev().enumerate().filter(|(place, _)| *place < 9 || place % 7 == 0);
    let some: Vec<_> = some.map(|(_, entry)| entry).collect();
    let instants = some.iter().map(|entry| entry["recorded_at"].as_str().unwrap().to_owned());
    let beyond = ["2020-01-01", "2100-01-01T00:00:00Z"].map(ToOwned::to_owned);
    let positions = some.iter().map(|entry| entry["seq"].as_u64().unwrap());
    (positions.chain([0]).collect(), instants.chain(beyond).collect())
}

/// Every review that there is.
fn reviews(analyst: &Client) -> Vec<String> {
    let of = |status: &str| analyst.all(&format!("/v1/reviews?status={status}&limit=500"));
    let all = ["pending", "rejected", "confirmed"].into_iter().flat_map(of);
    all.map(|review| review["id"].as_str().unwrap().to_owned()).collect()
}

/// Plays everything that a viewer can ask on both, and says how much that was.
fn play((with, without): (&App, &App), people: &People, (world, hidden): (&World, &Hidden)) {
    let all = world.designations.iter().chain(&hidden.designations).cloned();
    let (positions, instants) = positions_seen(&people.viewer(without));
    let reasons = reasons(&people.analyst(with), all);
    let analyst = people.analyst(with);
    let (reviews, secrets) = (reviews(&analyst), secrets::all(&analyst));
    let told = reviews.iter().filter(|id| !secrets.contains(*id)).count();
    println!(
        "{} reviews, of which entries that a viewer sees name {told}; {} hidden ids",
        reviews.len(),
        secrets.len()
    );
    assert!(told > 10 && reviews.len() > told + 100, "{told} of {}", reviews.len());
    let head = analyst.head();
    let questions = Walk { world, hidden, head, reviews, positions, instants, reasons }.questions();
    let mut comparison = Comparison {
        with: people.viewer(with),
        without: people.viewer(without),
        secrets,
        requests: BTreeMap::new(),
        statuses: BTreeMap::new(),
        not_exact: 0,
        differences: Vec::new(),
    };
    for question in &questions {
        comparison.compare(question);
        assert!(comparison.differences.len() < 20, "{}", comparison.differences.join("\n"));
    }
    let Comparison { requests, statuses, not_exact, differences, .. } = comparison;
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    let sum: usize = requests.values().sum();
    println!("{sum} requests compared, of {} questions: {requests:?}", questions.len());
    println!("answers by status: {statuses:?}; {not_exact} told another head, and nothing else that differs");
    assert!(sum > 5000, "{sum}");
}

#[test]
fn a_viewer_is_answered_byte_for_byte_as_if_nothing_were_hidden() {
    let app = App::secured_with(FourEyes::On);
    let people = People::of(&app.db);
    let world = world::shared(&people.desk(&app));
    let database = app.stop();
    let copy = database.copy();
    let (with, without) = (secured(database), secured(copy));
    let hidden = world::hide(&people.desk(&with), &world);
    assert!(with.client.head() > without.client.head() + 75);
    play((&with, &without), &people, (&world, &hidden));
}

#[test]
fn nor_does_a_viewer_notice_what_was_hidden_before_what_is_public() {
    let app = App::secured_with(FourEyes::On);
    let people = People::of(&app.db);
    let desk = people.desk(&app);
    let mut world = world::shared(&desk);
    let hidden = world::hide(&desk, &world);
    world::go_on(&desk, &mut world);
    let database = app.stop();
    let copy = database.copy();
    world::erase(&copy, &hidden.recorded);
    let (with, without) = (secured(database), secured(copy));
    play((&with, &without), &people, (&world, &hidden));
}

#[test]
fn a_hidden_id_is_answered_as_one_that_nothing_has() {
    let Office { app: _app, analyst, approver, viewer: client, .. } = Office::with(FourEyes::On);
    let desk = Desk { analyst, approver };
    let world = world::shared(&desk);
    let hidden = world::hide(&desk, &world);
    let mut compared = 0;
    let send = |method: &str, path: &str| {
        let answer = client.send(method, path, &[("x-request-id", "the-same")], None);
        let mut headers = answer.headers;
        headers.retain(|(name, _)| name != "date");
        headers.sort();
        (answer.status, headers, answer.text)
    };
    let operations = crate::conventions::document::Operation::all();
    let mut paths = HashSet::new();
    for operation in operations {
        if operation.path.starts_with("/v1/designations/{id}") && operation.method == "GET" {
            paths.insert(operation.path.replace("{reason_id}", UNKNOWN));
        }
    }
    // Of reviews, too: each as if it were a designation.
    let reviews = reviews(&desk.analyst).into_iter().step_by(40);
    for id in &hidden.designations.iter().chain(&hidden.proposed).cloned().chain(reviews).collect::<Vec<_>>()
    {
        for path in &paths {
            for query in ["", "?known_seq=3", "?known_at=2100-01-01", "?limit=1", "?nonsense=1"] {
                for method in ["GET", "HEAD"] {
                    let asked = |id: &str| send(method, &(path.replace("{id}", id) + query));
                    let (hidden, missing) = (asked(id), asked(UNKNOWN));
                    let expected = missing.2.replace(UNKNOWN, id);
                    assert_eq!(
                        (hidden.0, hidden.1, hidden.2),
                        (missing.0, missing.1, expected),
                        "{method} {path}{query}"
                    );
                    compared += 1;
                }
            }
        }
    }
    println!("{compared} requests for hidden ids compared with requests for an id that nothing has");
}
