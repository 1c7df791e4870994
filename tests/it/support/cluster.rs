//! A PostgreSQL cluster of one's own, for tests of what happens to a whole server: kills, restarts, standbys, settings.
//! Tests that only need a database take one from `postgres` instead, which is much cheaper.

use std::{
    fs,
    fs::File,
    io::Write,
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use risk_registry::db::AnyConnection;
use tempfile::TempDir;

use super::{postgres, sql::Raw};

/// How long a server may take to start, stop or follow before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A cluster in a folder of its own: it listens on a Unix socket there and on a free port of this machine. Stopped and
/// removed when it is dropped.
pub struct Cluster {
    folder: TempDir,
    /// Where the data is; elsewhere than in `folder` only where a test puts it on a disk of its own.
    data: PathBuf,
    pub port: u16,
    postmaster: Option<Child>,
}

impl Cluster {
    /// A running cluster with these settings, or `None`, said aloud, where there are no programs for tests.
    ///
    /// # Panics
    /// Without programs where `REQUIRE_POSTGRES=1`.
    pub fn start(settings: &[(&str, &str)]) -> Option<Self> {
        Self::prepare(settings, None).map(|mut cluster| {
            cluster.run();
            cluster
        })
    }

    /// A cluster that does not run yet, with its data in a folder that the test gives.
    pub fn prepare(settings: &[(&str, &str)], data: Option<&Path>) -> Option<Self> {
        if programs().is_none() {
            postgres::skip("TEST_POSTGRES_PROGRAMS names no folder");
            return None;
        }
        let cluster = Self::without_data(data);
        let made = cluster
            .program("initdb")
            .arg("-D")
            .arg(&cluster.data)
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"])
            .args(["--locale-provider=icu", "--icu-locale=en-US", "--no-sync"])
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        for (name, value) in settings {
            cluster.set(name, value);
        }
        Some(cluster)
    }

    /// A running copy of a running cluster that follows it under this name.
    pub fn standby_of(primary: &Self, name: &str) -> Self {
        let mut standby = Self::without_data(None);
        standby.follow(primary, name);
        standby
    }

    /// Becomes a copy of a running cluster and follows it, through a slot of this name; by the name the primary's
    /// `synchronous_standby_names` can ask for it. What it held before is gone.
    pub fn follow(&mut self, primary: &Self, name: &str) {
        self.kill();
        if self.data.exists() {
            fs::remove_dir_all(&self.data).unwrap();
        }
        // One that an earlier standby of this name left would keep the log for ever.
        primary.lines(&format!(
            "SELECT pg_drop_replication_slot(slot_name)::text AS line FROM pg_replication_slots \
             WHERE slot_name = '{name}'"
        ));
        let source =
            format!("host={} port={} user=postgres application_name={name}", primary.host(), primary.port);
        let copied = self
            .program("pg_basebackup")
            .arg("-D")
            .arg(&self.data)
            .args(["-d", &source, "--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf"])
            .args(["--create-slot", "--slot", name, "--no-sync"])
            .output()
            .unwrap();
        assert!(copied.status.success(), "pg_basebackup: {}", String::from_utf8_lossy(&copied.stderr));
        self.run();
    }

    /// A cluster over data that is there already, such as a base backup. It does not run yet.
    pub fn over(data: &Path) -> Self {
        Self::without_data(Some(data))
    }

    fn without_data(data: Option<&Path>) -> Self {
        // A short path: a socket's may have at most 107 bytes.
        let folder = tempfile::Builder::new().prefix("pg-").tempdir_in("/tmp").unwrap();
        own(folder.path());
        let data = data.map_or_else(|| folder.path().join("data"), Path::to_path_buf);
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { folder, data, port: free, postmaster: None }
    }

    /// Sets a parameter of a running server, at once.
    pub fn reset(&self, name: &str, value: &str) {
        self.set(name, value);
        self.administer("SELECT pg_reload_conf()");
    }

    /// Sets a parameter in postgresql.conf; it counts from the next start or reload.
    pub fn set(&self, name: &str, value: &str) {
        let file = self.data.join("postgresql.conf");
        let mut file = File::options().append(true).open(file).unwrap();
        writeln!(file, "{name} = '{}'", value.replace('\'', "''")).unwrap();
    }

    /// Puts a file beside the data that the server, and nobody else, may read; gives its path.
    pub fn install(&self, name: &str, contents: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        let made = Command::new("install").args(["-m", "600", "/dev/null"]).arg(&path).status().unwrap();
        assert!(made.success());
        fs::write(&path, contents).unwrap();
        own(&path);
        path
    }

    /// Starts the server, and waits until it answers.
    pub fn run(&mut self) {
        self.launch();
        self.await_answer();
    }

    /// Starts the server, and does not wait.
    pub fn launch(&mut self) {
        assert!(self.postmaster.is_none(), "it runs already");
        let log = File::options().create(true).append(true).open(self.log()).unwrap();
        let mut command = self.program("postgres");
        command.arg("-D").arg(&self.data);
        command.args(["-c", &format!("port={}", self.port), "-c", "listen_addresses=127.0.0.1"]);
        command.arg("-c").arg(format!("unix_socket_directories={}", self.host()));
        command.stdout(Stdio::null()).stderr(log);
        self.postmaster = Some(command.spawn().unwrap());
    }

    /// Waits until the server answers.
    pub fn await_answer(&mut self) {
        let begun = Instant::now();
        while !self.answers() {
            let ended = self.postmaster.as_mut().unwrap().try_wait().unwrap();
            assert!(
                ended.is_none() && begun.elapsed() < PATIENCE,
                "PostgreSQL does not start: {}",
                self.log_text()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether the server takes sessions.
    pub fn answers(&self) -> bool {
        PgConnection::establish(&self.url("postgres")).is_ok()
    }

    /// How often the server found that it can't go on, by its log.
    pub fn panics(&self) -> usize {
        self.log_text().matches("PANIC:").count()
    }

    /// Whether the server process is there.
    pub fn is_running(&mut self) -> bool {
        self.postmaster.as_mut().is_some_and(|postmaster| postmaster.try_wait().unwrap().is_none())
    }

    /// Stops the server: it ends every session first.
    pub fn stop(&mut self) {
        let Some(mut postmaster) = self.postmaster.take() else { return };
        signal("INT", &[postmaster.id()]);
        assert!(postmaster.wait().unwrap().success(), "{}", self.log_text());
    }

    /// SIGKILL to the postmaster and each of its processes, at one stroke.
    pub fn kill(&mut self) {
        let Some(mut postmaster) = self.postmaster.take() else { return };
        // Stopped, it starts no process that the stroke would miss.
        signal("STOP", &[postmaster.id()]);
        let mut all = children(postmaster.id());
        all.push(postmaster.id());
        signal("KILL", &all);
        postmaster.wait().unwrap();
        // The next start is refused while one of them holds the shared memory.
        let begun = Instant::now();
        while all.iter().any(|process| is_alive(*process)) {
            assert!(begun.elapsed() < PATIENCE, "processes of PostgreSQL survive SIGKILL");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Stops (SIGSTOP) the server and each of its processes: it is there and does not answer.
    pub fn freeze(&self) {
        self.signal_all("STOP");
    }

    /// Lets a frozen server go on.
    pub fn thaw(&self) {
        self.signal_all("CONT");
    }

    fn signal_all(&self, name: &str) {
        let postmaster = self.postmaster.as_ref().unwrap().id();
        let mut all = vec![postmaster];
        all.extend(children(postmaster));
        signal(name, &all);
    }

    /// Makes a standby the primary; back when it takes writes.
    pub fn promote(&self) {
        let promoted =
            self.program("pg_ctl").args(["promote", "--wait", "-D"]).arg(&self.data).output().unwrap();
        assert!(promoted.status.success(), "{}", String::from_utf8_lossy(&promoted.stderr));
    }

    /// Waits until a standby of this name follows as a synchronous one.
    pub fn await_synchronous(&self, name: &str) {
        let begun = Instant::now();
        let followed = format!(
            "SELECT application_name AS line FROM pg_stat_replication \
             WHERE application_name = '{name}' AND state = 'streaming' AND sync_state IN ('sync', 'quorum')"
        );
        while self.lines(&followed).is_empty() {
            assert!(begun.elapsed() < PATIENCE, "no standby {name} follows: {}", self.log_text());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Runs statements as the superuser in the database `postgres`.
    pub fn administer(&self, statements: &str) {
        self.connect("postgres").batch_execute(statements).unwrap_or_else(|f| panic!("{statements}: {f}"));
    }

    /// The texts of the column `line`, as the superuser in the database `postgres`.
    pub fn lines(&self, query: &str) -> Vec<String> {
        self.connect("postgres").lines(query)
    }

    /// A session of the superuser.
    pub fn connect(&self, database: &str) -> AnyConnection {
        let connected = PgConnection::establish(&self.url(database));
        AnyConnection::Postgres(connected.unwrap_or_else(|f| panic!("{f}: {}", self.log_text())))
    }

    /// Where its sockets are, and its `host` in URLs.
    pub fn host(&self) -> String {
        self.folder.path().to_str().unwrap().to_owned()
    }

    /// The superuser's URL of a database, by the socket.
    pub fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&port={}&user=postgres", self.host(), self.port)
    }

    /// Where the data is.
    pub fn data(&self) -> &Path {
        &self.data
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    /// What the server wrote to its log.
    pub fn log_text(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// A program of PostgreSQL, run as whom a server may run.
    pub fn program(&self, name: &str) -> Command {
        let mut command = Command::new(programs().unwrap().join(name));
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        if let Some((user, group)) = account() {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Where PostgreSQL's programs are; scripts/postgres-for-tests says it.
fn programs() -> Option<PathBuf> {
    std::env::var_os("TEST_POSTGRES_PROGRAMS").map(PathBuf::from)
}

/// PostgreSQL refuses to run as root: user and group to run it as then.
fn account() -> Option<(u32, u32)> {
    let number = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().parse::<u32>().ok()
    };
    if number(&["-u"]) != Some(0) {
        return None;
    }
    let of = |name: &str| number(&["-u", name]).zip(number(&["-g", name]));
    Some(of("postgres").or_else(|| of("nobody")).expect("an account to run PostgreSQL as"))
}

/// Gives a file or folder to whom the server runs as.
pub fn own(path: &Path) {
    if let Some((user, group)) = account() {
        chown(path, Some(user), Some(group)).unwrap();
    }
}

/// Sends a signal; processes that are gone are passed over.
pub fn signal(name: &str, processes: &[u32]) {
    let processes = processes.iter().map(ToString::to_string);
    let sent = Command::new("kill").arg(format!("-{name}")).args(processes).stderr(Stdio::null()).status();
    sent.unwrap();
}

fn children(parent: u32) -> Vec<u32> {
    let output = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let of_line = |line: &str| {
        let mut numbers = line.split_whitespace().map(|number| number.parse::<u32>().ok());
        let (process, of) = (numbers.next()??, numbers.next()??);
        (of == parent).then_some(process)
    };
    text.lines().filter_map(of_line).collect()
}

/// Whether a process runs; one that has ended and was not waited for does not.
fn is_alive(process: u32) -> bool {
    let output = Command::new("ps").args(["-o", "stat=", "-p", &process.to_string()]).output().unwrap();
    let state = String::from_utf8(output.stdout).unwrap();
    !state.trim().is_empty() && !state.trim().starts_with('Z')
}
