//! What `migrate` does about roles, and several of it at once.

use std::{fs, thread};

use diesel::connection::SimpleConnection;
use risk_registry::db::{AnyConnection, Purpose, open};
use tempfile::TempDir;

use super::{Owned, run, url};
use crate::support::{postgres, sql::Raw};

/// Ways by which a role could change the log whatever the registry grants it: how it gets them, and what is said.
const POWERS: [(&str, &str); 9] = [
    ("ALTER ROLE {role} SUPERUSER", "is a superuser"),
    ("ALTER ROLE {role} CREATEROLE", "may make roles"),
    ("GRANT {owner} TO {role}", "owns journal"),
    ("GRANT postgres TO {role}", "postgres is a superuser"),
    (
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO {role}', current_database()); END $$",
        "owns the database",
    ),
    ("GRANT pg_write_all_data TO {role}", "has the right UPDATE on journal"),
    ("GRANT pg_execute_server_program TO {role}", "can act as pg_execute_server_program"),
    (
        "CREATE ROLE group_of_{role}; GRANT group_of_{role} TO {role}; GRANT DELETE ON designation_events TO group_of_{role}",
        "has the right DELETE on designation_events",
    ),
    (
        "GRANT CREATE ON SCHEMA public TO pg_monitor; GRANT pg_monitor TO {role}",
        "may make things in the schema public",
    ),
];

#[test]
fn a_role_that_no_right_can_bind_is_refused() {
    for (power, said_of_it) in POWERS {
        let Some(owned) = Owned::new("owner_and_server", "CREATEROLE") else { return };
        let role = format!("mighty_{}", std::process::id());
        let arguments = ["migrate", "--database-url", &owned.owner, "--server-role", &role];
        let (done, said) = run(&arguments);
        assert!(done, "{said}");
        let statements = power.replace("{role}", &role).replace("{owner}", &owned.owner_name);
        let mut administrator = owned.administrator();
        administrator.batch_execute(&statements).unwrap();
        // By the administrator: whoever loses the database loses the right to make things in it.
        let administrator_url = url(&owned.database.target);
        let (done, said) = run(&["migrate", "--database-url", administrator_url, "--server-role", &role]);
        assert!(!done && said.contains(said_of_it) && said.contains("--server-role"), "{power}: {said}");
        administrator
            .batch_execute(&format!(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO postgres', current_database()); END $$; \
                 DROP OWNED BY {role}; DROP ROLE {role}"
            ))
            .unwrap();
        // The group, where there is one.
        drop(
            administrator.batch_execute(&format!("DROP OWNED BY group_of_{role}; DROP ROLE group_of_{role}")),
        );
    }
    let Some(owned) = Owned::new("owner_and_server", "CREATEROLE") else { return };
    for role in [owned.owner_name.as_str(), "postgres"] {
        let (done, said) = run(&["migrate", "--database-url", &owned.owner, "--server-role", role]);
        assert!(!done && said.contains("could change the log") && said.contains("owns journal"), "{said}");
    }
}

#[test]
fn what_anybody_may_do_in_an_old_schema_is_taken_back_and_other_tables_are_left_alone() {
    let Some(owned) = Owned::new("owner_of_old", "CREATEROLE") else { return };
    let mut administrator = owned.administrator();
    administrator
        .batch_execute(
            "GRANT CREATE ON SCHEMA public TO PUBLIC; CREATE TABLE theirs (id int); GRANT SELECT ON theirs TO PUBLIC",
        )
        .unwrap();
    let server = format!("server_of_old_{}", std::process::id());
    let (done, said) = run(&["migrate", "--database-url", &owned.owner, "--server-role", &server]);
    assert!(done, "{said}");
    let mut connection = AnyConnection::Postgres(owned.as_role(&server));
    let failure =
        connection.run("CREATE FUNCTION lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1'").unwrap_err();
    assert!(failure.contains("permission denied for schema public"), "{failure}");
    assert_eq!(connection.number("SELECT count(*) AS number FROM theirs"), 0);
    drop(connection);
    administrator
        .batch_execute(&format!("DROP TABLE theirs; DROP OWNED BY {server}; DROP ROLE {server}"))
        .unwrap();
}

#[test]
fn an_owner_who_may_make_no_roles_is_told_what_to_do() {
    let Some(owned) = Owned::new("owner_without_roles", "") else { return };
    let server = format!("made_by_another_{}", std::process::id());
    let arguments = ["migrate", "--database-url", &owned.owner, "--server-role", &server];
    let (done, said) = run(&arguments);
    let statement = format!("CREATE ROLE \"{server}\" LOGIN");
    assert!(!done && said.contains(&statement) && said.contains("--server-role none"), "{said}");
    owned.administrator().batch_execute(&statement).unwrap();
    let (done, said) = run(&arguments);
    assert!(done, "{said}");
    let (done, said) = run(&["migrate", "--database-url", &owned.owner, "--server-role", "none"]);
    assert!(done && !said.contains("server's role"), "{said}");
    owned.administrator().batch_execute(&format!("DROP OWNED BY {server}; DROP ROLE {server}")).unwrap();
}

#[test]
fn the_server_s_password_comes_from_a_file_and_is_printed_nowhere() {
    const PASSWORD: &str = "it's \\a \"password\"; DROP TABLE journal --";
    let Some(owned) = Owned::new("owner_with_passwords", "CREATEROLE") else { return };
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, format!("{PASSWORD}\n")).unwrap();
    let server = format!("Server \"with\" a password {}", std::process::id());
    let (done, said) = run(&[
        "migrate",
        "--database-url",
        &owned.owner,
        "--server-role",
        &server,
        "--server-password-file",
        file.to_str().unwrap(),
    ]);
    assert!(done && !said.contains("password\"; DROP"), "{said}");
    let mut administrator = AnyConnection::Postgres(owned.administrator());
    let logged =
        administrator.number("SELECT count(*) AS number FROM pg_stat_activity WHERE query LIKE '%it''s%'");
    assert_eq!(logged, 0, "the server is never told the password");
    let stored = administrator.lines(&format!(
        "SELECT rolpassword AS line FROM pg_authid WHERE rolname = '{server}' AND rolcanlogin"
    ));
    assert!(stored.len() == 1 && stored[0].starts_with("SCRAM-SHA-256$"), "{stored:?}");
    let quoted = server.replace('"', "\"\"");
    administrator.run(&format!("DROP OWNED BY \"{quoted}\"")).unwrap();
    administrator.run(&format!("DROP ROLE \"{quoted}\"")).unwrap();
}

#[test]
fn migrations_of_several_processes_at_once_wait_for_each_other() {
    let Some(database) = postgres::database() else { return };
    let url = url(&database.target);
    let role = format!("role_of_several_{}", std::process::id());
    let said: Vec<(bool, String)> = thread::scope(|scope| {
        let one = || run(&["migrate", "--database-url", url, "--server-role", &role]);
        let running: Vec<_> = (0..6).map(|_| scope.spawn(one)).collect();
        running.into_iter().map(|process| process.join().unwrap()).collect()
    });
    assert!(said.iter().all(|(done, _)| *done), "{said:?}");
    let applied = said.iter().filter(|(_, said)| said.contains("applied")).count();
    assert_eq!(applied, 1, "{said:?}");
    let mut connection = open(&database.target, Purpose::Owner).unwrap();
    assert_eq!(connection.number("SELECT count(*) AS number FROM journal_head"), 1);
    connection.run(&format!("DROP OWNED BY {role}")).unwrap();
    connection.run(&format!("DROP ROLE {role}")).unwrap();
}

#[test]
fn a_migration_waits_for_the_lock_of_another_and_says_so_when_it_takes_too_long() {
    let Some(database) = postgres::database() else { return };
    let url = url(&database.target).to_owned();
    let mut other = open(&database.target, Purpose::Owner).unwrap();
    // The lock of migrations, as src/db/migrations.rs has it.
    other.run(&format!("SELECT pg_advisory_lock({})", 0x5249_534b_5245_4749_i64)).unwrap();
    let waiting = thread::spawn(move || run(&["migrate", "--database-url", &url, "--server-role", "none"]));
    while other.number(
        "SELECT count(*) AS number FROM pg_stat_activity WHERE query LIKE '%pg_try_advisory_lock%' \
                        AND pid <> pg_backend_pid() AND datname = current_database()",
    ) == 0
    {
        thread::yield_now();
    }
    assert!(!waiting.is_finished());
    assert_eq!(other.number("SELECT count(*) AS number FROM pg_class WHERE relname = 'journal'"), 0);
    drop(other);
    let (done, said) = waiting.join().unwrap();
    assert!(done && said.contains("applied"), "{said}");
}
