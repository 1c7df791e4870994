//! TLS that the server speaks itself: who it says it is, what it tells browsers, what it refuses to start with, and renewal
//! without a restart.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use openssl::{
    pkey::PKey,
    rsa::Rsa,
    ssl::{SslConnector, SslMethod, SslVersion},
    symm::Cipher,
    x509::X509,
};
use tempfile::TempDir;

use super::support::{
    Client,
    certificates::{Authority, Certified},
    process::{Served, program},
};

const ONLY_TLS: &str = "max-age=31536000; includeSubDomains";

/// A folder with a certificate and its key, and the registry that serves with them.
struct Site {
    folder: TempDir,
    authority: Authority,
}

impl Site {
    fn new() -> Self {
        let site = Self { folder: TempDir::new().unwrap(), authority: Authority::new("The authority") };
        site.install(&site.authority.server("localhost", 1));
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, contents: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, contents).unwrap();
        path
    }

    fn install(&self, certified: &Certified) {
        self.write("server.pem", &certified.certificate);
        self.write("server.key", &certified.key);
    }

    fn command(&self, certificate: &Path, key: &Path) -> Command {
        let mut command = program(&["serve", "--listen", "127.0.0.1:0", "--database-url"]);
        command.arg(self.path("registry.db"));
        command.env("TLS_CERTIFICATE_FILE", certificate).env("TLS_KEY_FILE", key);
        command
    }

    fn serve(&self) -> Served {
        Served::run(self.command(&self.path("server.pem"), &self.path("server.key")))
    }

    fn client(&self, served: &Served) -> Client {
        Client::secure(served.client.address.port(), &self.authority.pem())
    }

    /// What a client is shown by a handshake in this version: the certificate, and the protocol agreed upon.
    fn shown(&self, address: SocketAddr, version: SslVersion) -> Result<(X509, Option<Vec<u8>>), String> {
        let mut connector = SslConnector::builder(SslMethod::tls()).unwrap();
        connector.cert_store_mut().add_cert(X509::from_pem(&self.authority.pem()).unwrap()).unwrap();
        connector.set_min_proto_version(Some(version)).unwrap();
        connector.set_max_proto_version(Some(version)).unwrap();
        connector.set_cipher_list("ALL:@SECLEVEL=0").unwrap();
        connector.set_alpn_protos(b"\x02h2\x08http/1.1").unwrap();
        let stream = TcpStream::connect(address).unwrap();
        let stream = connector.build().connect("localhost", stream).map_err(|failure| failure.to_string())?;
        let protocol = stream.ssl().selected_alpn_protocol().map(<[u8]>::to_vec);
        Ok((stream.ssl().peer_certificate().unwrap(), protocol))
    }
}

#[test]
fn every_answer_over_tls_says_to_come_back_over_tls_only() {
    let site = Site::new();
    let served = site.serve();
    let client = site.client(&served);
    let answers = [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("HEAD", "/v1/vendors", 200),
        ("GET", "/v1/vendors?limit=x", 400),
        ("GET", "/v1/vendors/0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77", 404),
        ("GET", "/nowhere", 404),
        ("PUT", "/v1/vendors", 405),
        ("POST", "/v1/vendors", 415),
        ("GET", "/docs/", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/metrics", 200),
    ];
    for (method, path, status) in answers {
        let answer = client.send(method, path, &[], None);
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        assert_eq!(answer.header("strict-transport-security"), Some(ONLY_TLS), "{method} {path}");
    }
    let plain = Served::start(site.path("plain.db"), &[]);
    for (method, path, status) in answers {
        let answer = plain.client.send(method, path, &[("x-forwarded-proto", "https")], None);
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        assert_eq!(answer.header("strict-transport-security"), None, "{method} {path}");
    }
    println!("{} answers with the header over TLS, and as many without over plain HTTP", answers.len());
}

#[test]
fn tls_is_spoken_in_its_two_newest_versions_and_nothing_else_is() {
    let site = Site::new();
    let served = site.serve();
    let address = served.client.address;
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let (_, protocol) = site.shown(address, version).unwrap();
        assert_eq!(protocol.as_deref(), Some(&b"http/1.1"[..]));
    }
    for version in [SslVersion::TLS1, SslVersion::TLS1_1] {
        let refusal = site.shown(address, version).unwrap_err();
        assert!(refusal.contains("alert") || refusal.contains("unsupported protocol"), "{refusal}");
    }
    // Somebody who speaks plain HTTP to it gets no answer, and no data of anybody's.
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    assert!(answer.len() < 20 && !answer.starts_with(b"HTTP"), "{:?}", String::from_utf8_lossy(&answer));
    // Nor does it hold up anybody else.
    let _silent = TcpStream::connect(address).unwrap();
    site.client(&served).get("/healthz").expect(200);
    let stranger = Client::secure(address.port(), &Authority::new("A stranger").pem());
    assert!(stranger.try_send("GET", "/healthz", &[], None).is_err());
}

#[test]
fn the_health_command_asks_over_tls_where_the_server_speaks_it() {
    let site = Site::new();
    let served = site.serve();
    let health = |secure: bool, live: bool| {
        let mut command = program(&["health"]);
        command.env("LISTEN", served.client.address.to_string());
        if secure {
            command.env("TLS_CERTIFICATE_FILE", site.path("server.pem"));
        }
        let output = command.args(live.then_some("--live")).output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (output.status.code(), said)
    };
    let (code, said) = health(true, false);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("https://127.0.0.1:") && said.contains("/readyz: {\"status\":\"ready\""), "{said}");
    assert_eq!(health(true, true).0, Some(0));
    let (code, said) = health(false, false);
    assert_eq!(code, Some(1), "{said}");
}

#[test]
fn what_tls_cannot_be_served_with_is_refused_at_start() {
    let site = Site::new();
    let (good, key) = (site.path("server.pem"), site.path("server.key"));
    let other = site.authority.server("localhost", 1);
    let other_key = site.write("other.key", &other.key);
    let both = fs::read(&good).unwrap();
    let reversed = site.write("reversed.pem", &[site.authority.pem(), both].concat());
    let pair = PKey::private_key_from_pem(&fs::read(&key).unwrap()).unwrap();
    let encrypted = pair.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"secret").unwrap();
    let encrypted = site.write("encrypted.key", &encrypted);
    let short = PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap();
    let short = site.write("short.key", &short.private_key_to_pem_pkcs8().unwrap());
    let (empty, garbage) = (site.write("empty.pem", b""), site.write("garbage.pem", b"\xff\0certificate"));
    let broken = site.write("broken.pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let cut = site.write("cut.pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n");
    let missing = site.path("missing.pem");
    let refused: [(&Path, &Path, &str); 12] = [
        (&missing, &key, "missing.pem can't be read: No such file"),
        (&good, &missing, "missing.pem can't be read: No such file"),
        (&good, site.folder.path(), "can't be read: Is a directory"),
        (&empty, &key, "empty.pem holds no certificate"),
        (&key, &key, "server.key holds no certificate"),
        (&good, &good, "server.pem holds no private key"),
        (&good, &empty, "empty.pem holds no private key"),
        (&garbage, &key, "garbage.pem holds no certificate"),
        (&cut, &key, "cut.pem can't be read: it is no PEM file"),
        (&broken, &key, "the first certificate in"),
        (&good, &other_key, "is not that of the first certificate"),
        (&reversed, &key, "which must be the server's own"),
    ];
    for (certificate, key, why) in refused {
        refuses(&site, certificate, key, why);
    }
    refuses(&site, &good, &encrypted, "encrypted.key holds an encrypted key");
    refuses(&site, &good, &short, "is none that TLS is served with");
    for (left_out, wanted) in
        [("TLS_KEY_FILE", "--tls-key-file"), ("TLS_CERTIFICATE_FILE", "--tls-certificate-file")]
    {
        let output = site.command(&good, &key).env_remove(left_out).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(wanted), "{left_out}: {said}");
    }
    println!("{} pairs of files refused", refused.len() + 4);
}

#[track_caller]
fn refuses(site: &Site, certificate: &Path, key: &Path, why: &str) {
    let output = site.command(certificate, key).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{why}: {said}");
    assert!(said.contains(why) && !said.contains("-----BEGIN"), "{why}: {said}");
}

#[test]
fn a_renewed_certificate_is_shown_without_a_restart() {
    let site = Site::new();
    let log = site.path("log");
    let command = site.command(&site.path("server.pem"), &site.path("server.key"));
    let served = Served::run_with_log(command, fs::File::create(&log).unwrap());
    let address = served.client.address;
    let serial = || {
        let (certificate, _) = site.shown(address, SslVersion::TLS1_3).unwrap();
        certificate.serial_number().to_bn().unwrap().to_hex_str().unwrap().to_string()
    };
    let until = |wanted: &dyn Fn() -> bool, what: &str| {
        let began = Instant::now();
        while !wanted() {
            assert!(began.elapsed() < Duration::from_secs(60), "{what}");
            std::thread::sleep(Duration::from_millis(200));
        }
        began.elapsed()
    };
    let logged = |text: &str| {
        serial();
        fs::read_to_string(&log).unwrap().contains(text)
    };
    let first = serial();
    let (second, third) = (site.authority.server("localhost", 2), site.authority.server("localhost", 3));

    // One file after the other, and long apart: what fits is shown all the time.
    site.write("server.pem", &second.certificate);
    until(&|| logged("is not that of the first certificate"), "the half renewal was not seen");
    assert_eq!(serial(), first);
    site.write("server.key", &second.key);
    let took = until(&|| serial() != first, "the renewal was not seen");
    let renewed = serial();
    site.client(&served).get("/healthz").expect(200);

    // As ACME programs do it: the names are links, and the links move.
    let keep = |name: &str, contents: &[u8]| {
        let (file, link) = (site.write(&format!("kept-{name}"), contents), site.path(&format!("new-{name}")));
        std::os::unix::fs::symlink(file, &link).unwrap();
        fs::rename(link, site.path(name)).unwrap();
    };
    keep("server.pem", &third.certificate);
    keep("server.key", &third.key);
    until(&|| serial() != renewed, "the moved links were not seen");
    let last = serial();

    // A file that is gone for a while takes nothing away.
    fs::remove_file(site.path("server.key")).unwrap();
    until(&|| logged("server.key can't be read"), "the missing key was not seen");
    assert_eq!(serial(), last);
    assert_eq!(fs::read_to_string(&log).unwrap().matches("server.key can't be read").count(), 1);
    println!("a renewal was shown after {took:?}; half of one, and a missing file, changed nothing");
}
