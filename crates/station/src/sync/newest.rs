//! The newest head, and the trust list that it is opened by.

use jiff::Timestamp;
use yanma_domain::trust::{PublicKey, TrustList};
use yanma_protocol::envelope::{Envelope, FileKind};
use yanma_protocol::file_name::FeedName;
use yanma_protocol::head::{FileList, FileRef, Head, HeadMark};
use yanma_protocol::{Digest, FeedError, root_chain};

use super::SyncError;
use super::fetched::{Came, Fetched};
use crate::desk::Desk;
use crate::enrolment::Enrolment;
use crate::error::DeskError;
use crate::knowledge::Knowledge;

/// How far the authority's time may be ahead of the desk's before a head is refused: a
/// head from far in the future would make every later one look old.
const FUTURE_TOLERANCE_SECONDS: i64 = 24 * 3600;

/// A trust list, and the root key that it is under.
#[derive(Clone)]
pub(crate) struct Trusted {
    pub(crate) list: TrustList,
    /// Another than the pinned one when that introduced it.
    pub(crate) root: PublicKey,
    /// The SHA-256 of the payload.
    pub(crate) digest: Digest,
}

impl Trusted {
    fn open(bytes: &[u8], enrolment: &Enrolment, known: &Knowledge) -> Result<Self, FeedError> {
        let (list, root) = root_chain::open(bytes, enrolment.issuer, &enrolment.root_key)?;
        list.check_after(known.trust.as_ref().map_or(0, |trust| trust.sequence))?;
        let payload = Envelope::parse(bytes)?.verify(&root)?.payload(FileKind::Trust)?;
        Ok(Self { list: list.0, root, digest: Digest::of(payload) })
    }

    /// Whether it is the list that a head names: what the head says of it is the head's fault.
    fn check(&self, named: &FileList) -> Result<(), SyncError> {
        let is_it = self.list.sequence == named.sequence
            && self.digest == named.root
            && u32::try_from(self.list.issuers.len()) == Ok(named.size);
        if is_it { Ok(()) } else { Err(SyncError::Head(FeedError::RootMismatch)) }
    }
}

impl Desk {
    /// The newest head, as it came and as it reads, and the trust list that it is opened by.
    pub(super) async fn newest(
        &self,
        fetched: &mut Fetched,
        enrolment: &Enrolment,
        known: &Knowledge,
    ) -> Result<(Vec<u8>, Head, Trusted), DeskError> {
        let bytes = fetched.authority.head().await?;
        fetched.bytes += bytes.len() as u64;
        let trust = self.trust_for(&bytes, fetched, enrolment, known).await?;
        let head = Head::open(&bytes, enrolment.issuer, &trust.list).map_err(SyncError::Head)?;
        check_order(&head, last_mark(&head, known), self.now())?;
        let named = &head.feeds.trust;
        match trust.check(named) {
            Ok(()) => Ok((bytes, head, trust)),
            // Nothing was fetched: the list at hand is another under the sequence of the head.
            // Either the authority lost a step of it, or the head lies.
            Err(_) if fetched.files == 0 => {
                let trust = self.trust(&named.snapshot, fetched, enrolment, known).await?;
                let head =
                    Head::open(&bytes, enrolment.issuer, &trust.list).map_err(SyncError::Head)?;
                trust.check(&head.feeds.trust)?;
                Ok((bytes, head, trust))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The trust list that the head has to be verified with: the one that is known, unless
    /// the head names a newer one.
    async fn trust_for(
        &self,
        head: &[u8],
        fetched: &mut Fetched,
        enrolment: &Enrolment,
        known: &Knowledge,
    ) -> Result<Trusted, DeskError> {
        let envelope = Envelope::parse(head).map_err(SyncError::Head)?;
        let named = Head::peek_trust(&envelope).map_err(SyncError::Head)?;
        let at_hand = known.trust.as_ref().zip(known.trust_root);
        if let Some((list, digest)) = at_hand.filter(|(list, _)| named.to <= list.sequence) {
            return Ok(Trusted { list: list.clone(), root: enrolment.root_key, digest });
        }
        self.trust(&named, fetched, enrolment, known).await
    }

    /// The trust list in a file, under the pinned root key or one that it introduced.
    async fn trust(
        &self,
        named: &FileRef,
        fetched: &mut Fetched,
        enrolment: &Enrolment,
        known: &Knowledge,
    ) -> Result<Trusted, DeskError> {
        if let Some(error) = self.refused().trust(named) {
            return Err(error.into());
        }
        fetched.begin(FeedName::Trust, named.bytes);
        let Came { name, bytes } = fetched.file(named).await?;
        let trusted = Trusted::open(&bytes, enrolment, known).map_err(|error| {
            let error = SyncError::File { file: name, error };
            if error.is_final() {
                self.refused().note_trust(named, error);
            }
            error
        });
        Ok(trusted?)
    }
}

/// What the next head is compared with.
fn last_mark(head: &Head, known: &Knowledge) -> Option<HeadMark> {
    let mut last = known.mark(head.issuer)?;
    // A feed that was given up, or wiped, may be had again from the head that is known.
    for (last, now) in last.positions.iter_mut().zip(head.mark().positions) {
        if last.sequence == 0 {
            *last = now;
        }
    }
    // So may policies that were refused, and a directory whose key could not be had.
    let [_, policy, _, directory] = &mut last.positions;
    if head.number == last.number {
        let named = head.feeds.policy.position();
        if (policy.epoch, policy.sequence) < (named.epoch, named.sequence) {
            *policy = named;
        }
        if known.directory_is_behind() {
            *directory = head.feeds.directory.position();
        }
    }
    Some(last)
}

/// Refuses a head that goes back, and one from far in the future.
pub(super) fn check_order(
    head: &Head,
    last: Option<HeadMark>,
    now: Timestamp,
) -> Result<(), SyncError> {
    if head.issued_at.as_second() > now.as_second() + FUTURE_TOLERANCE_SECONDS {
        return Err(SyncError::FarFuture);
    }
    let Some(last) = last else { return Ok(()) };
    let mut head_mark = head.mark();
    // The head that is known already may come again. The store keeps its time to the
    // microsecond only, so after a restart it is compared by that.
    if head_mark.issued_at.as_microsecond() == last.issued_at.as_microsecond() {
        head_mark.issued_at = last.issued_at;
    }
    if head_mark == last {
        return Ok(());
    }
    head.check_after(&last).map_err(SyncError::Head)
}
