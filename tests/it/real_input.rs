//! Names of thousands of real organisations: recorded by several clients at once, found again, exact, after a restart.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Mutex,
    thread,
};

use serde_json::{Value, json};

use super::support::{
    App, Client,
    samples::{order, reason},
};

/// How many names are recorded unless REAL_INPUT=all.
const SOME: usize = 5000;
const DESIGNATED: usize = 300;

/// The distinct names of the organisations in the IEEE's list of address blocks, as the file has them; by the name
/// without surrounding white space. Those that are not plain ASCII come first.
fn organisations() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/ieee/oui.csv");
    let mut file = csv::Reader::from_path(&path).unwrap_or_else(|failure| {
        panic!("{} is needed, the IEEE's list of MA-L assignments: {failure}", path.display())
    });
    let names: BTreeMap<String, String> = file
        .records()
        .map(|row| row.unwrap()[2].to_owned())
        .map(|name| (name.trim().to_owned(), name))
        .filter(|(trimmed, _)| !trimmed.is_empty())
        .collect();
    let (plain, other): (Vec<_>, Vec<_>) = names.into_iter().partition(|(name, _)| name.is_ascii());
    assert!(other.len() > 50 && plain.len() > 10_000, "{} and {}", other.len(), plain.len());
    // Every so many-th of the plain ones, so that the sample is spread over the alphabet.
    let all = std::env::var("REAL_INPUT").is_ok_and(|value| value == "all");
    let wanted = if all { plain.len() } else { SOME - other.len() };
    let spread = (0..wanted).map(|number| plain[number * plain.len() / wanted].clone()).collect::<Vec<_>>();
    other.into_iter().chain(spread).collect()
}

#[test]
fn thousands_of_real_names_are_recorded_by_eight_clients_at_once_and_found_exact_after_a_restart() {
    let names = organisations();
    assert!(names.iter().all(|(name, _)| name.chars().count() <= 500));
    let app = App::empty();
    let ids = record(&app.client, &names);
    assert_eq!(ids.len(), names.len());
    let designated: Vec<&str> = names
        .iter()
        .step_by(names.len() / DESIGNATED)
        .map(|(name, _)| name.as_str())
        .take(DESIGNATED)
        .collect();
    designate(&app.client, &ids, &designated);
    let head = app.client.head();
    assert_eq!(head as usize, names.len() + DESIGNATED + 2);

    let app = app.restart();
    assert_eq!(app.client.head(), head);
    every_name_is_exact(&app.client, &ids);
    let found = found_by_name(&app.client, &ids);
    let standings = standings(&app.client, &ids, &designated.iter().copied().collect());
    println!(
        "{} names recorded, {} by id and by page exact, {found} found by name, {} designated; standing of {standings} \
         asked",
        names.len(),
        ids.len(),
        designated.len(),
    );
}

/// Records every name as the file has it; gives the ids by the trimmed name.
fn record(client: &Client, names: &[(String, String)]) -> BTreeMap<String, String> {
    let ids = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for share in names.chunks(names.len().div_ceil(8)) {
            let (client, ids) = (Client::new(client.address), &ids);
            scope.spawn(move || {
                for (name, raw) in share {
                    let body = json!({ "legal_name": raw, "kind": "company" });
                    let created = client.post("/v1/vendors", &body).expect(201);
                    assert_eq!(created.json()["legal_name"], **name);
                    ids.lock().unwrap().insert(name.clone(), created.id());
                }
            });
        }
    });
    ids.into_inner().unwrap()
}

fn designate(client: &Client, ids: &BTreeMap<String, String>, designated: &[&str]) {
    let (regime, authority) = (client.regime("law", "prohibited"), client.authority("Agency", "government"));
    for name in designated {
        let body = json!({
            "vendor_id": ids[*name], "regime_id": regime, "authority_id": authority, "title": name,
            "instrument": "listing", "origin": "official", "basis_disclosure": "public", "reasons": [reason()],
            "event": order("2026-01-05", &json!([{}])),
        });
        client.post("/v1/designations", &body).expect(201);
    }
}

fn every_name_is_exact(client: &Client, ids: &BTreeMap<String, String>) {
    for (name, id) in ids {
        assert_eq!(client.get(&format!("/v1/vendors/{id}")).expect(200).json()["legal_name"], **name);
    }
    let listed = client.all("/v1/vendors?limit=500");
    let listed: BTreeMap<String, String> =
        listed.iter().map(|vendor| (text(vendor, "legal_name"), text(vendor, "id"))).collect();
    assert_eq!(listed.len(), ids.len());
    assert!(&listed == ids, "the pages hold other names than were recorded");
    let pages: usize = client.all("/v1/vendors?limit=333&sort=-updated_at").len();
    assert_eq!(pages, ids.len(), "in another order there are as many");
}

/// Asks by name: for every one that is not plain ASCII, and for a sample of the others, in full and by prefixes in
/// capitals.
fn found_by_name(client: &Client, ids: &BTreeMap<String, String>) -> usize {
    let (plain, other): (Vec<_>, Vec<_>) = ids.iter().partition(|(name, _)| name.is_ascii());
    let step = plain.len() / 200;
    let sample: Vec<_> = other.into_iter().chain(plain.into_iter().step_by(step)).collect();
    for (name, id) in &sample {
        let shortened: Vec<String> = name
            .split_whitespace()
            .map(|word| word.chars().take(4).collect::<String>().to_uppercase())
            .collect();
        for asked in [(*name).clone(), shortened.join(" ")] {
            let query: String = url::form_urlencoded::byte_serialize(asked.as_bytes()).collect();
            let found = client.all(&format!("/v1/vendors?limit=500&name={query}"));
            assert!(found.iter().any(|vendor| vendor["id"] == **id), "{name} is not found by {asked}");
        }
    }
    sample.len()
}

/// The standing of every designated vendor and of a sample of the others, one by one and in one check.
fn standings(client: &Client, ids: &BTreeMap<String, String>, designated: &BTreeSet<&str>) -> usize {
    let others =
        ids.keys().filter(|name| !designated.contains(name.as_str())).step_by(10).map(String::as_str);
    let asked: Vec<(&str, &str)> = designated
        .iter()
        .map(|name| (*name, "prohibited"))
        .chain(others.take(500).map(|name| (name, "clear")))
        .collect();
    for (name, verdict) in &asked {
        let standing = client.get(&format!("/v1/vendors/{}/standing", ids[*name])).expect(200).json();
        assert_eq!(standing["verdict"], **verdict, "{name}");
        assert_eq!(
            standing["findings"].as_array().unwrap().len(),
            usize::from(*verdict == "prohibited"),
            "{name}"
        );
    }
    let vendors: Vec<Value> = asked.iter().map(|(name, _)| json!({ "vendor_id": ids[*name] })).collect();
    let checked = client.post("/v1/standing-checks", &json!({ "vendors": vendors })).expect(200).json();
    for ((name, verdict), item) in asked.iter().zip(checked["items"].as_array().unwrap()) {
        assert_eq!(item["standing"]["verdict"], **verdict, "{name}");
    }
    let listed = client.all("/v1/vendors?designated=true&limit=500");
    let listed: BTreeSet<String> = listed.iter().map(|vendor| text(vendor, "legal_name")).collect();
    assert!(listed.iter().map(String::as_str).eq(designated.iter().copied()), "{} are listed", listed.len());
    asked.len()
}

fn text(record: &Value, field: &str) -> String {
    record[field].as_str().unwrap().to_owned()
}
