//! What is asked of the large registry: every list with every filter, rare and common, in every order; standings; the
//! feed; writes.

use serde_json::{Value, json};

use super::{
    super::support::samples::{event, order},
    catalogue,
    crowd::{Crowd, DESIGNATION, MANY, People, VENDOR, id},
    filters::{PUBLIC, designation_filters, vendor_filters},
    reviews, statistics,
};

/// What a call is, and so how much it may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A page of a list.
    Page,
    /// A page of what is to be reviewed: what has ended and kept its date is looked at as well.
    Due,
    /// A page of a list as known long ago.
    PastPage,
    /// The standing of so many vendors.
    Standing(u64),
    /// A look-up by key.
    Key,
    Write,
    /// Statistics of everything.
    Count,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Page => "pages",
            Self::Due => "pages of what is due",
            Self::PastPage => "pages of the past",
            Self::Standing(_) => "standings",
            Self::Key => "look-ups",
            Self::Write => "writes",
            Self::Count => "statistics",
        }
    }

    /// How many rows of a large table one step of a statement may touch.
    pub const fn allowance(self) -> u64 {
        match self {
            // Five thousand at most are looked up, and the periods of each.
            Self::Page => 12_000,
            Self::PastPage => 20_000,
            Self::Standing(vendors) => 1000 + 5 * vendors,
            Self::Due => 30_000,
            Self::Key | Self::Write => 300,
            // All periods once, and all versions.
            Self::Count => 450_000,
        }
    }

    /// Whether it may go through a whole table, which it must where everything counts.
    pub const fn counts_everything(self) -> bool {
        matches!(self, Self::Count)
    }
}

#[derive(Debug)]
pub struct Call {
    pub kind: Kind,
    pub method: &'static str,
    pub path: String,
    pub body: Option<Value>,
    pub statuses: Vec<u16>,
    /// A plain query for the ids of the list, in its order.
    pub wanted: Option<String>,
    /// Whether somebody asks who sees what is public alone.
    pub viewer: bool,
}

impl Call {
    pub fn get(kind: Kind, path: impl Into<String>) -> Self {
        Self {
            kind,
            method: "GET",
            path: path.into(),
            body: None,
            statuses: vec![200],
            wanted: None,
            viewer: false,
        }
    }

    fn send(method: &'static str, path: impl Into<String>, body: Value) -> Self {
        let statuses = vec![200, 201];
        Self {
            kind: Kind::Write,
            method,
            path: path.into(),
            body: Some(body),
            statuses,
            wanted: None,
            viewer: false,
        }
    }

    /// The lists of a kind of record, with each filter, in each order.
    pub fn of_records(table: &str, filters: &[(String, String)]) -> Vec<Self> {
        let mut calls = Vec::new();
        for (filter, condition) in filters {
            for status in ["active", "retired"] {
                for (sort, order) in [
                    ("name", "name_key, id"),
                    ("-name", "name_key DESC, id DESC"),
                    ("updated_at", "updated_at, id"),
                    ("-updated_at", "updated_at DESC, id DESC"),
                ] {
                    if status == "retired" && sort != "name" {
                        continue;
                    }
                    let path = format!("/v1/{table}?{filter}status={status}&sort={sort}");
                    let wanted = format!(
                        "SELECT CAST(id AS text) AS line FROM {table} WHERE status = '{status}' AND {condition} ORDER BY {order}"
                    );
                    calls.push(Self { wanted: Some(wanted), ..Self::get(Kind::Page, path) });
                }
            }
        }
        calls
    }
}

/// All of them, the reads also as a viewer asks for them; the writes come last.
pub fn all(people: &People, crowd: &Crowd) -> Vec<Call> {
    let mut calls = catalogue::calls(people);
    calls.extend(reviews::calls());
    for viewer in [false, true] {
        let mut reads = Call::of_records("vendors", &vendor_filters(viewer));
        // Only what asks for designations is asked again.
        reads.retain(|call| !viewer || call.path.contains("designated"));
        reads.extend(designations(people, crowd, viewer));
        reads.extend(standings(crowd));
        reads.extend(statistics::calls(people, crowd));
        reads.extend(rest(people, crowd));
        calls.extend(reads.into_iter().map(|call| Call { viewer, ..call }));
    }
    calls.extend(writes(people));
    calls
}

const ORDERS: [(&str, &str); 3] =
    [("name", "v.name_key"), ("updated_at", "v.updated_at"), ("latest_event", "v.latest_event_on")];

fn designations(people: &People, crowd: &Crowd, viewer: bool) -> Vec<Call> {
    let mut calls = Vec::new();
    let (early, middle) = (crowd.designations + 700, crowd.seconds + 25_000);
    let seen = format!(" AND v.visibility = 'public' AND v.designation_id {PUBLIC}");
    let seen = if viewer { seen } else { String::new() };
    for (filter, condition) in designation_filters(people) {
        for (position, kind) in [(crowd.head, Kind::Page), (middle, Kind::PastPage), (early, Kind::PastPage)]
        {
            let kind = match kind {
                Kind::Page if filter.starts_with("review") => Kind::Due,
                // The past of what was due has no index of its own.
                Kind::PastPage if filter.starts_with("review") => continue,
                kind => kind,
            };
            let known = if position == crowd.head { String::new() } else { format!("&known_seq={position}") };
            for status in ["active", "voided"] {
                for (number, (sort, key)) in ORDERS.into_iter().enumerate() {
                    for (minus, descending) in [("", ""), ("-", " DESC")] {
                        let path =
                            format!("/v1/designations?{filter}status={status}&sort={minus}{sort}{known}");
                        let wanted = format!(
                            "SELECT CAST(v.designation_id AS text) AS line FROM designation_versions v \
                             WHERE v.status = '{status}' AND v.known_from_seq <= {position} AND v.known_to_seq > {position} \
                             AND {}{seen} ORDER BY {key}{descending}, v.designation_id{descending}",
                            condition.replace("{seq}", &position.to_string())
                        );
                        let compared = number == 0 && descending.is_empty() && status == "active";
                        // Each order one way at the head; of the past and of the voided, one order is enough.
                        let at_head = kind != Kind::PastPage
                            && (descending.is_empty() == (number != 1) || filter.is_empty());
                        let at_all = filter.is_empty() || number == 0 && descending.is_empty();
                        let rare = filter.starts_with("action") || filter.starts_with("state=p");
                        if (status == "active" && (at_head || at_all)) || (at_all && rare) {
                            calls.push(Call { wanted: compared.then_some(wanted), ..Call::get(kind, path) });
                        }
                    }
                }
            }
        }
    }
    for number in [2, 77] {
        for sort in ["name", "-updated_at", "latest_event"] {
            let path = format!("/v1/vendors/{}/designations?sort={sort}", id(VENDOR, number));
            calls.push(Call::get(Kind::Page, path));
        }
    }
    calls
}

fn standings(crowd: &Crowd) -> Vec<Call> {
    let mut calls = Vec::new();
    for known in [String::new(), format!("&known_seq={}", crowd.seconds)] {
        let path = format!("/v1/vendors/{}/standing?on=2026-06-01{known}", id(VENDOR, 77));
        calls.push(Call::get(Kind::Key, path));
    }
    for many in [1, 100, 10_000] {
        for by_identifier in [false, true] {
            for known in [None, Some(crowd.seconds + 100)] {
                let named = |number: u64| match by_identifier {
                    true => json!({ "scheme": "cik", "value": number.to_string() }),
                    false => json!({ "vendor_id": id(VENDOR, number) }),
                };
                // Not the vendor that has thousands, whose designations would all be read.
                let vendors: Vec<Value> =
                    (0..many).map(|number| named(3 + number * (10_000 / many).min(7) % 9990)).collect();
                let mut body = json!({ "vendors": vendors, "on": "2026-06-01" });
                if let Some(seq) = known {
                    body["known_seq"] = json!(seq);
                }
                for path in ["/v1/standing-checks", "/v1/exports/standing-checks?format=ndjson"] {
                    calls.push(Call { kind: Kind::Standing(many), ..Call::send("POST", path, body.clone()) });
                }
            }
        }
    }
    calls
}

fn rest(people: &People, crowd: &Crowd) -> Vec<Call> {
    let mut calls = Vec::new();
    // An export reads all that its filters leave, and nothing else where they leave little.
    for query in
        ["vendors?identifier=cik:77", "vendors?name=w77%20acme%2077", "vendors?role=foundry&country=US"]
    {
        calls.push(Call::get(Kind::Page, format!("/v1/exports/{query}&format=ndjson")));
    }
    for query in [
        "reason_code=counterfeit",
        &format!("vendor_id={}", id(VENDOR, 77)),
        "origin=internal&sort=-updated_at",
    ] {
        calls.push(Call::get(Kind::Page, format!("/v1/exports/designations?{query}&format=ndjson")));
    }
    for after in [0, MANY, crowd.head - 10] {
        calls.push(Call::get(Kind::Page, format!("/v1/journal?after={after}")));
        for kind in ["vendor", "designation", "regime", "authority", "api_key"] {
            calls.push(Call::get(Kind::Page, format!("/v1/journal?after={after}&subject_kind={kind}")));
        }
    }
    let designation = id(DESIGNATION, 20);
    for path in [
        format!("/v1/vendors/{}/history", people.vendor),
        format!("/v1/designations/{}/history", people.designation),
    ] {
        calls.push(Call::get(Kind::Page, path));
    }
    for path in [
        format!("/v1/designations/{designation}"),
        format!("/v1/designations/{designation}?known_seq={}", crowd.seconds),
        format!("/v1/designations/{}/events", people.designation),
        format!("/v1/designations/{}/reasons", people.designation),
        format!("/v1/designations/{}/timeline", people.designation),
        format!("/v1/vendors/{}?known_at=2019-01-01", id(VENDOR, 5)),
        "/v1/journal/5000".into(),
    ] {
        calls.push(Call::get(Kind::Key, path));
    }
    calls
}

fn writes(people: &People) -> Vec<Call> {
    let (vendor, designation) = (&people.vendor, &people.designation);
    let body = json!({ "legal_name": "Another", "kind": "company", "roles": ["supplier"], "tags": ["t1"],
                       "identifiers": [{ "scheme": "cik", "value": "900001" }], "names": [{ "name": "Also", "kind": "alias" }] });
    let new = json!({
        "vendor_id": vendor, "regime_id": people.regimes[0], "authority_id": people.authorities[0], "title": "New",
        "instrument": "determination", "origin": "official", "basis_disclosure": "public",
        "reasons": [super::super::support::samples::reason()],
        "event": order("2026-05-01", &json!([{ "environments": ["secret"] }])),
    });
    let refused = |call: Call| Call { statuses: vec![409], ..call };
    let comment = "?comment=Mistaken";
    vec![
        Call::send("POST", "/v1/vendors", body.clone()),
        // Again: the kept answer.
        Call::send("POST", "/v1/vendors", body),
        Call::send("PATCH", format!("/v1/vendors/{vendor}"), json!({ "tags": ["t2"], "country": "FR" })),
        refused(Call { body: None, ..Call::send("DELETE", format!("/v1/vendors/{vendor}"), Value::Null) }),
        Call::send("POST", "/v1/designations", new),
        Call::send(
            "POST",
            format!("/v1/designations/{designation}/events"),
            event("rescinded", "2026-06-01", &json!({})),
        ),
        Call::send("PATCH", format!("/v1/designations/{designation}"), json!({ "title": "Renamed" })),
        Call {
            body: None,
            ..Call::send("DELETE", format!("/v1/designations/{designation}{comment}"), Value::Null)
        },
        refused(Call {
            body: None,
            ..Call::send("DELETE", format!("/v1/authorities/{}", people.authorities[0]), Value::Null)
        }),
        refused(Call {
            body: None,
            ..Call::send("DELETE", format!("/v1/regimes/{}", people.regimes[0]), Value::Null)
        }),
        refused(Call {
            body: None,
            ..Call::send("DELETE", format!("/v1/regimes/{}", people.regimes[24]), Value::Null)
        }),
    ]
}
