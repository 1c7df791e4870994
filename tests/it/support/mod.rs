//! The one helper of the HTTP tests: the real application on a port of its own, over a database of its own, and a
//! client that reads like a sentence. `process` starts the real program instead, for tests of what must survive.

pub mod certificates;
pub mod client;
pub mod cluster;
pub mod database;
pub mod declared;
pub mod explained;
pub mod office;
pub mod postgres;
pub mod process;
pub mod proposed;
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
    access::{Door, FourEyes, RateLimit, Rates, oidc::Oidc},
    access_log::AccessLog,
    catalogue,
    db::{Db, Sizes, Target},
    exports::Exports,
    http::frame::Surroundings,
    journal::Followers,
    server,
};

pub use client::{Answer, Client};
pub use database::{Backend, Database};
pub use office::Office;

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
    access_log: AccessLog,
    followers: Followers,
    access: Access,
}

/// How people come into the application.
#[derive(Clone, Copy)]
struct Access {
    /// Whether they must show a key.
    secured: bool,
    four_eyes: FourEyes,
}

/// As most tests want it: nobody signs in, and one person is enough.
const OPEN: Access = Access { secured: false, four_eyes: FourEyes::Off };

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
        catalogue::load_demo(&app.db, FourEyes::Off).unwrap();
        app
    }

    /// With the catalogue alone.
    pub fn with_catalogue() -> Self {
        let app = Self::empty();
        catalogue::load(&app.db).unwrap();
        app
    }

    /// On an empty database, with the real door, which knows this single sign-on.
    pub fn behind(oidc: Oidc) -> Self {
        let database = Database::fresh();
        let db = Db::open(&database.serving, Sizes::default()).unwrap();
        let door = Door::locked(db, office::keyring(), Some(oidc));
        let access = Access { secured: true, ..OPEN };
        Self::start_adjusted(database, Sizes::default(), access, |settings| settings.door = door)
    }

    /// On a database that others may be on as well.
    pub fn on(database: Arc<Database>, sizes: Sizes) -> Self {
        Self::start(database, sizes, OPEN)
    }

    /// On an empty database, with the real door: whoever shows no key is nobody. `Office` has people with keys.
    pub fn secured() -> Self {
        Self::secured_with(FourEyes::Off)
    }

    /// As `secured`, and whether another person must confirm.
    pub fn secured_with(four_eyes: FourEyes) -> Self {
        Self::secured_on(Database::fresh(), four_eyes)
    }

    /// As `secured_with`, on a database that others may be on as well.
    pub fn secured_on(database: Arc<Database>, four_eyes: FourEyes) -> Self {
        Self::start(database, Sizes::default(), Access { secured: true, four_eyes })
    }

    /// As `secured_on`, where one person is enough, with these sizes of queue and pool.
    pub fn secured_with_sizes(database: Arc<Database>, sizes: Sizes) -> Self {
        Self::start(database, sizes, Access { secured: true, four_eyes: FourEyes::Off })
    }

    /// On an empty database, open to everybody or with the real door, and with settings of a test's own.
    pub fn adjusted(secured: bool, adjust: impl FnOnce(&mut server::Settings) + Send + 'static) -> Self {
        let access = Access { secured, ..OPEN };
        Self::start_adjusted(Database::fresh(), Sizes::default(), access, adjust)
    }

    /// On a database that others may be on as well, open to everybody, with settings of a test's own.
    pub fn adjusted_on(
        database: Arc<Database>,
        sizes: Sizes,
        adjust: impl FnOnce(&mut server::Settings) + Send + 'static,
    ) -> Self {
        Self::start_adjusted(database, sizes, OPEN, adjust)
    }

    fn start(database: Arc<Database>, sizes: Sizes, access: Access) -> Self {
        Self::start_adjusted(database, sizes, access, |_| {})
    }

    fn start_adjusted(
        database: Arc<Database>,
        sizes: Sizes,
        access: Access,
        adjust: impl FnOnce(&mut server::Settings) + Send + 'static,
    ) -> Self {
        let db = Db::open(&database.serving, sizes).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (started, starting) = mpsc::channel();
        let served = db.clone();
        let access_log = AccessLog::start(&db).unwrap();
        let log = access_log.clone();
        let followers = Followers::start(&db).unwrap();
        let following = followers.clone();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let mut settings = settings(&served, access, (log, following));
                adjust(&mut settings);
                let server = server::start(listener, &served, settings).unwrap();
                started.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let handle = starting.recv().unwrap();
        let client = Client::new(address);
        Self { client, db, handle, thread: Some(thread), database, sizes, access_log, followers, access }
    }

    /// Stops, and starts again on the same database.
    pub fn restart(self) -> Self {
        let (sizes, access) = (self.sizes, self.access);
        Self::start(self.stop(), sizes, access)
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

fn settings(db: &Db, access: Access, (access_log, followers): (AccessLog, Followers)) -> server::Settings {
    let Access { secured, four_eyes } = access;
    let keyring = office::keyring();
    let door = if secured { Door::locked(db.clone(), keyring.clone(), None) } else { Door::Open };
    server::Settings {
        workers: Some(2),
        door,
        keyring: Some(keyring),
        four_eyes,
        access_log,
        followers,
        // Everybody may ask as often as they like.
        rates: Arc::new(Rates::new(RateLimit::Off, RateLimit::Off)),
        // One credential stands for everybody where the door is open.
        exports: Exports::default().with_most_of_one(usize::MAX),
        surroundings: Surroundings::default(),
        tls: None,
    }
}

impl Drop for App {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        self.followers.close();
        self.access_log.close();
    }
}
