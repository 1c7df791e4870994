//! `copy`: moves a whole registry from one database into another.

use std::{
    io::Write,
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Args;

use super::{fail, say};
use crate::{
    config::{DatabaseUrl, Password},
    copy::{self, Copied, Outcome, Progress, Side},
    db::Target,
    error::{Error, Result},
};

/// The least time between two lines of progress.
const BETWEEN_LINES: Duration = Duration::from_millis(500);

/// Copy a whole registry into an empty one, of the same kind of database or of the other
///
/// Journal, records, ids, instants, digests and kept answers arrive as they are. The source may be in use: what is copied
/// is one moment of it. The target is filled, read back and verified in one transaction, so that it is whole
/// or as empty as before. An SQLite target is made and migrated where needed; for PostgreSQL run `risk-registry migrate`
/// on the target first, and copy as the role that did.
#[derive(Debug, Args)]
pub(super) struct Copy {
    /// The registry to copy: the path of an SQLite file, or a postgres:// URL
    #[arg(long, env = "COPY_FROM", hide_env_values = true, value_name = "URL", value_parser = DatabaseUrl)]
    from: Target,

    /// A file that holds the password for the source, where it is PostgreSQL, and nothing else
    #[arg(long, env = "COPY_FROM_PASSWORD_FILE", value_name = "FILE", value_parser = Password::read)]
    from_password_file: Option<Password>,

    /// The empty registry to fill: the path of an SQLite file, or a postgres:// URL
    #[arg(long, env = "COPY_TO", hide_env_values = true, value_name = "URL", value_parser = DatabaseUrl)]
    to: Target,

    /// A file that holds the password for the target, where it is PostgreSQL, and nothing else
    #[arg(long, env = "COPY_TO_PASSWORD_FILE", value_name = "FILE", value_parser = Password::read)]
    to_password_file: Option<Password>,
}

impl Copy {
    pub(super) fn run(self) -> ExitCode {
        match self.outcome() {
            Ok((from, to, Outcome::Kept(copied))) => {
                tell(&from, &to, &copied);
                ExitCode::SUCCESS
            }
            Ok((_, _, Outcome::Differs(report))) => {
                say(&report);
                fail(&Error::conflict(
                    "differs",
                    "the copy does not agree with its journal, and the target was left empty; verify the source",
                ))
            }
            Err(failure) => fail(&failure),
        }
    }

    fn outcome(self) -> Result<(Target, Target, Outcome)> {
        let Self { from, from_password_file, to, to_password_file } = self;
        let from = with_password(from, from_password_file).map_err(|failure| Side::Source.names(failure))?;
        let to = with_password(to, to_password_file).map_err(|failure| Side::Target.names(failure))?;
        let mut lines = Lines::default();
        let outcome = copy::copy(&from, &to, &mut |progress| lines.say(progress))?;
        Ok((from, to, outcome))
    }
}

fn with_password(target: Target, password: Option<Password>) -> Result<Target> {
    match password {
        Some(password) => target.with_password(password.reveal()),
        None => Ok(target),
    }
}

/// Lines of progress on standard error, a few a second at most.
#[derive(Default)]
struct Lines {
    last: Option<Instant>,
}

impl Lines {
    fn say(&mut self, Progress { table, rows, of }: Progress) {
        let now = Instant::now();
        if self.last.is_some_and(|last| now.duration_since(last) < BETWEEN_LINES) {
            return;
        }
        self.last = Some(now);
        // Whoever started it may not listen; the copy goes on.
        drop(writeln!(std::io::stderr(), "{table}: {rows} of {of} rows"));
    }
}

fn tell(from: &Target, to: &Target, Copied { head, tables, report }: &Copied) {
    let rows: u64 = tables.iter().map(|(_, rows)| rows).sum();
    say(format_args!("copied {rows} rows of {} tables from {from} to {to}\n", tables.len()));
    for (name, rows) in tables {
        say(format_args!("copied  {rows:>9} {name}\n"));
    }
    say(report);
    match head.seq {
        0 => say("the journal is empty; what is recorded in the source from now on is not in the copy\n"),
        seq => say(format_args!(
            "the last entry is {seq} of {}; what the source recorded after it is not in the copy\n",
            head.recorded_at
        )),
    }
}
