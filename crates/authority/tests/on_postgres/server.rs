//! A private PostgreSQL server (Debian's package `postgresql`).

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

const SCRIPT: &str = include_str!("server.sh");

/// The server ends, and its folder goes, when this process ends in any way: the script that
/// keeps it reads from a pipe.
pub(crate) struct Server {
    folder: String,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    _script: Child,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::run(Command::new("sh").args(["-c", SCRIPT, "sh"]))
    }

    /// A server whose data and whose WAL lie each on a small file system of their own, in a
    /// mount namespace, where nobody needs to be root.
    pub(crate) fn on_small_disks() -> Self {
        let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        let namespace = if root { "-m" } else { "-rm" };
        Self::run(Command::new("unshare").args([namespace, "sh", "-c", SCRIPT, "sh", "small"]))
    }

    /// A server that speaks TLS on a port of this machine, with its folder of certificates.
    pub(crate) fn with_tls(port: u16) -> (Self, PathBuf) {
        let server =
            Self::run(Command::new("sh").args(["-c", SCRIPT, "sh", "tls", &port.to_string()]));
        let folder = PathBuf::from(&server.folder);
        (server, folder)
    }

    fn run(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let folder = line(&mut output);
        assert!(folder.starts_with('/'), "PostgreSQL did not start; is postgresql installed?");
        Self { folder, pipes: Mutex::new((input, output)), _script: child }
    }

    pub(crate) fn create(&self, name: &str) {
        let made = Command::new("psql")
            .args(["-X", "-q", "-U", "postgres", "-h", &self.folder, "-d", "postgres"])
            .args(["-c", &format!("CREATE DATABASE {name}")])
            .status();
        assert!(made.unwrap().success(), "the database could not be made");
    }

    /// What a question finds, one row a line.
    pub(crate) fn ask(&self, name: &str, sql: &str) -> String {
        ask(&self.folder, name, sql)
    }

    /// Carries out what `pg_dump` wrote.
    pub(crate) fn load(&self, name: &str, dump: &str) {
        let mut child = Command::new("psql")
            .args(["-X", "-q", "-U", "postgres", "-h", &self.folder, "-d", name])
            .args(["-v", "ON_ERROR_STOP=1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(dump.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "the dump was not taken");
    }

    /// The same, of a replica.
    pub(crate) fn ask_replica(&self, replica: &str, name: &str, sql: &str) -> String {
        ask(&format!("{}/{replica}", self.folder), name, sql)
    }

    /// Whether a replica answers.
    pub(crate) fn is_up(&self, replica: &str) -> bool {
        let host = format!("{}/{replica}", self.folder);
        let asked = Command::new("pg_isready").args(["-q", "-h", &host]).status();
        asked.unwrap().success()
    }

    /// The address of whichever of the server and its replicas takes changes.
    pub(crate) fn url_of_all(&self, name: &str) -> String {
        let host = self.folder.replace('/', "%2F");
        let hosts = format!("{host},{host}%2Freplica1,{host}%2Freplica2");
        format!("postgres://postgres@{hosts}/{name}?target_session_attrs=read-write")
    }

    pub(crate) fn url(&self, name: &str) -> String {
        let host = self.folder.replace('/', "%2F");
        format!("postgres://postgres@{host}/{name}")
    }

    /// The address of a database by way of PgBouncer.
    pub(crate) fn url_of_bouncer(&self, name: &str) -> String {
        let host = self.folder.replace('/', "%2F");
        format!("postgres://postgres@{host}%2Fbouncer/{name}")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        Path::new(&self.folder).join(".s.PGSQL.5432")
    }

    /// What the server has logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(Path::new(&self.folder).join("log")).unwrap()
    }

    /// `stop` (in order), `crash` (as if it was killed; also `crash REPLICA`), `start`,
    /// `replicas` (makes two), `promote REPLICA`, `follow REPLICA REPLICA` (streams from the
    /// promoted one), `bouncer` and `unbounce` (PgBouncer), `fill DISK KIB` (leaves so much of
    /// `disk` or `wal`), `grow DISK`;
    /// returns when it is done.
    pub(crate) fn obey(&self, command: &str) {
        let mut pipes = self.pipes.lock().unwrap();
        writeln!(pipes.0, "{command}").unwrap();
        assert_eq!(line(&mut pipes.1), "done");
    }
}

fn ask(host: &str, name: &str, sql: &str) -> String {
    let found = Command::new("psql")
        .args(["-X", "-A", "-t", "-U", "postgres", "-h", host, "-d", name, "-c", sql])
        .output()
        .unwrap();
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    String::from_utf8(found.stdout).unwrap().trim().to_owned()
}

fn line(output: &mut impl BufRead) -> String {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line.trim().to_owned()
}
