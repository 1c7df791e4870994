//! `backup`: a copy of an SQLite registry, made while it is in use.

use std::{
    fs,
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, OnceLock, mpsc},
    thread,
};

use actix_web::rt::{
    self,
    signal::unix::{SignalKind, signal},
};
use clap::Args;

use super::{complain, fail, say};
use crate::{
    backup::{self, Backup as Made, Check, Outcome, Verified},
    config::DatabaseSettings,
    error::{Error, Result},
};

/// Back up an SQLite registry into FILE, while it is in use
///
/// Servers go on reading and writing meanwhile. The backup is one moment of the registry: a whole database in one file,
/// on the disk and verified before it gets its name. FILE is never overwritten. To restore it, serve it, or put it where
/// the registry was, without the -wal and -shm files that lie there. PostgreSQL has tools of its own for this: see the
/// README.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to make; it must not be there yet
    file: PathBuf,

    #[command(flatten)]
    database: DatabaseSettings,

    /// Keep the backup without verifying it: faster, and a way to copy a registry that does not verify
    #[arg(long, env = "NO_VERIFY", num_args = 0..=1, default_value = "false", default_missing_value = "true", value_parser = clap::builder::BoolishValueParser::new())]
    no_verify: bool,
}

impl Backup {
    pub(super) fn run(self) -> ExitCode {
        match self.outcome() {
            Ok(Outcome::Kept(made)) => {
                tell(&made);
                ExitCode::SUCCESS
            }
            Ok(Outcome::Differs(report)) => {
                say(&report);
                fail(&Error::conflict(
                    "differs",
                    "the registry does not agree with its journal, and the backup was not kept; --no-verify copies it as it \
                     is",
                ))
            }
            Err(failure) => fail(&failure),
        }
    }

    fn outcome(self) -> Result<Outcome> {
        let Self { file, database, no_verify } = self;
        let source = database.target()?;
        let unfinished = leave_nothing_when_stopped();
        let place = backup::prepare(&source, &file)?;
        drop(unfinished.set(Unfinished { partial: PathBuf::from(place.partial()?), file: file.clone() }));
        log::info!("backing up {source} into {}", file.display());
        backup::make(&source, place, if no_verify { Check::Skip } else { Check::Verify })
    }
}

/// A backup that is being made.
struct Unfinished {
    /// The temporary file, which is gone when it has its name.
    partial: PathBuf,
    file: PathBuf,
}

/// From here on the unfinished file, once it is set, is removed when a signal ends the program.
fn leave_nothing_when_stopped() -> Arc<OnceLock<Unfinished>> {
    let unfinished = Arc::new(OnceLock::new());
    let (ready, hearing) = mpsc::channel();
    let file = Arc::clone(&unfinished);
    thread::spawn(move || {
        rt::System::new().block_on(async move {
            for (kind, code) in [(SignalKind::interrupt(), 130), (SignalKind::terminate(), 143)] {
                // What can't be heard ends the program as it always does.
                if let Ok(mut signals) = signal(kind) {
                    let file = Arc::clone(&file);
                    rt::spawn(async move {
                        signals.recv().await;
                        stop(file.get(), code);
                    });
                }
            }
            drop(ready);
            std::future::pending::<()>().await;
        });
    });
    // It sends nothing: the end of the channel is the message.
    let _: std::result::Result<(), mpsc::RecvError> = hearing.recv();
    unfinished
}

fn stop(unfinished: Option<&Unfinished>, code: i32) {
    match unfinished {
        Some(Unfinished { partial, file }) if fs::remove_file(partial).is_err() && file.exists() => {
            complain(format_args!("stopped by a signal; {} is there, and whole", file.display()));
        }
        Some(Unfinished { partial, .. }) => {
            // SQLite keeps one beside it while it writes.
            let mut journal = partial.clone().into_os_string();
            journal.push("-journal");
            drop(fs::remove_file(journal));
            complain("stopped by a signal; there is no backup");
        }
        None => complain("stopped by a signal; there is no backup"),
    }
    std::process::exit(code);
}

fn tell(made: &Made) {
    let Made { file, entries, head, bytes, verified } = made;
    say(format_args!("backed up {entries} journal entries into {}, {bytes} bytes\n", file.display()));
    if head.seq > 0 {
        say(format_args!(
            "the last entry is {} of {}; later ones are not in it\n",
            head.seq, head.recorded_at
        ));
    }
    match verified {
        Verified::Clean(report) => say(report),
        Verified::Skipped => say("not verified, as it was asked\n"),
        Verified::OtherSchema => say(
            "not verified: its schema is not this program's; the version of risk-registry that made it can verify it\n",
        ),
    }
}
