//! What a viewer asks: every operation of the document that reads, of every record, hidden and missing ones too, with every
//! value of every parameter, and with pairs of them.

use risk_registry::access;
use serde_json::{Value, json};

use super::world::{Hidden, World};
use crate::{
    conventions::document::{Operation, Parameter, resolved, type_of},
    support::samples::encoded,
};

/// A question.
#[derive(Debug, Clone)]
pub struct Question {
    pub operation: String,
    pub method: String,
    pub path: String,
    pub body: Option<Value>,
    /// Whether it is asked for HEAD and under conditions too, and page by page.
    pub thoroughly: bool,
}

/// An id that nothing has.
pub const UNKNOWN: &str = "0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77";

/// What tells of the server's process, and of nothing that is recorded but the journal's head.
const OF_THE_PROCESS: [&str; 2] = ["get_metrics", "get_health"];

/// Of each parameter, so many values are asked for in pairs.
const IN_PAIRS: usize = 3;

pub struct Walk<'w> {
    pub world: &'w World,
    pub hidden: &'w Hidden,
    /// The head of the registry that has the hidden ones.
    pub head: u64,
    /// Every review: pending, rejected and confirmed ones.
    pub reviews: Vec<String>,
    /// Positions and instants of entries that a viewer sees.
    pub positions: Vec<u64>,
    pub instants: Vec<String>,
    /// Reasons: a designation's id and its own.
    pub reasons: Vec<(String, String)>,
}

impl Walk<'_> {
    /// Every question.
    pub fn questions(&self) -> Vec<Question> {
        let reads = Operation::all()
            .into_iter()
            .filter(|operation| !operation.writes() && !OF_THE_PROCESS.contains(&operation.id.as_str()));
        reads.flat_map(|operation| self.of(&operation)).collect()
    }

    fn of(&self, operation: &Operation) -> Vec<Question> {
        let question = |path: String, thoroughly: bool| Question {
            operation: operation.id.clone(),
            method: operation.method.clone(),
            path,
            body: None,
            thoroughly,
        };
        if matches!(operation.id.as_str(), "check_standing" | "export_standing_checks") {
            let mut paths = vec![operation.path.clone()];
            paths.extend(
                self.queries(operation)
                    .iter()
                    .map(|(name, value)| format!("{}?{name}={value}", operation.path)),
            );
            let with = |body: Value| {
                let path =
                    |path: &String| Question { body: Some(body.clone()), ..question(path.clone(), true) };
                paths.iter().map(path).collect::<Vec<_>>()
            };
            return self.checks().into_iter().flat_map(with).collect();
        }
        // What a viewer may not do, they are told so whatever they ask with it.
        let allowed = access::Operation::of_id(&operation.id)
            .is_none_or(|operation| operation.roles().contains(access::Role::Viewer));
        let mut found = Vec::new();
        if !allowed {
            found.extend(self.paths(operation).into_iter().map(|path| question(path, true)));
            return found;
        }
        for (number, path) in self.paths(operation).into_iter().enumerate() {
            let queries = self.queries(operation);
            found.push(question(path.clone(), true));
            for (parameter, value) in &queries {
                found.push(question(format!("{path}?{parameter}={value}"), true));
            }
            // Pairs of one record of a kind are enough.
            if number > 0 {
                continue;
            }
            let mut few: Vec<(String, String)> = Vec::new();
            for (parameter, value) in queries {
                if few.iter().filter(|(other, _)| *other == parameter).count() < IN_PAIRS {
                    few.push((parameter, value));
                }
            }
            for (first, value) in &few {
                for (second, other) in few.iter().filter(|(second, _)| second > first) {
                    found.push(question(format!("{path}?{first}={value}&{second}={other}"), false));
                }
            }
        }
        found
    }

    /// The paths of an operation: of every record of its kind, hidden ones, and one that is not there.
    fn paths(&self, operation: &Operation) -> Vec<String> {
        let designations =
            || self.world.designations.iter().chain(&self.hidden.designations).chain(&self.hidden.proposed);
        let unknown = UNKNOWN.to_owned();
        let ids: Vec<String> = match operation.path.split('/').nth(2).unwrap_or_default() {
            "vendors" => self.world.vendors.clone(),
            "authorities" => self.world.authorities.clone(),
            "regimes" => self.world.regimes.clone(),
            "designations" => designations().cloned().collect(),
            "journal" | "journal-stream" | "standing-checks" | "statistics" | "exports" | "api-keys"
            | "access-log" | "" => Vec::new(),
            // Of which a viewer may read none.
            "reviews" => self.reviews.clone(),
            other => panic!("say in tests/it/restricted/walk.rs which records {other} has"),
        };
        let path = operation.path.as_str();
        match path.matches('{').count() {
            0 => vec![path.to_owned()],
            _ if path == "/v1/journal/{seq}" => {
                (0..self.head + 5).map(|seq| path.replace("{seq}", &seq.to_string())).collect()
            }
            1 => ids.iter().chain([&unknown]).map(|id| path.replace("{id}", id)).collect(),
            _ if path.ends_with("/reasons/{reason_id}") => {
                let reasons = self.reasons.iter();
                let wrong = designations().map(|id| (id.clone(), unknown.clone()));
                let all = reasons.cloned().chain(wrong);
                all.map(|(id, reason)| path.replace("{id}", &id).replace("{reason_id}", &reason)).collect()
            }
            _ => panic!("say in tests/it/restricted/walk.rs which paths {} has", operation.id),
        }
    }

    /// Every parameter of an operation's query with each of its values.
    fn queries(&self, operation: &Operation) -> Vec<(String, String)> {
        let parameters = operation.in_query.iter().filter(|parameter| parameter.name != "cursor");
        // Beyond the head, which is another there, the feed is refused and says where the head is.
        let beyond = |value: &str| {
            ["list_journal_entries", "stream_journal_entries"].contains(&operation.id.as_str())
                && value.parse::<u64>().is_ok_and(|after| after > self.world.head)
        };
        let all = parameters.flat_map(|parameter| {
            let values = self.values(parameter).into_iter().filter(|value| !beyond(value));
            values.map(|value| (parameter.name.clone(), encoded(&value)))
        });
        all.collect()
    }

    fn values(&self, parameter: &Parameter) -> Vec<String> {
        let schema = match type_of(&parameter.schema).as_str() {
            "array" => resolved(&parameter.schema["items"]),
            "boolean" => return vec!["true".into(), "false".into()],
            _ => parameter.schema.clone(),
        };
        if let Some(words) = schema["enum"].as_array() {
            return words.iter().filter_map(|word| word.as_str().map(ToOwned::to_owned)).collect();
        }
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        let and = |ids: &[String], more: &[&str]| ids.iter().cloned().chain(texts(more)).collect::<Vec<_>>();
        match parameter.name.as_str() {
            "limit" => texts(&["1", "2", "3", "500"]),
            "vendor_id" => and(&self.world.vendors, &[UNKNOWN]),
            "authority_id" => and(&self.world.authorities, &[UNKNOWN]),
            "regime" => texts(&["by-prohibited", "by-advisory", "by-restricted", "by-nothing"]),
            "agency" => and(&self.world.authorities, &["Council", "none", "Hush"]),
            "name" => texts(&["a", "hush", "birch", "by"]),
            "identifier" => texts(&["cik:103", "cik:100", "cik:7"]),
            "country" | "jurisdiction" => texts(&["US", "AQ"]),
            "role" | "tag" => texts(&["supplier", "t1", "hush"]),
            "on" | "in_force_on" | "review_due_before" | "from" | "to" => {
                texts(&["2026-01-02", "2026-02-15", "2026-07-01", "2030-01-01"])
            }
            "known_at" => self.instants.clone(),
            "known_seq" => self.positions.iter().map(ToString::to_string).collect(),
            "after" => [0, self.world.head / 2, self.world.head - 4, self.world.head + 20, u64::MAX / 2]
                .map(|seq| seq.to_string())
                .to_vec(),
            "wait" => texts(&["0", "1"]),
            "for" => texts(&["reads"]),
            other => panic!("say in tests/it/restricted/walk.rs what a viewer asks for with {other}"),
        }
    }

    /// Questions about many vendors.
    fn checks(&self) -> Vec<Value> {
        let ids: Vec<Value> = self.world.vendors.iter().map(|id| json!({ "vendor_id": id })).collect();
        let named: Vec<Value> =
            (99..104).map(|number| json!({ "scheme": "cik", "value": number.to_string() })).collect();
        let mixed = json!([{ "vendor_id": self.world.vendors[3] }, { "vendor_id": UNKNOWN }, { "scheme": "cik", "value": "x" }]);
        let mut bodies = Vec::new();
        for vendors in [json!(ids), json!(named), mixed] {
            let mut ask = |more: Value| {
                let mut body = json!({ "vendors": vendors });
                for (field, value) in more.as_object().unwrap() {
                    body[field] = value.clone();
                }
                bodies.push(body);
            };
            ask(json!({}));
            for on in ["2026-01-02", "2026-02-15", "2030-01-01"] {
                ask(json!({ "on": on }));
                ask(json!({ "on": on, "environment": ["sci"], "action": ["use"], "tier": ["prime"] }));
                ask(json!({ "on": on, "agency": ["Council", "none"] }));
            }
            for instant in &self.instants {
                ask(json!({ "known_at": instant }));
            }
            for seq in &self.positions {
                ask(json!({ "known_seq": seq }));
            }
            ask(json!({ "agency": ["Hush"] }));
        }
        bodies
    }
}
