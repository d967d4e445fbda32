//! Writing a directory: another base, changes over it, or none at all.

use rusqlite::Transaction;
use yanma_domain::IssuerId;
use yanma_domain::document::DocumentHash;

use super::{Base, CityColumn, DirectoryOf, PackedBase, base};
use crate::store::locked;
use crate::values::Bits64;
use crate::{DirectoryRow, Store, StoreError};

/// Rows of an overlay that are deleted at once: an entry of the log waits no longer than for
/// that.
const SWEPT_AT_ONCE: u32 = 2_000;

/// Bases that no row names any more, once the transaction is over.
#[derive(Default)]
pub(crate) struct Replaced(Vec<i64>);

/// Puts a base in force, with nothing laid over it.
pub(crate) fn put_base(
    db: &Transaction<'_>,
    of: DirectoryOf,
    base: &PackedBase,
    replaced: &mut Replaced,
) -> Result<(), StoreError> {
    drop_base(db, of, replaced)?;
    db.prepare_cached(
        "INSERT INTO bases (number, issuer, city, packed, rows, laid, form)
         VALUES (?1, ?2, ?3, ?4, ?4, 0, ?5)",
    )?
    .execute((
        base.number,
        of.issuer.0,
        CityColumn(of.city),
        Bits64(base.rows()),
        base::FORM,
    ))?;
    Ok(())
}

/// Takes a directory away.
pub(crate) fn forget(
    db: &Transaction<'_>,
    of: DirectoryOf,
    replaced: &mut Replaced,
) -> Result<(), StoreError> {
    drop_base(db, of, replaced)?;
    let issuer = of.issuer.0;
    match of.city {
        None => db.execute("DELETE FROM feeds WHERE issuer = ?1 AND feed = 'directory'", [issuer]),
        Some(city) => {
            let sql = "DELETE FROM city_feeds WHERE issuer = ?1 AND city = ?2";
            db.execute(sql, (issuer, city))
        }
    }?;
    Ok(())
}

/// Takes the whole directory of an issuer away, and those of all its cities.
fn forget_all(
    db: &Transaction<'_>,
    issuer: IssuerId,
    replaced: &mut Replaced,
) -> Result<(), StoreError> {
    let cities: Vec<u16> = {
        let mut read = db.prepare("SELECT city FROM city_feeds WHERE issuer = ?1")?;
        let found = read.query_map([issuer.0], |row| row.get(0))?;
        found.collect::<Result<_, _>>()?
    };
    let cities = cities.into_iter().map(Some);
    cities.chain([None]).try_for_each(|city| forget(db, DirectoryOf { issuer, city }, replaced))
}

fn drop_base(
    db: &Transaction<'_>,
    of: DirectoryOf,
    replaced: &mut Replaced,
) -> Result<(), StoreError> {
    if let Some(old) = Base::of(db, of)? {
        db.execute("DELETE FROM bases WHERE number = ?1", [old.number])?;
        replaced.0.push(old.number);
    }
    Ok(())
}

/// Takes `removed` out and puts `added` in, in this order, so that a moved document may be in
/// both.
pub(crate) fn apply(
    db: &Transaction<'_>,
    of: DirectoryOf,
    added: &[DirectoryRow],
    removed: &[DocumentHash],
) -> Result<(), StoreError> {
    let Some(base) = Base::of(db, of)? else {
        return Err(StoreError::FeedGap { issuer: of.issuer, feed: crate::FeedName::Directory });
    };
    let mut lay = db.prepare_cached(
        "INSERT INTO overlay (base, hash, place) VALUES (?1, ?2, ?3)
         ON CONFLICT (base, hash) DO UPDATE SET place = excluded.place",
    )?;
    for hash in removed {
        lay.execute((base.number, Bits64(hash.as_u64()), None::<u32>))?;
    }
    for row in added {
        lay.execute((base.number, Bits64(row.hash.as_u64()), row.index.0))?;
    }
    let (more, fewer) = (added.len() as u64, removed.len() as u64);
    let rows = (base.rows + more).saturating_sub(fewer);
    db.prepare_cached("UPDATE bases SET rows = ?2, laid = ?3 WHERE number = ?1")?.execute((
        base.number,
        Bits64(rows),
        Bits64(base.laid + more + fewer),
    ))?;
    Ok(())
}

impl Store {
    /// Takes a directory away that cannot be read: the next sync fetches it anew, and until
    /// then no document is looked up in it.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn forget_directory(&self, of: impl Into<DirectoryOf>) -> Result<(), StoreError> {
        let of = of.into();
        let mut replaced = Replaced::default();
        self.write(|db| forget(db, of, &mut replaced))?;
        self.tidy_after(&replaced);
        Ok(())
    }

    /// Takes the whole directory of an issuer away, and those of all its cities.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn forget_directories(&self, issuer: IssuerId) -> Result<(), StoreError> {
        let mut replaced = Replaced::default();
        self.write(|db| forget_all(db, issuer, &mut replaced))?;
        self.tidy_after(&replaced);
        Ok(())
    }

    /// Takes the directories of an issuer, every feed of all issuers and some settings away, in one
    /// transaction, and overwrites in the file and its write-ahead log what they said. The newest
    /// heads are remembered: an older one is refused for ever.
    ///
    /// # Errors
    ///
    /// As any write. When only the overwriting failed, what was taken away is gone for every
    /// reader all the same.
    pub fn wipe_feeds(&self, issuer: IssuerId, settings: &[&str]) -> Result<(), StoreError> {
        let mut replaced = Replaced::default();
        self.write(|db| {
            forget_all(db, issuer, &mut replaced)?;
            db.execute("DELETE FROM feeds", [])?;
            for key in settings {
                db.execute("DELETE FROM settings WHERE key = ?1", [key])?;
            }
            Ok(())
        })?;
        self.tidy_after(&replaced);
        self.write_ahead_is_done()
    }

    /// Removes what lay under bases that are no longer in force. What cannot be removed now
    /// counts no more either way.
    pub(crate) fn tidy_after(&self, replaced: &Replaced) {
        if replaced.0.is_empty() {
            return;
        }
        // Closed first: an open file cannot be removed everywhere.
        locked(self.bases()).retain(|base| !replaced.0.contains(&base.number));
        replaced.0.iter().for_each(|number| base::remove(&base::path_of(self.path(), *number)));
        if let Err(error) = self.sweep() {
            tracing::warn!(%error, "what lay over an old directory stays for now");
        }
    }

    /// Deletes the rows that lie over no base, a few at a time.
    pub(crate) fn sweep(&self) -> Result<(), StoreError> {
        let mut after = i64::MIN;
        while let Some((number, in_force)) = self.read(|db| next_laid(db, after))? {
            after = number;
            let mut swept = if in_force { 0 } else { SWEPT_AT_ONCE as usize };
            while swept == SWEPT_AT_ONCE as usize {
                swept = self.write(|db| {
                    let mut delete = db.prepare_cached(
                        "DELETE FROM overlay WHERE base = ?1 AND hash IN
                         (SELECT hash FROM overlay WHERE base = ?1 ORDER BY hash LIMIT ?2)",
                    )?;
                    Ok(delete.execute((number, SWEPT_AT_ONCE))?)
                })?;
            }
        }
        Ok(())
    }

    /// Where a base of this store lies.
    #[cfg(test)]
    pub(crate) fn base_paths(&self) -> Vec<std::path::PathBuf> {
        let mut numbers: Vec<i64> = Vec::new();
        self.raw(|db| {
            let mut read = db.prepare("SELECT number FROM bases WHERE packed > 0")?;
            numbers = read.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(())
        });
        numbers.into_iter().map(|number| base::path_of(self.path(), number)).collect()
    }
}

/// The next base that something lies over, and whether it is in force.
fn next_laid(db: &rusqlite::Connection, after: i64) -> Result<Option<(i64, bool)>, StoreError> {
    let mut read = db.prepare_cached(
        "SELECT o.base, EXISTS (SELECT 1 FROM bases b WHERE b.number = o.base)
         FROM overlay o WHERE o.base > ?1 ORDER BY o.base LIMIT 1",
    )?;
    let found = read.query_row([after], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(rusqlite::OptionalExtension::optional(found)?)
}
