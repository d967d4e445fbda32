//! Whatever a device says: a reading is bounded and whole, and what comes after noise is heard.

use std::time::{Duration, Instant};

use yanma_devices::card::{AnswerStream, Heard};
use yanma_devices::hid::{HidReading, ReportStream, layouts};
use yanma_devices::serial::MAX_READING_BYTES;

/// Takes the input as a scanner: its vendor, its report descriptor, and its reports; each has its
/// length before it, and the pause of so many 10 ms.
pub(crate) fn scanner(data: &[u8]) {
    let Some((&[low, high, size], rest)) = data.split_first_chunk::<3>() else { return };
    let (descriptor, mut rest) = rest.split_at(rest.len().min(size.into()));
    let mut stream = ReportStream::new(layouts(u16::from_le_bytes([low, high]), descriptor));
    let mut now = Instant::now();
    while let Some((&[size, pause], after)) = rest.split_first_chunk::<2>() {
        let (report, after) = after.split_at(after.len().min(size.into()));
        now += Duration::from_millis(10) * u32::from(pause);
        let readings = stream.report(report, now);
        assert!(readings.len() <= 3, "{} readings of one report", readings.len());
        readings.iter().for_each(check);
        rest = after;
    }
    stream.idle(now + Duration::from_millis(500)).iter().for_each(check);
    assert!(stream.end().is_none_or(|reading| reading == HidReading::Broken));
    assert_eq!(stream.end(), None);
}

fn check(reading: &HidReading) {
    if let HidReading::Scan { bytes, aim } = reading {
        assert!((1..=MAX_READING_BYTES).contains(&bytes.len()));
        assert!(!bytes.ends_with(b"\r") && !bytes.ends_with(b"\n"));
        assert!(aim.is_none_or(|aim| aim[0] == b']' && aim.is_ascii()));
    }
}

/// Takes the input as what a card reader says, in pieces of a size that its first byte names. The
/// pieces do not change what is heard, and an answer after it all is heard.
pub(crate) fn reader(data: &[u8]) {
    let Some((&size, said)) = data.split_first() else { return };
    let mut whole = AnswerStream::new();
    let at_once = whole.push(said);
    let mut stream = AnswerStream::new();
    let pieces = said.chunks(usize::from(size) + 1);
    let in_pieces: Vec<Heard> = pieces.flat_map(|piece| stream.push(piece)).collect();
    assert_eq!(in_pieces, at_once, "pieces of {}", usize::from(size) + 1);
    // However long a frame the input claimed to begin, it is over by then.
    let none = b"\xAA\xAA\xAA\x96\x69\x00\x04\x00\x00\x80\x84";
    let after = stream.push(&none.repeat(300));
    let Some(Heard::Answer(last)) = after.last() else { panic!("an answer is heard last") };
    assert_eq!(last.status().0, 0x80);
    for heard in at_once {
        let Heard::Answer(answer) = heard else { continue };
        if let Some(card) = answer.card() {
            let again = AnswerStream::new().push(&card.into_bytes());
            assert!(matches!(again.as_slice(), [Heard::Answer(_)]), "a card is a whole frame");
        }
    }
}
