//! Fetching what another issuer publishes: its keys, and its status list.
//!
//! As at a desk, every file is checked against the head, the head against the trust list,
//! the trust list against the root key; whatever goes wrong leaves the known state in force.

use jiff::{SignedDuration, Timestamp};
use reqwest::Client;
use yanma_domain::status::StatusList;
use yanma_domain::trust::{PublicKey, TrustList};
use yanma_protocol::digest::Digest;
use yanma_protocol::envelope::{self, Envelope, FileKind, Keys};
use yanma_protocol::head::{FILES_PATH, FileRef, HEAD_PATH, Head, HeadMark};
use yanma_protocol::regions::TroubleKind;
use yanma_protocol::status_file::{StatusDelta, StatusSnapshot};
use yanma_protocol::{FeedError, root_chain};

use super::table::RegionRow;
use crate::outbound;

/// Most bytes of a head: it names a few dozen files.
const HEAD_MAX_BYTES: u64 = 256 << 10;

/// How far the other's clock may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// Why nothing new was taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum FollowError {
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    #[error("it takes too long to give what is new")]
    Slow,
    #[error("it answers {0}")]
    Status(u16),
    #[error("a file was refused: {0}")]
    Refused(#[from] FeedError),
    #[error("its head is dated more than a day in the future")]
    FarFuture,
}

impl FollowError {
    /// What a program branches on.
    pub(super) fn kind(&self) -> TroubleKind {
        match self {
            Self::Unreachable(_) | Self::Slow => TroubleKind::Unreachable,
            Self::Status(_) => TroubleKind::WrongAnswer,
            Self::Refused(_) => TroubleKind::Refused,
            Self::FarFuture => TroubleKind::FarFuture,
        }
    }
}

/// The state of another issuer.
#[derive(Debug, Clone)]
pub(super) struct Followed {
    pub(super) trust: TrustList,
    /// The root key that signed it: another than was known, when that introduced it.
    pub(super) root: PublicKey,
    pub(super) mark: HeadMark,
    /// Its head as it reads, and as it came.
    pub(super) head: Head,
    pub(super) bytes: Vec<u8>,
    pub(super) status: StatusSnapshot,
}

impl Followed {
    /// Index → colour.
    pub(super) fn list(&self) -> &StatusList {
        &self.status.list
    }

    /// The number of a head of this issuer that somebody kept; `None` when it is none.
    pub(super) fn number_of(&self, bytes: &[u8]) -> Option<u64> {
        Head::open(bytes, self.head.issuer, &self.trust).ok().map(|head| head.number)
    }
}

/// The newest state that an issuer publishes.
pub(super) async fn follow(
    client: &Client,
    region: &RegionRow,
    known: Option<&Followed>,
    now: Timestamp,
) -> Result<Followed, FollowError> {
    let source = Source { client, region };
    let bytes = source.get(HEAD_PATH, HEAD_MAX_BYTES).await?;
    let (trust, root) = source.trust_for(&bytes).await?;
    let head = Head::open(&bytes, region.issuer, &trust)?;
    if head.issued_at > now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX) {
        return Err(FollowError::FarFuture);
    }
    let mark = head.mark();
    if let Some(known) = known.filter(|known| known.mark == mark) {
        return Ok(Followed { trust, root, ..known.clone() });
    }
    // Just started, this process knows what it took before, or another one did.
    if let Some(last) = known.map(|known| &known.mark).or(region.head.as_ref()) {
        head.check_after(last)?;
    }
    let status = source.status(&head, &trust, known.map(|known| &known.status)).await?;
    Ok(Followed { trust, root, mark, head, bytes, status })
}

/// Where the files are.
pub(super) struct Source<'a> {
    pub(super) client: &'a Client,
    pub(super) region: &'a RegionRow,
}

impl Source<'_> {
    async fn get(&self, path: &str, most: u64) -> Result<Vec<u8>, FollowError> {
        let broken =
            |error: reqwest::Error| FollowError::Unreachable(error.without_url().to_string());
        let url = format!("{}{path}", self.region.url.trim_end_matches('/'));
        let response = self.client.get(url).send().await.map_err(broken)?;
        if !response.status().is_success() {
            return Err(FollowError::Status(response.status().as_u16()));
        }
        let bytes = outbound::body(response, most).await.map_err(broken)?;
        Ok(bytes.ok_or(FeedError::Length)?)
    }

    /// A file, if it is the one that a head names.
    pub(super) async fn file(&self, file: &FileRef) -> Result<Vec<u8>, FollowError> {
        let bytes = self.get(&format!("{FILES_PATH}{}", file.name), file.bytes).await?;
        file.check(&bytes)?;
        Ok(bytes)
    }

    /// The trust list that the head is to be verified with: the known one, unless the head
    /// names a newer one. Only the issuer's own part is kept: whom it trusts is its business.
    async fn trust_for(&self, head: &[u8]) -> Result<(TrustList, PublicKey), FollowError> {
        let named = Head::peek_trust(&Envelope::parse(head)?)?;
        let known = self.region.trust.as_ref();
        if let Some(known) = known.filter(|known| named.to <= known.sequence) {
            return Ok((known.clone(), self.region.root_key));
        }
        let bytes = self.file(&named).await?;
        let (list, root) = root_chain::open(&bytes, self.region.issuer, &self.region.root_key)?;
        list.check_after(known.map_or(0, |known| known.sequence))?;
        let mut list = list.0;
        list.issuers.retain(|issuer| issuer.id == self.region.issuer);
        Ok((list, root))
    }

    async fn status(
        &self,
        head: &Head,
        trust: &TrustList,
        known: Option<&StatusSnapshot>,
    ) -> Result<StatusSnapshot, FollowError> {
        if let Some(known) = known {
            match self.status_from(head, trust, Some(known)).await {
                Ok(status) => return Ok(status),
                // The way over the snapshot needs nothing that is known.
                Err(error) => tracing::info!(%error, "a step of another issuer was not taken"),
            }
        }
        self.status_from(head, trust, None).await
    }

    async fn status_from(
        &self,
        head: &Head,
        trust: &TrustList,
        known: Option<&StatusSnapshot>,
    ) -> Result<StatusSnapshot, FollowError> {
        let feed = &head.feeds.status;
        let route = feed.route(known.map(|known| known.position)).ok_or(FeedError::NoRoute)?;
        let mut state = known.cloned();
        let keys = Keys::Trusted(trust, head.issued_at);
        for file in route {
            let bytes = self.file(file).await?;
            let issuer = self.region.issuer;
            state = Some(if file.name.is_delta() {
                let file = envelope::open(&bytes, FileKind::StatusDelta, issuer, keys)?;
                let delta = StatusDelta::decode(&file)?;
                delta.apply(state.as_ref().ok_or(FeedError::NoRoute)?)?
            } else {
                let file = envelope::open(&bytes, FileKind::StatusSnapshot, issuer, keys)?;
                StatusSnapshot::decode(&file)?
            });
        }
        let state = state.ok_or(FeedError::NoRoute)?;
        let same = state.position == feed.position() && Digest(state.list.root()) == feed.root;
        if same { Ok(state) } else { Err(FeedError::RootMismatch.into()) }
    }
}
