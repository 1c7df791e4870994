//! Clients by the hundred, slow ones, silent ones and ones with far too much to say, all at once: they are answered, and
//! the server's memory stays bounded.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    ledger::{Found, Ledger, check},
    registry::Registry,
    report::{Size, grouped, row},
};
use crate::support::{Answer, Client, process::Served, stop::Stops};

/// How much larger the server's memory may get. What clients send and ask for is more than ten times that.
const MOST_BYTES: usize = 200_000_000;

/// As many entries as the largest page holds, so that there are large ones from the beginning.
const PAGE: usize = 500;

/// How long a connection may stay open that brings nothing to an end.
const PATIENCE: Duration = Duration::from_secs(60);

/// The largest memory of a process until now, and now.
fn resident(served: &Served, field: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", served.child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    let kibibytes: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kibibytes * 1024
}

#[test]
fn crowds_slow_clients_and_large_bodies_starve_nobody_and_take_no_memory_without_bound_on_sqlite() {
    if !memory_is_told() {
        return;
    }
    let (found, done) = all_at_once(&Registry::sqlite());
    row("clients-sqlite", &fault("SQLite"), &done, found);
}

#[test]
fn crowds_slow_clients_and_large_bodies_starve_nobody_and_take_no_memory_without_bound_on_postgresql() {
    if !memory_is_told() {
        return;
    }
    let Some(registry) = Registry::postgres() else { return };
    let (found, done) = all_at_once(&registry);
    row("clients-postgresql", &fault("PostgreSQL"), &done, found);
}

fn fault(database: &str) -> String {
    format!("500 clients, slow clients, silent connections, 10 MB bodies, all at once, {database}")
}

/// Whether the system tells a process's memory; said aloud where it doesn't.
fn memory_is_told() -> bool {
    let is_told = fs::exists("/proc/self/status").unwrap();
    if !is_told {
        super::skip("there is no /proc that tells a process's memory");
    }
    is_told
}

fn all_at_once(registry: &Registry) -> (Found, String) {
    let size = Size::asked();
    let served = registry.serve();
    let address = registry.address;
    let mut ledger = Ledger::begun(&served.client);
    for number in 0..PAGE {
        ledger.create(&served.client, &format!("first-{number}")).expect(201);
    }
    let before = resident(&served, "VmRSS:");

    // All of these are there, and nothing is said to them, when the crowd comes.
    let unread = open(address, 50, LARGE_PAGE.repeat(100).as_bytes());
    let slow_heads = open(address, 150, b"GET /v1/vendors HTTP/1.1\r\nhost: ");
    let slow_bodies = open(address, 150, SLOW_BODY);
    let silent = open(address, 150, b"");
    let (over, others) = (AtomicBool::new(false), Others::default());
    let (heads, bodies, silent, refused, crowd) = thread::scope(|scope| {
        let stops = Stops(&over);
        scope.spawn(|| ordinary(address, &over, &others));
        let heads = scope.spawn(|| ends(slow_heads, b"x"));
        let bodies = scope.spawn(|| ends(slow_bodies, b" "));
        let silent = scope.spawn(|| ends(silent, b""));
        let large = scope.spawn(|| (0..size.of(20, 200)).map(|_| large_body(address)).collect::<Vec<_>>());
        let crowd = crowd(address, size.of(1, 10), &others);
        let refused = large.join().unwrap();
        let ended = (heads.join().unwrap(), bodies.join().unwrap(), silent.join().unwrap(), refused, crowd);
        drop(stops);
        ended
    });
    for answer in heads.iter().chain(&bodies).chain(&silent) {
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
    let told = bodies.iter().filter(|answer| answer.contains("\"code\":\"request_timeout\"")).count();
    assert_eq!(told, bodies.len(), "{:?}", bodies.first());
    let too_large = refused.iter().filter(|answer| answer.starts_with("HTTP/1.1 413 ")).count();
    assert!(
        refused.iter().all(|answer| answer.starts_with("HTTP/1.1 413 ") || answer.is_empty())
            && too_large > 0,
        "{refused:?}"
    );
    let [answered, put_off] = [others.answered, others.put_off].map(AtomicUsize::into_inner);
    // How often depends on the machine; that nobody is put off for ever does not.
    assert!(answered >= 2 * crowd.writes.len(), "{answered} answered, {put_off} put off");
    let most = resident(&served, "VmHWM:");
    assert!(most < before + MOST_BYTES, "{before} bytes grew to {most}");
    let written = crowd.writes.len();
    ledger.writes.extend(crowd.writes);
    let found = check(&served.client, &ledger);
    registry.verify();
    let done = format!(
        "{} writes of 500 clients acknowledged, as many reads answered; {} slow heads, {} slow bodies and {} silent \
         connections ended (408 or closed), {} that read no answer, {} bodies of 10 MB refused ({too_large} read the \
         413); {} requests of the crowd and of one more client answered, {put_off} times put off with 503 before; memory {} \
         MB before, {} MB at most",
        grouped(written),
        heads.len(),
        bodies.len(),
        silent.len(),
        unread.len(),
        refused.len(),
        grouped(answered),
        before / 1_000_000,
        most / 1_000_000
    );
    (found, done)
}

const LARGE_PAGE: &str = "GET /v1/journal?limit=500 HTTP/1.1\r\nhost: localhost\r\n\r\n";

const SLOW_BODY: &[u8] =
    b"POST /v1/vendors HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
      content-length: 100000\r\n\r\n";

/// What happened to clients that behave.
#[derive(Default)]
struct Others {
    answered: AtomicUsize,
    put_off: AtomicUsize,
}

impl Others {
    /// Asks again when it is told to, until it is answered.
    fn answered(&self, mut ask: impl FnMut() -> Answer) -> Answer {
        let begun = Instant::now();
        loop {
            let answer = ask();
            if answer.status != 503 {
                self.answered.fetch_add(1, Ordering::Relaxed);
                return answer;
            }
            let later = answer.header("retry-after").and_then(|seconds| seconds.parse().ok());
            let later = later.unwrap_or_else(|| panic!("{answer:?}"));
            self.put_off.fetch_add(1, Ordering::Relaxed);
            assert!(begun.elapsed() < PATIENCE, "put off for ever: {answer:?}");
            thread::sleep(Duration::from_secs(later));
        }
    }
}

/// Writes and reads of 500 clients at once, each with a connection of its own; gives what was acknowledged.
fn crowd(address: SocketAddr, turns: usize, others: &Others) -> Ledger {
    let ledger = Mutex::new(Ledger::default());
    thread::scope(|scope| {
        for number in 0..500 {
            let ledger = &ledger;
            let work = move || {
                let client = Client::with_limit(address, PATIENCE);
                for turn in 0..turns {
                    let mut own = Ledger::default();
                    let name = format!("V-{number}-{turn}");
                    let created = others.answered(|| own.create(&client, &name)).expect(201);
                    others.answered(|| client.get(&format!("/v1/vendors/{}", created.id()))).expect(200);
                    ledger.lock().unwrap().writes.append(&mut own.writes);
                }
            };
            thread::Builder::new().stack_size(512 * 1024).spawn_scoped(scope, work).unwrap();
        }
    });
    ledger.into_inner().unwrap()
}

/// A client like any other, until the others are done.
fn ordinary(address: SocketAddr, over: &AtomicBool, others: &Others) {
    let client = Client::with_limit(address, PATIENCE);
    while !over.load(Ordering::Relaxed) {
        for path in ["/v1/vendors?limit=10", "/readyz"] {
            others.answered(|| client.get(path)).expect(200);
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// So many connections that have sent this.
fn open(address: SocketAddr, count: usize, sent: &[u8]) -> Vec<TcpStream> {
    let connect = |_| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(sent).unwrap();
        stream
    };
    (0..count).map(connect).collect()
}

/// Goes on with each connection a little a second until the server ends it; gives what each was answered.
fn ends(streams: Vec<TcpStream>, drop_by_drop: &[u8]) -> Vec<String> {
    let begun = Instant::now();
    let mut open: Vec<(TcpStream, Vec<u8>)> =
        streams.into_iter().map(|stream| (stream, Vec::new())).collect();
    let mut answers = Vec::new();
    while !open.is_empty() {
        assert!(begun.elapsed() < PATIENCE, "{} connections are open for ever", open.len());
        thread::sleep(Duration::from_millis(500));
        open.retain_mut(|(stream, answer)| {
            let written = stream.write_all(drop_by_drop);
            stream.set_nonblocking(true).unwrap();
            let mut buffer = [0; 4096];
            let ended = loop {
                match stream.read(&mut buffer) {
                    Ok(0) => break true,
                    Ok(read) => answer.extend(&buffer[..read]),
                    Err(failure) if failure.kind() == ErrorKind::WouldBlock => break false,
                    Err(_) => break true,
                }
            };
            stream.set_nonblocking(false).unwrap();
            if ended || written.is_err() {
                answers.push(String::from_utf8_lossy(answer).into_owned());
            }
            !ended && written.is_ok()
        });
    }
    answers
}

/// Sends 10 MB; gives the answer, or nothing where the server closed before it could be read.
fn large_body(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = "POST /v1/vendors HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 10000000\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    // The server may stop reading before all of it has come.
    let sent = (0..100).try_for_each(|_| stream.write_all(&[b' '; 100_000]));
    drop(sent);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        answer.extend(&buffer[..read]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}
