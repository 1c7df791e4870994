//! What a viewer and an analyst see of designations that are, were or become restricted.

use serde_json::{Value, json};

use crate::support::{
    Client, Office,
    samples::{order, reason},
};

fn path(id: &str) -> String {
    format!("/v1/designations/{id}")
}

fn revisions(client: &Client, id: &str, limit: usize) -> Vec<u64> {
    let entries = client.all(&format!("{}/history?limit={limit}", path(id)));
    entries.iter().map(|entry| entry["revision"].as_u64().unwrap()).collect()
}

#[test]
fn one_that_becomes_restricted_is_gone_for_a_viewer_with_its_past_and_comes_back_with_it() {
    let office = Office::open();
    let (analyst, viewer) = (&office.analyst, &office.viewer);
    let vendor = analyst.vendor("Zenith Works");
    let id = analyst.designation(&vendor, &order("2026-03-01", &json!([{}])));
    let head = analyst.head();
    viewer.get(&path(&id)).expect(200);
    analyst.change(&path(&id), &json!({ "visibility": "restricted" }));
    for query in ["".to_owned(), format!("?known_seq={head}")] {
        analyst.get(&(path(&id) + &query)).expect(200);
        let problem = viewer.get(&(path(&id) + &query)).expect_problem(404, "not_found");
        assert_eq!(problem.text_at("/detail"), format!("there is no designation {id}"));
    }
    viewer.get(&format!("/v1/journal/{head}")).expect_problem(404, "not_found");
    assert!(viewer.all("/v1/journal?subject_kind=designation").is_empty());
    assert_eq!(analyst.all("/v1/journal?subject_kind=designation").len(), 2);
    assert!(viewer.all(&format!("/v1/designations?known_seq={head}")).is_empty());
    assert!(viewer.all("/v1/vendors?designated=true").is_empty());
    assert_eq!(viewer.all("/v1/vendors?designated=false").len(), 1);
    assert_eq!(analyst.all("/v1/vendors?designated=true").len(), 1);
    let standing = format!("/v1/vendors/{vendor}/standing?on=2026-04-01&known_seq={head}");
    assert_eq!(viewer.get(&standing).expect(200).text_at("/verdict"), "clear");
    assert_eq!(analyst.get(&standing).expect(200).text_at("/verdict"), "prohibited");
    analyst.change(&path(&id), &json!({ "visibility": "public" }));
    assert_eq!(viewer.get(&standing).expect(200).text_at("/verdict"), "prohibited");
    // The entries from when it was restricted stay hidden, and so does the version that they made.
    assert_eq!(revisions(viewer, &id, 50), [1, 3]);
    assert_eq!(revisions(analyst, &id, 50), [1, 2, 3]);
    viewer.get(&format!("{}?known_seq={}", path(&id), head + 1)).expect_problem(404, "not_found");
    viewer.get(&format!("{}?known_seq={}", path(&id), head + 2)).expect(200);
}

#[test]
fn a_history_tells_what_changed_since_the_last_entry_that_is_seen_also_across_pages() {
    let office = Office::open();
    let (analyst, viewer) = (&office.analyst, &office.viewer);
    let vendor = analyst.vendor("Zenith Works");
    let id = analyst.designation(&vendor, &order("2026-03-01", &json!([{}])));
    analyst.change(&path(&id), &json!({ "summary": "First" }));
    analyst.change(&path(&id), &json!({ "visibility": "restricted", "summary": "A secret" }));
    analyst.change(&path(&id), &json!({ "title": "Another secret" }));
    analyst.change(&path(&id), &json!({ "visibility": "public", "summary": "Second", "title": "A title" }));
    analyst.change(&path(&id), &json!({ "reference": "N-1" }));
    assert_eq!(revisions(viewer, &id, 1), [1, 2, 5, 6]);
    for limit in [1, 2, 3, 50] {
        let entries = viewer.all(&format!("{}/history?limit={limit}", path(&id)));
        assert!(!json!(entries).to_string().contains("secret"), "{entries:?}");
        let mut known = entries[0]["payload"].clone();
        assert_eq!(entries[0]["patch"], json!([]));
        for entry in &entries[1..] {
            let patch: json_patch::Patch = serde_json::from_value(entry["patch"].clone()).unwrap();
            json_patch::patch(&mut known, &patch).unwrap();
            assert_eq!(known, entry["payload"]);
        }
    }
    // A cursor that was handed on by somebody who sees more begins where a viewer's own would.
    let history = format!("{}/history?limit=4", path(&id));
    let cursor = analyst.get(&history).expect(200).text_at("/next_cursor");
    let page = viewer.get(&format!("{history}&cursor={cursor}")).expect(200).json();
    assert_eq!(page["items"][0]["revision"], 5);
    assert!(!page.to_string().contains("secret"), "{page}");
}

#[test]
fn one_that_is_published_shows_its_versions_from_then_on() {
    let office = Office::open();
    let (analyst, viewer) = (&office.analyst, &office.viewer);
    let vendor = analyst.vendor("Zenith Works");
    let mut body = analyst.designation_body(&vendor, &order("2026-03-01", &json!([{}])));
    body["visibility"] = json!("restricted");
    let id = analyst.post("/v1/designations", &body).expect(201).id();
    analyst.post(&format!("{}/reasons", path(&id)), &reason()).expect(201);
    viewer.get(&path(&id)).expect_problem(404, "not_found");
    let before = analyst.head();
    analyst.change(&path(&id), &json!({ "visibility": "public" }));
    assert_eq!(viewer.get(&path(&id)).expect(200).json()["revision"], 3);
    assert_eq!(revisions(viewer, &id, 1), [3]);
    assert_eq!(viewer.get(&format!("{}/history", path(&id))).json()["items"][0]["patch"], json!([]));
    viewer.get(&format!("{}?known_seq={before}", path(&id))).expect_problem(404, "not_found");
    assert!(viewer.all(&format!("/v1/designations?known_seq={before}")).is_empty());
    assert_eq!(viewer.all("/v1/designations").len(), 1);
}

#[test]
fn a_standing_says_how_far_it_looked_and_that_clear_is_no_clearance_then() {
    let office = Office::open();
    let (analyst, viewer) = (&office.analyst, &office.viewer);
    let vendor = analyst.vendor("Zenith Works");
    let path = format!("/v1/vendors/{vendor}/standing?on=2026-04-01");
    let said = |client: &Client| {
        let standing = client.get(&path).expect(200).json();
        let text = |field: &str| standing[field].as_str().unwrap().to_owned();
        (text("verdict"), text("coverage"), text("summary"))
    };
    let (verdict, coverage, summary) = said(viewer);
    assert_eq!((verdict.as_str(), coverage.as_str()), ("clear", "public"));
    assert_eq!(
        summary,
        "Zenith Works is clear on 2026-04-01 for any use: no public designation binds, is stayed or is pending; only public \
         designations were looked at, so this is no clearance."
    );
    let (verdict, coverage, summary) = said(analyst);
    assert_eq!((verdict.as_str(), coverage.as_str()), ("clear", "full"));
    assert!(!summary.contains("public"), "{summary}");
    // Before the vendor was recorded, too.
    let unknown = viewer.get(&format!("{path}&known_seq=0")).expect(200).text_at("/summary");
    assert!(
        unknown.ends_with("; only public designations were looked at, so this is no clearance."),
        "{unknown}"
    );
    let mut advice = analyst.designation_body(&vendor, &order("2026-03-01", &json!([{}])));
    advice["effect"] = json!("advisory");
    analyst.post("/v1/designations", &advice).expect(201);
    let (verdict, _, summary) = said(viewer);
    assert_eq!(verdict, "advisory");
    assert!(
        summary.ends_with("; only public designations were looked at, and a restricted one may go further."),
        "{summary}"
    );
    let body = json!({ "vendors": [{ "vendor_id": vendor }], "on": "2026-04-01" });
    let batch: Value = viewer.post("/v1/standing-checks", &body).expect(200).json();
    assert_eq!(batch["items"][0]["standing"]["coverage"], "public");
    assert_eq!(batch["items"][0]["standing"]["summary"], summary);
}
