//! Secrets show nowhere: not in the log at its most talkative, not in the database.

use std::fs;

use serde_json::json;

use super::started::{SECRET, Started, serve, with_secret};
use crate::support::{Backend, Database, process::program_as_shipped, sql, sql::Raw};

/// A token of a sign-on that nobody configured, as an attacker or a mistaken client may show it.
const FOREIGN: &str =
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiIsInJvbGVzIjpbImFkbWluIl19.c2VjcmV0LXNpZ25hdHVyZQ";

/// The parts of a key that must show nowhere: all of it, and its secret with and without the checksum.
fn parts(key: &str) -> Vec<String> {
    let secret = key.rsplit_once('_').unwrap().1;
    vec![key.to_owned(), secret.to_owned(), secret[..43].to_owned(), secret[5..25].to_owned()]
}

#[test]
fn no_key_token_or_secret_is_in_the_log_or_the_database() {
    let database = Database::fresh();
    let folder = tempfile::tempdir().unwrap();
    let secret_file = folder.path().join("key-secret");
    fs::write(&secret_file, format!("{SECRET}\n")).unwrap();
    let mut command =
        program_as_shipped(&["serve", "--listen", "127.0.0.1:0", "--database-url", database.url()]);
    command.arg("--key-secret-file").arg(&secret_file).env("RUST_LOG", "trace");
    let server = Started::run(command);
    let mut hidden = vec![SECRET.to_owned(), FOREIGN.to_owned(), "c2VjcmV0LXNpZ25hdHVyZQ".to_owned()];
    let first = server.keys().remove(0);
    let admin = server.client.showing(&first);
    let body = json!({ "actor": "ines", "name": "Nightly import", "role": "analyst" });
    let made = admin.post("/v1/api-keys", &body).expect(201);
    let of_ines = made.text_at("/key");
    let ines = server.client.showing(&of_ines);
    ines.post("/v1/vendors", &json!({ "legal_name": "Acme", "kind": "company" })).expect(201);
    ines.get("/v1/vendors").expect(200);
    ines.get("/v1/api-keys").expect(403);
    // A key that is altered is nearly a key.
    let (but_last, last) = of_ines.split_at(of_ines.len() - 1);
    let near = format!("{but_last}{}", if last == "0" { "1" } else { "0" });
    for shown in [FOREIGN, &near, "rr_live_nonsense", &of_ines[..60]] {
        server.client.showing(shown).get("/v1/vendors").expect(401);
    }
    // Where a key does not belong.
    server.client.get(&format!("/v1/vendors?key={of_ines}")).expect(401);
    ines.get(&format!("/v1/vendors?key={of_ines}")).expect(400);
    ines.get(&format!("/v1/vendors/{of_ines}")).expect(400);
    ines.post("/v1/vendors", &json!({ "password": of_ines })).expect(422);
    admin.delete(&format!("/v1/api-keys/{}", made.id()), "*").expect(200);
    ines.get("/v1/vendors").expect(401);
    let mut create =
        program_as_shipped(&["keys", "create", "--actor", "boris", "--name", "x", "--role", "viewer"]);
    create
        .args(["--database-url", database.url()])
        .arg("--key-secret-file")
        .arg(&secret_file)
        .env("RUST_LOG", "trace");
    let created = create.output().unwrap();
    let printed = String::from_utf8(created.stdout).unwrap();
    let of_boris = printed.lines().last().unwrap().to_owned();
    server.client.showing(&of_boris).get("/v1/vendors").expect(200);
    for key in [&first, &of_ines, &of_boris] {
        hidden.extend(parts(key));
    }
    hidden.push(near);
    let mut plain = sql::plain(&database.target);
    let hashes = plain.lines("SELECT hash AS line FROM api_keys");
    drop(plain);
    assert_eq!(hashes.len(), 3);
    let (_, mut logged) = server.stop();
    logged += &String::from_utf8(created.stderr).unwrap();
    assert!(logged.lines().count() > 20, "the log says much: {logged}");
    for secret in hidden.iter().chain(&hashes) {
        let found = logged.lines().find(|line| line.contains(secret.as_str()));
        assert!(found.is_none(), "the log shows a secret: {found:?}");
    }
    let mut bytes = 0;
    for (name, content) in content_of(&database) {
        bytes += content.len();
        for secret in &hidden {
            assert!(
                !content.windows(secret.len()).any(|part| part == secret.as_bytes()),
                "{name} holds a secret"
            );
        }
    }
    println!(
        "{} secrets in none of {} lines of the log and {bytes} bytes of the database",
        hidden.len(),
        logged.lines().count()
    );
}

/// All that a registry keeps: the files of SQLite; of PostgreSQL every row of every table.
fn content_of(database: &Database) -> Vec<(String, Vec<u8>)> {
    match database.backend {
        Backend::Sqlite => {
            let file = |end: &str| {
                let path = format!("{}{end}", database.url());
                fs::read(&path).ok().map(|content| (path, content))
            };
            ["", "-wal", "-shm", "-journal"].iter().filter_map(|end| file(end)).collect()
        }
        Backend::Postgres => {
            let mut plain = sql::plain(&database.target);
            let tables = crate::support::declared::tables();
            let rows = |table: &String| {
                plain.lines(&format!("SELECT CAST(t AS text) AS line FROM {table} t")).join("\n")
            };
            let contents: Vec<String> = tables.keys().map(rows).collect();
            tables.keys().cloned().zip(contents.into_iter().map(String::into_bytes)).collect()
        }
    }
}

#[test]
fn a_password_file_and_a_key_secret_show_in_no_help_and_no_complaint() {
    let database = Database::fresh();
    for arguments in [
        &["serve", "--help"][..],
        &["keys", "create", "--help"],
        &["serve", "--key-env", "Not an environment"],
    ] {
        let mut command = program_as_shipped(arguments);
        command.env("KEY_SECRET", SECRET);
        let output = with_secret(command, &database).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(!String::from_utf8_lossy(&said).contains(SECRET), "{arguments:?}");
    }
    let server = Started::run(serve(&database, &[]));
    let (_, logged) = server.stop();
    assert!(!logged.contains(SECRET));
}
