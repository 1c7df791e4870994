//! The one writer: what one job does never touches another, a batch is one commit, and a full queue says so.

use std::{
    io::Write,
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
};

use diesel::connection::{Connection, InstrumentationEvent, SimpleConnection};
use risk_registry::{
    db::{Context, Db, Sizes, Tx},
    error::{Error, Result},
    journal::{self, Row},
    values::VendorId,
    vendors::{model::Vendor, service},
    verification,
};
use serde_json::json;
use tokio::sync::oneshot;

use super::support::App;

/// A write that waits in the queue.
type Queued<T> = oneshot::Receiver<Result<T>>;

fn context() -> Context {
    Context::new("tester", "request")
}

/// A job that records a vendor of this name.
fn creating(name: &str) -> impl FnMut(&mut Tx<'_>) -> Result<Vendor> + Send + 'static {
    let fields: risk_registry::vendors::model::VendorFields =
        serde_json::from_value(json!({ "legal_name": name, "kind": "company" })).unwrap();
    let id = VendorId::new();
    move |tx| service::create(tx, id, fields.clone())
}

/// Queues a job and does not wait for its answer.
fn queue<T: Send + 'static>(
    db: &Db,
    job: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> Queued<T> {
    db.queue(context(), job).unwrap()
}

fn answer<T>(queued: Queued<T>) -> Result<T> {
    queued.blocking_recv().unwrap()
}

/// Keeps the writer busy with a job of its own until it is released; what is queued meanwhile is one batch.
struct Hold {
    release: mpsc::Sender<()>,
    held: Queued<()>,
}

impl Hold {
    fn of(db: &Db, mut first: impl FnMut(&mut Tx<'_>) + Send + 'static) -> Self {
        let (release, released) = mpsc::channel::<()>();
        let (begun, beginning) = mpsc::channel();
        let held = queue(db, move |tx| {
            first(tx);
            begun.send(()).unwrap();
            let _ = released.recv();
            Ok(())
        });
        beginning.recv().unwrap();
        Self { release, held }
    }

    fn release(self) {
        drop(self.release);
        answer(self.held).unwrap();
    }
}

/// The journal, which must be without gaps, strictly rising, and what every other table agrees with.
fn sound_journal(db: &Db) -> Vec<Row> {
    let (rows, report) = db
        .read_blocking(&Context::own(), |snapshot| {
            let rows = journal::all_after(snapshot.connection(), 0, 1_000_000)?;
            Ok((rows, verification::verify(snapshot.connection())?))
        })
        .unwrap();
    assert!(report.is_clean(), "{report}");
    for (row, seq) in rows.iter().zip(1..) {
        assert_eq!(row.seq, seq);
    }
    assert!(rows.windows(2).all(|pair| pair[0].recorded_at < pair[1].recorded_at));
    rows
}

fn names(rows: &[Row]) -> Vec<String> {
    let name =
        |row: &Row| serde_json::from_str::<serde_json::Value>(&row.payload.0).unwrap()["legal_name"].clone();
    rows.iter().map(|row| name(row).as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_job_that_fails_takes_nothing_with_it_and_leaves_nothing_behind() {
    let app = App::empty();
    let hold = Hold::of(&app.db, |_| {});
    let before = queue(&app.db, creating("before"));
    let mut half = creating("half done");
    let failing = queue(&app.db, move |tx| {
        half(tx)?;
        Err::<(), _>(Error::conflict("on_purpose", "after half of its work"))
    });
    let after = queue(&app.db, creating("after"));
    hold.release();
    assert!(answer(before).is_ok() && answer(after).is_ok());
    assert!(matches!(answer(failing), Err(Error::Conflict { code: "on_purpose", .. })));
    assert_eq!(names(&sound_journal(&app.db)), ["before", "after"]);
}

#[test]
fn a_job_that_panics_is_an_internal_error_and_the_writer_goes_on() {
    let app = App::empty();
    let hold = Hold::of(&app.db, |_| {});
    let before = queue(&app.db, creating("before"));
    let mut half = creating("half done");
    let panicking = queue(&app.db, move |tx| -> Result<()> {
        half(tx)?;
        panic!("on purpose, in a test");
    });
    let after = queue(&app.db, creating("after"));
    hold.release();
    assert!(answer(before).is_ok() && answer(after).is_ok());
    assert!(matches!(answer(panicking), Err(Error::Internal(_))));
    app.client.vendor("later");
    assert_eq!(names(&sound_journal(&app.db)), ["before", "after", "later"]);
}

#[test]
fn a_job_that_breaks_the_batch_outside_of_its_savepoint_fails_alone_and_the_others_are_run_again() {
    for breaking in ["ROLLBACK", "RELEASE job", "ROLLBACK TO job; RELEASE job", "ROLLBACK; BEGIN"] {
        let app = App::empty();
        app.client.vendor("first");
        let hold = Hold::of(&app.db, |_| {});
        let runs = Arc::new(AtomicU32::new(0));
        let counted = |name: &str| {
            let (mut job, runs) = (creating(name), Arc::clone(&runs));
            queue(&app.db, move |tx| {
                runs.fetch_add(1, Ordering::Relaxed);
                job(tx)
            })
        };
        let before = [counted("a"), counted("b")];
        let mut half = creating("half done");
        let broken = queue(&app.db, move |tx| {
            half(tx)?;
            tx.connection().batch_execute(breaking).unwrap();
            Ok(())
        });
        let after = [counted("c"), counted("d")];
        hold.release();
        for queued in before.into_iter().chain(after) {
            assert!(answer(queued).is_ok(), "{breaking}");
        }
        assert!(answer(broken).is_err(), "{breaking}");
        assert!(runs.load(Ordering::Relaxed) >= 6, "{breaking}: the batch was rolled back and run again");
        assert_eq!(names(&sound_journal(&app.db)), ["first", "a", "b", "c", "d"], "{breaking}");
        app.client.vendor("last");
        assert_eq!(sound_journal(&app.db).len(), 6, "{breaking}");
    }
}

#[test]
fn a_job_that_takes_a_place_in_the_journal_and_leaves_it_empty_is_refused() {
    let app = App::empty();
    let hold = Hold::of(&app.db, |_| {});
    let before = queue(&app.db, creating("before"));
    let empty = queue(&app.db, |tx| Ok(tx.stamp().seq));
    let mut filled = creating("with one place too many");
    let one_too_many = queue(&app.db, move |tx| {
        filled(tx)?;
        Ok(tx.stamp().seq)
    });
    let after = queue(&app.db, creating("after"));
    hold.release();
    assert!(matches!(answer(empty), Err(Error::Internal(_))));
    assert!(matches!(answer(one_too_many), Err(Error::Internal(_))));
    assert!(answer(before).is_ok() && answer(after).is_ok());
    assert_eq!(names(&sound_journal(&app.db)), ["before", "after"]);
}

#[test]
fn a_full_queue_refuses_the_next_write_with_when_to_come_back_and_keeps_all_that_it_took() {
    let app = App::with(Sizes { write_queue: 3, ..Sizes::default() });
    let hold = Hold::of(&app.db, |_| {});
    let queued: Vec<_> = ["a", "b", "c"].map(|name| queue(&app.db, creating(name))).into();
    let body = json!({ "legal_name": "refused", "kind": "company" });
    let key = [("idempotency-key", "the-same-key")];
    for _ in 0..200 {
        let refused = app.client.post_with("/v1/vendors", &key, &body).expect_problem(503, "unavailable");
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
    assert!(matches!(app.db.write_blocking(context(), creating("refused")), Err(Error::Busy(_))));
    assert_eq!(app.client.head(), 0, "reads go on, and nothing is committed");
    hold.release();
    for queued in queued {
        assert!(answer(queued).is_ok());
    }
    assert_eq!(names(&sound_journal(&app.db)), ["a", "b", "c"]);
    app.client.post_with("/v1/vendors", &key, &body).expect(201);
    assert_eq!(names(&sound_journal(&app.db)), ["a", "b", "c", "refused"]);
}

#[test]
fn the_jobs_of_a_batch_share_one_commit() {
    let app = App::empty();
    let commits = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&commits);
    let hold = Hold::of(&app.db, move |tx| {
        let commits = Arc::clone(&counted);
        tx.connection().set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event
                && query.to_string().ends_with("COMMIT")
            {
                commits.fetch_add(1, Ordering::Relaxed);
            }
        });
    });
    let queued: Vec<_> = (0..300).map(|number| queue(&app.db, creating(&format!("V{number}")))).collect();
    hold.release();
    assert_eq!(queued.into_iter().filter_map(|queued| answer(queued).ok()).count(), 300);
    assert_eq!(sound_journal(&app.db).len(), 300);
    // The one that held the writer, then 256 jobs, then the other 44.
    assert_eq!(commits.load(Ordering::Relaxed), 3);
}

#[test]
fn recorded_at_rises_strictly_under_writes_from_eight_threads() {
    let app = App::empty();
    let created: Vec<(String, String)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let client = &app.client;
                scope.spawn(move || {
                    let write = |number| {
                        let body = json!({ "legal_name": format!("V{thread}-{number}"), "kind": "company" });
                        let created = client.post("/v1/vendors", &body).expect(201);
                        (created.id(), created.text_at("/created_at"))
                    };
                    (0..50).map(write).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let rows = sound_journal(&app.db);
    assert_eq!((rows.len(), created.len()), (400, 400));
    for (id, created_at) in created {
        let row = rows.iter().find(|row| row.subject_id.0.to_string() == id).unwrap();
        assert_eq!(row.recorded_at.0.to_string(), created_at, "the record's instant is its entry's");
    }
}

#[test]
fn what_a_client_asked_for_before_it_went_away_is_recorded_once_and_half_a_request_not_at_all() {
    let app = App::empty();
    for number in 0..100 {
        let body = json!({ "legal_name": format!("whole {number}"), "kind": "company" }).to_string();
        send_and_leave(&app, &body, body.len());
        let body = json!({ "legal_name": format!("half {number}"), "kind": "company" }).to_string();
        send_and_leave(&app, &body, body.len() / 2);
    }
    // The server is done with every request when it has taken as many as came whole; else this waits for ever.
    while app.client.head() < 100 {
        thread::yield_now();
    }
    app.client.vendor("last");
    let mut recorded = names(&sound_journal(&app.db));
    recorded.sort();
    let mut wanted: Vec<String> = (0..100).map(|number| format!("whole {number}")).collect();
    wanted.push("last".to_owned());
    wanted.sort();
    assert_eq!(recorded, wanted);
}

fn send_and_leave(app: &App, body: &str, sent: usize) {
    let mut stream = TcpStream::connect(app.client.address).unwrap();
    let head = format!(
        "POST /v1/vendors HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), &body.as_bytes()[..sent]].concat()).unwrap();
}
