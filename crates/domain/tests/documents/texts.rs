//! What a text is taken for: `tests/vectors/reading/texts.json`.

use std::collections::BTreeSet;

use serde::Deserialize;
use yanma_domain::evidence::{Evidence, MAX_TEXT_BYTES, read};

use crate::table;

#[derive(Deserialize)]
struct Row {
    name: String,
    text: String,
    kind: String,
    system: Option<String>,
}

#[test]
fn every_text_is_taken_for_what_its_row_says() {
    let rows: Vec<Row> = table("reading/texts.json");
    let mut kinds = BTreeSet::new();
    let mut wrong = Vec::new();
    for row in rows {
        let evidence = read(&row.text);
        if evidence.kind() != row.kind {
            wrong.push(format!("{}: {evidence:?}", row.name));
        }
        match &evidence {
            Evidence::OtherSystem(system) => assert_eq!(row.system.as_deref(), Some(*system)),
            Evidence::Unknown(unknown) => {
                assert_eq!((unknown.bytes, unknown.hash.len()), (row.text.len(), 16));
            }
            _ => {}
        }
        kinds.insert(evidence.kind());
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // A whole certificate is long; its own tables say what it is taken for.
    assert_eq!(kinds.len(), 18, "every other kind has a row: {kinds:?}");
}

#[test]
fn a_text_longer_than_any_symbol_is_not_looked_at() {
    let code = "9".repeat(MAX_TEXT_BYTES - 220);
    assert_ne!(read(&code).kind(), "unknown", "as long as may be");
    assert_eq!(read(&"9".repeat(MAX_TEXT_BYTES + 1)).kind(), "unknown");
}
