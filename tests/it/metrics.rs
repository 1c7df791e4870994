//! The numbers for Prometheus: each moves with what it counts, and the text is one that Prometheus reads.

use std::collections::BTreeMap;

use risk_registry::db::Context;

use super::support::{App, Client};

/// Every sample: its name with its labels, and its value.
fn samples(client: &Client) -> BTreeMap<String, f64> {
    let answer = client.get("/metrics").expect(200);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let (mut samples, mut kinds) = (BTreeMap::new(), BTreeMap::new());
    for line in answer.text.lines() {
        if let Some(comment) = line.strip_prefix('#') {
            let known = ["HELP ", "TYPE "].iter().any(|word| comment.trim_start().starts_with(word));
            assert!(known, "{line}");
            if let Some(kind) = comment.trim_start().strip_prefix("TYPE ") {
                // The kinds that the text form has; it is refused as a whole where there is another.
                let (name, kind) = kind.rsplit_once(' ').unwrap();
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert!(kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "{line} stands twice");
            }
            continue;
        }
        let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
        // Each sample has a kind, by its name or, in a histogram, by what its name begins with.
        let bare = name.split('{').next().unwrap();
        let of_histogram = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| bare.strip_suffix(suffix));
        let histogram =
            of_histogram.is_some_and(|name| kinds.get(name).is_some_and(|kind| kind == "histogram"));
        assert!(kinds.contains_key(bare) || histogram, "{line} has no kind");
        assert!(samples.insert(name.to_owned(), value.parse().unwrap()).is_none(), "{line} stands twice");
    }
    samples
}

#[test]
fn requests_the_writer_the_pool_the_journal_and_the_build_are_counted() {
    let app = App::empty();
    let at = |samples: &BTreeMap<String, f64>, name: &str| {
        *samples.get(&format!("risk_registry_{name}")).unwrap_or_else(|| panic!("no {name} in {samples:?}"))
    };
    let before = samples(&app.client);
    assert_eq!(at(&before, "journal_head"), 0.0);
    assert_eq!(at(&before, "writer_queue_depth"), 0.0);
    let database = app.database().backend.says("sqlite", "postgresql");
    let build = format!("build_info{{version=\"{}\",database=\"{database}\"}}", env!("CARGO_PKG_VERSION"));
    assert_eq!(at(&before, &build), 1.0);

    let vendor = app.client.vendor("Counted");
    app.client.vendor("Counted too");
    app.client.get(&format!("/v1/vendors/{vendor}")).expect(200);
    app.client.get("/v1/vendors").expect(200);
    app.client.get("/v1/vendors/nobody").expect(400);
    app.client.get("/no/such/path/at/all").expect(404);
    app.client.send("BREW", "/v1/vendors", &[], None).expect(405);
    // A write that fails as a use case is a write of a batch all the same; one that waits is seen waiting.
    let (begun, beginning) = std::sync::mpsc::channel::<()>();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let held = app.db.queue(Context::new("tester", "request"), move |_| {
        begun.send(()).unwrap();
        let _ = released.recv();
        Ok(())
    });
    beginning.recv().unwrap();
    let waiting: Vec<_> =
        (0..3).map(|_| app.db.queue(Context::new("tester", "request"), |_| Ok(())).unwrap()).collect();
    assert_eq!(at(&samples(&app.client), "writer_queue_depth"), 3.0);
    drop(release);
    held.unwrap().blocking_recv().unwrap().unwrap();
    waiting.into_iter().for_each(|waiting| waiting.blocking_recv().unwrap().unwrap());

    let after = samples(&app.client);
    assert_eq!(at(&after, "journal_head"), 2.0);
    assert_eq!(at(&after, "writer_queue_depth"), 0.0);
    // Two vendors, the job that waited, and the three behind it in one batch.
    assert_eq!(at(&after, "writer_batch_jobs_count"), 4.0);
    assert_eq!(at(&after, "writer_batch_jobs_sum"), 6.0);
    assert_eq!(at(&after, "writer_batch_jobs_bucket{le=\"1.0\"}"), 3.0);
    assert_eq!(at(&after, "writer_batch_jobs_bucket{le=\"4.0\"}"), 4.0);
    assert!(at(&after, "writer_batch_duration_seconds_sum") > 0.0);
    assert_eq!(at(&after, "writer_batch_retries_total"), 0.0);
    assert_eq!(at(&after, "writer_batch_failures_total"), 0.0);
    let requests = |method: &str, route: &str, status: u16| {
        format!("http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}")
    };
    assert_eq!(at(&after, &requests("POST", "/v1/vendors", 201)), 2.0);
    assert_eq!(at(&after, &requests("GET", "/v1/vendors", 200)), 1.0);
    assert_eq!(at(&after, &requests("GET", "/v1/vendors/{id}", 200)), 1.0);
    assert_eq!(at(&after, &requests("GET", "/v1/vendors/{id}", 400)), 1.0);
    assert_eq!(at(&after, &requests("GET", "-", 404)), 1.0);
    let invented = after.keys().find(|name| name.contains("BREW"));
    assert_eq!(invented, None, "anybody can invent methods, and a series is kept for ever");
    assert_eq!(at(&after, "http_request_duration_seconds_count{route=\"/v1/vendors/{id}\"}"), 2.0);
    assert_eq!(at(&after, "http_request_duration_seconds_bucket{le=\"+Inf\",route=\"/v1/vendors\"}"), 4.0);
    // The list was a scan, which the pool answers on both databases.
    assert_eq!(at(&after, "read_pool_max"), 8.0);
    let open = at(&after, "read_pool_connections");
    assert!((1.0..=8.0).contains(&open) && at(&after, "read_pool_idle") <= open, "{open}");
}

#[test]
fn two_servers_of_one_process_count_for_themselves() {
    let (one, other) = (App::empty(), App::empty());
    one.client.vendor("Counted once");
    let created = |app: &App| samples(&app.client).keys().any(|name| name.contains("status=\"201\""));
    assert!(created(&one) && !created(&other));
}
