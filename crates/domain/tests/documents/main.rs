//! The tables of `tests/vectors` (made by `documents.py`) for everything a document or a
//! boarding pass says in a text, and what holds for all of them.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod cards;
mod chips;
mod licences;
mod numbers;
mod passes;
mod properties;
mod texts;
mod zones;

use serde::de::DeserializeOwned;

/// A file of `tests/vectors`.
fn file(path: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    std::fs::read_to_string(folder.join(path)).expect("the table is there")
}

/// A table of `tests/vectors`.
fn table<T: DeserializeOwned>(path: &str) -> T {
    serde_json::from_str(&file(path)).expect("the table has the shape of its rows")
}
