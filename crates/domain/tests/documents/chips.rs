//! Chips of passports: `tests/vectors/chip`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use proptest::prelude::*;
use serde::Deserialize;
use yanma_domain::certificate::check_chip;
use yanma_domain::document::Zone;
use yanma_domain::verdict::Outcome;

use crate::table;

#[derive(Deserialize)]
struct Proofs {
    proofs: Vec<Proof>,
}

#[derive(Deserialize)]
struct Proof {
    name: String,
    outcome: String,
    dg1: String,
    sod: String,
    anchors: Vec<String>,
    at: Timestamp,
}

impl Proof {
    fn files(&self) -> [Vec<u8>; 2] {
        [&self.dg1, &self.sod].map(|file| hex::decode(file).expect("hexadecimal"))
    }

    fn check(&self, [dg1, sod]: &[Vec<u8>; 2]) -> Outcome {
        let anchors: Vec<_> =
            self.anchors.iter().map(|anchor| STANDARD.decode(anchor).expect("base64")).collect();
        let anchors: Vec<_> = anchors.iter().map(Vec::as_slice).collect();
        check_chip(dg1, sod, &anchors, self.at)
    }
}

/// What was not done, and not only what failed, has its reason.
fn word(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Passed => ("passed", "passed"),
        Outcome::Noticed(reason) => ("noticed", reason.code()),
        Outcome::Failed(reason) => ("failed", reason.code()),
        Outcome::NotChecked(reason) => ("not checked", reason.map_or("", |reason| reason.code())),
    }
}

#[test]
fn every_security_object_comes_to_what_its_row_says() {
    let rows = table::<Proofs>("chip/proofs.json").proofs;
    assert!(rows.len() > 15, "only {} rows", rows.len());
    for row in rows {
        let (kind, reason) = word(row.check(&row.files()));
        assert_eq!(reason, row.outcome, "{}: {kind}", row.name);
        let expect = match reason {
            "passed" => "passed",
            "X-SIG" | "X-KDT" => "failed",
            _ => "not checked",
        };
        assert_eq!(kind, expect, "{}", row.name);
    }
}

#[derive(Deserialize)]
struct Dialogues {
    dialogues: Vec<Dialogue>,
}

#[derive(Deserialize)]
struct Dialogue {
    zone: Option<String>,
    key: String,
}

#[test]
fn a_zone_says_what_its_chip_opens_with() {
    let rows = table::<Dialogues>("chip/dialogues.json").dialogues;
    let zones: Vec<_> = rows.into_iter().filter_map(|row| Some((row.zone?, row.key))).collect();
    assert_eq!(zones.len(), 3, "a passport, a card, a Chinese passport");
    for (zone, key) in zones {
        assert_eq!(Zone::read(&zone).unwrap().reveal_chip_key(), Some(key), "{zone}");
    }
    let long = "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<";
    let key = Zone::read(long).unwrap().reveal_chip_key();
    assert_eq!(key.as_deref(), Some("D23145890734934071279507122"), "a long number is whole");
    let permit = Zone::read("CSC000000004<2404200<8108038<6").unwrap();
    assert_eq!(permit.reveal_chip_key(), None, "no layout of Doc 9303");
}

proptest! {
    #[test]
    fn no_changed_byte_makes_another_zone_good(place in 0_usize..4000, bit in 0_u32..8) {
        let row = &table::<Proofs>("chip/proofs.json").proofs[0];
        let files = row.files();
        let mut changed = files.clone();
        let length = files[0].len() + files[1].len();
        let at = place % length;
        if at < files[0].len() {
            changed[0][at] ^= 1 << bit;
            prop_assert_ne!(row.check(&changed), Outcome::Passed);
        } else {
            // Some bytes of the object are under no signature; none of them says anything.
            changed[1][at - files[0].len()] ^= 1 << bit;
            let another = [b"another zone".to_vec(), changed[1].clone()];
            let _ = row.check(&changed);
            prop_assert_ne!(row.check(&another), Outcome::Passed);
        }
    }

    #[test]
    fn no_bytes_make_it_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let row = &table::<Proofs>("chip/proofs.json").proofs[0];
        prop_assert_ne!(row.check(&[row.files()[0].clone(), bytes]), Outcome::Passed);
    }
}
