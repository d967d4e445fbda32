//! The trust list as a file, signed by the root key.

use serde::Serialize;
use yanma_domain::KeyId;
use yanma_domain::trust::TrustList;

use crate::envelope::{FileKind, Unsigned, VerifiedFile};
use crate::feed_error::FeedError;
use crate::json;
use crate::root_chain::RootStatement;

/// A trust list; payload: its JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustFile(pub TrustList);

impl TrustFile {
    /// The file, ready to be signed by the root key.
    ///
    /// # Errors
    /// [`FeedError::NotCanonical`] when an issuer, a key of one, or a purpose of a key is there
    /// twice.
    pub fn encode(&self, key: KeyId) -> Result<Unsigned, FeedError> {
        self.encode_with(key, &[])
    }

    /// The same with what the root keys before this one have said, the first of them first:
    /// whoever pinned one of them follows ([`crate::root_chain`]).
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn encode_with(&self, key: KeyId, roots: &[RootStatement]) -> Result<Unsigned, FeedError> {
        check_once(&self.0)?;
        let payload = serde_json::to_vec(&Written { list: &self.0, roots });
        Unsigned::new(FileKind::Trust, key, &payload.map_err(|_| FeedError::Json)?)
    }

    /// Reads a verified file.
    ///
    /// # Errors
    /// [`FeedError::Kind`], [`FeedError::Json`], [`FeedError::NotCanonical`].
    pub fn decode(file: &VerifiedFile<'_>) -> Result<Self, FeedError> {
        let payload = file.payload(FileKind::Trust)?;
        let list = json::read_answer(payload).ok_or(FeedError::Json)?;
        check_once(&list)?;
        Ok(Self(list))
    }

    /// Whether the list may take the place of one with this sequence. The same one may.
    ///
    /// # Errors
    /// [`FeedError::Rollback`]: an older list could bring a withdrawn key back.
    pub fn check_after(&self, have: u32) -> Result<(), FeedError> {
        if self.0.sequence >= have {
            Ok(())
        } else {
            Err(FeedError::Rollback { have: have.into(), got: self.0.sequence.into() })
        }
    }
}

/// The payload.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    list: &'a TrustList,
    #[serde(skip_serializing_if = "<[RootStatement]>::is_empty")]
    roots: &'a [RootStatement],
}

/// With two keys of one name it would depend on their order which of them counts. Nothing else
/// that repeats says anything, and whoever passes a list on would pass its length on.
fn check_once(list: &TrustList) -> Result<(), FeedError> {
    let mut issuers: Vec<_> = list.issuers.iter().map(|issuer| issuer.id).collect();
    issuers.sort_unstable();
    let mut once = issuers.is_sorted_by(|one, next| one < next);
    for issuer in &list.issuers {
        let mut slots: Vec<_> = issuer.keys.iter().map(|key| key.slot).collect();
        slots.sort_unstable();
        once &= slots.is_sorted_by(|one, next| one < next);
        once &= issuer.keys.iter().all(|key| {
            let is_repeated = |(place, purpose)| {
                key.purposes.iter().take(place).any(|earlier| earlier == purpose)
            };
            // There are three purposes, so that nobody waits for a long list of repetitions.
            !key.purposes.iter().enumerate().take(4).any(is_repeated)
        });
    }
    if once { Ok(()) } else { Err(FeedError::NotCanonical) }
}

#[cfg(test)]
mod tests {
    use yanma_domain::KeySlot;

    use super::*;
    use crate::envelope::Envelope;
    use crate::testing::{feeds_key, public, sign, trust_list};

    fn read(payload: &[u8]) -> Result<TrustFile, FeedError> {
        let key = KeyId { slot: KeySlot::ROOT, ..feeds_key() };
        let bytes = Unsigned::new(FileKind::Trust, key, payload)?.sign(&sign);
        TrustFile::decode(&Envelope::parse(&bytes)?.verify(&public())?)
    }

    #[test]
    fn a_trust_list_comes_back() {
        let list = trust_list();
        assert_eq!(read(&serde_json::to_vec(&list).unwrap()), Ok(TrustFile(list)));
        assert_eq!(read(b"{}"), Err(FeedError::Json));
        assert_eq!(read(b""), Err(FeedError::Json));
    }

    #[test]
    fn an_issuer_or_a_key_twice_is_refused() {
        let mut issuer_twice = trust_list();
        issuer_twice.issuers.push(issuer_twice.issuers[0].clone());
        let mut key_twice = trust_list();
        let key = key_twice.issuers[0].keys[0].clone();
        key_twice.issuers[0].keys.push(key);
        let mut purpose_twice = trust_list();
        let purposes = &mut purpose_twice.issuers[0].keys[0].purposes;
        *purposes = purposes.repeat(100_000);
        for list in [issuer_twice, key_twice, purpose_twice] {
            let payload = serde_json::to_vec(&list).unwrap();
            assert_eq!(read(&payload), Err(FeedError::NotCanonical));
            assert!(TrustFile(list).encode(feeds_key()).is_err());
        }
    }

    #[test]
    fn an_older_list_does_not_come_after_a_newer_one() {
        let file = TrustFile(trust_list());
        assert_eq!(file.check_after(0), Ok(()));
        assert_eq!(file.check_after(1), Ok(()));
        assert_eq!(file.check_after(2), Err(FeedError::Rollback { have: 2, got: 1 }));
    }
}
