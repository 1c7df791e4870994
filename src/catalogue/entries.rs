//! The catalogue of authorities and regimes.

use std::collections::HashMap;

use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    authorities::{
        self,
        model::{AuthorityAlias, AuthorityFields, AuthorityKind},
    },
    db::{Context, Db, Tx},
    error::{Error, Result},
    regimes::{self, Effect, model::RegimeCreate},
    values::{
        AuthorityId, Country, Date, Line, List, Prose, RecordStatus, RegimeId, Slug, WebAddress, Whole,
    },
};

const AUTHORITIES: &str = include_str!("../../catalogue/authorities.json");
const REGIMES: &str = include_str!("../../catalogue/regimes.json");

/// Who records the catalogue.
const ACTOR: &str = "catalogue";

/// An authority of the catalogue. Its id is the same in every registry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuthorityEntry {
    pub(super) id: Option<AuthorityId>,
    /// What other entries call it.
    pub(super) key: String,
    name: Line<500>,
    kind: AuthorityKind,
    country: Option<Country>,
    #[serde(default)]
    aliases: List<AuthorityAlias, 100>,
}

impl AuthorityEntry {
    pub(super) fn fields(&self) -> AuthorityFields {
        let Self { name, kind, country, aliases, .. } = self.clone();
        AuthorityFields { name, aliases, country, kind }
    }
}

/// A regime of the catalogue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegimeEntry {
    id: RegimeId,
    slug: Slug,
    title: Line<500>,
    /// The key of its authority; none: any agency may act.
    authority: Option<String>,
    citation: Line<1000>,
    jurisdiction: Line<100>,
    effect: Effect,
    prior_notice_required: bool,
    response_days: Option<Whole<1, 3650>>,
    review_interval_days: Option<Whole<1, 36500>>,
    expires_on: Option<Date>,
    url: Option<WebAddress>,
    description: Prose<10000>,
}

/// Reads a file that ships inside.
pub(super) fn shipped<T: DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|failure| Error::internal(format!("{name} can't be read: {failure}")))
}

/// Records what of the catalogue is not recorded yet; says how much.
///
/// # Errors
/// When the database can't take it.
pub fn load(db: &Db) -> Result<String> {
    let (authorities, regimes) =
        db.write_blocking(Context::new(ACTOR, "catalogue"), |tx| record(tx).map(|(counts, _)| counts))?;
    Ok(match (authorities, regimes) {
        (0, 0) => "the catalogue is loaded already".to_owned(),
        _ => format!("the catalogue was loaded: {authorities} authorities, {regimes} regimes"),
    })
}

/// The number of authorities and of regimes that were recorded.
type Counts = (usize, usize);

/// Records what of the catalogue is missing, by id, and for regimes by slug as well. Also gives the ids by key.
pub(super) fn record(tx: &mut Tx<'_>) -> Result<(Counts, HashMap<String, AuthorityId>)> {
    let (mut counts, mut keys) = ((0_usize, 0_usize), HashMap::new());
    for entry in shipped::<Vec<AuthorityEntry>>("catalogue/authorities.json", AUTHORITIES)? {
        let id = entry.id.ok_or_else(|| Error::internal(format!("authority {} has no id", entry.key)))?;
        if authorities::status(tx, id)?.is_none() {
            authorities::service::create(tx, id, entry.fields())?;
            counts.0 = counts.0.saturating_add(1);
        }
        keys.insert(entry.key, id);
    }
    for entry in shipped::<Vec<RegimeEntry>>("catalogue/regimes.json", REGIMES)? {
        if regimes::by_slug(tx.connection(), &entry.slug)?.is_some() {
            continue;
        }
        let authority_id = match &entry.authority {
            None => None,
            Some(key) => Some(
                *keys
                    .get(key)
                    .ok_or_else(|| Error::internal(format!("the catalogue has no authority {key}")))?,
            ),
        };
        let retired = match authority_id {
            Some(id) => authorities::status(tx, id)? == Some(RecordStatus::Retired),
            None => false,
        };
        if retired {
            log::warn!("the catalogue's regime {} was left out: its authority is retired", &*entry.slug);
            continue;
        }
        let create = RegimeCreate {
            slug: entry.slug,
            title: entry.title,
            authority_id,
            citation: entry.citation,
            jurisdiction: entry.jurisdiction,
            effect: entry.effect,
            prior_notice_required: entry.prior_notice_required,
            response_days: entry.response_days,
            review_interval_days: entry.review_interval_days,
            expires_on: entry.expires_on,
            url: entry.url,
            description: entry.description,
        };
        regimes::service::create(tx, entry.id, create)?;
        counts.1 = counts.1.saturating_add(1);
    }
    Ok((counts, keys))
}
