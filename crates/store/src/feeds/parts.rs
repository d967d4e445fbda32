//! What a feed consists of: a blob, and the steps that were laid over it since.
//!
//! They have a table of their own, because SQLite writes a row as a whole: in the table
//! `feeds` the status list of a province, megabytes, would be written anew with the age of
//! the list, once a minute. And a delta changes some thousand cells all over it, nearly every
//! page. So it is written as a step of some kilobytes, in the transaction that brings the new
//! state, and now and then blob and steps become one blob ([`Store::fold_feed`]). What a
//! step consists of is its writer's.

use rusqlite::{Connection, Transaction};
use yanma_domain::IssuerId;

use super::{FeedName, must_start_from};
use crate::{Store, StoreError};

/// The parts go with their feed. Those of the directory lie elsewhere.
pub(crate) const V5: &str = "
CREATE TABLE feed_parts (
    issuer INTEGER NOT NULL,
    feed   TEXT    NOT NULL,
    -- 0 is the blob, 1 and on are the steps
    part   INTEGER NOT NULL,
    bytes  BLOB    NOT NULL,
    PRIMARY KEY (issuer, feed, part),
    FOREIGN KEY (issuer, feed) REFERENCES feeds (issuer, feed) ON DELETE CASCADE
);
INSERT INTO feed_parts (issuer, feed, part, bytes)
SELECT issuer, feed, 0, blob FROM feeds WHERE feed <> 'directory';
ALTER TABLE feeds DROP COLUMN blob;
";

/// Steps of fewer bytes than this are not worth a fold.
const LEAST: u64 = 64 * 1024;
/// A fold is due when the steps have one byte to so many of the blob: at a province's size
/// after some 32 deltas of 5,000 colours.
const ONE_IN: u64 = 8;

/// Puts one blob in the place of all parts.
pub(super) fn put(
    db: &Transaction<'_>,
    issuer: IssuerId,
    feed: FeedName,
    blob: &[u8],
) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM feed_parts WHERE issuer = ?1 AND feed = ?2")?
        .execute((issuer.0, feed))?;
    db.prepare_cached("INSERT INTO feed_parts (issuer, feed, part, bytes) VALUES (?1, ?2, 0, ?3)")?
        .execute((issuer.0, feed, blob))?;
    Ok(())
}

/// Lays a step over the parts.
pub(super) fn lay(
    db: &Transaction<'_>,
    issuer: IssuerId,
    feed: FeedName,
    step: &[u8],
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO feed_parts (issuer, feed, part, bytes)
         SELECT ?1, ?2, coalesce(max(part), 0) + 1, ?3 FROM feed_parts
         WHERE issuer = ?1 AND feed = ?2",
    )?
    .execute((issuer.0, feed, step))?;
    Ok(())
}

/// The blob, empty when there is none, and the steps over it in their order.
pub(super) fn of(
    db: &Connection,
    issuer: IssuerId,
    feed: FeedName,
) -> Result<(Vec<u8>, Vec<Vec<u8>>), StoreError> {
    let mut read = db.prepare_cached(
        "SELECT part, bytes FROM feed_parts WHERE issuer = ?1 AND feed = ?2 ORDER BY part",
    )?;
    let mut rows = read.query((issuer.0, feed))?;
    let (mut blob, mut steps) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        match row.get(0)? {
            0_i64 => blob = row.get(1)?,
            _ => steps.push(row.get(1)?),
        }
    }
    Ok((blob, steps))
}

impl Store {
    /// Whether so many steps lie over the blob of a feed that [`Store::fold_feed`] is due.
    /// Reads neither.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn feed_fold_is_due(&self, issuer: IssuerId, feed: FeedName) -> Result<bool, StoreError> {
        let (blob, steps): (i64, i64) = self.read(|db| {
            let mut read = db.prepare_cached(
                "SELECT coalesce(sum(length(bytes)) FILTER (WHERE part = 0), 0),
                        coalesce(sum(length(bytes)) FILTER (WHERE part > 0), 0)
                 FROM feed_parts WHERE issuer = ?1 AND feed = ?2",
            )?;
            Ok(read.query_row((issuer.0, feed), |row| Ok((row.get(0)?, row.get(1)?)))?)
        })?;
        Ok(steps.cast_unsigned() >= (blob.cast_unsigned() / ONE_IN).max(LEAST))
    }

    /// Puts one blob in the place of blob and steps. What the feed says is the same before
    /// and after, and so are its state and its age; `at` is the epoch and sequence that the
    /// blob has.
    ///
    /// # Errors
    ///
    /// [`StoreError::FeedGap`] when the feed is in another state by now, or as any write.
    pub fn fold_feed(
        &self,
        issuer: IssuerId,
        feed: FeedName,
        at: (u32, u32),
        blob: &[u8],
    ) -> Result<(), StoreError> {
        self.write(|db| {
            must_start_from(db, issuer, feed, at)?;
            put(db, issuer, feed, blob)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, fresh, reopen};
    use crate::{FeedState, FeedWrite};

    const FUJIAN: IssuerId = IssuerId::FUJIAN;
    const STATUS: FeedName = FeedName::Status;

    fn state(epoch: u32, sequence: u32) -> FeedState {
        FeedState { epoch, sequence, root: [sequence as u8; 32], as_of: at(u64::from(sequence)) }
    }

    fn whole(blob: &[u8]) -> FeedWrite<'_> {
        FeedWrite::Whole { issuer: FUJIAN, feed: STATUS, state: state(1, 1), blob }
    }

    fn step(from: (u32, u32), to: u32, step: &[u8]) -> FeedWrite<'_> {
        FeedWrite::Step { issuer: FUJIAN, feed: STATUS, from, state: state(from.0, to), step }
    }

    /// State, blob and steps of the status feed.
    fn stored(store: &Store) -> (FeedState, Vec<u8>, Vec<Vec<u8>>) {
        let feed = store.feed(FUJIAN, STATUS).unwrap().unwrap();
        (feed.state, feed.blob, feed.steps)
    }

    #[test]
    fn steps_are_read_in_their_order_until_another_blob_comes() {
        let (folder, store) = fresh();
        store.apply_feeds([whole(b"blob")]).unwrap();
        store.apply_feeds([step((1, 1), 9, b"to nine")]).unwrap();
        store.apply_feeds([step((1, 9), 10, b"to ten")]).unwrap();
        drop(store);
        let store = reopen(&folder);
        let steps = vec![b"to nine".to_vec(), b"to ten".to_vec()];
        assert_eq!(stored(&store), (state(1, 10), b"blob".to_vec(), steps));
        store.apply_feeds([whole(b"new")]).unwrap();
        assert_eq!(stored(&store), (state(1, 1), b"new".to_vec(), vec![]));
    }

    #[test]
    fn a_step_from_elsewhere_is_refused() {
        let (_folder, store) = fresh();
        let refused = store.apply_feeds([step((1, 1), 2, b"over nothing")]);
        assert!(matches!(refused, Err(StoreError::FeedGap { .. })), "{refused:?}");
        store.apply_feeds([whole(b"blob"), step((1, 1), 2, b"two")]).unwrap();
        for from in [(1, 1), (1, 3), (2, 2), (0, 2)] {
            let refused = store.apply_feeds([step(from, 4, b"elsewhere")]);
            assert!(matches!(refused, Err(StoreError::FeedGap { .. })), "{from:?}");
        }
        assert_eq!(stored(&store), (state(1, 2), b"blob".to_vec(), vec![b"two".to_vec()]));
    }

    #[test]
    fn a_fold_changes_neither_state_nor_age() {
        let (folder, store) = fresh();
        store.apply_feeds([whole(b"blob"), step((1, 1), 2, b"two")]).unwrap();
        for at in [(1, 1), (1, 3), (2, 2)] {
            let refused = store.fold_feed(FUJIAN, STATUS, at, b"of another state");
            assert!(matches!(refused, Err(StoreError::FeedGap { .. })), "{at:?}");
        }
        store.fold_feed(FUJIAN, STATUS, (1, 2), b"both").unwrap();
        drop(store);
        let store = reopen(&folder);
        assert_eq!(stored(&store), (state(1, 2), b"both".to_vec(), vec![]));
        store.apply_feeds([step((1, 2), 3, b"three")]).unwrap();
        assert_eq!(stored(&store).2, [b"three"], "and it goes on from there");
    }

    #[test]
    fn a_fold_is_due_by_the_size_of_the_blob() {
        let check = |blob: usize, steps: &[usize], expect: bool| {
            let (_folder, store) = fresh();
            assert!(!store.feed_fold_is_due(FUJIAN, STATUS).unwrap(), "there is no feed");
            store.apply_feeds([whole(&vec![1; blob])]).unwrap();
            for (at, bytes) in (1..).zip(steps) {
                store.apply_feeds([step((1, at), at + 1, &vec![2; *bytes])]).unwrap();
            }
            let due = store.feed_fold_is_due(FUJIAN, STATUS).unwrap();
            assert_eq!(due, expect, "{blob} bytes under {steps:?}");
        };
        check(10, &[], false);
        check(10, &[60_000, 5_535], false);
        check(10, &[60_000, 5_536], true);
        check(1 << 20, &[100_000, 31_071], false);
        check(1 << 20, &[100_000, 31_072], true);
    }

    #[test]
    fn steps_go_with_their_feed() {
        let (_folder, store) = fresh();
        store.apply_feeds([whole(b"blob"), step((1, 1), 2, b"two")]).unwrap();
        store.wipe_feeds(FUJIAN, &[]).unwrap();
        store.raw(|db| {
            let left: i64 =
                db.query_row("SELECT count(*) FROM feed_parts", [], |row| row.get(0))?;
            assert_eq!(left, 0);
            Ok(())
        });
    }
}
