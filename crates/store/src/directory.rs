//! The directory: the keyed hash of a document → whose status list, and where in it.
//!
//! Today every row lies in one table. A province's 20.71 million rows will come as an
//! immutable packed file with this table as its overlay; [`Store::find`] and
//! [`FeedWrite`](crate::FeedWrite) are meant to stay as they are then.

use rusqlite::Transaction;
use yanma_domain::document::DocumentHash;
use yanma_domain::{IssuerId, StatusIndex};

use crate::values::Bits64;
use crate::{Store, StoreError};

// By issuer first: a snapshot replaces one issuer's rows, and the same person may hold codes
// of two issuers under the same hash.
pub(crate) const V1: &str = "
CREATE TABLE directory (
    issuer INTEGER NOT NULL,
    hash   INTEGER NOT NULL,
    place  INTEGER NOT NULL,
    PRIMARY KEY (issuer, hash)
) WITHOUT ROWID;
";

// CROSS JOIN: feeds first, a handful, then one look-up each. Left to itself SQLite reads the
// whole directory in the order asked for.
const FIND: &str = "
SELECT d.issuer, d.place FROM feeds f
CROSS JOIN directory d ON d.issuer = f.issuer AND d.hash = ?1
WHERE f.feed = 'directory' ORDER BY d.issuer";

/// One document and its holder's place in the issuer's status list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectoryRow {
    /// The keyed hash of the document.
    pub hash: DocumentHash,
    /// The holder's place.
    pub index: StatusIndex,
}

impl Store {
    /// Whom a document stands for: one place per issuer that knows it, usually one or none,
    /// by rising issuer.
    ///
    /// No answer means "not in the applied directories"; whether one was applied at all says
    /// [`Store::feed_states`].
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn find(&self, hash: DocumentHash) -> Result<Vec<(IssuerId, StatusIndex)>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(FIND)?;
            let found = read.query_map([Bits64(hash.as_u64())], |row| {
                Ok((IssuerId(row.get(0)?), StatusIndex(row.get(1)?)))
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// How many documents of `issuer` are in the directory. Reads it all: for a check after
    /// applying and for the doctor, not for every screen.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn directory_len(&self, issuer: IssuerId) -> Result<u64, StoreError> {
        self.read(|db| {
            let mut count =
                db.prepare_cached("SELECT count(*) FROM directory WHERE issuer = ?1")?;
            Ok(count.query_row([issuer.0], |row| row.get(0)).map(|Bits64(n)| n)?)
        })
    }

    /// Calls `each` with every row of `issuer` by rising hash, for the root over them.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn directory_rows(
        &self,
        issuer: IssuerId,
        mut each: impl FnMut(DirectoryRow),
    ) -> Result<(), StoreError> {
        // The column is signed, so the upper half of the hashes sorts first: read it last.
        self.read(|db| {
            for half in ["hash >= 0", "hash < 0"] {
                let mut read = db.prepare_cached(&format!(
                    "SELECT hash, place FROM directory WHERE issuer = ?1 AND {half} ORDER BY hash"
                ))?;
                let mut rows = read.query([issuer.0])?;
                while let Some(row) = rows.next()? {
                    let Bits64(hash) = row.get(0)?;
                    let index = StatusIndex(row.get(1)?);
                    each(DirectoryRow { hash: DocumentHash::from_u64(hash), index });
                }
            }
            Ok(())
        })
    }
}

/// Puts `rows` in the place of all rows of `issuer`.
pub(crate) fn replace_all(
    db: &Transaction<'_>,
    issuer: IssuerId,
    rows: impl Iterator<Item = DirectoryRow>,
) -> Result<(), StoreError> {
    db.execute("DELETE FROM directory WHERE issuer = ?1", [issuer.0])?;
    add(db, issuer, rows)
}

/// Takes `removed` out and puts `added` in, in this order, so that a moved document may be in
/// both.
pub(crate) fn apply(
    db: &Transaction<'_>,
    issuer: IssuerId,
    added: &[DirectoryRow],
    removed: &[DocumentHash],
) -> Result<(), StoreError> {
    let mut delete = db.prepare_cached("DELETE FROM directory WHERE issuer = ?1 AND hash = ?2")?;
    for hash in removed {
        delete.execute((issuer.0, Bits64(hash.as_u64())))?;
    }
    add(db, issuer, added.iter().copied())
}

fn add(
    db: &Transaction<'_>,
    issuer: IssuerId,
    rows: impl Iterator<Item = DirectoryRow>,
) -> Result<(), StoreError> {
    let mut insert = db.prepare_cached(
        "INSERT INTO directory (issuer, hash, place) VALUES (?1, ?2, ?3)
         ON CONFLICT (issuer, hash) DO UPDATE SET place = excluded.place",
    )?;
    for row in rows {
        insert.execute((issuer.0, Bits64(row.hash.as_u64()), row.index.0))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_look_up_reads_no_whole_directory() {
        let (_folder, store) = crate::testing::fresh();
        store.raw(|db| {
            let mut read = db.prepare(&format!("EXPLAIN QUERY PLAN {}", super::FIND))?;
            let plan: Vec<String> =
                read.query_map([0], |row| row.get("detail"))?.collect::<Result<_, _>>()?;
            let step = "SEARCH d USING PRIMARY KEY (issuer=? AND hash=?)";
            assert!(plan.iter().any(|line| line == step), "{plan:?}");
            Ok(())
        });
    }
}
