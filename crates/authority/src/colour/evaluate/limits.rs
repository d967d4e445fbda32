//! How long each kind of fact counts, by the schemes in `assets/schemes`, to the second. What
//! is expected stands here anew, from the published conditions of 2020 and the timings of
//! 2022 (docs/decisions/0005-colour-rules.md), and is compared with the files kind by kind.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::Value;
use yanma_domain::Colour::{self, Amber, Green, Red};
use yanma_protocol::facts::FactKind;

use crate::colour::{Fact, Scheme};

const DAY: i64 = 24;

/// How a fact ends when its last colour has no length of its own, or beside it.
#[derive(Debug, Clone, Copy)]
enum End {
    /// By time alone.
    Time,
    /// By a clearance alone.
    Cleared,
    /// By leaving hospital, which has a rule of its own, or a clearance.
    Discharged,
    /// Also by one negative test from this day on; day 1 begins with the fact.
    OneTest { from_day: i64 },
    /// By two negative tests, 24 to 72 hours apart.
    TwoTests,
}

/// A kind of fact: its colours with their hours (0 for no end), and how it ends.
type Row = (&'static str, &'static [(Colour, i64)], End);

const FUJIAN_2020: &[Row] = &[
    ("fever-clinic", &[(Amber, 14 * DAY)], End::Time),
    ("high-incidence-area", &[(Amber, 14 * DAY)], End::Time),
    ("confirmed", &[(Amber, 0)], End::Cleared),
    ("suspected", &[(Amber, 0)], End::Cleared),
    ("close-contact", &[(Amber, 14 * DAY)], End::Time),
    ("sealed-compound", &[(Amber, 0)], End::Cleared),
    ("antipyretic", &[(Amber, 14 * DAY)], End::Time),
];

const NATIONAL_2021: &[Row] = &[
    ("confirmed", &[(Red, 0)], End::Discharged),
    ("discharged", &[(Red, 7 * DAY), (Amber, 7 * DAY)], End::Time),
    ("suspected", &[(Red, 0)], End::Discharged),
    ("test-positive", &[(Red, 0)], End::Discharged),
    ("mixed-tube-positive", &[(Amber, 12)], End::Time),
    ("close-contact", &[(Red, 7 * DAY), (Amber, 3 * DAY)], End::OneTest { from_day: 10 }),
    ("secondary-contact", &[(Amber, 7 * DAY)], End::OneTest { from_day: 7 }),
    ("entrant", &[(Red, 7 * DAY), (Amber, 3 * DAY)], End::Time),
    ("high-incidence-area", &[(Red, 7 * DAY), (Amber, 3 * DAY)], End::Time),
    ("mid-risk-area", &[(Amber, 0)], End::TwoTests),
    ("investigation", &[(Amber, 0)], End::TwoTests),
    ("fever-clinic", &[(Amber, 0)], End::TwoTests),
    ("cold-chain", &[(Amber, 0)], End::TwoTests),
    ("antipyretic", &[(Amber, 0)], End::TwoTests),
    ("pop-up", &[(Amber, 0)], End::TwoTests),
    ("sealed-compound", &[(Amber, 0)], End::Cleared),
];

const SCHEMES: [(&str, &str, &[Row]); 2] = [
    ("fujian-2020", include_str!("../../../../../assets/schemes/fujian-2020.json"), FUJIAN_2020),
    (
        "national-2021",
        include_str!("../../../../../assets/schemes/national-2021.json"),
        NATIONAL_2021,
    ),
];

fn begin() -> Timestamp {
    "2022-06-01T08:00:00Z".parse().unwrap()
}

fn kind(name: &str) -> FactKind {
    FactKind::from_name(name).unwrap()
}

/// Facts at hours and seconds after the beginning.
struct Case<'a> {
    scheme: &'a Scheme,
    about: String,
    facts: Vec<Fact>,
}

impl<'a> Case<'a> {
    fn new(scheme: &'a Scheme, name: &str) -> Self {
        let first = Fact { kind: kind(name), occurred_at: begin(), ends_at: None };
        Self { scheme, about: format!("{} {name}", scheme.id), facts: vec![first] }
    }

    fn and(mut self, name: &str, hours: i64, seconds: i64) -> Self {
        let after = SignedDuration::from_secs(hours * 3_600 + seconds);
        let occurred_at = begin() + after;
        self.about = format!("{} + {name} after {after:#}", self.about);
        self.facts.push(Fact { kind: kind(name), occurred_at, ends_at: None });
        self
    }

    #[track_caller]
    fn is(&self, hours: i64, seconds: i64, expect: Colour) {
        let after = SignedDuration::from_secs(hours * 3_600 + seconds);
        let found = self.scheme.evaluate(&self.facts, begin() + after);
        assert_eq!(found.colour, expect, "{}, {after:#} later", self.about);
    }

    /// `before` until the last second of `hours`, and `after` from the first one after it.
    #[track_caller]
    fn turns(&self, hours: i64, before: Colour, after: Colour) {
        self.is(hours, -1, before);
        self.is(hours, 0, after);
        self.is(hours, 1, after);
    }
}

#[test]
fn every_kind_counts_for_its_time_to_the_second() {
    for (name, _, rows) in SCHEMES {
        let scheme = Scheme::open(name).unwrap();
        for (kind, stages, end) in rows {
            let case = Case::new(&scheme, kind);
            let (first, last) = (stages[0].0, stages[stages.len() - 1].0);
            case.turns(0, Green, first);
            let mut at = 0;
            for stage in stages.windows(2) {
                at += stage[0].1;
                case.turns(at, stage[0].0, stage[1].0);
            }
            at += stages[stages.len() - 1].1;
            match end {
                End::Time => case.turns(at, last, Green),
                // Without anything else it stays, for years.
                _ => {
                    case.is(at, 0, last);
                    case.is(at, 1, last);
                    case.is(3_650 * DAY, 0, last);
                }
            }
            // A clearance ends it at its own second, whatever the rest says.
            let cleared = Case::new(&scheme, kind).and("cleared", 5, 0);
            cleared.turns(5, first, Green);
            Case::new(&scheme, kind).and("cleared", 0, -1).is(1, 0, first);
            Case::new(&scheme, kind).and("cleared", 0, 0).is(0, 0, Green);
        }
    }
}

#[test]
fn what_ends_beside_time_ends_to_the_second() {
    for (name, _, rows) in SCHEMES {
        let scheme = Scheme::open(name).unwrap();
        for (kind, stages, end) in rows {
            let last = stages[stages.len() - 1].0;
            let hours: i64 = stages.iter().map(|stage| stage.1).sum();
            let case = || Case::new(&scheme, kind);
            match end {
                End::Time | End::Cleared => {
                    // A test ends nothing here.
                    let untested = scheme.evaluate(&case().facts, begin() + 27.hours()).colour;
                    let tested = case().and("test-negative", 1, 0).and("test-negative", 26, 0);
                    tested.is(27, 0, untested);
                }
                End::Discharged => {
                    let left = case().and("discharged", 48, 0);
                    left.is(48, -1, Red);
                    left.turns(48 + 7 * DAY, Red, Amber);
                    left.turns(48 + 14 * DAY, Amber, Green);
                    // Out of hospital before the fact: that was another illness.
                    case().and("discharged", 0, -1).is(3_650 * DAY, 0, Red);
                }
                End::OneTest { from_day } => {
                    let earliest = (from_day - 1) * DAY;
                    // In time, and not before the time has passed; a second too early is none.
                    case().and("test-negative", earliest, 0).turns(hours, last, Green);
                    case().and("test-negative", earliest, -1).is(3_650 * DAY, 0, last);
                    case().and("test-negative", hours + 5, 0).turns(hours + 5, last, Green);
                }
                End::TwoTests => {
                    let two = |hours, seconds| {
                        case().and("test-negative", 1, 0).and("test-negative", 1 + hours, seconds)
                    };
                    for apart in [24, 72] {
                        two(apart, 0).turns(1 + apart, Amber, Green);
                    }
                    two(24, -1).is(3_650 * DAY, 0, Amber);
                    two(72, 1).is(3_650 * DAY, 0, Amber);
                    // A sample from before the fact says nothing about it.
                    let before = case().and("test-negative", 0, -1).and("test-negative", 24, -1);
                    before.is(3_650 * DAY, 0, Amber);
                    let from_then = case().and("test-negative", 0, 0).and("test-negative", 24, 0);
                    from_then.turns(24, Amber, Green);
                }
            }
        }
    }
}

/// The table above has a row for each rule of the files, and each other kind colours nobody.
#[test]
fn no_kind_of_fact_is_left_out() {
    for (name, text, rows) in SCHEMES {
        let scheme = Scheme::open(name).unwrap();
        let file: Value = serde_json::from_str(text).unwrap();
        let in_file = file["rules"].as_array().unwrap().iter();
        let in_file: BTreeSet<&str> = in_file.map(|rule| rule["kind"].as_str().unwrap()).collect();
        let here: BTreeSet<&str> = rows.iter().map(|row| row.0).collect();
        assert_eq!(in_file, here, "{name}");
        for kind in FactKind::ALL.iter().filter(|kind| !kind.is_from_home()) {
            if !here.contains(kind.as_str()) {
                let case = Case::new(&scheme, kind.as_str());
                for hours in [0, 1, DAY, 14 * DAY] {
                    case.is(hours, 0, Green);
                }
            }
        }
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/schemes"));
        assert_eq!(files.unwrap().count(), SCHEMES.len(), "a further scheme needs a table");
    }
}
