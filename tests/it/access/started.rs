//! The real program as it is shipped, with what it prints in files.

use std::{
    fs::{self, File},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use tempfile::TempDir;

use crate::support::{Backend, Client, Database, process::program_as_shipped};

/// What the keys of these servers are hashed under.
pub const SECRET: &str = "the key secret of a server that a test started";

/// A serving process that people sign in to.
pub struct Started {
    pub client: Client,
    child: Child,
    folder: TempDir,
}

/// `serve` on a database, which has the secret where it must be told one.
pub fn serve(database: &Database, arguments: &[&str]) -> Command {
    let mut command =
        program_as_shipped(&["serve", "--listen", "127.0.0.1:0", "--database-url", database.url()]);
    command.args(arguments);
    with_secret(command, database)
}

/// A command on a database, which has the secret where it must be told one.
pub fn with_secret(mut command: Command, database: &Database) -> Command {
    if database.backend == Backend::Postgres {
        command.env("KEY_SECRET", SECRET);
    }
    command
}

impl Started {
    pub fn run(mut command: Command) -> Self {
        let folder = TempDir::new().unwrap();
        let file = |name: &str| File::create(folder.path().join(name)).unwrap();
        let mut child =
            command.stdout(file("stdout")).stderr(file("stderr")).stdin(Stdio::null()).spawn().unwrap();
        let said = || fs::read_to_string(folder.path().join("stdout")).unwrap();
        let address = (0..600).find_map(|_| {
            sleep(Duration::from_millis(50));
            assert!(
                child.try_wait().unwrap().is_none(),
                "it ended: {}",
                fs::read_to_string(folder.path().join("stderr")).unwrap()
            );
            let said = said();
            let line = said.split_once('\n')?.0.to_owned();
            line.split("http://").nth(1)?.split_whitespace().next().map(ToOwned::to_owned)
        });
        let client = Client::new(address.expect("it serves").parse().unwrap());
        client.get("/readyz").expect(200);
        Self { client, child, folder }
    }

    /// What it printed so far on standard output.
    pub fn printed(&self) -> String {
        fs::read_to_string(self.folder.path().join("stdout")).unwrap()
    }

    /// What it logged so far.
    pub fn logged(&self) -> String {
        fs::read_to_string(self.folder.path().join("stderr")).unwrap()
    }

    /// The keys that it printed.
    pub fn keys(&self) -> Vec<String> {
        let printed = self.printed();
        printed.split_whitespace().filter(|word| word.starts_with("rr_")).map(ToOwned::to_owned).collect()
    }

    /// SIGTERM; gives all that it printed, and all that it logged.
    pub fn stop(mut self) -> (String, String) {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        (self.printed(), self.logged())
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
