//! Restricted designations, for those who may not see them: as if they weren't there. `world` is what is recorded, `walk`
//! what a viewer asks, `compare` holds two registries' answers against each other byte by byte, of which one has hidden
//! records; `desk` is who proposes and confirms it, `secrets` what must not be read; `mentions` is what public designations
//! may not name, `sight` what single reads show, `reviews` that they show nothing of reviews, `statements` what they take.

mod compare;
mod desk;
mod mentions;
mod reviews;
mod secrets;
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

use desk::Desk;

use super::support::{App, Client, Database, office};

/// The keys of three people, which open every copy of the registry that they were made in.
pub struct People {
    analyst: Token,
    approver: Token,
    viewer: Token,
}

impl People {
    pub fn of(db: &Db) -> Self {
        let token = |actor: &str, role: Role| office::key(db, actor, role, None).1;
        Self {
            analyst: token("anna.analyst", Role::Analyst),
            approver: token("paul.approver", Role::Approver),
            viewer: token("vera.viewer", Role::Viewer),
        }
    }

    /// Somebody who records, and sees what is restricted.
    pub fn analyst(&self, app: &App) -> Client {
        app.client.showing(self.analyst.reveal())
    }

    /// Somebody who proposes, and somebody who confirms.
    fn desk(&self, app: &App) -> Desk {
        Desk { analyst: self.analyst(app), approver: app.client.showing(self.approver.reveal()) }
    }

    /// Somebody who sees what is public and nothing else.
    pub fn viewer(&self, app: &App) -> Client {
        app.client.showing(self.viewer.reveal())
    }
}

/// With the real door, where another person must confirm.
fn secured(database: Arc<Database>) -> App {
    App::secured_on(database, FourEyes::On)
}
