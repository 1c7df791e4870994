//! The record of an authority and its rules. No I/O.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{
    journal::recorded,
    values::{AuthorityId, Country, Date, Ended, Instant, Line, List, RecordStatus, fold, words},
};

words! {
    /// What sort of body an authority is.
    pub enum AuthorityKind {
        /// A ministry, an agency, a parliament.
        Government = "government",
        /// A court or tribunal.
        Court = "court",
        /// A body of our own, such as a compliance board.
        Internal = "internal",
        /// For example a council of several states.
        Other = "other",
    }
}

/// Another name of an authority, with the days on which it bore it, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorityAlias {
    /// The other name, as it is written.
    pub name: Line<500>,
    /// The first day of the name; null where it is not known.
    #[schema(required = false)]
    pub from: Option<Date>,
    /// The last day of the name, not before `from`; null where there is none yet, or it is not known.
    #[schema(required = false)]
    pub to: Option<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AliasText {
    name: Line<500>,
    #[serde(default)]
    from: Option<Date>,
    #[serde(default)]
    to: Option<Date>,
}

impl<'de> Deserialize<'de> for AuthorityAlias {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let AliasText { name, from, to } = AliasText::deserialize(deserializer)?;
        match (from, to) {
            (Some(first), Some(last)) if last < first => {
                let detail = format!("to must not lie before from, which is {first}");
                Err(serde::de::Error::custom(detail))
            }
            _ => Ok(Self { name, from, to }),
        }
    }
}

/// What a client states of an authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthorityCreate, example = json!({
    "name": "United States Department of Defense", "kind": "government", "country": "US",
    "aliases": [{"name": "DoD"}, {"name": "Department of War", "from": "2025-09-05"}]
}))]
pub struct AuthorityFields {
    /// The name in full. Surrounding white space is trimmed; nothing else is changed.
    pub name: Line<500>,
    /// What else it is or was called; it is found by each of them.
    #[serde(default)]
    pub aliases: List<AuthorityAlias, 100>,
    /// The state that it belongs to; null or left out for bodies of several states.
    #[serde(default)]
    pub country: Option<Country>,
    pub kind: AuthorityKind,
}

/// A body that issues designations or that a scope binds: a ministry, an agency, a court, a council, our own board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Authority {
    /// The authority's id, given when it was recorded; it never changes.
    pub id: AuthorityId,
    /// From 1; each change adds 1.
    #[schema(minimum = 1)]
    pub revision: u64,
    /// When it was first recorded (UTC).
    pub created_at: Instant,
    /// When it last changed (UTC).
    pub updated_at: Instant,
    pub status: RecordStatus,
    /// The name in full.
    pub name: Line<500>,
    /// What else it is or was called; it is found by each of them.
    pub aliases: List<AuthorityAlias, 100>,
    /// The state that it belongs to; null for bodies of several states.
    #[schema(required)]
    pub country: Option<Country>,
    pub kind: AuthorityKind,
    /// When, by whom and why it was retired; null while it is active.
    #[schema(required)]
    pub ended: Option<Ended>,
}

impl Authority {
    /// The first revision of an authority.
    #[must_use]
    pub fn new(id: AuthorityId, fields: AuthorityFields, at: Instant) -> Self {
        let AuthorityFields { name, aliases, country, kind } = fields;
        Self {
            id,
            revision: 1,
            created_at: at,
            updated_at: at,
            status: RecordStatus::Active,
            name,
            aliases,
            country,
            kind,
            ended: None,
        }
    }

    /// The first revision of the same authority with other fields.
    fn replaced(&self, fields: AuthorityFields, at: Instant) -> Self {
        Self::new(self.id, fields, at)
    }

    /// What a client may change of it.
    #[must_use]
    pub fn fields(&self) -> AuthorityFields {
        let Self { name, aliases, country, kind, .. } = self.clone();
        AuthorityFields { name, aliases, country, kind }
    }

    /// Its name and every alias, folded, each with whether it is borne still: an alias with an end is not.
    #[must_use]
    pub fn name_keys(&self) -> BTreeMap<String, bool> {
        let aliases = self.aliases.iter().map(|alias| (&alias.name, alias.to.is_none()));
        let mut keys = BTreeMap::new();
        for (name, borne) in std::iter::once((&self.name, true)).chain(aliases) {
            *keys.entry(fold(name)).or_default() |= borne;
        }
        keys
    }
}

recorded!(
    Authority,
    AuthorityFields,
    [AuthorityCreated, AuthorityUpdated, AuthorityRetired, AuthorityReactivated]
);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::strict;

    #[test]
    fn an_alias_does_not_end_before_it_begins() {
        let body = |to: &str| {
            json!({
                "name": "A", "kind": "court",
                "aliases": [{"name": "B"}, {"name": "C", "from": "2025-09-05", "to": to}],
            })
        };
        assert!(strict::read::<AuthorityFields>(body("2025-09-05")).is_ok());
        let fault = strict::read::<AuthorityFields>(body("2025-09-04")).unwrap_err();
        assert_eq!((fault.pointer.as_str(), fault.code), ("/aliases/1", "invalid_value"));
    }
}
