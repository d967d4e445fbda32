//! Taking up what was published before the last stop.

use yanma_domain::IssuerId;
use yanma_domain::verdict::FeedPosition;
use yanma_protocol::FeedError;
use yanma_protocol::envelope::{Envelope, FileKind, VerifiedFile};
use yanma_protocol::head::{FileRef, Head};

use super::content::Content;
use super::folder::Folder;
use super::signing::FeedKeys;
use super::{Last, PublishError, State};

/// Reads the head and all that it names.
///
/// Whatever is wrong with the files is told to the log and mended by beginning anew, above
/// the number and the epoch of the head if that much can be believed. Only a head that is
/// there and cannot be read is an error: beginning anew over it would be rash. A head that is
/// older than number `went_out` is an old copy: desks have come further.
pub(super) fn resume(
    folder: &Folder,
    issuer: IssuerId,
    keys: &FeedKeys<'_>,
    went_out: u64,
) -> Result<Last, PublishError> {
    let Some(bytes) = folder.read_head()? else {
        return Ok(Last::Floor { number: went_out, epoch: 0 });
    };
    let reader = Reader { folder, issuer, keys };
    let head = match reader.verify(&bytes).and_then(|file| Head::decode(&file)) {
        Ok(head) => head,
        Err(error) => {
            tracing::warn!(code = error.code(), "the published head is not used: {error}");
            return Ok(Last::Floor { number: went_out, epoch: 0 });
        }
    };
    if head.number < went_out {
        tracing::warn!("the published head is older than one that went out; a new epoch begins");
        return Ok(Last::Floor { number: went_out, epoch: head.feeds.status.epoch });
    }
    match Content::resume(&head.feeds, &reader) {
        Ok(content) => Ok(Last::State(Box::new(State { head, content }))),
        Err(error) => {
            tracing::warn!(%error, "the published files are not complete; a new epoch begins");
            Ok(Last::Floor { number: head.number, epoch: head.feeds.status.epoch })
        }
    }
}

/// How far the status feed of the head is, if the head is there and verifies.
pub(super) fn position(
    folder: &Folder,
    issuer: IssuerId,
    keys: &FeedKeys<'_>,
) -> Result<Option<FeedPosition>, PublishError> {
    let Some(bytes) = folder.read_head()? else {
        return Ok(None);
    };
    let reader = Reader { folder, issuer, keys };
    let head = reader.verify(&bytes).and_then(|file| Head::decode(&file));
    Ok(head.ok().map(|head| head.feeds.status.position()))
}

/// Reads files of the folder, each verified under the key that should have signed it.
pub(super) struct Reader<'a> {
    pub(super) folder: &'a Folder,
    pub(super) issuer: IssuerId,
    pub(super) keys: &'a FeedKeys<'a>,
}

impl Reader<'_> {
    pub(super) fn read<T>(
        &self,
        file: &FileRef,
        decode: impl FnOnce(&VerifiedFile<'_>) -> Result<T, FeedError>,
    ) -> Result<T, PublishError> {
        let bytes = self.folder.read(file)?;
        Ok(decode(&self.verify(&bytes)?)?)
    }

    /// Whether a file is there with its length; what is in it is not looked at.
    pub(super) fn check_there(&self, file: &FileRef) -> Result<(), PublishError> {
        self.folder.check_there(file)
    }

    fn verify<'b>(&self, bytes: &'b [u8]) -> Result<VerifiedFile<'b>, FeedError> {
        let envelope = Envelope::parse(bytes)?;
        let (want, got) = (self.issuer, envelope.key().issuer);
        if want != got {
            return Err(FeedError::WrongIssuer { want, got });
        }
        if envelope.kind() != FileKind::Trust {
            return envelope.verify(&self.keys.feeds.public);
        }
        // The one that is published may still be under a root key of before: the lists are not
        // begun anew for that.
        let before = self.keys.roots.iter().rev().map(|statement| &statement.from);
        let mut roots = [&self.keys.root.public].into_iter().chain(before);
        roots.find_map(|root| envelope.verify(root).ok()).ok_or(FeedError::Signature)
    }
}
