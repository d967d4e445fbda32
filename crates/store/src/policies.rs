//! Every policy version a verdict was judged by, kept for replay.

use rusqlite::{OptionalExtension, Transaction};

use crate::{Store, StoreError};

pub(crate) const V1: &str = "
CREATE TABLE policies (
    id      TEXT    NOT NULL,
    version INTEGER NOT NULL,
    body    BLOB    NOT NULL,
    PRIMARY KEY (id, version)
);
";

impl Store {
    /// Keeps a policy version. The first body under an id and version stays: verdicts name
    /// it by these two, so it may not change under them. `false` when it was there already.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn keep_policy(&self, id: &str, version: u32, body: &[u8]) -> Result<bool, StoreError> {
        self.write(|db| keep(db, id, version, body))
    }

    /// The policy's body as it was first kept.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn policy(&self, id: &str, version: u32) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|db| {
            Ok(db
                .prepare_cached("SELECT body FROM policies WHERE id = ?1 AND version = ?2")?
                .query_row((id, version), |row| row.get(0))
                .optional()?)
        })
    }
}

pub(crate) fn keep(
    db: &Transaction<'_>,
    id: &str,
    version: u32,
    body: &[u8],
) -> Result<bool, StoreError> {
    let mut insert = db
        .prepare_cached("INSERT OR IGNORE INTO policies (id, version, body) VALUES (?1, ?2, ?3)")?;
    Ok(insert.execute((id, version, body))? > 0)
}

#[cfg(test)]
mod tests {
    use crate::testing::fresh;

    #[test]
    fn the_first_body_stays() {
        let (_folder, store) = fresh();
        assert!(store.keep_policy("hotel", 1, b"a").unwrap());
        assert!(!store.keep_policy("hotel", 1, b"b").unwrap());
        assert!(store.keep_policy("hotel", 2, b"c").unwrap());
        assert_eq!(store.policy("hotel", 1).unwrap().as_deref(), Some(&b"a"[..]));
        assert_eq!(store.policy("hotel", 2).unwrap().as_deref(), Some(&b"c"[..]));
        assert_eq!(store.policy("hotel", 3).unwrap(), None);
    }
}
