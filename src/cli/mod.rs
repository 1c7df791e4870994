//! The command line: one file a command.

mod backup;
mod copy;
mod health;
mod keys;
mod migrate;
mod openapi;
mod serve;
mod verify;

use std::{
    fmt,
    io::{self, Write},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::error::{Error, Result};

/// The system of record for supply-chain risk designations.
///
/// Vendors, the designations that authorities and firms put on them, the reasons, and the full history of each, behind a
/// REST API. `risk-registry serve` works with no setting at all: an SQLite file in ./registry.db, on 127.0.0.1:8080.
#[derive(Debug, Parser)]
#[command(name = "risk-registry", version, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Migrate(migrate::Migrate),
    Verify(verify::Verify),
    Backup(backup::Backup),
    Copy(copy::Copy),
    Keys(keys::Keys),
    Openapi(openapi::Openapi),
    Health(health::Health),
}

/// Reads the command line and runs its command. The exit code is 0 when it did what it was asked.
#[must_use]
pub fn run() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info"))
        // It repeats paths that can't be read, in which somebody may have put a key.
        .filter_module("actix_web::types::path", log::LevelFilter::Off)
        .init();
    let outcome = match CommandLine::parse().command {
        Command::Serve(command) => command.run(),
        Command::Migrate(command) => command.run(),
        Command::Verify(command) => return command.run(),
        Command::Backup(command) => return command.run(),
        Command::Copy(command) => return command.run(),
        Command::Health(command) => command.run(),
        Command::Keys(command) => command.run(),
        Command::Openapi(command) => command.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

/// Prints a command's output. Whoever no longer listens (a closed pipe) is no failure.
///
/// # Errors
/// When it can't be written for another reason, such as a full disk.
fn print(text: impl fmt::Display) -> Result<()> {
    let mut out = io::stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Err(failure) if failure.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::Unavailable(format!("can't write to standard output: {failure}")))
        }
        _ => Ok(()),
    }
}

/// Prints what was done. It stays done where that can't be said.
fn say(text: impl fmt::Display) {
    if let Err(failure) = print(text) {
        complain(&failure);
    }
}

fn fail(failure: &Error) -> ExitCode {
    complain(failure);
    ExitCode::FAILURE
}

/// Tells the user on standard error what went wrong, or nobody where nobody listens, at which `eprintln!` would panic.
fn complain(text: impl fmt::Display) {
    drop(writeln!(io::stderr(), "risk-registry: {text}"));
}
