//! A province in a database, and a server that has loaded it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use uuid::Uuid;
use yanma_authority::database::{Change, Database, DatabaseUrl, Value};
use yanma_authority::keys::KeyRing;
use yanma_authority::limits::Rate;
use yanma_authority::{Authority, Clock, Error, Settings, http};
use yanma_domain::document::{DirectoryKey, DocumentNumber, DocumentType};
use yanma_domain::trust::PublicKey;

use crate::load::{self, Connection, Load, Request};

/// Citizens who are logged in.
const CITIZENS: u32 = 2_000;

/// Desks that are enrolled.
pub(crate) const STATIONS: usize = 2_000;

/// People without a code whom the citizens may claim for: five relatives each.
pub(crate) const RELATIVES: u32 = CITIZENS * 5;

/// The token of who reports facts.
const DEPARTMENT: &str = "token of a department";

/// Rows in one commit while the province is loaded.
const BATCH: u32 = 20_000;

/// Odd, and so a permutation of the 64-bit numbers by multiplication.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

pub(crate) struct Province {
    server: Runtime,
    callers: Runtime,
    address: SocketAddr,
    database: Database,
    holders: u32,
    root: PublicKey,
    /// Documents are asked about by their hash under it.
    key: DirectoryKey,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), Error>>,
    _folder: TempDir,
}

impl Province {
    /// Loads the holders into an empty database and starts the server, with whatever `with`
    /// adds to it.
    pub(crate) fn load(
        holders: u32,
        database: Option<&str>,
        with: impl FnOnce(Router) -> Router,
    ) -> Self {
        assert!(holders > CITIZENS, "fewer holders than citizens who show");
        let folder = tempfile::tempdir().unwrap();
        let url: DatabaseUrl = match database {
            Some(url) => url.parse().unwrap(),
            None => DatabaseUrl::sqlite(folder.path().join("authority.db")),
        };
        let mut settings = Settings::new(url.clone(), folder.path()).unwrap();
        settings.rates.document_lookup = Rate::one_each(1e-9, 1e12);
        settings.rates.lookup_address = Rate::one_each(1e-9, 1e12);
        settings.rates.show = Rate::one_each(1e-9, 1e12);
        settings.rates.family = Rate::one_each(1e-9, 1e12);
        let clock = Clock::system();
        KeyRing::make(&settings.keys(), clock.now()).unwrap();
        let root = KeyRing::load(&settings.keys()).unwrap().root_public().unwrap();
        let key = KeyRing::load(&settings.keys()).unwrap().directory().clone();
        let server = Builder::new_multi_thread().enable_all().build().unwrap();
        let callers = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let begun = Instant::now();
        let database = Database::open(&url).unwrap();
        server.block_on(fill(&database, holders, clock.now()));
        println!("{holders} holders written in {:.1?}", begun.elapsed());
        let begun = Instant::now();
        let authority = server.block_on(Authority::open(settings, clock)).unwrap();
        println!("and read into memory in {:.1?}; {}", begun.elapsed(), memory());
        let listener = server.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let app = with(http::router(Arc::clone(&authority)));
        let serving = server.spawn(http::serve_app(authority, app, listener, async move {
            drop(stopped.await);
        }));
        let _folder = folder;
        Self { server, callers, address, database, holders, root, key, stop, serving, _folder }
    }

    /// Stops in order, as with SIGTERM.
    pub(crate) fn stop(self) {
        self.stop.send(()).unwrap();
        self.server.block_on(self.serving).unwrap().unwrap();
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn callers(&self) -> &Runtime {
        &self.callers
    }

    pub(crate) fn ask(&self, requests: &[Request], time: Duration) -> Load {
        self.callers.block_on(load::ask(self.address, requests.into(), time))
    }

    pub(crate) fn answer_bytes(&self, request: &Request) -> usize {
        self.callers
            .block_on(async { Connection::open(self.address).await.ask(request).await.1.len() })
    }

    /// Codes of the citizens, freshly shown.
    pub(crate) fn codes(&self) -> Vec<String> {
        self.callers.block_on(async {
            let mut connection = Connection::open(self.address).await;
            let mut codes = Vec::new();
            for request in self.show_requests() {
                let (status, body) = connection.ask(&request).await;
                let shown: serde_json::Value = serde_json::from_slice(body).unwrap();
                assert_eq!(status, 200, "{shown}");
                codes.push(shown["text"].as_str().unwrap().to_owned());
            }
            codes
        })
    }

    pub(crate) fn show_requests(&self) -> Vec<Request> {
        let show = |n| Request::post("/v1/shows", None, Some(&session_token(n)), "{}");
        (0..CITIZENS).map(show).collect()
    }

    /// The key that everything published leads back to.
    pub(crate) fn root(&self) -> &PublicKey {
        &self.root
    }

    /// How many green holders facts can be reported about: nobody's who shows a code.
    pub(crate) fn reportable(&self) -> u64 {
        u64::from(self.holders - CITIZENS) * 99 / 100
    }

    /// Reports a fact about each of some green holders, from the n-th such on.
    pub(crate) fn facts(&self, first: u64, count: u64, at: Timestamp) -> Request {
        let fact = |n: u64| {
            // Every hundredth is amber from the start.
            let holder = CITIZENS + u32::try_from(n / 99 * 100 + n % 99).unwrap();
            let (id, number) = (uuid(n), number(holder));
            format!(
                r#"{{"id":"{id}","document_type":"resident-id","number":"{number}","kind":"close-contact","occurred_at":"{at}"}}"#
            )
        };
        let facts: Vec<_> = (first..first + count).map(fact).collect();
        let body = format!(r#"{{"facts":[{}]}}"#, facts.join(","));
        Request::post("/v1/facts", Some(DEPARTMENT), None, &body)
    }

    /// Claims a code for the n-th relative.
    pub(crate) fn claim(&self, n: u32) -> Request {
        let number = number(self.holders + n);
        let body = format!(
            r#"{{"relation":"relative","document_type":"resident-id","number":"{number}","name":"样本明"}}"#
        );
        Request::post("/v1/family", None, Some(&session_token(n % CITIZENS)), &body)
    }

    /// The hash of the document of one of all holders.
    pub(crate) fn document_hash(&self, at: usize) -> String {
        let holder = mixed(at as u64) % u64::from(self.holders);
        let number = number(u32::try_from(holder).unwrap());
        let document = DocumentNumber::parse(DocumentType::ResidentId, &number).unwrap();
        format!("{:016x}", self.key.hash(&document).as_u64())
    }

    /// The token of one of the province's desks.
    pub(crate) fn station_token(at: usize) -> String {
        format!("token of {}", station(at))
    }

    pub(crate) fn shown(&self) -> u64 {
        self.count("SELECT CAST (sum(shown_count) AS BIGINT) AS n FROM holders")
    }

    /// The number `n` that a question finds.
    pub(crate) fn count(&self, sql: &'static str) -> u64 {
        let read = self
            .database
            .read(move |session| session.row(sql, &[], |row| row.get::<Option<i64>>("n")));
        self.callers.block_on(read).unwrap().flatten().unwrap_or(0).unsigned_abs()
    }
}

/// How much memory this process has, and had at most.
pub(crate) fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| {
        let found = status.lines().find_map(|line| line.strip_prefix(name));
        found.map_or("?".to_owned(), |text| text.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    format!("{} resident, at most {}", line("VmRSS:"), line("VmHWM:"))
}

fn hash(token: &str) -> Value {
    Value::Blob(Sha256::digest(token.as_bytes()).to_vec())
}

/// A desk's name for programs.
pub(crate) fn station(at: usize) -> String {
    format!("desk-{:010x}", at % STATIONS)
}

fn session_token(citizen: u32) -> String {
    format!("citizen {citizen}")
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
pub(crate) fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(SPREAD);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The n-th resident number of a province: born from 1950 on, a thousand a day.
fn number(n: u32) -> String {
    let day = date(1950, 1, 1) + Span::new().days(n / 1_000);
    let digits =
        format!("350100{:04}{:02}{:02}{:03}", day.year(), day.month(), day.day(), n % 1_000);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.bytes().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum();
    let check = b"10X98765432"[(sum % 11) as usize];
    format!("{digits}{}", char::from(check))
}

/// An id for the n-th thing of its kind, as its sender would make one.
pub(crate) fn uuid(n: u64) -> Uuid {
    let now = date(2020, 7, 1).to_zoned(TimeZone::UTC).unwrap().timestamp().as_millisecond();
    let mut tail = [0; 10];
    tail[2..].copy_from_slice(&n.to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(now.unsigned_abs() + n / 64, &tail).into_uuid()
}

async fn fill(database: &Database, holders: u32, now: Timestamp) {
    let now = now.as_millisecond();
    let later = now + 12 * 3_600_000;
    let person = move |n| row([1.into(), number(n).into(), "样本明".into(), now.into()]);
    let columns = ["document_type", "number", "name", "imported_at"];
    for first in (0..holders).step_by(BATCH as usize) {
        let all = first..(first + BATCH).min(holders);
        database
            .write(move |change| {
                insert(change, "persons", &columns, all.clone().map(person))?;
                // Citizens have an account each, and one more has claimed for the rest.
                let with_account = all.start.min(CITIZENS + 1)..all.end.min(CITIZENS + 1);
                let citizens = all.start.min(CITIZENS)..all.end.min(CITIZENS);
                let account = |n| {
                    let phone = format!("139{n:08}");
                    row([phone.into(), "-".into(), id(n), "register-match".into(), now.into()])
                };
                let columns = ["phone", "password_hash", "person", "level", "created_at"];
                insert(change, "accounts", &columns, with_account.map(account))?;
                let session = |n| row([Is(hash(&session_token(n))), id(n), later.into()]);
                let columns = ["token_hash", "account", "expires_at"];
                insert(change, "sessions", &columns, citizens.map(session))?;
                insert(change, "holders", &HOLDERS, all.map(|n| holder(n, now)))
            })
            .await
            .unwrap();
    }
    database
        .write(move |change| {
            let relatives = (holders..holders + RELATIVES).map(person);
            insert(change, "persons", &columns, relatives)?;
            let department = ["department".into(), "department".into(), Is(hash(DEPARTMENT))];
            let [name, role, token] = department;
            let columns = ["name", "role", "token_hash", "created_at"];
            insert(change, "clerks", &columns, [row([name, role, token, now.into()])])?;
            let site = row(["bench".into(), "一".into(), "A".into(), "general".into()]);
            insert(change, "sites", &["id", "name_zh", "name_en", "scene"], [site])?;
            let desk = |at| {
                let (id, token) = (station(at), hash(&Province::station_token(at)));
                let (site, name, scene) = ("bench".into(), "desk".into(), "general".into());
                row([id.into(), site, name, scene, Is(token), now.into()])
            };
            let columns = ["id", "site", "name", "scene", "token_hash", "enrolled_at"];
            insert(change, "stations", &columns, (0..STATIONS).map(desk))?;
            change.execute(
                "UPDATE shards SET next_serial = $1, revision = $2",
                &[Is::from(next_serial(holders)).0, id(holders - 1).0],
            )?;
            Ok(())
        })
        .await
        .unwrap();
}

/// The first serial of a shard behind the blocks that indexes in order lie in, which issuing would
/// have shuffled (`docs/decisions/0002-status-index.md`).
fn next_serial(holders: u32) -> u32 {
    let (mut start, mut size) = (0, 1 << 10);
    while start + size < holders.div_ceil(64) {
        start += size;
        size = ((start / 4) & !0x3ff).max(1 << 10);
    }
    start + size
}

const HOLDERS: [&str; 8] = [
    "shard",
    "status_index",
    "person",
    "account",
    "colour",
    "colour_since",
    "claimed_at",
    "revision",
];

/// One in a hundred is not green.
fn holder(n: u32, now: i64) -> Vec<Value> {
    let account = id(n.min(CITIZENS));
    row([
        (n % 64).into(),
        n.into(),
        id(n),
        account,
        u32::from(n % 100 == 99).into(),
        now.into(),
        now.into(),
        id(n),
    ])
}

/// Rows are numbered from 1 as they come.
fn id(n: u32) -> Is {
    (n + 1).into()
}

fn insert(
    change: &Change<'_>,
    table: &'static str,
    columns: &[&'static str],
    rows: impl IntoIterator<Item = Vec<Value>>,
) -> Result<(), Error> {
    let rows: Vec<_> = rows.into_iter().collect();
    change.insert_all(table, columns, &rows, "", |_| Ok(())).map(drop)
}

/// A value, by whatever it is made of.
struct Is(Value);

fn row<const N: usize>(values: [Is; N]) -> Vec<Value> {
    values.into_iter().map(|value| value.0).collect()
}

impl From<u32> for Is {
    fn from(number: u32) -> Self {
        Self(Value::Integer(number.into()))
    }
}

impl From<i32> for Is {
    fn from(number: i32) -> Self {
        Self(Value::Integer(number.into()))
    }
}

impl From<i64> for Is {
    fn from(number: i64) -> Self {
        Self(Value::Integer(number))
    }
}

impl From<String> for Is {
    fn from(text: String) -> Self {
        Self(Value::Text(text))
    }
}

impl From<&str> for Is {
    fn from(text: &str) -> Self {
        Self(Value::Text(text.to_owned()))
    }
}
