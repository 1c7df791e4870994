//! The command line: one file a command.

mod backup;
mod copy;
mod health;
mod migrate;
mod openapi;
mod serve;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;

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
    Openapi(openapi::Openapi),
    Health(health::Health),
}

/// Reads the command line and runs its command. The exit code is 0 when it did what it was asked.
#[must_use]
pub fn run() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info")).init();
    let outcome = match CommandLine::parse().command {
        Command::Serve(command) => command.run(),
        Command::Migrate(command) => command.run(),
        Command::Verify(command) => return command.run(),
        Command::Backup(command) => return command.run(),
        Command::Copy(command) => return command.run(),
        Command::Health(command) => command.run(),
        Command::Openapi(command) => {
            command.run();
            Ok(())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

#[expect(clippy::print_stderr, reason = "a command tells its user why it failed")]
fn fail(failure: &Error) -> ExitCode {
    eprintln!("risk-registry: {failure}");
    ExitCode::FAILURE
}
