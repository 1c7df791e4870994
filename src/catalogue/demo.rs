//! The example for `--demo`: what sources reported of who does what in government AI in early 2026, recorded as if the
//! registry had run since then. It is the only thing that sets the clock of the journal.

use std::{borrow::Borrow, collections::HashMap, hash::Hash};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    entries::{AuthorityEntry, record as record_catalogue, shipped},
    traces::{self, ProposalEntry, ReadEntry},
};
use crate::{
    access::FourEyes,
    authorities,
    db::{Context, Db, Tx},
    designations::{
        model::{Draft as EventDraft, EventCreate},
        service::{DesignationCreate, DesignationDraft, create, record_event},
    },
    error::{Error, Result},
    http::Precondition,
    regimes,
    values::{
        AuthorityId, Country, Date, DesignationId, Instant, Line, List, Prose, VendorId, WebAddress,
        example_id,
    },
    vendors::{
        self,
        model::{Identifier, VendorFields, VendorKind, VendorName},
    },
};

const LANDSCAPE: &str = include_str!("../../examples/landscape.json");

/// Who records the example.
const ACTOR: &str = "example";

/// The day on which the example's records begin.
const BEGINS: &str = "2026-01-01";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Landscape {
    #[serde(rename = "about")]
    _about: String,
    sources: HashMap<String, Value>,
    authorities: Vec<AuthorityEntry>,
    vendors: Vec<VendorEntry>,
    designations: Vec<DesignationEntry>,
    proposals: Vec<ProposalEntry>,
    reads: Vec<ReadEntry>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct VendorEntry {
    key: String,
    legal_name: Line<500>,
    kind: VendorKind,
    country: Option<Country>,
    #[serde(default)]
    names: List<VendorName, 200>,
    #[serde(default)]
    identifiers: List<Identifier, 50>,
    #[serde(default)]
    roles: List<Line<200>, 50>,
    website: Option<WebAddress>,
    description: Option<Prose<10000>>,
}

/// A designation with keys where a request has ids; `known_on` of its events is the day on which it was learnt.
#[derive(Debug, Clone, Deserialize)]
struct DesignationEntry {
    key: String,
    vendor: String,
    regime: String,
    authority: String,
    events: Vec<EventEntry>,
    reasons: Vec<Value>,
    #[serde(flatten)]
    fields: serde_json::Map<String, Value>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct EventEntry {
    pub(super) known_on: Date,
    #[serde(flatten)]
    fields: serde_json::Map<String, Value>,
}

impl EventEntry {
    /// The event with fixed ids, under a name of the example.
    pub(super) fn draft(&self, known: &Keys<'_>, name: &str) -> Result<EventDraft> {
        with_fixed_ids(&EventDraft::new(self.stated(known)?, "", Date::today())?, name)
    }

    fn stated(&self, known: &Keys<'_>) -> Result<EventCreate> {
        read(known.resolve(&Value::Object(self.fields.clone()))?)
    }
}

/// Records the catalogue and the example, in an empty registry only; says what was done. `four_eyes` is told in the standing
/// that the example asked for, as in any other.
///
/// # Errors
/// When the database can't take it.
pub fn load_demo(db: &Db, four_eyes: FourEyes) -> Result<String> {
    if db.read_blocking(&Context::own(), |snapshot| snapshot.head())?.seq > 0 {
        return not_empty(db);
    }
    let landscape: Landscape = shipped("examples/landscape.json", LANDSCAPE)?;
    let load = move |tx: &mut Tx<'_>| {
        // Another process may have begun to write in the meantime.
        if tx.head().seq > 0 { Ok(None) } else { record(tx, &landscape, four_eyes).map(Some) }
    };
    Ok(match db.write_blocking(Context::new(ACTOR, "demo"), load)? {
        Some(count) => format!("the example was loaded: {count} journal entries"),
        None => return not_empty(db),
    })
}

/// Whether the registry began with the example.
///
/// # Errors
/// When the database can't answer.
pub fn holds_example(db: &Db) -> Result<bool> {
    db.read_blocking(&Context::own(), |snapshot| {
        let first = crate::journal::all_after(snapshot.connection(), 0, 1)?;
        Ok(first.first().is_some_and(|entry| entry.actor == ACTOR))
    })
}

/// A registry that is not empty gets no example, but the catalogue like any other.
fn not_empty(db: &Db) -> Result<String> {
    let catalogue = super::load(db)?;
    Ok(format!("the registry is not empty, so the example was not loaded; {catalogue}"))
}

/// The same draft with fixed ids in place of those that were made for it.
fn with_fixed_ids<T: Serialize + serde::de::DeserializeOwned>(draft: &T, name: &str) -> Result<T> {
    fn replace(value: &mut Value, at: &str) {
        match value {
            Value::Object(fields) => {
                for (field, part) in fields {
                    if field == "id" && part.is_string() {
                        *part = json!(example_id(at));
                    } else {
                        replace(part, &format!("{at}/{field}"));
                    }
                }
            }
            Value::Array(items) => {
                items
                    .iter_mut()
                    .enumerate()
                    .for_each(|(index, item)| replace(item, &format!("{at}/{index}")));
            }
            _ => {}
        }
    }
    let unread = |failure| Error::internal(format!("a draft of the example can't be read: {failure}"));
    let mut text = serde_json::to_value(draft).map_err(unread)?;
    replace(&mut text, name);
    serde_json::from_value(text).map_err(unread)
}

fn record(tx: &mut Tx<'_>, landscape: &Landscape, four_eyes: FourEyes) -> Result<u64> {
    tx.record_as_of(Instant::start_of(BEGINS.parse().map_err(Error::internal)?));
    let (_, mut authorities) = record_catalogue(tx)?;
    for entry in &landscape.authorities {
        // A body that stands in both is the catalogue's record.
        if !authorities.contains_key(&entry.key) {
            let id = AuthorityId::from(example_id(&format!("authority {}", entry.key)));
            authorities::service::create(tx, id, entry.fields())?;
            authorities.insert(entry.key.clone(), id);
        }
    }
    for entry in &landscape.vendors {
        let VendorEntry { key, legal_name, kind, country, names, identifiers, roles, website, description } =
            entry.clone();
        let fields = VendorFields {
            legal_name,
            kind,
            names,
            identifiers,
            country,
            roles,
            criticality: None,
            website,
            description,
            tags: List::default(),
        };
        vendors::service::create(tx, vendor_id(&key), fields)?;
    }
    let known = Keys { authorities, sources: &landscape.sources };
    let mut events: Vec<(&DesignationEntry, &EventEntry)> = landscape
        .designations
        .iter()
        .flat_map(|entry| entry.events.iter().map(move |event| (entry, event)))
        .collect();
    events.sort_by_key(|(_, event)| event.known_on);
    let mut recorded: HashMap<&str, DesignationId> = HashMap::new();
    for (entry, event) in events {
        tx.record_as_of(Instant::start_of(event.known_on));
        if let Some(id) = recorded.get(entry.key.as_str()) {
            let draft = event.draft(&known, &format!("event {} of {}", event.known_on, entry.key))?;
            record_event(tx, *id, &Precondition::none(), &draft)?;
        } else {
            let id = designate(tx, entry, &known, &event.stated(&known)?)?;
            recorded.insert(&entry.key, id);
        }
    }
    for (number, proposal) in landscape.proposals.iter().enumerate() {
        let designation = find(&recorded, &proposal.designation)?;
        traces::propose(tx, (number, proposal), &known, designation)?;
    }
    for read in &landscape.reads {
        traces::ask(tx, read, four_eyes)?;
    }
    Ok(tx.head().seq)
}

pub(super) fn vendor_id(key: &str) -> VendorId {
    example_id(&format!("vendor {key}")).into()
}

/// Records a designation of the example with its first event.
fn designate(
    tx: &mut Tx<'_>,
    entry: &DesignationEntry,
    known: &Keys<'_>,
    event: &EventCreate,
) -> Result<DesignationId> {
    let regime = regimes::by_slug(tx.connection(), &entry.regime)?
        .ok_or_else(|| Error::internal(format!("the example names the regime {}", entry.regime)))?;
    let mut stated = entry.fields.clone();
    stated.insert("vendor_id".into(), json!(vendor_id(&entry.vendor)));
    stated.insert("regime_id".into(), json!(regime.id));
    stated.insert("authority_id".into(), json!(find(&known.authorities, &entry.authority)?));
    stated.insert("reasons".into(), known.resolve(&json!(entry.reasons))?);
    stated.insert("event".into(), json!(event));
    let draft = DesignationDraft::new(read::<DesignationCreate>(Value::Object(stated))?, Date::today())?;
    Ok(create(tx, &with_fixed_ids(&draft, &format!("designation {}", entry.key))?)?.id)
}

/// What the example's keys stand for.
pub(super) struct Keys<'a> {
    authorities: HashMap<String, AuthorityId>,
    sources: &'a HashMap<String, Value>,
}

impl Keys<'_> {
    /// The same value with ids for the keys of authorities, and sources for their keys.
    fn resolve(&self, value: &Value) -> Result<Value> {
        let authority =
            |value: &Value| find(&self.authorities, value.as_str().unwrap_or_default()).map(|id| json!(id));
        let source = |value: &Value| find(self.sources, value.as_str().unwrap_or_default());
        Ok(match value {
            Value::Object(fields) => {
                let resolved = fields.iter().map(|(name, value)| {
                    let value = match (name.as_str(), value) {
                        ("authority_id", key) => authority(key)?,
                        ("agencies", Value::Array(keys)) => {
                            keys.iter().map(authority).collect::<Result<_>>()?
                        }
                        ("sources", Value::Array(keys)) => keys.iter().map(source).collect::<Result<_>>()?,
                        _ => self.resolve(value)?,
                    };
                    Ok((name.clone(), value))
                });
                Value::Object(resolved.collect::<Result<_>>()?)
            }
            Value::Array(items) => items.iter().map(|item| self.resolve(item)).collect::<Result<_>>()?,
            other => other.clone(),
        })
    }
}

fn find<K: Borrow<str> + Eq + Hash, T: Clone>(all: &HashMap<K, T>, key: &str) -> Result<T> {
    all.get(key).cloned().ok_or_else(|| Error::internal(format!("the example has no {key}")))
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value)
        .map_err(|failure| Error::internal(format!("the example can't be read: {failure}")))
}
