//! Clients that don't read, clients that leave, and exports that can't be finished: none of them holds what others need, and
//! no file that is not whole looks whole.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use risk_registry::{access::Role, db::Sizes, exports::Exports};

use super::crowd::fill;
use crate::support::{
    App, Backend, Database,
    office::{Office, key},
    sql,
    sql::Raw,
};

/// The end of an answer in chunks.
const END: &[u8] = b"\r\n0\r\n\r\n";

/// So many exports are sent at a time.
const AT_ONCE: usize = 4;

/// A client that has asked for an export, and has read the head of the answer.
struct Reader {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Reader {
    fn of(app: &App, target: &str) -> Self {
        Self::showing(app, target, "")
    }

    /// The same with more lines in the head of the request.
    fn showing(app: &App, target: &str, headers: &str) -> Self {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        // What the network holds for a client that doesn't read must not be the whole file.
        socket.set_recv_buffer_size(8192).unwrap();
        socket.connect(&app.client.address.into()).unwrap();
        let mut stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let request =
            format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut read = vec![0; 1024];
        let length = stream.read(&mut read).unwrap();
        read.truncate(length);
        Self { stream, read }
    }

    fn status(&self) -> String {
        String::from_utf8_lossy(&self.read)[9..12].to_owned()
    }

    /// Reads to the end of the connection; says whether the answer ended as it should.
    fn reads_whole(mut self) -> bool {
        // The connection may be reset.
        drop(self.stream.read_to_end(&mut self.read));
        self.read.ends_with(END)
    }
}

/// Thirty megabytes of vendors.
fn crowded(sizes: Sizes, exports: Exports) -> App {
    let database = Database::fresh();
    fill(&database, 10_000, 3000);
    App::adjusted_on(database, sizes, move |settings| settings.exports = exports)
}

/// Waits until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        thread::sleep(Duration::from_millis(50));
    }
}

fn is_taken(app: &App) -> bool {
    match app.client.send("HEAD", "/v1/exports/vendors?name=nobody", &[], None).status {
        200 => true,
        503 => false,
        other => panic!("{other}"),
    }
}

#[test]
fn clients_that_do_not_read_hold_no_connection_and_as_many_as_there_are_places() {
    let all = Exports::default().with_most_of_one(2 * AT_ONCE);
    let app = crowded(Sizes { read_pool: 1, ..Sizes::default() }, all);
    let etag = app.client.send("HEAD", "/v1/exports/vendors", &[], None).expect(200).etag();
    let mut readers: Vec<Reader> = (0..AT_ONCE).map(|_| Reader::of(&app, "/v1/exports/vendors")).collect();
    assert!(readers.iter().all(|reader| reader.status() == "200"));
    // Once nobody takes more of them, the one connection is free for everybody else.
    until("an export holds the connection", || {
        (0..20).all(|_| app.client.get("/v1/vendors?limit=5").status == 200)
    });
    let refused = app.client.get("/v1/exports/designations").expect_problem(503, "unavailable");
    assert_eq!(refused.header("retry-after"), Some("5"));
    // Who has it already needs neither a place nor a search.
    app.client.get_with("/v1/exports/vendors", &[("if-none-match", &etag)]).expect(304);
    app.client
        .get_with("/v1/exports/vendors", &[("if-none-match", "\"other\"")])
        .expect_problem(503, "unavailable");
    // Who leaves makes place for another.
    drop(readers.pop());
    until("a client that left still has its place", || is_taken(&app));
    // Who reads on gets the whole file.
    for reader in readers {
        assert!(reader.reads_whole());
    }
    until("what was sent still has its place", || is_taken(&app));
}

#[test]
fn a_key_that_is_revoked_gets_no_more_of_an_export() {
    let office = Office::open();
    fill(office.app.database(), 10_000, 3000);
    let (id, token) = key(&office.app.db, "leaver", Role::Viewer, None);
    let headers = format!("Authorization: Bearer {}\r\n", token.reveal());
    let export = || Reader::showing(&office.app, "/v1/exports/vendors", &headers);
    let (stays, leaves) = (export(), export());
    assert!(stays.reads_whole(), "a key that is good gets the whole file");
    let path = format!("/v1/api-keys/{id}");
    let etag = office.admin.get(&path).expect(200).etag();
    office.admin.delete(&path, &etag).expect(200);
    assert_eq!(leaves.status(), "200", "it had begun");
    assert!(!leaves.reads_whole(), "a revoked key got the whole file");
}

/// SQLite's readers wait for no lock; what becomes of a refusal that passes is tested beside the code as well.
#[test]
fn an_export_waits_for_a_lock_that_somebody_holds_on_what_its_reader_is_looked_up_in() {
    let office = Office::open();
    if office.app.database().backend == Backend::Sqlite {
        return;
    }
    fill(office.app.database(), 10_000, 3000);
    let headers = format!("Authorization: Bearer {}\r\n", office.viewer.bearer().unwrap());
    let reader = Reader::showing(&office.app, "/v1/exports/vendors", &headers);
    assert_eq!(reader.status(), "200");
    let mut holder = sql::plain(office.app.target());
    holder.run("BEGIN").unwrap();
    holder.run("LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE").unwrap();
    thread::scope(|scope| {
        let whole = scope.spawn(|| reader.reads_whole());
        // Each is refused once it has waited as long as a lock is waited for; so is whoever looks for the export.
        (0..2).for_each(|_| drop(office.viewer.get("/v1/vendors").expect_problem(503, "unavailable")));
        holder.run("ROLLBACK").unwrap();
        assert!(whole.join().unwrap(), "a lock that passed cut an export off");
    });
}

#[test]
fn one_credential_has_two_places_and_leaves_the_others_to_others() {
    let app = crowded(Sizes::default(), Exports::default());
    let readers: Vec<Reader> = (0..2).map(|_| Reader::of(&app, "/v1/exports/vendors")).collect();
    assert!(readers.iter().all(|reader| reader.status() == "200"));
    let refused = app.client.get("/v1/exports/vendors").expect_problem(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), Some("5"));
    drop(readers);
    until("a client that left still has its place", || {
        app.client.send("HEAD", "/v1/exports/vendors", &[], None).status == 200
    });
}

#[test]
fn an_export_that_nobody_takes_is_cut_off_and_gives_its_place_back() {
    let quick = Duration::from_millis(300);
    for exports in [
        Exports::default().with_most_of_one(2 * AT_ONCE).with_limits(Duration::from_secs(600), quick),
        Exports::default().with_most_of_one(2 * AT_ONCE).with_limits(quick, Duration::from_secs(600)),
    ] {
        let app = crowded(Sizes::default(), exports);
        let export = || Reader::of(&app, "/v1/exports/vendors");
        let readers: Vec<Reader> = (0..AT_ONCE).map(|_| export()).collect();
        until("they still have their places", || {
            // Where as many others have found a place, none of the first has its own any more.
            let others: Vec<Reader> = (0..AT_ONCE).map(|_| export()).collect();
            others.iter().all(|other| other.status() == "200")
        });
        for reader in readers {
            assert_eq!(reader.status(), "200");
            assert!(!reader.reads_whole(), "it was cut off, and looks whole");
        }
    }
}

#[test]
fn an_export_whose_database_is_lost_on_the_way_does_not_look_whole() {
    // A database that is away for a moment is waited for; this one stays away.
    let exports = Exports::default().with_limits(Duration::from_secs(600), Duration::from_secs(1));
    let app = crowded(Sizes::default(), exports);
    let readers =
        ["/v1/exports/vendors", "/v1/exports/vendors?format=ndjson"].map(|target| Reader::of(&app, target));
    match app.database().backend {
        Backend::Postgres => app.database().hide(),
        Backend::Sqlite => {
            sql::plain(app.target()).run("ALTER TABLE vendors RENAME TO lost").unwrap();
        }
    }
    for reader in readers {
        assert_eq!(reader.status(), "200");
        assert!(!reader.reads_whole(), "it was cut off, and looks whole");
    }
}

#[test]
fn what_is_written_meanwhile_is_not_in_an_export() {
    let app = crowded(Sizes::default(), Exports::default());
    let reader = Reader::of(&app, "/v1/exports/vendors?format=ndjson");
    let last = crate::plans::crowd::id(9, 9_999);
    app.client.change(&format!("/v1/vendors/{last}"), &serde_json::json!({ "legal_name": "Renamed" }));
    app.client.vendor("Zzz");
    let Reader { mut stream, mut read } = reader;
    stream.read_to_end(&mut read).unwrap();
    assert!(read.ends_with(END));
    let text = String::from_utf8_lossy(&read);
    assert!(text.contains("Vendor 9999\"") && !text.contains("Renamed") && !text.contains("Zzz"));
    assert_eq!(app.client.get("/v1/exports/vendors?name=renamed").expect(200).header("row-count"), Some("1"));
    let _: Arc<Database> = app.stop();
}
