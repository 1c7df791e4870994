//! A registry of five designations, counted by hand; what is refused; and what an auditor finds of it.

use serde_json::{Value, json};

use super::super::support::{
    App, Client, Office,
    samples::{event, order, reason, today},
};

/// Two vendors; five designations under two regimes:
/// 1. Acme, law-a: proposed on 2026-01-10, ordered on 2026-03-02, for secret systems. Two reasons.
/// 2. Acme, law-b: ordered on 2026-02-01 for everything, stayed on 2026-04-01.
/// 3. Bolt, law-a: ordered on 2026-02-01, rescinded on 2026-05-01, for CUI; restricted.
/// 4. Drones, law-b: an urgent action on 2026-03-15, internal, without a reason.
/// 5. Bolt, law-a: ordered on 2026-01-01, voided.
struct Known {
    acme: String,
    bolt: String,
    works: String,
    /// The restricted one.
    restricted: String,
}

fn fill(client: &Client) -> Known {
    let (acme, bolt) = (client.vendor("Acme"), client.vendor("Bolt"));
    let (works, deeds) = (client.authority("Works", "government"), client.authority("Deeds", "court"));
    let laws = ["law-a", "law-b"].map(|slug| client.regime(slug, "prohibited"));
    let record = |subject: Value, law: usize, first: Value, more: Value| {
        let mut body = json!({
            "regime_id": laws[law], "authority_id": works, "title": "A designation", "instrument": "determination",
            "origin": "official", "basis_disclosure": "public", "reasons": [reason()], "event": first,
        });
        for fields in [subject, more] {
            body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        }
        client.post("/v1/designations", &body).expect(201).id()
    };
    let (of_acme, of_bolt) = (json!({ "vendor_id": acme }), json!({ "vendor_id": bolt }));
    let proposal =
        event("proposal_recorded", "2026-01-10", &json!({ "scopes": [{ "environments": ["secret"] }] }));
    let mut second = reason();
    second["code"] = json!("sanctions");
    let first = record(of_acme.clone(), 0, proposal, json!({ "reasons": [reason(), second] }));
    client.event(&first, &order("2026-03-02", &json!([])));
    let stayed = record(of_acme, 1, order("2026-02-01", &json!([{}])), json!({}));
    client.event(
        &stayed,
        &event("stayed", "2026-04-01", &json!({ "authority_id": deeds, "case_number": "1" })),
    );
    let restricted = record(
        of_bolt.clone(),
        0,
        order("2026-02-01", &json!([{ "environments": ["cui"] }])),
        json!({ "visibility": "restricted" }),
    );
    client.event(&restricted, &event("rescinded", "2026-05-01", &json!({})));
    let urgent = event("urgent_action", "2026-03-15", &json!({ "basis": "Now", "scopes": [{}] }));
    record(json!({ "category": "Drones" }), 1, urgent, json!({ "origin": "internal", "reasons": [] }));
    let mistake = record(of_bolt, 0, order("2026-01-01", &json!([{}])), json!({}));
    client.end(&format!("/v1/designations/{mistake}"), "Recorded twice");
    Known { acme, bolt, works, restricted }
}

/// The items of an answer: what they are grouped by, and their three counts.
#[track_caller]
fn items(client: &Client, query: &str, by: &[&str]) -> Vec<Value> {
    let answer = client.get(&format!("/v1/statistics/designations{query}")).expect(200).json();
    let one = |item: &Value| {
        let fields = by.iter().chain(&["designations", "in_force", "vendors"]);
        Value::Array(fields.map(|field| item[field].clone()).collect())
    };
    answer["items"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn a_day_is_counted_by_each_dimension_in_the_order_of_the_model() {
    let app = App::empty();
    let known = fill(&app.client);
    let on = |day: &str, dimension: &str| {
        items(&app.client, &format!("?on={day}&group_by={dimension}"), &[dimension])
    };
    assert_eq!(on("2026-01-09", "state"), Vec::<Value>::new(), "before the first day nothing counts");
    assert_eq!(on("2026-01-10", "state"), [json!(["proposed", 1, 0, 1])]);
    assert_eq!(
        on("2026-04-10", "state"),
        [json!(["interim", 1, 1, 0]), json!(["in_force", 2, 2, 2]), json!(["stayed", 1, 0, 1])]
    );
    assert_eq!(
        on("2026-05-01", "state"),
        [
            json!(["interim", 1, 1, 0]),
            json!(["in_force", 1, 1, 1]),
            json!(["stayed", 1, 0, 1]),
            json!(["rescinded", 1, 0, 1])
        ]
    );
    assert_eq!(on("2026-04-10", "regime"), [json!(["law-a", 2, 2, 2]), json!(["law-b", 2, 1, 1])]);
    assert_eq!(on("2026-04-10", "origin"), [json!(["official", 3, 2, 2]), json!(["internal", 1, 1, 0])]);
    assert_eq!(
        on("2026-04-10", "month"),
        [json!(["2026-01", 1, 1, 1]), json!(["2026-02", 2, 1, 2]), json!(["2026-03", 1, 1, 0])]
    );
    // Two reasons are two items; without any, null, which comes first.
    assert_eq!(
        on("2026-04-10", "reason_code"),
        [json!([null, 1, 1, 0]), json!(["vulnerability", 3, 2, 2]), json!(["sanctions", 1, 1, 1])]
    );
    // Whoever names none covers all six.
    assert_eq!(
        on("2026-04-10", "environment"),
        [
            json!(["unclassified", 2, 1, 1]),
            json!(["cui", 3, 2, 2]),
            json!(["national_security_system", 2, 1, 1]),
            json!(["secret", 3, 2, 1]),
            json!(["top_secret", 2, 1, 1]),
            json!(["sci", 2, 1, 1])
        ]
    );
    let answer =
        app.client.get("/v1/statistics/designations?on=2026-04-10&group_by=authority").expect(200).json();
    assert_eq!(answer["items"][0]["authority"], known.works);
    assert_eq!(answer["items"][0]["authority_name"], "Works");
    assert_eq!(answer["total"], json!({ "designations": 4, "in_force": 3, "vendors": 2 }));
    assert_eq!(
        items(&app.client, "?on=2026-04-10&group_by=state&group_by=regime", &["state", "regime"]),
        [
            json!(["interim", "law-b", 1, 1, 0]),
            json!(["in_force", "law-a", 2, 2, 2]),
            json!(["stayed", "law-b", 1, 0, 1])
        ]
    );
    // Today, by state, unless something else is asked for.
    let plain = app.client.get("/v1/statistics/designations").expect(200).json();
    assert_eq!((&plain["on"], &plain["group_by"]), (&json!(today()), &json!(["state"])));
    println!("nine ways of counting four designations");
}

#[test]
fn a_series_has_every_group_on_every_day_and_each_step_of_it() {
    let app = App::empty();
    fill(&app.client);
    let of = |query: &str| {
        let path = format!("/v1/statistics/designations/series?{query}");
        let answer = app.client.get(&path).expect(200).json();
        let one = |item: &Value| {
            let fields =
                ["on", "state", "designations", "in_force", "vendors"].map(|field| item[field].clone());
            Value::Array(fields.to_vec())
        };
        answer["items"].as_array().unwrap().iter().map(one).collect::<Vec<_>>()
    };
    assert_eq!(
        of("from=2026-01-01&to=2026-06-15&step=month"),
        [
            json!(["2026-01-01", null, 0, 0, 0]),
            json!(["2026-02-01", null, 3, 2, 2]),
            json!(["2026-03-01", null, 3, 2, 2]),
            json!(["2026-04-01", null, 4, 3, 2]),
            json!(["2026-05-01", null, 4, 2, 2]),
            json!(["2026-06-01", null, 4, 2, 2])
        ]
    );
    assert_eq!(
        of("from=2026-03-01&to=2026-03-03&step=day&group_by=state&regime=law-a"),
        [
            json!(["2026-03-01", "proposed", 1, 0, 1]),
            json!(["2026-03-01", "in_force", 1, 1, 1]),
            json!(["2026-03-02", "proposed", 0, 0, 0]),
            json!(["2026-03-02", "in_force", 2, 2, 2]),
            json!(["2026-03-03", "proposed", 0, 0, 0]),
            json!(["2026-03-03", "in_force", 2, 2, 2])
        ]
    );
    let plain = app.client.get("/v1/statistics/designations/series").expect(200).json();
    assert_eq!((&plain["to"], &plain["step"]), (&json!(today()), &json!("month")));
    assert_eq!(plain["items"].as_array().unwrap().len(), 13, "a year by months has both ends");
}

#[test]
fn a_question_that_can_not_be_answered_says_what_to_ask_instead() {
    let app = App::empty();
    let refused = |query: &str, status: u16, code: &str| {
        let answer = app.client.get(&format!("/v1/statistics/designations{query}"));
        answer.expect_problem(status, code).text
    };
    for (query, part) in [
        ("?group_by=regime&group_by=regime", "each dimension is given once"),
        ("?group_by=regime&group_by=state&group_by=month", "at most 2"),
        ("?group_by=vendor", "must be one of regime, authority"),
        ("?group_by=", "is empty"),
        ("?by=regime", "by"),
        ("?in_force=maybe", "in_force"),
        ("/series?group_by=regime&group_by=state", "stands more than once"),
        ("/series?step=decade", "must be one of day, week, month, quarter, year"),
    ] {
        let text = refused(query, 400, "invalid_query");
        assert!(text.contains(part), "{query}: {text}");
    }
    for (query, part) in [
        ("/series?from=2026-01-02&to=2026-01-01", "give the earlier day as from"),
        ("/series?from=2020-01-01&to=2026-01-01&step=day", "at most 400 days"),
        ("?known_seq=999999", "beyond_head"),
        ("?known_seq=0&known_at=2026-01-01", "not both"),
        ("?regime=nothing", "there is no regime nothing"),
        ("/series?vendor_id=0195a3c4-0000-7000-8000-000000000000", "there is no vendor"),
    ] {
        let text = refused(query, 422, "invalid");
        assert!(text.contains(part), "{query}: {text}");
    }
}

#[test]
fn restricted_designations_count_for_who_sees_them_and_are_noted_where_vendors_are_named() {
    let office = Office::open();
    let known = fill(&office.analyst);
    let total = |client: &Client, query: &str| {
        let answer = client.get(&format!("/v1/statistics/designations?on=2026-04-10{query}")).expect(200);
        (answer.json()["total"].clone(), answer.header("cache-control").unwrap().to_owned())
    };
    let counts = |designations: u64, in_force: u64, vendors: u64| json!({ "designations": designations, "in_force": in_force, "vendors": vendors });
    let kept = "private, no-cache".to_owned();
    assert_eq!(total(&office.viewer, ""), (counts(3, 2, 1), kept.clone()));
    assert_eq!(total(&office.viewer, &format!("&vendor_id={}", known.bolt)), (counts(0, 0, 0), kept));
    // Filters and groups can leave one record in a count, so whoever sees restricted ones leaves an entry.
    let evidence = "no-store".to_owned();
    assert_eq!(total(&office.analyst, ""), (counts(4, 3, 2), evidence.clone()));
    assert_eq!(total(&office.analyst, &format!("&vendor_id={}", known.acme)), (counts(2, 1, 1), evidence));
    assert_eq!(office.auditor.all("/v1/access-log?operation=get_designation_statistics").len(), 2);
    let named = format!("&vendor_id={}", known.bolt);
    assert_eq!(total(&office.analyst, &named), (counts(1, 1, 1), "no-store".to_owned()));
    let series = format!("/v1/statistics/designations/series?vendor_id={}", known.bolt);
    assert_eq!(office.analyst.get(&series).expect(200).header("cache-control"), Some("no-store"));
    let of = |operation: &str| {
        let path = format!("/v1/access-log?operation={operation}&subject_id={}", known.restricted);
        office.auditor.all(&path)
    };
    for operation in ["get_designation_statistics", "get_designation_series"] {
        let entries = of(operation);
        assert_eq!(entries.len(), 1, "{operation}: {entries:?}");
        assert_eq!(entries[0]["actor"], "anna.analyst");
        assert_eq!(entries[0]["restricted"], json!([known.restricted]));
    }
}

#[test]
fn a_past_is_counted_as_it_was_known() {
    let app = App::empty();
    let vendor = app.client.vendor("Acme");
    let designation = app.client.designation(&vendor, &order("2026-02-01", &json!([{}])));
    let known = app.client.head();
    let id = app.client.get(&format!("/v1/designations/{designation}")).json()["events"][0]["id"].clone();
    let mut correction = order("2026-03-01", &json!([{}]));
    correction["corrects"] = id;
    app.client.event(&designation, &correction);
    let months =
        |query: &str| items(&app.client, &format!("?on=2026-04-01&group_by=month{query}"), &["month"]);
    assert_eq!(months(&format!("&known_seq={known}")), [json!(["2026-02", 1, 1, 1])]);
    assert_eq!(months(""), [json!(["2026-03", 1, 1, 1])]);
    assert_eq!(items(&app.client, "?on=2026-02-15", &["state"]), Vec::<Value>::new());
    let before = format!("?on=2026-02-15&known_seq={known}");
    assert_eq!(items(&app.client, &before, &["state"]), [json!(["in_force", 1, 1, 1])]);
    app.client.end(&format!("/v1/designations/{designation}"), "A mistake");
    assert_eq!(months(""), Vec::<Value>::new());
    assert_eq!(months(&format!("&known_seq={known}")), [json!(["2026-02", 1, 1, 1])]);
}
