//! Many vendors, written by SQL in seconds, and how much memory the program needs to export them.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    thread,
};

use diesel::connection::SimpleConnection;

use crate::{
    plans::crowd::{Dialect, id},
    support::{App, Database, process::Served, sql, sql::Raw},
};

/// What ids of these vendors hold.
const KIND: u32 = 9;

/// Adds so many vendors, each with a description of so many characters, behind the registry's back.
pub fn fill(database: &Database, many: u64, characters: usize) {
    let (d, mut connection) = (Dialect(database.backend), sql::plain(&database.target));
    let head = connection.number("SELECT seq AS number FROM journal_head");
    let this = d.id(KIND, "i");
    let at = d.at(&format!("{head} + i"));
    let name = "'Vendor ' || i";
    let document = d.json(&format!(
        "'{{\"id\":\"' || CAST({this} AS text) || '\",\"revision\":1,\"created_at\":\"2026-01-01T00:00:00.000000Z\",\
         \"updated_at\":\"2026-01-01T00:00:00.000000Z\",\"status\":\"active\",\"legal_name\":\"' || {name} || '\",\
         \"kind\":\"company\",\"names\":[],\"identifiers\":[],\"country\":null,\"roles\":[],\"criticality\":null,\
         \"website\":null,\"description\":\"{}\",\"tags\":[],\"ended\":null}}'",
        "x".repeat(characters)
    ));
    let all = d.numbers(many);
    connection
        .batch_execute(&format!(
            "BEGIN; INSERT INTO vendors SELECT {this}, {head} + i, 'active', {name}, NULL, 1, {at}, {document} FROM {all}; \
             INSERT INTO journal SELECT {head} + i, {at}, 'local', 'vendor.created', 'vendor', {this}, 1, {document}, NULL, \
             NULL, 'r', 'public', NULL, 'd' FROM {all}; \
             UPDATE journal_head SET seq = {head} + {many}; COMMIT"
        ))
        .unwrap();
}

/// The most memory that a process ever had, in kilobytes.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Takes an export whole; gives its size and how many of its lines begin like a record.
fn take(served: &Served, target: &str) -> (usize, usize) {
    let mut stream = TcpStream::connect(served.client.address).unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.ends_with(b"\r\n0\r\n\r\n"), "it did not end as chunks do");
    let begins = format!("019a{KIND:04}-");
    (answer.len(), answer.windows(begins.len()).filter(|part| *part == begins.as_bytes()).count())
}

#[test]
fn a_hundred_thousand_vendors_are_exported_in_bounded_memory() {
    const MANY: u64 = 100_000;
    let app = App::empty();
    fill(app.database(), MANY, 1000);
    let first = id(KIND, 1);
    assert_eq!(app.client.get(&format!("/v1/vendors/{first}")).expect(200).id(), first);
    let database = app.stop();
    let served = Served::start(database.url(), &[]);
    served.client.get("/v1/vendors?limit=500").expect(200);
    let before = peak(served.child.id());
    let mut sizes = Vec::new();
    let targets =
        ["/v1/exports/vendors", "/v1/exports/vendors?format=ndjson", "/v1/exports/vendors?sort=-updated_at"];
    // As many at once as one credential may have.
    for targets in targets.chunks(2) {
        thread::scope(|scope| {
            let taken: Vec<_> =
                targets.iter().map(|target| (target, scope.spawn(|| take(&served, target)))).collect();
            for (target, taken) in taken {
                let (size, records) = taken.join().unwrap();
                assert_eq!(records, usize::try_from(MANY).unwrap(), "{target}");
                sizes.push(size);
            }
        });
    }
    let after = peak(served.child.id());
    let (Some(before), Some(after)) = (before, after) else { return };
    let sent: usize = sizes.iter().sum();
    println!(
        "three exports, two at once, {} MB sent: most memory {before} kB before, {after} kB after",
        sent / 1_000_000
    );
    // The files together have a third of a gigabyte.
    assert!(sent > 300_000_000 && after < before + 150_000, "{before} kB became {after} kB");
}
