//! Retiring a vendor, what stands in the way, and coming back.

use serde_json::{Value, json};

use super::{
    super::support::{
        App, Client,
        samples::{details, event, order},
    },
    create, full, path,
};

#[test]
fn a_retired_vendor_says_when_by_whom_and_why_and_leaves_the_lists_only() {
    let app = App::empty();
    let client = &app.client;
    let vendor = create(client, &full());
    client.send("DELETE", &path(&vendor), &[], None).expect_problem(428, "precondition_required");
    client.delete(&path(&vendor), "\"2\"").expect_problem(412, "stale");
    let retired = client.end(&path(&vendor), "Bought by another");
    let mut expected = vendor.clone();
    expected["status"] = json!("retired");
    expected["revision"] = json!(2);
    expected["updated_at"] = retired["updated_at"].clone();
    expected["ended"] = json!({ "at": retired["updated_at"], "by": "local", "comment": "Bought by another" });
    assert_eq!(retired, expected);
    assert_eq!(client.get(&path(&vendor)).expect(200).json(), retired);
    let entry = client.get(&format!("/v1/journal/{}", client.head())).expect(200).json();
    assert_eq!(
        (&entry["action"], &entry["comment"]),
        (&json!("vendor.retired"), &json!("Bought by another"))
    );
    let listed = |query: &str| client.all(&format!("/v1/vendors?{query}"));
    assert_eq!((listed(""), listed("status=active")), (vec![], vec![]));
    assert_eq!(listed("status=retired"), [retired]);
    client.delete(&path(&vendor), "*").expect_problem(409, "already_retired");
    let quiet = create(client, &json!({ "legal_name": "Quiet", "kind": "company" }));
    assert_eq!(client.delete(&path(&quiet), "*").expect(200).json()["ended"]["comment"], Value::Null);
}

#[test]
fn a_vendor_comes_back_by_a_patch_of_its_status() {
    let app = App::empty();
    let client = &app.client;
    let vendor = create(client, &full());
    client.end(&path(&vendor), "Gone");
    let edited = client.change(&path(&vendor), &json!({ "description": "Still gone" }));
    assert_eq!((&edited["status"], &edited["ended"]["comment"]), (&json!("retired"), &json!("Gone")));
    let back = client.change(&path(&vendor), &json!({ "status": "active", "legal_name": "Back" }));
    assert_eq!(
        (&back["status"], &back["ended"], &back["legal_name"]),
        (&json!("active"), &Value::Null, &json!("Back"))
    );
    assert_eq!(client.all("/v1/vendors"), [back]);
    let entry = client.get(&format!("/v1/journal/{}", client.head())).expect(200).json();
    assert_eq!(entry["action"], "vendor.reactivated");
}

/// A vendor with one designation that came about so.
fn designated(client: &Client, first: &Value, later: &[Value]) -> (String, String) {
    let vendor = client.vendor("Acme");
    let designation = client.designation(&vendor, first);
    for event in later {
        client.event(&designation, event);
    }
    (format!("/v1/vendors/{vendor}"), format!("/v1/designations/{designation}"))
}

#[test]
fn a_vendor_with_a_live_designation_stays_stayed_or_not() {
    let app = App::empty();
    let client = &app.client;
    let court = client.authority("Court", "court");
    let ordered = order("2026-03-01", &json!([{}]));
    let stay = event("stayed", "2026-04-01", &details("stayed", &court, ""));
    let urgent = event("urgent_action", "2026-03-01", &json!({ "scopes": [{}], "basis": "Now" }));
    let issued = order("2026-03-01", &json!([{ "effective_from": "2099-01-01" }]));
    for (first, later) in
        [(&ordered, vec![]), (&ordered, vec![stay.clone()]), (&urgent, vec![]), (&issued, vec![])]
    {
        let (vendor, designation) = designated(client, first, &later);
        let head = client.head();
        client.delete(&vendor, "*").expect_problem(409, "in_use");
        assert_eq!(client.head(), head);
        client.end(&designation, "A mistake");
        client.end(&vendor, "Gone");
    }
    let rescinded = event("rescinded", "2026-05-01", &json!({}));
    let proposed = event("proposal_recorded", "2026-03-01", &json!({ "scopes": [{}] }));
    let expired = order("2026-03-01", &json!([{ "effective_to": "2026-04-01" }]));
    for (first, later) in [(&ordered, vec![stay, rescinded]), (&proposed, vec![]), (&expired, vec![])] {
        let (vendor, _) = designated(client, first, &later);
        client.end(&vendor, "Gone");
    }
}

#[test]
fn a_retired_vendor_keeps_its_standing_on_past_dates() {
    let app = App::empty();
    let client = &app.client;
    let rescinded = event("rescinded", "2026-05-01", &json!({}));
    let (vendor, designation) = designated(client, &order("2026-03-01", &json!([{}])), &[rescinded]);
    let verdict =
        |on: &str| client.get(&format!("{vendor}/standing?on={on}")).expect(200).text_at("/verdict");
    client.end(&vendor, "Gone");
    assert_eq!(["2026-02-28", "2026-04-30", "2026-05-01"].map(verdict), ["clear", "prohibited", "clear"]);
    assert_eq!(client.all(&format!("{vendor}/designations")).len(), 1);
    let mut body = client.designation_body("", &order("2026-03-01", &json!([{}])));
    body["vendor_id"] = json!(vendor.rsplit('/').next().unwrap());
    let refused = client.refused("POST", "/v1/designations", &body);
    assert_eq!(refused, [("/vendor_id".to_owned(), "retired_reference".to_owned())]);
    client.event(designation.rsplit('/').next().unwrap(), &event("noted", "2026-06-01", &json!({})));
}
