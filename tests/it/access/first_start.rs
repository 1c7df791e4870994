//! The first start of a registry prints its first keys, once; and the command line makes others.

use std::{
    fs,
    process::{Command, Output},
    thread,
};

use super::started::{SECRET, Started, serve, with_secret};
use crate::support::{Backend, Database, process::program_as_shipped};

#[test]
fn the_first_start_prints_one_admin_key_and_no_later_one_does() {
    let database = Database::fresh();
    let first = Started::run(serve(&database, &[]));
    let keys = first.keys();
    assert_eq!(keys.len(), 1, "{}", first.printed());
    assert!(first.printed().starts_with("Risk Registry serves "), "{}", first.printed());
    assert!(first.printed().contains("risk-registry keys create --actor"), "{}", first.printed());
    first.client.get("/v1/vendors").expect_problem(401, "unauthenticated");
    let admin = first.client.showing(&keys[0]);
    let listed = admin.get("/v1/api-keys").expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&listed["items"][0]["role"], &listed["items"][0]["actor"]),
        (&"admin".into(), &"admin".into())
    );
    assert_eq!(listed["items"][0]["created_by"], "risk-registry");
    let (_, logged) = first.stop();
    assert!(!logged.contains("rr_"), "a key is in the log: {logged}");
    let second = Started::run(serve(&database, &[]));
    assert!(second.keys().is_empty());
    second.client.showing(&keys[0]).get("/v1/api-keys").expect(200);
    let (printed, _) = second.stop();
    assert!(!printed.contains("rr_"), "{printed}");
    // Nor one that finds every key revoked: that is for the command line.
    let list = keys_of(&database, &["list"]);
    let id = list.lines().nth(1).unwrap().split(' ').next().unwrap().to_owned();
    keys_of(&database, &["revoke", &id, "--comment", "Printed in a terminal"]);
    let third = Started::run(serve(&database, &["--demo"]));
    assert!(third.keys().is_empty());
}

#[test]
fn several_that_start_at_once_print_one_key_between_them() {
    let database = Database::fresh();
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let command = serve(&database, &[]);
            thread::spawn(move || Started::run(command))
        })
        .collect();
    let started: Vec<Started> = starts.into_iter().map(|start| start.join().unwrap()).collect();
    let keys: Vec<String> = started.iter().flat_map(Started::keys).collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
    for server in &started {
        server.client.showing(&keys[0]).get("/v1/api-keys").expect(200);
    }
    println!("{} processes started at once and printed one key, which all of them take", started.len());
}

#[test]
fn the_example_comes_with_one_key_for_each_role() {
    let database = Database::fresh();
    let server = Started::run(serve(&database, &["--demo"]));
    let keys = server.keys();
    assert_eq!(keys.len(), 5, "{}", server.printed());
    for (role, key) in ["viewer", "analyst", "approver", "auditor", "admin"].iter().zip(&keys) {
        assert!(server.printed().contains(&format!("{role} (demo-{role}): {key}")), "{}", server.printed());
        let person = server.client.showing(key);
        person.get("/v1/designations").expect(200);
        let keys = person.get("/v1/api-keys");
        assert_eq!(keys.status == 200, ["auditor", "admin"].contains(role), "{keys:?}");
    }
}

#[test]
fn a_registry_that_is_not_the_example_gets_one_key_also_with_demo() {
    let database = Database::fresh();
    // The catalogue alone, from a start with no sign-in, which makes no key.
    let mut open = serve(&database, &[]);
    open.env("NO_AUTH", "true");
    let (printed, _) = Started::run(open).stop();
    assert!(!printed.contains("rr_"), "{printed}");
    let server = Started::run(serve(&database, &["--demo"]));
    assert_eq!(server.keys().len(), 1);
}

#[test]
fn without_sign_in_it_serves_a_loopback_address_alone() {
    let database = Database::fresh();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let mut command =
            with_secret(program_as_shipped(&["serve", "--no-auth", "--listen", address]), &database);
        let refused = command.arg("--database-url").arg(database.url()).output().unwrap();
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(
            !refused.status.success() && said.contains("--no-auth lets everybody in"),
            "{address}: {said}"
        );
        assert!(refused.stdout.is_empty());
    }
    let open = Started::run(serve(&database, &["--no-auth"]));
    let made =
        open.client.post("/v1/vendors", &serde_json::json!({ "legal_name": "Acme", "kind": "company" }));
    let history = open.client.get(&format!("/v1/vendors/{}/history", made.expect(201).id())).expect(200);
    assert_eq!(history.text_at("/items/0/actor"), "local");
}

#[test]
fn keys_in_the_clear_on_a_network_are_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let warned = |listen: &str| {
        // An address of nobody's: it ends before it serves.
        let mut command = program_as_shipped(&["serve", "--listen", listen, "--database-url"]);
        let output = command.arg(folder.path().join("nowhere/registry.db")).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap().contains("keys cross the network in the clear")
    };
    assert!(warned("0.0.0.0:0") && warned("192.0.2.1:0"));
    assert!(!warned("127.0.0.1:0") && !warned("[::1]:0"));
}

#[test]
fn a_registry_that_was_told_no_secret_makes_no_keys_and_says_so() {
    let database = Database::fresh();
    let no_auth = ["serve", "--no-auth", "--listen", "127.0.0.1:0", "--database-url", database.url()];
    let server = Started::run(program_as_shipped(&no_auth));
    let body = serde_json::json!({ "actor": "ines", "name": "Nightly import", "role": "viewer" });
    let made = server.client.post("/v1/api-keys", &body);
    match database.backend {
        Backend::Postgres => {
            let refused = made.expect_problem(409, "no_key_secret");
            assert!(refused.text_at("/detail").contains("--key-secret-file"));
        }
        Backend::Sqlite => {
            let key = made.expect(201).text_at("/key");
            drop(server);
            Started::run(serve(&database, &[])).client.showing(&key).get("/v1/vendors").expect(200);
        }
    }
}

/// Runs `keys` on a database, which must end well.
fn keys_of(database: &Database, arguments: &[&str]) -> String {
    let output = try_keys(database, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn try_keys(database: &Database, arguments: &[&str]) -> Output {
    let mut command: Command = program_as_shipped(&["keys"]);
    command.args(arguments).arg("--database-url").arg(database.url());
    with_secret(command, database).output().unwrap()
}

#[test]
fn the_command_line_makes_lists_and_revokes_keys_while_a_server_runs() {
    let database = Database::fresh();
    let server = Started::run(serve(&database, &[]));
    let create = ["create", "--actor", "ines.ferreira", "--name", "Nightly import", "--role", "auditor"];
    let made = keys_of(&database, &create);
    let token = made.lines().last().unwrap();
    let ines = server.client.showing(token);
    let entries = ines.all("/v1/journal?subject_kind=api_key");
    assert_eq!(entries.last().unwrap()["actor"], "command-line");
    let listed = keys_of(&database, &["list"]);
    let line = listed.lines().find(|line| line.contains("ines.ferreira: Nightly import")).unwrap();
    assert!(line.contains(" active ") && line.contains(" auditor ") && !listed.contains("rr_"), "{listed}");
    keys_of(&database, &create);
    let third = try_keys(&database, &create);
    assert!(String::from_utf8_lossy(&third.stderr).contains("revoke one of them first"), "{third:?}");
    let id = line.split(' ').next().unwrap();
    keys_of(&database, &["revoke", id, "--comment", "Lost"]);
    ines.get("/v1/journal").expect_problem(401, "unauthenticated");
    assert!(!try_keys(&database, &["revoke", id]).status.success());
    for (arguments, words) in [
        (&["--role", "root"][..], "must be one of viewer, analyst"),
        (
            &["--role", "viewer", "--expires-at", "2020-01-01T00:00:00Z"],
            "--expires-at must lie in the future",
        ),
        (&["--role", "viewer", "--expires-at", "tomorrow"], "RFC 3339"),
        (&["--role", "viewer", "--actor", "local"], "cannot be used multiple times"),
    ] {
        let all: Vec<&str> =
            ["create", "--actor", "boris", "--name", "x"].iter().chain(arguments).copied().collect();
        let refused = try_keys(&database, &all);
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && said.contains(words), "{all:?}: {said}");
    }
    let own = try_keys(&database, &["create", "--actor", "risk-registry", "--name", "x", "--role", "admin"]);
    assert!(
        String::from_utf8_lossy(&own.stderr).contains("--actor is a name under which the registry itself")
    );
    let nowhere =
        program_as_shipped(&["keys", "list", "--database-url", "/nowhere/registry.db"]).output().unwrap();
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("there is no SQLite file"));
    let verified = program_as_shipped(&["verify", "--database-url", database.url()]).output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[test]
fn another_key_secret_is_said_in_the_log_and_lets_no_old_key_in() {
    let database = Database::fresh();
    let told = |secret: &str| {
        let mut command = serve(&database, &[]);
        command.env("KEY_SECRET", secret);
        Started::run(command)
    };
    let server = told(SECRET);
    let keys = server.keys();
    server.client.showing(&keys[0]).get("/v1/api-keys").expect(200);
    drop(server);
    let server = told("quite another secret, by mistake or for good");
    let refused = server.client.showing(&keys[0]).get("/v1/api-keys").expect_problem(401, "unauthenticated");
    assert!(refused.text_at("/detail").contains("does not know this API key"));
    assert!(
        server.logged().contains("1 API key(s) were made under another key secret"),
        "{}",
        server.logged()
    );
    drop(server);
    told(SECRET).client.showing(&keys[0]).get("/v1/api-keys").expect(200);
}

#[test]
fn a_key_secret_is_stated_once_and_is_long_enough() {
    let database = Database::fresh();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("good"), format!("{SECRET}\n")).unwrap();
    fs::write(path("short"), "too-short-to-be-one\n").unwrap();
    fs::write(path("two"), format!("{SECRET}\n{SECRET}\n")).unwrap();
    let refused = |file: Option<&str>, variable: Option<&str>, words: &str| {
        let mut command =
            program_as_shipped(&["serve", "--listen", "127.0.0.1:0", "--database-url", database.url()]);
        command.args(file.iter().flat_map(|name| ["--key-secret-file".to_owned(), path(name)]));
        command.envs(variable.map(|text| ("KEY_SECRET", text)));
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(words), "{file:?} {variable:?}: {said}");
        assert!(!said.contains("too-short-to-be-one") && !said.contains(SECRET), "{said}");
    };
    refused(Some("short"), None, "must have at least 32");
    refused(Some("two"), None, "more than one line");
    refused(Some("missing"), None, "can't be read");
    refused(None, Some("too-short-to-be-one"), "must have at least 32");
    refused(Some("good"), Some(SECRET), "give one of them");
    if database.backend == Backend::Postgres {
        refused(None, None, "openssl rand -hex 32");
    }
    let mut command =
        program_as_shipped(&["serve", "--listen", "127.0.0.1:0", "--database-url", database.url()]);
    command.args(["--key-secret-file", &path("good"), "--key-env", "test"]);
    let server = Started::run(command);
    assert!(server.keys()[0].starts_with("rr_test_"));
    if database.backend == Backend::Sqlite {
        assert!(
            !fs::exists(format!("{}.key-secret", database.url())).unwrap(),
            "one that is stated needs no file"
        );
    }
}
