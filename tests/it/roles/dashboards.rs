//! The views for tools that speak only SQL: they show what a viewer is shown, and their role sees nothing else.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU32, Ordering},
};

use diesel::connection::SimpleConnection;
use risk_registry::{
    access::FourEyes,
    db::{AnyConnection, Purpose, open},
};
use serde_json::{Value, json};

use super::{Owned, as_role, run, url};
use crate::support::{
    Backend, Client, Database, Office, declared, postgres, process,
    samples::{event, order, reason},
    sql::Raw,
};

const VIEWS: [&str; 8] = [
    "authorities",
    "designation_events",
    "designation_periods",
    "designation_reasons",
    "designations",
    "journal",
    "regimes",
    "vendors",
];

static MADE: AtomicU32 = AtomicU32::new(0);

/// A role of dashboards, gone with the value.
struct Reader {
    name: String,
    administrator: AnyConnection,
}

impl Reader {
    fn new(target: &risk_registry::db::Target) -> Self {
        let name = format!("reader_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        Self { name, administrator: open(target, Purpose::Owner).unwrap() }
    }

    fn connect(&self, target: &risk_registry::db::Target) -> AnyConnection {
        let url = as_role(target, &self.name);
        AnyConnection::Postgres(diesel::Connection::establish(&url).unwrap())
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let name = &self.name;
        drop(self.administrator.batch_execute(&format!("DROP OWNED BY {name}; DROP ROLE {name}")));
    }
}

#[track_caller]
fn refused(connection: &mut AnyConnection, statement: &str) {
    let failure = connection.run(statement).expect_err(statement);
    let rightly = [
        "permission denied",
        "read-only transaction",
        "cannot delete from view",
        "cannot insert into view",
        "must be owner",
    ];
    assert!(rightly.iter().any(|text| failure.contains(text)), "{statement}: {failure}");
}

/// Records that are public, restricted, and were one and are the other; gives the restricted ones.
fn fill(client: &Client) -> Vec<String> {
    let vendor = client.vendor("Acme");
    let record = |title: &str, visibility: &str| {
        let scopes = json!([{ "environments": ["secret", "cui"] }, { "actions": ["use"] }]);
        let mut body = client.designation_body(&vendor, &order("2026-02-01", &scopes));
        (body["title"], body["visibility"]) = (json!(title), json!(visibility));
        client.post("/v1/designations", &body).expect(201).id()
    };
    let path = |id: &str| format!("/v1/designations/{id}");
    let public = record("Public", "public");
    client.event(&public, &event("rescinded", "2026-05-01", &json!({})));
    client.post(&format!("{}/reasons", path(&public)), &reason()).expect(201);
    let stayed = record("Stayed", "public");
    let court = client.authority("A court", "court");
    let stay = json!({ "authority_id": court, "case_number": "1" });
    client.event(&stayed, &event("stayed", "2026-03-01", &stay));
    let voided = record("A mistake", "public");
    client.end(&path(&voided), "Recorded twice");
    let restricted = record("Hush", "restricted");
    let gone = record("Was public, hush", "public");
    client.change(&path(&gone), &json!({ "visibility": "restricted" }));
    let published = record("Hush, not yet", "restricted");
    client.event(&published, &event("noted", "2026-02-02", &json!({})));
    client.change(&path(&published), &json!({ "visibility": "public", "title": "Published" }));
    client.change(&path(&published), &json!({ "reference": "N-1" }));
    vec![restricted, gone]
}

/// The rows of a query's one column, as a set.
fn set(connection: &mut AnyConnection, query: &str) -> BTreeSet<String> {
    let lines = connection.lines(query);
    let all: BTreeSet<String> = lines.iter().cloned().collect();
    assert_eq!(all.len(), lines.len(), "{query}: a row comes twice");
    all
}

fn texts(items: &[Value], fields: &[&str]) -> BTreeSet<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    items
        .iter()
        .map(|item| fields.iter().map(|field| text(&item[*field])).collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn the_role_of_dashboards_reads_what_a_viewer_is_shown_and_nothing_else() {
    if !postgres::is_there() {
        return;
    }
    let database = Database::fresh_on(Backend::Postgres);
    let office = Office::on(database.clone(), FourEyes::Off);
    let restricted = fill(&office.analyst);
    let reader = Reader::new(&database.target);
    let migrate = |more: &[&str]| {
        let begin = ["migrate", "--server-role", "none", "--database-url", url_of(&database)];
        run(&[&begin[..], more].concat())
    };
    let (done, said) = migrate(&["--dashboards-role", &reader.name]);
    assert!(done && said.contains(&reader.name), "{said}");

    let mut connection = reader.connect(&database.target);
    let views = "SELECT c.relname::text AS line FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE n.nspname = 'dashboards' AND c.relkind = 'v' AND c.reloptions = ARRAY['security_barrier=true'] \
                 ORDER BY 1";
    assert_eq!(connection.lines(views), VIEWS);
    for view in VIEWS {
        let rows = connection.lines(&format!("SELECT v::text AS line FROM dashboards.{view} v"));
        assert!(!rows.is_empty(), "{view} shows nothing");
        let shown = rows.join("\n").to_lowercase();
        for hidden in restricted.iter().map(String::as_str).chain(["anna.analyst", "hush", "recorded twice"])
        {
            assert!(!shown.contains(hidden), "{view} shows {hidden}");
        }
    }
    as_a_viewer_sees_it(&office.viewer, &mut connection);

    assert_eq!(documented().len(), 4);
    for query in documented() {
        let rows = connection.number(&format!("SELECT count(*) AS number FROM ({query}) AS documented"));
        assert!(rows > 0, "{query}");
    }

    for table in declared::tables().keys().map(String::as_str).chain(["__diesel_schema_migrations"]) {
        refused(&mut connection, &format!("SELECT * FROM public.{table}"));
        refused(&mut connection, &format!("SELECT count(*) FROM public.{table}"));
    }
    connection.run("SET default_transaction_read_only = off").unwrap();
    for view in VIEWS {
        refused(&mut connection, &format!("DELETE FROM dashboards.{view}"));
        refused(&mut connection, &format!("DROP VIEW dashboards.{view}"));
    }
    for statement in [
        "UPDATE dashboards.vendors SET status = 'retired'",
        "INSERT INTO dashboards.authorities (kind) VALUES ('other')",
        "CREATE TABLE dashboards.mine (n int)",
        "CREATE VIEW dashboards.mine AS SELECT 1",
        "CREATE TABLE public.mine (n int)",
        "CREATE FUNCTION dashboards.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SET ROLE postgres",
    ] {
        refused(&mut connection, statement);
    }
    // A function that tells what it is shown is not shown more than the view shows: without security_barrier the planner
    // would try it on hidden rows first.
    connection.run("CREATE FUNCTION pg_temp.tell(text) RETURNS bool LANGUAGE plpgsql COST 0.0001 AS \
                    $$ BEGIN IF $1 LIKE '%ush%' THEN RAISE EXCEPTION 'told %', $1; END IF; RETURN true; END $$").unwrap();
    let told =
        connection.lines("SELECT title AS line FROM dashboards.designations WHERE pg_temp.tell(title)");
    assert_eq!(told.len(), 3, "{told:?}");

    // What somebody took away or granted too much is as it was after the next migration, without a word of the role.
    let mut administrator = open(&database.target, Purpose::Owner).unwrap();
    administrator
        .batch_execute(&format!(
            "DROP VIEW dashboards.journal; GRANT ALL ON ALL TABLES IN SCHEMA dashboards TO {}, PUBLIC",
            reader.name
        ))
        .unwrap();
    let (done, said) = migrate(&[]);
    assert!(done, "{said}");
    assert!(connection.number("SELECT count(*) AS number FROM dashboards.journal") > 5);
    refused(&mut connection, "INSERT INTO dashboards.authorities (kind) VALUES ('other')");
    assert!(process::verify(url_of(&database)).status.success());
}

fn url_of(database: &Database) -> &str {
    url(&database.target)
}

/// The queries of docs/dashboards.md.
fn documented() -> Vec<&'static str> {
    let text = include_str!("../../../docs/dashboards.md");
    text.split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// Each view has the rows that the API has for a viewer.
fn as_a_viewer_sees_it(viewer: &Client, connection: &mut AnyConnection) {
    let designations = viewer.all("/v1/designations?limit=500");
    assert_eq!(designations.len(), 3);
    let shown = set(
        connection,
        "SELECT concat_ws(' ', designation_id, title, effect, origin, vendor_id, authority_id) AS line \
         FROM dashboards.designations",
    );
    assert_eq!(
        shown,
        texts(&designations, &["id", "title", "effect", "origin", "vendor_id", "authority_id"])
    );
    let now: Vec<Value> = designations
        .iter()
        .map(|designation| json!({ "id": designation["id"], "state": designation["current"]["state"], "in_force": designation["current"]["in_force"] }))
        .collect();
    let shown =
        "SELECT concat_ws(' ', designation_id, state, in_force::text) AS line FROM dashboards.designations";
    assert_eq!(set(connection, shown), texts(&now, &["id", "state", "in_force"]));

    let (mut periods, mut events, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    for designation in &designations {
        let id = designation["id"].as_str().unwrap();
        let get = |part: &str| viewer.get(&format!("/v1/designations/{id}/{part}")).expect(200).json();
        for scope in get("timeline")["scopes"].as_array().unwrap() {
            for period in scope["periods"].as_array().unwrap() {
                let mut period = period.clone();
                (period["scope"], period["id"]) = (scope["scope_id"].clone(), json!(id));
                periods.push(period);
            }
        }
        let of = |list: Value| list["items"].as_array().unwrap().clone();
        events.extend(of(get("events")));
        reasons.extend(of(get("reasons")));
    }
    let shown = "SELECT concat_ws(' ', designation_id, scope_id, state, from_on, coalesce(to_on::text, 'null')) AS line \
                 FROM dashboards.designation_periods";
    assert_eq!(set(connection, shown), texts(&periods, &["id", "scope", "state", "from", "to"]));
    let shown =
        "SELECT concat_ws(' ', event_id, type, occurred_on) AS line FROM dashboards.designation_events";
    assert_eq!(set(connection, shown), texts(&events, &["id", "type", "occurred_on"]));
    let shown =
        "SELECT concat_ws(' ', reason_id, code, statement) AS line FROM dashboards.designation_reasons";
    assert_eq!(set(connection, shown), texts(&reasons, &["id", "code", "statement"]));
    let shown = "SELECT concat_ws(' ', seq, action, subject_id) AS line FROM dashboards.journal";
    let feed = viewer.all("/v1/journal?limit=500");
    assert_eq!(set(connection, shown), texts(&feed, &["seq", "action", "subject_id"]));
    for (view, path, columns, fields) in [
        ("vendors", "/v1/vendors", "vendor_id, legal_name, kind", ["id", "legal_name", "kind"]),
        ("regimes", "/v1/regimes", "regime_id, slug, effect", ["id", "slug", "effect"]),
        ("authorities", "/v1/authorities", "authority_id, name, kind", ["id", "name", "kind"]),
    ] {
        let shown = format!("SELECT concat_ws(' ', {columns}) AS line FROM dashboards.{view}");
        assert_eq!(
            set(connection, &shown),
            texts(&viewer.all(&format!("{path}?limit=500")), &fields),
            "{view}"
        );
    }
}

#[test]
fn a_role_that_reads_more_than_public_records_and_a_schema_of_somebody_else_are_refused() {
    for (power, said_of_it) in [
        ("GRANT pg_read_all_data TO {role}", "journal"),
        ("ALTER ROLE {role} SUPERUSER", "journal"),
        ("GRANT SELECT (payload) ON journal TO {role}", "has rights on journal;"),
        ("GRANT SELECT ON vendors TO PUBLIC", "has rights on vendors;"),
    ] {
        let Some(owned) = Owned::new("owner_of_views", "CREATEROLE") else { return };
        let reader = Reader::new(&owned.database.target);
        let migrate = [
            "migrate",
            "--database-url",
            &owned.owner,
            "--server-role",
            "none",
            "--dashboards-role",
            &reader.name,
        ];
        let (done, said) = run(&migrate);
        assert!(done, "{said}");
        owned.administrator().batch_execute(&power.replace("{role}", &reader.name)).unwrap();
        let (done, said) = run(&migrate);
        assert!(!done && said.contains(said_of_it) && said.contains("--dashboards-role"), "{power}: {said}");
        let name = &reader.name;
        let undo = format!("ALTER ROLE {name} NOSUPERUSER; REVOKE pg_read_all_data FROM {name}");
        owned.administrator().batch_execute(&undo).unwrap();
        refused(&mut reader.connect(&owned.database.target), "SELECT * FROM dashboards.vendors");
    }
    let Some(owned) = Owned::new("owner_of_views", "CREATEROLE") else { return };
    let reader = Reader::new(&owned.database.target);
    owned.administrator().batch_execute("CREATE SCHEMA dashboards").unwrap();
    let begin = ["migrate", "--database-url", &owned.owner];
    let (done, said) =
        run(&[&begin[..], &["--server-role", "none", "--dashboards-role", &reader.name]].concat());
    assert!(!done && said.contains("already"), "{said}");
    let (done, said) =
        run(&[&begin[..], &["--server-role", "the_same", "--dashboards-role", "the_same"]].concat());
    assert!(!done && said.contains("name another one"), "{said}");
}

#[test]
fn an_sqlite_registry_has_no_views_and_says_so() {
    let database = Database::fresh_on(Backend::Sqlite);
    let (done, said) = run(&["migrate", "--database-url", database.url(), "--dashboards-role", "reader"]);
    assert!(!done && said.contains("SQLite has no roles") && said.contains("API"), "{said}");
}
