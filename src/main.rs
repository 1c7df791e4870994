//! Starts the command line, nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    risk_registry::cli::run()
}
