//! Databases on the throw-away PostgreSQL server that TEST_POSTGRES_URL names; scripts/postgres-for-tests starts one.

use std::{
    io::Write,
    sync::atomic::{AtomicU32, Ordering},
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use risk_registry::db::Target;
use url::Url;

/// A fresh, empty database; dropped with the value.
pub struct Database {
    pub target: Target,
    server: Url,
    name: String,
}

static MADE: AtomicU32 = AtomicU32::new(0);

/// A fresh database, or `None`, said aloud, where there is no server for tests.
///
/// # Panics
/// Without a server where REQUIRE_POSTGRES=1.
pub fn database() -> Option<Database> {
    let Ok(server) = std::env::var("TEST_POSTGRES_URL") else {
        let required = std::env::var("REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
        assert!(!required, "REQUIRE_POSTGRES=1, but TEST_POSTGRES_URL names no server");
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        // Not eprintln!, which the test harness would swallow.
        drop(writeln!(
            std::io::stderr(),
            "SKIPPED {test}: TEST_POSTGRES_URL names no server; scripts/postgres-for-tests starts one"
        ));
        return None;
    };
    let server = Url::parse(&server).expect("TEST_POSTGRES_URL is a URL");
    let name = format!("registry_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    administer(&server, &format!("CREATE DATABASE {name}"));
    let mut url = server.clone();
    url.set_path(&format!("/{name}"));
    Some(Database { target: Target::parse(url.as_str()).unwrap(), server, name })
}

fn administer(server: &Url, statement: &str) {
    let mut connection = PgConnection::establish(server.as_str()).unwrap();
    connection.batch_execute(statement).unwrap();
}

impl Drop for Database {
    fn drop(&mut self) {
        administer(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}
