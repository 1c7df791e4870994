//! Nobody reads of reviews but who may: a viewer finds none in the feed, under no position and in no history. That an entry
//! was confirmed in one is told by the review's id alone.

use risk_registry::access::FourEyes;
use serde_json::json;

use super::{
    desk::{Desk, path},
    walk::UNKNOWN,
};
use crate::support::{Office, samples::order};

#[test]
fn a_viewer_finds_nothing_of_reviews_but_the_id_of_one_that_made_a_public_entry() {
    let office = Office::with(FourEyes::On);
    let desk = Desk { analyst: office.analyst.clone(), approver: office.approver.clone() };
    let (analyst, viewer) = (&office.analyst, &office.viewer);
    let vendor = analyst.vendor("Zenith Works");
    let mut body = analyst.designation_body(&vendor, &order("2026-03-01", &json!([{}])));
    let open = desk.create(&body);
    desk.undecided(&open);
    desk.proposed(&body);
    body["visibility"] = json!("restricted");
    let hidden = desk.create(&body);
    desk.undecided(&hidden);

    let all = analyst.all("/v1/journal");
    let is_review = |entry: &serde_json::Value| entry["subject_kind"] == "review";
    let reviews: Vec<_> = all.iter().filter(|entry| is_review(entry)).collect();
    // Two were confirmed; of each designation, four changes were rejected, withdrawn and left; one creation each.
    assert_eq!(reviews.len(), 2 * 2 + 2 * (4 * 2 + 4 * 2 + 4) + 2 + 1);
    let feed = viewer.all("/v1/journal");
    let expected = all.iter().filter(|entry| !is_review(entry) && entry["subject_id"] != json!(hidden));
    assert_eq!(feed, expected.cloned().collect::<Vec<_>>());
    for query in ["", "&limit=1", "&after=3"] {
        let page = viewer.get(&format!("/v1/journal?subject_kind=review{query}")).expect(200).json();
        assert_eq!(page, json!({ "items": [], "next_cursor": null }));
    }
    let missing = |path: &str| viewer.get(path).expect_problem(404, "not_found").text_at("/detail");
    for review in &reviews {
        let (seq, id) = (&review["seq"], review["subject_id"].as_str().unwrap());
        let beyond = missing("/v1/journal/99999");
        assert_eq!(missing(&format!("/v1/journal/{seq}")), beyond.replace("99999", &seq.to_string()));
        for kind in ["designations", "vendors", "authorities", "regimes"] {
            for rest in ["", "/history"] {
                let of = |id: &str| missing(&format!("/v1/{kind}/{id}{rest}"));
                assert_eq!(of(id), of(UNKNOWN).replace(UNKNOWN, id), "{kind}{rest}");
            }
        }
        for rest in ["", "/history"] {
            let of = |id: &str| viewer.get(&format!("/v1/reviews/{id}{rest}")).expect(403).text_at("/detail");
            assert_eq!(of(id), of(UNKNOWN), "{rest}");
        }
    }
    let history = viewer.all(&path(&open, "/history"));
    let [entry] = history.as_slice() else { panic!("one entry: {history:?}") };
    let confirmed = reviews.iter().find(|review| review["payload"]["designation_id"] == json!(open)).unwrap();
    assert_eq!(entry["review_id"], confirmed["subject_id"]);
    let of_entry = viewer.get(&format!("/v1/journal/{}", entry["seq"])).expect(200).json();
    assert_eq!(of_entry["review_id"], confirmed["subject_id"]);
    for kind in ["all", "pending", "confirmed", "rejected"] {
        viewer.get(&format!("/v1/reviews?status={kind}")).expect(403);
    }
}
