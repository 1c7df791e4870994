//! A registry of a hundred thousand vendors and designations over ten years, written by SQL in seconds. What lists search
//! in is as uneven as in life: half of the rows under one authority, a state that few are in, a scheme that nobody uses.

use diesel::connection::SimpleConnection;
use risk_registry::db::AnyConnection;

use super::{
    super::support::{
        Backend, Client,
        samples::{details, event, order},
        sql::Raw,
    },
    catalogue,
};
use serde_json::json;

/// So many vendors and so many designations.
pub const MANY: u64 = 100_000;

/// The first so many designations, and those of categories, have a text that can be read, for standings.
const READABLE: u64 = 10_000;

/// What was recorded through HTTP: everything else refers to it, or is a copy of it.
pub struct People {
    pub authorities: Vec<String>,
    pub regimes: Vec<String>,
    pub vendor: String,
    pub designation: String,
    pub head: u64,
    /// The designation's text.
    text: String,
}

impl People {
    pub fn of(client: &Client) -> Self {
        let authorities: Vec<String> =
            (1..=60).map(|number| client.authority(&format!("Authority {number}"), "court")).collect();
        let regimes =
            (1..=25).map(|number| client.regime(&format!("regime-{number}"), "prohibited")).collect();
        let vendor = client.vendor("Zenith Works");
        let scope = json!([{ "environments": ["cui"], "actions": ["use"] }]);
        let designation = client.designation(&vendor, &order("2026-03-01", &scope));
        let text =
            client.get(&format!("/v1/journal/{}", client.head())).expect(200).json()["payload"].to_string();
        client.event(&designation, &event("noted", "2026-04-01", &details("noted", "", "")));
        Self { authorities, regimes, vendor, designation, head: client.head(), text }
    }
}

/// Where the filled journal stands.
pub struct Crowd {
    pub head: u64,
    /// Positions after which vendors, designations, second and third revisions begin.
    pub designations: u64,
    pub seconds: u64,
}

/// The id of the row of a kind and number that SQL makes.
pub fn id(kind: u32, number: u64) -> String {
    format!("019a{kind:04}-0000-7000-8000-{number:012x}")
}

pub const VENDOR: u32 = 1;
pub const DESIGNATION: u32 = 2;
const EVENT: u32 = 3;
const SCOPE: u32 = 4;

/// What is written one way for SQLite and another for PostgreSQL.
pub struct Dialect(pub Backend);

impl Dialect {
    pub fn id(&self, kind: u32, number: &str) -> String {
        let begin = format!("019a{kind:04}-0000-7000-8000-");
        self.0.says(
            format!("printf('{begin}%012x', {number})"),
            format!("('{begin}' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"),
        )
    }

    pub fn day(&self, number: &str) -> String {
        self.0.says(
            format!("date('2016-11-01', ({number}) || ' days')"),
            format!("(DATE '2016-11-01' + ({number})::int)"),
        )
    }

    /// The instant of a position: one every nineteen minutes.
    pub fn at(&self, seq: &str) -> String {
        self.0.says(
            format!("strftime('%Y-%m-%dT%H:%M:%S.000000Z', '2017-01-01', (({seq}) * 19) || ' minutes')"),
            format!("(TIMESTAMPTZ '2017-01-01 00:00:00+00' + ({seq}) * INTERVAL '19 minutes')"),
        )
    }

    pub fn json(&self, text: &str) -> String {
        self.0.says(text.to_owned(), format!("({text})::json"))
    }

    pub fn numbers(&self, last: u64) -> String {
        self.0.says(
            format!("(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {last}) SELECT i FROM c) AS n"),
            format!("generate_series(1, {last}) AS n(i)"),
        )
    }

    /// One of these ids, by a number from 1.
    pub fn one_of(&self, ids: &[String], number: &str) -> String {
        let cases: Vec<String> =
            ids.iter().enumerate().map(|(index, id)| format!("WHEN {} THEN '{id}'", index + 1)).collect();
        let text = format!("CASE {number} {} END", cases.join(" "));
        self.0.says(text.clone(), format!("({text})::uuid"))
    }
}

/// Fills the tables behind the registry's back. `connection` keeps no foreign keys.
pub fn fill(connection: &mut AnyConnection, backend: Backend, people: &People) -> Crowd {
    let d = Dialect(backend);
    let vendors = people.head;
    let designations = vendors + MANY;
    let seconds = designations + MANY;
    let thirds = seconds + MANY / 2;
    let head = thirds + MANY / 10;
    let all = d.numbers(MANY);
    if backend == Backend::Sqlite {
        connection.batch_execute("PRAGMA synchronous = OFF").unwrap();
        connection.batch_execute("PRAGMA cache_size = -400000").unwrap();
    }
    let mut run = |statement: String| {
        // A number that has nothing to do with the order of recording.
        let statement = statement.replace("@h ", "((i * 7919) % 100003) ");
        connection.run(&statement).unwrap_or_else(|failure| panic!("{failure}: {statement}"));
    };
    run("BEGIN".into());
    catalogue::fill(&d, people, &mut run);
    vendor_rows(&d, vendors, &mut run);
    super::reviews::fill(&d, &mut run);
    let vendor = format!(
        "CASE WHEN i % 2000 = 0 THEN NULL WHEN @h % 33 = 0 THEN {} ELSE {} END",
        d.id(VENDOR, "2"),
        d.id(VENDOR, "i")
    );
    let regime = d.one_of(
        &people.regimes,
        "(CASE WHEN @h % 10007 = 0 THEN 25 WHEN @h % 10 < 4 THEN 1 ELSE 2 + (@h / 10) % 23 END)",
    );
    let authority = d.one_of(
        &people.authorities,
        "(CASE WHEN @h % 9973 = 0 THEN 60 WHEN @h % 2 = 0 THEN 1 ELSE 2 + (@h % 997 * 7) % 58 END)",
    );
    let fixed = format!("{vendor}, {regime}, {authority}");
    let this = d.id(DESIGNATION, "i");
    let (first, second, third) =
        (format!("{designations} + i"), format!("{seconds} + i / 2"), format!("{thirds} + i / 10"));
    let begun = "((i % 3600) * 4649) % 3600";
    let origin =
        "CASE WHEN @h % 5003 = 0 THEN 'internal' WHEN @h % 10 = 7 THEN 'reported' ELSE 'official' END";
    let status = "CASE WHEN i % 1994 = 1 THEN 'voided' ELSE 'active' END";
    // Some are restricted, and some of the rest were so at first.
    let now = "CASE WHEN @h % 97 = 0 THEN 'restricted' ELSE 'public' END";
    let at_first = "CASE WHEN @h % 97 = 0 OR (@h % 89 = 0 AND i % 2 = 0) THEN 'restricted' ELSE 'public' END";
    let codes = "CASE WHEN @h % 4001 = 0 THEN ',counterfeit,sanctions,' WHEN @h % 10 < 6 THEN ',sanctions,' \
                 WHEN @h % 10 < 9 THEN ',export_control,vulnerability,' ELSE ',cyber_incident,fraud_or_corruption,' END";
    let ended = "@h % 100 BETWEEN 70 AND 84";
    let review = format!(
        "CASE WHEN i % 3 > 0 THEN NULL WHEN {ended} THEN {} ELSE {} END",
        d.day("(i * 31) % 3000"),
        d.day("3600 + (i * 31) % 1500")
    );
    let last = format!("CASE WHEN i % 10 = 0 THEN {third} WHEN i % 2 = 0 THEN {second} ELSE {first} END");

    // Texts: readable ones where standings are asked for, else as long as they are.
    let filler = format!("{{\"summary\":\"{}\",\"id\":\"", "x".repeat(300));
    let (id_of, vendor_of) = (d.id(DESIGNATION, "i"), d.id(VENDOR, "i"));
    let template =
        people.text.replace('\'', "''").replace(&people.designation, "{d}").replace(&people.vendor, "{v}");
    let document = format!(
        "CASE WHEN i <= {READABLE} OR i % 2000 = 0 THEN replace(replace('{template}', '{{d}}', CAST({id_of} AS text)), '{{v}}', \
         CAST({vendor_of} AS text)) ELSE '{filler}' || CAST({id_of} AS text) || '\"}}' END"
    );
    let document = d.json(&document);
    run(format!(
        "INSERT INTO designations SELECT {this}, {first}, {fixed}, {status}, {now}, \
         CASE WHEN i % 10 = 0 THEN 3 WHEN i % 2 = 0 THEN 2 ELSE 1 END, {}, {document} FROM {all}",
        d.at(&format!("({last})"))
    ));

    // Revisions: position, number, the position of the next one, which of them have it, and days after the first event.
    let second_until = format!("CASE WHEN i % 10 = 0 THEN {third} ELSE {} END", i64::MAX);
    let first_until = format!("CASE WHEN i % 2 = 0 THEN {second} ELSE {} END", i64::MAX);
    let open = i64::MAX.to_string();
    for (number, seq, until, which, event_at, later) in [
        (1, &first, &first_until, "i > 0", "i".to_owned(), 0),
        (2, &second, &second_until, "i % 2 = 0", format!("{MANY} + i"), 20),
        (3, &third, &open, "i % 10 = 0", format!("2 * {MANY} + i"), 40),
    ] {
        let occurred = d.day(&format!("{begun} + {later}"));
        let at = d.at(seq);
        let event_id = d.id(EVENT, &event_at);
        let then = if number == 1 { at_first } else { now };
        run(format!(
            "INSERT INTO journal SELECT {seq}, {at}, 'local', 'designation.event_recorded', 'designation', {this}, {number}, \
             {document}, {}, NULL, 'r', {then}, NULL, 'd' FROM {all} WHERE {which}",
            d.json("'{}'")
        ));
        run(format!(
            "INSERT INTO designation_versions SELECT {this}, {seq}, {until}, {fixed}, {origin}, {status}, \
             {then}, 'designation ' || ((i * 7919) % 5000), {at}, {occurred}, {review}, {codes} FROM {all} WHERE {which}"
        ));
        run(format!(
            "INSERT INTO designation_events SELECT {event_id}, {this}, {seq}, 'order_issued', {occurred}, NULL, NULL, {} \
             FROM {all} WHERE {which}",
            d.json("'{}'"),
        ));
    }
    run(format!("INSERT INTO designation_authorities SELECT {authority}, {this} FROM {all}"));
    let next = d.id(DESIGNATION, "(i + 1)");
    run(format!("INSERT INTO designation_mentions SELECT {next}, {this} FROM {all} WHERE i < {MANY}"));
    run(format!(
        "INSERT INTO designation_mentions SELECT {}, {this} FROM {all} WHERE i BETWEEN 10 AND 20",
        d.id(DESIGNATION, "1")
    ));
    // A court, here and there.
    run(format!(
        "INSERT INTO designation_authorities SELECT {}, {this} FROM {all} WHERE @h % 50 = 1 AND 2 + (@h % 997 * 7) % 58 <> 59",
        d.one_of(&people.authorities, "59")
    ));
    labels(&d, origin, codes, &mut run);
    periods(&d, (&vendor, begun), (&first, &second), &mut run);
    run(format!(
        "INSERT INTO idempotency_keys SELECT 'local', 'POST', '/v1/vendors', 'key-' || i, 'sha', 201, {}, '{{}}', {} FROM {all}",
        d.json("'{}'"),
        d.0.says("strftime('%Y-%m-%dT%H:%M:%S.000000Z', 'now')", "now()")
    ));
    run(format!("UPDATE journal_head SET seq = {head}, recorded_at = {}", d.at(&head.to_string())));
    run("COMMIT".into());
    if backend == Backend::Postgres {
        run("ANALYZE".into());
    }
    Crowd { head, designations, seconds }
}

fn vendor_rows(d: &Dialect, seq: u64, run: &mut impl FnMut(String)) {
    let all = d.numbers(MANY);
    let this = d.id(VENDOR, "i");
    let status = "CASE WHEN i % 1000 = 0 THEN 'retired' ELSE 'active' END";
    let name = "'w' || ((i * 31) % 5000) || CASE WHEN i % 2 = 0 THEN ' acme ' ELSE ' bolt ' END || i";
    let document = d.json(&format!(
        "'{{\"summary\":\"{}\",\"legal_name\":\"Vendor ' || i || '\",\"id\":\"' || CAST({this} AS text) || '\"}}'",
        "x".repeat(300)
    ));
    let at = d.at(&format!("{seq} + i"));
    run(format!(
        "INSERT INTO vendors SELECT {this}, {seq} + i, {status}, {name}, CASE WHEN i % 2 = 0 THEN 'US' WHEN i % 4999 = 0 \
         THEN 'IS' ELSE substr('DEFRGBITESNLBEATCHSE', 1 + 2 * ((i / 2) % 10), 2) END, 1, {at}, {document} FROM {all}"
    ));
    run(format!(
        "INSERT INTO journal SELECT {seq} + i, {at}, 'local', 'vendor.created', 'vendor', {this}, 1, {document}, NULL, NULL, \
         'r', 'public', NULL, 'd' FROM {all}"
    ));
    for word in
        ["CASE WHEN i % 2 = 0 THEN 'acme' ELSE 'bolt' END", "'w' || ((i * 31) % 5000)", "CAST(i AS text)"]
    {
        run(format!("INSERT INTO vendor_words SELECT {word}, {this} FROM {all}"));
    }
    run(format!("INSERT INTO vendor_identifiers SELECT {this}, 'cik', CAST(i AS text), {status} FROM {all}"));
    run(format!("INSERT INTO vendor_labels SELECT {this}, 'role', 'supplier' FROM {all} WHERE i % 2 = 0"));
    run(format!("INSERT INTO vendor_labels SELECT {this}, 'role', 'foundry' FROM {all} WHERE i % 3001 = 0"));
    run(format!("INSERT INTO vendor_labels SELECT {this}, 'tag', 't' || (i % 200) FROM {all}"));
}

fn labels(d: &Dialect, origin: &str, codes: &str, run: &mut impl FnMut(String)) {
    let (all, this) = (d.numbers(MANY), d.id(DESIGNATION, "i"));
    let mut insert = |label: &str, which: &str| {
        run(format!("INSERT INTO designation_labels SELECT {label}, {this} FROM {all} WHERE {which}"));
    };
    insert(&format!("'origin:' || {origin}"), "i > 0");
    for code in [
        "counterfeit",
        "sanctions",
        "export_control",
        "vulnerability",
        "cyber_incident",
        "fraud_or_corruption",
    ] {
        insert(&format!("'reason_code:{code}'"), &format!("{codes} LIKE '%,{code},%'"));
    }
    for (kind, column, words) in [
        ("environment", ENVIRONMENTS, vec!["cui", "secret", "sci"]),
        ("action", ACTIONS, vec!["invest", "procure", "use"]),
    ] {
        insert(&format!("'{kind}:'"), &format!("{column} = ''"));
        for word in words {
            insert(&format!("'{kind}:{word}'"), &format!("{column} LIKE '%,{word},%'"));
        }
    }
}

const ENVIRONMENTS: &str = "CASE WHEN @h % 5009 = 0 THEN ',sci,' WHEN @h % 4 < 2 THEN '' WHEN @h % 4 = 2 THEN ',cui,' \
                            ELSE ',cui,secret,' END";
const ACTIONS: &str =
    "CASE WHEN @h % 7001 = 0 THEN ',invest,' WHEN @h % 2 = 0 THEN ',procure,use,' ELSE ',use,' END";

fn periods(
    d: &Dialect,
    (vendor, begun): (&str, &str),
    (first, second): (&str, &str),
    run: &mut impl FnMut(String),
) {
    let all = d.numbers(MANY);
    let known = format!("CASE WHEN i % 2 = 0 THEN {second} ELSE {first} END");
    let (this, scope, event) = (d.id(DESIGNATION, "i"), d.id(SCOPE, "i"), d.id(EVENT, "i"));
    let turned = format!(
        "{begun} + CASE WHEN @h % 100 < 70 THEN 365 WHEN @h % 100 < 85 THEN 400 WHEN @h % 100 < 90 THEN 300 ELSE 200 END"
    );
    let never = d.0.says("'9999-12-31'", "DATE '9999-12-31'");
    let rare = "CASE (@h / 100) % 10 WHEN 0 THEN 'proposed' WHEN 1 THEN 'noticed' WHEN 2 THEN 'interim' WHEN 3 THEN 'issued' \
                WHEN 4 THEN 'vacated' WHEN 5 THEN 'withdrawn' WHEN 6 THEN 'superseded' ELSE 'in_force' END";
    let after = "CASE WHEN @h % 100 < 70 THEN 'expired' WHEN @h % 100 < 85 THEN 'rescinded' WHEN @h % 100 < 90 THEN 'stayed' \
                 ELSE 'delisted' END";
    let mut insert = |from: &str, to: &str, state: &str, known: &str, which: &str| {
        run(format!(
            "INSERT INTO designation_periods SELECT {this}, {scope}, {event}, {from}, {to}, {state}, {event}, {known}, {vendor}, \
             {ENVIRONMENTS}, {ACTIONS} FROM {all} WHERE i % 1994 <> 1 AND {which}"
        ));
    };
    let (from, turned) = (d.day(begun), d.day(&turned));
    let now = format!("{known}, {}", i64::MAX);
    insert(&from, never, "'in_force'", &now, "@h % 100 < 60");
    insert(&from, &turned, "'in_force'", &now, "@h % 100 BETWEEN 60 AND 98");
    insert(&turned, never, after, &now, "@h % 100 BETWEEN 60 AND 98");
    insert(&from, never, rare, &now, "@h % 100 = 99");
    // What was thought before the second revision.
    let before = format!("{first}, {second}");
    insert(&from, never, "CASE WHEN i % 4 = 0 THEN 'proposed' ELSE 'in_force' END", &before, "i % 2 = 0");
}
