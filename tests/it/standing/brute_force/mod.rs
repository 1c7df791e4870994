//! Random designations, random questions, and every verdict worked out a second time: day by day from the timelines that
//! the registry shows, without its periods, its evaluation or its matching.

mod world;

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt, seq::IndexedRandom};
use serde_json::{Value, json};
use world::{EFFECTS, LISTS, World, calendar};

use super::super::support::{App, Client};

/// What is asked: a vendor, a day, and for each of the four kinds of words those that are asked for.
struct Question<'a> {
    vendor: &'a str,
    on: &'a str,
    words: BTreeMap<&'static str, Vec<String>>,
}

impl Question<'_> {
    fn path(&self, known_seq: u64) -> String {
        let words = self.words.iter().flat_map(|(name, words)| words.iter().map(move |word| (name, word)));
        let query: String = words.map(|(name, word)| format!("&{name}={word}")).collect();
        format!("/v1/vendors/{}/standing?on={}&known_seq={known_seq}{query}", self.vendor, self.on)
    }

    fn meets(&self, scope: &Value) -> bool {
        let lists = LISTS.map(|(field, name, _)| (field, name)).into_iter().chain([("agencies", "agency")]);
        lists.into_iter().all(|(field, name)| {
            let listed = scope[field].as_array().unwrap();
            let asked = &self.words[name];
            listed.is_empty() || asked.is_empty() || asked.iter().any(|word| listed.contains(&json!(word)))
        })
    }
}

/// A designation as known, with its timeline as known.
struct Known {
    designation: Value,
    timeline: Value,
}

impl Known {
    fn all(client: &Client, designations: &[String], seq: u64) -> Vec<Self> {
        let read = |id: &String| {
            let get = |path: &str| client.get(&format!("/v1/designations/{id}{path}?known_seq={seq}"));
            let designation = get("");
            (designation.status == 200).then(|| Self {
                designation: designation.json(),
                timeline: get("/timeline").expect(200).json(),
            })
        };
        designations.iter().filter_map(read).collect()
    }

    /// Scope and period of everything that is in some state on a day.
    fn on<'a>(&'a self, day: &'a str) -> impl Iterator<Item = (&'a Value, &'a Value)> {
        self.timeline["scopes"].as_array().unwrap().iter().flat_map(move |line| {
            let scopes = self.designation["scopes"].as_array().unwrap();
            let scope = scopes.iter().find(|scope| scope["id"] == line["scope_id"]).unwrap();
            let holds = move |period: &&Value| {
                period["from"].as_str().unwrap() <= day && period["to"].as_str().is_none_or(|to| day < to)
            };
            line["periods"].as_array().unwrap().iter().filter(holds).map(move |period| (scope, period))
        })
    }

    fn binds(&self, day: &str) -> bool {
        self.on(day).any(|(_, period)| period["state"] == "in_force" || period["state"] == "interim")
    }
}

fn verdict(known: &[&Known], question: &Question<'_>, day: &str) -> &'static str {
    let (mut strongest, mut stayed, mut pending) = (None, false, false);
    for known in known {
        for (_, period) in known.on(day).filter(|(scope, _)| question.meets(scope)) {
            let rank = EFFECTS.iter().position(|effect| known.designation["effect"] == **effect);
            match period["state"].as_str().unwrap() {
                "in_force" | "interim" => strongest = strongest.max(rank),
                "stayed" => stayed = true,
                "proposed" | "noticed" | "issued" => pending = true,
                _ => {}
            }
        }
    }
    match strongest {
        Some(rank) => EFFECTS[rank],
        None if stayed => "stayed",
        None if pending => "pending",
        None => "clear",
    }
}

/// Designation, effect, scope, state, since, until and event of every finding's scopes.
fn findings_expected(known: &[&Known], question: &Question<'_>) -> BTreeSet<String> {
    let of = |known: &&Known| -> Vec<String> {
        let on = known.on(question.on).filter(|(scope, _)| question.meets(scope));
        let one = |(scope, period): (&Value, &Value)| {
            json!([
                known.designation["id"],
                known.designation["effect"],
                scope["id"],
                period["state"],
                period["from"],
                period["to"],
                period["event_id"]
            ])
            .to_string()
        };
        on.map(one).collect()
    };
    known.iter().flat_map(of).collect()
}

fn findings_answered(standing: &Value) -> BTreeSet<String> {
    let findings = standing["findings"].as_array().unwrap().iter();
    let scopes = findings.flat_map(|finding| {
        finding["scopes"].as_array().unwrap().iter().map(move |scope| {
            json!([
                finding["designation_id"],
                finding["effect"],
                scope["scope_id"],
                scope["state"],
                scope["since"],
                scope["until"],
                scope["event_id"]
            ])
            .to_string()
        })
    });
    scopes.collect()
}

fn ids(list: &Value) -> BTreeSet<&str> {
    list.as_array().unwrap().iter().map(|item| item["designation_id"].as_str().unwrap()).collect()
}

#[track_caller]
fn check(known: &[Known], question: &Question<'_>, standing: &Value) {
    let of_vendor: Vec<&Known> =
        known.iter().filter(|known| known.designation["vendor_id"] == question.vendor).collect();
    let expected = verdict(&of_vendor, question, question.on);
    assert_eq!(standing["verdict"], expected, "{standing:#}");
    assert_eq!(findings_answered(standing), findings_expected(&of_vendor, question), "{standing:#}");
    let binds = |period: &Value| period["state"] == "in_force" || period["state"] == "interim";
    let meets =
        |known: &Known| known.on(question.on).any(|(scope, period)| binds(period) && question.meets(scope));
    let unmatched: BTreeSet<&str> = of_vendor
        .iter()
        .filter(|known| known.binds(question.on) && !meets(known))
        .map(|known| known.designation["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids(&standing["unmatched"]), unmatched, "{standing:#}");
    let categories: BTreeSet<&str> = known
        .iter()
        .filter(|known| !known.designation["category"].is_null() && known.binds(question.on))
        .map(|known| known.designation["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids(&standing["categories"]), categories, "{standing:#}");
    let later = calendar().iter().filter(|day| day.as_str() > question.on);
    let changes = later.into_iter().find(|day| verdict(&of_vendor, question, day) != expected);
    assert_eq!(standing["holds_until"].as_str(), changes.map(String::as_str), "{standing:#}");
}

#[test]
fn every_verdict_is_what_the_timelines_make_of_it_day_by_day() {
    let mut tally: BTreeMap<String, usize> = BTreeMap::new();
    for seed in [11, 12] {
        let app = App::empty();
        let mut world = World::new(&app.client, seed);
        for _ in 0..12 {
            world.designate();
            (0..12).for_each(|_| world.happen());
        }
        let head = app.client.head();
        let positions: BTreeSet<u64> =
            (0..14).map(|_| world.rng.random_range(0..=head)).chain([head]).collect();
        for seq in positions {
            let known = Known::all(&app.client, &world.designations, seq);
            for _ in 0..16 {
                let mut words = BTreeMap::new();
                for (_, name, all) in LISTS {
                    let number = if world.chance(0.6) { 0 } else { world.rng.random_range(1..=2) };
                    words.insert(name, all.sample(&mut world.rng, number).map(ToString::to_string).collect());
                }
                let agencies: Vec<String> =
                    world.agencies.iter().cloned().chain(["none".to_owned()]).collect();
                let number = if world.chance(0.5) { 0 } else { world.rng.random_range(1..=2) };
                words.insert("agency", agencies.sample(&mut world.rng, number).cloned().collect());
                let vendor = world.vendors.choose(&mut world.rng).unwrap();
                let on = calendar()[..280].choose(&mut world.rng).unwrap();
                let question = Question { vendor, on, words };
                let standing = app.client.get(&question.path(seq)).expect(200).json();
                check(&known, &question, &standing);
                *tally.entry(standing["verdict"].as_str().unwrap().to_owned()).or_default() += 1;
                for part in ["unmatched", "categories", "findings"] {
                    let some = !standing[part].as_array().unwrap().is_empty();
                    *tally.entry(part.to_owned()).or_default() += usize::from(some);
                }
                *tally.entry("holds".to_owned()).or_default() +=
                    usize::from(standing["holds_until"].is_string());
            }
        }
    }
    let outcomes =
        EFFECTS.into_iter().chain(["stayed", "pending", "clear", "unmatched", "categories", "holds"]);
    for outcome in outcomes {
        assert!(tally.get(outcome).is_some_and(|count| *count >= 3), "too few {outcome}: {tally:?}");
    }
}
