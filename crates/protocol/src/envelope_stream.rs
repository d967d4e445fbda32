//! A sealed file that is too large to be held: checked in one pass, then read in place.

use std::io::{ErrorKind, Read};

use sha2::{Digest as _, Sha256};
use yanma_domain::{IssuerId, KeyId, KeySlot};

use crate::digest::Digest;
use crate::envelope::{ENVELOPE_BYTES, HEADER_BYTES, Keys, MAGIC};
use crate::feed_error::FeedError;
use crate::file_kind::FileKind;
use crate::head::FileRef;

/// How much is read at once.
const PIECE_BYTES: usize = 64 * 1024;

/// A file whose length, hash and signature hold. Only [`open`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedStream {
    payload_bytes: u64,
}

impl VerifiedStream {
    /// How long the payload is.
    pub fn payload_bytes(self) -> u64 {
        self.payload_bytes
    }

    /// Where the payload begins in the file.
    pub const PAYLOAD_AT: u64 = HEADER_BYTES as u64;
}

/// Checks a file as [`envelope::open`](crate::envelope::open) does, and that it is the one
/// that `named` says, as [`FileRef::check`] does. `from` gives a reader that begins at a byte
/// of the file; it is asked twice, and nobody else may write the file from then on.
///
/// # Errors
/// As those two; [`FeedError::Truncated`] also for what cannot be read.
pub fn open<R: Read>(
    named: &FileRef,
    from: impl Fn(u64) -> Result<R, FeedError>,
    kind: FileKind,
    issuer: IssuerId,
    keys: Keys<'_>,
) -> Result<VerifiedStream, FeedError> {
    let signed_bytes = named.bytes.checked_sub(64).ok_or(FeedError::Length)?;
    let payload_bytes = named.bytes.checked_sub(ENVELOPE_BYTES as u64).ok_or(FeedError::Length)?;
    let mut signature = [0; 64];
    from(signed_bytes)?.read_exact(&mut signature).map_err(|_| FeedError::Length)?;

    let mut reader = from(0)?;
    let mut header = [0; HEADER_BYTES];
    reader.read_exact(&mut header).map_err(|_| FeedError::Length)?;
    let checked = check_header(&header, payload_bytes, kind, issuer).and_then(|key| {
        let key = keys.find(kind, key)?;
        key.check_pieces(&signature).ok_or(FeedError::Signature)
    });
    let mut hash = Sha256::new_with_prefix(header);
    // Whether it is the file at all comes first: a header of another file says nothing.
    let mut check = checked;
    if let Ok(check) = &mut check {
        check.update(kind.namespace());
        check.update(&header);
    }
    let mut piece = vec![0; PIECE_BYTES];
    let mut left = payload_bytes;
    while left > 0 {
        let wanted = usize::try_from(left).map_or(PIECE_BYTES, |left| left.min(PIECE_BYTES));
        let piece = piece.get_mut(..wanted).ok_or(FeedError::Length)?;
        reader.read_exact(piece).map_err(|_| FeedError::Length)?;
        hash.update(&*piece);
        if let Ok(check) = &mut check {
            check.update(piece);
        }
        left -= wanted as u64;
    }
    let mut end = [0; 64];
    reader.read_exact(&mut end).map_err(|_| FeedError::Length)?;
    hash.update(end);
    match reader.read_exact(&mut [0]) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {}
        _ => return Err(FeedError::Length),
    }
    if Digest(hash.finalize().into()) != named.sha256 {
        return Err(FeedError::Hash);
    }
    if end == signature && check?.holds() {
        Ok(VerifiedStream { payload_bytes })
    } else {
        Err(FeedError::Signature)
    }
}

fn check_header(
    header: &[u8; HEADER_BYTES],
    payload_bytes: u64,
    kind: FileKind,
    issuer: IssuerId,
) -> Result<KeyId, FeedError> {
    let [m0, m1, m2, m3, number, of, slot, zero, length @ ..] = *header;
    if [m0, m1, m2, m3] != MAGIC {
        return Err(FeedError::Magic);
    }
    if FileKind::from_number(number) != Some(kind) {
        return Err(FeedError::Kind { want: kind, got: number });
    }
    let slot = KeySlot::new(slot).ok_or(FeedError::NotCanonical)?;
    if zero != 0 {
        return Err(FeedError::NotCanonical);
    }
    let length = u64::from(u32::from_le_bytes(length));
    if length > kind.max_payload_bytes() as u64 {
        return Err(FeedError::Length);
    }
    match length.cmp(&payload_bytes) {
        std::cmp::Ordering::Less => return Err(FeedError::TrailingBytes),
        std::cmp::Ordering::Equal => {}
        std::cmp::Ordering::Greater => return Err(FeedError::Truncated),
    }
    if IssuerId(of) != issuer {
        return Err(FeedError::WrongIssuer { want: issuer, got: IssuerId(of) });
    }
    Ok(KeyId { issuer, slot })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{self, Unsigned};
    use crate::file_name::FeedName;
    use crate::testing::{feeds_key, second, sign, trust_list};

    const KIND: FileKind = FileKind::DirectorySnapshot;

    fn sealed(length: usize) -> Vec<u8> {
        let payload: Vec<u8> = (0..length).map(|n| (n * 7 % 251) as u8).collect();
        Unsigned::new(KIND, feeds_key(), &payload).unwrap().sign(&sign)
    }

    /// The file as it is read, whole and in pieces: what a desk sees of either.
    fn both(named: &FileRef, bytes: &[u8], issuer: IssuerId) -> [Result<(), FeedError>; 2] {
        let list = trust_list();
        let keys = Keys::Trusted(&list, second(1));
        let from = |at: u64| bytes.get(at as usize..).ok_or(FeedError::Length);
        let streamed = open(named, from, KIND, issuer, keys).map(|file| {
            assert_eq!(file.payload_bytes() as usize, bytes.len() - ENVELOPE_BYTES);
        });
        let whole =
            named.check(bytes).and_then(|()| envelope::open(bytes, KIND, issuer, keys).map(|_| ()));
        [streamed, whole]
    }

    fn named(bytes: &[u8]) -> FileRef {
        FileRef::new(FeedName::Directory, 0, 1, bytes)
    }

    #[test]
    fn a_file_of_any_length_opens_as_the_whole_does() {
        for length in [0, 1, 53, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 300_000] {
            let bytes = sealed(length);
            assert_eq!(both(&named(&bytes), &bytes, IssuerId::FUJIAN), [Ok(()); 2], "{length}");
        }
    }

    #[test]
    fn what_is_not_the_named_file_is_refused_alike() {
        let bytes = sealed(1_000);
        let file = named(&bytes);
        for at in [0, 4, 5, 6, 7, 8, 11, 12, 500, 1_011, 1_012, 1_075] {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            let refused = both(&file, &altered, IssuerId::FUJIAN);
            assert_eq!(refused, [Err(FeedError::Hash); 2], "byte {at}");
        }
        for cut in [0, 1, 75, 76, 1_000, bytes.len() - 1] {
            let refused = both(&file, &bytes[..cut], IssuerId::FUJIAN);
            assert_eq!(refused, [Err(FeedError::Length); 2], "cut to {cut}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(both(&file, &longer, IssuerId::FUJIAN), [Err(FeedError::Length); 2]);
    }

    #[test]
    fn a_named_file_that_is_not_well_signed_is_refused_alike() {
        let bytes = sealed(1_000);
        for at in [0, 4, 5, 6, 7, 8, 11, 12, 500, 1_012, 1_044, 1_075] {
            for by in [1, 0x80, 0xff] {
                let mut altered = bytes.clone();
                altered[at] ^= by;
                let [streamed, whole] = both(&named(&altered), &altered, IssuerId::FUJIAN);
                let code = |result: Result<(), FeedError>| result.map_err(|error| error.code());
                assert_eq!(code(streamed), code(whole), "byte {at} by {by}");
                assert!(whole.is_err(), "byte {at} by {by}");
            }
        }
        let [streamed, whole] = both(&named(&bytes), &bytes, IssuerId(36));
        assert_eq!(streamed, whole);
        assert!(matches!(whole, Err(FeedError::WrongIssuer { .. })));
        // A point of small order in the place of the signature's.
        let mut weak = bytes;
        let at = weak.len() - 64;
        weak[at..at + 32].copy_from_slice(&[&[1][..], &[0; 31]].concat());
        let refused = both(&named(&weak), &weak, IssuerId::FUJIAN);
        assert_eq!(refused, [Err(FeedError::Signature); 2]);
    }
}
