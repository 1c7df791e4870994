//! Sign-on with a real issuer program (oidc-provider), over TLS, by the real registry program: what a person set up by the
//! documentation would see.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{AUDIENCE, AUTHORITY, READ};
use crate::support::{
    Client,
    process::{Served, program_as_shipped},
    skip,
};

/// The issuer program; ended when it is dropped.
struct Program {
    child: Child,
    name: String,
    agent: ureq::Agent,
    folder: TempDir,
}

impl Program {
    /// The running issuer on this port (0: a free one), or none, said aloud, where it is not installed.
    fn start(port: u16) -> Option<Self> {
        let installed = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tools/issuer");
        if !installed.join("node_modules/oidc-provider").exists() {
            skip(
                "the issuer program is not installed; scripts/node-for-tests tests/issuer installs it, with Node.js 20 or later",
            );
            return None;
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/issuer/issuer.mjs");
        fs::copy(script, installed.join("issuer.mjs")).unwrap();
        let folder = TempDir::new().unwrap();
        let certified = AUTHORITY.server("localhost", 1);
        let write = |name: &str, contents: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, contents).unwrap();
            path
        };
        write("authority.pem", &AUTHORITY.pem());
        let mut command = Command::new("node");
        command.arg("issuer.mjs").current_dir(installed);
        command.args([write("server.pem", &certified.certificate), write("server.key", &certified.key)]);
        let mut child =
            command.arg(port.to_string()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let name = lines.find(|line| line.starts_with("https://")).expect("the issuer did not start");
        // It goes on writing, and must not stop for want of a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let root = ureq::tls::Certificate::from_pem(&AUTHORITY.pem()).unwrap();
        let tls = ureq::tls::TlsConfig::builder()
            .root_certs(ureq::tls::RootCerts::new_with_certs(&[root]))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .build();
        let agent = ureq::Agent::config_builder().proxy(None).tls_config(tls).build().new_agent();
        Some(Self { child, name, agent, folder })
    }

    fn port(&self) -> u16 {
        self.name.rsplit(':').next().unwrap().parse().unwrap()
    }

    fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// A token for a client of the issuer, for this audience.
    fn token(&self, client: &str, audience: &str) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_secret", &format!("secret of {client}")),
            ("resource", audience),
            ("scope", "registry"),
        ];
        let mut answer = self.agent.post(format!("{}/token", self.name)).send_form(form).unwrap();
        let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The registry with sign-on at this issuer, and these settings besides.
fn registry(issuer: &Program, database: &Path, more: &[(&str, &str)]) -> Served {
    let mut command = program_as_shipped(&["serve", "--listen", "127.0.0.1:0", "--database-url"]);
    command.arg(database).env("FOUR_EYES", "off");
    command.env("OIDC_ISSUER", &issuer.name).env("OIDC_AUDIENCE", AUDIENCE);
    command.env("OIDC_CA_FILE", issuer.authority()).envs(more.iter().copied());
    Served::run(command)
}

fn vendor(name: &str) -> Value {
    json!({"legal_name": name, "kind": "company"})
}

#[test]
fn people_of_a_real_issuer_do_what_their_roles_allow_and_the_journal_names_them() {
    let Some(issuer) = Program::start(0) else { return };
    let folder = TempDir::new().unwrap();
    let served = registry(&issuer, &folder.path().join("registry.db"), &[]);
    let of = |name: &str| served.client.showing(&issuer.token(name, AUDIENCE));

    let (vera, ana, paul, otto) = (of("vera"), of("ana"), of("paul"), of("otto"));
    for client in [&vera, &ana, &paul, &otto] {
        client.get(READ).expect(200);
    }
    ana.post(READ, &vendor("By an analyst")).expect(201);
    paul.post(READ, &vendor("By an approver")).expect(201);
    for client in [&vera, &otto] {
        client.post(READ, &vendor("By nobody")).expect_problem(403, "forbidden");
    }
    let entries = otto.all("/v1/journal?subject_kind=vendor");
    let actors: Vec<_> = entries.iter().map(|entry| entry["actor"].as_str().unwrap()).collect();
    assert_eq!(actors, ["ana", "paul"], "{entries:?}");

    of("nobody").get(READ).expect_problem(403, "forbidden");
    let elsewhere = served.client.showing(&issuer.token("ana", "https://other.test"));
    let refusal = elsewhere.get(READ).expect_problem(401, "unauthenticated");
    assert!(refusal.text_at("/detail").contains("somebody else"), "{refusal:?}");
    served.client.get(READ).expect_problem(401, "unauthenticated");
    println!(
        "RS256, ES256, PS256 and EdDSA tokens of a real issuer taken; roles of 5 clients as they should be"
    );

    issuer_goes_and_comes_back(issuer, &served.client, &ana);
}

/// The issuer ends, and starts again at the same address with other keys.
fn issuer_goes_and_comes_back(issuer: Program, anybody: &Client, ana: &Client) {
    let (port, old) = (issuer.port(), issuer.token("vera", AUDIENCE));
    drop(issuer);
    ana.get(READ).expect(200);
    anybody.showing(&old).get(READ).expect(200);
    let issuer = Program::start(port).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(10));
    anybody.showing(&issuer.token("vera", AUDIENCE)).get(READ).expect(200);
    anybody.showing(&old).get(READ).expect_problem(401, "unauthenticated");
}

#[test]
fn roles_come_from_the_claim_and_by_the_rules_that_the_settings_name() {
    let Some(issuer) = Program::start(0) else { return };
    let folder = TempDir::new().unwrap();
    let rules = [
        ("OIDC_ROLES_CLAIM", "registry.roles"),
        ("OIDC_ROLE", "viewer=auditor;offline_access=viewer"),
        ("OIDC_ACTOR_CLAIM", "client_id"),
        ("OIDC_ALGORITHMS", "RS256,ES256"),
    ];
    let served = registry(&issuer, &folder.path().join("registry.db"), &rules);
    let of = |name: &str| served.client.showing(&issuer.token(name, AUDIENCE));
    let said =
        |name: &str| of(name).post(READ, &vendor("A")).expect_problem(403, "forbidden").text_at("/detail");
    assert!(said("vera").ends_with("you are auditor"), "{}", said("vera"));
    assert!(said("ana").ends_with("you are viewer"), "{}", said("ana"));
    assert!(said("nobody").ends_with("you are no role"), "{}", said("nobody"));
    // Signed in ways that these settings leave out.
    for name in ["paul", "otto"] {
        let refusal = of(name).get(READ).expect_problem(401, "unauthenticated");
        assert!(refusal.text_at("/detail").contains("alg is none of RS256, ES256"), "{refusal:?}");
    }
}
