//! A PostgreSQL server for the length of a test run, on a socket of its own.
//!
//! Made new below the folder for temporary files; a database a story. It is
//! watched over by a shell that waits for the end of its standard input, which
//! is the end of the test run, however that ends; then it ends the server, by
//! its process id, and clears up. Where PostgreSQL is not installed, there is
//! none.

#![allow(dead_code, reason = "two test binaries, and not all of it in each")]

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Whether what was committed has to reach the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flushes {
    Never,
    Always,
}

pub struct Throwaway {
    programs: PathBuf,
    folder: PathBuf,
    /// User and group that the server runs as, where we are root, which it
    /// refuses to be.
    owner: Option<(u32, u32)>,
    shell: Option<Child>,
    stories: AtomicU32,
}

/// Who may come in over the socket.
const LOCAL: &str = "local all stranger scram-sha-256\nlocal all all trust\n";

/// Waits for its input to end, then ends the server and removes the folder.
const WATCH: &str = r#"
    "$0/postgres" -D "$1/data" >>"$1/log" 2>&1 &
    cat >/dev/null
    server=$(head -n 1 "$1/data/postmaster.pid") && kill -QUIT "$server"
    while kill -0 "$server"; do sleep 0.1; done
    rm -rf "$1"
"#;

/// The one that all stories of this test run share, if there is a PostgreSQL.
pub fn shared(flushes: Flushes) -> Option<&'static Throwaway> {
    static SHARED: OnceLock<Option<Throwaway>> = OnceLock::new();
    SHARED.get_or_init(|| Throwaway::start(flushes)).as_ref()
}

impl Throwaway {
    pub fn start(flushes: Flushes) -> Option<Self> {
        Self::start_below(&std::env::temp_dir(), flushes)
    }

    /// On the disk that `below` is on. A socket bears no long path.
    pub fn start_below(below: &Path, flushes: Flushes) -> Option<Self> {
        Some(Self::on_a_socket(below, flushes, &[])?.up())
    }

    /// One that is not up yet; `options` are for initdb.
    pub fn on_a_socket(below: &Path, flushes: Flushes, options: &[&str]) -> Option<Self> {
        let server = Self::made(below, options)?;
        let fsync = flushes == Flushes::Always;
        server.configure(&format!("fsync = {fsync}\nlisten_addresses = ''\n"), LOCAL);
        Some(server)
    }

    /// One that also listens on loopback, where it speaks TLS alone; and its port.
    pub fn start_in_tls(certificate: &str, key: &str) -> Option<(Self, u16)> {
        let server = Self::made(&std::env::temp_dir(), &[])?;
        server.write("server.crt", certificate);
        server.write("server.key", key);
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        server.configure(
            &format!("fsync = off\nssl = on\nlisten_addresses = '127.0.0.1'\nport = {port}\n"),
            "local all all trust\nhostssl all all 127.0.0.1/32 trust\n",
        );
        Some((server.up(), port))
    }

    /// Made, but not started.
    fn made(below: &Path, options: &[&str]) -> Option<Self> {
        let Some(programs) = programs() else {
            let _ = writeln!(std::io::stderr(), "skipped: PostgreSQL is not installed");
            return None;
        };
        static SERVERS: AtomicU32 = AtomicU32::new(0);
        let number = SERVERS.fetch_add(1, Ordering::Relaxed);
        let folder = below.join(format!("hlas-pg-{}-{number}", std::process::id()));
        std::fs::create_dir(&folder).expect("a folder for PostgreSQL");
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o700)).expect("ours alone");
        let owner = owner(&folder);
        if let Some((user, group)) = owner {
            chown(&folder, Some(user), Some(group)).expect("theirs");
        }
        let server = Self { programs, folder, owner, shell: None, stories: AtomicU32::new(0) };
        let made = server
            .command("initdb")
            .args(["--auth=trust", "--username=hlas", "--encoding=UTF8", "--locale=C.UTF-8"])
            .args(options)
            .args(["--no-sync", "--no-instructions", "-D"])
            .arg(server.folder.join("data"))
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Some(server)
    }

    fn configure(&self, settings: &str, who: &str) {
        let socket = self.folder.display();
        self.write(
            "postgresql.conf",
            &format!("unix_socket_directories = '{socket}'\nmax_connections = 200\n{settings}"),
        );
        self.write("pg_hba.conf", who);
    }

    /// For the server alone to read.
    fn write(&self, name: &str, text: &str) {
        let file = self.folder.join("data").join(name);
        std::fs::write(&file, text).expect("written");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).expect("its alone");
        if let Some((user, group)) = self.owner {
            chown(&file, Some(user), Some(group)).expect("its");
        }
    }

    /// A URL of a new, empty database.
    pub fn database(&self) -> String {
        let number = self.stories.fetch_add(1, Ordering::Relaxed);
        let name = format!("story_{number}");
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://hlas@localhost/{database}?host={}", self.folder.display())
    }

    /// What psql answers.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let said = self.psql(database, sql);
        assert!(said.status.success(), "{sql}: {}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8(said.stdout).expect("text").trim().to_owned()
    }

    /// Why psql cannot do that.
    pub fn refusal(&self, database: &str, sql: &str) -> String {
        let said = self.psql(database, sql);
        assert!(!said.status.success(), "{sql}");
        String::from_utf8(said.stderr).expect("text")
    }

    fn psql(&self, database: &str, sql: &str) -> Output {
        let mut command = self.command("psql");
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "hlas", "-c", sql]);
        command
            .arg("-h")
            .arg(&self.folder)
            .args(["-p", &self.port()])
            .arg(database)
            .output()
            .expect("psql runs")
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The one that watches over it.
    pub fn shell(&mut self) -> &mut Child {
        self.shell.as_mut().expect("it is up")
    }

    /// One of PostgreSQL's programs, as the user who may run it.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.env_clear().current_dir(&self.folder);
        self.as_its_user(&mut command);
        command
    }

    pub fn as_its_user(&self, command: &mut Command) {
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
    }

    /// Down as if the power had gone, and up again.
    pub fn restart_at_once(&mut self) {
        let data = self.folder.join("data");
        let mut stop = self.command("pg_ctl");
        let stopped = stop.args(["-w", "-m", "immediate", "-D"]).arg(data).arg("stop").output();
        assert!(stopped.expect("pg_ctl runs").status.success());
        self.again();
    }

    fn up(self) -> Self {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", WATCH]);
        self.up_under(shell)
    }

    /// Under a shell, which is told where the programs are and where the server is.
    pub fn up_under(mut self, mut shell: Command) -> Self {
        shell.arg(&self.programs).arg(&self.folder);
        shell.env_clear().env("PATH", "/usr/bin:/bin").current_dir("/");
        shell.stdin(Stdio::piped()).stderr(Stdio::null());
        // Whoever ends the test by Ctrl-C leaves it to the shell to clear up.
        shell.process_group(0);
        self.as_its_user(&mut shell);
        self.shell = Some(shell.spawn().expect("a shell"));
        self.wait();
        self
    }

    fn again(&mut self) {
        let mut start = self.command("pg_ctl");
        start.arg("-w").arg("-l").arg(self.folder.join("log")).arg("-D");
        start.arg(self.folder.join("data")).arg("start");
        let started = start.stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(started.expect("pg_ctl runs").success());
        self.wait();
    }

    /// As the name of its socket has it; the usual one before there is one.
    fn port(&self) -> String {
        let files = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let names = files.filter_map(|file| file.file_name().into_string().ok());
        let port = names.filter_map(|name| Some(name.strip_prefix(".s.PGSQL.")?.to_owned()));
        port.filter(|port| !port.ends_with(".lock")).last().unwrap_or_else(|| "5432".to_owned())
    }

    /// Whether it lets somebody in.
    pub fn is_up(&self) -> bool {
        let mut ready = self.command("pg_isready");
        ready.args(["-q", "-h"]).arg(&self.folder).args(["-p", &self.port()]);
        ready.status().is_ok_and(|status| status.success())
    }

    fn wait(&self) {
        let began = Instant::now();
        while !self.is_up() {
            let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(began.elapsed() < Duration::from_secs(60), "not up: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        match self.shell.take() {
            Some(mut shell) => {
                drop(shell.stdin.take());
                let _ = shell.wait();
            }
            None => {
                let _ = std::fs::remove_dir_all(&self.folder);
            }
        }
    }
}

/// Debian keeps the programs of each version in a folder of its own.
fn programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = debian.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    folders.into_iter().rev().find(|folder| {
        ["initdb", "postgres", "psql"].iter().all(|program| folder.join(program).is_file())
    })
}

/// The user `postgres`, where we are root.
fn owner(folder: &Path) -> Option<(u32, u32)> {
    if folder.metadata().expect("there").uid() != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("users");
    let line = users.lines().find(|line| line.starts_with("postgres:"));
    let mut fields = line.expect("root needs a user `postgres` to run it").split(':').skip(2);
    let mut number = || fields.next().and_then(|field| field.parse().ok()).expect("a number");
    Some((number(), number()))
}
