//! Random designations, random questions, and every verdict worked out a second time: day by day from the timelines that
//! the registry shows, without its periods, its evaluation or its matching.

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Map, Value, json};

use super::super::support::{
    App, Client,
    samples::{event, reason},
};

const LISTS: [(&str, &str, &[&str]); 3] = [
    ("environments", "environment", &["secret", "cui", "sci"]),
    ("actions", "action", &["procure", "use"]),
    ("tiers", "tier", &["prime", "subcontract"]),
];
const EFFECTS: [&str; 4] = ["advisory", "reportable", "restricted", "prohibited"];
const FIRST: [&str; 4] = ["proposal_recorded", "notice_issued", "urgent_action", "order_issued"];
const TYPES: [&str; 17] = [
    "notice_issued",
    "urgent_action",
    "order_issued",
    "order_issued",
    "amended",
    "amended",
    "stayed",
    "stayed",
    "stay_lifted",
    "vacated",
    "rescinded",
    "delisted",
    "withdrawn",
    "superseded",
    "reinstated",
    "reinstated",
    "noted",
];

/// A registry under construction.
struct World<'a> {
    client: &'a Client,
    rng: StdRng,
    agencies: Vec<String>,
    vendors: Vec<String>,
    designations: Vec<String>,
}

impl<'a> World<'a> {
    fn new(client: &'a Client, seed: u64) -> Self {
        let agencies = ["Works", "Deeds"].map(|name| client.authority(name, "government")).to_vec();
        let vendors = ["Acme", "Bcme", "Ccme"].map(|name| client.vendor(name)).to_vec();
        Self { client, rng: StdRng::seed_from_u64(seed), agencies, vendors, designations: Vec::new() }
    }

    fn chance(&mut self, odds: f64) -> bool {
        self.rng.random_bool(odds)
    }

    fn day(&mut self, days: std::ops::Range<usize>) -> String {
        calendar()[self.rng.random_range(days)].clone()
    }

    fn pick<'b>(&mut self, words: &[&'b str]) -> &'b str {
        words.choose(&mut self.rng).copied().unwrap()
    }

    fn scope(&mut self) -> Value {
        let mut scope = Map::new();
        for (field, _, words) in LISTS {
            if self.chance(0.3) {
                scope.insert(field.into(), json!([self.pick(words)]));
            }
        }
        if self.chance(0.3) {
            scope.insert("agencies".into(), json!([self.agencies.choose(&mut self.rng)]));
        }
        for bound in ["effective_from", "effective_to"] {
            if self.chance(0.2) {
                scope.insert(bound.into(), json!(self.day(20..260)));
            }
        }
        Value::Object(scope)
    }

    /// An event; it may well be one that can't be.
    fn event(&mut self, kind: &str, of: Option<&Value>) -> Value {
        let mut details = Map::new();
        let brings = matches!(kind, "proposal_recorded" | "notice_issued" | "urgent_action" | "order_issued");
        if (brings && (of.is_none() || self.chance(0.2))) || kind == "amended" {
            let number = self.rng.random_range(1..4);
            details.insert("scopes".into(), (0..number).map(|_| self.scope()).collect());
        }
        if matches!(kind, "stayed" | "vacated" | "reinstated") {
            details.insert("authority_id".into(), json!(self.agencies[0]));
        }
        if matches!(kind, "stayed" | "vacated") {
            details.insert("case_number".into(), json!("1"));
        }
        match kind {
            "urgent_action" => drop(details.insert("basis".into(), json!("It could not wait"))),
            "vacated" => drop(details.insert("retroactive".into(), json!(self.chance(0.3)))),
            "superseded" => {
                let successor = self.designations.choose(&mut self.rng);
                drop(details.insert("successor_id".into(), json!(successor)));
            }
            "amended" if self.chance(0.5) => {
                let scopes = of.and_then(|designation| designation["scopes"].as_array());
                let scope =
                    scopes.and_then(|scopes| scopes.choose(&mut self.rng)).map(|scope| scope["id"].clone());
                let to = self.day(60..300);
                details.insert("dates".into(), json!([{ "scope_id": scope, "effective_to": to }]));
            }
            _ => {}
        }
        let bites = ["stayed", "stay_lifted", "vacated", "rescinded", "delisted", "superseded", "reinstated"];
        if bites.contains(&kind) && details.get("retroactive") != Some(&json!(true)) && self.chance(0.3) {
            details.insert("effective_on".into(), json!(self.day(30..300)));
        }
        let day = if of.is_none() { self.day(10..80) } else { self.day(20..240) };
        let mut event = event(kind, &day, &Value::Object(details));
        let events = of.and_then(|designation| designation["events"].as_array());
        if let Some(corrected) =
            events.filter(|_| self.chance(0.2)).and_then(|events| events.choose(&mut self.rng))
        {
            event["corrects"] = corrected["id"].clone();
        }
        event
    }

    fn designate(&mut self) {
        let kind = self.pick(&FIRST);
        let first = self.event(kind, None);
        let vendor = self.vendors.choose(&mut self.rng).unwrap().clone();
        let mut body = self.client.designation_body(&vendor, &first);
        body["effect"] = json!(self.pick(&EFFECTS));
        body["reasons"] = json!([reason()]);
        if self.chance(0.1) {
            body["vendor_id"] = Value::Null;
            body["category"] = json!("Drones");
        }
        let answer = self.client.post("/v1/designations", &body);
        match answer.status {
            201 => self.designations.push(answer.id()),
            status => assert_eq!(status, 422, "a scope may end before it begins: {answer:?}"),
        }
    }

    fn happen(&mut self) {
        let Some(id) = self.designations.choose(&mut self.rng).cloned() else { return };
        let path = format!("/v1/designations/{id}");
        if self.chance(0.02) {
            let answer = self.client.delete(&format!("{path}?comment=A+mistake"), "*");
            assert!(matches!(answer.status, 200 | 409), "{answer:?}");
            return;
        }
        let designation = self.client.get(&path).expect(200).json();
        let kind = self.pick(&TYPES);
        let event = self.event(kind, Some(&designation));
        let answer = self.client.post(&format!("{path}/events"), &event);
        assert!(matches!(answer.status, 201 | 409 | 422), "{event}: {answer:?}");
    }
}

/// Days that hold whatever happens here.
fn calendar() -> &'static [String] {
    static DAYS: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| {
        let first: chrono::NaiveDate = "2025-12-20".parse().unwrap();
        first.iter_days().take(320).map(|day| day.to_string()).collect()
    });
    &DAYS
}

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
