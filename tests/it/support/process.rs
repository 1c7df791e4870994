//! The real program as a process of its own: for restarts, kills and the command line.

use std::{
    ffi::OsStr,
    fs::File,
    io::{BufRead, BufReader},
    process::{Child, Command, Output, Stdio},
};

use super::Client;

/// The program with these arguments, without settings from outside.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_risk-registry"));
    command.args(arguments);
    for variable in
        ["DATABASE_URL", "DATABASE_PASSWORD_FILE", "LISTEN", "DEMO", "RUST_LOG", "WORKERS", "WRITE_QUEUE"]
    {
        command.env_remove(variable);
    }
    command
}

/// Runs `verify` on a database, given by its URL or path.
pub fn verify(database: impl AsRef<OsStr>) -> Output {
    program(&["verify", "--database-url"]).arg(database).output().unwrap()
}

/// A serving process; killed when it is dropped.
pub struct Served {
    pub client: Client,
    pub child: Child,
}

impl Served {
    /// Starts `serve` on a database, given by its URL or path, and a free port, and waits until it serves.
    pub fn start(database: impl AsRef<OsStr>, more: &[&str]) -> Self {
        let mut command = program(&["serve", "--listen", "127.0.0.1:0", "--database-url"]);
        command.arg(database).args(more);
        Self::run(command)
    }

    /// Runs a command that ends up as `serve`, and waits until it serves.
    pub fn run(mut command: Command) -> Self {
        command.stderr(Stdio::inherit());
        Self::begin(command)
    }

    /// As `run`, with the log in a file: for tests in which much of it is to be expected.
    pub fn run_with_log(mut command: Command, log: File) -> Self {
        command.stderr(log);
        Self::begin(command)
    }

    fn begin(mut command: Command) -> Self {
        command.env("RUST_LOG", "warn").stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next());
        let address =
            address.unwrap_or_else(|| panic!("the program did not start: {line:?}")).parse().unwrap();
        Self { client: Client::new(address), child }
    }

    /// SIGTERM, and waits until it has ended well.
    pub fn stop(&mut self) {
        // The line that says where it serves comes before it hears signals.
        self.client.get("/healthz").expect(200);
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
