//! The record of an API key. No I/O. What of it is secret is no part of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::token::Token;
use crate::{
    access::Role,
    values::{ApiKeyId, Ended, Instant, Line, words},
};

words! {
    /// Whether an API key was revoked. One that is active may have expired all the same.
    pub enum ApiKeyStatus {
        /// It was not revoked.
        Active = "active",
        /// It was revoked, and lets nobody in.
        Revoked = "revoked",
    }
}

/// What an admin states of a new key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "actor": "ines.ferreira", "name": "Nightly import", "role": "analyst", "expires_at": "2031-01-31T00:00:00Z"
}))]
pub struct ApiKeyCreate {
    /// Who acts by the key, as the journal names them. A person has one name, whatever keys they hold.
    pub actor: Line<200>,
    /// What the key is for.
    pub name: Line<200>,
    /// What whoever shows the key may do.
    pub role: Role,
    /// From when on it is refused; without it the key never expires.
    #[serde(default)]
    pub expires_at: Option<Instant>,
}

/// An API key as it is stored, and as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyRecord {
    pub id: ApiKeyId,
    pub revision: u64,
    pub created_at: Instant,
    pub updated_at: Instant,
    pub created_by: String,
    pub status: ApiKeyStatus,
    pub actor: Line<200>,
    pub name: Line<200>,
    pub role: Role,
    pub expires_at: Option<Instant>,
    pub ended: Option<Ended>,
}

/// An API key: who acts by it, in which role, until when. The key itself is shown once, when it is made.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKey {
    /// The id of the record of the key, not the key; it never changes.
    pub id: ApiKeyId,
    /// From 1; each change adds 1.
    #[schema(minimum = 1)]
    pub revision: u64,
    /// When the key was made (UTC).
    pub created_at: Instant,
    /// When it last changed (UTC).
    pub updated_at: Instant,
    /// Who made it.
    #[schema(max_length = 200)]
    pub created_by: String,
    pub status: ApiKeyStatus,
    /// Who acts by the key, as the journal names them.
    pub actor: Line<200>,
    /// What the key is for.
    pub name: Line<200>,
    /// What whoever shows the key may do.
    pub role: Role,
    /// From when on it is refused; null where it never expires.
    #[schema(required)]
    pub expires_at: Option<Instant>,
    /// When, by whom and why it was revoked; null while it is active.
    #[schema(required)]
    pub ended: Option<Ended>,
    /// When it was last used, to the minute; null where it never was.
    #[schema(required)]
    pub last_used_at: Option<Instant>,
    /// The key itself: in the answer to its creation, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false, min_length = 78, max_length = 88)]
    pub key: Option<String>,
}

impl ApiKeyRecord {
    /// The first revision of a key.
    #[must_use]
    pub fn new(id: ApiKeyId, stated: ApiKeyCreate, by: String, at: Instant) -> Self {
        let ApiKeyCreate { actor, name, role, expires_at } = stated;
        Self {
            id,
            revision: 1,
            created_at: at,
            updated_at: at,
            created_by: by,
            status: ApiKeyStatus::Active,
            actor,
            name,
            role,
            expires_at,
            ended: None,
        }
    }

    /// The same key, revoked.
    #[must_use]
    pub fn revoked(&self, ended: Ended) -> Self {
        Self {
            revision: self.revision.saturating_add(1),
            updated_at: ended.at,
            status: ApiKeyStatus::Revoked,
            ended: Some(ended),
            ..self.clone()
        }
    }

    /// The key as it is shown.
    #[must_use]
    pub fn shown(self, last_used_at: Option<Instant>, token: Option<&Token>) -> ApiKey {
        let Self {
            id,
            revision,
            created_at,
            updated_at,
            created_by,
            status,
            actor,
            name,
            role,
            expires_at,
            ended,
        } = self;
        let key = token.map(|token| token.reveal().to_owned());
        ApiKey {
            id,
            revision,
            created_at,
            updated_at,
            created_by,
            status,
            actor,
            name,
            role,
            expires_at,
            ended,
            last_used_at,
            key,
        }
    }
}
