//! The authority over HTTP.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::header::{ETAG, HeaderValue, IF_NONE_MATCH, RANGE};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use yanma_domain::IssuerId;
use yanma_protocol::entries::{ENTRIES_PATH, EntriesRequest, EntriesResponse};
use yanma_protocol::head::{FEEDS_BASE, REGIONS_PATH};
use yanma_protocol::stations::{
    DIRECTORY_KEYS_PATH, DirectoryKeys, ENROL_PATH, EnrolRequest, EnrolResponse, LIST_HEADER,
    ListState,
};
use yanma_protocol::verify::{VERIFY_PATH, VerifyRequest, VerifyResponse};
use yanma_protocol::{
    ApiError, Digest, ErrorCode, MAX_BODY_BYTES, Secret, VERSION, VERSION_HEADER, json,
};

use super::{Authority, AuthorityError, MAX_HEAD_BYTES, Pending, Take};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// A whole directory takes minutes on a slow line; what must not happen is silence.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(20);
const FILE_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// The authority at an address, asked with a station's token.
#[derive(Debug)]
pub struct HttpAuthority {
    client: Client,
    base: Url,
    /// Under which path head and files are.
    feeds: String,
    /// Other issuers that it carries, each with the head that came last.
    regions: Mutex<BTreeMap<IssuerId, Arc<Self>>>,
    token: Option<Secret>,
    /// The status list that this desk has.
    held: Mutex<Option<ListState>>,
    /// The head that came last, under its digest as its tag. Any other tag could be a lie by
    /// which the true head is never sent again.
    last_head: Mutex<Option<(HeaderValue, Vec<u8>)>>,
}

/// Why an address cannot be an authority's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL, or not one of http or https.
    #[error("the address must begin with https:// (or http:// on this machine)")]
    NotHttp,
    /// Unencrypted, and not on this machine: the token would be readable on the way.
    #[error("the address must begin with https://, unless it is on this machine")]
    NotEncrypted,
    /// The HTTP client could not be set up on this machine.
    #[error("this machine's certificates or network cannot be used")]
    Client,
}

impl HttpAuthority {
    /// An authority at `base`, such as `https://jkm.example/`; `token` once enrolled.
    ///
    /// # Errors
    /// When the address is no URL, or an unencrypted one that leaves this machine.
    pub fn new(base: &str, token: Option<Secret>) -> Result<Self, UrlError> {
        let mut base = Url::parse(base.trim()).map_err(|_| UrlError::NotHttp)?;
        let local = matches!(base.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        match base.scheme() {
            "https" => {}
            "http" if local => {}
            "http" => return Err(UrlError::NotEncrypted),
            _ => return Err(UrlError::NotHttp),
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Self::at(base, token)
    }

    /// Whoever carries the feeds at an address of this network, another desk. It is asked for
    /// nothing else and told nothing, no token least of all, and what it sends is verified, so
    /// this need not be encrypted.
    ///
    /// # Errors
    /// [`UrlError::Client`].
    pub fn carrier(address: SocketAddr) -> Result<Self, UrlError> {
        let base = Url::parse(&format!("http://{address}/")).map_err(|_| UrlError::NotHttp)?;
        Self::at(base, None)
    }

    fn at(base: Url, token: Option<Secret>) -> Result<Self, UrlError> {
        let client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(SILENCE_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("yanma/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| UrlError::Client)?;
        Ok(Self::under(FEEDS_BASE.to_owned(), client, base, token))
    }

    fn under(feeds: String, client: Client, base: Url, token: Option<Secret>) -> Self {
        let (held, last_head, regions) = Default::default();
        Self { client, base, feeds, regions, token, held, last_head }
    }

    fn url(&self, path: &str) -> Result<Url, AuthorityError> {
        let path = path.trim_start_matches('/');
        self.base.join(path).map_err(|_| AuthorityError::Unreachable)
    }

    /// The request for a feed file: as anybody would make it, so that a proxy or a CDN answers
    /// all desks with one copy, and whoever serves files learns of no desk and no token.
    fn file_request(&self, name: &str) -> Result<RequestBuilder, AuthorityError> {
        let url = self.url(&format!("{}files/{name}", self.feeds))?;
        Ok(self.client.get(url).timeout(FILE_TIMEOUT))
    }

    fn ready(&self, request: RequestBuilder, timeout: Duration) -> RequestBuilder {
        let mut request = request.timeout(timeout).header(VERSION_HEADER, VERSION);
        if let Ok(Some(held)) = self.held.lock().as_deref() {
            request = request.header(LIST_HEADER, held.to_string());
        }
        match &self.token {
            Some(token) => request.bearer_auth(token.reveal()),
            None => request,
        }
    }

    async fn post<Q: Serialize, A: DeserializeOwned>(
        &self,
        path: &str,
        body: &Q,
    ) -> Result<A, AuthorityError> {
        let request = self.client.post(self.url(path)?).json(body);
        let response = send(self.ready(request, ANSWER_TIMEOUT)).await?;
        let status = response.status().as_u16();
        let bytes = read_at_most(response, MAX_BODY_BYTES as u64).await?;
        json::read_answer(&bytes).ok_or(AuthorityError::NotTheAuthority { status })
    }
}

impl Authority for HttpAuthority {
    fn enrol<'a>(&'a self, request: &'a EnrolRequest) -> Pending<'a, EnrolResponse> {
        Box::pin(self.post(ENROL_PATH, request))
    }

    fn will_tell(&self, held: Option<ListState>) {
        if let Ok(mut now) = self.held.lock() {
            *now = held;
        }
    }

    fn region(&self, issuer: IssuerId) -> Option<Arc<dyn Authority>> {
        let mut regions = self.regions.lock().ok()?;
        let region = regions.entry(issuer).or_insert_with(|| {
            let feeds = format!("{REGIONS_PATH}{issuer}/");
            // Other issuers' files are for everybody: no token.
            Arc::new(Self::under(feeds, self.client.clone(), self.base.clone(), None))
        });
        Some(Arc::clone(region) as Arc<dyn Authority>)
    }

    fn head(&self) -> Pending<'_, Vec<u8>> {
        Box::pin(async move {
            let known = self.last_head.lock().ok().and_then(|last| last.clone());
            let mut request = self.client.get(self.url(&format!("{}head", self.feeds))?);
            if let Some((tag, _)) = &known {
                request = request.header(IF_NONE_MATCH, tag);
            }
            let response = self.ready(request, ANSWER_TIMEOUT).send().await.map_err(broken)?;
            if response.status() == StatusCode::NOT_MODIFIED {
                // Nobody was asked whether it changed if there was none.
                let (_, bytes) = known.ok_or(AuthorityError::NotTheAuthority { status: 304 })?;
                return Ok(bytes);
            }
            let response = accepted(response).await?;
            let tag = response.headers().get(ETAG).cloned();
            let bytes = read_at_most(response, MAX_HEAD_BYTES).await?;
            let digest = format!("\"{}\"", Digest::of(&bytes));
            let tag = tag.filter(|tag| tag.as_bytes() == digest.as_bytes());
            if let Ok(mut last) = self.last_head.lock() {
                *last = tag.map(|tag| (tag, bytes.clone()));
            }
            Ok(bytes)
        })
    }

    fn file<'a>(&'a self, name: &'a str, limit: u64) -> Pending<'a, Vec<u8>> {
        Box::pin(async move { read_at_most(send(self.file_request(name)?).await?, limit).await })
    }

    fn file_from<'a>(
        &'a self,
        name: &'a str,
        from: u64,
        limit: u64,
        take: &'a mut Take<'a>,
    ) -> Pending<'a, ()> {
        Box::pin(async move {
            let mut request = self.file_request(name)?;
            if from > 0 {
                request = request.header(RANGE, format!("bytes={from}-"));
            }
            let mut response = send(request).await?;
            // Whoever does not know the header, or has nothing there, sends all of it.
            let mut at = if response.status() == StatusCode::PARTIAL_CONTENT { from } else { 0 };
            while let Some(piece) = response.chunk().await.map_err(broken)? {
                if at + piece.len() as u64 > limit {
                    return Err(AuthorityError::TooLong { limit });
                }
                if !take(at, &piece) {
                    return Err(AuthorityError::NotKept);
                }
                at += piece.len() as u64;
            }
            Ok(())
        })
    }

    fn directory_keys(&self) -> Pending<'_, DirectoryKeys> {
        Box::pin(async move {
            let request = self.client.get(self.url(DIRECTORY_KEYS_PATH)?);
            let response = send(self.ready(request, ANSWER_TIMEOUT)).await?;
            let bytes = read_at_most(response, MAX_BODY_BYTES as u64).await?;
            json::read_answer(&bytes).ok_or(AuthorityError::NotTheAuthority { status: 200 })
        })
    }

    fn verify<'a>(&'a self, request: &'a VerifyRequest) -> Pending<'a, VerifyResponse> {
        Box::pin(self.post(VERIFY_PATH, request))
    }

    fn upload<'a>(&'a self, request: &'a EntriesRequest) -> Pending<'a, EntriesResponse> {
        Box::pin(self.post(ENTRIES_PATH, request))
    }
}

async fn send(request: RequestBuilder) -> Result<Response, AuthorityError> {
    accepted(request.send().await.map_err(broken)?).await
}

/// The answer, if it is a success.
async fn accepted(response: Response) -> Result<Response, AuthorityError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let code = status.as_u16();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(AuthorityError::InTrouble { status: code });
    }
    let body = read_at_most(response, MAX_BODY_BYTES as u64).await?;
    match json::read_answer(&body).map(plain) {
        Some(error) if error.code == ErrorCode::StationRevoked => Err(AuthorityError::Revoked),
        Some(_) if status == StatusCode::UNAUTHORIZED => Err(AuthorityError::NotAccepted),
        Some(error) => Err(AuthorityError::Refused(error)),
        None => Err(AuthorityError::NotTheAuthority { status: code }),
    }
}

/// The message ends up on terminals and in logs: no line breaks, no escapes.
fn plain(mut error: ApiError) -> ApiError {
    error.message.retain(|c| !c.is_control());
    error
}

/// Reads a body in pieces and stops at the limit, so that a lying length, or none, cannot
/// fill the memory.
async fn read_at_most(mut response: Response, limit: u64) -> Result<Vec<u8>, AuthorityError> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(broken)? {
        if (body.len() + piece.len()) as u64 > limit {
            return Err(AuthorityError::TooLong { limit });
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// The errors of the HTTP library name addresses; ours only say what happened.
fn broken(error: reqwest::Error) -> AuthorityError {
    if error.is_timeout() { AuthorityError::TimedOut } else { AuthorityError::Unreachable }
}
