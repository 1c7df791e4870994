//! Authorities and regimes by the hundred thousand: their rows, and what their lists are asked.

use super::{
    calls::Call,
    crowd::{Dialect, MANY, People},
};

const AUTHORITY: u32 = 5;
const REGIME: u32 = 6;

const NAME: &str =
    "'w' || ((i * 31) % 5000) || CASE WHEN i % 2 = 0 THEN ' council ' ELSE ' ministry ' END || i";
const COUNTRY: &str = "CASE WHEN i % 2 = 0 THEN 'US' WHEN i % 4999 = 0 THEN 'IS' \
                       ELSE substr('DEFRGBITESNLBEATCHSE', 1 + 2 * ((i / 2) % 10), 2) END";
const STATUS: &str = "CASE WHEN i % 1000 = 0 THEN 'retired' ELSE 'active' END";

pub fn fill(d: &Dialect, people: &People, run: &mut impl FnMut(String)) {
    let all = d.numbers(MANY);
    let at = d.at("i");
    let row = |kind: u32| {
        let this = d.id(kind, "i");
        let document =
            format!("'{{\"notes\":\"{}\",\"id\":\"' || CAST({this} AS text) || '\"}}'", "x".repeat(300));
        (this, d.json(&document))
    };
    let (this, document) = row(AUTHORITY);
    let kind = "CASE WHEN i % 4001 = 0 THEN 'other' WHEN i % 3 = 0 THEN 'internal' ELSE 'government' END";
    run(format!(
        "INSERT INTO authorities SELECT {this}, 1, {STATUS}, {NAME}, {kind}, {COUNTRY}, 1, {at}, {document} FROM {all}"
    ));
    run(format!("INSERT INTO authority_names SELECT {NAME}, {this}, 'current' FROM {all}"));
    run(format!("INSERT INTO authority_names SELECT 'agency ' || i, {this}, 'former' FROM {all}"));
    let (this, document) = row(REGIME);
    let authority = d.one_of(
        &people.authorities,
        "(CASE WHEN @h % 9973 = 0 THEN 60 WHEN @h % 2 = 0 THEN 1 ELSE 2 + @h % 57 END)",
    );
    let effect =
        "CASE WHEN i % 4001 = 0 THEN 'advisory' WHEN i % 3 = 0 THEN 'restricted' ELSE 'reportable' END";
    run(format!(
        "INSERT INTO regimes SELECT {this}, 1, 'rule-' || i, {STATUS}, {NAME}, {authority}, {COUNTRY}, {effect}, 1, {at}, \
         {document} FROM {all}"
    ));
}

/// A filter in a query, and in SQL.
type Filter = (String, String);

fn equal<'a>(
    parameter: &'a str,
    column: &'a str,
    values: &'a [&'a str],
) -> impl Iterator<Item = Filter> + 'a {
    values.iter().map(move |value| (format!("{parameter}={value}&"), format!("{column} = '{value}'")))
}

fn authority_filters() -> Vec<Filter> {
    let named = |prefix: &str| {
        format!(
            "id IN (SELECT authority_id FROM authority_names WHERE name_key >= '{prefix}' AND name_key < '{prefix}~')"
        )
    };
    let mut filters = vec![(String::new(), "1 = 1".to_owned())];
    for prefix in ["w", "w77", "agency", "agency 4711", "nobody"] {
        filters.push((format!("name={}&", prefix.replace(' ', "+")), named(prefix)));
    }
    filters.extend(equal("kind", "kind", &["government", "internal", "other", "court"]));
    filters.extend(equal("country", "country", &["US", "IS", "AQ"]));
    filters.push(("country=IS&country=DE&".into(), "country IN ('IS', 'DE')".into()));
    filters.push((
        "kind=government&country=US&name=agency&".into(),
        format!("kind = 'government' AND country = 'US' AND {}", named("agency")),
    ));
    filters
}

fn regime_filters(people: &People) -> Vec<Filter> {
    let called = |prefix: &str| {
        format!(
            "(name_key >= '{prefix}' AND name_key < '{prefix}~' OR slug >= '{prefix}' AND slug < '{prefix}~')"
        )
    };
    let mut filters = vec![(String::new(), "1 = 1".to_owned())];
    for prefix in ["w", "w77", "rule", "rule-471", "regime", "nobody"] {
        filters.push((format!("name={prefix}&"), called(prefix)));
    }
    let [first, second, last] = [0, 1, 59].map(|place: usize| people.authorities[place].as_str());
    filters.extend(equal("authority_id", "authority_id", &[first, second, last]));
    filters.extend(equal("jurisdiction", "jurisdiction", &["US", "IS", "Nowhere"]));
    filters.extend(equal("effect", "effect", &["reportable", "restricted", "advisory", "prohibited"]));
    filters.push((
        "effect=reportable&jurisdiction=US&name=rule&".into(),
        format!("effect = 'reportable' AND jurisdiction = 'US' AND {}", called("rule")),
    ));
    filters
}

pub fn calls(people: &People) -> Vec<Call> {
    let mut calls = Call::of_records("authorities", &authority_filters());
    calls.extend(Call::of_records("regimes", &regime_filters(people)));
    calls
}
