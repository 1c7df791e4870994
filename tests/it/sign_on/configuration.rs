//! The settings of sign-on, as the program takes and refuses them.

use std::{fs, process::Output};

use tempfile::TempDir;

use super::{
    AUDIENCE, READ,
    issuer::{Issuer, Mood},
    signer::{Signer, claims},
};
use crate::support::process::{Served, program_as_shipped};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn settings_that_would_let_the_wrong_ones_in_are_refused_at_start() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str, contents: &str| {
        let path = folder.path().join(name);
        fs::write(&path, contents).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (empty, key) = (file("empty.pem", ""), file("key.pem", "-----BEGIN PRIVATE KEY-----\n"));
    let database = file("registry.db", "");
    let good = ["--oidc-issuer", "https://login.test", "--oidc-audience", AUDIENCE];
    let refused: [(&[&str], &str); 16] = [
        (&["--oidc-issuer", "https://login.test"], "--oidc-audience"),
        (&["--oidc-audience", AUDIENCE], "--oidc-issuer"),
        (&["--oidc-issuer", "http://login.test", "--oidc-audience", "a"], "must begin with https://"),
        (&["--oidc-issuer", "login.test", "--oidc-audience", "a"], "must be a URL"),
        (
            &["--oidc-issuer", "https://a:b@login.test", "--oidc-audience", "a"],
            "no user name and no password",
        ),
        (&["--oidc-issuer", "https://login.test", "--oidc-audience", ""], "must not be empty"),
        (&["--oidc-algorithms", "HS256"], "must be of RS256"),
        (&["--oidc-algorithms", "RS256,none"], "must be of RS256"),
        (&["--oidc-algorithms", ""], "must be of RS256"),
        (&["--oidc-role", "boss"], "must be the claim's value"),
        (&["--oidc-role", "boss=king"], "must end in =role"),
        (&["--oidc-roles-claim", ""], "must be the name of a claim"),
        (&["--oidc-ca-file", "/nowhere.pem"], "can't be read"),
        (&["--oidc-ca-file", &empty], "holds no certificate"),
        (&["--oidc-ca-file", &key], "can't be read"),
        (&["--no-auth"], "leave one of them out"),
    ];
    for (arguments, why) in refused {
        let mut command =
            program_as_shipped(&["serve", "--listen", "127.0.0.1:0", "--database-url", &database]);
        if !arguments.iter().any(|argument| ["--oidc-issuer", "--oidc-audience"].contains(argument)) {
            command.args(good);
        }
        let output = command.args(arguments).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(said(&output).contains(why), "{arguments:?}: {}", said(&output));
    }
    println!("{} settings refused", refused.len());
}

#[test]
fn an_issuer_that_cannot_be_reached_is_a_warning_at_start() {
    let key = Signer::rsa("known");
    let issuer = Issuer::publishing(&[&key]);
    issuer.is(Mood::Down);
    let folder = TempDir::new().unwrap();
    let (database, log) = (folder.path().join("registry.db"), folder.path().join("log"));
    let authority = folder.path().join("authority.pem");
    fs::write(&authority, super::AUTHORITY.pem()).unwrap();
    let mut command = program_as_shipped(&["serve", "--listen", "127.0.0.1:0", "--database-url"]);
    command.arg(&database).env("OIDC_ISSUER", issuer.name()).env("OIDC_AUDIENCE", AUDIENCE);
    command.env("OIDC_CA_FILE", authority);
    let served = Served::run_with_log(command, fs::File::create(&log).unwrap());
    let token = key.token(&claims(&issuer.name()));
    let client = served.client.showing(&token);
    client.get("/healthz").expect(200);
    let answer = client.get(READ).expect_problem(503, "unavailable");
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
    issuer.is(Mood::Good);
    std::thread::sleep(std::time::Duration::from_secs(11));
    client.get(READ).expect(200);
    let log = fs::read_to_string(log).unwrap();
    assert!(log.contains("sign-on: no keys from") && log.contains("nobody can sign in by it"), "{log}");
    assert!(!log.contains(&token) && !log.contains(token.rsplit('.').next().unwrap()), "{log}");
}
