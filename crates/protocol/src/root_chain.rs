//! How another root key is introduced: each root key signs who comes after it, and a trust list
//! carries those statements from the first root key on. Whoever pinned one of them follows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_domain::trust::PublicKey;
use yanma_domain::{IssuerId, KeySlot};

use crate::envelope::{Envelope, FileKind, Sign};
use crate::feed_error::FeedError;
use crate::trust_file::TrustFile;
use crate::{json, namespace};

/// Most statements in a trust list: a rotation each year for a lifetime.
pub const MOST_ROOTS: usize = 64;

/// What a root key says last: which key signs trust lists from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootStatement {
    /// Which rotation it is: the first is 1.
    pub number: u32,
    /// When it was signed, in whole seconds.
    pub issued_at: Timestamp,
    /// The root key that says so.
    pub from: PublicKey,
    /// The root key that comes after it.
    pub next: PublicKey,
    /// Ed25519 by `from`, 128 hexadecimal digits.
    signature: String,
}

impl RootStatement {
    /// Makes a statement; `sign` is the key's whose `from` it is.
    pub fn new(
        issuer: IssuerId,
        number: u32,
        issued_at: Timestamp,
        (from, next): (PublicKey, PublicKey),
        sign: Sign<'_>,
    ) -> Self {
        let unsigned = Self { number, issued_at, from, next, signature: String::new() };
        let signature = hex::encode(sign(&unsigned.message(issuer)));
        Self { signature, ..unsigned }
    }

    /// Whether it is signed by the key whose word it says to be, in this issuer's name.
    ///
    /// # Errors
    /// [`FeedError::RootStatement`].
    pub fn check(&self, issuer: IssuerId) -> Result<(), FeedError> {
        let mut signature = [0; 64];
        let refused = FeedError::RootStatement { number: self.number };
        hex::decode_to_slice(&self.signature, &mut signature).map_err(|_| refused)?;
        let signed = self.from.signed(&self.message(issuer), &signature);
        if signed && self.from != self.next { Ok(()) } else { Err(refused) }
    }

    /// Namespace, issuer, number (u32) and seconds since 1970 (i64), both little-endian, and
    /// the two keys.
    fn message(&self, issuer: IssuerId) -> Vec<u8> {
        [
            namespace::ROOT,
            &[issuer.0],
            &self.number.to_le_bytes(),
            &self.issued_at.as_second().to_le_bytes(),
            &self.from.to_bytes(),
            &self.next.to_bytes(),
        ]
        .concat()
    }
}

/// The root key that statements lead to from a pinned one: that itself when none is its own.
/// What was said before it has no bearing; what is said after it must follow without a gap.
///
/// # Errors
/// [`FeedError::NotCanonical`] for a chain that is none; [`FeedError::RootStatement`] for one
/// that was not signed by the key it should be.
pub fn follow(
    roots: &[RootStatement],
    issuer: IssuerId,
    pinned: &PublicKey,
) -> Result<PublicKey, FeedError> {
    let in_order = roots.iter().zip(1..).all(|(statement, number)| statement.number == number);
    if !in_order || roots.len() > MOST_ROOTS {
        return Err(FeedError::NotCanonical);
    }
    let mut root = *pinned;
    for statement in roots.iter().skip_while(|statement| statement.from != *pinned) {
        if statement.from != root {
            return Err(FeedError::RootStatement { number: statement.number });
        }
        statement.check(issuer)?;
        root = statement.next;
    }
    Ok(root)
}

/// The part of a trust file that is read before its signature can be checked.
#[derive(Deserialize)]
struct Peeked {
    #[serde(default)]
    roots: Vec<RootStatement>,
}

/// Opens a trust file under a pinned root key, or under the one that its statements lead to
/// from there. Answers the list, and the root key that signed it: the one to pin from now on.
///
/// The statements are read before anything is verified; each counts only by its own signature.
///
/// # Errors
/// As [`crate::envelope::open`] and [`TrustFile::decode`]; [`FeedError::UnknownRoot`] when no
/// statement leads from the pinned key to the one that signed; as [`follow`].
pub fn open(
    bytes: &[u8],
    issuer: IssuerId,
    pinned: &PublicKey,
) -> Result<(TrustFile, PublicKey), FeedError> {
    let envelope = Envelope::parse(bytes)?;
    let (kind, key) = (envelope.kind(), envelope.key());
    if kind != FileKind::Trust {
        return Err(FeedError::Kind { want: FileKind::Trust, got: kind.number() });
    }
    if key.issuer != issuer {
        return Err(FeedError::WrongIssuer { want: issuer, got: key.issuer });
    }
    if key.slot != KeySlot::ROOT {
        return Err(FeedError::UnknownKey(key));
    }
    if let Ok(file) = envelope.verify(pinned) {
        return Ok((TrustFile::decode(&file)?, *pinned));
    }
    let peeked: Option<Peeked> = json::read_answer(envelope.unverified_payload());
    let roots = peeked.map(|peeked| peeked.roots).unwrap_or_default();
    if roots.is_empty() {
        return Err(FeedError::Signature);
    }
    let root = follow(&roots, issuer, pinned)?;
    if root == *pinned {
        return Err(FeedError::UnknownRoot);
    }
    Ok((TrustFile::decode(&envelope.verify(&root)?)?, root))
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};
    use yanma_domain::KeyId;

    use super::*;
    use crate::testing::{second, trust_list};

    const OURS: IssuerId = IssuerId::FUJIAN;

    fn key(root: u8) -> SigningKey {
        SigningKey::from_bytes(&[root; 32])
    }

    fn public(root: u8) -> PublicKey {
        PublicKey::from_bytes(&key(root).verifying_key().to_bytes()).unwrap()
    }

    fn statement(issuer: IssuerId, number: u32, from: u8, next: u8, signer: u8) -> RootStatement {
        let pair = (public(from), public(next));
        RootStatement::new(issuer, number, second(9), pair, &|message| {
            key(signer).sign(message).to_bytes()
        })
    }

    /// The statements of root keys that came one after the other.
    fn chain(roots: &[u8]) -> Vec<RootStatement> {
        let steps = roots.windows(2).zip(1..);
        steps.map(|(pair, number)| statement(OURS, number, pair[0], pair[1], pair[0])).collect()
    }

    fn file(roots: &[RootStatement], signer: u8) -> Vec<u8> {
        let id = KeyId { issuer: OURS, slot: KeySlot::ROOT };
        let unsigned = TrustFile(trust_list()).encode_with(id, roots).unwrap();
        unsigned.sign(&|message| key(signer).sign(message).to_bytes())
    }

    #[track_caller]
    fn check(roots: &[RootStatement], signer: u8, pinned: u8, expect: Result<u8, FeedError>) {
        let opened = open(&file(roots, signer), OURS, &public(pinned));
        assert_eq!(opened, expect.map(|root| (TrustFile(trust_list()), public(root))));
    }

    #[test]
    fn whoever_pinned_a_root_key_follows_to_the_one_in_force() {
        check(&[], 1, 1, Ok(1));
        check(&chain(&[1, 2]), 2, 1, Ok(2));
        for pinned in [1, 2, 3] {
            check(&chain(&[1, 2, 3]), 3, pinned, Ok(3));
        }
    }

    #[test]
    fn a_root_key_that_nobody_led_to_is_refused_by_name() {
        check(&[], 9, 1, Err(FeedError::Signature));
        check(&chain(&[9, 8]), 8, 1, Err(FeedError::UnknownRoot));
        check(&chain(&[1, 2]), 9, 1, Err(FeedError::Signature));
        // The last key before it has retired: what it signs now counts for nobody who followed.
        check(&chain(&[1, 2]), 1, 2, Err(FeedError::UnknownRoot));
        check(&[], 1, 2, Err(FeedError::Signature));
        check(&chain(&[1, 9]), 9, 2, Err(FeedError::UnknownRoot));
    }

    #[test]
    fn a_statement_that_is_not_its_keys_is_refused_by_name() {
        let wrong = |number| Err(FeedError::RootStatement { number });
        check(&[statement(OURS, 1, 1, 9, 9)], 9, 1, wrong(1));
        check(&[statement(IssuerId(36), 1, 1, 9, 1)], 9, 1, wrong(1));
        check(&[statement(OURS, 1, 1, 1, 1)], 9, 1, wrong(1));
        let mut chain = chain(&[1, 2, 3]);
        chain[1] = statement(OURS, 2, 9, 3, 9);
        check(&chain, 3, 1, wrong(2));
        let mut altered = statement(OURS, 1, 1, 2, 1);
        altered.issued_at = second(10);
        check(&[altered.clone()], 2, 1, wrong(1));
        altered.signature.clear();
        check(&[altered], 2, 1, wrong(1));
    }

    #[test]
    fn a_chain_with_a_gap_a_repetition_or_too_many_is_refused() {
        let refused = Err(FeedError::NotCanonical);
        let whole = chain(&[1, 2, 3]);
        check(&whole[1..], 3, 1, refused);
        check(&[whole[0].clone(), whole[0].clone()], 2, 1, refused);
        check(&[whole[1].clone(), whole[0].clone()], 3, 1, refused);
        let roots: Vec<u8> = (1..=(MOST_ROOTS as u8 + 2)).collect();
        check(&chain(&roots), MOST_ROOTS as u8 + 2, 1, refused);
        check(&chain(&roots[..=MOST_ROOTS]), MOST_ROOTS as u8 + 1, 1, Ok(MOST_ROOTS as u8 + 1));
    }

    #[test]
    fn every_flipped_bit_of_a_file_after_a_rotation_is_refused() {
        let bytes = file(&chain(&[1, 2]), 2);
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            assert!(open(&altered, OURS, &public(1)).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_list_without_statements_is_written_as_it_always_was() {
        let id = KeyId { issuer: OURS, slot: KeySlot::ROOT };
        let list = TrustFile(trust_list());
        assert_eq!(list.encode_with(id, &[]), list.encode(id));
    }
}
