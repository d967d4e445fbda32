//! Every dialogue of `tests/vectors/chip/dialogues.json`, the worked example of Doc 9303 first.

use std::io;

use proptest::prelude::*;
use serde_json::Value;

use super::{Chip, ChipError, ChipFiles, ChipKey, File, open, read_chip};

const TABLE: &str = include_str!("../../../../tests/vectors/chip/dialogues.json");

fn rows(part: &str) -> Vec<Value> {
    let table: Value = serde_json::from_str(TABLE).expect("a table");
    table[part].as_array().expect("its rows").clone()
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_else(|| panic!("{}: no {field}", row["name"]))
}

fn bytes(hex_text: &str) -> Vec<u8> {
    hex::decode(hex_text).expect("hexadecimal")
}

fn random(row: &Value) -> [u8; 24] {
    bytes(text(row, "random")).try_into().expect("24 bytes")
}

/// A chip that says what its row says, as long as it is asked what its row says.
fn chip(row: &Value) -> impl FnMut(&[u8]) -> io::Result<Vec<u8>> {
    let name = text(row, "name").to_owned();
    let steps = row["steps"].as_array().expect("steps").clone();
    let mut steps = steps.into_iter().enumerate();
    move |command| {
        let (at, step) = steps.next().ok_or(io::ErrorKind::UnexpectedEof)?;
        assert_eq!(step[0], hex::encode_upper(command), "{name}: step {at}");
        Ok(bytes(step[1].as_str().expect("an answer")))
    }
}

fn word(error: &ChipError) -> &'static str {
    match error {
        ChipError::Link(_) => "link",
        ChipError::NoApplication => "no-application",
        ChipError::Key => "key",
        ChipError::Refused { .. } => "refused",
        ChipError::Messaging => "messaging",
        ChipError::Form(_) => "form",
    }
}

#[test]
fn the_worked_example_of_the_standard_is_spoken_to_the_letter() {
    let [row]: [Value; 1] = rows("worked-example").try_into().expect("one");
    let mut exchange = chip(&row);
    let key = ChipKey::from_zone(text(&row, "key"));
    let messaging = open(&mut exchange, &key, &random(&row)).expect("it opens");
    let mut chip = Chip { messaging, exchange };
    let com = File { id: [0x01, 0x1E], tag: 0x60, name: "COM" };
    assert_eq!(hex::encode_upper(chip.read(com).expect("it is read")), text(&row, "com"));
}

#[test]
fn every_dialogue_comes_to_what_its_row_says() {
    let rows = rows("dialogues");
    assert!(rows.len() > 20, "only {} rows", rows.len());
    for row in rows {
        let name = text(&row, "name");
        let key = ChipKey::from_zone(text(&row, "key"));
        match (read_chip(chip(&row), &key, &random(&row)), row["error"].as_str()) {
            (Ok(files), None) => {
                let expect = ChipFiles {
                    dg1: bytes(text(&row, "dg1")),
                    security_object: bytes(text(&row, "sod")),
                };
                assert_eq!(files, expect, "{name}");
                let letters = text(&row, "zone").get(5..9).expect("letters");
                assert!(!format!("{files:?} {key:?}").contains(letters), "{name}");
            }
            (Err(error), Some(expect)) => assert_eq!(word(&error), expect, "{name}: {error}"),
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
}

#[test]
fn a_document_taken_away_in_the_middle_is_the_readers_error() {
    let rows = rows("dialogues");
    let key = ChipKey::from_zone(text(&rows[0], "key"));
    let mut row = rows[0].clone();
    for left in 0..row["steps"].as_array().expect("steps").len() {
        row["steps"] = rows[0]["steps"].as_array().expect("steps")[..left].to_vec().into();
        let error = read_chip(chip(&row), &key, &random(&row)).expect_err("it is gone");
        assert_eq!(word(&error), "link", "after {left} steps");
    }
}

proptest! {
    #[test]
    fn no_answer_makes_it_fall_over(
        step in 0_usize..12,
        answer in prop::collection::vec(any::<u8>(), 0..300),
        done in any::<bool>(),
    ) {
        let row = rows("dialogues").swap_remove(0);
        let steps = row["steps"].as_array().expect("steps");
        let mut said = steps.iter().enumerate();
        let odd = |command: &[u8]| -> io::Result<Vec<u8>> {
            let (at, good) = said.next().ok_or(io::ErrorKind::UnexpectedEof)?;
            if at == step {
                let end: &[u8] = if done { &[0x90, 0x00] } else { &[] };
                return Ok([answer.as_slice(), end].concat());
            }
            // Eight bytes are another challenge, to which nobody has the right answer.
            let is_right = good[0] == hex::encode_upper(command);
            Ok(if is_right { bytes(good[1].as_str().expect("an answer")) } else { vec![0x63, 0x00] })
        };
        let key = ChipKey::from_zone(text(&row, "key"));
        // Selecting the application has nothing to be read in its answer.
        if let Ok(files) = read_chip(odd, &key, &random(&row)) {
            prop_assert!(step == 0 || step >= steps.len());
            prop_assert_eq!(files.dg1, bytes(text(&row, "dg1")));
        }
    }
}
