//! A registry in a database of its own, served by the real program.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    process::{Command, Output},
    sync::Arc,
};

use tempfile::TempDir;

use crate::support::{
    Backend, Database,
    cluster::Cluster,
    postgres,
    process::{Served, program},
};

const SUPERUSER: &str = "user=postgres";

/// Where it is kept, and where it is served.
pub struct Registry {
    pub url: String,
    /// The same at each start, so that clients find it again.
    pub address: SocketAddr,
    /// The server's log.
    folder: TempDir,
    /// Held, for it goes with the last who holds it.
    #[expect(dead_code, reason = "held, not read")]
    database: Option<Arc<Database>>,
}

impl Registry {
    /// In an SQLite file.
    pub fn sqlite() -> Self {
        Self::on(Database::fresh_on(Backend::Sqlite))
    }

    /// In a database of the PostgreSQL server that all tests share; `None`, said aloud, where there is none.
    pub fn postgres() -> Option<Self> {
        postgres::is_there().then(|| Self::on(Database::fresh_on(Backend::Postgres)))
    }

    /// In a database of the run's own kind.
    pub fn fresh() -> Self {
        Self::on(Database::fresh())
    }

    fn on(database: Arc<Database>) -> Self {
        Self { database: Some(database.clone()), ..Self::at(database.url()) }
    }

    /// In a new database of a cluster.
    pub fn in_cluster(cluster: &Cluster, name: &str) -> Self {
        cluster.administer(&format!("CREATE DATABASE {name}"));
        Self::migrated(&cluster.url(name))
    }

    /// Where this URL says, beside other servers or by another way.
    pub fn at(url: &str) -> Self {
        let folder = TempDir::new().unwrap();
        Self { url: url.to_owned(), address: free_address(), folder, database: None }
    }

    /// At the URL of a superuser: with the schema put in place by that one, and served by the role that `migrate` makes.
    pub fn migrated(url: &str) -> Self {
        let migrated = Self::at(url).command("migrate").output().unwrap();
        assert!(migrated.status.success(), "{}", text(&migrated));
        assert!(url.contains(SUPERUSER), "{url}");
        Self::at(&url.replace(SUPERUSER, "user=risk_registry_server"))
    }

    /// The program with this command on the registry.
    pub fn command(&self, command: &str) -> Command {
        program(&[command, "--database-url", &self.url])
    }

    /// Serves it at its address; back when it answers.
    pub fn serve(&self) -> Served {
        self.serve_by(program(&[]))
    }

    /// As `serve`, by a command that ends with the program or starts it.
    pub fn serve_by(&self, mut command: Command) -> Served {
        command.args(["serve", "--database-url", &self.url, "--listen", &self.address.to_string()]);
        let log = File::options().create(true).append(true).open(self.log()).unwrap();
        Served::run_with_log(command, log)
    }

    fn log(&self) -> std::path::PathBuf {
        self.folder.path().join("server.log")
    }

    /// What the server wrote to its log.
    pub fn log_text(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// Runs `verify`, which must find nothing.
    #[track_caller]
    pub fn verify(&self) {
        let output = self.command("verify").output().unwrap();
        assert!(output.status.success(), "{}", text(&output));
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// An address of this machine that is free.
pub fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
