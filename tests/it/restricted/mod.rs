//! Restricted designations, for those who may not see them: as if they weren't there. `world` is what is recorded, `walk`
//! what a viewer asks, `compare` holds two registries' answers against each other byte by byte, of which one has hidden
//! records; `mentions` is what public designations may not name, `sight` what single reads show,
//! `statements` what they take.

mod compare;
mod mentions;
mod sight;
mod statements;
mod walk;
mod world;

use std::sync::Arc;

use risk_registry::{
    access::{FourEyes, Role},
    db::Db,
    keys::Token,
};

use super::support::{App, Client, Database, office};

/// The keys of two people, which open every copy of the registry that they were made in.
pub struct People {
    analyst: Token,
    viewer: Token,
}

impl People {
    pub fn of(db: &Db) -> Self {
        let token = |actor: &str, role: Role| office::key(db, actor, role, None).1;
        Self { analyst: token("anna.analyst", Role::Analyst), viewer: token("vera.viewer", Role::Viewer) }
    }

    /// Somebody who records, and sees what is restricted.
    pub fn analyst(&self, app: &App) -> Client {
        app.client.showing(self.analyst.reveal())
    }

    /// Somebody who sees what is public and nothing else.
    pub fn viewer(&self, app: &App) -> Client {
        app.client.showing(self.viewer.reveal())
    }
}

/// With the real door, where one person is enough.
fn secured(database: Arc<Database>) -> App {
    App::secured_on(database, FourEyes::Off)
}
