//! Which uses a scope meets: environments, actions, tiers and agencies.

use serde_json::{Value, json};

use super::{
    super::support::{
        App, Client,
        samples::{encoded, order},
    },
    ask, found, unmatched, verdict,
};

/// A vendor with one prohibition of these scopes, and the prohibition.
fn prohibited(client: &Client, scopes: &Value) -> (String, String) {
    let vendor = client.vendor("Acme");
    let designation = client.designation(&vendor, &order("2026-03-01", scopes));
    (vendor, designation)
}

/// Asks on a day on which the prohibition binds, and checks the verdict and on which side it stands.
#[track_caller]
fn meets(client: &Client, (vendor, designation): &(String, String), query: &str, expected: bool) {
    let standing = ask(client, vendor, &format!("on=2026-05-01&{query}"));
    let (verdict, found, unmatched) = (verdict(&standing), found(&standing), unmatched(&standing));
    if expected {
        assert_eq!((verdict, found, unmatched), ("prohibited", vec![&**designation], vec![]), "{query}");
    } else {
        assert_eq!((verdict, found, unmatched), ("clear", vec![], vec![&**designation]), "{query}");
    }
}

#[test]
fn a_scope_that_lists_nothing_meets_every_use() {
    let app = App::empty();
    let case = prohibited(&app.client, &json!([{}]));
    for query in
        ["", "environment=secret", "action=use&tier=prime", "agency=none", "environment=cui&tier=prime"]
    {
        meets(&app.client, &case, query, true);
    }
}

#[test]
fn a_list_of_a_scope_meets_a_question_that_shares_a_word_with_it_or_does_not_ask() {
    let app = App::empty();
    let lists = [
        ("environments", "environment", ["secret", "top_secret"], "cui"),
        ("actions", "action", ["procure", "use"], "export"),
        ("tiers", "tier", ["prime", "prime"], "subcontract"),
    ];
    for (field, parameter, [one, two], other) in lists {
        let mut listed = vec![one, two];
        listed.dedup();
        let case = prohibited(&app.client, &json!([{ field: listed }]));
        meets(&app.client, &case, "", true);
        meets(&app.client, &case, &format!("{parameter}={one}"), true);
        meets(&app.client, &case, &format!("{parameter}={two}"), true);
        meets(&app.client, &case, &format!("{parameter}={other}"), false);
        meets(&app.client, &case, &format!("{parameter}={other}&{parameter}={two}"), true);
        let elsewhere = lists.iter().find(|(_, name, ..)| *name != parameter).unwrap();
        meets(&app.client, &case, &format!("{}={}", elsewhere.1, elsewhere.3), true);
    }
}

#[test]
fn all_lists_must_be_met_and_by_one_scope() {
    let app = App::empty();
    let case = prohibited(
        &app.client,
        &json!([
            { "environments": ["secret"], "actions": ["procure"], "tiers": ["prime"] },
            { "environments": ["cui"], "actions": ["use"] },
        ]),
    );
    meets(&app.client, &case, "environment=secret&action=procure&tier=prime", true);
    meets(&app.client, &case, "environment=cui&action=use&tier=subcontract", true);
    meets(&app.client, &case, "environment=secret&action=use", false);
    meets(&app.client, &case, "environment=cui&action=procure", false);
    meets(&app.client, &case, "environment=secret&action=procure&tier=subcontract", false);
    meets(&app.client, &case, "environment=secret&environment=cui&action=use", true);

    let standing = ask(&app.client, &case.0, "on=2026-05-01&environment=cui");
    let scopes = standing["findings"][0]["scopes"].as_array().unwrap();
    let stated = app.client.get(&format!("/v1/designations/{}", case.1)).expect(200).json();
    assert_eq!(scopes.len(), 1, "a finding shows the scopes that match, and no others: {standing}");
    assert_eq!(scopes[0]["scope_id"], stated["scopes"][1]["id"]);
}

/// An authority with a name with accents, an alias, and one that it bore long ago.
fn ministry(client: &Client) -> String {
    let body = json!({
        "name": "Ministère de la Défense", "kind": "government", "country": "FR",
        "aliases": [{ "name": "MoD" }, { "name": "War Office", "from": "1850-01-01", "to": "1964-03-31" }],
    });
    client.post("/v1/authorities", &body).expect(201).id()
}

#[test]
fn an_agency_is_meant_by_its_id_its_name_or_any_alias_and_all_of_them_give_one_answer() {
    let app = App::empty();
    let ministry = ministry(&app.client);
    let case = prohibited(&app.client, &json!([{ "agencies": [ministry] }]));
    let by_id = ask(&app.client, &case.0, &format!("on=2026-05-01&agency={ministry}"));
    assert_eq!(verdict(&by_id), "prohibited");
    assert_eq!(by_id["inputs"]["agency"], json!([ministry]));
    for name in ["Ministère de la Défense", "MINISTERE DE LA DEFENSE", " mod ", "War Office", "war  office"]
    {
        let by_name = ask(&app.client, &case.0, &format!("on=2026-05-01&agency={}", encoded(name)));
        assert_eq!(by_name, by_id, "{name}");
    }
}

#[test]
fn another_agency_and_a_customer_that_is_none_do_not_meet_a_scope_of_one_agency() {
    let app = App::empty();
    let (ministry, other) = (ministry(&app.client), app.client.authority("Treasury", "government"));
    let case = prohibited(&app.client, &json!([{ "agencies": [ministry] }]));
    meets(&app.client, &case, "", true);
    meets(&app.client, &case, &format!("agency={other}"), false);
    meets(&app.client, &case, "agency=none", false);
    meets(&app.client, &case, "agency=none&agency=Treasury", false);
    meets(&app.client, &case, "agency=none&agency=MoD", true);
    meets(&app.client, &case, "agency=Treasury&agency=MoD", true);
}

#[test]
fn an_agency_that_nobody_is_or_that_several_are_is_refused_and_never_ignored() {
    let app = App::empty();
    let (vendor, _) = prohibited(&app.client, &json!([{}]));
    let (one, two) = (ministry(&app.client), ministry(&app.client));
    let refused = |query: &str| {
        let path = format!("/v1/vendors/{vendor}/standing?on=2026-05-01&{query}");
        app.client.get(&path).expect_problem(422, "invalid").json()["errors"].as_array().unwrap().clone()
    };
    let unknown = refused("agency=Nobody&agency=019b76da-a801-7b11-aee7-d79cd37d93b3");
    let codes: Vec<_> = unknown.iter().map(|error| (&error["pointer"], &error["code"])).collect();
    assert_eq!(codes, [(&json!("agency"), &json!("unknown_agency")); 2]);

    let ambiguous = refused("agency=mod");
    assert_eq!(ambiguous[0]["code"], "ambiguous_agency");
    let detail = ambiguous[0]["detail"].as_str().unwrap();
    assert!(detail.contains(&one) && detail.contains(&two), "it says between whom to choose: {detail}");
    assert_eq!(verdict(&ask(&app.client, &vendor, &format!("on=2026-05-01&agency={one}"))), "prohibited");
}

#[test]
fn the_inputs_are_echoed_once_each_and_in_one_order() {
    let app = App::empty();
    let vendor = app.client.vendor("Acme");
    let ministry = ministry(&app.client);
    let one = ask(
        &app.client,
        &vendor,
        &format!(
            "on=2026-05-01&environment=secret&environment=cui&environment=secret&action=use&tier=prime&agency=none&agency={ministry}"
        ),
    );
    let other = ask(
        &app.client,
        &vendor,
        "tier=prime&agency=MoD&agency=none&agency=NONE&action=use&environment=cui&environment=secret&on=2026-05-01",
    );
    assert_eq!(one, other);
    assert_eq!(
        one["inputs"],
        json!({
            "on": "2026-05-01", "environment": ["cui", "secret"], "action": ["use"], "tier": ["prime"],
            "agency": ["none", ministry],
        })
    );
    let today = chrono::Utc::now().date_naive().to_string();
    assert_eq!(ask(&app.client, &vendor, "")["inputs"]["on"], json!(today), "the day is today unless given");
}

#[test]
fn a_word_of_no_vocabulary_or_a_wrong_date_is_malformed() {
    let app = App::empty();
    let vendor = app.client.vendor("Acme");
    for query in ["environment=moon", "action=buy", "tier=2", "on=2026-02-30", "on=tomorrow", "place=here"] {
        let path = format!("/v1/vendors/{vendor}/standing?{query}");
        app.client.get(&path).expect_problem(400, "invalid_query");
    }
}
