//! The filters of the large registry's lists, rare and common, in a query and in SQL.

use super::{
    super::support::samples::today,
    crowd::{People, VENDOR, id},
};

/// That a viewer sees a designation, in SQL.
pub const PUBLIC: &str = "IN (SELECT id FROM designations WHERE visibility = 'public')";

/// A filter of vendors in a query, and in SQL.
pub fn vendor_filters(viewer: bool) -> Vec<(String, String)> {
    let word = |from: &str, past: &str| {
        format!("id IN (SELECT vendor_id FROM vendor_words WHERE word >= '{from}' AND word < '{past}')")
    };
    let labelled = |kind: &str, label: &str| {
        format!("id IN (SELECT vendor_id FROM vendor_labels WHERE kind = '{kind}' AND label IN ({label}))")
    };
    let bound = format!(
        "id IN (SELECT vendor_id FROM designation_periods WHERE vendor_id IS NOT NULL AND known_to_seq = {} AND state IN ('in_force', 'interim') \
         AND from_on <= '{today}' AND to_on > '{today}'{})",
        i64::MAX,
        if viewer { format!(" AND designation_id {PUBLIC}") } else { String::new() },
        today = today()
    );
    let filters = vec![
        ("", "1 = 1".into()),
        ("name=a&", word("a", "b")),
        ("name=w77&", word("w77", "w78")),
        ("name=zen&", word("zen", "zeo")),
        ("name=nobody&", "1 = 0".into()),
        ("name=acme+w12&", format!("{} AND {}", word("acme", "acmf"), word("w12", "w13"))),
        (
            "identifier=cik:4711&",
            "id IN (SELECT vendor_id FROM vendor_identifiers WHERE value = '4711')".into(),
        ),
        ("identifier=cik:999999&", "1 = 0".into()),
        ("country=US&", "country = 'US'".into()),
        ("country=IS&country=DE&", "country IN ('IS', 'DE')".into()),
        ("country=IS&", "country = 'IS'".into()),
        ("country=AQ&", "1 = 0".into()),
        ("role=supplier&", labelled("role", "'supplier'")),
        ("role=foundry&", labelled("role", "'foundry'")),
        ("role=nobody&", "1 = 0".into()),
        ("tag=t7&tag=T8&", labelled("tag", "'t7', 't8'")),
        ("tag=nothing&", "1 = 0".into()),
        ("designated=true&", bound.clone()),
        ("designated=false&", format!("NOT ({bound})")),
    ];
    filters.into_iter().map(|(query, condition): (&str, _)| (query.to_owned(), condition)).collect()
}

/// A filter of designations in a query, and in SQL over the version `v` as known at `{seq}`.
pub fn designation_filters(people: &People) -> Vec<(String, String)> {
    let today = today();
    let scope = |more: &str| {
        format!(
            "v.designation_id IN (SELECT p.designation_id FROM designation_periods p \
             WHERE p.known_from_seq <= {{seq}} AND p.known_to_seq > {{seq}} AND {more})"
        )
    };
    let on = |day: &str, states: &str| {
        scope(&format!("p.state IN ({states}) AND p.from_on <= '{day}' AND p.to_on > '{day}'"))
    };
    let mut filters = vec![(String::new(), "1 = 1".to_owned())];
    let mut add = |query: String, condition: String| filters.push((query, condition));
    for number in [1, 2, 77] {
        add(format!("vendor_id={}&", id(VENDOR, number)), format!("v.vendor_id = '{}'", id(VENDOR, number)));
    }
    for number in [1, 2, 25] {
        add(format!("regime=regime-{number}&"), format!("v.regime_id = '{}'", people.regimes[number - 1]));
    }
    for number in [1, 2, 60] {
        let authority = &people.authorities[number - 1];
        add(format!("authority_id={authority}&"), format!("v.authority_id = '{authority}'"));
    }
    for origin in ["official", "reported", "internal"] {
        add(format!("origin={origin}&"), format!("v.origin = '{origin}'"));
    }
    for state in ["in_force", "expired", "stayed", "rescinded", "proposed", "interim"] {
        add(format!("state={state}&"), on(&today, &format!("'{state}'")));
    }
    add("state=noticed&state=issued&".into(), on(&today, "'noticed', 'issued'"));
    for day in ["2016-11-02", "2016-12-24", "2021-06-01", "2026-11-01", "2015-01-01", "2099-01-01"] {
        add(format!("in_force_on={day}&"), on(day, "'in_force', 'interim'"));
    }
    for code in ["sanctions", "cyber_incident", "counterfeit", "availability"] {
        add(format!("reason_code={code}&"), format!("v.reason_codes LIKE '%,{code},%'"));
    }
    for environment in ["cui", "sci"] {
        add(
            format!("environment={environment}&"),
            scope(&format!("(p.environments = '' OR p.environments LIKE '%,{environment},%')")),
        );
    }
    for action in ["use", "invest", "export"] {
        add(
            format!("action={action}&"),
            scope(&format!("(p.actions = '' OR p.actions LIKE '%,{action},%')")),
        );
    }
    for before in ["2017-01-01", "2026-09-20", "2028-01-01"] {
        let going_on = on(&today, "'proposed', 'noticed', 'interim', 'issued', 'in_force', 'stayed'");
        add(format!("review_due_before={before}&"), format!("v.next_review_on < '{before}' AND {going_on}"));
    }
    add(
        "action=procure&state=in_force&origin=official&".into(),
        format!(
            "v.origin = 'official' AND {}",
            scope(&format!(
                "p.state = 'in_force' AND p.from_on <= '{today}' AND p.to_on > '{today}' AND p.actions LIKE '%,procure,%'"
            ))
        ),
    );
    filters
}
