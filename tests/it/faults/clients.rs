//! Clients by the hundred, slow ones, half-open ones and ones with far too much to say: others are still answered, and
//! the server's memory stays bounded.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{
    ledger::Found,
    load::vendor,
    registry::Registry,
    report::{Size, grouped, row},
};
use crate::support::{Client, process::Served};

/// How much larger the server's memory may get.
const MOST_BYTES: usize = 150_000_000;

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
fn crowds_slow_clients_and_large_bodies_starve_nobody_and_take_no_memory_without_bound() {
    if !fs::exists("/proc/self/status").unwrap() {
        super::skip("there is no /proc that tells a process's memory");
        return;
    }
    let size = Size::asked();
    let registry = Registry::fresh();
    let served = registry.serve();
    served.client.post("/v1/vendors", &vendor("first")).expect(201);
    let before = resident(&served, "VmRSS:");

    let crowd = crowd(registry.address, size.of(10, 60));
    let quiet = AtomicBool::new(false);
    let others = [AtomicUsize::new(0), AtomicUsize::new(0)];
    let (heads, bodies, silent, unread, refused) = thread::scope(|scope| {
        scope.spawn(|| ordinary(registry.address, &quiet, &others));
        let slow_heads =
            scope.spawn(|| ends(open(registry.address, 150, b"GET /v1/vendors HTTP/1.1\r\nhost: "), b"x"));
        let slow_bodies = scope.spawn(|| ends(open(registry.address, 150, SLOW_BODY), b" "));
        let half_open = scope.spawn(|| ends(open(registry.address, 150, b""), b""));
        let unread = scope.spawn(|| unread(registry.address, 50));
        let large =
            scope.spawn(|| (0..size.of(20, 200)).map(|_| large_body(registry.address)).collect::<Vec<_>>());
        let refused = large.join().unwrap();
        let ended = (
            slow_heads.join().unwrap(),
            slow_bodies.join().unwrap(),
            half_open.join().unwrap(),
            unread.join().unwrap(),
            refused,
        );
        quiet.store(true, Ordering::Relaxed);
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
    let [answered, put_off] = others.map(AtomicUsize::into_inner);
    assert!(answered > 100 && answered > 10 * put_off, "others: {answered} answered, {put_off} put off");
    let most = resident(&served, "VmHWM:");
    assert!(most < before + MOST_BYTES, "{before} bytes grew to {most}");
    let names = served.client.all("/v1/vendors?tag=survivor&limit=500").len();
    let found = Found {
        lost: (crowd + 1).saturating_sub(names),
        duplicated: names.saturating_sub(crowd + 1),
        ..Found::default()
    };
    registry.verify();
    row(
        "clients",
        "500 clients at once, slow clients, half-open connections, 10 MB bodies",
        &format!(
            "500 clients at once: {} writes acknowledged, as many reads answered; 150 slow heads, 150 slow bodies and 150 \
             silent connections ended (408 or closed), {unread} that read no answer, {} bodies of 10 MB refused ({too_large} \
             read the 413); {} requests of others answered meanwhile, {put_off} of them put off with 503; memory {} MB before, {} MB at most",
            grouped(crowd),
            refused.len(),
            grouped(answered),
            before / 1_000_000,
            most / 1_000_000
        ),
        found,
    );
}

const SLOW_BODY: &[u8] = b"POST /v1/vendors HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
      content-length: 100000\r\n\r\n";

/// Writes and reads of 500 clients at once, each with a connection of its own; gives how many writes there were.
fn crowd(address: SocketAddr, each: usize) -> usize {
    let acknowledged = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..500 {
            let acknowledged = &acknowledged;
            let work = move || {
                let client = Client::with_limit(address, PATIENCE);
                for turn in 0..each.div_ceil(10) {
                    let name = format!("V-{number}-{turn}");
                    let created =
                        client.post_with("/v1/vendors", &[("idempotency-key", &name)], &vendor(&name));
                    client.get(&format!("/v1/vendors/{}", created.expect(201).id())).expect(200);
                    acknowledged.fetch_add(1, Ordering::Relaxed);
                }
            };
            thread::Builder::new().stack_size(512 * 1024).spawn_scoped(scope, work).unwrap();
        }
    });
    acknowledged.into_inner()
}

/// A client like any other, until it is quiet: what it asks it gets, if need be when it asks again as it is told to.
fn ordinary(address: SocketAddr, quiet: &AtomicBool, [answered, put_off]: &[AtomicUsize; 2]) {
    let client = Client::with_limit(address, PATIENCE);
    let get = |path: &str| {
        loop {
            let answer = client.get(path);
            if answer.status != 503 {
                answer.expect(200);
                answered.fetch_add(1, Ordering::Relaxed);
                return;
            }
            assert!(answer.header("retry-after").is_some(), "{answer:?}");
            put_off.fetch_add(1, Ordering::Relaxed);
        }
    };
    while !quiet.load(Ordering::Relaxed) {
        get("/v1/vendors?limit=10");
        get("/readyz");
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

/// Connections that ask for large pages, again and again, and read nothing; gives how many.
fn unread(address: SocketAddr, count: usize) -> usize {
    let request = b"GET /v1/journal?limit=500 HTTP/1.1\r\nhost: x\r\n\r\n".repeat(100);
    let streams = open(address, count, &request);
    let held = streams.len();
    // They stay for as long as the others need.
    thread::sleep(Duration::from_secs(10));
    held
}

/// Sends 10 MB; gives the answer, or nothing where the server closed before it could be read.
fn large_body(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = "POST /v1/vendors HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10000000\r\n\r\n";
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
