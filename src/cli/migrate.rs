//! `migrate`: brings a database's schema up to date.

use clap::Args;

use crate::{
    config::DatabaseSettings,
    db::{self, Purpose},
    error::Result,
};

/// Bring the database's schema up to date
///
/// An SQLite file migrates itself when it is served; PostgreSQL is migrated by this command only.
#[derive(Debug, Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    database: DatabaseSettings,
}

impl Migrate {
    #[expect(clippy::print_stdout, reason = "what was done is the command's output")]
    pub(super) fn run(self) -> Result<()> {
        let target = self.database.target()?;
        let mut connection = db::open(&target, Purpose::Write)?;
        let applied = db::migrate(&mut connection)?;
        match applied.len() {
            0 => println!("{target} is up to date"),
            several => println!("{target}: applied {several} migration(s): {}", applied.join(", ")),
        }
        Ok(())
    }
}
