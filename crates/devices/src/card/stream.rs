//! Bytes of a card reader to answers, whatever noise is between them.

use std::fmt;

use super::Status;

/// What every frame begins with.
const PREAMBLE: [u8; 5] = [0xAA, 0xAA, 0xAA, 0x96, 0x69];

/// Preamble and length.
const HEAD: usize = 7;

/// The shortest length that an answer states: three status bytes and the checksum.
const SHORTEST: usize = 4;

/// The longest length that is believed. Text, photo and two fingerprints state 2314.
const LONGEST: usize = 0x0A00;

/// Where the text of a card stands in the answer to a read: after head, status and two lengths.
const TEXT_AT: usize = HEAD + 3 + 4;

/// Bytes of text on a card.
const TEXT: usize = 256;

/// Bytes of photo on a card.
const PHOTO: usize = 1024;

/// One whole answer of a reader: its checksum holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer(Vec<u8>);

impl Answer {
    /// What the reader says of the command.
    #[must_use]
    pub fn status(&self) -> Status {
        Status(self.0.get(HEAD + 2).copied().unwrap_or_default())
    }

    /// The data of an answer, between status and checksum.
    pub(super) fn data(&self) -> &[u8] {
        self.0.get(HEAD + 3..self.0.len().saturating_sub(1)).unwrap_or_default()
    }

    /// The card of an answer to "read text and photo", with the photo left out; `None` when this
    /// is the answer to something else, also to "read with fingerprints", where the text stands
    /// elsewhere.
    #[must_use]
    pub fn card(&self) -> Option<CardFrame> {
        let head = self.0.get(HEAD..TEXT_AT)?;
        let text = self.0.get(TEXT_AT..TEXT_AT + TEXT)?;
        if head != [0, 0, 0x90, 1, 0, 4, 0] || self.0.len() != TEXT_AT + TEXT + PHOTO + 1 {
            return None;
        }
        let mut frame = PREAMBLE.to_vec();
        frame.extend([0x05, 0x08]);
        frame.extend(head);
        frame.extend(text);
        frame.resize(TEXT_AT + TEXT + PHOTO, 0);
        frame.push(frame.iter().skip(PREAMBLE.len()).fold(0, |x, byte| x ^ byte));
        Some(CardFrame(frame))
    }
}

impl fmt::Debug for Answer {
    /// Without the data: it may be a person's card.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status(), self.0.len())
    }
}

/// A card as the reader's frame of 1295 bytes, text as it came and 1024 zeros for the photo.
#[derive(Clone, PartialEq, Eq)]
pub struct CardFrame(Vec<u8>);

impl CardFrame {
    /// The whole frame, from preamble to checksum.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The 256 bytes of text.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        self.0.get(TEXT_AT..TEXT_AT + TEXT).unwrap_or_default()
    }
}

impl fmt::Debug for CardFrame {
    /// Without the data: it is a person's card.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardFrame")
    }
}

/// What came out of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A whole answer.
    Answer(Answer),
    /// A frame whose checksum is wrong: ask again.
    Damaged,
}

/// Puts answers together from pieces of any size. It never keeps more than one frame's bytes,
/// and finds the next answer after noise, a lost byte or a frame that was cut off.
#[derive(Default)]
pub struct AnswerStream {
    bytes: Vec<u8>,
}

impl AnswerStream {
    /// With nothing read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes bytes as they came.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Heard> {
        let mut heard = Vec::new();
        for piece in bytes.chunks(512) {
            self.bytes.extend(piece);
            self.take_whole(&mut heard);
        }
        heard
    }

    /// Forgets what has come so far.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    fn take_whole(&mut self, heard: &mut Vec<Heard>) {
        let mut at = 0;
        loop {
            at += start_of_frame(self.bytes.get(at..).unwrap_or_default());
            let rest = self.bytes.get(at..).unwrap_or_default();
            let Some(&[_, _, _, _, _, high, low]) = rest.first_chunk::<HEAD>() else { break };
            let length = usize::from(u16::from_be_bytes([high, low]));
            if !(SHORTEST..=LONGEST).contains(&length) {
                at += 1;
                continue;
            }
            let Some(frame) = rest.get(..HEAD + length) else { break };
            if frame.iter().skip(PREAMBLE.len()).fold(0, |x, byte| x ^ byte) == 0 {
                heard.push(Heard::Answer(Answer(frame.to_vec())));
                at += frame.len();
            } else {
                // The next answer may begin inside: a byte was lost, or a frame was cut off.
                heard.push(Heard::Damaged);
                at += 1;
            }
        }
        self.bytes.drain(..at);
    }
}

/// How many bytes to skip to the first place where a preamble begins, perhaps not yet whole.
fn start_of_frame(bytes: &[u8]) -> usize {
    (0..bytes.len())
        .find(|at| {
            let rest = bytes.iter().skip(*at);
            rest.zip(&PREAMBLE).all(|(byte, wanted)| byte == wanted)
        })
        .unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &[u8]) -> Vec<u8> {
        let mut frame = PREAMBLE.to_vec();
        frame.extend(u16::try_from(body.len() + 1).expect("short").to_be_bytes());
        frame.extend(body);
        frame.push(frame.iter().skip(5).fold(0, |x, byte| x ^ byte));
        frame
    }

    fn read(photo: u8) -> Vec<u8> {
        let mut body = vec![0, 0, 0x90, 1, 0, 4, 0];
        body.extend((0..=255).map(|n: u8| n.wrapping_mul(7)));
        body.resize(7 + TEXT + PHOTO, photo);
        answer(&body)
    }

    /// The statuses that a stream gives in pieces of `size`; 0 for a damaged frame.
    fn statuses(bytes: &[u8], size: usize) -> Vec<u8> {
        let mut stream = AnswerStream::new();
        let mut all = Vec::new();
        for piece in bytes.chunks(size) {
            all.extend(stream.push(piece).into_iter().map(|heard| match heard {
                Heard::Answer(answer) => answer.status().0,
                Heard::Damaged => 0,
            }));
            assert!(stream.bytes.len() < HEAD + LONGEST + 512, "what is kept stays bounded");
        }
        all
    }

    #[test]
    fn answers_come_out_whole_however_they_are_split() {
        let mut bytes = b"noise\xAA\xAA".to_vec();
        bytes.extend(answer(&[0, 0, 0x9F, 0, 0, 0, 0]));
        bytes.extend(read(9));
        bytes.extend([0xAA, 0xAA]);
        bytes.extend(answer(&[0, 0, 0x80]));
        for size in [1, 2, 3, 7, 64, 500, 5000] {
            assert_eq!(statuses(&bytes, size), [0x9F, 0x90, 0x80], "in pieces of {size}");
        }
    }

    #[test]
    fn a_lost_or_changed_byte_costs_one_answer_and_not_the_next() {
        let (first, second) = (read(0), answer(&[0, 0, 0x80]));
        for at in [5, 6, 7, 9, 100, 1294] {
            let mut changed = first.clone();
            changed[at] ^= 0x01;
            let padding = vec![0; LONGEST];
            let bytes = [changed.as_slice(), &second, &padding].concat();
            assert_eq!(statuses(&bytes, 64).last(), Some(&0x80), "byte {at} changed");
            let mut lost = first.clone();
            lost.remove(at);
            let bytes = [lost.as_slice(), &second, &padding].concat();
            assert_eq!(statuses(&bytes, 64).last(), Some(&0x80), "byte {at} lost");
        }
    }

    #[test]
    fn lengths_that_no_reader_sends_are_passed_over() {
        for length in [0_u16, 3, 0x0A01, 0xFFFF] {
            let mut bytes = PREAMBLE.to_vec();
            bytes.extend(length.to_be_bytes());
            bytes.extend(answer(&[0, 0, 0x80]));
            assert_eq!(statuses(&bytes, 4), [0x80], "length {length}");
        }
    }

    #[test]
    fn the_photo_is_left_out_and_the_frame_is_whole_again() {
        let Some(Heard::Answer(answer)) = AnswerStream::new().push(&read(0x5A)).pop() else {
            panic!("a read is an answer");
        };
        let card = answer.card().expect("a read has a card");
        assert_eq!(card.clone().into_bytes(), read(0), "the same text, and zeros for the photo");
        assert_eq!(format!("{answer:?} {card:?}"), "Answer(0x90, 1295 bytes) CardFrame");
    }
}
