//! The directory: the keyed hash of a document → whose status list, and where in it.
//!
//! An issuer's directory, or that of one of its cities, is a packed base, a file of its own that is never changed, and what
//! has changed since, in the table `overlay`. A change costs what it has rows, wherever they
//! lie; in place it would cost a page of the file for nearly each of them. When the overlay
//! has grown, base and overlay are folded into a new base. What names the base is one row, so
//! that a snapshot or a fold, built beside, comes into force with one small transaction.

mod base;
mod block;
mod change;
mod fold;
mod of;
mod old;
mod sealed;

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row};
use yanma_domain::document::DocumentHash;
use yanma_domain::{IssuerId, StatusIndex};

pub(crate) use self::base::BaseReader;
pub use self::base::{PackedBase, Packer};
pub(crate) use self::change::{Replaced, apply, forget, put_base};
pub use self::fold::Fold;
use self::of::CityColumn;
pub use self::of::DirectoryOf;
pub(crate) use self::of::{V11, put_city_state, state_of};
use crate::store::locked;
use crate::values::Bits64;
use crate::{FileKey, Store, StoreError};

/// Every row in one table, as it was until schema 3.
pub(crate) const V1: &str = "
CREATE TABLE directory (
    issuer INTEGER NOT NULL,
    hash   INTEGER NOT NULL,
    place  INTEGER NOT NULL,
    PRIMARY KEY (issuer, hash)
) WITHOUT ROWID;
";

/// The rows of before become the overlay of a base without rows, and are folded with the
/// next change. Numbers that are drawn are far above the 255 of the issuers.
pub(crate) const V3: &str = "
CREATE TABLE bases (
    number INTEGER NOT NULL PRIMARY KEY,
    issuer INTEGER NOT NULL UNIQUE,
    packed INTEGER NOT NULL,
    rows   INTEGER NOT NULL,
    laid   INTEGER NOT NULL
);
-- By base: with another base the rows over the one before count no more, at once.
-- A document that is gone has no place.
CREATE TABLE overlay (
    base  INTEGER NOT NULL,
    hash  INTEGER NOT NULL,
    place INTEGER,
    PRIMARY KEY (base, hash)
) WITHOUT ROWID;
INSERT INTO bases (number, issuer, packed, rows, laid)
SELECT issuer, issuer, 0, n, n FROM
    (SELECT issuer, (SELECT count(*) FROM directory d WHERE d.issuer = f.issuer) n
     FROM feeds f WHERE feed = 'directory');
INSERT INTO overlay (base, hash, place)
SELECT issuer, hash, place FROM directory WHERE issuer IN (SELECT issuer FROM bases);
DROP TABLE directory;
";

/// Bases of today's form lie beside those of before, which are replaced by the next fold.
pub(crate) const V5: &str = "ALTER TABLE bases ADD COLUMN form INTEGER NOT NULL DEFAULT 1;";

const FIND: &str = "
SELECT b.issuer, b.city, b.number, b.packed, b.form, o.base, o.place FROM bases b
LEFT JOIN overlay o ON o.base = b.number AND o.hash = ?1
ORDER BY b.issuer, b.city";

/// One document and its holder's place in the issuer's status list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectoryRow {
    /// The keyed hash of the document.
    pub hash: DocumentHash,
    /// The holder's place.
    pub index: StatusIndex,
}

/// What the station's file itself says of a document, by directory.
struct Answer {
    of: DirectoryOf,
    number: i64,
    form: u32,
    says: Says,
}

enum Says {
    /// What was laid over the base: a place, or that it is gone.
    Overlay(Option<StatusIndex>),
    /// There is no base to ask.
    NotHere,
    AskTheBase,
}

impl Answer {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let says = match (row.get::<_, Option<i64>>(5)?, row.get(3)?) {
            (Some(_), _) => Says::Overlay(row.get::<_, Option<u32>>(6)?.map(StatusIndex)),
            (None, 0_i64) => Says::NotHere,
            (None, _) => Says::AskTheBase,
        };
        let CityColumn(city) = row.get(1)?;
        let of = DirectoryOf { issuer: IssuerId(row.get(0)?), city };
        Ok(Self { of, number: row.get(2)?, form: row.get(4)?, says })
    }
}

/// A row of `bases`.
#[derive(Clone, Copy, Debug)]
struct Base {
    number: i64,
    of: DirectoryOf,
    /// Rows in its file; there is none when they are none.
    packed: u64,
    /// Rows of base and overlay together.
    rows: u64,
    /// Changes laid over it, counted when they came: the overlay has no more rows.
    laid: u64,
    /// The form of its file.
    form: u32,
}

impl Base {
    fn of(db: &Connection, of: DirectoryOf) -> Result<Option<Self>, StoreError> {
        let mut read = db.prepare_cached(
            "SELECT number, packed, rows, laid, form FROM bases WHERE issuer = ?1 AND city = ?2",
        )?;
        let found = read.query_row((of.issuer.0, CityColumn(of.city)), |row| {
            let count = |at| row.get(at).map(|Bits64(count)| count);
            let (packed, rows, laid) = (count(1)?, count(2)?, count(3)?);
            Ok(Self { number: row.get(0)?, of, packed, rows, laid, form: row.get(4)? })
        });
        Ok(found.optional()?)
    }
}

impl Store {
    /// Whom a document stands for: one place per directory that knows it, usually one or none,
    /// by rising issuer and city.
    ///
    /// No answer means "not in the applied directories"; whether one was applied at all say
    /// [`Store::feed_states`] and [`Store::city_states`].
    ///
    /// # Errors
    ///
    /// [`StoreError::DirectoryDamaged`], or as any read.
    pub fn find(&self, hash: DocumentHash) -> Result<Vec<(DirectoryOf, StatusIndex)>, StoreError> {
        self.read_bases(|| {
            let bases = self.read_one(|db| {
                let mut read = db.prepare_cached(FIND)?;
                let rows = read.query_map([Bits64(hash.as_u64())], Answer::from_row)?;
                Ok(rows.collect::<Result<Vec<_>, _>>()?)
            })?;
            let mut found = Vec::new();
            for Answer { of, number, form, says } in bases {
                let place = match says {
                    Says::Overlay(place) => place,
                    Says::NotHere => None,
                    Says::AskTheBase => self.in_base(of, number, form, |base| base.get(hash))?,
                };
                found.extend(place.map(|place| (of, place)));
            }
            Ok(found)
        })
    }

    /// The places of some documents in one directory, in their order; quickest when they rise.
    ///
    /// # Errors
    ///
    /// [`StoreError::DirectoryDamaged`], or as any read.
    pub fn places(
        &self,
        of: impl Into<DirectoryOf>,
        hashes: &[DocumentHash],
    ) -> Result<Vec<Option<StatusIndex>>, StoreError> {
        let of = of.into();
        self.read_bases(|| {
            self.read(|db| {
                let Some(base) = Base::of(db, of)? else { return Ok(vec![None; hashes.len()]) };
                let mut laid =
                    db.prepare_cached("SELECT place FROM overlay WHERE base = ?1 AND hash = ?2")?;
                let mut place = |hash: DocumentHash, packed: Option<&mut BaseReader>| {
                    let found: Option<Option<u32>> = laid
                        .query_row((base.number, Bits64(hash.as_u64())), |row| row.get(0))
                        .optional()?;
                    match (found, packed) {
                        (Some(place), _) => Ok(place.map(StatusIndex)),
                        (None, None) => Ok(None),
                        (None, Some(packed)) => packed.get(hash),
                    }
                };
                if base.packed == 0 {
                    return hashes.iter().map(|hash| place(*hash, None)).collect();
                }
                self.in_base(of, base.number, base.form, |packed| {
                    hashes.iter().map(|hash| place(*hash, Some(&mut *packed))).collect()
                })
            })
        })
    }

    /// How many documents are in a directory.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn directory_len(&self, of: impl Into<DirectoryOf>) -> Result<u64, StoreError> {
        let of = of.into();
        self.read(|db| Ok(Base::of(db, of)?.map_or(0, |base| base.rows)))
    }

    /// Calls `each` with every row of a directory by rising hash, for the root over them.
    ///
    /// # Errors
    ///
    /// [`StoreError::DirectoryDamaged`], or as any read.
    pub fn directory_rows(
        &self,
        of: impl Into<DirectoryOf>,
        mut each: impl FnMut(DirectoryRow),
    ) -> Result<(), StoreError> {
        let of = of.into();
        self.read(|db| {
            let Some(base) = Base::of(db, of)? else { return Ok(()) };
            self.merged(db, &base, |row| {
                each(row);
                Ok(())
            })
        })
    }

    /// Builds a directory beside the one in force, for
    /// [`FeedWrite::DirectoryBase`](crate::FeedWrite::DirectoryBase). `fill` pushes every row
    /// by rising hash; they are written as they come and never held together.
    ///
    /// # Errors
    ///
    /// What `fill` answers, [`StoreError::ReadOnly`], [`StoreError::DiskFull`], or as any
    /// write. Nothing is left of it then.
    pub fn pack_directory<E: From<StoreError>>(
        &self,
        fill: impl FnOnce(&mut Packer) -> Result<(), E>,
    ) -> Result<PackedBase, E> {
        if self.is_read_only() {
            return Err(StoreError::ReadOnly.into());
        }
        let mut packer = Packer::new(self.path(), self.key())?;
        fill(&mut packer)?;
        Ok(packer.finish()?)
    }

    /// Runs `work` on an open base.
    fn in_base<T>(
        &self,
        of: DirectoryOf,
        number: i64,
        form: u32,
        work: impl FnOnce(&mut BaseReader) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = {
            let mut bases = locked(self.bases());
            bases.iter().position(|base| base.number == number).map(|at| bases.swap_remove(at))
        };
        let damaged = |error: StoreError| {
            tracing::error!(%error, %of, "a directory cannot be read");
            StoreError::DirectoryDamaged { of }
        };
        let mut base = match idle {
            Some(base) => base,
            None => BaseReader::open(self.path(), number, form, self.key()).map_err(damaged)?,
        };
        let done = work(&mut base).map_err(damaged)?;
        self.keep_base(base);
        Ok(done)
    }

    /// A read that opens bases. One that was read of may have been replaced and removed in that
    /// moment: it is read again.
    fn read_bases<T>(&self, work: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreError> {
        match work() {
            Err(StoreError::DirectoryDamaged { .. }) => work(),
            other => other,
        }
    }

    /// Every row of base and overlay, by rising hash.
    fn merged<E: From<StoreError>>(
        &self,
        db: &Connection,
        base: &Base,
        mut each: impl FnMut(DirectoryRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut laid = Laid::over(db, base.number);
        if base.packed > 0 {
            let damaged = |error: StoreError| {
                tracing::error!(%error, of = %base.of, "a directory cannot be read");
                StoreError::DirectoryDamaged { of: base.of }
            };
            let packed = BaseReader::open(self.path(), base.number, base.form, self.key())
                .map_err(damaged)?;
            packed.for_each(
                |error| E::from(damaged(error)),
                |row| {
                    while let Some(new) = laid.next_below(row.hash)? {
                        each(new)?;
                    }
                    match laid.take(row.hash)? {
                        None => each(row),
                        Some(Some(index)) => each(DirectoryRow { index, ..row }),
                        Some(None) => Ok(()),
                    }
                },
            )?;
        }
        while let Some(new) = laid.next_row()? {
            each(new)?;
        }
        Ok(())
    }
}

/// The overlay of a base, by rising hash.
struct Laid<'a> {
    db: &'a Connection,
    base: i64,
    /// What was read ahead, the next last.
    ahead: Vec<(u64, Option<StatusIndex>)>,
    /// Where to read on; `None` after the end.
    from: Option<u64>,
}

impl<'a> Laid<'a> {
    const AT_ONCE: usize = 1024;

    fn over(db: &'a Connection, base: i64) -> Self {
        Self { db, base, ahead: Vec::new(), from: Some(0) }
    }

    fn peek(&mut self) -> Result<Option<(u64, Option<StatusIndex>)>, StoreError> {
        while self.ahead.is_empty() {
            let Some(from) = self.from else { return Ok(None) };
            self.read_on(from)?;
        }
        Ok(self.ahead.last().copied())
    }

    /// The column is signed, so the upper half of the hashes sorts first: it is read last.
    fn read_on(&mut self, from: u64) -> Result<(), StoreError> {
        let last_of_half = from | (u64::MAX >> 1);
        let mut read = self.db.prepare_cached(
            "SELECT hash, place FROM overlay WHERE base = ?1 AND hash BETWEEN ?2 AND ?3
             ORDER BY hash LIMIT ?4",
        )?;
        let bounds = (self.base, Bits64(from), Bits64(last_of_half), Self::AT_ONCE as i64);
        let rows = read.query_map(bounds, |row| {
            Ok((
                row.get(0).map(|Bits64(hash)| hash)?,
                row.get::<_, Option<u32>>(1)?.map(StatusIndex),
            ))
        })?;
        self.ahead = rows.collect::<Result<_, _>>()?;
        let last = match self.ahead.last() {
            Some((last, _)) if self.ahead.len() == Self::AT_ONCE => *last,
            _ => last_of_half,
        };
        self.ahead.reverse();
        self.from = last.checked_add(1);
        Ok(())
    }

    /// What is laid over this hash: another place, or that it is gone.
    fn take(&mut self, hash: DocumentHash) -> Result<Option<Option<StatusIndex>>, StoreError> {
        let here = self.peek()?.filter(|(next, _)| *next == hash.as_u64());
        if here.is_some() {
            self.ahead.pop();
        }
        Ok(here.map(|(_, place)| place))
    }

    /// The next row that is not gone, if it is below `end`.
    fn next_below(&mut self, end: DocumentHash) -> Result<Option<DirectoryRow>, StoreError> {
        while let Some((hash, place)) = self.peek()?.filter(|(hash, _)| *hash < end.as_u64()) {
            self.ahead.pop();
            if let Some(index) = place {
                return Ok(Some(DirectoryRow { hash: DocumentHash::from_u64(hash), index }));
            }
        }
        Ok(None)
    }

    fn next_row(&mut self) -> Result<Option<DirectoryRow>, StoreError> {
        while let Some((hash, place)) = self.peek()? {
            self.ahead.pop();
            if let Some(index) = place {
                return Ok(Some(DirectoryRow { hash: DocumentHash::from_u64(hash), index }));
            }
        }
        Ok(None)
    }
}

/// Looks whether every base that the file names is there, and removes those it does not name.
/// Answers which directories are lost.
pub(crate) fn look_after(
    db: &Connection,
    store: &Path,
    key: &FileKey,
) -> Result<Vec<DirectoryOf>, StoreError> {
    let mut read =
        db.prepare("SELECT issuer, city, number, packed, form FROM bases ORDER BY issuer, city")?;
    let rows = read.query_map([], |row| {
        let CityColumn(city) = row.get(1)?;
        let of = DirectoryOf { issuer: IssuerId(row.get(0)?), city };
        Ok((of, row.get(2)?, row.get(3)?, row.get(4)?))
    })?;
    let bases: Vec<(DirectoryOf, i64, i64, u32)> = rows.collect::<Result<_, _>>()?;
    base::remove_all_but(store, &bases.iter().map(|base| base.1).collect::<Vec<_>>());
    let lost = bases.into_iter().filter(|(_, number, packed, form)| {
        *packed > 0 && BaseReader::open(store, *number, *form, key).is_err()
    });
    Ok(lost.map(|(of, ..)| of).collect())
}

/// As [`look_after`], and forgets those that are lost.
pub(crate) fn forget_lost(
    db: &mut Connection,
    store: &Path,
    key: &FileKey,
) -> Result<(), StoreError> {
    let lost = look_after(db, store, key)?;
    let change = db.transaction()?;
    let mut replaced = Replaced::default();
    lost.into_iter().try_for_each(|of| forget(&change, of, &mut replaced))?;
    change.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests;
