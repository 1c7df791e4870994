//! The real program as a process of its own: for restarts, kills and the command line.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs::File,
    io::{BufRead, BufReader},
    process::{Child, Command, Output, Stdio},
};

use super::Client;

/// The program with these arguments, without settings from outside; nobody has to sign in to what it serves, and one
/// person is enough.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = program_as_shipped(arguments);
    for_everybody(&mut command);
    command
}

/// Has a command that ends up as the program let everybody in, as often as they like, and take one person's word.
pub fn for_everybody(command: &mut Command) {
    command.env("NO_AUTH", "true").env("FOUR_EYES", "off").env("RATE_LIMIT", "off");
}

/// The program with these arguments, and every setting as it is where nobody set it.
pub fn program_as_shipped(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_risk-registry"));
    command.args(arguments);
    without_settings(&mut command);
    command
}

/// What the program reads from its environment; libpq's own variables all begin with PG.
const SETTINGS: [&str; 37] = [
    "ADDRESS_RATE_LIMIT",
    "COPY_FROM",
    "COPY_FROM_PASSWORD_FILE",
    "COPY_TO",
    "COPY_TO_PASSWORD_FILE",
    "CORS_ORIGINS",
    "DASHBOARDS_PASSWORD_FILE",
    "DASHBOARDS_ROLE",
    "DATABASE_PASSWORD_FILE",
    "DATABASE_URL",
    "DEMO",
    "FOUR_EYES",
    "KEY_ENV",
    "KEY_SECRET",
    "KEY_SECRET_FILE",
    "LISTEN",
    "MIGRATE",
    "NO_AUTH",
    "NO_VERIFY",
    "OIDC_ACTOR_CLAIM",
    "OIDC_ALGORITHMS",
    "OIDC_AUDIENCE",
    "OIDC_CA_FILE",
    "OIDC_ISSUER",
    "OIDC_ROLE",
    "OIDC_ROLES_CLAIM",
    "RATE_LIMIT",
    "READ_CONNECTIONS",
    "RUST_LOG",
    "SERVER_PASSWORD_FILE",
    "SERVER_ROLE",
    "SQLITE_TMPDIR",
    "TLS_CERTIFICATE_FILE",
    "TLS_KEY_FILE",
    "TRUSTED_PROXIES",
    "WORKERS",
    "WRITE_QUEUE",
];

/// Takes the settings out of a command's environment that this process inherited from whoever started it.
pub fn without_settings(command: &mut Command) {
    let of_libpq =
        env::vars_os().map(|(name, _)| name).filter(|name| name.as_encoded_bytes().starts_with(b"PG"));
    for variable in SETTINGS.iter().map(OsString::from).chain(of_libpq) {
        command.env_remove(variable);
    }
}

#[test]
fn every_variable_that_a_command_takes_is_one_that_tests_take_away() {
    let help = |arguments: &[&str]| String::from_utf8(program(arguments).output().unwrap().stdout).unwrap();
    let listed = help(&["--help"]);
    let commands = listed.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands =
        commands.take_while(|line| !line.is_empty()).map(|line| line.split_whitespace().next().unwrap());
    let mut seen = 0;
    for command in commands.filter(|command| *command != "help") {
        for part in help(&[command, "--help"]).split("[env: ").skip(1) {
            let name = part.split(['=', ']']).next().unwrap();
            assert!(SETTINGS.contains(&name), "{command} reads {name}");
            seen += 1;
        }
    }
    assert!(seen > SETTINGS.len(), "only {seen} found");
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
        Self::begin(command, "warn")
    }

    /// As `run`, with the log in a file: for tests in which much of it is to be expected.
    pub fn run_with_log(mut command: Command, log: File) -> Self {
        command.stderr(log);
        Self::begin(command, "warn")
    }

    /// As `run_with_log`, with as much in it as this level says.
    pub fn run_with_log_at(mut command: Command, log: File, level: &str) -> Self {
        command.stderr(log);
        Self::begin(command, level)
    }

    fn begin(mut command: Command, level: &str) -> Self {
        command.env("RUST_LOG", level).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.rsplit_once("(documentation: ").and_then(|(_, rest)| {
            let (_, address) = rest.split_once("://")?;
            address.split('/').next()
        });
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
