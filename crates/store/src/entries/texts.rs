//! Which texts lie in which part of the log, so that a search passes over most of it.
//!
//! The log is taken in blocks of 256 numbers. Of every block that is full there is a Bloom filter
//! of the pieces, of one to four characters, of all that a search looks into. A search reads the
//! filters, newest first, and looks only into blocks that may have every piece of what is searched
//! for. A block without a filter is looked into as well: nothing is missed while one is not made
//! yet. A filter is made anew when something of its block goes, and knows no more of it then.

use rusqlite::{OptionalExtension, Transaction};

use super::Filter;
use crate::{Store, StoreError};

pub(crate) const V7: &str = "
-- Of 256 entries, from this number on: a filter of the texts that a search may find in them.
CREATE TABLE text_blocks (
    first INTEGER NOT NULL PRIMARY KEY,
    grams BLOB    NOT NULL
);
";

/// Numbers of a block.
const BLOCK: i64 = 256;
/// Bytes of a filter: with its number one page of the file.
const FILTER_BYTES: usize = 3840;
/// The longest piece, in characters: the end of a masked number.
const LONGEST_PIECE: usize = 4;
/// Blocks that are caught up with in one transaction.
const AT_ONCE: i64 = 64;

/// The first number of the block of a number.
fn block_of(number: i64) -> i64 {
    (number - 1).div_euclid(BLOCK) * BLOCK + 1
}

/// What every entry that is searched for has in the filter of its block.
pub(super) struct Wanted(Vec<usize>);

impl Wanted {
    /// `None` when the filter asks for days and numbers alone.
    pub(super) fn of(filter: &Filter) -> Option<Self> {
        let mut bits = Vec::new();
        if let Some(text) = filter.searched() {
            pieces(text, |piece| bits.extend(bits_of(piece)));
        }
        if let Some(decision) = &filter.decision {
            bits.extend(bits_of_decision(decision));
        }
        (!bits.is_empty()).then_some(Self(bits))
    }

    fn may_be_in(&self, filter: &[u8]) -> bool {
        let is_set =
            |bit: &usize| filter.get(bit / 8).is_none_or(|byte| byte >> (bit % 8) & 1 == 1);
        self.0.iter().all(is_set)
    }
}

/// Calls `look` with every run of numbers from `first` to `last` that may have what is wanted, the
/// newest first, for as long as it answers that more is wanted.
pub(super) fn where_it_may_be(
    db: &rusqlite::Connection,
    (first, last): (i64, i64),
    wanted: &Wanted,
    mut look: impl FnMut(i64, i64) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let mut read = db.prepare_cached(
        "SELECT first, grams FROM text_blocks WHERE first BETWEEN ?1 AND ?2 ORDER BY first DESC",
    )?;
    let mut blocks = read.query((block_of(first), last))?;
    // What was not passed over or looked into yet ends here.
    let mut upper = last;
    while let Some(row) = blocks.next()? {
        let (begin, filter): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let end = begin + BLOCK - 1;
        if end < upper && !look(end + 1, upper)? {
            return Ok(());
        }
        if wanted.may_be_in(&filter) && !look(begin.max(first), end.min(upper))? {
            return Ok(());
        }
        upper = upper.min(begin - 1);
    }
    if upper >= first {
        look(first, upper)?;
    }
    Ok(())
}

/// After an entry of this number, the first of its block: the block before it is full.
pub(super) fn note_appended(
    db: &Transaction<'_>,
    number: i64,
    before: Option<i64>,
) -> Result<(), StoreError> {
    match before {
        Some(before) if block_of(before) < block_of(number) => make(db, block_of(before)),
        _ => Ok(()),
    }
}

/// After something of these numbers went.
pub(super) fn note_deleted(db: &Transaction<'_>, from: i64, to: i64) -> Result<(), StoreError> {
    let mut first = block_of(from);
    while first <= to {
        let there = "SELECT 1 FROM text_blocks WHERE first = ?1";
        if db.prepare_cached(there)?.query_row([first], |_| Ok(())).optional()?.is_some() {
            make(db, first)?;
        }
        first += BLOCK;
    }
    Ok(())
}

/// Makes the filter of a block from what is there of it; of nothing there is none.
fn make(db: &Transaction<'_>, first: i64) -> Result<(), StoreError> {
    let mut filter = [0_u8; FILTER_BYTES];
    let mut set = |bit: usize| {
        if let Some(byte) = filter.get_mut(bit / 8) {
            *byte |= 1 << (bit % 8);
        }
    };
    let mut read = db.prepare_cached(
        "SELECT e.decision, e.reasons, e.operator, e.site, d.search
         FROM entries e LEFT JOIN details d ON d.number = e.number
         WHERE e.number BETWEEN ?1 AND ?2",
    )?;
    let mut entries = read.query((first, first + BLOCK - 1))?;
    let mut is_empty = true;
    while let Some(row) = entries.next()? {
        is_empty = false;
        bits_of_decision(&row.get::<_, String>(0)?).for_each(&mut set);
        for column in 1..5 {
            if let Some(text) = row.get::<_, Option<String>>(column)? {
                pieces(&text, |piece| bits_of(piece).for_each(&mut set));
            }
        }
    }
    if is_empty {
        db.execute("DELETE FROM text_blocks WHERE first = ?1", [first])?;
    } else {
        db.prepare_cached("INSERT OR REPLACE INTO text_blocks (first, grams) VALUES (?1, ?2)")?
            .execute((first, &filter[..]))?;
    }
    Ok(())
}

impl Store {
    /// Makes the filters that are missing at the end: of a file that an older program wrote, all.
    pub(crate) fn catch_up_with_texts(&self) -> Result<(), StoreError> {
        let (next, newest): (Option<i64>, Option<i64>) = self.read(|db| {
            Ok(db.query_row(
                "SELECT coalesce((SELECT max(first) + ?1 FROM text_blocks),
                                 (SELECT min(number) FROM entries)),
                        (SELECT max(number) FROM entries)",
                [BLOCK],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?)
        })?;
        let Some((next, newest)) = next.zip(newest) else { return Ok(()) };
        let (mut first, end) = (block_of(next), block_of(newest));
        while first < end {
            let until = end.min(first + AT_ONCE * BLOCK);
            self.write(|db| {
                (first..until).step_by(BLOCK as usize).try_for_each(|first| make(db, first))
            })?;
            first = until;
        }
        Ok(())
    }
}

/// Every piece of a text, in small letters as a search compares them.
fn pieces(text: &str, mut each: impl FnMut(&[char])) {
    let text: Vec<char> = text.chars().map(|c| c.to_ascii_lowercase()).collect();
    for length in 1..=LONGEST_PIECE {
        text.windows(length).for_each(&mut each);
    }
}

/// The bits of a piece. The shorter, the more: there are fewer of them, and a short text has no
/// others.
fn bits_of(piece: &[char]) -> impl Iterator<Item = usize> {
    let bytes = piece.iter().flat_map(|c| u32::from(*c).to_le_bytes());
    bits(hash(bytes), LONGEST_PIECE + 1 - piece.len())
}

/// A decision is asked for as a whole, and is no text.
fn bits_of_decision(decision: &str) -> impl Iterator<Item = usize> {
    // No character has this byte in a fourth place.
    bits(hash(std::iter::once(0xFF).chain(decision.bytes())), LONGEST_PIECE)
}

/// So many bits of a filter, told by the two halves of a hash (Kirsch and Mitzenmacher, 2006).
fn bits(hash: u64, count: usize) -> impl Iterator<Item = usize> {
    let (begin, step) = (hash & 0xFFFF_FFFF, hash >> 32 | 1);
    let bits = FILTER_BYTES as u64 * 8;
    (0..count as u64).map(move |n| ((begin + n * step) % bits) as usize)
}

/// FNV-1a of 64 bits, stirred: it only spreads, whoever reads the filter has the file's key.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    let fnv = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3)
    });
    let stirred = (fnv ^ fnv >> 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    stirred ^ stirred >> 29
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{day, entry, fill, fresh, reopen};

    fn with(text: &str) -> Filter {
        Filter { text: Some(text.to_owned()), limit: 10_000, ..Filter::default() }
    }

    fn numbers(store: &Store, filter: &Filter) -> Vec<u64> {
        store.search(filter).unwrap().iter().map(|entry| entry.number.0).collect()
    }

    fn blocks(store: &Store) -> Vec<i64> {
        store
            .read(|db| {
                let mut read = db.prepare("SELECT first FROM text_blocks ORDER BY first")?;
                let found = read.query_map([], |row| row.get(0))?;
                Ok(found.collect::<Result<_, _>>()?)
            })
            .unwrap()
    }

    /// What a search finds without any filter.
    fn scanned(store: &Store, filter: &Filter) -> Vec<u64> {
        let kept: Vec<(i64, Vec<u8>)> = store
            .write(|db| {
                let mut read = db.prepare("SELECT first, grams FROM text_blocks")?;
                let rows = read.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                let kept = rows.collect::<Result<_, _>>()?;
                db.execute("DELETE FROM text_blocks", [])?;
                Ok(kept)
            })
            .unwrap();
        let found = numbers(store, filter);
        store
            .write(|db| {
                for row in kept {
                    db.execute("INSERT INTO text_blocks VALUES (?1, ?2)", row)?;
                }
                Ok(())
            })
            .unwrap();
        found
    }

    /// 700 entries on three days; every hundredth was refused, for orange.
    fn three_days() -> (tempfile::TempDir, Store) {
        let (folder, store) = fresh();
        for n in 1..=700 {
            let mut entry = entry(n, day(i64::try_from(n / 300).unwrap()));
            if n % 100 == 0 {
                (entry.decision, entry.reasons) = ("refuse", &["C-ORA"]);
            }
            store.append(&entry).unwrap();
        }
        (folder, store)
    }

    #[test]
    fn a_search_finds_what_a_look_at_everything_finds() {
        let (_folder, store) = three_days();
        assert_eq!(blocks(&store), [1, 257]);
        for text in [
            "张",
            "*",
            "3501",
            "0007",
            "**0007",
            "3501**0699",
            "张*6",
            "c-ora",
            "C-ORA",
            "op-1",
            "HOTEL",
            "王",
            "ö",
            "9999",
            "a text longer than any that was kept of anybody",
            "%",
            "_",
        ] {
            for decision in [None, Some("refuse".to_owned()), Some("refer".to_owned())] {
                for (from, to, before) in [
                    (None, None, None),
                    (Some(day(1)), Some(day(1)), None),
                    (None, None, Some(crate::EntryNumber(400))),
                ] {
                    let filter =
                        Filter { decision: decision.clone(), from, to, before, ..with(text) };
                    assert_eq!(numbers(&store, &filter), scanned(&store, &filter), "{filter:?}");
                }
            }
        }
        let some = Filter { limit: 3, ..with("c-ora") };
        assert_eq!(numbers(&store, &some), [700, 600, 500], "the newest, and no more");
    }

    #[test]
    fn blocks_without_what_is_wanted_are_passed_over() {
        let (_folder, store) = three_days();
        let looked = |filter: &Filter| {
            let wanted = Wanted::of(filter).unwrap();
            let mut looked = Vec::new();
            store
                .read(|db| {
                    where_it_may_be(db, (1, 700), &wanted, |from, to| {
                        looked.push((from, to));
                        Ok(true)
                    })
                })
                .unwrap();
            looked
        };
        let tail = (513, 700);
        assert_eq!(looked(&with("王*明")), [tail], "nobody is called so");
        assert_eq!(looked(&with("0300")), [tail, (257, 512)]);
        assert_eq!(looked(&with("张")), [tail, (257, 512), (1, 256)]);
        let refer = Filter { decision: Some("refer".to_owned()), ..Filter::default() };
        assert_eq!(looked(&refer), [tail]);
        assert!(Wanted::of(&Filter::default()).is_none(), "days alone are in the segments");
    }

    #[test]
    fn what_went_is_in_no_filter() {
        let (_folder, store) = three_days();
        let filter_of = |first: i64| {
            store
                .read(|db| {
                    let read = "SELECT grams FROM text_blocks WHERE first = ?1";
                    Ok(db.query_row(read, [first], |row| row.get::<_, Vec<u8>>(0))?)
                })
                .unwrap()
        };
        let may_be =
            |text: &str, first| Wanted::of(&with(text)).unwrap().may_be_in(&filter_of(first));
        assert!(may_be("3501**0042", 1));
        let first = crate::EntryNumber(1);
        assert_eq!(store.retain_details(first, 1000, None).unwrap().deleted, 299);
        assert!(!may_be("3501**0042", 1), "the personal part went");
        assert!(may_be("c-ora", 1) && may_be("3501**0400", 257), "what is kept is found");
        let sent: Vec<_> = (1..=700).map(|n| entry(n, day(0)).id).collect();
        store.mark_sent(&sent).unwrap();
        assert_eq!(store.retain(first, 1000, None).unwrap().deleted, 299);
        assert_eq!(blocks(&store), [257], "nothing is left of the first");
        assert_eq!(numbers(&store, &with("c-ora")).len(), scanned(&store, &with("c-ora")).len());
    }

    #[test]
    fn a_file_of_before_is_caught_up_with_when_it_is_opened() {
        let (folder, store) = three_days();
        store.raw(|db| db.execute_batch("DELETE FROM text_blocks"));
        drop(store);
        let store = reopen(&folder);
        assert_eq!(blocks(&store), [1, 257]);
        fill(&store, 701, 100, day(3));
        assert_eq!(blocks(&store), [1, 257, 513], "and goes on from there");
        assert_eq!(numbers(&store, &with("0800")), scanned(&store, &with("0800")));
    }
}
