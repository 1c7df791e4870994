//! The example for `--demo`: what sources reported of who does what in government AI in early 2026, recorded as if the
//! registry had run since then. It is the only thing that sets the clock of the journal.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::entries::{AuthorityEntry, record as record_catalogue, shipped};
use crate::{
    authorities,
    db::{Context, Db, Sight, Tx},
    designations::{
        model::{Draft as EventDraft, EventCreate},
        service::{DesignationCreate, DesignationDraft, create, record_event},
    },
    error::{Error, Result},
    http::Precondition,
    regimes,
    values::{AuthorityId, Country, Date, DesignationId, Instant, Line, List, Prose, VendorId, WebAddress},
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
struct EventEntry {
    known_on: Date,
    #[serde(flatten)]
    fields: serde_json::Map<String, Value>,
}

/// Records the catalogue and the example, in an empty registry only; says what was done.
///
/// # Errors
/// When the database can't take it.
pub fn load_demo(db: &Db) -> Result<String> {
    if db.read_blocking(&Context::own(), |snapshot| snapshot.head())?.seq > 0 {
        return not_empty(db);
    }
    let landscape: Landscape = shipped("examples/landscape.json", LANDSCAPE)?;
    let ids = Ids::of(&landscape);
    let load = move |tx: &mut Tx<'_>| {
        // Another process may have begun to write in the meantime.
        if tx.head().seq > 0 { Ok(None) } else { record(tx, &landscape, &ids).map(Some) }
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
        let of = crate::journal::Of::Everything;
        let first = crate::journal::after(snapshot.connection(), (0, 1), of, Sight::Everything)?;
        Ok(first.first().is_some_and(|entry| entry.actor == ACTOR))
    })
}

/// A registry that is not empty gets no example, but the catalogue like any other.
fn not_empty(db: &Db) -> Result<String> {
    let catalogue = super::load(db)?;
    Ok(format!("the registry is not empty, so the example was not loaded; {catalogue}"))
}

/// The ids of the example's own records, made before the write, which may be run again.
struct Ids {
    authorities: HashMap<String, AuthorityId>,
    vendors: HashMap<String, VendorId>,
}

impl Ids {
    fn of(landscape: &Landscape) -> Self {
        let authorities = landscape.authorities.iter();
        Self {
            authorities: authorities.map(|entry| (entry.key.clone(), AuthorityId::new())).collect(),
            vendors: landscape.vendors.iter().map(|entry| (entry.key.clone(), VendorId::new())).collect(),
        }
    }
}

fn record(tx: &mut Tx<'_>, landscape: &Landscape, ids: &Ids) -> Result<u64> {
    tx.record_as_of(Instant::start_of(BEGINS.parse().map_err(Error::internal)?));
    let (_, mut authorities) = record_catalogue(tx)?;
    for entry in &landscape.authorities {
        // A body that stands in both is the catalogue's record.
        if let (None, Some(id)) = (authorities.get(&entry.key), ids.authorities.get(&entry.key)) {
            authorities::service::create(tx, *id, entry.fields())?;
            authorities.insert(entry.key.clone(), *id);
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
        vendors::service::create(tx, find(&ids.vendors, &key)?, fields)?;
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
        let stated: EventCreate = read(known.resolve(&Value::Object(event.fields.clone()))?)?;
        if let Some(id) = recorded.get(entry.key.as_str()) {
            record_event(tx, *id, &Precondition::none(), &EventDraft::new(stated, "", Date::today())?)?;
        } else {
            let id = designate(tx, entry, (&known, find(&ids.vendors, &entry.vendor)?), &stated)?;
            recorded.insert(&entry.key, id);
        }
    }
    Ok(tx.head().seq)
}

/// Records a designation of the example with its first event.
fn designate(
    tx: &mut Tx<'_>,
    entry: &DesignationEntry,
    (known, vendor): (&Keys<'_>, VendorId),
    event: &EventCreate,
) -> Result<DesignationId> {
    let regime = regimes::by_slug(tx.connection(), &entry.regime)?
        .ok_or_else(|| Error::internal(format!("the example names the regime {}", entry.regime)))?;
    let mut stated = entry.fields.clone();
    stated.insert("vendor_id".into(), json!(vendor));
    stated.insert("regime_id".into(), json!(regime.id));
    stated.insert("authority_id".into(), json!(find(&known.authorities, &entry.authority)?));
    stated.insert("reasons".into(), known.resolve(&json!(entry.reasons))?);
    stated.insert("event".into(), json!(event));
    let draft = DesignationDraft::new(read::<DesignationCreate>(Value::Object(stated))?, Date::today())?;
    Ok(create(tx, &draft)?.id)
}

/// What the example's keys stand for.
struct Keys<'a> {
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

fn find<T: Clone>(all: &HashMap<String, T>, key: &str) -> Result<T> {
    all.get(key).cloned().ok_or_else(|| Error::internal(format!("the example has no {key}")))
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value)
        .map_err(|failure| Error::internal(format!("the example can't be read: {failure}")))
}
