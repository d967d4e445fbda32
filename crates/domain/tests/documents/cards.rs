//! Cards on a reader: `tests/vectors/samv/samv.json`, and the frames beside it.

use jiff::civil::Date;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use yanma_domain::document::{ChipCard, DocumentNumber, DocumentType, Sex};

use crate::{file, table};

#[derive(Deserialize)]
struct Cards {
    cards: Vec<Good>,
    broken: Vec<Broken>,
}

#[derive(Deserialize)]
struct Good {
    file: String,
    sha256: String,
    layout: String,
    document: DocumentType,
    number: String,
    name: String,
    latin: Option<String>,
    sex: Sex,
    birth: Date,
    from: Date,
    to: Option<Date>,
}

#[derive(Deserialize)]
struct Broken {
    file: String,
    at: usize,
    text: String,
    error: String,
}

fn frame(name: &str) -> Vec<u8> {
    hex::decode(file(&format!("samv/{name}")).trim()).expect("hexadecimal")
}

#[test]
fn every_card_says_what_its_row_says() {
    let rows = table::<Cards>("samv/samv.json").cards;
    assert_eq!(rows.len(), 4, "a row for each layout");
    for row in rows {
        let bytes = frame(&row.file);
        assert_eq!(bytes.len(), 1295, "{}", row.file);
        assert_eq!(hex::encode(Sha256::digest(&bytes)), row.sha256, "the published vector");
        let card = ChipCard::parse_frame(&bytes).unwrap();
        let number = DocumentNumber::parse(row.document, &row.number).unwrap();
        assert_eq!((format!("{:?}", card.layout), &card.number), (row.layout, &number));
        let latin = card.latin_name.as_ref().map(|name| name.reveal());
        assert_eq!((card.name.reveal(), latin), (row.name.as_str(), row.latin.as_deref()));
        assert_eq!((card.sex, card.birth), (Some(row.sex), row.birth), "{}", row.file);
        assert_eq!((card.from, card.to), (row.from, row.to), "{}", row.file);
        let shown = format!("{card:?}");
        assert!(!shown.contains(&row.number) && !shown.contains(&row.name), "{shown}");
    }
}

#[test]
fn every_fault_of_a_card_names_its_field() {
    let rows = table::<Cards>("samv/samv.json").broken;
    assert!(rows.len() > 10, "only {} rows", rows.len());
    for row in rows {
        let mut block: [u8; 256] = frame(&row.file)[14..270].try_into().unwrap();
        for (at, unit) in row.text.encode_utf16().enumerate() {
            block[row.at + 2 * at..][..2].copy_from_slice(&unit.to_le_bytes());
        }
        let error = ChipCard::parse_text(&block).unwrap_err();
        assert_eq!(format!("{error:?}"), row.error, "{} from byte {}", row.file, row.at);
    }
}
