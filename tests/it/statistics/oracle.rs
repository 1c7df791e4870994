//! Counting a second time, from what the registry shows of each designation: its record, and its timeline. Nothing of
//! `src/statistics` is used, nor its definitions but in words.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::support::Client;

const ENVIRONMENTS: [&str; 6] =
    ["unclassified", "cui", "national_security_system", "secret", "top_secret", "sci"];

/// A designation as known, with its timeline as known.
pub struct Known {
    record: Value,
    timeline: Value,
}

/// What is asked of a record: a field, and the values that are wanted; without any, all are.
#[derive(Debug, Clone, Default)]
pub struct Narrowed {
    pub vendor: Option<String>,
    pub regime: Option<String>,
    pub authority: Option<String>,
    pub origin: Option<String>,
    pub state: Option<String>,
    pub in_force: Option<bool>,
}

impl Narrowed {
    pub fn query(&self) -> String {
        let fields = [
            ("vendor_id", &self.vendor),
            ("regime", &self.regime),
            ("authority_id", &self.authority),
            ("origin", &self.origin),
            ("state", &self.state),
        ];
        let asked =
            fields.iter().filter_map(|(name, value)| value.as_ref().map(|value| format!("&{name}={value}")));
        let in_force = self.in_force.map(|in_force| format!("&in_force={in_force}")).unwrap_or_default();
        asked.collect::<String>() + &in_force
    }

    fn takes(&self, record: &Value) -> bool {
        [
            (&self.vendor, "vendor_id"),
            (&self.regime, "regime_id"),
            (&self.authority, "authority_id"),
            (&self.origin, "origin"),
        ]
        .iter()
        .all(|(wanted, field)| wanted.as_ref().is_none_or(|wanted| record[field] == **wanted))
    }
}

/// Designations of a group, those that bind, and vendors.
#[derive(Debug, Default)]
struct Group {
    designations: BTreeSet<String>,
    in_force: BTreeSet<String>,
    vendors: BTreeSet<String>,
}

/// One who asks, a position, and all that they can see of it.
pub struct Oracle {
    known: Vec<Known>,
    slugs: BTreeMap<String, String>,
    names: BTreeMap<String, String>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Oracle {
    pub fn new(client: &Client, seq: u64) -> Self {
        let listed = client.all(&format!("/v1/designations?known_seq={seq}&limit=500"));
        let with_timeline = |record: Value| {
            let path = format!("/v1/designations/{}/timeline?known_seq={seq}", text(&record["id"]));
            Known { timeline: client.get(&path).expect(200).json(), record }
        };
        let by_id = |path: &str, field: &str| {
            client.all(path).iter().map(|item| (text(&item["id"]), text(&item[field]))).collect()
        };
        Self {
            known: listed.into_iter().map(with_timeline).collect(),
            slugs: by_id("/v1/regimes?limit=500", "slug"),
            names: by_id("/v1/authorities?limit=500", "name"),
        }
    }

    pub fn designations(&self) -> usize {
        self.known.len()
    }

    /// The items that an answer must have, as texts, and the total.
    pub fn count(&self, day: &str, by: &[&str], narrowed: &Narrowed) -> (BTreeSet<String>, Value) {
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        let mut total = Group::default();
        for known in self.known.iter().filter(|known| narrowed.takes(&known.record)) {
            let whole = known.scopes(None);
            let cells: Vec<_> = if by.contains(&"environment") {
                ENVIRONMENTS.iter().map(|word| (json!(word), known.scopes(Some(word)))).collect()
            } else {
                vec![(Value::Null, whole)]
            };
            for (environment, scopes) in cells {
                let Some(state) = state(&scopes, day) else { continue };
                let binds = matches!(state.as_str(), "in_force" | "interim");
                let left_out = narrowed.state.as_ref().is_some_and(|wanted| *wanted != state)
                    || narrowed.in_force.is_some_and(|wanted| wanted != binds);
                if left_out {
                    continue;
                }
                let began = scopes.iter().flatten().map(|period| text(&period["from"])).min().unwrap();
                for key in self.keys(by, known, (&environment, &state, &began)) {
                    for group in [&mut total, groups.entry(key).or_default()] {
                        let id = text(&known.record["id"]);
                        group.designations.insert(id.clone());
                        if binds {
                            group.in_force.insert(id);
                        }
                        group.vendors.extend(known.record["vendor_id"].as_str().map(ToOwned::to_owned));
                    }
                }
            }
        }
        let counts = |group: &Group| [group.designations.len(), group.in_force.len(), group.vendors.len()];
        let items = groups.iter().map(|(key, group)| format!("{key} {:?}", counts(group))).collect();
        let [designations, in_force, vendors] = counts(&total);
        (items, json!({ "designations": designations, "in_force": in_force, "vendors": vendors }))
    }

    /// The groups that a designation is in.
    fn keys(
        &self,
        by: &[&str],
        known: &Known,
        (environment, state, began): (&Value, &str, &str),
    ) -> BTreeSet<String> {
        let record = &known.record;
        let mut codes: Vec<Value> =
            record["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].clone()).collect();
        if codes.is_empty() || !by.contains(&"reason_code") {
            codes = vec![Value::Null];
        }
        let only = |dimension: &str, value: Value| if by.contains(&dimension) { value } else { Value::Null };
        let key = |code: Value| {
            json!([
                only("regime", json!(self.slugs[record["regime_id"].as_str().unwrap()])),
                only("authority", record["authority_id"].clone()),
                only("authority", json!(self.names[record["authority_id"].as_str().unwrap()])),
                only("state", json!(state)),
                code,
                only("origin", record["origin"].clone()),
                environment,
                only("month", json!(began[..7])),
            ])
            .to_string()
        };
        codes.into_iter().map(key).collect()
    }
}

/// An item of an answer as [`Oracle::count`] writes it.
pub fn item(item: &Value) -> String {
    let fields =
        ["regime", "authority", "authority_name", "state", "reason_code", "origin", "environment", "month"];
    let key = Value::Array(fields.iter().map(|field| item[field].clone()).collect());
    let counts = ["designations", "in_force", "vendors"].map(|field| item[field].as_u64().unwrap());
    format!("{key} {counts:?}")
}

impl Known {
    /// The periods of each scope, or of each that covers an environment.
    fn scopes(&self, environment: Option<&str>) -> Vec<Vec<Value>> {
        let lines = self.timeline["scopes"].as_array().unwrap().iter();
        let covers = |line: &&Value| {
            let scopes = self.record["scopes"].as_array().unwrap();
            let scope = scopes.iter().find(|scope| scope["id"] == line["scope_id"]).unwrap();
            let named = scope["environments"].as_array().unwrap();
            environment.is_none_or(|word| named.is_empty() || named.contains(&json!(word)))
        };
        lines.filter(covers).map(|line| line["periods"].as_array().unwrap().clone()).collect()
    }
}

/// The state that scopes make together on a day.
fn state(scopes: &[Vec<Value>], day: &str) -> Option<String> {
    let holds = |period: &&Value| {
        period["from"].as_str().unwrap() <= day && period["to"].as_str().is_none_or(|to| day < to)
    };
    let on_day: Vec<&Value> = scopes.iter().flatten().filter(holds).collect();
    let live = ["in_force", "interim", "stayed", "issued", "noticed", "proposed"];
    if let Some(state) = live.into_iter().find(|state| on_day.iter().any(|period| period["state"] == *state))
    {
        return Some(state.to_owned());
    }
    let ends = ["vacated", "rescinded", "delisted", "withdrawn", "superseded", "expired"];
    let latest = on_day
        .into_iter()
        .max_by_key(|period| (text(&period["from"]), ends.iter().position(|end| period["state"] == **end)));
    latest.map(|period| text(&period["state"]))
}
