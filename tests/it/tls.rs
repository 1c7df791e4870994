//! TLS to PostgreSQL by the URL's own parameters: the server must be who it says it is, or nothing is sent to it.

use std::{fs, path::Path, process::Output};

use tempfile::TempDir;

use super::support::{
    certificates::{Authority, Certified},
    cluster::Cluster,
    process::{Served, program},
};

const HOST: &str = "db.registry.test";
/// As it stands in a URL, and as it is.
const PASSWORD: (&str, &str) = ("s3cret%2Fw%40rd", "s3cret/w@rd");

/// A cluster that takes TLS connections by password and by certificate, and no others from the network.
fn cluster(clients: &Authority) -> Option<Cluster> {
    let mut cluster = Cluster::prepare(&[], None)?;
    let hba = "local all postgres trust\n\
               hostssl all by_password 127.0.0.1/32 scram-sha-256\n\
               hostssl all by_certificate 127.0.0.1/32 cert\n";
    fs::write(cluster.data().join("pg_hba.conf"), hba).unwrap();
    let authority = cluster.install("clients.pem", &clients.pem());
    cluster.set("ssl_ca_file", authority.to_str().unwrap());
    cluster.run();
    let (_, password) = PASSWORD;
    cluster.administer(&format!("CREATE ROLE by_password LOGIN PASSWORD '{password}'"));
    cluster.administer("CREATE ROLE by_certificate LOGIN IN ROLE by_password");
    cluster.administer("CREATE DATABASE registry OWNER by_password");
    cluster.stop();
    Some(cluster)
}

/// Starts the server anew with this certificate, or without TLS.
fn present(cluster: &mut Cluster, certified: Option<&Certified>) {
    cluster.stop();
    if let Some(Certified { certificate, key }) = certified {
        let certificate = cluster.install("server.pem", certificate);
        let key = cluster.install("server.key", key);
        cluster.set("ssl_cert_file", certificate.to_str().unwrap());
        cluster.set("ssl_key_file", key.to_str().unwrap());
    }
    cluster.set("ssl", if certified.is_some() { "on" } else { "off" });
    cluster.run();
}

/// The registry's URL with certificate verification.
fn url(cluster: &Cluster, host: &str, root: &Path) -> String {
    let (password, _) = PASSWORD;
    format!(
        "postgres://by_password:{password}@{host}:{}/registry?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={}",
        cluster.port,
        root.display()
    )
}

/// Runs a command; nothing that it prints may hold the password.
#[track_caller]
fn run(command: &str, url: &str) -> Output {
    concealed(program(&[command, "--database-url", url]).output().unwrap())
}

#[track_caller]
fn concealed(output: Output) -> Output {
    let said = said(&output);
    assert!(![PASSWORD.0, PASSWORD.1].iter().any(|password| said.contains(password)), "{said}");
    output
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn refused(url: &str, why: &str) {
    for command in ["verify", "migrate", "serve"] {
        let output = run(command, url);
        assert_eq!(output.status.code(), Some(1), "{command}: {}", said(&output));
        assert!(said(&output).contains(why), "{command}: {}", said(&output));
    }
}

#[test]
fn a_server_that_proves_who_it_is_is_served_and_any_other_is_refused() {
    let (authority, stranger) = (Authority::new("The authority"), Authority::new("A stranger"));
    let Some(mut cluster) = cluster(&authority) else { return };
    let folder = TempDir::new().unwrap();
    let write = |name: &str, contents: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, contents).unwrap();
        path
    };
    let (root, other) = (write("root.pem", &authority.pem()), write("other.pem", &stranger.pem()));
    let good = url(&cluster, HOST, &root);

    present(&mut cluster, Some(&authority.server(HOST, 1)));
    let migrated = program(&["migrate", "--server-role", "none", "--database-url", &good]).output().unwrap();
    assert!(concealed(migrated.clone()).status.success(), "{}", said(&migrated));
    let served =
        Served::run(program(&["serve", "--demo", "--listen", "127.0.0.1:0", "--database-url", &good]));
    assert_eq!(served.client.head(), 48);
    let sessions = cluster.lines(
        "SELECT concat(ssl, ' ', version) AS line FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
         WHERE application_name = 'risk-registry'",
    );
    assert!(!sessions.is_empty() && sessions.iter().all(|session| session == "t TLSv1.3"), "{sessions:?}");
    drop(served);

    refused(&url(&cluster, HOST, &other), "certificate verify failed");
    refused(&url(&cluster, "other.registry.test", &root), "does not match host name \"other.registry.test\"");
    refused(&url(&cluster, HOST, &folder.path().join("none.pem")), "none.pem\" does not exist");
    by_the_systems_store(&cluster, &root);

    present(&mut cluster, Some(&authority.server(HOST, -1)));
    refused(&good, "certificate verify failed");
    present(&mut cluster, Some(&stranger.server(HOST, 1)));
    refused(&good, "certificate verify failed");
    present(&mut cluster, None);
    refused(&good, "server does not support SSL, but SSL was required");
    present(&mut cluster, Some(&authority.server(HOST, 1)));
    let verified = run("verify", &good);
    assert!(verified.status.success(), "{}", said(&verified));
    refused(&good.replace("s3cret", "wrong"), "password authentication failed");
    println!("{} sessions, all by TLS; 7 servers refused by 3 commands each", sessions.len());
}

/// The program brings its own OpenSSL, which knows no certificate of the system's unless it is told where they are.
fn by_the_systems_store(cluster: &Cluster, root: &Path) {
    let url = url(cluster, HOST, Path::new("system"));
    refused(&url, "certificate verify failed");
    let mut command = program(&["verify", "--database-url", &url]);
    let output = concealed(command.env("SSL_CERT_FILE", root).output().unwrap());
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn a_client_signs_in_by_its_certificate() {
    let authority = Authority::new("The authority");
    let Some(mut cluster) = cluster(&authority) else { return };
    present(&mut cluster, Some(&authority.server(HOST, 1)));
    let folder = TempDir::new().unwrap();
    let write = |name: &str, contents: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, contents).unwrap();
        // libpq takes no key that others may read.
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let root = write("root.pem", &authority.pem());
    let url = |certified: &Certified| {
        let (certificate, key) =
            (write("client.pem", &certified.certificate), write("client.key", &certified.key));
        format!(
            "postgres://by_certificate@{HOST}:{}/registry?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={root}\
             &sslcert={certificate}&sslkey={key}",
            cluster.port
        )
    };
    let migrate = |url: &str| program(&["migrate", "--server-role", "none", "--database-url", url]).output();
    let output = migrate(&url(&authority.client("by_certificate"))).unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let output = migrate(&url(&authority.client("somebody_else"))).unwrap();
    assert!(said(&output).contains("authentication failed"), "{}", said(&output));
    let output = migrate(&url(&Authority::new("A stranger").client("by_certificate"))).unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
}
