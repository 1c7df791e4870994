//! Random registries, every answer counted a second time: by day and over days, by every dimension and pair of them, under
//! every filter, now and as known before, for who sees restricted designations and for who does not.

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt, seq::IndexedRandom};
use serde_json::{Value, json};

use super::{
    super::support::{Client, Office},
    oracle::{Narrowed, Oracle, item},
    world::World,
};

const DIMENSIONS: [&str; 7] =
    ["regime", "authority", "state", "reason_code", "origin", "environment", "month"];
const STATES: [&str; 12] = [
    "proposed",
    "noticed",
    "interim",
    "issued",
    "in_force",
    "stayed",
    "vacated",
    "rescinded",
    "delisted",
    "withdrawn",
    "superseded",
    "expired",
];

fn narrowed(world: &mut World<'_>) -> Narrowed {
    let mut narrowed = Narrowed::default();
    match world.rng.random_range(0..9) {
        0 => narrowed.vendor = world.vendors.choose(&mut world.rng).cloned(),
        1 => narrowed.regime = world.regimes.choose(&mut world.rng).cloned(),
        2 => narrowed.authority = world.authorities.choose(&mut world.rng).cloned(),
        3 => narrowed.origin = Some(world.one_of(&["official", "reported", "internal"]).to_owned()),
        4 => narrowed.state = Some(world.one_of(&STATES).to_owned()),
        5 => narrowed.in_force = Some(world.chance(0.5)),
        6 => {
            narrowed.in_force = Some(true);
            narrowed.origin = Some("official".to_owned());
            narrowed.authority = world.authorities.first().cloned();
        }
        _ => {}
    }
    narrowed
}

fn items(answer: &Value) -> BTreeSet<String> {
    answer["items"].as_array().unwrap().iter().map(item).collect()
}

/// How many items and designations were compared, by what.
type Tally = BTreeMap<String, usize>;

#[track_caller]
fn a_day(asker: (&Client, &Oracle), world: &mut World<'_>, seq: u64, tally: &mut Tally) {
    let (client, oracle) = asker;
    let pairs = DIMENSIONS.iter().flat_map(|one| DIMENSIONS.iter().map(move |other| (*one, *other)));
    for (one, other) in pairs {
        let by: Vec<&str> = if one == other { vec![one] } else { vec![one, other] };
        let (day, narrowed) = (world.day(), narrowed(world));
        let query: String = by.iter().map(|dimension| format!("&group_by={dimension}")).collect();
        let path = format!("/v1/statistics/designations?on={day}&known_seq={seq}{query}{}", narrowed.query());
        let answer = client.get(&path).expect(200).json();
        let (wanted, total) = oracle.count(&day, &by, &narrowed);
        assert_eq!(items(&answer), wanted, "{path}");
        assert_eq!(answer["total"], total, "{path}");
        assert_eq!(answer["group_by"], json!(by), "{path}");
        assert_eq!(answer["items"].as_array().unwrap().len(), wanted.len(), "{path}: an item comes twice");
        *tally.entry(one.to_owned()).or_default() += wanted.len();
    }
}

/// The list of designations, filtered by what binds on a day, has as many as are counted.
#[track_caller]
fn the_list(client: &Client, world: &mut World<'_>, seq: u64, tally: &mut Tally) {
    let day = world.day();
    let listed = |query: &str| {
        let path = format!("/v1/designations?in_force_on={day}&known_seq={seq}&limit=500{query}");
        client.all(&path).len()
    };
    let path = format!("/v1/statistics/designations?on={day}&known_seq={seq}&group_by=environment");
    let answer = client.get(&path).expect(200).json();
    assert_eq!(answer["total"]["in_force"], listed(""), "{path}");
    for item in answer["items"].as_array().unwrap() {
        let environment = item["environment"].as_str().unwrap();
        assert_eq!(item["in_force"], listed(&format!("&environment={environment}")), "{path}");
        *tally.entry("listed".to_owned()).or_default() += 1;
    }
}

#[track_caller]
fn days(asker: (&Client, &Oracle), world: &mut World<'_>, seq: u64, tally: &mut Tally) {
    let (client, oracle) = asker;
    let dimensions = DIMENSIONS.iter().copied().map(Some).chain([None]);
    for dimension in dimensions {
        let (mut from, mut to) = (world.day(), world.day());
        if from > to {
            (from, to) = (to, from);
        }
        let (step, narrowed) = (world.one_of(&["day", "week", "month", "quarter", "year"]), narrowed(world));
        let by = dimension.map(|dimension| format!("&group_by={dimension}")).unwrap_or_default();
        let path = format!(
            "/v1/statistics/designations/series?from={from}&to={to}&step={step}&known_seq={seq}{by}{}",
            narrowed.query()
        );
        let answer = client.get(&path).expect(200).json();
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut empty = 0;
        for of_day in answer["items"].as_array().unwrap() {
            let day = found.entry(of_day["on"].as_str().unwrap().to_owned()).or_default();
            day.push(item(of_day));
            empty += usize::from(of_day["designations"] == 0);
        }
        let groups = found.values().next().map_or(0, Vec::len);
        assert!(groups == 0 || found.keys().next() == Some(&from), "{path}: {found:?}");
        let (mut compared, mut nonempty) = (0, BTreeSet::new());
        for (day, items) in &found {
            assert_eq!(items.len(), groups, "{path}: every group has an item on every day");
            let (mut wanted, _) = oracle.count(day, &dimension.into_iter().collect::<Vec<_>>(), &narrowed);
            let keys = wanted.iter().map(|item| item.split(' ').next().unwrap().to_owned());
            nonempty.extend(keys);
            // What has none that day is there with zeros.
            wanted.extend(items.iter().filter(|item| item.ends_with(" [0, 0, 0]")).cloned());
            assert_eq!(items.iter().cloned().collect::<BTreeSet<_>>(), wanted, "{path}: {day}");
            compared += items.len();
        }
        assert!(dimension.is_none() || nonempty.len() <= groups, "{path}");
        if dimension.is_some() && groups > 0 {
            assert!(empty < compared, "{path}: a group that is empty on every day");
        }
        *tally.entry(format!("{} over days", dimension.unwrap_or("nothing"))).or_default() += compared;
    }
}

#[test]
fn every_count_is_what_lists_and_timelines_make_of_it() {
    let mut tally = Tally::new();
    let mut hidden = 0;
    for seed in [31, 32] {
        let office = Office::open();
        let mut world = World::new(&office.analyst, seed);
        for _ in 0..16 {
            world.designate();
            (0..9).for_each(|_| world.happen());
        }
        let head = office.analyst.head();
        let positions: BTreeSet<u64> =
            (0..4).map(|_| world.rng.random_range(8..head)).chain([head]).collect();
        for seq in positions {
            let seen = [&office.analyst, &office.viewer].map(|client| (client, Oracle::new(client, seq)));
            hidden += seen[0].1.designations() - seen[1].1.designations();
            for (client, oracle) in &seen {
                a_day((*client, oracle), &mut world, seq, &mut tally);
                days((*client, oracle), &mut world, seq, &mut tally);
                the_list(client, &mut world, seq, &mut tally);
            }
        }
    }
    println!("{tally:?}, {hidden} hidden");
    let kinds = DIMENSIONS
        .iter()
        .map(ToString::to_string)
        .chain(["listed".to_owned(), "nothing over days".to_owned()]);
    for kind in kinds.chain(DIMENSIONS.iter().map(|dimension| format!("{dimension} over days"))) {
        assert!(tally.get(&kind).is_some_and(|compared| *compared > 40), "too few of {kind}: {tally:?}");
    }
    assert!(hidden > 10, "nothing was hidden");
}
