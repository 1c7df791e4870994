//! What ships inside: the catalogue of regimes and authorities, and the example.

use std::collections::BTreeSet;

use risk_registry::{access::FourEyes, catalogue, values::hex};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::support::{App, Client};

const REGIMES: [(&str, Option<&str>, &str); 20] = [
    ("us-10-usc-3252", Some("Department of Defense"), "prohibited"),
    ("us-41-usc-4713", None, "prohibited"),
    ("us-fascsa", None, "prohibited"),
    ("us-ndaa-889", Some("Congress"), "prohibited"),
    ("us-1260h", Some("Department of Defense"), "restricted"),
    ("us-fcc-covered-list", Some("Federal Communications Commission"), "prohibited"),
    ("us-bis-entity-list", Some("Bureau of Industry and Security"), "restricted"),
    ("us-bis-denied-persons", Some("Bureau of Industry and Security"), "prohibited"),
    ("us-bis-unverified", Some("Bureau of Industry and Security"), "restricted"),
    ("us-ofac-sdn", Some("Office of Foreign Assets Control"), "prohibited"),
    ("us-ofac-ns-cmic", Some("Office of Foreign Assets Control"), "restricted"),
    ("us-uflpa", Some("Forced Labor Enforcement Task Force"), "prohibited"),
    ("us-bod-17-01", Some("Department of Homeland Security"), "prohibited"),
    ("us-icts-kaspersky", Some("Department of Commerce"), "prohibited"),
    ("us-sam-exclusions", Some("General Services Administration"), "prohibited"),
    ("uk-pa2023-debarment", Some("Minister of the Crown"), "prohibited"),
    ("un-sc", Some("United Nations Security Council"), "prohibited"),
    ("eu-consolidated", Some("Council of the European Union"), "prohibited"),
    ("eu-5g-toolbox", None, "advisory"),
    ("internal", Some("Compliance board"), "restricted"),
];

/// Whether an authority bears a name, once or now.
fn bears(authority: &Value, name: &str) -> bool {
    let aliases = authority["aliases"].as_array().unwrap().iter();
    std::iter::once(&authority["name"]).chain(aliases.map(|alias| &alias["name"])).any(|borne| borne == name)
}

#[test]
fn the_catalogue_has_the_well_known_regimes_with_their_authorities() {
    let app = App::with_catalogue();
    let client = &app.client;
    let regimes = client.all("/v1/regimes");
    let slugs: BTreeSet<&str> = regimes.iter().map(|regime| regime["slug"].as_str().unwrap()).collect();
    assert_eq!(slugs, REGIMES.iter().map(|(slug, ..)| *slug).collect());
    for (slug, authority, effect) in REGIMES {
        let regime = regimes.iter().find(|regime| regime["slug"] == slug).unwrap();
        assert_eq!(regime["effect"], effect, "{slug}");
        assert!(!regime["url"].is_null() || slug == "internal", "{slug} says where to read it");
        match authority {
            None => assert_eq!(regime["authority_id"], Value::Null, "{slug}: any agency may act"),
            Some(name) => {
                let id = regime["authority_id"].as_str().unwrap();
                let authority = client.get(&format!("/v1/authorities/{id}")).expect(200).json();
                assert!(bears(&authority, name), "{slug} is of {name}, not {authority}");
            }
        }
    }
    let by_statute = regimes.iter().find(|regime| regime["slug"] == "us-41-usc-4713").unwrap();
    assert_eq!(
        ["prior_notice_required", "response_days", "review_interval_days", "expires_on"]
            .map(|field| &by_statute[field]),
        [&json!(true), &json!(30), &json!(365), &json!("2033-12-31")]
    );
    for name in ["DHS", "DNI"] {
        assert_eq!(client.all(&format!("/v1/authorities?name={name}")).len(), 1, "{name} acts under FASCSA");
    }
    let department = client.get("/v1/authorities?name=department+of+war").expect(200).json();
    assert!(bears(&department["items"][0], "Department of Defense"), "one body by both names");
}

#[test]
fn the_catalogue_is_recorded_like_anything_else_and_once() {
    let app = App::with_catalogue();
    let client = &app.client;
    let head = client.head();
    let records = [client.all("/v1/regimes"), client.all("/v1/authorities")];
    assert_eq!(usize::try_from(head).unwrap(), records[0].len() + records[1].len());
    for (kind, records) in ["regimes", "authorities"].iter().zip(&records) {
        for record in records {
            let history = client.all(&format!("/v1/{kind}/{}/history", record["id"].as_str().unwrap()));
            assert_eq!(history.len(), 1);
            assert_eq!((&history[0]["payload"], &history[0]["actor"]), (record, &json!("catalogue")));
        }
    }
    let said = catalogue::load(&app.db).unwrap();
    assert_eq!(client.head(), head, "{said}");

    let regime = records[0][0]["id"].as_str().unwrap();
    client.end(&format!("/v1/regimes/{regime}"), "Not ours");
    client.change(
        &format!("/v1/authorities/{}", records[1][0]["id"].as_str().unwrap()),
        &json!({ "name": "Ours" }),
    );
    catalogue::load(&app.db).unwrap();
    assert_eq!(client.head(), head + 2, "what a firm changed stays as the firm has it");
    let other = App::with_catalogue();
    let ids = |client: &Client| -> BTreeSet<String> {
        client.all("/v1/authorities").iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&other.client), ids(client), "an authority has one id in every registry");
}

#[test]
fn the_example_is_loaded_into_an_empty_registry_only() {
    let app = App::empty();
    app.client.vendor("Acme");
    let said = catalogue::load_demo(&app.db, FourEyes::Off).unwrap();
    assert!(said.contains("not empty"), "{said}");
    let catalogue = 1 + 14 + 20;
    assert_eq!(app.client.head(), catalogue, "the catalogue alone, which every registry has");
    let app = App::demo();
    let head = app.client.head();
    let said = catalogue::load_demo(&app.db, FourEyes::Off).unwrap();
    assert!(said.contains("not empty"), "{said}");
    assert_eq!(app.client.head(), head);
}

#[test]
fn the_example_is_recorded_as_if_each_thing_had_been_learnt_on_its_day() {
    let app = App::demo();
    let client = &app.client;
    let entries = client.all("/v1/journal?limit=500");
    let at = |entry: &Value| entry["recorded_at"].as_str().unwrap().to_owned();
    assert!(entries.iter().map(at).is_sorted_by(|a, b| a < b), "strictly rising");
    assert!(entries.iter().all(|entry| entry["actor"] == "example"));
    let (proposals, entries): (Vec<_>, Vec<_>) =
        entries.iter().partition(|entry| entry["action"] == "review.proposed");
    assert!(proposals.iter().all(|entry| at(entry).starts_with("2026-04-09T00:00:00")));
    assert_eq!(proposals.len(), 2);
    let (things, events): (Vec<_>, Vec<_>) =
        entries.iter().copied().partition(|entry| entry["event"].is_null());
    assert!(things.iter().all(|entry| at(entry).starts_with("2026-01-01T00:00:00")));
    assert_eq!(at(entries[0])[..19].to_owned() + "Z", "2026-01-01T00:00:00Z");
    let learnt: Vec<(String, &str)> = events
        .iter()
        .map(|entry| (at(entry)[..10].to_owned(), entry["event"]["type"].as_str().unwrap()))
        .collect();
    let expected = [
        ("2026-03-05", "order_issued"),
        ("2026-03-12", "order_issued"),
        ("2026-03-26", "stayed"),
        ("2026-04-08", "noted"),
    ];
    assert_eq!(learnt, expected.map(|(on, kind)| (on.to_owned(), kind)));
    assert_eq!(client.all("/v1/regimes").len(), REGIMES.len(), "with the catalogue");
    let departments = client.all("/v1/authorities?name=department+of+defense");
    assert_eq!(departments.len(), 1, "a body that stands in catalogue and example is one record");
    let later = client.vendor("Acme");
    let recorded = client.get(&format!("/v1/vendors/{later}")).json()["created_at"].clone();
    assert!(recorded.as_str().unwrap() > "2026-04-09", "the clock goes on from there");
}

#[test]
fn the_example_has_proposals_to_decide_and_a_read_that_can_be_checked() {
    let app = App::demo();
    let client = &app.client;
    let reviews = client.all("/v1/reviews");
    let of = |review: &Value| {
        let event = &review["proposal"]["event"];
        (review["proposed_by"].clone(), review["proposal"]["change"].clone(), event["type"].clone())
    };
    assert_eq!(
        reviews.iter().map(of).collect::<Vec<_>>(),
        vec![(json!("example"), json!("record_event"), json!("noted")); 2]
    );
    let decide = |at: usize, how: &str, body: Value| {
        let id = reviews[at]["id"].as_str().unwrap();
        client.post(&format!("/v1/reviews/{id}/{how}"), &body).expect(200).json()["status"].clone()
    };
    assert_eq!(decide(0, "confirm", json!({})), "confirmed");
    assert_eq!(decide(1, "reject", json!({"comment": "Only to see it."})), "rejected");

    let entries = client.all("/v1/access-log");
    let asked = entries.iter().find(|entry| entry["actor"] == "example").unwrap();
    let (target, seq) = (asked["target"].as_str().unwrap(), &asked["known_seq"]);
    let again = client.get(&format!("{target}&known_seq={seq}")).expect(200);
    let now = client.get(target).expect(200);
    assert_ne!(now.json()["known_seq"], *seq, "something was recorded since");
    assert_eq!(
        hex(&Sha256::digest(again.text.as_bytes())),
        asked["answer_sha256"],
        "the same question gives the same answer, to the byte: {}",
        again.text
    );
}
