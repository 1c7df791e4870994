//! The verdict, the findings that led to it, and how long it holds.

use serde_json::{Value, json};

use super::{
    super::support::{
        App, Client,
        samples::{event, order, source},
    },
    ask, found, unmatched, verdict,
};

/// A designation of a vendor with this effect.
fn with_effect(client: &Client, vendor: &str, effect: &str, first: &Value) -> String {
    let mut body = client.designation_body(vendor, first);
    body["effect"] = json!(effect);
    client.post("/v1/designations", &body).expect(201).id()
}

#[test]
fn the_strongest_effect_in_force_decides() {
    let app = App::empty();
    let vendor = app.client.vendor("Acme");
    let steps = [
        ("reportable", "2026-02-01"),
        ("prohibited", "2026-04-01"),
        ("advisory", "2026-01-01"),
        ("restricted", "2026-03-01"),
    ];
    for (effect, on) in steps {
        with_effect(&app.client, &vendor, effect, &order(on, &json!([{}])));
    }
    let rising = ["clear", "advisory", "reportable", "restricted", "prohibited"];
    for (month, expected) in rising.into_iter().enumerate() {
        let on = format!("2026-{:02}-28", month.max(1));
        let on = if month == 0 { "2025-12-31" } else { &*on };
        let standing = ask(&app.client, &vendor, &format!("on={on}"));
        assert_eq!(verdict(&standing), expected, "on {on}");
        assert_eq!(found(&standing).len(), month);
        let next = if month < 4 { json!(format!("2026-{:02}-01", month + 1)) } else { Value::Null };
        assert_eq!(standing["holds_until"], next, "on {on}");
    }
}

#[test]
fn the_summary_cites_what_decides_and_nothing_weaker() {
    let app = App::empty();
    let vendor = app.client.vendor("Acme");
    for (title, effect, on) in
        [("The order", "prohibited", "2026-03-01"), ("The advice", "advisory", "2026-02-01")]
    {
        let mut body = app.client.designation_body(&vendor, &order(on, &json!([{}])));
        body["title"] = json!(title);
        body["effect"] = json!(effect);
        app.client.post("/v1/designations", &body).expect(201);
    }
    let summary = |on: &str| ask(&app.client, &vendor, &format!("on={on}"))["summary"].to_string();
    let advised = summary("2026-02-28");
    assert!(advised.contains("Acme is advisory") && advised.contains("The advice"), "{advised}");
    let prohibited = summary("2026-03-01");
    assert!(prohibited.contains("Acme is prohibited") && prohibited.contains("The order"), "{prohibited}");
    assert!(!prohibited.contains("The advice"), "it prohibits nothing: {prohibited}");
}

#[test]
fn each_state_leads_to_its_verdict() {
    let app = App::empty();
    let court = app.client.authority("Court", "court");
    let stay = event("stayed", "2026-04-01", &json!({ "authority_id": court, "case_number": "1" }));
    let vacated = json!({ "authority_id": court, "case_number": "1", "retroactive": false });
    let scopes = json!([{}]);
    let cases: [(&str, Value, Vec<Value>, Option<&str>); 9] = [
        (
            "pending",
            event("proposal_recorded", "2026-03-01", &json!({ "scopes": scopes })),
            vec![],
            Some("proposed"),
        ),
        (
            "pending",
            event("notice_issued", "2026-03-01", &json!({ "scopes": scopes })),
            vec![],
            Some("noticed"),
        ),
        (
            "pending",
            order("2026-03-01", &json!([{ "effective_from": "2026-06-01" }])),
            vec![],
            Some("issued"),
        ),
        (
            "prohibited",
            event("urgent_action", "2026-03-01", &json!({ "scopes": scopes, "basis": "Now" })),
            vec![],
            Some("interim"),
        ),
        ("prohibited", order("2026-03-01", &scopes), vec![], Some("in_force")),
        ("stayed", order("2026-03-01", &scopes), vec![stay.clone()], Some("stayed")),
        (
            "clear",
            order("2026-03-01", &scopes),
            vec![event("vacated", "2026-04-01", &vacated)],
            Some("vacated"),
        ),
        ("clear", order("2026-03-01", &json!([{ "effective_to": "2026-04-01" }])), vec![], Some("expired")),
        ("clear", order("2026-05-02", &scopes), vec![], None),
    ];
    for (expected, first, later, state) in cases {
        let vendor = app.client.vendor("Acme");
        let designation = app.client.designation(&vendor, &first);
        for event in later {
            app.client.event(&designation, &event);
        }
        let standing = ask(&app.client, &vendor, "on=2026-05-01");
        assert_eq!(verdict(&standing), expected, "{state:?}");
        assert_eq!(standing["findings"][0]["scopes"][0]["state"], json!(state));
        assert_eq!(found(&standing).len(), usize::from(state.is_some()), "ended ones are findings too");
        assert_eq!(unmatched(&standing), Vec::<&str>::new());
    }
}

#[test]
fn what_is_in_force_goes_before_a_stay_and_a_stay_before_what_is_pending() {
    let app = App::empty();
    let vendor = app.client.vendor("Acme");
    let court = app.client.authority("Court", "court");
    let stayed = with_effect(&app.client, &vendor, "prohibited", &order("2026-03-01", &json!([{}])));
    with_effect(
        &app.client,
        &vendor,
        "prohibited",
        &event("proposal_recorded", "2026-03-01", &json!({ "scopes": [{}] })),
    );
    app.client.event(
        &stayed,
        &event("stayed", "2026-04-01", &json!({ "authority_id": court, "case_number": "1" })),
    );
    assert_eq!(verdict(&ask(&app.client, &vendor, "on=2026-05-01")), "stayed");
    with_effect(&app.client, &vendor, "advisory", &order("2026-03-02", &json!([{}])));
    assert_eq!(verdict(&ask(&app.client, &vendor, "on=2026-05-01")), "advisory");
}

#[test]
fn a_finding_carries_what_an_officer_needs_to_cite() {
    let app = App::empty();
    let vendor = app.client.vendor("Acme");
    let mut body = app.client.designation_body(&vendor, &order("2026-03-01", &json!([{}])));
    body["reference"] = json!("26-014");
    body["title"] = json!("The Acme letter");
    let designation = app.client.post("/v1/designations", &body).expect(201).json();
    let id = designation["id"].as_str().unwrap();
    let court = app.client.authority("Court", "court");
    let mut stay = event("stayed", "2026-04-01", &json!({ "authority_id": court, "case_number": "1" }));
    stay["sources"] = json!([{ "kind": "court_order", "title": "Order granting a stay" }]);
    let stay = app.client.event(id, &stay);

    let standing = ask(&app.client, &vendor, "on=2026-03-31");
    let regime =
        app.client.get(&format!("/v1/regimes/{}", designation["regime_id"].as_str().unwrap())).json();
    let mut evidence = source();
    for absent in ["url", "published_on", "retrieved_at", "sha256"] {
        evidence[absent] = Value::Null;
    }
    assert_eq!(
        standing["findings"],
        json!([{
            "designation_id": id, "title": "The Acme letter", "regime": regime["slug"],
            "authority": designation["authority_id"], "effect": "prohibited", "reference": "26-014",
            "reasons": designation["reasons"],
            "scopes": [{
                "scope_id": designation["scopes"][0]["id"], "state": "in_force", "since": "2026-03-01",
                "until": "2026-04-01", "event_id": designation["events"][0]["id"], "sources": [evidence],
            }],
        }])
    );
    let summary = standing["summary"].as_str().unwrap();
    assert!(summary.starts_with("Acme is prohibited on 2026-03-31") && summary.contains("The Acme letter"));

    let scope = ask(&app.client, &vendor, "on=2026-04-01")["findings"][0]["scopes"][0].clone();
    assert_eq!(
        (&scope["state"], &scope["since"], &scope["until"], &scope["event_id"]),
        (&json!("stayed"), &json!("2026-04-01"), &Value::Null, &stay["event"]["id"])
    );
    assert_eq!(scope["sources"][0]["title"], "Order granting a stay");
}

#[test]
fn designations_of_categories_stand_beside_the_verdict() {
    let app = App::empty();
    let vendor = app.client.vendor("Acme");
    let mut body =
        app.client.designation_body(&vendor, &order("2026-03-01", &json!([{ "environments": ["cui"] }])));
    body["vendor_id"] = Value::Null;
    body["category"] = json!("Routers produced in a foreign country");
    let id = app.client.post("/v1/designations", &body).expect(201).id();
    let standing = ask(&app.client, &vendor, "on=2026-03-01&environment=secret");
    assert_eq!((verdict(&standing), found(&standing), unmatched(&standing)), ("clear", vec![], vec![]));
    assert_eq!(
        standing["categories"],
        json!([{
            "designation_id": id, "title": "A designation", "effect": "prohibited",
            "category": "Routers produced in a foreign country",
        }])
    );
    assert_eq!(standing["holds_until"], Value::Null);
    assert_eq!(ask(&app.client, &vendor, "on=2026-02-28")["categories"], json!([]));
}

#[test]
fn a_vendor_that_was_not_recorded_yet_is_clear_and_said_to_be_unknown_then() {
    let app = App::empty();
    let before = app.client.head();
    let vendor = app.client.vendor("Acme");
    app.client.designation(&vendor, &order("2026-03-01", &json!([{}])));
    let standing = ask(&app.client, &vendor, &format!("on=2026-05-01&known_seq={before}"));
    assert_eq!(
        (verdict(&standing), &standing["vendor_known"], &standing["recorded_at"]),
        ("clear", &json!(false), &Value::Null)
    );
    assert!(!standing["summary"].as_str().unwrap().contains("Acme"), "nor was its name known: {standing}");
    assert_eq!(ask(&app.client, &vendor, "")["vendor_known"], true);
    assert_eq!(verdict(&ask(&app.client, &vendor, "on=2026-05-01&known_at=2020-01-01")), "clear");
}

#[test]
fn an_unknown_vendor_is_not_found_and_never_clear() {
    let app = App::empty();
    app.client
        .get("/v1/vendors/019b76da-a801-7b11-aee7-d79cd37d93b3/standing")
        .expect_problem(404, "not_found");
    let vendor = app.client.vendor("Acme");
    let head = app.client.head();
    let path = |query: &str| format!("/v1/vendors/{vendor}/standing?{query}");
    app.client.get(&path(&format!("known_seq={head}"))).expect(200);
    let beyond = app.client.get(&path(&format!("known_seq={}", head + 1))).expect_problem(422, "invalid");
    assert_eq!(beyond.json()["errors"][0]["code"], "beyond_head");
    app.client.get(&path("known_seq=1&known_at=2026-01-01")).expect_problem(422, "invalid");
}

#[test]
fn the_verdict_holds_until_exactly_the_day_that_is_said() {
    let app = App::empty();
    let vendor = app.client.vendor("Acme");
    let court = app.client.authority("Court", "court");
    let scopes = json!([{ "effective_from": "2026-03-05" }, { "environments": ["cui"], "effective_to": "2026-03-20" }]);
    let designation = app.client.designation(&vendor, &order("2026-03-01", &scopes));
    let weaker = with_effect(&app.client, &vendor, "advisory", &order("2026-04-10", &json!([{}])));
    let by_court = |effective_on: &str| json!({ "authority_id": court, "case_number": "1", "effective_on": effective_on });
    app.client.event(&designation, &event("stayed", "2026-03-10", &by_court("2026-03-15")));
    app.client.event(&designation, &event("stay_lifted", "2026-04-01", &json!({})));
    app.client
        .event(&designation, &event("rescinded", "2026-05-01", &json!({ "effective_on": "2026-05-20" })));
    app.client.event(&weaker, &event("delisted", "2026-06-01", &json!({})));
    for query in ["", "environment=secret", "environment=cui"] {
        let first: chrono::NaiveDate = "2026-02-20".parse().unwrap();
        let days: Vec<Value> = first
            .iter_days()
            .take(120)
            .map(|day| ask(&app.client, &vendor, &format!("on={day}&{query}")))
            .collect();
        for (place, standing) in days.iter().enumerate() {
            let change = days[place..].iter().find(|later| later["verdict"] != standing["verdict"]);
            let expected = change.map_or(&Value::Null, |later| &later["inputs"]["on"]);
            assert_eq!(&standing["holds_until"], expected, "{query} on {}", standing["inputs"]["on"]);
        }
        let mut verdicts: Vec<&str> = days.iter().map(verdict).collect();
        verdicts.dedup();
        assert!(verdicts.len() > 4, "{verdicts:?}");
    }
}
