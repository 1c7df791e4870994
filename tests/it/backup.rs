//! Backup of SQLite through the real program: whole while others write, never half, never over another file.

use std::{
    ffi::OsStr,
    fs::{self, Permissions},
    io::{BufRead, BufReader, Write},
    os::{
        fd::OwnedFd,
        unix::{fs::PermissionsExt, net::UnixStream},
    },
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use risk_registry::db::{self, AnyConnection, Purpose, Target};
use tempfile::TempDir;

use super::support::{
    Client,
    process::{self, Served, program},
    scribe::Scribe,
    sql::Raw,
    stop::Stops,
};

fn back_up(database: &Path, file: &Path, more: &[&str]) -> Output {
    let mut command = program(&["backup", file.to_str().unwrap(), "--database-url"]);
    command.arg(database).args(more).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn refused(output: &Output, why: &str) {
    assert_eq!(output.status.code(), Some(1), "{}", said(output));
    assert!(said(output).contains(why), "{}", said(output));
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn open(database: &Path) -> AnyConnection {
    db::open(&Target::Sqlite(database.to_str().unwrap().to_owned()), Purpose::Write).unwrap()
}

/// An SQLite file with the example in it.
fn example(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("registry.db");
    let mut served = Served::start(&path, &["--demo"]);
    served.client.vendor("One more, by hand");
    served.stop();
    path
}

#[test]
fn backups_while_eight_clients_write_are_whole_and_hold_a_prefix_of_the_journal() {
    const BACKUPS: usize = 4;
    let folder = TempDir::new().unwrap();
    let database = folder.path().join("registry.db");
    let kept = folder.path().join("kept");
    fs::create_dir(&kept).unwrap();
    let served = Served::start(&database, &[]);
    let client = &served.client;
    Scribe::new(client, 7).write(300);

    let (enough, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    let one_client = |number: usize| {
        let client = Client::new(client.address);
        for turn in 0.. {
            if enough.load(Ordering::Relaxed) {
                return;
            }
            client.vendor(&format!("Written meanwhile {number}-{turn}"));
            written.fetch_add(1, Ordering::Relaxed);
        }
    };
    let mut heads = Vec::new();
    thread::scope(|scope| {
        let stops = Stops(&enough);
        let clients: Vec<_> = (0..8).map(|number| scope.spawn(move || one_client(number))).collect();
        for number in 0..BACKUPS {
            // Some writes each time: the next backup is another moment.
            let before = written.load(Ordering::Relaxed);
            while written.load(Ordering::Relaxed) < before + 100 {
                assert!(!clients.iter().any(|client| client.is_finished()), "a client failed");
                thread::yield_now();
            }
            let acknowledged = client.head();
            let begun = written.load(Ordering::Relaxed);
            let output = back_up(&database, &kept.join(format!("{number}.db")), &[]);
            let meanwhile = written.load(Ordering::Relaxed) - begun;
            assert!(output.status.success(), "{}", said(&output));
            assert!(said(&output).contains("everything agrees with the journal"), "{}", said(&output));
            heads.push((acknowledged, client.head(), meanwhile));
        }
        drop(stops);
    });
    let names = names(&kept);
    assert_eq!(names, ["0.db", "1.db", "2.db", "3.db"], "one file each, and no other");

    let feed = client.all("/v1/journal?limit=500");
    for (name, (before, after, meanwhile)) in names.iter().zip(&heads) {
        let file = kept.join(name);
        let output = process::verify(&file);
        assert!(output.status.success(), "{}", said(&output));
        let restored = Served::start(&file, &[]);
        let entries = restored.client.all("/v1/journal?limit=500");
        let head = entries.len() as u64;
        assert!(*before <= head && head <= *after, "{before}, {head}, {after}");
        assert_eq!(entries[..], feed[..entries.len()], "a prefix of the journal");
        assert_eq!(restored.client.head(), head);
        restored.client.vendor("Written to what was restored");
        println!("{name}: {head} entries; {meanwhile} writes acknowledged while it was made");
    }
    assert!(heads.windows(2).all(|pair| pair[0].1 < pair[1].1), "they are different moments");
    let meanwhile: usize = heads.iter().map(|(_, _, meanwhile)| meanwhile).sum();
    assert!(meanwhile > 0, "writes went on");
    println!("{BACKUPS} backups, {} writes, {meanwhile} of them meanwhile", written.load(Ordering::Relaxed));
}

#[test]
fn what_can_not_be_backed_up_is_refused_and_nothing_is_overwritten() {
    let folder = TempDir::new().unwrap();
    let database = example(&folder);
    let before = fs::read(&database).unwrap();
    let inside = names(folder.path());
    let file = folder.path().join("kept.db");
    fs::write(&file, "precious").unwrap();
    refused(&back_up(&database, &file, &[]), "is there already");
    assert_eq!(fs::read(&file).unwrap(), b"precious");
    refused(&back_up(&database, &database, &[]), "is there already");
    refused(&back_up(&database, folder.path(), &[]), "is there already");
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink(folder.path().join("nowhere"), &file).unwrap();
    refused(&back_up(&database, &file, &[]), "is there already");
    fs::remove_file(&file).unwrap();

    refused(&back_up(&folder.path().join("no.db"), &file, &[]), "there is no SQLite file");
    refused(&back_up(Path::new("postgres://u:s3cret@localhost/registry"), &file, &[]), "pg_dump");
    refused(&back_up(&database, Path::new("/proc/backup.db"), &[]), "can't write /proc/backup.db");
    refused(&back_up(&database, &folder.path().join("no folder/b.db"), &[]), "No such file or directory");
    refused(&back_up(&database, &database.join("b.db"), &[]), "Not a directory");
    let other = folder.path().join("other.db");
    open(&other).run("CREATE TABLE something (id INTEGER)").unwrap();
    refused(&back_up(&other, &file, &[]), "there is no registry in");
    fs::remove_file(&other).unwrap();
    assert_eq!(program(&["backup"]).output().unwrap().status.code(), Some(2), "without a FILE");

    assert_eq!(names(folder.path()), inside, "nothing is left");
    assert_eq!(fs::read(&database).unwrap(), before, "the registry is untouched");
}

#[test]
fn a_registry_that_does_not_verify_is_copied_only_when_that_is_asked_for() {
    let folder = TempDir::new().unwrap();
    let database = example(&folder);
    let mut raw = open(&database);
    raw.run("UPDATE vendors SET name_key = 'forged' WHERE name_key LIKE 'one more%'").unwrap();
    drop(raw);
    let file = folder.path().join("kept.db");
    let output = back_up(&database, &file, &[]);
    refused(&output, "DIFFERS vendor");
    refused(&output, "was not kept");
    assert_eq!(names(folder.path()), ["registry.db", "registry.db.key-secret"]);
    let output = back_up(&database, &file, &["--no-verify"]);
    assert!(output.status.success() && said(&output).contains("not verified"), "{}", said(&output));
    assert!(!process::verify(&file).status.success());
}

/// Runs a backup into a small file system of its own in memory, then says what is in it.
const INTO_A_MOUNT: &str = "mount -t tmpfs -o \"$1\" none \"$2\" || exit 99; \"$3\" backup \"$2/b.db\" \
                            --database-url \"$4\"; code=$?; ls -A \"$2\"; exit $code";

/// Whether the program was run at all: the script ends with 99 where nobody may mount, and `unshare` refuses by itself.
fn mounted(output: &Output) -> bool {
    output.status.code() != Some(99) && !output.stderr.starts_with(b"unshare: ")
}

#[test]
fn a_full_or_read_only_disk_is_said_and_nothing_is_left_on_it() {
    let folder = TempDir::new().unwrap();
    let database = example(&folder);
    let mount = TempDir::new().unwrap();
    let before = fs::read(&database).unwrap();
    for (options, why) in [("size=200k", "no room"), ("ro", "Read-only file system")] {
        let mut command = Command::new("unshare");
        process::without_settings(&mut command);
        let output = command
            .args(["--mount", "--map-root-user", "sh", "-c", INTO_A_MOUNT, "sh", options])
            .arg(mount.path())
            .arg(env!("CARGO_BIN_EXE_risk-registry"))
            .arg(&database)
            .output();
        let Some(output) = output.ok().filter(mounted) else {
            super::support::not_allowed("to mount a small file system");
            return;
        };
        refused(&output, why);
        assert_eq!(output.stdout, b"", "a file was left: {}", said(&output));
    }
    assert_eq!(fs::read(&database).unwrap(), before);
    assert!(process::verify(&database).status.success());
}

#[test]
fn a_backup_that_is_stopped_leaves_nothing() {
    let (folder, kept) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let database = example(&folder);
    for (signal, code) in [("-TERM", 143), ("-INT", 130)] {
        // Nobody else may open it while this connection holds it, so the backup waits with its file made.
        let mut holder = open(&database);
        holder.run("PRAGMA locking_mode = EXCLUSIVE").unwrap();
        holder.run("BEGIN EXCLUSIVE").unwrap();
        let mut command = program(&["backup"]);
        command.arg(kept.path().join("b.db")).arg("--database-url").arg(&database);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let (mut line, mut errors) = (String::new(), BufReader::new(child.stderr.take().unwrap()));
        errors.read_line(&mut line).unwrap();
        assert!(line.contains("backing up SQLite"), "{line}");
        assert_eq!(names(kept.path()).len(), 1);
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert!(names(kept.path()).is_empty(), "{:?}", names(kept.path()));
    }
}

#[test]
fn a_backup_that_is_stopped_when_it_has_its_name_says_that_it_is_there() {
    let (folder, kept) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (database, file) = (example(&folder), kept.path().join("b.db"));
    // Nobody reads its output, which takes no byte more: it waits in the first line that it prints.
    let (output, _unread) = UnixStream::pair().unwrap();
    output.set_nonblocking(true).unwrap();
    for piece in [&[0; 4096][..], &[0]] {
        while (&output).write(piece).is_ok() {}
    }
    output.set_nonblocking(false).unwrap();
    let mut command = program(&["backup"]);
    command.arg(&file).arg("--database-url").arg(&database);
    let mut child = command.stdout(OwnedFd::from(output)).stderr(Stdio::piped()).spawn().unwrap();
    while !file.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
        thread::yield_now();
    }
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(143), "{}", said(&ended));
    assert!(said(&ended).contains("b.db is there, and whole"), "{}", said(&ended));
    assert_eq!(names(kept.path()), ["b.db"]);
    assert!(process::verify(&file).status.success());
}

/// Makes a command obey the rights of files, which root need not; none where this system can't.
fn obeying_rights(command: &Command) -> Option<Command> {
    let powers =
        ["--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"];
    let obeys = |mut probe: Command| {
        let folder = TempDir::new().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o000)).unwrap();
        probe.arg(folder.path().join("x")).stderr(Stdio::null()).status().is_ok_and(|it| !it.success())
    };
    let of = |program: &OsStr, prefix: bool| {
        let mut wrapped = Command::new(if prefix { OsStr::new("setpriv") } else { program });
        if prefix {
            wrapped.args(powers).arg(program);
        }
        wrapped
    };
    let prefix = !obeys(of(OsStr::new("touch"), false));
    if prefix && !obeys(of(OsStr::new("touch"), true)) {
        return None;
    }
    let mut wrapped = of(command.get_program(), prefix);
    wrapped.args(command.get_args());
    Some(wrapped)
}

#[test]
fn rights_that_forbid_writing_are_kept_and_do_no_harm() {
    let folder = TempDir::new().unwrap();
    let (database, kept) = (example(&folder), folder.path().join("kept"));
    fs::create_dir(&kept).unwrap();
    fs::set_permissions(&database, Permissions::from_mode(0o444)).unwrap();
    let back_up = |name: &str| {
        let mut command = program(&["backup"]);
        obeying_rights(command.arg(kept.join(name)).arg("--database-url").arg(&database))
    };
    let Some(mut command) = back_up("b.db") else {
        super::support::not_allowed("to become a user who obeys the rights of files");
        return;
    };
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(fs::metadata(kept.join("b.db")).unwrap().permissions().mode() & 0o777, 0o444);
    assert!(process::verify(kept.join("b.db")).status.success());

    // A folder that can't be read can't be synced, and a name in it is not safe.
    fs::set_permissions(&kept, Permissions::from_mode(0o300)).unwrap();
    let output = back_up("c.db").unwrap().output().unwrap();
    fs::set_permissions(&kept, Permissions::from_mode(0o700)).unwrap();
    refused(&output, "can't write");
    assert_eq!(names(&kept), ["b.db"], "nothing is left");
}

#[test]
fn an_empty_registry_can_be_backed_up_too() {
    let folder = TempDir::new().unwrap();
    let (database, file) = (folder.path().join("registry.db"), folder.path().join("b.db"));
    db::migrate(&mut open(&database)).unwrap();
    let output = back_up(&database, &file, &[]);
    assert!(said(&output).contains("backed up 0 journal entries"), "{}", said(&output));
    Served::start(&file, &["--demo"]).stop();
    assert!(process::verify(&file).status.success());
}

#[test]
fn a_backup_is_on_the_disk_before_it_has_its_name_and_its_name_before_it_is_said() {
    let folder = TempDir::new().unwrap();
    let (database, trace) = (example(&folder), folder.path().join("trace"));
    let kept = folder.path().canonicalize().unwrap().join("kept");
    fs::create_dir(&kept).unwrap();
    let plain = program(&["backup"]);
    let mut command = Command::new("strace");
    process::without_settings(&mut command);
    command.args(["-f", "-y", "-s", "100", "-e", "trace=fsync,rename,renameat,renameat2,linkat,write", "-o"]);
    command.arg(&trace).arg(plain.get_program()).arg("backup").arg(kept.join("b.db"));
    let Ok(output) = command.arg("--database-url").arg(&database).output() else {
        super::support::skip("there is no strace");
        return;
    };
    assert!(output.status.success(), "{}", said(&output));
    let trace = fs::read_to_string(&trace).unwrap();
    let kept = kept.to_str().unwrap();
    let lines: Vec<&str> = trace.lines().collect();
    // The last of each: SQLite syncs while it writes, the program when all is written.
    let at = |what: &dyn Fn(&str) -> bool| {
        lines.iter().rposition(|line| what(line)).unwrap_or_else(|| panic!("{trace}"))
    };
    let steps = [
        at(&|line| line.contains("fsync(") && line.contains(".partial>)")),
        at(&|line| (line.contains("rename") || line.contains("linkat")) && line.contains(kept)),
        at(&|line| line.contains("fsync(") && line.contains(&format!("<{kept}>)"))),
        at(&|line| line.contains("write(1<") && line.contains("backed up")),
    ];
    assert!(steps.is_sorted(), "{steps:?}: {trace}");
    println!("{} system calls, in order: {steps:?}", lines.len());
}
