//! What holds for conditional requests and for requests that are safe to repeat.

use serde_json::json;

use super::probe::{Probe, Request, walk};

/// What no header of entity tags can hold, and one that is longer than such a header may be.
fn malformed_tags() -> Vec<String> {
    let overlong = format!("\"{}\"", "1".repeat(499));
    let malformed =
        ["1", "nonsense", "\"1", "W/1", "\"1\" \"2\"", "\"1\",2", "'1'", "\"1 2\"", "*, *", &overlong];
    malformed.map(Into::into).to_vec()
}

#[test]
fn every_change_needs_the_etag_of_what_it_changes() {
    walk(|probe| {
        if !matches!(probe.operation.method.as_str(), "PATCH" | "DELETE") {
            return;
        }
        let call = probe.call();
        let (request, etag) = (probe.request(&call), call.etag.clone().unwrap_or_default());
        let head = probe.client.head();
        probe.refuses(&request.clone().header("if-match", ""), 428, "precondition_required", "no If-Match");
        for malformed in malformed_tags() {
            let request = request.clone().header("if-match", &malformed);
            probe.refuses(&request, 400, "malformed_request", &malformed);
        }
        for stale in ["\"999999\"", "\"0\"", "\"nonsense\"", "\"\"", "\"01\", \"-1\"", &format!("W/{etag}")] {
            probe.refuses(&request.clone().header("if-match", stale), 412, "stale", stale);
        }
        let (now, before) = (probe.client.head(), head);
        probe.check(now == before, &request, || "a refused change was recorded".into());
        let either = format!("\"999999\", {etag}");
        probe.succeeds(&request.header("if-match", &either), "one ETag of two that fits");
        let request = probe.request(&probe.call()).header("if-match", "*");
        probe.succeeds(&request, "an asterisk");
    });
}

#[test]
fn an_addition_to_a_record_keeps_to_its_etag_where_one_is_given() {
    walk(|probe| {
        let parameters = &super::document::DOCUMENT["paths"][&probe.operation.path]["post"]["parameters"];
        if probe.operation.method != "POST" || !parameters.to_string().contains("OptionalIfMatch") {
            return;
        }
        let request = probe.request(&probe.call());
        probe.refuses(&request.clone().header("if-match", "\"999999\""), 412, "stale", "a stale ETag");
        probe.refuses(&request.clone().header("if-match", "1"), 400, "malformed_request", "a malformed ETag");
    });
}

fn is_kept(probe: &Probe<'_>) -> bool {
    if probe.operation.method != "POST" {
        return false;
    }
    let parameters = &super::document::DOCUMENT["paths"][&probe.operation.path]["post"]["parameters"];
    let kept = parameters.to_string().contains("IdempotencyKey");
    // The one whose answer holds a secret. No other may be added.
    let writes = probe.operation.writes() && probe.operation.id != "create_api_key";
    assert_eq!(kept, writes, "{} takes Idempotency-Key", probe.operation.id);
    kept
}

#[test]
fn every_write_by_post_is_done_once_for_its_idempotency_key() {
    walk(|probe| {
        if !is_kept(probe) {
            return;
        }
        let call = probe.call();
        let request = probe.request(&call).header("idempotency-key", "key-1");
        let first = probe.succeeds(&request, "the first time");
        let head = probe.client.head();
        let again = probe.succeeds(&request, "the same again");
        let of = |answer: &crate::support::Answer| {
            let header = |name: &str| answer.header(name).map(ToOwned::to_owned);
            (answer.status, header("location"), header("etag"), header("content-type"), answer.text.clone())
        };
        probe.check(of(&first) == of(&again), &request, || format!("{first:?} became {again:?}"));
        let spaced = format!("{} ", call.body.as_ref().unwrap());
        let mut changed = call.body.clone().unwrap();
        changed["nonsense_that_is_not_read"] = json!(1);
        let other = request.clone().bytes(spaced.as_bytes());
        probe.refuses(&other, 422, "idempotency_key_reused", "the key with another body");
        probe.check(probe.client.head() == head, &request, || "it was recorded twice".into());
        let new_key = request.clone().header("idempotency-key", "key-2").json(&changed);
        probe.refuses(&new_key, 422, "invalid", "an unknown field");
    });
}

#[test]
fn a_request_that_failed_is_not_kept_for_its_idempotency_key() {
    walk(|probe| {
        if !is_kept(probe) {
            return;
        }
        let call = probe.call();
        let request = probe.request(&call).header("idempotency-key", "key-1");
        let mut failing: Vec<Request> = vec![request.clone().json(&json!([]))];
        failing.extend(call.refused.as_ref().map(|refused| request.clone().json(refused)));
        failing.push(request.clone().header("if-match", "nonsense"));
        for failing in failing {
            let answer = probe.send(&failing);
            probe.check(answer.status >= 400, &failing, || format!("it must fail: {answer:?}"));
        }
        probe.succeeds(&request, "the key after failures");
    });
}

#[test]
fn an_idempotency_key_that_can_not_be_one_is_malformed() {
    walk(|probe| {
        if !is_kept(probe) {
            return;
        }
        let request = probe.request(&probe.call());
        for key in ["two words", &"k".repeat(256)] {
            probe.refuses(&request.clone().header("idempotency-key", key), 400, "malformed_request", key);
        }
        let mut twice = request.clone().header("idempotency-key", "one");
        twice.headers.push(("idempotency-key".into(), "two".into()));
        probe.refuses(&twice, 400, "malformed_request", "two keys");
        probe.succeeds(&request.header("idempotency-key", &"k".repeat(255)), "a long key");
    });
}

#[test]
fn every_read_answers_304_while_its_etag_holds() {
    walk(|probe| {
        // A stream is no state that a client could have.
        let streams = probe.operation.id == "stream_journal_entries";
        if probe.operation.method != "GET" || !probe.operation.is_versioned() || streams {
            return;
        }
        let request = probe.request(&probe.call());
        let first = probe.succeeds(&request, "without a condition");
        let etag = first.header("etag").unwrap_or_default().to_owned();
        probe.check(etag.starts_with('"') && etag.ends_with('"'), &request, || {
            format!("no strong ETag: {etag}")
        });
        for held in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".into()] {
            let request = request.clone().header("if-none-match", &held);
            let answer = probe.send(&request);
            let unchanged =
                answer.status == 304 && answer.text.is_empty() && answer.header("etag") == Some(&etag);
            probe.check(unchanged, &request, || format!("{held} must be 304, not {answer:?}"));
        }
        for malformed in malformed_tags() {
            let request = request.clone().header("if-none-match", &malformed);
            probe.refuses(&request, 400, "malformed_request", &malformed);
        }
        let other = request.clone().header("if-none-match", "\"other\"");
        let answer = probe.succeeds(&other, "another ETag");
        probe.check(answer.text == first.text, &request, || "two reads differ".into());
    });
}

#[test]
fn every_read_answers_head_with_the_same_headers_and_no_body() {
    walk(|probe| {
        if probe.operation.method != "GET" {
            return;
        }
        let request = probe.request(&probe.call());
        let of = |answer: &crate::support::Answer| {
            let mut headers = answer.headers.clone();
            // Numbers change from one read to the next, and with them their length.
            let numbers = request.target == "/metrics";
            headers.retain(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date"));
            headers.retain(|(name, _)| !(numbers && name == "content-length"));
            headers.sort();
            (answer.status, headers)
        };
        let read = probe.send(&request);
        let mut head = request.clone();
        head.method = "HEAD".into();
        let answer = probe.send(&head);
        probe.check(of(&answer) == of(&read), &head, || format!("{:?} is not {:?}", of(&answer), of(&read)));
        probe.check(answer.text.is_empty(), &head, || format!("a body: {}", answer.text));
    });
}
