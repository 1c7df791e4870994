//! A schema that the program can't serve: it says so, and what to run.

use diesel::connection::SimpleConnection;
use tempfile::TempDir;

use super::{connect, run, url};
use crate::support::{Backend, Database, postgres, process::Served, sql};

#[test]
fn serve_refuses_a_postgresql_schema_that_is_missing_older_or_newer_and_says_what_to_run() {
    let Some(database) = postgres::database() else { return };
    let serve = ["serve", "--listen", "127.0.0.1:0", "--database-url", url(&database.target)];
    let (done, said) = run(&serve);
    assert!(!done && said.contains("not there") && said.contains("risk-registry migrate"), "{said}");

    drop(Served::start(url(&database.target), &["--migrate"]));
    drop(Served::start(url(&database.target), &[]));

    let mut connection = connect(&database.target);
    connection
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')")
        .unwrap();
    for arguments in
        [serve.to_vec(), [&serve[..], &["--migrate"]].concat(), vec!["migrate", "--database-url", serve[4]]]
    {
        let (done, said) = run(&arguments);
        assert!(!done && said.contains("newer") && said.contains("99991231000000"), "{arguments:?}: {said}");
    }
    connection
        .batch_execute(
            "DELETE FROM __diesel_schema_migrations; \
             INSERT INTO __diesel_schema_migrations (version) VALUES ('20000101000000')",
        )
        .unwrap();
    let (done, said) = run(&serve);
    assert!(!done && said.contains("20000101000000"), "{said}");
}

#[test]
fn an_sqlite_file_of_a_newer_program_is_refused_and_left_as_it_is() {
    let database = Database::fresh_on(Backend::Sqlite);
    sql::plain(&database.target)
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')")
        .unwrap();
    for arguments in [
        vec!["serve", "--listen", "127.0.0.1:0", "--database-url", database.url()],
        vec!["migrate", "--database-url", database.url()],
    ] {
        let (done, said) = run(&arguments);
        assert!(!done && said.contains("newer than this program"), "{said}");
    }
}

#[test]
fn a_server_whose_schema_was_changed_under_it_is_not_ready() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("registry.db");
    let served = Served::start(&path, &[]);
    served.client.get("/readyz").expect(200);
    sql::plain(&risk_registry::db::Target::Sqlite(path.to_str().unwrap().to_owned()))
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')")
        .unwrap();
    served.client.get("/readyz").expect_problem(503, "unavailable");
    served.client.get("/readyz?for=reads").expect_problem(503, "unavailable");
    served.client.get("/healthz").expect(200);
}
