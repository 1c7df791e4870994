//! The database's password, from a file: it reaches PostgreSQL as it is, and shows nowhere else.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Output, Stdio},
    thread,
};

use risk_registry::db::{self, Purpose, Target};
use tempfile::TempDir;

use super::support::process::program;

/// Whatever must be encoded in a URL, in one password.
const PASSWORD: &str = "pä ss:w@rd/?%41&#=+";

/// A command that signs in to PostgreSQL, and how it is told where and with which password file.
struct SignsIn {
    command: &'static str,
    url: &'static str,
    file: &'static str,
    flag: &'static str,
}

const SIGN_IN: [SignsIn; 5] = [
    by_database_url("serve"),
    by_database_url("migrate"),
    by_database_url("verify"),
    SignsIn {
        command: "copy",
        url: "COPY_FROM",
        file: "COPY_FROM_PASSWORD_FILE",
        flag: "--from-password-file",
    },
    SignsIn { command: "copy", url: "COPY_TO", file: "COPY_TO_PASSWORD_FILE", flag: "--to-password-file" },
];

const fn by_database_url(command: &'static str) -> SignsIn {
    SignsIn { command, url: "DATABASE_URL", file: "DATABASE_PASSWORD_FILE", flag: "--database-password-file" }
}

impl SignsIn {
    /// The command with a database and a password file, as the environment gives them; a copy has this other end.
    fn with(&self, url: &str, file: &str, other: &str) -> Command {
        let mut program = program(&[self.command]);
        program.env("COPY_FROM", other).env("COPY_TO", other).env(self.url, url).env(self.file, file);
        program
    }
}

fn in_file(folder: &TempDir, content: &str) -> String {
    let path = folder.path().join("password");
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// An empty registry in a file, for the other end of a copy.
fn other(folder: &TempDir) -> String {
    let path = folder.path().join("other.db").to_str().unwrap().to_owned();
    db::migrate(&mut db::open(&Target::Sqlite(path.clone()), Purpose::Owner).unwrap()).unwrap();
    path
}

/// What a command complains when it is run; it must not succeed.
fn complaint(mut command: Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let (said, complaint) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert!(!status.success() && said.is_empty(), "{said}{complaint}");
    complaint
}

#[test]
fn a_password_file_that_can_t_be_used_is_refused_with_what_is_wrong() {
    let folder = TempDir::new().unwrap();
    let postgres = "postgres://somebody@127.0.0.1:1/registry";
    let missing = folder.path().join("missing").to_str().unwrap().to_owned();
    let sqlite = folder.path().join("registry.db");
    let mut refused = 0;
    for signs_in in &SIGN_IN {
        let with = |url: &str, file: &str| signs_in.with(url, file, &missing);
        let said = complaint(with(postgres, &missing));
        assert!(said.contains(signs_in.flag) && said.contains("can't be read"), "{said}");
        for (content, words) in [("", "is empty"), ("\n", "is empty"), ("hush\nhush", "more than one line")] {
            let said = complaint(with(postgres, &in_file(&folder, content)));
            assert!(said.contains(words) && !said.contains("hush"), "{said}");
        }
        let file = in_file(&folder, "hush\n");
        let said = complaint(with(sqlite.to_str().unwrap(), &file));
        assert!(said.contains("SQLite, which takes no password") && !said.contains("hush"), "{said}");
        let said = complaint(with("postgres://somebody:whisper@127.0.0.1:1/registry", &file));
        assert!(said.contains("carries a password already"), "{said}");
        assert!(!said.contains("hush") && !said.contains("whisper"), "{said}");
        refused += 6;
    }
    assert!(!sqlite.exists(), "nothing was made");
    println!("refused {refused} password files");
}

#[test]
fn a_password_file_for_the_server_that_can_t_be_used_is_refused_before_anything_is_migrated() {
    let folder = TempDir::new().unwrap();
    let database = folder.path().join("registry.db");
    let migrate = |file: &str| {
        let mut program = program(&["migrate", "--server-password-file", file, "--database-url"]);
        program.arg(&database);
        program
    };
    let said = complaint(migrate(folder.path().join("missing").to_str().unwrap()));
    assert!(said.contains("--server-password-file") && said.contains("can't be read"), "{said}");
    for (content, words) in [("", "is empty"), ("hush\nhush", "more than one line")] {
        let said = complaint(migrate(&in_file(&folder, content)));
        assert!(said.contains(words) && !said.contains("hush"), "{said}");
    }
    assert!(!database.exists(), "nothing was made");
}

#[test]
fn a_refused_url_is_not_repeated() {
    let urls = [
        "postgre://somebody:whisper@host/registry",
        "somebody:whisper@host/registry",
        "host=127.0.0.1 password=whisper",
        "postgres://somebody:whisper@[host/registry",
        "postgres://somebody:whisper%@host/registry",
        "postgres://somebody@host/registry?password=whisper%zz",
        "postgres://somebody:whisper@host/registry?nothing=known",
    ];
    for url in urls {
        let mut by_variable = program(&["verify"]);
        by_variable.env("DATABASE_URL", url);
        for command in [by_variable, program(&["verify", "--database-url", url])] {
            let said = complaint(command);
            assert!(!said.contains("whisper"), "{url}: {said}");
        }
    }
    println!("refused {} addresses", urls.len());
}

/// One message of PostgreSQL's protocol, less its letter, if it has one, and its length.
fn message(stream: &mut TcpStream, letters: usize) -> Vec<u8> {
    let mut head = vec![0; letters + 4];
    stream.read_exact(&mut head).unwrap();
    let length = u32::from_be_bytes(head[letters..].try_into().unwrap());
    let mut body = vec![0; usize::try_from(length).unwrap() - 4];
    stream.read_exact(&mut body).unwrap();
    body
}

/// Plays PostgreSQL for one connection: asks for the password in clear and refuses it. Gives the password, and what the
/// system shows of the process while that waits.
fn ask_for_the_password(listener: &TcpListener, process: u32) -> (String, String) {
    let (mut stream, _) = listener.accept().unwrap();
    message(&mut stream, 0);
    stream.write_all(&[b'R', 0, 0, 0, 8, 0, 0, 0, 3]).unwrap();
    let mut password = message(&mut stream, 1);
    assert_eq!(password.pop(), Some(0));
    let process = Path::new("/proc").join(process.to_string());
    let shown: Vec<u8> = ["cmdline", "environ"]
        .iter()
        .filter_map(|what| fs::read(process.join(what)).ok())
        .flatten()
        .collect();
    let refusal = "SFATAL\0C28P01\0Mpassword authentication failed\0\0";
    let length = u32::try_from(refusal.len() + 4).unwrap().to_be_bytes();
    stream.write_all(&[b"E", &length[..], refusal.as_bytes()].concat()).unwrap();
    (String::from_utf8(password).unwrap(), String::from_utf8_lossy(&shown).into_owned())
}

#[test]
fn the_password_arrives_as_it_is_and_shows_nowhere() {
    let folder = TempDir::new().unwrap();
    let file = in_file(&folder, &format!("{PASSWORD}\n"));
    let other = other(&folder);
    for signs_in in &SIGN_IN {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("postgres://somebody@{address}/registry?sslmode=disable");
        let mut program = signs_in.with(&url, &file, &other);
        program.env("RUST_LOG", "trace").stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = program.spawn().unwrap();
        let process = child.id();
        let server = thread::spawn(move || ask_for_the_password(&listener, process));
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        // A program that ended without a connection must not keep the test waiting for one.
        drop(TcpStream::connect(address));
        let said = String::from_utf8([stdout, stderr].concat()).unwrap();
        let (password, shown) = server.join().unwrap_or_else(|_| panic!("no password was sent: {said}"));
        assert_eq!(password, PASSWORD, "{}", signs_in.flag);
        if cfg!(target_os = "linux") {
            assert!(shown.contains(signs_in.file), "{shown}");
        }
        assert!(!status.success() && said.contains("password authentication failed"), "{said}");
        for secret in [PASSWORD, "w%40rd", "w@rd"] {
            assert!(!said.contains(secret) && !shown.contains(secret), "{said}{shown}");
        }
    }
    println!("{} commands sent the password", SIGN_IN.len());
}
