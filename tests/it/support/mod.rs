//! The one helper of the HTTP tests: the real application on a port of its own, over a database of its own, and a
//! client that reads like a sentence. `process` starts the real program instead, for tests of what must survive.

pub mod certificates;
pub mod client;
pub mod cluster;
pub mod database;
pub mod declared;
pub mod postgres;
pub mod process;
pub mod samples;
pub mod scribe;
pub mod sql;
pub mod stop;

use std::{
    io::Write,
    net::TcpListener,
    sync::{Arc, mpsc},
    thread::JoinHandle,
};

use actix_web::dev::ServerHandle;
use risk_registry::{
    access::{Door, FourEyes},
    catalogue,
    db::{Db, Sizes, Target},
    server,
};

pub use client::{Answer, Client};
pub use database::{Backend, Database};

/// Says aloud that a test is left out because something is missing that could be installed.
///
/// # Panics
/// Where SKIPS_FAIL=1: a run that is to show everything must not leave anything out.
pub fn skip(why: &str) {
    say_skipped(why);
    assert!(!std::env::var("SKIPS_FAIL").is_ok_and(|value| value == "1"), "left out: {why}");
}

/// Says aloud that a test is left out because this system lets nobody do what it does.
pub fn not_allowed(what: &str) {
    say_skipped(&format!("not allowed here: {what}"));
}

fn say_skipped(why: &str) {
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    // Not eprintln!, which the test harness would swallow.
    drop(writeln!(std::io::stderr(), "SKIPPED {test}: {why}"));
}

/// The application, running in this process until it is dropped.
pub struct App {
    pub client: Client,
    pub db: Db,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    database: Arc<Database>,
    sizes: Sizes,
}

impl App {
    /// On an empty database, without the catalogue.
    pub fn empty() -> Self {
        Self::with(Sizes::default())
    }

    /// On an empty database, with these sizes of queue and pool.
    pub fn with(sizes: Sizes) -> Self {
        Self::on(Database::fresh(), sizes)
    }

    /// With the catalogue and the example.
    pub fn demo() -> Self {
        let app = Self::empty();
        catalogue::load_demo(&app.db).unwrap();
        app
    }

    /// With the catalogue alone.
    pub fn with_catalogue() -> Self {
        let app = Self::empty();
        catalogue::load(&app.db).unwrap();
        app
    }

    /// On an empty database; people are let in by this door.
    pub fn behind(door: Door) -> Self {
        Self::made(Database::fresh(), Sizes::default(), server::Settings { door, ..settings() })
    }

    /// On a database that others may be on as well.
    pub fn on(database: Arc<Database>, sizes: Sizes) -> Self {
        Self::made(database, sizes, settings())
    }

    fn made(database: Arc<Database>, sizes: Sizes, settings: server::Settings) -> Self {
        let db = Db::open(&database.serving, sizes).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (started, starting) = mpsc::channel();
        let served = db.clone();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = server::start(listener, &served, settings).unwrap();
                started.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let handle = starting.recv().unwrap();
        Self { client: Client::new(address), db, handle, thread: Some(thread), database, sizes }
    }

    /// Stops, and starts again on the same database.
    pub fn restart(self) -> Self {
        let sizes = self.sizes;
        Self::on(self.stop(), sizes)
    }

    /// Stops, and gives back the database.
    pub fn stop(self) -> Arc<Database> {
        Arc::clone(&self.database)
    }

    /// Where the registry is kept.
    pub fn database(&self) -> &Arc<Database> {
        &self.database
    }

    /// What a connection of a test's own is opened with.
    pub fn target(&self) -> &Target {
        &self.database.target
    }
}

/// As most tests want it: nobody signs in, and one person is enough.
fn settings() -> server::Settings {
    server::Settings { workers: Some(2), door: Door::Open, four_eyes: FourEyes::Off, tls: None }
}

impl Drop for App {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}
