//! Vectors pinned for ever: `tests/vectors/feeds/*.json`.
//!
//! Each has a state, the payload and the sealed file. They were computed by a second
//! implementation, `make.py` beside them, which was written from `docs/feeds.md`. When one
//! of these tests fails, it is the code that is wrong: desks in the field read these bytes.

use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use yanma_domain::Colour;
use yanma_domain::verdict::FeedPosition;
use yanma_protocol::city_list::CityList;
use yanma_protocol::directory_file::{DirectoryDelta, DirectorySnapshot};
use yanma_protocol::envelope::{Envelope, FileKind, Unsigned};
use yanma_protocol::file_name::FeedName;
use yanma_protocol::head::{FileRef, Head};
use yanma_protocol::policy_file::PolicyFile;
use yanma_protocol::status_file::{StatusDelta, StatusSnapshot};
use yanma_protocol::trust_file::TrustFile;

use crate::common::{FEEDS_KEY, ROOT_KEY, directory, public, sign, status};

#[derive(Deserialize)]
struct Vector {
    kind: u8,
    slot: u8,
    state: serde_json::Value,
    payload: String,
    sealed: String,
    name: String,
}

fn vector(name: &str) -> Vector {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/vectors/feeds")
        .join(name)
        .with_extension("json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Checks every stage of a vector: payload, sealed file, name, signature.
#[track_caller]
fn check(name: &str, feed: FeedName, make: impl Fn(&serde_json::Value) -> Unsigned) {
    let vector = vector(name);
    let unsigned = make(&vector.state);
    assert_eq!(hex::encode(unsigned.payload()), vector.payload, "{name}: payload");
    let sealed = unsigned.sign(&sign);
    assert_eq!(hex::encode(&sealed), vector.sealed, "{name}: sealed file");
    let (from, to) = (vector.state["from"].as_u64().unwrap_or(0), &vector.state["sequence"]);
    let file = FileRef::new(feed, from as u32, to.as_u64().unwrap() as u32, &sealed);
    assert_eq!(file.name.to_string(), vector.name, "{name}: file name");

    let envelope = Envelope::parse(&sealed).unwrap();
    assert_eq!(envelope.kind().number(), vector.kind);
    assert_eq!(envelope.key().slot.get(), vector.slot);
    assert!(envelope.verify(&public()).is_ok());
}

fn coloured(state: &serde_json::Value) -> StatusSnapshot {
    let cells: Vec<(u32, Colour)> = serde_json::from_value(state["coloured"].clone()).unwrap();
    let number = |name: &str| state[name].as_u64().unwrap() as u32;
    let snapshot = status(number("sequence"), number("holders"), &cells);
    let position = FeedPosition { epoch: number("epoch"), ..snapshot.position };
    StatusSnapshot { position, ..snapshot }
}

fn rows(state: &serde_json::Value) -> DirectorySnapshot {
    let number = |name: &str| state[name].as_u64().unwrap() as u32;
    let rows: Vec<(String, u32)> = serde_json::from_value(state["rows"].clone()).unwrap();
    let rows: Vec<_> =
        rows.iter().map(|(hash, index)| (u64::from_str_radix(hash, 16).unwrap(), *index)).collect();
    let snapshot = directory(number("sequence"), &rows);
    let position = FeedPosition { epoch: number("epoch"), ..snapshot.position };
    DirectorySnapshot { position, key_generation: number("key_generation"), ..snapshot }
}

#[test]
fn status_snapshots() {
    for name in ["status-snapshot", "status-snapshot-empty"] {
        check(name, FeedName::Status, |state| coloured(state).encode(FEEDS_KEY).unwrap());
    }
}

#[test]
fn status_deltas() {
    check("status-delta", FeedName::Status, |state| {
        let (old, new) = (coloured(&state["old"]), coloured(&state["new"]));
        StatusDelta::between(&old, &new).unwrap().encode(FEEDS_KEY).unwrap()
    });
}

#[test]
fn directory_snapshots() {
    for name in ["directory-snapshot", "directory-snapshot-empty"] {
        check(name, FeedName::Directory, |state| rows(state).encode(FEEDS_KEY).unwrap());
    }
}

#[test]
fn directory_deltas() {
    check("directory-delta", FeedName::Directory, |state| {
        let (old, new) = (rows(&state["old"]), rows(&state["new"]));
        DirectoryDelta::between(&old, &new).unwrap().encode(FEEDS_KEY).unwrap()
    });
}

#[test]
fn trust_files() {
    check("trust", FeedName::Trust, |state| {
        let list = serde_json::from_value(state["list"].clone()).unwrap();
        TrustFile(list).encode(ROOT_KEY).unwrap()
    });
}

#[test]
fn policy_files() {
    check("policy-empty", FeedName::Policy, |state| {
        let file: PolicyFile = serde_json::from_value(state.clone()).unwrap();
        file.encode(FEEDS_KEY).unwrap()
    });
}

#[test]
fn lists_of_cities() {
    check("cities", FeedName::Directory, |state| {
        let list: CityList = serde_json::from_value(state["list"].clone()).unwrap();
        list.encode(FEEDS_KEY).unwrap()
    });
}

/// The heads of the vectors name the other vectors. The first is as it was before there were
/// cities.
#[test]
fn heads() {
    for (name, has_cities) in [("head", false), ("head-with-cities", true)] {
        let vector = vector(name);
        let head: Head = serde_json::from_value(vector.state["head"].clone()).unwrap();
        assert_eq!(head.feeds.cities.is_some(), has_cities, "{name}");
        let sealed = head.encode(FEEDS_KEY).unwrap().sign(&sign);
        assert_eq!(hex::encode(&sealed), vector.sealed, "{name}");
        let file = Envelope::parse(&sealed).unwrap().verify(&public()).unwrap();
        assert_eq!(hex::encode(file.payload(FileKind::Head).unwrap()), vector.payload, "{name}");
        assert_eq!(Head::decode(&file), Ok(head), "{name}");
    }
}
