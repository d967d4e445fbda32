//! Whatever the text or the card says: a number that exists is valid for its type, its
//! mask hides, and one reading of it has one answer.

use yanma_domain::document::{ChipCard, DirectoryKey, DocumentNumber, DocumentType, Recognised};
use yanma_domain::name::{HolderName, MaskedName};

/// Takes the input as a number, as a name, as a reader's frame, as the data of a frame that
/// is otherwise right, and as a chip's text.
pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    check_numbers(&text);
    if let Ok(name) = HolderName::parse(&text) {
        check_name(&name);
    }
    check_card(data);
    check_card(&frame(data));
    if let Some((first, rest)) = data.split_first_chunk::<256>() {
        let _ = ChipCard::parse_text(first).map(|card| check_chip(&card));
        // The same block in a whole answer, with what is left as the photo.
        let photo = u16::try_from(rest.len()).unwrap_or(0).to_be_bytes();
        let whole = [&[1, 0], &photo[..], first, rest].concat();
        check_card(&frame(&whole));
    }
}

fn check_numbers(text: &str) {
    for document_type in DocumentType::ALL {
        if let Ok(number) = DocumentNumber::parse(document_type, text) {
            assert_eq!(number.document_type(), document_type);
            check_number(&number);
        }
    }
    match DocumentNumber::recognise(text) {
        Recognised::One(number) => {
            assert_eq!(DocumentNumber::parse(number.document_type(), text), Ok(number));
        }
        Recognised::Several(types) => {
            assert!(!types.is_empty());
            for document_type in types {
                assert!(DocumentNumber::parse(document_type, text).is_ok());
            }
        }
        Recognised::Broken { document_type, error } => {
            assert_eq!(DocumentNumber::parse(document_type, text), Err(error));
        }
        Recognised::No => {}
    }
}

fn check_number(number: &DocumentNumber) {
    let plain = number.reveal();
    assert!(plain.is_ascii() && (5..=18).contains(&plain.len()), "{} characters", plain.len());
    let masked = number.masked();
    assert_eq!(masked.len(), plain.len());
    let shown = masked.chars().filter(|c| *c != '*').count();
    assert!(shown <= 8 && shown < plain.len(), "{shown} of {} characters shown", plain.len());
    assert_eq!(format!("{number} {number:?}").matches(plain).count(), 0, "the number shows");
    let again = DocumentNumber::parse(number.document_type(), plain);
    assert_eq!(again.as_ref(), Ok(number), "a normal form is its own normal form");
    let key = DirectoryKey::from_bytes([7; 32]);
    assert_eq!(again.map(|again| key.hash(&again)), Ok(key.hash(number)));
}

fn check_name(name: &HolderName) {
    let mask = name.mask();
    assert_eq!(MaskedName::parse(mask.as_str()), Ok(mask), "a mask is a masked name");
    assert_eq!(HolderName::parse(name.reveal()).as_ref(), Ok(name));
}

fn check_card(bytes: &[u8]) {
    if let Ok(card) = ChipCard::parse_frame(bytes) {
        check_chip(&card);
    }
}

fn check_chip(card: &ChipCard) {
    check_number(&card.number);
    check_name(&card.name);
    card.latin_name.iter().for_each(check_name);
    let _ = card.is_valid_on(card.from);
}

/// A reader's good answer around some data.
fn frame(data: &[u8]) -> Vec<u8> {
    let Ok(length) = u16::try_from(data.len() + 4) else { return Vec::new() };
    let mut frame = b"\xAA\xAA\xAA\x96\x69".to_vec();
    frame.extend(length.to_be_bytes());
    frame.extend([0, 0, 0x90]);
    frame.extend(data);
    let checksum = frame.iter().skip(5).fold(0, |sum, byte| sum ^ byte);
    frame.push(checksum);
    frame
}
