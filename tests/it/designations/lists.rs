//! Lists of designations: every filter, one by one and combined, against a filter by hand over what each designation and
//! its timeline say of themselves.

use std::collections::BTreeSet;

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use risk_registry::values::fold;
use serde_json::{Value, json};

use super::{
    super::support::{
        App, Client,
        samples::{encoded, order, today},
    },
    shelf::{CODES, ORIGINS, Shelf},
};

const BOUND: [&str; 2] = ["in_force", "interim"];

/// One parameter of the list, with the values that it is given.
#[derive(Debug, Clone)]
struct Wanted {
    name: &'static str,
    values: Vec<String>,
}

fn wanted<'a>(query: &'a [Wanted], name: &str) -> &'a [String] {
    query.iter().find(|wanted| wanted.name == name).map_or(&[], |wanted| &wanted.values)
}

fn says(query: &[Wanted], name: &str, value: &Value) -> bool {
    let wanted = wanted(query, name);
    wanted.is_empty() || value.as_str().is_some_and(|value| wanted.iter().any(|wanted| wanted == value))
}

/// Whether some scope of the use that is asked for is in one of these states on a day.
fn some_scope(query: &[Wanted], (record, timeline): &(Value, Value), on: &str, states: &[&str]) -> bool {
    timeline["scopes"].as_array().unwrap().iter().any(|line| {
        let scopes = record["scopes"].as_array().unwrap();
        let scope = scopes.iter().find(|scope| scope["id"] == line["scope_id"]).unwrap();
        covers(query, scope)
            && line["periods"].as_array().unwrap().iter().any(|period| {
                period["from"].as_str().unwrap() <= on
                    && period["to"].as_str().is_none_or(|to| on < to)
                    && states.contains(&period["state"].as_str().unwrap())
            })
    })
}

fn covers(query: &[Wanted], scope: &Value) -> bool {
    [("environment", "environments"), ("action", "actions")].into_iter().all(|(name, field)| {
        let (wanted, listed) = (wanted(query, name), scope[field].as_array().unwrap());
        wanted.is_empty() || listed.is_empty() || wanted.iter().any(|word| listed.contains(&json!(word)))
    })
}

/// The filter by hand.
fn fits(shelf: &Shelf, query: &[Wanted], item: &(Value, Value)) -> bool {
    let record = &item.0;
    let status = wanted(query, "status").first().map_or("active", String::as_str);
    let regime = wanted(query, "regime");
    let regimes = ["plain", "yearly"].into_iter().zip(&shelf.regimes);
    let of_regime = |(slug, id): (&str, &String)| {
        record["regime_id"] == **id && regime.iter().any(|named| named == slug || named == id)
    };
    let codes = wanted(query, "reason_code");
    let mut reasons = record["reasons"].as_array().unwrap().iter();
    let states: Vec<&str> = wanted(query, "state").iter().map(String::as_str).collect();
    let in_force_on = wanted(query, "in_force_on").first();
    let review = wanted(query, "review_due_before").first();
    record["status"] == status
        && says(query, "vendor_id", &record["vendor_id"])
        && says(query, "authority_id", &record["authority_id"])
        && says(query, "origin", &record["origin"])
        && (regime.is_empty() || regimes.clone().any(of_regime))
        && (codes.is_empty() || reasons.any(|reason| codes.iter().any(|code| reason["code"] == **code)))
        && review
            .is_none_or(|before| record["next_review_on"].as_str().is_some_and(|on| on < before.as_str()))
        && in_force_on.is_none_or(|on| some_scope(query, item, on, &BOUND))
        && (states.is_empty() || some_scope(query, item, &today(), &states))
        && record["scopes"].as_array().unwrap().iter().any(|scope| covers(query, scope))
}

fn path(query: &[Wanted], more: &str) -> String {
    let parameters = query.iter().flat_map(|wanted| {
        wanted.values.iter().map(move |value| format!("{}={}&", wanted.name, encoded(value)))
    });
    format!("/v1/designations?{}{more}", parameters.collect::<String>())
}

/// Every filter, each with the values that it may be given.
fn filters(shelf: &Shelf) -> Vec<(&'static str, Vec<String>, bool)> {
    let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    vec![
        ("vendor_id", shelf.vendors.clone(), true),
        ("regime", vec!["plain".into(), shelf.regimes[1].clone(), "yearly".into()], true),
        ("authority_id", shelf.authorities.clone(), true),
        (
            "state",
            words(&["in_force", "interim", "stayed", "proposed", "rescinded", "expired", "issued"]),
            true,
        ),
        ("reason_code", words(&[CODES[0], CODES[1], CODES[2], "sanctions"]), true),
        ("environment", words(&["secret", "cui", "sci", "unclassified"]), true),
        ("action", words(&["use", "procure", "invest"]), true),
        (
            "in_force_on",
            words(&["2026-01-20", "2026-03-20", "2026-04-30", "2026-06-10", "2027-01-01"]),
            false,
        ),
        ("origin", words(&ORIGINS), true),
        ("review_due_before", words(&["2026-10-10", "2026-10-11", "2026-12-02", "2027-03-01"]), false),
        ("status", words(&["active", "voided"]), false),
    ]
}

#[track_caller]
fn check(shelf: &Shelf, known: &[(Value, Value)], query: &[Wanted], more: &str) -> usize {
    let path = path(query, more);
    let items = shelf.app.client.all(&path);
    let id = |record: &Value| record["id"].as_str().unwrap().to_owned();
    let listed: BTreeSet<String> = items.iter().map(id).collect();
    assert_eq!(listed.len(), items.len(), "none stands twice: {path}");
    let expected: BTreeSet<String> =
        known.iter().filter(|item| fits(shelf, query, item)).map(|(record, _)| id(record)).collect();
    assert_eq!(listed, expected, "{path}");
    for item in &items {
        let (record, _) = known.iter().find(|(record, _)| record["id"] == item["id"]).unwrap();
        assert_eq!(item, record, "an item is the record as it is read alone");
    }
    items.len()
}

#[test]
fn every_filter_alone_lists_exactly_what_says_so_of_itself() {
    let shelf = Shelf::new();
    let known = shelf.known(shelf.app.client.head());
    assert_eq!(
        check(&shelf, &known, &[], ""),
        known.iter().filter(|(record, _)| record["status"] == "active").count()
    );
    for (name, values, several) in filters(&shelf) {
        for value in &values {
            check(&shelf, &known, &[Wanted { name, values: vec![value.clone()] }], "");
        }
        if several {
            let two = Wanted { name, values: values[..2].to_vec() };
            assert!(check(&shelf, &known, &[two], "") > 0, "{name}");
        }
    }
}

#[test]
fn filters_combined_as_known_at_any_time_list_what_meets_all_of_them() {
    let shelf = Shelf::new();
    let filters = filters(&shelf);
    let mut rng = StdRng::seed_from_u64(5);
    let head = shelf.app.client.head();
    let mut listed = 0;
    for _ in 0..12 {
        let seq = rng.random_range(head / 3..=head);
        let known = shelf.known(seq);
        let at = shelf.app.client.get(&format!("/v1/journal/{seq}")).expect(200).text_at("/recorded_at");
        for turn in 0..12 {
            let number = rng.random_range(1..=4);
            let query: Vec<Wanted> = filters
                .sample(&mut rng, number)
                .map(|(name, values, several)| {
                    let number = if *several { rng.random_range(1..=2) } else { 1 };
                    let values =
                        values.sample(&mut StdRng::seed_from_u64(seq + turn), number).cloned().collect();
                    Wanted { name, values }
                })
                .collect();
            let position = if turn % 2 == 0 { format!("known_seq={seq}") } else { format!("known_at={at}") };
            listed += check(&shelf, &known, &query, &format!("{position}&limit=3"));
        }
    }
    assert!(listed > 100, "{listed}");
}

#[test]
fn environment_and_state_or_day_speak_of_one_scope() {
    let app = App::empty();
    let client = &app.client;
    let scopes =
        json!([{ "environments": ["secret"] }, { "environments": ["cui"], "effective_from": "2026-06-01" }]);
    client.designation(&client.vendor("Acme"), &order("2026-03-01", &scopes));
    let count = |query: &str| client.all(&format!("/v1/designations?{query}")).len();
    assert_eq!(count("in_force_on=2026-05-01&environment=secret"), 1);
    assert_eq!(count("in_force_on=2026-05-01&environment=cui"), 0, "another scope is in force that day");
    assert_eq!(count("in_force_on=2026-06-01&environment=cui&state=in_force"), 1);
    assert_eq!(count("environment=cui"), 1);
    assert_eq!(count("environment=sci"), 0);
}

#[test]
fn each_order_is_kept_through_pages_with_ties() {
    let shelf = Shelf::new();
    let latest = |record: &Value| {
        let events = record["events"].as_array().unwrap();
        events.iter().map(|event| event["occurred_on"].as_str().unwrap().to_owned()).max().unwrap()
    };
    let keys: [(&str, &dyn Fn(&Value) -> String); 3] = [
        ("name", &|record| fold(record["title"].as_str().unwrap())),
        ("updated_at", &|record| record["updated_at"].as_str().unwrap().to_owned()),
        ("latest_event", &latest),
    ];
    for (sort, key) in keys {
        for limit in [1, 2, 500] {
            let up = shelf.app.client.all(&format!("/v1/designations?sort={sort}&limit={limit}"));
            let ordered: Vec<(String, &str)> =
                up.iter().map(|item| (key(item), item["id"].as_str().unwrap())).collect();
            assert!(ordered.is_sorted_by(|a, b| a < b), "{sort}: {ordered:?}");
            let down = shelf.app.client.all(&format!("/v1/designations?sort=-{sort}&limit={limit}"));
            assert_eq!(down, up.iter().rev().cloned().collect::<Vec<_>>(), "-{sort}");
            assert_eq!(up.len(), 21);
        }
    }
    let page = shelf.app.client.get("/v1/designations?limit=2&sort=name").expect(200).text_at("/next_cursor");
    for other in ["sort=-name", "sort=latest_event", "sort=name&origin=official"] {
        let path = format!("/v1/designations?{other}&cursor={page}");
        shelf.app.client.get(&path).expect_problem(400, "invalid_cursor");
    }
    shelf.app.client.get(&format!("/v1/designations?limit=3&sort=name&cursor={page}")).expect(200);
}

#[test]
fn the_list_of_a_vendor_is_the_list_of_all_narrowed_to_it() {
    let shelf = Shelf::new();
    let client = &shelf.app.client;
    for vendor in &shelf.vendors {
        for query in ["", "state=in_force", "regime=yearly&sort=-latest_event", "status=voided"] {
            let own = client.all(&format!("/v1/vendors/{vendor}/designations?{query}"));
            assert_eq!(own, client.all(&format!("/v1/designations?vendor_id={vendor}&{query}")));
        }
    }
    let unknown = super::UNKNOWN;
    client.get(&format!("/v1/vendors/{unknown}/designations")).expect_problem(404, "not_found");
    // A mistyped id must not look like a clean list.
    client.get(&format!("/v1/designations?vendor_id={unknown}")).expect_problem(422, "invalid");
    client.get(&format!("/v1/designations?authority_id={unknown}")).expect_problem(422, "invalid");
    let path = format!("/v1/vendors/{}/designations?vendor_id={unknown}", shelf.vendors[0]);
    client.get(&path).expect_problem(400, "invalid_query");
}

fn refused(client: &Client, query: &str) -> Value {
    client.get(&format!("/v1/designations?{query}")).expect_problem(422, "invalid").json()["errors"][0]
        .clone()
}

#[test]
fn a_mistyped_regime_never_looks_like_a_clean_list() {
    let app = App::empty();
    let client = &app.client;
    client.regime("plain", "advisory");
    let error = refused(client, "regime=plain&regime=plian");
    assert_eq!((&error["pointer"], &error["code"]), (&json!("regime"), &json!("unknown_reference")));
    assert_eq!(refused(client, "known_seq=2")["code"], "beyond_head");
    for query in
        ["state=live", "origin=rumour", "in_force_on=2026-02-30", "sort=title", "regime_id=1", "limit=501"]
    {
        client.get(&format!("/v1/designations?{query}")).expect_problem(400, "invalid_query");
    }
}
