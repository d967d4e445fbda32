//! The servers of one folder, each as a process of its own, and what they cost.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::routing::get;
use yanma_authority::database::DatabaseUrl;
use yanma_authority::keys::KeyRing;
use yanma_authority::{Authority, Clock, Settings, http};

/// What makes the bench's program the server.
pub(crate) const SERVE: &str = "serve-folder";

/// Answers as many bytes as its query says, from memory.
pub(crate) const CONSTANT_PATH: &str = "/bench/constant";

/// As large as a province's directory, and some.
const CONSTANT_BYTES: usize = 200 << 20;

/// How often a server is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// A clock tick of `/proc/*/stat`: `sysconf(_SC_CLK_TCK)`, 100 a second on Linux everywhere.
const TICK: Duration = Duration::from_millis(10);

pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    /// Whether it answers [`CONSTANT_PATH`].
    pub(crate) has_constants: bool,
    process: Child,
}

impl Server {
    /// The authority's own, over its data folder.
    pub(crate) fn own(data: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg(SERVE)
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().parse().unwrap();
        Self { name: "the authority's own server", address, has_constants: true, process }
    }

    /// nginx with two workers over the published folder. Its user is only looked at when root starts
    /// it, whose folder it is then.
    pub(crate) fn nginx(feeds: &Path, place: &Path) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (feeds, place) = (feeds.display(), place.display());
        let settings = format!(
            "daemon off; user root; pid {place}/nginx.pid; error_log {place}/nginx.log; \
             worker_processes 2; worker_rlimit_nofile 20000; \
             events {{ worker_connections 16384; }} \
             http {{ access_log off; sendfile on; tcp_nopush on; keepalive_timeout 30s; \
             keepalive_requests 100000; \
             client_body_temp_path {place}/b; proxy_temp_path {place}/p; \
             fastcgi_temp_path {place}/f; uwsgi_temp_path {place}/u; scgi_temp_path {place}/s; \
             server {{ listen {address} backlog=4096; \
             location = /v1/feeds/head {{ alias {feeds}/head.yf; add_header cache-control no-cache; }} \
             location /v1/feeds/files/ {{ alias {feeds}/files/; \
             add_header cache-control \"public, max-age=31536000, immutable\"; }} }} }}"
        );
        let path = format!("{place}/nginx.conf");
        fs::write(&path, settings).unwrap();
        let process = Command::new("nginx").args(["-c", &path]).spawn().unwrap();
        while TcpStream::connect(address).is_err() {
            std::thread::sleep(LOOK);
        }
        Self { name: "nginx", address, has_constants: false, process }
    }

    /// The processes that answer.
    fn processes(&self) -> Vec<u32> {
        let first = self.process.id();
        let path = format!("/proc/{first}/task/{first}/children");
        let children = fs::read_to_string(path).unwrap_or_default();
        children.split_whitespace().filter_map(|id| id.parse().ok()).chain([first]).collect()
    }

    /// How long the processor worked for it, by all threads.
    pub(crate) fn worked(&self) -> Duration {
        self.processes().iter().map(|id| worked(*id)).sum()
    }

    /// Looks at it until told that it is over.
    pub(crate) fn watch(&self) -> Watch {
        let (processes, over) = (self.processes(), Arc::new(AtomicBool::new(false)));
        let told = Arc::clone(&over);
        let looking = std::thread::spawn(move || {
            let mut most = Most::default();
            loop {
                let resident: u64 = processes.iter().map(|id| resident_bytes(*id)).sum();
                let sockets: usize = processes.iter().map(|id| open_files(*id)).sum();
                most.resident_bytes = most.resident_bytes.max(resident);
                most.open_files = most.open_files.max(sockets);
                if told.load(Ordering::Relaxed) {
                    return most;
                }
                std::thread::sleep(LOOK);
            }
        });
        Watch { over, looking }
    }

    pub(crate) fn stop(mut self) {
        for process in self.processes() {
            drop(Command::new("kill").arg(process.to_string()).status());
        }
        drop(self.process.wait());
    }
}

/// The most that a server had of each.
#[derive(Default)]
pub(crate) struct Most {
    pub(crate) resident_bytes: u64,
    /// Nearly all of them are connections.
    pub(crate) open_files: usize,
}

pub(crate) struct Watch {
    over: Arc<AtomicBool>,
    looking: JoinHandle<Most>,
}

impl Watch {
    pub(crate) fn end(self) -> Most {
        self.over.store(true, Ordering::Relaxed);
        self.looking.join().unwrap()
    }
}

/// User and system time of a process: the 14th and 15th field of its `stat` (proc(5)).
fn worked(process: u32) -> Duration {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The second field is a name in brackets, which may have spaces.
    let fields: Vec<_> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3).and_then(|text| text.parse::<u32>().ok());
    TICK * (ticks(14).unwrap_or(0) + ticks(15).unwrap_or(0))
}

fn resident_bytes(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or(0) * 1024
}

fn open_files(process: u32) -> usize {
    fs::read_dir(format!("/proc/{process}/fd")).map_or(0, Iterator::count)
}

/// Is the authority's server over a data folder, until the process is ended. It publishes once,
/// that there are no holders, and nothing after that: what it serves then is what is put there.
#[tokio::main]
pub(crate) async fn serve_folder(data: &Path) {
    drop(rustls::crypto::ring::default_provider().install_default());
    let database = DatabaseUrl::sqlite(data.join("authority.db"));
    let mut settings = Settings::new(database, data).unwrap();
    settings.publish_seconds = 1_000_000;
    let clock = Clock::system();
    KeyRing::make(&settings.keys(), clock.now()).unwrap();
    let authority = Authority::open(settings, clock).await.unwrap();
    let constants = Router::new()
        .route(CONSTANT_PATH, get(constant))
        .with_state(Bytes::from(vec![0x5a; CONSTANT_BYTES]));
    let app = http::router(Arc::clone(&authority)).merge(http::layered(constants));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(http::serve_app(authority, app, listener, std::future::pending()));
    // It answers only after it has published.
    while reqwest::get(format!("http://{address}/v1/feeds/head")).await.is_err() {
        tokio::time::sleep(LOOK).await;
    }
    println!("{address}");
    serving.await.unwrap().unwrap();
}

async fn constant(State(bytes): State<Bytes>, uri: axum::http::Uri) -> Body {
    let size = uri.query().and_then(|query| query.parse().ok()).unwrap_or(0);
    Body::from(bytes.slice(..bytes.len().min(size)))
}
