//! The tables `claim_counts`, a few dozen rows for each shard, and `show_total`, one row with
//! what was shown before shows were counted by days, or was loaded.

use yanma_protocol::claims::ClaimGroup;

use crate::database::{Change, Ddl, Session, params};
use crate::error::Error;
use crate::lists::Shard;
use crate::shows;

pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
CREATE TABLE claim_counts (
    -- As in holders; 0 for a city that is not known.
    claim_group INTEGER NOT NULL,
    city        INTEGER NOT NULL,
    -- Phone codes only: a paper code is of somebody who has one.
    issued      INTEGER NOT NULL,
    in_force    INTEGER NOT NULL,
    PRIMARY KEY (claim_group, city)
) STRICT, WITHOUT ROWID;
INSERT INTO claim_counts
    SELECT claim_group, coalesce(city, 0), count(*), sum(withdrawn_at IS NULL)
    FROM holders WHERE medium = 0 GROUP BY 1, 2;
CREATE TABLE show_total (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    total INTEGER NOT NULL
) STRICT;
INSERT INTO show_total SELECT 1, coalesce(sum(shown_count), 0) FROM holders;
",
    postgres: "
CREATE TABLE claim_counts (
    claim_group BIGINT NOT NULL,
    city        BIGINT NOT NULL,
    issued      BIGINT NOT NULL,
    in_force    BIGINT NOT NULL,
    PRIMARY KEY (claim_group, city)
) WITH (fillfactor = 50);
INSERT INTO claim_counts
    SELECT claim_group, coalesce(city, 0), count(*), count(*) FILTER (WHERE withdrawn_at IS NULL)
    FROM holders WHERE medium = 0 GROUP BY 1, 2;
CREATE TABLE show_total (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    total BIGINT NOT NULL
) WITH (fillfactor = 50);
INSERT INTO show_total SELECT 1, CAST (coalesce(sum(shown_count), 0) AS BIGINT) FROM holders;
",
};

/// Counted by shard, so that claims do not wait for one row; and a total that is not written
/// with each show.
pub(crate) const TABLE_7: Ddl = Ddl {
    sqlite: "
CREATE TABLE claim_counts_by_shard (
    -- Of the codes; what was counted before is in shard 0. Only the sum over shards tells
    -- something.
    shard       INTEGER NOT NULL,
    -- As in holders; 0 for a city that is not known.
    claim_group INTEGER NOT NULL,
    city        INTEGER NOT NULL,
    -- Phone codes only: a paper code is of somebody who has one.
    issued      INTEGER NOT NULL,
    in_force    INTEGER NOT NULL,
    PRIMARY KEY (shard, claim_group, city)
) STRICT, WITHOUT ROWID;
INSERT INTO claim_counts_by_shard
    SELECT 0, claim_group, city, issued, in_force FROM claim_counts;
DROP TABLE claim_counts;
ALTER TABLE claim_counts_by_shard RENAME TO claim_counts;
UPDATE show_total SET total = total - (SELECT coalesce(sum(count), 0) FROM shown_by_day);
",
    postgres: "
ALTER TABLE claim_counts DROP CONSTRAINT claim_counts_pkey, ADD COLUMN shard BIGINT DEFAULT 0;
ALTER TABLE claim_counts
    ALTER COLUMN shard DROP DEFAULT,
    ADD PRIMARY KEY (shard, claim_group, city);
UPDATE show_total
    SET total = total - (SELECT CAST (coalesce(sum(count), 0) AS BIGINT) FROM shown_by_day);
",
};

/// The codes of a group in a city.
pub(super) struct ClaimCount {
    pub(super) group: ClaimGroup,
    /// `None` where it is not known.
    pub(super) city: Option<u16>,
    pub(super) issued: u64,
    pub(super) in_force: u64,
}

/// Counts phone codes that are being issued.
pub(crate) fn count_claims(
    change: &Change<'_>,
    shard: Shard,
    group: ClaimGroup,
    city: Option<u16>,
    number: i64,
) -> Result<(), Error> {
    count(change, shard, group, city, [number, number])
}

/// Counts a phone code that is being withdrawn.
pub(crate) fn count_withdrawal(
    change: &Change<'_>,
    shard: Shard,
    group: ClaimGroup,
    city: Option<u16>,
) -> Result<(), Error> {
    count(change, shard, group, city, [0, -1])
}

fn count(
    change: &Change<'_>,
    shard: Shard,
    group: ClaimGroup,
    city: Option<u16>,
    [issued, in_force]: [i64; 2],
) -> Result<(), Error> {
    change.execute(
        "INSERT INTO claim_counts (shard, claim_group, city, issued, in_force)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (shard, claim_group, city) DO UPDATE SET
             issued = claim_counts.issued + excluded.issued,
             in_force = claim_counts.in_force + excluded.in_force",
        params![shard, group_code(group), city.unwrap_or(0), issued, in_force],
    )?;
    Ok(())
}

/// Counts codes that were shown before they were loaded.
pub(crate) fn count_shows(change: &Change<'_>, number: i64) -> Result<(), Error> {
    change.execute("UPDATE show_total SET total = total + $1", params![number])?;
    Ok(())
}

pub(super) fn counts(session: &Session<'_>) -> Result<Vec<ClaimCount>, Error> {
    let sql = "
        SELECT claim_group, city, CAST (sum(issued) AS BIGINT) AS issued,
            CAST (sum(in_force) AS BIGINT) AS in_force
        FROM claim_counts GROUP BY claim_group, city";
    session.rows(sql, params![], |row| {
        let city: u16 = row.get("city")?;
        Ok(ClaimCount {
            group: group(row.get("claim_group")?).ok_or(Error::Damaged("claim_group"))?,
            city: (city > 0).then_some(city),
            issued: row.get::<i64>("issued")?.unsigned_abs(),
            in_force: row.get::<i64>("in_force")?.unsigned_abs(),
        })
    })
}

pub(super) fn times_shown(session: &Session<'_>) -> Result<u64, Error> {
    let total = session.row("SELECT total FROM show_total", params![], |row| row.get("total"))?;
    Ok(total.map_or(0, i64::unsigned_abs) + shows::on_all_days(session)?)
}

/// As in the table `holders`.
pub(crate) const fn group_code(group: ClaimGroup) -> u8 {
    match group {
        ClaimGroup::Resident => 1,
        ClaimGroup::OtherProvince => 2,
        ClaimGroup::Abroad => 3,
    }
}

fn group(code: u8) -> Option<ClaimGroup> {
    [ClaimGroup::Resident, ClaimGroup::OtherProvince, ClaimGroup::Abroad]
        .into_iter()
        .find(|group| group_code(*group) == code)
}
