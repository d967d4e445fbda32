//! Every command and answer of `tests/vectors/samv/samv.json`.

use serde_json::Value;

use super::commands::{FIND, MODULE, READ, SELECT, STATUS};
use super::stream::{AnswerStream, Heard};
use super::trial::module_number;

const TABLE: &str = include_str!("../../../../tests/vectors/samv/samv.json");

fn rows(part: &str) -> Vec<Value> {
    let table: Value = serde_json::from_str(TABLE).expect("a table");
    table[part].as_array().expect("its rows").clone()
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_else(|| panic!("{row}: no {field}"))
}

#[test]
fn a_reader_is_told_what_the_manual_says() {
    let rows = rows("commands");
    for (name, command) in
        [("status", STATUS), ("module", MODULE), ("find", FIND), ("select", SELECT), ("read", READ)]
    {
        let row = rows.iter().find(|row| row["name"] == name).expect("it is in the table");
        assert_eq!(hex::encode_upper(command), text(row, "frame"), "{name}");
    }
}

#[test]
fn every_answer_is_heard_as_its_row_says() {
    let rows = rows("answers");
    assert!(rows.len() > 25, "only {} rows", rows.len());
    for row in rows {
        let name = text(&row, "name");
        let frame = hex::decode(text(&row, "frame")).expect("hexadecimal");
        for piece in [1, 7, frame.len()] {
            let mut stream = AnswerStream::new();
            let heard: Vec<Heard> = frame.chunks(piece).flat_map(|p| stream.push(p)).collect();
            let [Heard::Answer(answer)] = heard.as_slice() else { panic!("{name}: {heard:?}") };
            assert_eq!(row["status"], answer.status().0, "{name}");
            assert_eq!(module_number(answer).as_deref(), row["module"].as_str(), "{name}");
            let card = answer.card().map(|card| hex::encode_upper(card.text()));
            assert_eq!(card.as_deref(), row["text"].as_str(), "{name}");
            // Whatever byte changes on the way, it is no answer any more.
            let mut changed = frame.clone();
            changed[frame.len() - 1] ^= 0x20;
            assert_eq!(AnswerStream::new().push(&changed), [Heard::Damaged], "{name}");
        }
    }
}
