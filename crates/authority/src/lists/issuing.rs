//! The tables `issuing`, one row that is never written again, and `shards`: which serial comes
//! next in each shard, and how far its part of the list has come.

use std::collections::BTreeMap;

use yanma_domain::StatusIndex;
use yanma_domain::document::DocumentNumber;

use super::permutation::Permutation;
use super::shard::Shard;
use crate::database::{Change, Ddl, Session, params};
use crate::error::Error;

pub(crate) const TABLE_1: Ddl = Ddl {
    sqlite: "
CREATE TABLE issuing (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    -- The key of the shuffle from serials to indexes. Never leaves this table.
    permutation_key BLOB NOT NULL CHECK (length(permutation_key) = 32),
    next_serial     INTEGER NOT NULL,
    -- Counts every change of a holder, so that whoever follows the list can ask what is new.
    revision        INTEGER NOT NULL
) STRICT;
-- SQLite's generator is ChaCha20 seeded by the operating system.
INSERT INTO issuing VALUES (1, randomblob(32), 0, 0);
",
    postgres: "
CREATE TABLE issuing (
    id              BIGINT PRIMARY KEY CHECK (id = 1),
    permutation_key BYTEA NOT NULL CHECK (octet_length(permutation_key) = 32),
    next_serial     BIGINT NOT NULL,
    revision        BIGINT NOT NULL
);
-- Three times 122 bits of the operating system's randomness.
INSERT INTO issuing VALUES (
    1,
    sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
        || uuid_send(gen_random_uuid())),
    0,
    0
);
",
};

/// A counter for each shard. What was issued before is left alone: the indexes of a shard go
/// on behind the last block that was begun, a 64th of which is the shard's.
pub(crate) const TABLE_7: Ddl = Ddl {
    sqlite: "
CREATE TABLE shards (
    shard       INTEGER PRIMARY KEY CHECK (shard BETWEEN 0 AND 63),
    next_serial INTEGER NOT NULL,
    -- Counts every change of a holder, so that whoever follows the list can ask what is new.
    revision    INTEGER NOT NULL
) STRICT;
INSERT INTO shards
    WITH RECURSIVE
        blocks (start, size) AS (
            SELECT 0, 65536
            UNION ALL
            SELECT start + size, max(65536, (start + size) / 4 / 65536 * 65536)
            FROM blocks WHERE start + size < (SELECT next_serial FROM issuing)
        ),
        numbers (shard) AS (SELECT 0 UNION ALL SELECT shard + 1 FROM numbers WHERE shard < 63)
    SELECT shard,
        CASE next_serial WHEN 0 THEN 0 ELSE (SELECT max(start + size) / 64 FROM blocks) END,
        revision
    FROM numbers CROSS JOIN issuing;
ALTER TABLE issuing DROP COLUMN next_serial;
ALTER TABLE issuing DROP COLUMN revision;
",
    postgres: "
CREATE TABLE shards (
    shard       BIGINT PRIMARY KEY CHECK (shard BETWEEN 0 AND 63),
    next_serial BIGINT NOT NULL,
    revision    BIGINT NOT NULL
) WITH (fillfactor = 20);
INSERT INTO shards
    WITH RECURSIVE blocks (start, size) AS (
        SELECT CAST (0 AS BIGINT), CAST (65536 AS BIGINT)
        UNION ALL
        SELECT start + size, greatest(65536, (start + size) / 4 / 65536 * 65536)
        FROM blocks WHERE start + size < (SELECT next_serial FROM issuing)
    )
    SELECT shard,
        CASE next_serial WHEN 0 THEN 0 ELSE (SELECT max(start + size) / 64 FROM blocks) END,
        revision
    FROM generate_series(0, 63) AS numbers (shard) CROSS JOIN issuing;
ALTER TABLE issuing DROP COLUMN next_serial, DROP COLUMN revision;
",
};

/// What a document's shard is computed with. It is made with the database and never changes.
pub(crate) struct ShardKey([u8; 32]);

impl ShardKey {
    /// # Errors
    ///
    /// [`Error::Database`].
    pub(crate) fn read(session: &Session<'_>) -> Result<Self, Error> {
        let sql = "SELECT permutation_key FROM issuing";
        let key = session.row(sql, params![], |row| row.get("permutation_key"))?;
        key.map(Self).ok_or(Error::Damaged("issuing"))
    }

    /// The shard of whoever has a document.
    pub(crate) fn shard_of(&self, document: &DocumentNumber) -> Shard {
        Shard::of_document(&self.0, document)
    }
}

/// The next index of a shard.
///
/// # Errors
///
/// [`Error::IndexesUsedUp`].
pub(crate) fn next_index(change: &Change<'_>, shard: Shard) -> Result<StatusIndex, Error> {
    let (serials, permutation) = next_serials(change, &BTreeMap::from([(shard, 1)]))?;
    let serial = serials.get(&shard).ok_or(Error::Damaged("shards"))?;
    permutation.index_of(shard, *serial).ok_or(Error::IndexesUsedUp)
}

/// The first of so many serials of each shard, and the shuffle from serials to indexes.
pub(crate) fn next_serials(
    change: &Change<'_>,
    counts: &BTreeMap<Shard, u32>,
) -> Result<(BTreeMap<Shard, u32>, Permutation), Error> {
    let first = advance(change, "next_serial", counts)?;
    let first = first.into_iter().map(|(shard, next)| {
        let first = u32::try_from(next).map_err(|_| Error::Damaged("next_serial"))?;
        Ok((shard, first))
    });
    Ok((first.collect::<Result<_, Error>>()?, Permutation::new(ShardKey::read(change)?.0)))
}

/// A revision for a change of a code that is being made.
pub(crate) fn next_revision(change: &Change<'_>, index: StatusIndex) -> Result<i64, Error> {
    let shard = Shard::of(index);
    let first = next_revisions(change, &BTreeMap::from([(shard, 1)]))?;
    first.get(&shard).copied().ok_or(Error::Damaged("shards"))
}

/// The first of so many revisions in each shard, for changes that are being made.
pub(crate) fn next_revisions(
    change: &Change<'_>,
    counts: &BTreeMap<Shard, u32>,
) -> Result<BTreeMap<Shard, i64>, Error> {
    let before = advance(change, "revision", counts)?;
    Ok(before.into_iter().map(|(shard, last)| (shard, last + 1)).collect())
}

/// Counts a column of some shards up; returns what it was before.
fn advance(
    change: &Change<'_>,
    column: &'static str,
    counts: &BTreeMap<Shard, u32>,
) -> Result<BTreeMap<Shard, i64>, Error> {
    let given: Vec<_> =
        counts.iter().map(|(shard, count)| params![shard, *count].to_vec()).collect();
    let sql = format!(
        "UPDATE shards SET {column} = {column} + given.more FROM given
         WHERE shards.shard = given.of_shard RETURNING shard, {column} AS reached"
    );
    let columns = [("of_shard", "BIGINT"), ("more", "BIGINT")];
    let reached = change.rows_among(&columns, &given, &sql, |row| {
        let shard = Shard::from_number(row.get("shard")?).ok_or(Error::Damaged("shard"))?;
        Ok((shard, row.get::<i64>("reached")?))
    })?;
    let before = reached.into_iter().map(|(shard, reached)| {
        (shard, reached - counts.get(&shard).map_or(0, |count| i64::from(*count)))
    });
    Ok(before.collect())
}

/// How far each shard has come: its last revision.
pub(super) fn revisions(session: &Session<'_>) -> Result<BTreeMap<Shard, i64>, Error> {
    let found = session.rows("SELECT shard, revision FROM shards", params![], |row| {
        let shard = Shard::from_number(row.get("shard")?).ok_or(Error::Damaged("shard"))?;
        Ok((shard, row.get("revision")?))
    })?;
    Ok(found.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::testing::with_change;

    #[test]
    fn each_shard_counts_for_itself() {
        with_change(|change| {
            let [a, b] = [3, 63].map(|number| Shard::from_number(number).unwrap());
            let counts = BTreeMap::from([(a, 2), (b, 5)]);
            let (first, _) = next_serials(change, &counts).unwrap();
            assert_eq!(first, BTreeMap::from([(a, 0), (b, 0)]));
            let (then, _) = next_serials(change, &BTreeMap::from([(b, 1)])).unwrap();
            assert_eq!(then, BTreeMap::from([(b, 5)]));
            let first = next_revisions(change, &counts).unwrap();
            assert_eq!(first, BTreeMap::from([(a, 1), (b, 1)]));
            let index = next_index(change, a).unwrap();
            assert_eq!(Shard::of(index), a);
            assert_eq!(next_revision(change, index).unwrap(), 3);
            let revisions = revisions(change).unwrap();
            assert_eq!((revisions.len(), revisions[&a], revisions[&b]), (64, 3, 5));
        });
    }
}
