//! Changing a designation: what a patch may touch, and under which condition.

use serde_json::{Value, json};

use super::{
    super::support::{
        App,
        samples::{event, order, today},
    },
    UNKNOWN,
};

#[test]
fn a_patch_replaces_what_it_names_and_null_empties() {
    let app = App::empty();
    let client = &app.client;
    let vendor = client.vendor("Acme");
    let other = client.designation(&vendor, &order("2026-03-01", &json!([{}])));
    let id = client.designation(&vendor, &order("2026-03-01", &json!([{}])));
    let path = format!("/v1/designations/{id}");
    let before = client.get(&path).expect(200).json();
    let patch = json!({
        "reference": "26-1", "title": " Another title ", "summary": "Why", "basis_disclosure": "withheld",
        "visibility": "restricted", "links": [{ "kind": "derived_from", "designation_id": other }],
    });
    let after = client.change(&path, &patch);
    let mut expected = before.clone();
    json_patch::merge(&mut expected, &patch);
    expected["title"] = json!("Another title");
    expected["revision"] = json!(2);
    expected["updated_at"] = after["updated_at"].clone();
    assert_eq!(after, expected);
    assert!(after["updated_at"].as_str() > before["updated_at"].as_str());
    let emptied = client.change(&path, &json!({ "reference": null, "summary": null, "links": null }));
    assert_eq!(
        (&emptied["reference"], &emptied["summary"], &emptied["links"]),
        (&Value::Null, &Value::Null, &json!([]))
    );

    let head = client.head();
    let same = client.change(&path, &json!({ "title": "Another title", "reference": null }));
    assert_eq!((client.head(), &same["revision"]), (head, &json!(3)), "what changes nothing is not recorded");
    let of = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
    let link = |id: &str| json!({ "links": [{ "kind": "implements", "designation_id": id }] });
    assert_eq!(client.refused("PATCH", &path, &link(&id)), of("/links/0/designation_id", "invalid_value"));
    assert_eq!(
        client.refused("PATCH", &path, &link(UNKNOWN)),
        of("/links/0/designation_id", "unknown_reference")
    );
    assert_eq!(client.refused("PATCH", &path, &json!({ "title": null })), of("/title", "missing_field"));
    assert_eq!(client.head(), head);
}

#[test]
fn subject_regime_authority_effect_instrument_and_origin_are_fixed() {
    let app = App::empty();
    let client = &app.client;
    let id = client.designation(&client.vendor("Acme"), &order("2026-03-01", &json!([{}])));
    let path = format!("/v1/designations/{id}");
    let record = client.get(&path).expect(200).json();
    let own = ["vendor_id", "category", "regime_id", "authority_id", "effect", "instrument", "origin"];
    let kept = [
        "id",
        "revision",
        "created_at",
        "updated_at",
        "status",
        "reasons",
        "scopes",
        "events",
        "next_review_on",
        "warnings",
        "ended",
        "current",
    ];
    let shown = own.into_iter().chain(kept).map(|field| (field, "fixed_field"));
    for (field, code) in shown.chain([("nonsense", "unknown_field")]) {
        for value in [record[field].clone(), Value::Null] {
            let errors = client.refused("PATCH", &path, &json!({ field: value }));
            assert_eq!(errors, [(format!("/{field}"), code.to_owned())]);
        }
    }
    assert_eq!(client.get(&path).expect(200).json(), record);
}

#[test]
fn the_etag_names_revision_and_day_and_a_change_compares_the_revision_alone() {
    let app = App::empty();
    let client = &app.client;
    let id = client.designation(&client.vendor("Acme"), &order("2026-03-01", &json!([{}])));
    let path = format!("/v1/designations/{id}");
    let read = client.get(&path).expect(200);
    let unchanged = client.get_with(&path, &[("if-none-match", &read.etag())]).expect(304);
    assert_eq!((unchanged.etag(), unchanged.text.as_str()), (read.etag(), ""));
    client.get_with(&path, &[("if-none-match", "\"1.2020-01-01\"")]).expect(200);

    let titled = |title: &str| json!({ "title": title });
    let changed = client.patch(&path, "\"1.2020-01-01\"", &titled("Of yesterday")).expect(200);
    assert_eq!(changed.etag(), format!("\"2.{}\"", today()));
    client.patch(&path, "\"2\"", &titled("Without a day")).expect(200);
    for stale in [read.etag(), changed.etag(), format!("W/\"3.{}\"", today()), "\"other\"".to_owned()] {
        client.patch(&path, &stale, &titled("Stale")).expect_problem(412, "stale");
    }
    client.patch(&path, &format!("\"9.{0}\", \"3.{0}\"", today()), &titled("One of them")).expect(200);
    client.patch(&path, "4", &titled("No ETag")).expect_problem(400, "malformed_request");
    let headers = [("content-type", "application/json")];
    let bare = client.send("PATCH", &path, &headers, Some(b"{\"title\": \"Bare\"}"));
    bare.expect_problem(428, "precondition_required");
    assert_eq!(client.get(&path).expect(200).json()["title"], "One of them");
}

#[test]
fn a_designation_reads_as_it_was_known() {
    let app = App::empty();
    let client = &app.client;
    let id = client.designation(&client.vendor("Acme"), &order("2026-03-01", &json!([{}])));
    let path = format!("/v1/designations/{id}");
    let first = (client.head(), client.get(&path).expect(200));
    client.event(&id, &event("rescinded", "2026-04-01", &json!({})));
    let second = (client.head(), client.get(&path).expect(200));
    client.change(&path, &json!({ "title": "Later" }));
    for (seq, known) in [first, second] {
        let again = client.get(&format!("{path}?known_seq={seq}")).expect(200);
        assert_eq!((&again.text, again.etag()), (&known.text, known.etag()));
        let at = known.json()["updated_at"].as_str().unwrap().to_owned();
        assert_eq!(client.get(&format!("{path}?known_at={at}")).expect(200).text, known.text);
    }
    let created = client.get(&path).json()["events"][0]["seq"].as_u64().unwrap();
    client.get(&format!("{path}?known_seq={}", created - 1)).expect_problem(404, "not_found");
    client.get(&format!("/v1/designations/{UNKNOWN}")).expect_problem(404, "not_found");
}
