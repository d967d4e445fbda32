//! Whether the log is as it was written.

use std::fmt;
use std::ops::RangeInclusive;

use rusqlite::Connection;

use super::{EntryNumber, Segment, chain};
use crate::{Store, StoreError};

/// A log that is as it was written, and what of it is still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainReport {
    /// Entries that were read and are right.
    pub entries: u64,
    /// Of these, how many still have their personal part.
    pub details: u64,
    /// Entries whose days were deleted when their retention ended; their places in the chain
    /// are right.
    pub retired: u64,
    /// The newest number ever given; `None` for an empty log.
    pub newest: Option<EntryNumber>,
    /// The newest hash; zero for an empty log.
    pub head: [u8; 32],
    /// Numbers lost with a damaged file that was set aside. The chain cannot be checked
    /// across them.
    pub lost: Vec<RangeInclusive<u64>>,
}

/// How an entry differs from what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChainFault {
    /// Something in it was changed, or it was moved to another place.
    Altered,
    /// It is gone.
    Missing,
    /// It was put in.
    Added,
    /// The personal part was changed.
    DetailsAltered,
    /// The personal part is gone before its time.
    DetailsMissing,
    /// The row that says whether it was uploaded is gone, and a newer entry has one.
    OutboxMissing,
    /// The row of its day was changed, added or taken out.
    SegmentAltered,
}

impl fmt::Display for ChainFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Altered => "the entry was changed or moved",
            Self::Missing => "the entry is missing",
            Self::Added => "the entry was put in",
            Self::DetailsAltered => "its personal part was changed",
            Self::DetailsMissing => "its personal part is missing",
            Self::OutboxMissing => "its outbox row is missing",
            Self::SegmentAltered => "the row of its day was changed",
        })
    }
}

impl Store {
    /// Reads the whole log and compares it with its hashes, one entry in memory at a time.
    ///
    /// # Errors
    ///
    /// [`StoreError::ChainBroken`] with the first bad number, or as any read.
    pub fn check(&self) -> Result<ChainReport, StoreError> {
        self.read(check)
    }
}

fn broken<T>(number: i64, fault: ChainFault) -> Result<T, StoreError> {
    Err(StoreError::ChainBroken { number: EntryNumber::from_column(number), fault })
}

fn check(db: &Connection) -> Result<ChainReport, StoreError> {
    let mut report = ChainReport {
        entries: 0,
        details: 0,
        retired: 0,
        newest: None,
        head: chain::START,
        lost: Vec::new(),
    };
    let mut losses = losses(db)?.into_iter().peekable();
    let mut next = 1;
    let mut linked = true;
    let mut walk =
        db.prepare(&format!("SELECT {} FROM segments ORDER BY first", Segment::COLUMNS))?;
    let mut segments = walk.query_map([], Segment::from_row)?;
    loop {
        while let Some((first, last)) = losses.next_if(|&(first, _)| first == next) {
            report.lost.push(first.cast_unsigned()..=last.cast_unsigned());
            next = last + 1;
            linked = false;
        }
        let Some(segment) = segments.next().transpose()? else { break };
        if segment.first != next {
            // Rows that no segment covers tell an altered segment from one that is gone with
            // its entries; either way this is where the log stops being whole.
            return broken(next, missing_or_uncovered(db, next)?);
        }
        if linked && segment.previous != report.head {
            return broken(segment.first, ChainFault::SegmentAltered);
        }
        if segment.entries_kept {
            check_segment(db, &segment, &mut report)?;
        } else {
            report.retired += (segment.last - segment.first + 1).cast_unsigned();
        }
        report.head = segment.head;
        report.newest = Some(EntryNumber::from_column(segment.last));
        next = segment.last + 1;
        linked = true;
    }
    if let Some((first, _)) = losses.next() {
        return broken(first, ChainFault::SegmentAltered);
    }
    if let Some(number) = first_uncovered(db, report.entries)? {
        return broken(number, ChainFault::Added);
    }
    Ok(report)
}

fn check_segment(
    db: &Connection,
    segment: &Segment,
    report: &mut ChainReport,
) -> Result<(), StoreError> {
    let mut read = db.prepare_cached(&format!(
        "SELECT e.number, e.previous, e.hash, d.salt, d.receipt, d.search,
                o.number IS NULL AND e.number <= (SELECT coalesce(max(number), 0) FROM outbox), {}
         FROM entries e LEFT JOIN details d ON d.number = e.number
         LEFT JOIN outbox o ON o.number = e.number
         WHERE e.number BETWEEN ?1 AND ?2 ORDER BY e.number",
        chain::Columns::NAMES
    ))?;
    let mut rows = read.query((segment.first, segment.last))?;
    let mut expected = segment.first;
    let mut previous = segment.previous;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        if number != expected {
            return broken(expected, ChainFault::Missing);
        }
        let columns = chain::Columns::from_row(row, 7)?;
        let hash: [u8; 32] = row.get(2)?;
        if row.get::<_, [u8; 32]>(1)? != previous
            || columns.hash(&previous, number) != hash
            || columns.day() != segment.day
        {
            return broken(number, ChainFault::Altered);
        }
        match row.get::<_, Option<[u8; 16]>>(3)? {
            Some(salt) => {
                let receipt: Vec<u8> = row.get(4)?;
                let search: String = row.get(5)?;
                if chain::digest(&salt, &receipt, &search) != *columns.details_digest() {
                    return broken(number, ChainFault::DetailsAltered);
                }
                report.details += 1;
            }
            None if segment.details_whole => return broken(number, ChainFault::DetailsMissing),
            None => {}
        }
        if row.get(6)? {
            return broken(number, ChainFault::OutboxMissing);
        }
        report.entries += 1;
        previous = hash;
        expected += 1;
    }
    if expected <= segment.last {
        return broken(expected, ChainFault::Missing);
    }
    if previous != segment.head {
        return broken(segment.last, ChainFault::SegmentAltered);
    }
    Ok(())
}

fn losses(db: &Connection) -> Result<Vec<(i64, i64)>, StoreError> {
    let mut read = db.prepare("SELECT first, last FROM losses ORDER BY first")?;
    let found = read.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn missing_or_uncovered(db: &Connection, number: i64) -> Result<ChainFault, StoreError> {
    let exists: bool =
        db.query_row("SELECT EXISTS (SELECT 1 FROM entries WHERE number = ?1)", [number], |row| {
            row.get(0)
        })?;
    Ok(if exists { ChainFault::SegmentAltered } else { ChainFault::Missing })
}

/// The first entry that lies in no kept segment. Looked for only when the count says that
/// there is one.
fn first_uncovered(db: &Connection, covered: u64) -> Result<Option<i64>, StoreError> {
    let all: i64 = db.query_row("SELECT count(*) FROM entries", [], |row| row.get(0))?;
    if all.cast_unsigned() == covered {
        return Ok(None);
    }
    Ok(db.query_row(
        "SELECT min(number) FROM entries e WHERE NOT EXISTS (
             SELECT 1 FROM segments s
             WHERE s.entries_kept AND e.number BETWEEN s.first AND s.last)",
        [],
        |row| row.get(0),
    )?)
}
