//! The one helper of the HTTP tests: the real application on a port of its own, over a database of its own, and a
//! client that reads like a sentence. `process` starts the real program instead, for tests of what must survive.

pub mod client;
pub mod declared;
pub mod postgres;
pub mod process;
pub mod samples;
pub mod scribe;
pub mod sql;

use std::{net::TcpListener, sync::mpsc, thread::JoinHandle};

use actix_web::dev::ServerHandle;
use risk_registry::{
    catalogue,
    db::{self, Db, Purpose, Sizes, Target},
    server,
};
use tempfile::TempDir;

pub use client::{Answer, Client};

/// The application, running in this process until it is dropped.
pub struct App {
    pub client: Client,
    pub db: Db,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    folder: Option<TempDir>,
    target: Target,
}

impl App {
    /// On an empty database, without the catalogue.
    pub fn empty() -> Self {
        Self::with(Sizes::default())
    }

    /// On an empty database, with these sizes of queue and pool.
    pub fn with(sizes: Sizes) -> Self {
        let folder = TempDir::new().unwrap();
        let target = Target::Sqlite(folder.path().join("registry.db").to_str().unwrap().to_owned());
        Self::on(target, sizes, Some(folder))
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

    fn on(target: Target, sizes: Sizes, folder: Option<TempDir>) -> Self {
        let mut connection = db::open(&target, Purpose::Write).unwrap();
        db::migrate(&mut connection).unwrap();
        drop(connection);
        let db = Db::open(&target, sizes).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (started, starting) = mpsc::channel();
        let served = db.clone();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = server::start(listener, &served, Some(2)).unwrap();
                started.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let handle = starting.recv().unwrap();
        Self { client: Client::new(address), db, handle, thread: Some(thread), folder, target }
    }

    /// Stops, and starts again on the same database.
    pub fn restart(mut self) -> Self {
        let (target, folder) = (self.target.clone(), self.folder.take());
        drop(self);
        Self::on(target, Sizes::default(), folder)
    }

    /// Where the database is, for raw SQL.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The path of the SQLite file.
    pub fn path(&self) -> String {
        match &self.target {
            Target::Sqlite(path) => path.clone(),
            Target::Postgres(_) => panic!("not an SQLite file"),
        }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}
