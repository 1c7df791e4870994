//! The journal over HTTP: one entry for every change, and every record as it was known at every moment.

mod changes;

use std::collections::{BTreeMap, BTreeSet};

use changes::{change_everything, id, shown};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::support::{
    App,
    samples::{event, order},
};

#[test]
fn every_change_of_every_kind_of_record_makes_exactly_one_entry() {
    let app = App::empty();
    change_everything(&app.client);
    assert_eq!(app.restart().client.head(), 20);
}

#[test]
fn the_feed_goes_on_after_any_position_page_by_page_and_kind_by_kind() {
    let app = App::empty();
    change_everything(&app.client);
    let client = &app.client;
    let feed = client.all("/v1/journal?limit=500");
    let seqs =
        |entries: &[Value]| entries.iter().map(|entry| entry["seq"].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(seqs(&feed), (1..=20).collect::<Vec<_>>());
    assert_eq!(client.all("/v1/journal?limit=3"), feed);
    for after in 0..=20 {
        let (mut seen, mut position) = (Vec::new(), after);
        loop {
            let page = client.get(&format!("/v1/journal?after={position}&limit=4")).expect(200).json();
            let items = page["items"].as_array().unwrap().clone();
            let Some(last) = items.last() else { break };
            position = last["seq"].as_u64().unwrap();
            seen.extend(items);
        }
        assert_eq!(seen, feed.iter().skip(after as usize).cloned().collect::<Vec<_>>(), "after {after}");
    }
    let mut of_kinds = Vec::new();
    for kind in ["vendor", "authority", "regime", "designation"] {
        let of_kind = client.all(&format!("/v1/journal?subject_kind={kind}&limit=2"));
        assert!(!of_kind.is_empty() && of_kind.iter().all(|entry| entry["subject_kind"] == kind));
        let rest = client.all(&format!("/v1/journal?subject_kind={kind}&after={}", of_kind[0]["seq"]));
        assert_eq!(rest, of_kind[1..]);
        of_kinds.extend(of_kind);
    }
    of_kinds.sort_by_key(|entry| entry["seq"].as_u64());
    assert_eq!(of_kinds, feed);
    for entry in &feed {
        assert_eq!(&client.get(&format!("/v1/journal/{}", entry["seq"])).expect(200).json(), entry);
    }
    client.get("/v1/journal/0").expect_problem(404, "not_found");
    client.get("/v1/journal/21").expect_problem(404, "not_found");
    client.get("/v1/journal?subject_kind=event").expect_problem(400, "invalid_query");
}

#[test]
fn the_patches_of_a_history_applied_one_after_another_rebuild_every_payload() {
    let app = App::empty();
    let mut steps = 0;
    for record in change_everything(&app.client) {
        let history = app.client.all(&format!("{record}/history?limit=2"));
        let of_feed: Vec<Value> = app.client.all("/v1/journal");
        let of_feed: Vec<&Value> =
            of_feed.iter().filter(|entry| entry["subject_id"] == id(&record)).collect();
        assert!(history.iter().map(|entry| &entry["seq"]).eq(of_feed.iter().map(|entry| &entry["seq"])));
        let mut rebuilt = history[0]["payload"].clone();
        assert_eq!(history[0]["patch"], json!([]), "the first has nothing before it");
        for (entry, of_feed) in history.iter().zip(of_feed) {
            let patch: json_patch::Patch = serde_json::from_value(entry["patch"].clone()).unwrap();
            json_patch::patch(&mut rebuilt, &patch).unwrap();
            assert_eq!(rebuilt, entry["payload"], "entry {}", entry["seq"]);
            for field in
                ["recorded_at", "actor", "action", "revision", "payload", "event", "comment", "request_id"]
            {
                assert_eq!(entry[field], of_feed[field], "{field} of entry {}", entry["seq"]);
            }
            steps += 1;
        }
    }
    assert_eq!(steps, 20);
}

#[test]
fn any_record_is_answered_as_known_at_every_position_and_at_every_instant() {
    let app = App::empty();
    let client = &app.client;
    let records = change_everything(client);
    let feed = client.all("/v1/journal");
    for record in &records {
        let mut known: Option<Value> = None;
        for seq in 0..=feed.len() {
            let entry = seq.checked_sub(1).map(|index| &feed[index]);
            if let Some(entry) = entry.filter(|entry| entry["subject_id"] == id(record)) {
                known = Some(entry["payload"].clone());
            }
            let mut asked = vec![format!("known_seq={seq}")];
            if let Some(entry) = entry {
                asked.push(format!("known_at={}", entry["recorded_at"].as_str().unwrap()));
            }
            if let Some(next) = feed.get(seq) {
                let next: DateTime<Utc> = next["recorded_at"].as_str().unwrap().parse().unwrap();
                let before = next - TimeDelta::microseconds(1);
                asked.push(format!("known_at={}", before.to_rfc3339_opts(SecondsFormat::Micros, true)));
            }
            for query in asked {
                let answer = client.get(&format!("{record}?{query}"));
                match &known {
                    Some(known) => assert_eq!(&shown(&answer), known, "{record}?{query}"),
                    None => drop(answer.expect_problem(404, "not_found")),
                }
            }
        }
        client.get(&format!("{record}?known_seq={}", feed.len() + 1)).expect_problem(422, "invalid");
    }
    let vendor = &records[0];
    let before = client.get(&format!("{vendor}/standing?on=2026-01-10&known_seq=0")).expect(200).json();
    assert_eq!((&before["verdict"], &before["vendor_known"]), (&json!("clear"), &json!(false)));
    assert_eq!((&before["known_seq"], &before["recorded_at"]), (&json!(0), &Value::Null));
    let none = client.get("/v1/designations?known_seq=0").expect(200).json();
    assert_eq!(none["items"], json!([]));
}

#[test]
fn a_date_of_knowledge_means_its_end() {
    let app = App::demo();
    let client = &app.client;
    let feed = client.all("/v1/journal?limit=500");
    let day = |entry: &Value| entry["recorded_at"].as_str().unwrap()[..10].to_owned();
    let last_of_day: BTreeMap<String, u64> =
        feed.iter().map(|entry| (day(entry), entry["seq"].as_u64().unwrap())).collect();
    assert!(last_of_day.len() > 3, "the example was learnt over several days: {last_of_day:?}");
    let vendor = client.get("/v1/vendors?name=anthropic").expect(200).text_at("/items/0/id");
    let mut verdicts = BTreeSet::new();
    for (day, seq) in &last_of_day {
        let ask = |known: String| {
            client.get(&format!("/v1/vendors/{vendor}/standing?on=2026-03-10&{known}")).expect(200).json()
        };
        let (by_date, by_seq) = (ask(format!("known_at={day}")), ask(format!("known_seq={seq}")));
        for field in ["known_seq", "recorded_at", "verdict", "findings", "unmatched", "holds_until"] {
            assert_eq!(by_date[field], by_seq[field], "{field} as known on {day}");
        }
        assert_eq!(by_date["known_seq"], *seq, "as known at the end of {day}");
        verdicts.insert(format!("{} {}", by_date["verdict"], by_date["findings"].as_array().unwrap().len()));
        // A review is read as it is now alone.
        let records = feed.iter().filter(|entry| entry["subject_kind"] != "review");
        for entry in records.filter(|entry| entry["seq"].as_u64() <= Some(*seq)) {
            let record = format!("{}/{}", collection(entry), entry["subject_id"].as_str().unwrap());
            let by_date = client.get(&format!("{record}?known_at={day}"));
            assert_eq!(shown(&by_date), shown(&client.get(&format!("{record}?known_seq={seq}"))));
        }
    }
    assert!(verdicts.len() > 1, "what was known made a difference: {verdicts:?}");
    client.get(&format!("/v1/vendors/{vendor}?known_at=2025-12-31")).expect_problem(404, "not_found");
}

fn collection(entry: &Value) -> &'static str {
    match entry["subject_kind"].as_str().unwrap() {
        "vendor" => "/v1/vendors",
        "authority" => "/v1/authorities",
        "regime" => "/v1/regimes",
        _ => "/v1/designations",
    }
}

#[test]
fn a_page_of_large_entries_is_cut_short_and_goes_on_where_it_ended() {
    let app = App::empty();
    let client = &app.client;
    let designation = client.designation(&client.vendor("Acme"), &order("2026-03-01", &json!([{}])));
    let path = format!("/v1/designations/{designation}");
    let long = "x".repeat(10_000);
    let sources: Vec<Value> =
        (0..50).map(|_| json!({ "kind": "press", "title": "x".repeat(1000) })).collect();
    let mut note = event("noted", "2026-04-01", &json!({}));
    (note["note"], note["sources"]) = (json!(long), json!(sources));
    for _ in 0..24 {
        client.event(&designation, &note);
    }
    let first = client.get(&format!("{path}/history?limit=500")).expect(200);
    assert!(first.text.len() < 30_000_000, "{} bytes", first.text.len());
    let items = first.json()["items"].as_array().unwrap().len();
    assert!(items < 25 && first.json()["next_cursor"].is_string(), "{items} entries in one page");
    assert_eq!(client.all(&format!("{path}/history?limit=500")).len(), 25);
    assert_eq!(client.all("/v1/journal?limit=500").len() as u64, client.head());
}
