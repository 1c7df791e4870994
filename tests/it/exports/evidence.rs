//! Who may read what in an export, and what the access log says of it.

use risk_registry::values::Sha256Hex;
use serde_json::{Value, json};

use super::{Sheet, csv, ndjson, records};
use crate::support::{Client, Office, samples::order};

fn designation(client: &Client, vendor: &str, visibility: &str) -> String {
    let mut body =
        client.designation_body(vendor, &order("2026-03-03", &json!([{ "environments": ["secret"] }])));
    body["visibility"] = json!(visibility);
    client.post("/v1/designations", &body).expect(201).id()
}

fn entries(auditor: &Client, operation: &str) -> Vec<Value> {
    let mut entries = auditor.all(&format!("/v1/access-log?operation={operation}"));
    entries.reverse();
    entries
}

#[test]
fn restricted_designations_are_in_the_exports_of_those_who_see_them_and_in_the_log() {
    let office = Office::open();
    let vendor = office.analyst.vendor("Acme");
    let public = designation(&office.analyst, &vendor, "public");
    let hidden: Vec<String> = (0..3).map(|_| designation(&office.analyst, &vendor, "restricted")).collect();
    let seen = ndjson(&office.viewer, "designations", "");
    assert_eq!(seen.iter().map(|record| record["id"].as_str().unwrap()).collect::<Vec<_>>(), [&public]);
    assert_eq!(csv(&office.viewer, "designations", "").column("id"), [&public]);
    assert_eq!(entries(&office.auditor, "export_designations"), [] as [Value; 0]);

    let answer = office.analyst.get("/v1/exports/designations?sort=updated_at").expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(Sheet::of(&answer).column("id")[1..], hidden);
    let logged = entries(&office.auditor, "export_designations");
    let [begun, ended] = logged.as_slice() else { panic!("{logged:?}") };
    assert_eq!(begun["answer_sha256"], Sha256Hex::of(b"").as_str());
    assert_eq!(ended["answer_sha256"], Sha256Hex::of(answer.text.as_bytes()).as_str());
    assert_eq!(begun["request_id"], ended["request_id"]);
    assert_eq!(begun["actor"], "anna.analyst");
    assert_eq!(begun["restricted_count"], 3);
    assert_eq!(ended["restricted_count"], 0, "the beginning names them");
    let named: Vec<&str> =
        begun["restricted"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert!(hidden.iter().all(|id| named.contains(&id.as_str())));
    assert_eq!(begun["known_seq"].to_string(), answer.header("known-seq").unwrap());
    for id in &hidden {
        let found =
            office.auditor.all(&format!("/v1/access-log?subject_id={id}&operation=export_designations"));
        assert_eq!(found.len(), 1);
    }

    // What only holds public ones leaves no trace, whoever asks; headers alone, and 304, tell as much as the whole.
    office.analyst.get("/v1/exports/designations?status=voided").expect(200);
    office.analyst.get("/v1/exports/vendors").expect(200);
    assert_eq!(entries(&office.auditor, "export_designations").len(), 2);
    assert_eq!(entries(&office.auditor, "export_vendors").len(), 0);
    office.analyst.send("HEAD", "/v1/exports/designations", &[], None).expect(200);
    assert_eq!(entries(&office.auditor, "export_designations").len(), 3);
    let etag = answer.etag();
    let held =
        office.analyst.get_with("/v1/exports/designations?sort=updated_at", &[("if-none-match", &etag)]);
    assert_eq!(held.expect(304).header("cache-control"), Some("no-store"));
    assert_eq!(entries(&office.auditor, "export_designations").len(), 4);

    // Whoever sees no restricted ones is told without a search, and without a trace.
    let path = "/v1/exports/designations?sort=updated_at";
    let etag = office.viewer.get(path).expect(200).etag();
    let held = office.viewer.get_with(path, &[("if-none-match", &etag)]).expect(304);
    assert_eq!((held.header("cache-control"), held.etag()), (Some("private, no-cache"), etag.clone()));
    assert_eq!(entries(&office.auditor, "export_designations").len(), 4);
    // `*` names no answer that somebody has, and so makes no question right.
    let beyond = "/v1/exports/designations?known_seq=1000";
    office.viewer.get_with(beyond, &[("if-none-match", "*")]).expect_problem(422, "invalid");
    office.viewer.get_with(path, &[("if-none-match", "*")]).expect(304);
    designation(&office.analyst, &vendor, "restricted");
    let changed = office.viewer.get_with(path, &[("if-none-match", &etag)]).expect(200);
    assert_ne!(changed.etag(), etag);
}

#[test]
fn every_export_of_standings_is_evidence() {
    let office = Office::open();
    let vendors: Vec<String> = (0..3).map(|n| office.analyst.vendor(&format!("Vendor {n}"))).collect();
    let hidden = designation(&office.analyst, &vendors[1], "restricted");
    let body = json!({ "vendors": vendors.iter().map(|id| json!({ "vendor_id": id })).collect::<Vec<_>>() });
    let path = "/v1/exports/standing-checks?format=ndjson";
    for (client, verdict) in [(&office.viewer, "clear"), (&office.analyst, "prohibited")] {
        let answer = client.post(path, &body).expect(200);
        assert_eq!(records(&answer)[1]["standing"]["verdict"], verdict);
        let logged = entries(&office.auditor, "export_standing_checks");
        let [.., begun, ended] = logged.as_slice() else { panic!("{logged:?}") };
        assert_eq!(begun["vendor_count"], 3);
        assert_eq!(begun["restricted"] == json!([hidden]), verdict == "prohibited");
        assert_eq!(begun["request_sha256"], Sha256Hex::of(body.to_string().as_bytes()).as_str());
        assert_eq!(ended["answer_sha256"], Sha256Hex::of(answer.text.as_bytes()).as_str());
    }
}

#[test]
fn the_filters_of_an_export_count_what_its_reader_sees() {
    let office = Office::open();
    let vendor = office.analyst.vendor("Acme");
    designation(&office.analyst, &vendor, "restricted");
    assert_eq!(ndjson(&office.viewer, "vendors", "designated=true").len(), 0);
    assert_eq!(ndjson(&office.analyst, "vendors", "designated=true").len(), 1);
    let etag = |client: &Client| client.get("/v1/exports/vendors?designated=true").expect(200).etag();
    assert_ne!(etag(&office.viewer), etag(&office.analyst), "whoever sees more gets another file");
}

#[test]
fn counts_about_a_vendor_name_its_restricted_designations_in_the_log_and_hide_them_from_viewers() {
    let office = Office::open();
    let vendor = office.analyst.vendor("Acme");
    designation(&office.analyst, &vendor, "public");
    let hidden = designation(&office.analyst, &vendor, "restricted");
    let path = format!("/v1/exports/statistics?vendor_id={vendor}&on=2026-04-10");
    let seen = office.viewer.get(&path).expect(200);
    assert_eq!(Sheet::of(&seen).column("designations"), ["1"]);
    assert_eq!(seen.header("cache-control"), Some("private, no-cache"));
    assert_eq!(entries(&office.auditor, "export_statistics").len(), 0);

    let answer = office.analyst.get(&path).expect(200);
    assert_eq!(Sheet::of(&answer).column("designations"), ["2"]);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_ne!(answer.etag(), seen.etag(), "another file for who sees more");
    let logged = entries(&office.auditor, "export_statistics");
    let [begun, ended] = logged.as_slice() else { panic!("{logged:?}") };
    assert_eq!(begun["restricted"], json!([hidden]));
    assert_eq!(ended["answer_sha256"], Sha256Hex::of(answer.text.as_bytes()).as_str());

    // Filters and groups can leave one record in a count of everything.
    office.analyst.get("/v1/exports/statistics?on=2026-04-10").expect(200);
    assert_eq!(entries(&office.auditor, "export_statistics").len(), 4);
}
