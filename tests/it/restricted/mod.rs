//! Restricted designations, for those who may not see them: as if they weren't there. `world` is what is recorded, `walk`
//! what a viewer asks, `compare` holds two registries' answers against each other byte by byte, of which one has hidden
//! records; `mentions` is what public designations may not name, `sight` what single reads show.

mod compare;
mod mentions;
mod sight;
mod walk;
mod world;

use super::support::{App, Client};

/// Somebody who sees what is public and nothing else.
pub fn viewer(app: &App) -> Client {
    app.client.bearing("viewer")
}
