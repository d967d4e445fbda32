//! A desk that follows a published folder, and keys to publish with.

use std::fs;
use std::path::Path;

use ed25519_dalek::{Signer, SigningKey};
use jiff::Timestamp;
use yanma_domain::ids::{IssuerId, KeySlot};
use yanma_domain::trust::PublicKey;
use yanma_protocol::FeedError;
use yanma_protocol::directory_file::{DirectoryDelta, DirectorySnapshot};
use yanma_protocol::envelope::{Envelope, FileKind, Keys, open};
use yanma_protocol::head::{FileRef, Head, HeadMark};
use yanma_protocol::status_file::{StatusDelta, StatusSnapshot};
use yanma_protocol::trust_file::TrustFile;

use crate::feeds::{FeedKey, FeedKeys};

const ISSUER: IssuerId = IssuerId::FUJIAN;

/// A key from a seed of one repeated byte.
pub(super) fn key(slot: KeySlot, seed: u8) -> FeedKey<'static> {
    let pair = SigningKey::from_bytes(&[seed; 32]);
    let public = PublicKey::from_bytes(&pair.verifying_key().to_bytes()).unwrap();
    FeedKey { slot, public, sign: Box::new(move |message| pair.sign(message).to_bytes()) }
}

/// The root key of seed 1 and a feeds key of the given seed.
pub(super) fn keys(feeds_seed: u8) -> FeedKeys<'static> {
    FeedKeys { root: key(KeySlot::ROOT, 1), feeds: key(KeySlot::FEEDS, feeds_seed), roots: &[] }
}

/// What a desk keeps between two visits.
#[derive(Default)]
pub(super) struct Desk {
    mark: Option<HeadMark>,
    trust_sequence: u32,
    pub(super) status: Option<StatusSnapshot>,
    pub(super) directory: Option<DirectorySnapshot>,
    /// The files of the two lists that the last visit fetched.
    pub(super) fetched: Vec<String>,
}

impl Desk {
    /// Fetches what is new, believing nothing that is not signed.
    pub(super) fn visit(&mut self, folder: &Path, at: Timestamp) -> Result<Head, FeedError> {
        self.fetched.clear();
        let bytes = fs::read(folder.join("head.yf")).unwrap();
        let pointer = Head::peek_trust(&Envelope::parse(&bytes)?)?;
        let trust = fetch(folder, &pointer)?;
        let root = key(KeySlot::ROOT, 1).public;
        let file = open(&trust, FileKind::Trust, ISSUER, Keys::Root(&root))?;
        let trust = TrustFile::decode(&file)?;
        trust.check_after(self.trust_sequence)?;
        let keys = Keys::Trusted(&trust.0, at);
        let head = Head::decode(&open(&bytes, FileKind::Head, ISSUER, keys)?)?;
        if let Some(mark) = &self.mark {
            head.check_after(mark)?;
        }
        let have = self.status.as_ref().map(|status| status.position);
        for file in head.feeds.status.route(have).unwrap() {
            self.fetched.push(file.name.to_string());
            let bytes = fetch(folder, file)?;
            let next = if file.name.is_delta() {
                let file = open(&bytes, FileKind::StatusDelta, ISSUER, keys)?;
                StatusDelta::decode(&file)?.apply(self.status.as_ref().unwrap())?
            } else {
                let file = open(&bytes, FileKind::StatusSnapshot, ISSUER, keys)?;
                StatusSnapshot::decode(&file)?
            };
            self.status = Some(next);
        }
        let have = self.directory.as_ref().map(|directory| directory.position);
        for file in head.feeds.directory.route(have).unwrap() {
            self.fetched.push(file.name.to_string());
            let bytes = fetch(folder, file)?;
            let next = if file.name.is_delta() {
                let file = open(&bytes, FileKind::DirectoryDelta, ISSUER, keys)?;
                DirectoryDelta::decode(&file)?.apply(self.directory.as_ref().unwrap())?
            } else {
                let file = open(&bytes, FileKind::DirectorySnapshot, ISSUER, keys)?;
                DirectorySnapshot::decode(&file)?
            };
            self.directory = Some(next);
        }
        self.mark = Some(head.mark());
        self.trust_sequence = trust.0.sequence;
        Ok(head)
    }
}

fn fetch(folder: &Path, file: &FileRef) -> Result<Vec<u8>, FeedError> {
    let bytes = fs::read(folder.join("files").join(file.name.to_string())).unwrap();
    file.check(&bytes)?;
    Ok(bytes)
}
