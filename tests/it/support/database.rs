//! Databases for tests, fresh for each: an SQLite file, or a database on the PostgreSQL server for tests. TEST_DATABASE
//! says which of the two a run is on; scripts/test runs the suite on each.

use std::{path::PathBuf, sync::Arc};

use diesel::connection::SimpleConnection;
use risk_registry::db::{self, Purpose, Target};
use tempfile::TempDir;

use super::{postgres, sql};

/// What a run keeps its registries in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    /// The one that TEST_DATABASE names; SQLite where nothing is said.
    pub fn chosen() -> Self {
        match std::env::var("TEST_DATABASE").as_deref() {
            Err(_) | Ok("" | "sqlite") => Self::Sqlite,
            Ok("postgres") => Self::Postgres,
            Ok(other) => panic!("TEST_DATABASE is sqlite or postgres, not {other}"),
        }
    }

    /// One of two texts: what to say to SQLite, and what to PostgreSQL.
    pub fn says<T>(self, sqlite: T, postgres: T) -> T {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
        }
    }
}

/// A database with the schema in place; gone with the last who holds it, also when a test panics.
pub struct Database {
    /// As its owner, where it has one.
    pub target: Target,
    /// As its servers use it: on PostgreSQL, by a role with the rights of a server and no more.
    pub serving: Target,
    pub backend: Backend,
    kept: Kept,
}

enum Kept {
    File { _folder: TempDir },
    Server(postgres::Database),
}

impl Database {
    /// A fresh one, of the run's own kind.
    pub fn fresh() -> Arc<Self> {
        Self::fresh_on(Backend::chosen())
    }

    /// A fresh one of this kind, whatever the run is on.
    pub fn fresh_on(backend: Backend) -> Arc<Self> {
        match backend {
            Backend::Postgres => Self::on_server(postgres::migrated()),
            Backend::Sqlite => {
                let (folder, path) = folder();
                let target = Target::Sqlite(path.to_str().unwrap().to_owned());
                db::migrate(&mut db::open(&target, Purpose::Write).unwrap()).unwrap();
                Self::in_file(folder, target)
            }
        }
    }

    /// A copy. Connections to a PostgreSQL database that is copied are ended.
    pub fn copy(&self) -> Arc<Self> {
        match &self.kept {
            Kept::Server(original) => Self::on_server(original.copy()),
            Kept::File { .. } => {
                let (folder, path) = folder();
                let mut original = sql::plain(&self.target);
                original.batch_execute(&format!("VACUUM INTO '{}'", path.display())).unwrap();
                Self::in_file(folder, Target::Sqlite(path.to_str().unwrap().to_owned()))
            }
        }
    }

    /// Makes it one that can't be opened any more: the path leads to a folder, the server takes no connection to it.
    pub fn hide(&self) {
        match (&self.kept, &self.target) {
            (Kept::Server(database), _) => database.close(),
            (Kept::File { .. }, Target::Sqlite(path)) => {
                std::fs::rename(path, format!("{path}.hidden")).unwrap();
                std::fs::create_dir(path).unwrap();
            }
            (Kept::File { .. }, Target::Postgres(_)) => unreachable!("a file is SQLite's"),
        }
    }

    fn in_file(folder: TempDir, target: Target) -> Arc<Self> {
        let serving = target.clone();
        Arc::new(Self { target, serving, backend: Backend::Sqlite, kept: Kept::File { _folder: folder } })
    }

    fn on_server(database: postgres::Database) -> Arc<Self> {
        let (target, serving) = (database.target.clone(), database.serving.clone());
        Arc::new(Self { target, serving, backend: Backend::Postgres, kept: Kept::Server(database) })
    }

    /// As the command line takes it for a server.
    pub fn url(&self) -> &str {
        match &self.serving {
            Target::Sqlite(path) => path,
            Target::Postgres(url) => url,
        }
    }
}

/// A folder of its own, and where the file of a registry stands in it.
fn folder() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("registry.db");
    (folder, path)
}
