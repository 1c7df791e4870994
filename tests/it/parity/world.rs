//! What a session knows of the two registries, in shared names, learnt from their answers.

use std::collections::BTreeMap;

use rand::{RngExt, rngs::StdRng, seq::IndexedRandom};
use serde_json::Value;

use super::pair::Request;
use crate::support::Answer;

/// A designation with its parts.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub id: String,
    pub events: Vec<String>,
    pub scopes: Vec<String>,
    pub reasons: Vec<String>,
}

#[derive(Default)]
pub struct World {
    pub vendors: Vec<String>,
    pub authorities: Vec<String>,
    pub regimes: Vec<String>,
    pub slugs: Vec<String>,
    pub designations: Vec<Known>,
    pub api_keys: Vec<String>,
    pub reviews: Vec<String>,
    /// Lists that had more to give, with the cursor that goes on.
    pub pages: Vec<(String, String)>,
    pub instants: Vec<String>,
    /// The last ETag of each path.
    pub etags: BTreeMap<String, String>,
    /// Writes that were done with a key.
    pub keyed: Vec<Request>,
    pub identifiers: Vec<(String, String)>,
    pub access_entries: Vec<String>,
    /// The furthest position of the journal that was seen.
    pub head: u64,
}

impl World {
    /// Takes from an answer what later requests can be made of.
    pub fn learn(&mut self, request: &Request, answer: &Answer) {
        if !(200..300).contains(&answer.status) {
            return;
        }
        let record = record_of(request.path());
        if let Some(etag) = answer.header("etag").filter(|_| request.operation != "list_reasons") {
            let place = answer.header("location").filter(|_| request.path() == record).unwrap_or(&record);
            self.etags.insert(place.to_owned(), etag.to_owned());
        }
        let Ok(body) = serde_json::from_str::<Value>(&answer.text) else { return };
        if let Some(cursor) = body["next_cursor"].as_str() {
            self.pages.push((request.target.clone(), cursor.to_owned()));
        }
        if let Some(known) = body["known_seq"].as_u64() {
            self.head = self.head.max(known);
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let items = body["items"].as_array().cloned().unwrap_or_else(|| vec![body.clone()]);
        for item in &items {
            if let Some(instant) = item["updated_at"].as_str() {
                self.instants.push(instant.to_owned());
            }
            match request.operation.as_str() {
                "list_vendors" | "create_vendor" | "update_vendor" => {
                    add(&mut self.vendors, text(&item["id"]));
                    for identifier in item["identifiers"].as_array().into_iter().flatten() {
                        self.identifiers.push((text(&identifier["scheme"]), text(&identifier["value"])));
                    }
                }
                "list_authorities" | "create_authority" => add(&mut self.authorities, text(&item["id"])),
                "list_regimes" | "create_regime" => {
                    add(&mut self.regimes, text(&item["id"]));
                    add(&mut self.slugs, text(&item["slug"]));
                }
                "list_designations" | "create_designation" | "get_designation" => {
                    self.learn_designation(item)
                }
                "record_event" => {
                    let known = self.known(&record);
                    add(&mut known.events, text(&item["event"]["id"]));
                    for scope in item["event"]["details"]["scopes"].as_array().into_iter().flatten() {
                        add(&mut known.scopes, text(&scope["id"]));
                    }
                }
                "list_api_keys" | "create_api_key" => add(&mut self.api_keys, text(&item["id"])),
                "list_reviews" => add(&mut self.reviews, text(&item["id"])),
                "add_reason" => add(&mut self.known(&record).reasons, text(&item["id"])),
                "list_access_entries" => add(&mut self.access_entries, text(&item["id"])),
                "list_journal_entries" => self.head = self.head.max(item["seq"].as_u64().unwrap_or_default()),
                _ => {}
            }
        }
    }

    fn learn_designation(&mut self, item: &Value) {
        let ids = |list: &Value| -> Vec<String> {
            let ids = list.as_array().into_iter().flatten().filter_map(|part| part["id"].as_str());
            ids.map(ToOwned::to_owned).collect()
        };
        let known = Known {
            id: item["id"].as_str().unwrap_or_default().to_owned(),
            events: ids(&item["events"]),
            scopes: ids(&item["scopes"]),
            reasons: ids(&item["reasons"]),
        };
        match self.designations.iter_mut().find(|other| other.id == known.id) {
            Some(other) => *other = known,
            None => self.designations.push(known),
        }
    }

    fn known(&mut self, path: &str) -> &mut Known {
        let found = self.designations.iter_mut().find(|known| path.ends_with(&known.id));
        found.unwrap_or_else(|| panic!("nobody knows {path}"))
    }

    /// The ETag of a record, as last seen; a guess where it was not.
    pub fn etag(&self, path: &str) -> String {
        self.etags.get(&record_of(path)).cloned().unwrap_or_else(|| "\"1\"".to_owned())
    }
}

fn add(list: &mut Vec<String>, item: String) {
    if !item.is_empty() && !list.contains(&item) {
        list.push(item);
    }
}

/// The path of the record that a path is in.
fn record_of(path: &str) -> String {
    path.split('/').take(4).collect::<Vec<_>>().join("/")
}

/// Words that sort one way by their bytes and another by any locale, and that LIKE, JSON and SQL could stumble over.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "a", "A", "b", "B", "z", "Z", "é", "É", "e\u{301}", "ä", "Ä", "ß", "ss", "SS", "ñ", "ø", "Ł", "İ", "ı",
    "Å", "\u{212b}", "ﬁ", "ǅ", "naïve", "Ω", "я", "Ж", "א", "ع", "中", "文", "日本", "한국", "😀", "🦀", "9", "10",
    "2", "007", "_x", "%", "100%", "o'Neil", "\"q\"", "back\\slash", "-", "co-op", "coop", "the", "THE",
    "e", "f", "(x)", "!", "~", "&", "'; --", "a\u{200b}b", "A\u{a0}B", "ﷺ", "𝔄", "ﬀ", "Straße", "STRASSE",
    "\u{10FFFF}", "o", "L", "Łódź", "oslo", "Øresund", "đ", "D",
];

/// A name of up to three words; the same ones come again, so that ids must decide.
pub fn name(rng: &mut StdRng) -> String {
    let count = rng.random_range(1..=3);
    let words: Vec<&str> = (0..count).map(|_| word(rng)).collect();
    words.join(if rng.random_bool(0.9) { " " } else { "  " })
}

pub fn word(rng: &mut StdRng) -> &'static str {
    WORDS.choose(rng).copied().unwrap()
}

/// Every word, and letters that begin several: by a locale also some of which the first letter only looks like it.
pub fn beginnings() -> impl Iterator<Item = &'static str> {
    WORDS.iter().copied().chain(["a", "d", "e", "l", "o", "s", "z", "1"])
}

/// One of a list, which must not be empty.
pub fn one<'l, T>(rng: &mut StdRng, list: &'l [T]) -> &'l T {
    list.choose(rng).unwrap()
}

pub fn day(rng: &mut StdRng) -> String {
    format!("2026-{:02}-{:02}", rng.random_range(1..=6), rng.random_range(1..=28))
}
