//! The table `regions`: other issuers, and the keys that they publish.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use yanma_domain::IssuerId;
use yanma_domain::trust::{PublicKey, TrustList, Words};
use yanma_protocol::head::HeadMark;

use crate::database::stored::{instant, ms};
use crate::database::{Change, Ddl, Row, Session, params};
use crate::error::Error;
use crate::homes;

pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
CREATE TABLE regions (
    issuer     INTEGER PRIMARY KEY CHECK (issuer BETWEEN 0 AND 255),
    name_zh    TEXT NOT NULL,
    name_en    TEXT NOT NULL,
    -- Where its feeds are.
    url        TEXT NOT NULL,
    -- The key that signs its trust list, agreed on from person to person.
    root_key   BLOB NOT NULL CHECK (length(root_key) = 32),
    -- Its own part of its trust list, as JSON; NULL before the first was fetched.
    trust      TEXT,
    -- 1 when its codes count no longer.
    removed    INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
    changed_at INTEGER NOT NULL,
    -- Counts the changes of all regions.
    revision   INTEGER NOT NULL UNIQUE
) STRICT;
",
    postgres: "
CREATE TABLE regions (
    issuer     BIGINT PRIMARY KEY CHECK (issuer BETWEEN 0 AND 255),
    name_zh    TEXT NOT NULL,
    name_en    TEXT NOT NULL,
    url        TEXT NOT NULL,
    root_key   BYTEA NOT NULL CHECK (octet_length(root_key) = 32),
    trust      TEXT,
    removed    BIGINT NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
    changed_at BIGINT NOT NULL,
    revision   BIGINT NOT NULL UNIQUE
);
",
};

/// The newest head of each that was taken, so that no older one is taken after a start either.
pub(crate) const HEADS_10: Ddl = Ddl {
    sqlite: "
ALTER TABLE regions ADD COLUMN head_number INTEGER;
-- What to keep of that head, as JSON.
ALTER TABLE regions ADD COLUMN head TEXT;
",
    postgres: "
ALTER TABLE regions ADD COLUMN head_number BIGINT, ADD COLUMN head TEXT;
",
};

/// Another issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RegionRow {
    pub(crate) issuer: IssuerId,
    pub(crate) name: Words,
    pub(crate) url: String,
    pub(crate) root_key: PublicKey,
    pub(crate) trust: Option<TrustList>,
    /// The newest head that any process took, as it was when this row was read.
    pub(crate) head: Option<HeadMark>,
    pub(crate) removed: bool,
    pub(crate) changed_at: Timestamp,
}

impl RegionRow {
    /// Whether this and `other` mean the same issuer, at the same place, by the same key.
    pub(super) fn is_asked_as(&self, other: &Self) -> bool {
        let whom = |row: &Self| (row.issuer, row.root_key);
        whom(self) == whom(other) && self.url == other.url
    }
}

/// How many changes there were; it rises with each.
pub(crate) fn revision(session: &Session<'_>) -> Result<u32, Error> {
    let sql = "SELECT coalesce(max(revision), 0) AS revision FROM regions";
    let revision = session.row(sql, params![], |row| row.get("revision"))?;
    revision.ok_or(Error::Damaged("revision"))
}

/// Every issuer that was ever added, by number.
pub(crate) fn all(session: &Session<'_>) -> Result<Vec<RegionRow>, Error> {
    let sql = "SELECT issuer, name_zh, name_en, url, root_key, trust, head, removed,
             changed_at
         FROM regions ORDER BY issuer";
    session.rows(sql, params![], read)
}

/// Adds an issuer, or changes one; another root key begins with no trust list and
/// no head.
pub(super) fn put(change: &Change<'_>, region: &RegionRow) -> Result<(), Error> {
    change.execute(
        "INSERT INTO regions (issuer, name_zh, name_en, url, root_key, removed, changed_at,
             revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (issuer) DO UPDATE SET name_zh = excluded.name_zh,
             name_en = excluded.name_en, url = excluded.url, removed = excluded.removed,
             trust = CASE WHEN regions.root_key = excluded.root_key THEN regions.trust END,
             head_number = CASE WHEN regions.root_key = excluded.root_key
                 THEN regions.head_number END,
             head = CASE WHEN regions.root_key = excluded.root_key THEN regions.head END,
             root_key = excluded.root_key, changed_at = excluded.changed_at,
             revision = excluded.revision",
        params![
            region.issuer.0,
            region.name.zh,
            region.name.en,
            region.url,
            region.root_key.to_bytes().to_vec(),
            region.removed,
            ms(region.changed_at),
            revision(change)? + 1
        ],
    )?;
    Ok(())
}

/// Keeps a newer trust list of an issuer whose root key is still the one that signed it or led
/// to `root`, which did; that one is known from now on.
pub(super) fn put_trust(
    change: &Change<'_>,
    region: &RegionRow,
    trust: &TrustList,
    root: PublicKey,
    now: Timestamp,
) -> Result<(), Error> {
    let known = all(change)?.into_iter().find(|known| known.issuer == region.issuer);
    let newer = known.is_some_and(|known| {
        let sequence = known.trust.map_or(0, |trust| trust.sequence);
        known.root_key == region.root_key && sequence < trust.sequence
    });
    if !newer {
        return Ok(());
    }
    let text = serde_json::to_string(trust).map_err(|_| Error::Damaged("trust"))?;
    change.execute(
        "UPDATE regions SET trust = $2, changed_at = $3, revision = $4, root_key = $5
         WHERE issuer = $1",
        params![region.issuer.0, text, ms(now), revision(change)? + 1, root.to_bytes().to_vec()],
    )?;
    if root != region.root_key {
        tracing::warn!(issuer = %region.issuer, "a region's root key has introduced another");
    }
    // Whoever could not be asked about with the keys before is asked about with these.
    homes::ask_region_anew(change, region.issuer, now)
}

/// Keeps a newer head of an issuer whose root key is the one that it leads back to.
pub(super) fn put_head(
    change: &Change<'_>,
    issuer: IssuerId,
    root: PublicKey,
    head: &HeadMark,
) -> Result<(), Error> {
    let number = i64::try_from(head.number).map_err(|_| Error::Damaged("head"))?;
    let text = serde_json::to_string(head).map_err(|_| Error::Damaged("head"))?;
    change.execute(
        "UPDATE regions SET head_number = $3, head = $4
         WHERE issuer = $1 AND root_key = $2 AND coalesce(head_number, -1) < $3",
        params![issuer.0, root.to_bytes().to_vec(), number, text],
    )?;
    Ok(())
}

/// What stands in a column as JSON.
fn json<T: DeserializeOwned>(row: &Row<'_>, name: &'static str) -> Result<Option<T>, Error> {
    let text: Option<String> = row.get(name)?;
    let value = text.map(|text| serde_json::from_str(&text).map_err(|_| Error::Damaged(name)));
    value.transpose()
}

fn read(row: &Row<'_>) -> Result<RegionRow, Error> {
    let key: Vec<u8> = row.get("root_key")?;
    let key: [u8; 32] = key.try_into().map_err(|_| Error::Damaged("root_key"))?;
    Ok(RegionRow {
        issuer: IssuerId(row.get("issuer")?),
        name: Words { zh: row.get("name_zh")?, en: row.get("name_en")? },
        url: row.get("url")?,
        root_key: PublicKey::from_bytes(&key).map_err(|_| Error::Damaged("root_key"))?,
        trust: json(row, "trust")?,
        head: json(row, "head")?,
        removed: row.get("removed")?,
        changed_at: instant(row, "changed_at")?,
    })
}
