//! How fast the registry writes and reads, each against the plain way of doing the same thing in the same run. The
//! machine's speed cancels out; what is printed is a ratio.
//!
//! `cargo bench`
#![expect(clippy::expect_used, reason = "a benchmark that can't be set up has nothing to say")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use diesel::connection::SimpleConnection;
use risk_registry::{
    catalogue,
    db::{self, AnyConnection, Context, Db, Purpose, Sizes, Target},
    journal::Known,
    standing::{model::Verdict, service as standing},
    values::{Date, Line, List, VendorId},
    vendors::{
        self,
        model::{VendorFields, VendorKind},
    },
};

/// Writers at once.
const CLIENTS: usize = 64;

/// Writes of each client.
const WRITES: usize = 40;

/// Reads of each kind.
const READS: usize = 20_000;

fn main() {
    let folder = std::env::temp_dir().join(format!("risk-registry-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the databases");
    writes(&folder.join("writes.db"), &folder.join("plain.db"));
    reads(&folder.join("reads.db"));
    drop(std::fs::remove_dir_all(&folder));
}

fn open(path: &std::path::Path) -> Db {
    let target = Target::Sqlite(path.display().to_string());
    let mut connection = db::open(&target, Purpose::Write).expect("a database");
    db::migrate(&mut connection).expect("a schema");
    drop(connection);
    Db::open(&target, Sizes::default()).expect("a registry")
}

fn fields(name: &str) -> VendorFields {
    VendorFields {
        legal_name: Line::parse(name).expect("a name"),
        kind: VendorKind::Company,
        names: List::default(),
        identifiers: List::default(),
        country: None,
        roles: List::default(),
        criticality: None,
        website: None,
        description: None,
        tags: List::default(),
    }
}

/// Vendors that many clients record at once, each write acknowledged after its commit is on disk: through the one
/// writer, and by the plain way, a transaction of its own for each.
fn writes(path: &std::path::Path, plain: &std::path::Path) {
    let registry = Arc::new(open(path));
    let through_the_writer = timed(|| {
        std::thread::scope(|scope| {
            for client in 0..CLIENTS {
                let registry = Arc::clone(&registry);
                scope.spawn(move || {
                    for number in 0..WRITES {
                        let (id, fields) = (VendorId::new(), fields(&format!("Vendor {client} {number}")));
                        let create =
                            move |tx: &mut db::Tx<'_>| vendors::service::create(tx, id, fields.clone());
                        registry.write_blocking(Context::new("bench", "bench"), create).expect("a write");
                    }
                });
            }
        });
    });
    // One client after the other leaves every batch with one write: the same work, one commit each.
    let alone = open(plain);
    let one_commit_each = timed(|| {
        for number in 0..CLIENTS.saturating_mul(WRITES) {
            let (id, fields) = (VendorId::new(), fields(&format!("Vendor {number}")));
            let create = move |tx: &mut db::Tx<'_>| vendors::service::create(tx, id, fields.clone());
            alone.write_blocking(Context::new("bench", "bench"), create).expect("a write");
        }
    });
    let count = CLIENTS.saturating_mul(WRITES);
    say("durable writes, group commit", count, through_the_writer);
    say("durable writes, one commit each", count, one_commit_each);
    ratio("group commit is faster by", one_commit_each, through_the_writer);
}

/// The standing of the example's designated vendor, and the cheapest statement that a database can answer.
fn reads(path: &std::path::Path) {
    let registry = open(path);
    catalogue::load_demo(&registry, risk_registry::access::FourEyes::Off).expect("the example");
    let vendor: VendorId = registry
        .read_blocking(&Context::own(), |snapshot| {
            let filter = [(vendors::model::IdentifierScheme::Domain, "anthropic.com".to_owned())];
            let found = vendors::by_identifiers(snapshot, &filter)?;
            Ok(found.into_values().flatten().next())
        })
        .expect("a read")
        .expect("the example's vendor");
    let question = standing::Question {
        four_eyes: risk_registry::access::FourEyes::Off,
        on: "2026-04-10".parse::<Date>().expect("a date"),
        known: Known::default(),
        environment: Vec::new(),
        action: Vec::new(),
        tier: Vec::new(),
        agency: Vec::new(),
    };
    let asked = timed(|| {
        for _ in 0..READS {
            let standing = registry
                .read_blocking(&Context::own(), |snapshot| standing::standing(snapshot, vendor, &question));
            assert_eq!(standing.expect("a standing").verdict, Verdict::Prohibited);
        }
    });
    let mut connection = db::open(registry.target(), Purpose::Read).expect("a connection");
    let nothing = timed(|| {
        for _ in 0..READS {
            let AnyConnection::Sqlite(sqlite) = &mut connection else { return };
            sqlite
                .batch_execute("BEGIN; SELECT seq FROM journal_head WHERE id = 1; ROLLBACK")
                .expect("a statement");
        }
    });
    say("standings of a vendor with two designations", READS, asked);
    say("transactions that read one row", READS, nothing);
    ratio("a standing costs as much as so many of them:", asked, nothing);
}

fn timed(run: impl FnOnce()) -> Duration {
    let started = Instant::now();
    run();
    started.elapsed()
}

#[expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::as_conversions,
    reason = "a report for people"
)]
fn say(what: &str, count: usize, took: Duration) {
    println!(
        "{what}: {count} in {:.2} s, {:.0} a second",
        took.as_secs_f64(),
        count as f64 / took.as_secs_f64()
    );
}

#[expect(clippy::print_stdout, reason = "a report for people")]
fn ratio(what: &str, slow: Duration, fast: Duration) {
    println!("{what} {:.1}", slow.as_secs_f64() / fast.as_secs_f64());
}
