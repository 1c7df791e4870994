//! Databases on the throw-away PostgreSQL server that TEST_POSTGRES_URL names; scripts/postgres-for-tests starts one.

use std::{
    io::Write,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use risk_registry::db::{self, Purpose, Target};
use url::Url;

/// A database of a test; dropped with the value.
pub struct Database {
    /// As its owner.
    pub target: Target,
    /// As the role that servers run as.
    pub serving: Target,
    server: Url,
    name: String,
}

static MADE: AtomicU32 = AtomicU32::new(0);

/// The role that the servers of tests run as, with the rights that `migrate` gives and no more.
const SERVER_ROLE: &str = "registry_server_for_tests";

/// A fresh, empty database, or `None` where there is no server for tests.
pub fn database() -> Option<Database> {
    is_there().then(|| Database::made(server().unwrap(), "TEMPLATE template1"))
}

/// Whether there is a server for tests; where there is none, that is said aloud.
///
/// # Panics
/// Without a server where REQUIRE_POSTGRES=1.
pub fn is_there() -> bool {
    let there = server().is_some();
    if !there {
        skip("TEST_POSTGRES_URL names no server");
    }
    there
}

/// Says aloud that a test is left out for want of a PostgreSQL.
///
/// # Panics
/// Where REQUIRE_POSTGRES=1.
pub fn skip(why: &str) {
    let required = std::env::var("REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
    assert!(!required, "REQUIRE_POSTGRES=1, but {why}");
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    // Not eprintln!, which the test harness would swallow.
    drop(writeln!(std::io::stderr(), "SKIPPED {test}: {why}; scripts/postgres-for-tests starts one"));
}

/// A fresh database that has the schema.
///
/// # Panics
/// Without a server: a run that is to be on PostgreSQL must not pass on nothing.
pub fn migrated() -> Database {
    let server = server().expect("TEST_POSTGRES_URL names no server; scripts/postgres-for-tests starts one");
    let template = TEMPLATE.get_or_init(|| template(&server));
    Database::made(server.clone(), &format!("TEMPLATE {template}"))
}

/// The database that others are copied from, made once a process; migrating each would cost more than copying. It stays
/// until its server is thrown away, for nothing of a process is told that all of its tests have ended.
static TEMPLATE: OnceLock<String> = OnceLock::new();

fn template(server: &Url) -> String {
    let made = Database::made(server.clone(), "TEMPLATE template1");
    let mut owner = db::open(&made.target, Purpose::Owner).unwrap();
    db::migrate(&mut owner).unwrap();
    db::set_up_server_role(&mut owner, SERVER_ROLE, None).unwrap();
    drop(owner);
    let name = format!("registry_template_{}", std::process::id());
    administer(server, &format!("ALTER DATABASE {} RENAME TO {name}", made.name));
    name
}

fn server() -> Option<Url> {
    let server = std::env::var("TEST_POSTGRES_URL").ok()?;
    Some(Url::parse(&server).expect("TEST_POSTGRES_URL is a URL"))
}

impl Database {
    fn made(server: Url, how: &str) -> Self {
        let name = format!("registry_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        administer(&server, &format!("CREATE DATABASE {name} {how}"));
        let mut url = server.clone();
        url.set_path(&format!("/{name}"));
        let target = Target::parse(url.as_str()).unwrap();
        let others: Vec<_> = url.query_pairs().into_owned().filter(|(name, _)| name != "user").collect();
        url.query_pairs_mut().clear().extend_pairs(others).append_pair("user", SERVER_ROLE);
        Self { target, serving: Target::parse(url.as_str()).unwrap(), server, name }
    }

    /// A copy of it; whoever is connected to it loses the connection.
    pub fn copy(&self) -> Self {
        self.disconnect_all();
        Self::made(self.server.clone(), &format!("TEMPLATE {}", self.name))
    }

    /// Ends every connection to it.
    fn disconnect_all(&self) {
        let statement = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = ";
        administer(&self.server, &format!("{statement}'{}'", self.name));
    }
}

fn administer(server: &Url, statement: &str) {
    let mut connection = PgConnection::establish(server.as_str()).unwrap();
    connection.batch_execute(statement).unwrap_or_else(|failure| panic!("{statement}: {failure}"));
}

impl Drop for Database {
    fn drop(&mut self) {
        administer(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}
