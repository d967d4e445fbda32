//! Verifications as they lie on the disk: many records packed into one page.
//!
//! A row for each record would cost more than everything else of an answer, and a hundred
//! bytes; in a page a record is about fifteen, and is written with all that gathered beside
//! it. A page holds the records of one process in the order of their receipts.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yanma_domain::{Colour, IssuerId, StatusIndex};
use yanma_protocol::verify::LegalBasis;

use super::Outcome;
use super::journal::{self, Record};
use crate::error::Error;

/// The body of a page, in postcard's format (its wire specification, version 1): numbers of
/// more than a byte as varints, an enum as the number of its variant, a list as its length
/// and its items. What is appended to it later has to be another version of the page.
#[derive(Serialize, Deserialize)]
struct Body {
    /// Every station in the page, once.
    stations: Vec<String>,
    records: Vec<Packed>,
}

#[derive(Serialize, Deserialize)]
struct Packed {
    /// How much higher the receipt's number is than the one before, the first than 0.
    step: u64,
    /// The item's place in the request.
    item: u16,
    /// Milliseconds since the page's earliest record.
    after_ms: u64,
    /// The station's place in the list.
    station: u16,
    /// What allowed a look-up by document, as its place in [`LegalBasis::ALL`]; for a code
    /// nothing has to.
    basis: Option<u8>,
    outcome: Answered,
}

/// [`Outcome`] as numbers that never change.
#[derive(Serialize, Deserialize)]
enum Answered {
    Known {
        issuer: u8,
        index: u32,
        colour: u8,
    },
    Unknown,
    Unchecked,
    /// The reason's code.
    Refused(String),
}

/// A page on its way to the disk.
pub(super) struct Page {
    /// Which process recorded it.
    pub(super) run: u64,
    /// The number of the first receipt in it.
    pub(super) first: u64,
    /// The number of the last.
    pub(super) last: u64,
    /// The instant of the earliest record, with `run` and `first` as in a receipt.
    pub(super) id: Uuid,
    /// How many records it has.
    pub(super) records: u32,
    pub(super) body: Vec<u8>,
}

/// One record as it was read from a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// Under what the station knows it.
    pub receipt: Uuid,
    /// The item's place in the request.
    pub item: u16,
    /// Who asked.
    pub station: String,
    /// When it was answered.
    pub at: Timestamp,
    /// What allowed a look-up by document; `None` for a code.
    pub basis: Option<LegalBasis>,
    /// `known`, `unknown`, `unchecked`, or why a code was refused.
    pub outcome: String,
    /// Whose holder it was.
    pub issuer: Option<IssuerId>,
    /// Which one.
    pub index: Option<StatusIndex>,
    /// What was answered.
    pub colour: Option<Colour>,
}

impl Page {
    /// Packs records of one process, at least one, in the order of their receipts.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] for no records, or more stations than a page has room for.
    pub(super) fn pack(records: &[Record]) -> Result<Self, Error> {
        let damaged = || Error::Damaged("verification page");
        let (first, last) = (records.first(), records.last());
        let (first, last) = first.zip(last).ok_or_else(damaged)?;
        let earliest = records.iter().map(|record| record.at).min().ok_or_else(damaged)?;
        let (run, first) = journal::parts(first.receipt);
        let (_, last) = journal::parts(last.receipt);
        let mut places = HashMap::new();
        let mut stations = Vec::new();
        let mut before = 0;
        let mut packed = Vec::with_capacity(records.len());
        for record in records {
            let station = record.station.id.as_str();
            let place = match places.get(station) {
                Some(place) => *place,
                None => {
                    let place = u16::try_from(stations.len()).map_err(|_| damaged())?;
                    stations.push(station.to_owned());
                    places.insert(station, place);
                    place
                }
            };
            let (_, number) = journal::parts(record.receipt);
            let after = record.at.as_millisecond() - earliest.as_millisecond();
            packed.push(Packed {
                step: number.checked_sub(before).ok_or_else(damaged)?,
                item: record.item,
                after_ms: after.unsigned_abs(),
                station: place,
                basis: record.basis.and_then(place_of),
                outcome: Answered::from(record.outcome),
            });
            before = number;
        }
        let count = u32::try_from(packed.len()).map_err(|_| damaged())?;
        let body = postcard::to_allocvec(&Body { stations, records: packed });
        Ok(Self {
            run,
            first,
            last,
            id: journal::id(earliest.as_millisecond(), run, first),
            records: count,
            body: body.map_err(|_| damaged())?,
        })
    }
}

/// Reads what [`Page::pack`] wrote.
///
/// # Errors
///
/// [`Error::Damaged`] for a body that is none.
pub(super) fn unpack(id: Uuid, body: &[u8]) -> Result<Vec<Recorded>, Error> {
    let damaged = || Error::Damaged("verification page");
    let (run, _) = journal::parts(id);
    let earliest = journal::instant_ms(id);
    let body: Body = postcard::from_bytes(body).map_err(|_| damaged())?;
    let mut number = 0u64;
    let read = body.records.into_iter().map(|packed| {
        number = number.checked_add(packed.step)?;
        let ms = earliest.checked_add(i64::try_from(packed.after_ms).ok()?)?;
        let (outcome, known) = match packed.outcome {
            Answered::Known { issuer, index, colour } => {
                let colour = Colour::from_bits(colour);
                ("known".to_owned(), Some((IssuerId(issuer), StatusIndex(index), colour)))
            }
            Answered::Unknown => ("unknown".to_owned(), None),
            Answered::Unchecked => ("unchecked".to_owned(), None),
            Answered::Refused(code) => (code, None),
        };
        Some(Recorded {
            receipt: journal::id(ms, run, number),
            item: packed.item,
            station: body.stations.get(usize::from(packed.station))?.clone(),
            at: Timestamp::from_millisecond(ms).ok()?,
            basis: match packed.basis {
                Some(place) => Some(*LegalBasis::ALL.get(usize::from(place))?),
                None => None,
            },
            outcome,
            issuer: known.map(|(issuer, ..)| issuer),
            index: known.map(|(_, index, _)| index),
            colour: known.map(|(.., colour)| colour),
        })
    });
    read.collect::<Option<_>>().ok_or_else(damaged)
}

fn place_of(basis: LegalBasis) -> Option<u8> {
    LegalBasis::ALL.iter().position(|each| *each == basis)?.try_into().ok()
}

impl From<Outcome> for Answered {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Known { issuer, index, colour } => {
                Self::Known { issuer: issuer.0, index: index.0, colour: colour.bits() }
            }
            Outcome::Unknown => Self::Unknown,
            Outcome::Unchecked => Self::Unchecked,
            Outcome::Refused(code) => Self::Refused(code.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::stations::Station;

    fn record(number: u64, item: u16, ms: i64, station: &str) -> Record {
        Record {
            receipt: journal::id(ms, 0x71_02_83_04_05, number),
            item,
            station: Arc::new(Station { id: station.into(), site: "gate-1".into() }),
            at: Timestamp::from_millisecond(ms).unwrap(),
            basis: None,
            outcome: Outcome::Unknown,
        }
    }

    fn records() -> Vec<Record> {
        let known = Outcome::Known {
            issuer: IssuerId(35),
            index: StatusIndex(20_710_000),
            colour: Colour::Amber,
        };
        vec![
            Record {
                outcome: known,
                basis: Some(LegalBasis::LegalDuty),
                ..record(300, 0, 7_000, "desk-1")
            },
            // The clock was set back by a second.
            Record { outcome: Outcome::Refused("S-SIG"), ..record(301, 0, 6_000, "desk-2") },
            Record { outcome: Outcome::Unchecked, ..record(301, 1, 6_000, "desk-2") },
            record(305, 0, 7_200, "desk-1"),
        ]
    }

    #[test]
    fn a_page_gives_back_what_was_packed() {
        let packed = records();
        let page = Page::pack(&packed).unwrap();
        assert_eq!((page.first, page.last, page.records), (300, 305, 4));
        assert_eq!(page.run, 0x71_02_83_04_05);
        let read = unpack(page.id, &page.body).unwrap();
        let receipts = |of: &[Record]| of.iter().map(|r| (r.receipt, r.item)).collect::<Vec<_>>();
        assert_eq!(read.iter().map(|r| (r.receipt, r.item)).collect::<Vec<_>>(), receipts(&packed));
        assert_eq!(read[0].basis, Some(LegalBasis::LegalDuty));
        assert_eq!(read[0].index, Some(StatusIndex(20_710_000)));
        assert_eq!(read[0].colour, Some(Colour::Amber));
        assert_eq!((read[1].station.as_str(), read[1].outcome.as_str()), ("desk-2", "S-SIG"));
        assert_eq!(read[2].outcome, "unchecked");
        assert_eq!((read[3].at.as_millisecond(), read[3].outcome.as_str()), (7_200, "unknown"));
    }

    /// Pages that were written once are read for as long as they are kept.
    #[test]
    fn the_format_stays_as_it_is() {
        let page = Page::pack(&records()).unwrap();
        let expect = [
            // Two stations; four records.
            "02 06 6465736b2d31 06 6465736b2d32 04",
            // Step, item, milliseconds, station, basis, outcome with what belongs to it.
            "ac02 00 e807 00 0103 00 23 f084f009 01",
            "01 00 00 01 00 03 05 532d534947",
            "00 01 00 01 00 02",
            "04 00 b009 00 00 01",
        ];
        assert_eq!(hex::encode(&page.body), expect.concat().replace(' ', ""));
    }

    #[test]
    fn what_is_no_page_is_damaged() {
        let page = Page::pack(&records()).unwrap();
        for length in 0..page.body.len() {
            let cut = unpack(page.id, &page.body[..length]);
            assert!(matches!(cut, Err(Error::Damaged(_))), "{length}");
        }
        assert!(matches!(Page::pack(&[]), Err(Error::Damaged(_))));
    }
}
