//! The queue of reviews: its filters, its order and its pages.

use serde_json::{Value, json};

use super::{Case, ask, confirm, first_reason, id_of, office, proposals};
use crate::conventions::calls::NOWHERE;

fn ids(reviews: &[Value]) -> Vec<String> {
    reviews.iter().map(|review| id_of(&review["id"])).collect()
}

#[test]
fn the_queue_is_oldest_first_and_narrowed_by_every_filter() {
    let office = office();
    let (case, other) = (Case::new(&office), Case::new(&office));
    let designation = case.confirmed(&office);
    confirm(
        &office.approver,
        &office
            .analyst
            .post(&format!("/v1/designations/{designation}/reasons"), &super::reason())
            .expect(202)
            .json(),
    );
    let reason = first_reason(&office.analyst, &designation);
    let mut pending = Vec::new();
    for (number, (_, method, path, body)) in proposals(&designation, &reason).into_iter().enumerate() {
        let client = if number % 2 == 0 { &office.analyst } else { &office.approver };
        pending.push(ask(client, method, &path, body.as_ref()).expect(202).json());
    }
    pending.push(office.analyst.post("/v1/designations", &other.body).expect(202).json());
    let list = |query: &str| ids(&office.auditor.all(&format!("/v1/reviews?{query}")));
    assert_eq!(list("limit=500"), ids(&pending));
    assert_eq!(list("limit=1"), ids(&pending));
    assert_eq!(list("limit=4&status=pending"), ids(&pending));
    assert_eq!(list("status=confirmed").len(), 2);
    assert!(list("status=rejected").is_empty());
    let of = |field: &str, value: &Value| {
        let fitting = pending.iter().filter(|review| review.pointer(field) == Some(value));
        ids(&fitting.cloned().collect::<Vec<_>>())
    };
    let proposed = id_of(&pending[5]["designation_id"]);
    for (query, field, value) in [
        (format!("designation_id={designation}"), "/designation_id", &designation),
        (format!("designation_id={proposed}"), "/designation_id", &proposed),
        (format!("vendor_id={}", case.vendor), "/vendor_id", &case.vendor),
        (format!("vendor_id={}", other.vendor), "/vendor_id", &other.vendor),
        ("proposed_by=anna.analyst".to_owned(), "/proposed_by", &"anna.analyst".to_owned()),
        ("proposed_by=paul.approver".to_owned(), "/proposed_by", &"paul.approver".to_owned()),
        ("change=add_reason".to_owned(), "/proposal/change", &"add_reason".to_owned()),
    ] {
        let found = of(field, &json!(value));
        assert!(!found.is_empty() && found.len() < pending.len(), "{query}");
        assert_eq!(list(&query), found, "{query}");
        assert_eq!(list(&format!("{query}&limit=1")), found, "{query}");
    }
    assert_eq!(list("change=add_reason&change=record_event").len(), 2);
    assert_eq!(
        list(&format!("change=add_reason&proposed_by=paul.approver&vendor_id={}", case.vendor)).len(),
        1
    );
    assert!(list("change=add_reason&proposed_by=anna.analyst").is_empty());
    assert!(list("proposed_by=nobody").is_empty());
    for (parameter, value) in [("vendor_id", NOWHERE), ("designation_id", NOWHERE)] {
        let refused = office.auditor.get(&format!("/v1/reviews?{parameter}={value}"));
        assert_eq!(refused.expect_problem(422, "invalid").json()["errors"][0]["code"], "unknown_reference");
    }
    office.auditor.get("/v1/reviews?status=odd").expect_problem(400, "invalid_query");
    office.auditor.get(&format!("/v1/reviews/{NOWHERE}")).expect_problem(404, "not_found");
    office.auditor.get(&format!("/v1/reviews/{designation}")).expect_problem(404, "not_found");
    office.auditor.get(&format!("/v1/reviews/{designation}/history")).expect_problem(404, "not_found");
}
