//! A running authority with a clock that the test sets, and callers of every kind.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use yanma_authority::accounts::PasswordCost;
use yanma_authority::clerks::Role;
use yanma_authority::database::{Database, DatabaseUrl};
use yanma_authority::keys::KeyRing;
use yanma_authority::limits::Rates;
use yanma_authority::register::{import, import_arrivals};
use yanma_authority::{Authority, Clock, Error, Settings, http, simulate};
use yanma_protocol::stations::EnrolmentRequest;

/// Where the test's clock begins.
pub(crate) const BEGIN: &str = "2020-07-01T08:00:00Z";

/// The register of the tests. The numbers are synthetic (domain.md §3).
pub(crate) const REGISTER: &str = "document_type,number,name
resident-id,350100190001010004,样本明
resident-id,350100190001010012,欧阳样本
hk-macau-residence,810000199001010019,样本港
permanent-residence,UTO350100010104,MARIA SAMPLE
";

pub(crate) struct World {
    folder: TempDir,
    pub(crate) settings: Settings,
    clock: Clock,
    offset_ms: Arc<AtomicI64>,
    pub(crate) authority: Arc<Authority>,
    pub(crate) url: String,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<Result<(), Error>>,
    pub(crate) clerk: String,
    pub(crate) department: String,
}

/// An answer: status, headers, body as JSON (`null` when there is none).
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Expects an error in the house's form and returns its code and field.
    #[track_caller]
    pub(crate) fn error(self, status: u16) -> (String, Option<String>) {
        let body = self.expect(status);
        let object = body.as_object().expect("an error is an object");
        let mut names: Vec<_> = object.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["code", "field", "message", "retry_after_seconds"]);
        (body["code"].as_str().unwrap().to_owned(), body["field"].as_str().map(str::to_owned))
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        // reqwest is built without a provider of its own; nothing here speaks TLS.
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::tempdir().unwrap();
        let database: DatabaseUrl = crate::place::url(folder.path()).parse().unwrap();
        let mut settings = Settings::new(database, folder.path()).unwrap();
        settings.password_cost = PasswordCost::TESTS;
        settings.rates = Rates::default();
        change(&mut settings);
        let offset_ms = Arc::new(AtomicI64::new(0));
        let (begin, offset, started) = (instant(BEGIN), Arc::clone(&offset_ms), Instant::now());
        let clock = Clock::from_fn(move || {
            let gone = SignedDuration::try_from(started.elapsed()).unwrap();
            begin + gone + SignedDuration::from_millis(offset.load(Ordering::SeqCst))
        });
        KeyRing::make(&settings.keys(), instant(BEGIN)).unwrap();
        let database = Database::open(&settings.database).unwrap();
        import(&database, Cursor::new(REGISTER), instant(BEGIN), |_| {}).await.unwrap();
        drop(database);
        let (authority, url, stop, server) = start(&settings, &clock).await;
        authority.put_site("gate-1", "一号门", "Gate 1", "hospital").await.unwrap();
        let clerk = authority.create_clerk("clerk", Role::Clerk).await.unwrap();
        let department = authority.create_clerk("department", Role::Department).await.unwrap();
        Self {
            folder,
            settings,
            clock,
            offset_ms,
            authority,
            url,
            stop: Some(stop),
            server,
            clerk: clerk.reveal().to_owned(),
            department: department.reveal().to_owned(),
        }
    }

    /// Adds rows to the population register.
    pub(crate) async fn import(&self, rows: &str) {
        let database = Database::open(&self.settings.database).unwrap();
        let file = format!("document_type,number,name\n{rows}");
        import(&database, Cursor::new(file), self.now(), |_| {}).await.unwrap();
    }

    /// Adds rows to the arrivals register.
    pub(crate) async fn import_arrivals(&self, rows: &str) {
        let database = Database::open(&self.settings.database).unwrap();
        let file = format!("document_type,number,name,entered_on\n{rows}");
        import_arrivals(&database, Cursor::new(file), self.now(), |_| {}).await.unwrap();
    }

    /// Adds so many people with codes, as a simulated province has them, while the server rests.
    pub(crate) async fn fill(&mut self, holders: u32) {
        self.stop().await;
        simulate::fill(&self.settings, &self.clock, holders, 7, |_| {}).await.unwrap();
        self.restart().await;
    }

    /// The address of another authority on the same database. It answers, and looks at nothing
    /// by itself: what this one changes it does not notice.
    pub(crate) async fn beside(&self) -> String {
        let authority = Authority::open(self.settings.clone(), self.clock.clone()).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, http::router(authority)).into_future());
        url
    }

    /// Stops the server in order and starts another on the same files.
    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        let (authority, url, stop, server) = start(&self.settings, &self.clock).await;
        (self.authority, self.url, self.stop, self.server) = (authority, url, Some(stop), server);
    }

    pub(crate) async fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).unwrap_or_default();
            let server = std::mem::replace(&mut self.server, tokio::spawn(async { Ok(()) }));
            server.await.unwrap().unwrap();
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.settings.keys()
    }

    pub(crate) fn feeds(&self) -> PathBuf {
        self.settings.feeds()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn pass(&self, time: SignedDuration) {
        let ms = i64::try_from(time.as_millis()).unwrap();
        self.offset_ms.fetch_add(ms, Ordering::SeqCst);
    }

    pub(crate) fn nobody(&self) -> Caller<'_> {
        Caller { world: self, client: Client::new(), token: None, at: None }
    }

    pub(crate) fn with_token(&self, token: &str) -> Caller<'_> {
        Caller { token: Some(token.to_owned()), ..self.nobody() }
    }

    /// A browser, which keeps its cookies.
    pub(crate) fn browser(&self) -> Caller<'_> {
        Caller { client: Client::builder().cookie_store(true).build().unwrap(), ..self.nobody() }
    }

    /// A citizen who has registered.
    pub(crate) async fn citizen(&self, number: &str, name: &str, phone: &str) -> Caller<'_> {
        let browser = self.browser();
        let request = registration(number, name, phone);
        browser.post("/v1/accounts/register", request).await.expect(201);
        browser
    }

    /// A citizen who has registered and claimed a code.
    pub(crate) async fn holder(&self) -> Caller<'_> {
        let citizen = self.citizen("350100190001010004", "样本明", "13900000000").await;
        citizen.post("/v1/claims", json!({})).await.expect(201);
        citizen
    }

    /// Another citizen who has registered and claimed a code.
    pub(crate) async fn holder_of(&self, number: &str, name: &str, phone: &str) -> Caller<'_> {
        let citizen = self.citizen(number, name, phone).await;
        citizen.post("/v1/claims", json!({})).await.expect(201);
        citizen
    }

    /// A desk that has enrolled, and its name.
    pub(crate) async fn desk(&self) -> (Caller<'_>, Value) {
        let request = EnrolmentRequest { site: "gate-1".into(), station_name: None, scene: None };
        let handed_out = self.authority.hand_out(request).await.unwrap();
        let enrolled = self
            .nobody()
            .post(
                "/v1/stations/enrol",
                json!({"enrolment_code": handed_out.enrolment_code, "station_name": "desk"}),
            )
            .await
            .expect(200);
        let token = enrolled["token"].as_str().unwrap();
        (self.with_token(token), enrolled)
    }
}

async fn start(
    settings: &Settings,
    clock: &Clock,
) -> (Arc<Authority>, String, oneshot::Sender<()>, JoinHandle<Result<(), Error>>) {
    let authority = Authority::open(settings.clone(), clock.clone()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(http::serve(Arc::clone(&authority), listener, async move {
        drop(stopped.await);
    }));
    // Answering begins when the first publication is out.
    let health = Client::new().get(format!("{url}/v1/health")).send().await;
    assert_eq!(health.unwrap().status(), 200);
    (authority, url, stop, server)
}

/// Somebody who calls the authority.
pub(crate) struct Caller<'w> {
    world: &'w World,
    pub(crate) client: Client,
    token: Option<String>,
    at: Option<&'static str>,
}

impl Caller<'_> {
    /// The same caller at an address, as a proxy in front tells it.
    pub(crate) fn at(&self, address: &'static str) -> Self {
        let (client, token) = (self.client.clone(), self.token.clone());
        Self { world: self.world, client, token, at: Some(address) }
    }

    /// The same caller, cookies included, with a token.
    pub(crate) fn bearing(&self, token: &str) -> Self {
        let client = self.client.clone();
        Self { world: self.world, client, token: Some(token.to_owned()), at: self.at }
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.world.url)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method.clone(), path);
        let answer = match body {
            Some(body) => {
                let request = request.header(CONTENT_TYPE, "application/json");
                request.body(body.to_string()).send().await
            }
            None => request.send().await,
        };
        let answer = read(answer.unwrap()).await;
        crate::described::check(&method, path, &answer);
        answer
    }

    /// A request of this caller, to be completed.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method, self.url(path));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(address) = self.at {
            request = request.header("x-forwarded-for", address);
        }
        request
    }
}

pub(crate) async fn read(response: reqwest::Response) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.bytes().await.unwrap();
    let body = if status == StatusCode::NO_CONTENT {
        Value::Null
    } else {
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    };
    Answer { status: status.as_u16(), headers, body }
}

pub(crate) fn registration(number: &str, name: &str, phone: &str) -> Value {
    json!({
        "document_type": "resident-id",
        "number": number,
        "name": name,
        "phone": phone,
        "password": "correct horse",
    })
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The hash of a resident's number under the directory key that a desk was enrolled with.
pub(crate) fn document_hash(enrolled: &Value, number: &str) -> String {
    use yanma_domain::document::{DirectoryKey, DocumentNumber, DocumentType};
    let key = DirectoryKey::from_hex(enrolled["directory_key"].as_str().unwrap()).unwrap();
    let number = DocumentNumber::parse(DocumentType::ResidentId, number).unwrap();
    key.hash(&number).to_string()
}

/// A version-7 id that ends in `tail`.
pub(crate) fn id(tail: u32) -> String {
    format!("01730000-0000-7000-8000-{tail:012}")
}

/// An entry as a desk uploads one.
pub(crate) fn entry(station: &str, tail: u32) -> Value {
    json!({
        "id": id(tail),
        "station": station,
        "at": "2020-07-01T08:00:01Z",
        "scene": "hospital",
        "decision": "admit",
        "reasons": [],
        "colour": "green",
        "subject": {"issuer": 35, "index": 7},
        "method": ["code"],
        "action": "none",
        "basis": {"online": true, "status_epoch": 1, "status_sequence": 1, "age_seconds": 3,
            "policy": "hospital/1"},
    })
}

/// A fact as a department reports one.
pub(crate) fn fact(number: &str, kind: &str, occurred_at: Timestamp, tail: u32) -> Value {
    json!({
        "id": id(tail),
        "document_type": "resident-id",
        "number": number,
        "kind": kind,
        "occurred_at": occurred_at.to_string(),
    })
}

/// Waits until `done` says yes, for `limit` at most; says how long it took.
pub(crate) async fn until<F: Future<Output = bool>>(
    limit: Duration,
    mut done: impl FnMut() -> F,
) -> Duration {
    let begun = Instant::now();
    while !done().await {
        assert!(begun.elapsed() < limit, "not within {limit:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    begun.elapsed()
}
