//! What a server answers to reads of all that it has, now and as known before.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::Client;

/// Status, ETag and body by path.
pub type Answers = BTreeMap<String, (u16, Option<String>, String)>;

/// Every record with its history, timelines, standings and lists, now and as known at positions up to the head.
pub fn answers(client: &Client, head: u64) -> Answers {
    let positions = [head, head / 2, head / 4, 40];
    let mut paths = vec!["/v1/journal?limit=500".to_owned()];
    for number in 0..head / 500 {
        paths.push(format!("/v1/journal?limit=500&after={}", (number + 1) * 500));
    }
    for (kind, ended) in [
        ("vendors", "retired"),
        ("authorities", "retired"),
        ("regimes", "retired"),
        ("designations", "voided"),
    ] {
        let list = format!("/v1/{kind}?limit=500");
        let over = format!("{list}&status={ended}");
        for record in client.all(&list).iter().chain(&client.all(&over)) {
            let path = format!("/v1/{kind}/{}", record["id"].as_str().unwrap());
            paths.extend(of_record(kind, &path, &positions));
        }
        paths.extend(["name", "-updated_at"].map(|sort| format!("{list}&sort={sort}")));
        paths.push(over);
    }
    for position in positions {
        for filter in
            ["in_force_on=2026-03-10", "state=stayed", "reason_code=vulnerability", "sort=-updated_at"]
        {
            paths.push(format!("/v1/designations?limit=500&{filter}&known_seq={position}"));
        }
    }
    paths.into_iter().map(|path| (path.clone(), answer(client, &path))).collect()
}

fn of_record(kind: &str, path: &str, positions: &[u64]) -> Vec<String> {
    let mut paths = vec![path.to_owned(), format!("{path}/history")];
    for position in positions {
        paths.push(format!("{path}?known_seq={position}"));
        match kind {
            "vendors" => {
                paths.push(format!("{path}/standing?on=2026-04-10&known_seq={position}"));
                paths.push(format!("{path}/standing?on=2026-06-01&environment=secret&known_seq={position}"));
            }
            "designations" => paths.push(format!("{path}/timeline?known_seq={position}")),
            _ => {}
        }
    }
    match kind {
        "vendors" => paths.push(format!("{path}/designations")),
        "designations" => paths.extend(["events", "reasons"].map(|rest| format!("{path}/{rest}"))),
        _ => {}
    }
    paths
}

fn answer(client: &Client, path: &str) -> (u16, Option<String>, String) {
    let answer = client.get_with(path, &[("x-request-id", "the-same")]);
    assert!(matches!(answer.status, 200 | 404), "{path}: {answer:?}");
    let body: Value = answer.json();
    assert!(body.is_object(), "{path}");
    (answer.status, answer.header("etag").map(ToOwned::to_owned), answer.text)
}
