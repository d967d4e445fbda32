//! The keys that publishing borrows.

use yanma_domain::ids::{IssuerId, KeyId, KeySlot};
use yanma_domain::trust::PublicKey;
use yanma_protocol::FeedError;
use yanma_protocol::envelope::Unsigned;
use yanma_protocol::file_name::{FeedName, FileName};
use yanma_protocol::head::{FileRef, Head};
use yanma_protocol::root_chain::RootStatement;

use super::PublishError;
use super::folder::Folder;

/// Signs a message; made where the private keys are.
pub type SignFn<'a> = Box<dyn Fn(&[u8]) -> [u8; 64] + Send + Sync + 'a>;

/// A key that signs, without the private half: that stays behind `sign`.
pub struct FeedKey<'a> {
    /// Its slot with the issuer.
    pub slot: KeySlot,
    /// Its public half, with which the publisher reads its own files again.
    pub public: PublicKey,
    /// Signs.
    pub sign: SignFn<'a>,
}

/// The keys of a publisher.
#[derive(Debug)]
pub struct FeedKeys<'a> {
    /// Signs the trust list.
    pub root: FeedKey<'a>,
    /// Signs everything else.
    pub feeds: FeedKey<'a>,
    /// What the root keys before said, each of the next; the trust list carries it.
    pub roots: &'a [RootStatement],
}

impl std::fmt::Debug for FeedKey<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FeedKey(slot {})", self.slot.get())
    }
}

/// Signs and names the files of one publication, and holds them until they are written.
#[derive(Debug)]
pub(super) struct Maker<'a> {
    issuer: IssuerId,
    keys: &'a FeedKeys<'a>,
    /// The files that were written.
    pub(super) written: Vec<FileName>,
    /// The files made since.
    pub(super) made: Vec<(FileRef, Vec<u8>)>,
}

impl<'a> Maker<'a> {
    pub(super) fn new(issuer: IssuerId, keys: &'a FeedKeys<'a>) -> Self {
        Self { issuer, keys, written: Vec::new(), made: Vec::new() }
    }

    /// Makes a file of a feed, from one sequence to another (0 for a snapshot). `encode`
    /// gets the name of the key.
    pub(super) fn make(
        &mut self,
        feed: FeedName,
        (from, to): (u32, u32),
        encode: impl FnOnce(KeyId) -> Result<Unsigned, FeedError>,
    ) -> Result<FileRef, FeedError> {
        let key = if feed == FeedName::Trust { &self.keys.root } else { &self.keys.feeds };
        let bytes = encode(self.id(key))?.sign(&*key.sign);
        let file = FileRef::new(feed, from, to, &bytes);
        self.made.push((file, bytes));
        Ok(file)
    }

    /// Writes the files made so far, which a head is to name later.
    pub(super) fn write_all(&mut self, folder: &Folder) -> Result<(), PublishError> {
        for (file, bytes) in self.made.drain(..) {
            folder.write(&file, &bytes)?;
            self.written.push(file.name);
        }
        Ok(())
    }

    /// What the trust list carries beside the list.
    pub(super) fn roots(&self) -> &'a [RootStatement] {
        self.keys.roots
    }

    /// Seals a head, which has no name.
    pub(super) fn seal_head(&self, head: &Head) -> Result<Vec<u8>, FeedError> {
        let key = &self.keys.feeds;
        Ok(head.encode(self.id(key))?.sign(&*key.sign))
    }

    fn id(&self, key: &FeedKey<'_>) -> KeyId {
        KeyId { issuer: self.issuer, slot: key.slot }
    }
}
