//! Feed files as a series of symbols on a screen, for a desk whose camera is its only way in.
//!
//! ```text
//! bundle = head's length u32 ‖ head ‖ (file's length u32 ‖ file) …
//! frame  = first 4 bytes of the bundle's SHA-256 ‖ number u16 ‖ count u16 ‖ piece of ≤ 600 bytes
//! symbol = QR of "YMQ1:" ‖ base45 (RFC 9285) of the frame, which is alphanumeric throughout
//! ```
//!
//! Numbers are little-endian; frames count from 0, and all pieces but the last have 600 bytes. The
//! symbols are shown in turn, again and again, so one that was missed comes back. Nothing of this is
//! signed: the files are, and are checked as from any other carrier.

use std::collections::BTreeMap;

use crate::Digest;

/// What every symbol of a series begins with.
pub const PREFIX: &str = "YMQ1:";
/// Bytes of the bundle in one symbol: a QR of version 20 at level M, 97 modules a side.
pub const PIECE_BYTES: usize = 600;
/// The longest series; at eight symbols a second it takes two minutes.
pub const MAX_SYMBOLS: usize = 1024;
/// The longest bundle.
pub const MAX_BUNDLE_BYTES: usize = PIECE_BYTES * MAX_SYMBOLS;

const HEADER_BYTES: usize = 8;

/// The texts of a series, in order.
///
/// # Errors
/// [`SeriesError::TooLong`].
pub fn series(head: &[u8], files: &[Vec<u8>]) -> Result<Vec<String>, SeriesError> {
    let mut bundle = Vec::new();
    for bytes in [head].into_iter().chain(files.iter().map(Vec::as_slice)) {
        let length = u32::try_from(bytes.len()).map_err(|_| SeriesError::TooLong)?;
        bundle.extend(length.to_le_bytes());
        bundle.extend(bytes);
    }
    if bundle.len() > MAX_BUNDLE_BYTES {
        return Err(SeriesError::TooLong);
    }
    let set = set_of(&bundle);
    let pieces: Vec<_> = bundle.chunks(PIECE_BYTES).collect();
    let count = u16::try_from(pieces.len()).map_err(|_| SeriesError::TooLong)?;
    let text = |(number, piece): (u16, &&[u8])| {
        let mut frame = set.to_vec();
        frame.extend(number.to_le_bytes());
        frame.extend(count.to_le_bytes());
        frame.extend(*piece);
        format!("{PREFIX}{}", base45::encode(&frame))
    };
    Ok((0..).zip(&pieces).map(text).collect())
}

fn set_of(bundle: &[u8]) -> [u8; 4] {
    let Digest([a, b, c, d, ..]) = Digest::of(bundle);
    [a, b, c, d]
}

/// Why a text, or what came together of several, is no part of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    /// Longer than a series may be.
    #[error("it is longer than {MAX_BUNDLE_BYTES} bytes")]
    TooLong,
    /// A symbol of another form.
    #[error("this symbol is no part of a series")]
    Form,
    /// All symbols were seen, and together they are not what they said they were.
    #[error("the symbols do not belong together; show them once more")]
    Mixed,
}

/// How far a series is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gathered {
    /// So many different symbols of so many were seen.
    Part {
        /// Seen.
        have: usize,
        /// Of how many.
        of: usize,
    },
    /// All of them: the head, and the files.
    Whole(Vec<u8>, Vec<Vec<u8>>),
    /// It is one of the series that was done with.
    Known,
}

/// Puts the symbols of a series together, in whatever order they are seen.
#[derive(Debug, Default)]
pub struct Gathering {
    set: [u8; 4],
    count: u16,
    pieces: BTreeMap<u16, Vec<u8>>,
    done_with: Option<[u8; 4]>,
}

impl Gathering {
    /// Takes the text of a symbol; `None` when it is none of any series. A symbol of another series
    /// than before begins anew.
    pub fn take(&mut self, text: &str) -> Option<Result<Gathered, SeriesError>> {
        let text = text.strip_prefix(PREFIX)?;
        Some(self.take_frame(text))
    }

    /// Is done with the series that was taken last: it goes on being shown, and is no news.
    pub fn be_done(&mut self) {
        self.done_with = Some(self.set);
    }

    fn take_frame(&mut self, text: &str) -> Result<Gathered, SeriesError> {
        let frame = base45::decode(text).map_err(|_| SeriesError::Form)?;
        let (header, piece) = frame.split_first_chunk::<HEADER_BYTES>().ok_or(SeriesError::Form)?;
        let [a, b, c, d, n0, n1, c0, c1] = *header;
        let (set, number, count) =
            ([a, b, c, d], u16::from_le_bytes([n0, n1]), u16::from_le_bytes([c0, c1]));
        let is_last = number.checked_add(1) == Some(count);
        let fits =
            piece.len() == PIECE_BYTES || (is_last && (1..PIECE_BYTES).contains(&piece.len()));
        if number >= count || usize::from(count) > MAX_SYMBOLS || !fits {
            return Err(SeriesError::Form);
        }
        if self.done_with == Some(set) {
            return Ok(Gathered::Known);
        }
        if (self.set, self.count) != (set, count) {
            *self = Self { set, count, ..Self::default() };
        }
        self.pieces.entry(number).or_insert_with(|| piece.to_vec());
        let (have, of) = (self.pieces.len(), usize::from(count));
        if have < of {
            return Ok(Gathered::Part { have, of });
        }
        let bundle: Vec<u8> = std::mem::take(&mut self.pieces).into_values().flatten().collect();
        if set_of(&bundle) != set {
            return Err(SeriesError::Mixed);
        }
        let mut files = unpack(&bundle)?.into_iter();
        let head = files.next().ok_or(SeriesError::Form)?;
        Ok(Gathered::Whole(head, files.collect()))
    }
}

fn unpack(mut bundle: &[u8]) -> Result<Vec<Vec<u8>>, SeriesError> {
    let mut files = Vec::new();
    while let Some((length, rest)) = bundle.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        let (file, rest) = rest.split_at_checked(length).ok_or(SeriesError::Form)?;
        files.push(file.to_vec());
        bundle = rest;
    }
    if bundle.is_empty() { Ok(files) } else { Err(SeriesError::Form) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn files() -> Vec<Vec<u8>> {
        vec![vec![7; 3], Vec::new(), (0..1500_u32).map(|n| n.to_le_bytes()[0]).collect()]
    }

    #[test]
    fn a_series_comes_together_in_any_order_and_with_repetitions() {
        let texts = series(b"head", &files()).unwrap();
        assert_eq!(texts.len(), 3);
        let mut gathering = Gathering::default();
        let mut take = |at: usize| gathering.take(&texts[at]).unwrap().unwrap();
        assert_eq!(take(2), Gathered::Part { have: 1, of: 3 });
        assert_eq!(take(2), Gathered::Part { have: 1, of: 3 });
        assert_eq!(take(0), Gathered::Part { have: 2, of: 3 });
        assert_eq!(take(1), Gathered::Whole(b"head".to_vec(), files()));
        assert_eq!(take(1), Gathered::Part { have: 1, of: 3 }, "and can be seen again");
        gathering.be_done();
        assert_eq!(gathering.take(&texts[0]), Some(Ok(Gathered::Known)));
        let other = series(b"another", &files()).unwrap();
        gathering.take(&other[0]).unwrap().unwrap();
        let again = gathering.take(&texts[0]);
        assert_eq!(again, Some(Ok(Gathered::Part { have: 1, of: 3 })), "once another was shown");
    }

    #[test]
    fn another_series_begins_anew_and_mixed_ones_are_refused() {
        let (one, other) = (series(b"one", &files()).unwrap(), series(b"two", &files()).unwrap());
        let mut gathering = Gathering::default();
        gathering.take(&one[0]).unwrap().unwrap();
        let told = gathering.take(&other[1]).unwrap();
        assert_eq!(told, Ok(Gathered::Part { have: 1, of: 3 }));
        // A symbol that was forged under the name of the series.
        let mut frame = base45::decode(other[0].strip_prefix(PREFIX).unwrap()).unwrap();
        frame[20] ^= 1;
        let forged = format!("{PREFIX}{}", base45::encode(&frame));
        gathering.take(&forged).unwrap().unwrap();
        assert_eq!(gathering.take(&other[2]).unwrap(), Err(SeriesError::Mixed));
        for text in &other[..2] {
            gathering.take(text).unwrap().unwrap();
        }
        let told = gathering.take(&other[2]).unwrap().unwrap();
        assert!(matches!(told, Gathered::Whole(..)), "the true ones come together afterwards");
    }

    #[test]
    fn what_is_no_series_is_left_alone_or_named() {
        let mut gathering = Gathering::default();
        assert_eq!(gathering.take("HTTPS://JKM.EXAMPLE/1234"), None);
        assert_eq!(gathering.take("YMQ1:"), Some(Err(SeriesError::Form)));
        assert_eq!(gathering.take("YMQ1:~~~"), Some(Err(SeriesError::Form)));
        let frame = |number: u16, count: u16, bytes: usize| {
            let mut frame = vec![1, 2, 3, 4];
            frame.extend(number.to_le_bytes());
            frame.extend(count.to_le_bytes());
            frame.resize(8 + bytes, 0);
            format!("{PREFIX}{}", base45::encode(&frame))
        };
        for (number, count, bytes) in
            [(0, 0, 600), (1, 1, 600), (0, 2, 599), (1, 2, 0), (0, 1, 601), (0, 1025, 600)]
        {
            let told = gathering.take(&frame(number, count, bytes));
            assert_eq!(told, Some(Err(SeriesError::Form)), "{number} of {count}, {bytes}");
        }
        assert_eq!(series(&vec![0; MAX_BUNDLE_BYTES], &[]), Err(SeriesError::TooLong));
    }

    #[test]
    fn the_series_is_the_one_that_the_pages_draw() {
        // `ui/portal/src/carry.test.ts` has the same.
        let texts = series(b"head", &[b"file".to_vec()]).unwrap();
        assert_eq!(texts, ["YMQ1:Y5Q%-9000V50YM0000+8D2ECYM0000R.CTVD"]);
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused(texts in prop::collection::vec("YMQ1:[0-9A-Z $%*+./:-]{0,60}", 0..9)) {
            let mut gathering = Gathering::default();
            for text in &texts {
                let _ = gathering.take(text);
            }
        }

        #[test]
        fn whatever_is_packed_is_unpacked(head in prop::collection::vec(any::<u8>(), 0..900),
            files in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..900), 0..5)) {
            let mut gathering = Gathering::default();
            let mut last = None;
            for text in series(&head, &files).unwrap() {
                last = gathering.take(&text);
            }
            prop_assert_eq!(last, Some(Ok(Gathered::Whole(head, files))));
        }
    }
}
