//! The frame of a SAM_V reader's answer.
//!
//! ```text
//! AA AA AA 96 69 | length, 2 bytes | SW1 SW2 SW3 | data | checksum
//! ```
//!
//! Numbers are big-endian. The length counts from SW1 to the checksum; the exclusive or of
//! everything from the length to the checksum is 0; SW3 is 90 for success. The data of a
//! read is the length of the text, the length of the photo, with a third length when
//! fingerprints were asked for, and then these parts in turn. Source: the module manual that
//! the readers' makers publish.

use super::{CardError, ChipCard};

const PREAMBLE: &[u8; 5] = b"\xAA\xAA\xAA\x96\x69";

/// Preamble and length.
const HEAD: usize = 7;

/// The shortest frame: head, three status bytes, checksum.
const SHORTEST: usize = HEAD + 4;

/// The status of a read that worked.
const READ: u8 = 0x90;

impl ChipCard {
    /// Reads the card from one whole answer to "read text and photo", with or without
    /// fingerprints, from the preamble to the checksum and nothing around it.
    ///
    /// The photo and the fingerprints are skipped and never copied.
    ///
    /// # Errors
    /// [`CardError`], in the order of its variants: the first thing wrong is the one told.
    pub fn parse_frame(frame: &[u8]) -> Result<Self, CardError> {
        let data = open(frame)?;
        Self::parse_text(text_of(data).ok_or(CardError::Parts)?)
    }
}

/// The data of a whole frame with a good status.
fn open(frame: &[u8]) -> Result<&[u8], CardError> {
    if !frame.starts_with(PREAMBLE) {
        return Err(CardError::BadPreamble);
    }
    let &[_, _, _, _, _, high, low, sw1, sw2, sw3, ref rest @ ..] = frame else {
        return Err(too_short(frame));
    };
    let Some((_, data)) = rest.split_last() else {
        return Err(too_short(frame));
    };
    let declared = HEAD + usize::from(u16::from_be_bytes([high, low]));
    if declared != frame.len() {
        return Err(CardError::Length { declared, found: frame.len() });
    }
    if frame.iter().skip(PREAMBLE.len()).fold(0, |x, b| x ^ b) != 0 {
        return Err(CardError::Checksum);
    }
    match (sw1, sw2, sw3) {
        (0, 0, READ) => Ok(data),
        (_, _, READ) => Err(CardError::Parts),
        (_, _, status) => Err(CardError::Status(status)),
    }
}

fn too_short(frame: &[u8]) -> CardError {
    CardError::Length { declared: SHORTEST, found: frame.len() }
}

/// The text block in the data of a read, if its parts add up.
fn text_of(data: &[u8]) -> Option<&[u8; 256]> {
    let (lengths, parts) = data.split_first_chunk::<4>()?;
    let [t1, t2, p1, p2] = *lengths;
    let text_and_photo =
        usize::from(u16::from_be_bytes([t1, t2])) + usize::from(u16::from_be_bytes([p1, p2]));
    if [t1, t2] != [1, 0] {
        return None;
    }
    if parts.len() == text_and_photo {
        return parts.first_chunk();
    }
    let (fingerprints, parts) = parts.split_first_chunk::<2>()?;
    let fingerprints = usize::from(u16::from_be_bytes(*fingerprints));
    if parts.len() == text_and_photo + fingerprints {
        return parts.first_chunk();
    }
    None
}
