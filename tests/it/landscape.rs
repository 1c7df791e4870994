//! The questions of the example, asked over HTTP: before and after a restart.

use serde_json::Value;

use super::support::{App, Client};

const SECRET_FOR_DOD: &str = "environment=secret&agency=Department%20of%20Defense";

#[test]
fn the_questions_of_the_landscape_are_answered_right_before_and_after_a_restart() {
    let app = App::demo();
    ask_everything(&app.client);
    let app = app.restart();
    ask_everything(&app.client);
}

fn ask_everything(client: &Client) {
    let vendor = client.get("/v1/vendors?name=anthropic").expect(200).text_at("/items/0/id");
    let ask = |query: &str| client.get(&format!("/v1/vendors/{vendor}/standing?{query}")).expect(200).json();

    let nothing_recorded = ask(&format!("on=2026-03-01&known_at=2026-03-01&{SECRET_FOR_DOD}"));
    assert_eq!((verdict(&nothing_recorded), found(&nothing_recorded)), ("clear", vec![]));
    assert_eq!(nothing_recorded["vendor_known"], true);

    let before_the_letter = ask(&format!("on=2026-03-01&{SECRET_FOR_DOD}"));
    assert_eq!((verdict(&before_the_letter), found(&before_the_letter)), ("clear", vec![]));
    assert_eq!(before_the_letter["holds_until"], "2026-03-03");

    let first_alone = ask(&format!("on=2026-03-10&known_at=2026-03-10&{SECRET_FOR_DOD}"));
    assert_eq!(verdict(&first_alone), "prohibited");
    assert_eq!(found(&first_alone), [("us-10-usc-3252", "in_force")]);

    let both = [("us-10-usc-3252", "in_force"), ("us-41-usc-4713", "in_force")];
    let as_known_today = ask(&format!("on=2026-03-10&{SECRET_FOR_DOD}"));
    assert_eq!((verdict(&as_known_today), found(&as_known_today)), ("prohibited", both.to_vec()));

    let ordered_but_not_biting = ask(&format!("on=2026-03-28&{SECRET_FOR_DOD}"));
    assert_eq!(
        (verdict(&ordered_but_not_biting), found(&ordered_but_not_biting)),
        ("prohibited", both.to_vec())
    );

    let split = [("us-10-usc-3252", "stayed"), ("us-41-usc-4713", "in_force")];
    let after_the_stay = ask(&format!("on=2026-04-10&{SECRET_FOR_DOD}"));
    assert_eq!((verdict(&after_the_stay), found(&after_the_stay)), ("prohibited", split.to_vec()));
    let by_nickname = ask("on=2026-04-10&environment=secret&agency=Pentagon");
    assert_eq!(by_nickname, after_the_stay, "a nickname means the same authority");

    let no_agency = ask("on=2026-04-10&environment=unclassified&agency=none");
    assert_eq!((verdict(&no_agency), found(&no_agency)), ("clear", vec![]));
    assert_eq!(no_agency["unmatched"].as_array().unwrap().len(), 1, "4713 is in force, but not for this use");

    let no_use = ask("on=2026-04-10");
    assert_eq!((verdict(&no_use), found(&no_use)), ("prohibited", split.to_vec()));
}

fn verdict(standing: &Value) -> &str {
    standing["verdict"].as_str().unwrap()
}

/// Regime and state of each finding, by regime.
fn found(standing: &Value) -> Vec<(&str, &str)> {
    let findings = standing["findings"].as_array().unwrap().iter();
    let mut found: Vec<_> = findings
        .map(|finding| (finding["regime"].as_str().unwrap(), finding["scopes"][0]["state"].as_str().unwrap()))
        .collect();
    found.sort_unstable();
    found
}
