//! What was counted is told again as long as it is true, and no longer: whatever is recorded that could change it is counted.

use serde_json::{Value, json};

use crate::support::{Client, Office, samples::order};

/// How many counts were made so far.
fn made(client: &Client) -> u64 {
    let numbers = client.get("/metrics").expect(200);
    let line = numbers.text.lines().find(|line| line.starts_with("risk_registry_statistics_counted_total"));
    line.and_then(|line| line.split_once(' ')).unwrap().1.parse().unwrap()
}

fn designation(client: &Client, vendor: &str, visibility: &str) -> String {
    let mut body = client.designation_body(vendor, &order("2026-03-03", &json!([{}])));
    body["visibility"] = json!(visibility);
    client.post("/v1/designations", &body).expect(201).id()
}

struct Asked<'o> {
    office: &'o Office,
    path: &'static str,
}

impl Asked<'_> {
    /// The answer, and how many counts it took.
    fn by(&self, client: &Client) -> (Value, u64) {
        let before = made(&self.office.viewer);
        let answer = client.get(self.path).expect(200).json();
        assert_eq!(answer["known_seq"], self.office.auditor.head(), "{answer}");
        (answer["items"].clone(), made(&self.office.viewer) - before)
    }
}

#[test]
fn a_count_is_kept_until_something_is_recorded_that_could_change_it() {
    let office = Office::open();
    let analyst = &office.analyst;
    let acme = analyst.vendor("Acme");
    let first = designation(analyst, &acme, "public");
    for path in [
        "/v1/statistics/designations?on=2026-04-10&group_by=authority",
        "/v1/statistics/designations/series?from=2026-04-01&to=2026-06-01&group_by=authority",
    ] {
        let asked = Asked { office: &office, path };
        let (items, counted) = asked.by(&office.viewer);
        assert_eq!(counted, 1, "{path}");
        assert_eq!(asked.by(&office.viewer), (items.clone(), 0), "asked again");
        // Whoever sees more has an answer of their own, though nothing is hidden yet.
        assert_eq!(asked.by(analyst), (items.clone(), 1));
        assert_eq!(asked.by(&office.auditor), (items.clone(), 0), "who sees as much");

        // A vendor changes no count, only the position that it is told from.
        analyst.vendor(&format!("Besides {path}"));
        assert_eq!(asked.by(&office.viewer), (items.clone(), 0));

        // A hidden designation: those who see it are told of it at once, the others of nothing.
        let hidden = designation(analyst, &acme, "restricted");
        let (more, _) = asked.by(analyst);
        assert_ne!(more, items);
        assert_eq!(asked.by(&office.viewer).0, items);
        // It becomes public, and is hidden again: nobody is told from memory what is hidden now.
        let show = |visibility: &str| {
            let path = format!("/v1/designations/{hidden}");
            let etag = analyst.get(&path).etag();
            analyst.patch(&path, &etag, &json!({ "visibility": visibility })).expect(200);
        };
        show("public");
        assert_eq!(asked.by(&office.viewer).0, more);
        show("restricted");
        assert_eq!(asked.by(&office.viewer).0, items);
        analyst.end(&format!("/v1/designations/{hidden}"), "Only for this");
        assert_eq!(asked.by(analyst).0, items);

        // What people call an authority stands in the answer.
        let authority = items[0]["authority"].as_str().unwrap();
        let named = format!("/v1/authorities/{authority}");
        let old = analyst.get(&named).json()["name"].clone();
        let rename = |name: &Value| {
            analyst.patch(&named, &analyst.get(&named).etag(), &json!({ "name": name })).expect(200);
        };
        rename(&json!("Another name"));
        assert_eq!(asked.by(&office.viewer).0[0]["authority_name"], "Another name");
        rename(&old);
        assert_eq!(asked.by(&office.viewer).0, items);
    }
    // The past is told as it was, whatever comes after, and is counted once.
    let then = office.auditor.head();
    analyst.end(&format!("/v1/designations/{first}"), "Recorded by mistake");
    let path = format!("/v1/statistics/designations?on=2026-04-10&known_seq={then}");
    let total = |client: &Client| client.get(&path).expect(200).json()["total"]["designations"].clone();
    assert_eq!(total(&office.viewer), 1);
    let before = made(&office.viewer);
    assert_eq!(total(&office.viewer), 1);
    assert_eq!(made(&office.viewer), before);
}
