//! Who may do what on PostgreSQL: an owner migrates, and a role that can change nothing in the log serves.

mod dashboards;
mod migrate;
mod schema;

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use risk_registry::db::{self, AnyConnection, Target};

use super::support::{declared, postgres, process::program, sql::Raw};

/// A PostgreSQL database that belongs to a role which is no superuser, as in production.
struct Owned {
    database: postgres::Database,
    /// A URL of the database as its owner.
    owner: String,
    owner_name: String,
}

impl Owned {
    /// None, said aloud, where there is no server for tests.
    fn new(owner_name: &str, rights: &str) -> Option<Self> {
        let database = postgres::database()?;
        let owner_name = format!("{owner_name}_{}", std::process::id());
        let mut administrator = connect(&database.target);
        administrator
            .batch_execute(&format!(
                "CREATE ROLE {owner_name} LOGIN {rights}; \
                 DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO {owner_name}', current_database()); END $$"
            ))
            .unwrap();
        let owner = as_role(&database.target, &owner_name);
        Some(Self { database, owner, owner_name })
    }

    fn administrator(&self) -> PgConnection {
        connect(&self.database.target)
    }

    fn as_role(&self, role: &str) -> PgConnection {
        PgConnection::establish(&as_role(&self.database.target, role)).unwrap()
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // The database goes after this, so what the role owns there must not hold the role back.
        let mut administrator = self.administrator();
        drop(administrator.batch_execute(&format!(
            "REASSIGN OWNED BY {0} TO CURRENT_USER; DROP OWNED BY {0}; DROP ROLE {0}",
            self.owner_name
        )));
    }
}

fn url(target: &Target) -> &str {
    let Target::Postgres(url) = target else { panic!("not PostgreSQL") };
    url
}

fn as_role(target: &Target, role: &str) -> String {
    let mut url = url::Url::parse(url(target)).unwrap();
    let others: Vec<_> = url.query_pairs().into_owned().filter(|(name, _)| name != "user").collect();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair("user", role);
    url.into()
}

fn connect(target: &Target) -> PgConnection {
    PgConnection::establish(url(target)).unwrap()
}

/// Runs the program; gives whether it did what it was asked, and everything that it said.
fn run(arguments: &[&str]) -> (bool, String) {
    let output = program(arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn every_table_has_its_rights_stated() {
    let mut stated: Vec<&str> = db::RIGHTS.iter().map(|(table, _)| *table).collect();
    stated.sort_unstable();
    let mut tables: Vec<String> = declared::tables().into_keys().collect();
    tables.push("__diesel_schema_migrations".to_owned());
    tables.sort_unstable();
    assert_eq!(stated, tables, "src/db/roles.rs says what the server may do with each table");
}

#[test]
fn the_server_can_read_and_add_to_the_log_and_nothing_else() {
    let Some(owned) = Owned::new("owner_of_a_log", "CREATEROLE") else { return };
    let server = format!("server_of_a_log_{}", std::process::id());
    let (done, said) = run(&["migrate", "--database-url", &owned.owner, "--server-role", &server]);
    assert!(done && said.contains(&server), "{said}");
    // A second time nothing changes, and what somebody granted too much meanwhile is taken back.
    owned
        .administrator()
        .batch_execute(&format!("GRANT ALL ON ALL TABLES IN SCHEMA public TO {server}, PUBLIC"))
        .unwrap();
    let (done, said) = run(&["migrate", "--database-url", &owned.owner, "--server-role", &server]);
    assert!(done && said.contains("is up to date"), "{said}");

    let served =
        super::support::process::Served::start(as_role(&owned.database.target, &server), &["--demo"]);
    served.client.vendor("By the server's role");
    let mut connection = AnyConnection::Postgres(owned.as_role(&server));
    assert!(connection.number("SELECT count(*) AS number FROM journal") > 40);
    let mut refused = 0;
    for (table, key, column) in [("journal", "seq", "actor"), ("designation_events", "id", "event_type")] {
        for statement in [
            format!("UPDATE {table} SET {column} = 'nobody'"),
            format!("UPDATE {table} SET {column} = {column} WHERE false"),
            format!("DELETE FROM {table}"),
            format!("TRUNCATE {table}"),
            format!("TRUNCATE {table} CASCADE"),
            format!(
                "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {column} = 'nobody'"
            ),
            format!("MERGE INTO {table} USING (SELECT 1) AS o ON true WHEN MATCHED THEN DELETE"),
            format!("SELECT * FROM {table} FOR UPDATE"),
            format!("ALTER TABLE {table} DISABLE TRIGGER ALL"),
            format!("ALTER TABLE {table} ADD COLUMN more text"),
            format!("ALTER TABLE {table} OWNER TO {server}"),
            format!("DROP TABLE {table} CASCADE"),
            format!(
                "CREATE TRIGGER more BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            ),
            format!("CREATE RULE more AS ON INSERT TO {table} DO INSTEAD NOTHING"),
        ] {
            let failure = connection.run(&statement).expect_err(&statement);
            let rightly = ["permission denied", "must be owner", "must have admin option"]
                .iter()
                .any(|text| failure.contains(text));
            assert!(rightly, "{statement}: {failure}");
            refused += 1;
        }
    }
    for statement in [
        "SET session_replication_role = replica".to_owned(),
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'".to_owned(),
        "DROP FUNCTION refuse_change() CASCADE".to_owned(),
        "CREATE TABLE journal_of_mine (seq bigint)".to_owned(),
        "DELETE FROM journal_head".to_owned(),
        "DELETE FROM vendors".to_owned(),
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('1')".to_owned(),
        format!("SET ROLE {}", owned.owner_name),
        format!("GRANT {} TO {server}", owned.owner_name),
    ] {
        let failure = connection.run(&statement).expect_err(&statement);
        let rightly = ["permission denied", "must be owner", "must have admin option"].iter().any(|text| failure.contains(text));
        assert!(rightly, "{statement}: {failure}");
        refused += 1;
    }
    println!("{refused} statements refused to the server's role");
    drop((served, connection));
    owned.administrator().batch_execute(&format!("DROP OWNED BY {server}; DROP ROLE {server}")).unwrap();
}
