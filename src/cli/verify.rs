//! `verify`: replays the journal and compares everything else with it.

use std::process::ExitCode;

use clap::Args;

use crate::{config::DatabaseSettings, db, error::Result, verification};

/// Replay the journal and compare records, events and periods with it
///
/// Prints what it checked. Exits with 1 when something differs, and says what.
#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    database: DatabaseSettings,
}

impl Verify {
    pub(super) fn run(self) -> ExitCode {
        match self.report().and_then(|report| super::print(&report).map(|()| report)) {
            Ok(report) if report.is_clean() => ExitCode::SUCCESS,
            Ok(_) => ExitCode::FAILURE,
            Err(failure) => super::fail(&failure),
        }
    }

    fn report(self) -> Result<verification::Report> {
        let target = self.database.target()?;
        target.must_exist()?;
        let mut connection = db::open(&target, db::Purpose::Audit)?;
        db::in_snapshot(&mut connection, &db::Context::own(), |snapshot| {
            verification::verify(snapshot.connection())
        })
    }
}
