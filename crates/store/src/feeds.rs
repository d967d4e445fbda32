//! The feeds as last applied: which state, how old, and the thing itself.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Row, Transaction};
use yanma_domain::IssuerId;
use yanma_domain::document::DocumentHash;

use crate::directory::{self, DirectoryOf, DirectoryRow, PackedBase, Replaced};
use crate::values::{Bits64, Micros};
use crate::{Store, StoreError, clock, policies};

mod parts;

pub(crate) use self::parts::V5;

pub(crate) const V1: &str = "
CREATE TABLE feeds (
    issuer   INTEGER NOT NULL,
    feed     TEXT    NOT NULL CHECK (feed IN ('trust', 'policy', 'status', 'directory')),
    epoch    INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    root     BLOB    NOT NULL CHECK (length(root) = 32),
    as_of    INTEGER NOT NULL,
    blob     BLOB    NOT NULL,
    PRIMARY KEY (issuer, feed)
);
-- The newest head ever applied: an older one is refused for ever, also after the feeds
-- themselves were lost.
CREATE TABLE heads (
    issuer    INTEGER NOT NULL PRIMARY KEY,
    number    INTEGER NOT NULL,
    issued_at INTEGER NOT NULL
);
";

/// One of an issuer's four feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeedName {
    /// Who may sign what.
    Trust,
    /// The scenes' rules.
    Policy,
    /// Index → colour.
    Status,
    /// Document → index.
    Directory,
}

impl FeedName {
    /// The name on the wire and in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trust => "trust",
            Self::Policy => "policy",
            Self::Status => "status",
            Self::Directory => "directory",
        }
    }
}

impl fmt::Display for FeedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl ToSql for FeedName {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for FeedName {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        [Self::Trust, Self::Policy, Self::Status, Self::Directory]
            .into_iter()
            .find(|name| name.as_str() == text)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// Which state of a feed is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedState {
    /// Rises when the issuer starts the feed anew.
    pub epoch: u32,
    /// Rises with every change within an epoch.
    pub sequence: u32,
    /// The root hash over the state, as the signed head stated it.
    pub root: [u8; 32],
    /// When the issuer last vouched for this state: the issue time of the head. Age is
    /// counted from here.
    pub as_of: Timestamp,
}

/// A feed as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Which state it is.
    pub state: FeedState,
    /// Trust and policy: the JSON. Status: the cells. Directory: empty, its rows lie
    /// elsewhere.
    pub blob: Vec<u8>,
    /// What has to be done to the blob, in this order, to have the state.
    pub steps: Vec<Vec<u8>>,
}

/// The newest head applied of one issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadMark {
    /// Its number, strictly rising with each head the issuer publishes.
    pub number: u64,
    /// When it was issued.
    pub issued_at: Timestamp,
}

/// What may never be undercut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HighWater {
    /// The newest head applied, by issuer.
    pub heads: BTreeMap<IssuerId, HeadMark>,
    /// The highest time any authority stated.
    pub authority_time: Option<Timestamp>,
}

/// One step of applying feeds; see [`Store::apply_feeds`].
pub enum FeedWrite<'a> {
    /// The head under which the other steps are applied.
    Head {
        /// Whose head.
        issuer: IssuerId,
        /// Its number and time.
        mark: HeadMark,
    },
    /// The head of another issuer than the desk's own: its time is not the time of the desk's
    /// authority.
    RegionHead {
        /// Whose head.
        issuer: IssuerId,
        /// Its number and time.
        mark: HeadMark,
    },
    /// Trust, policy or status in a new state.
    Whole {
        /// Whose feed.
        issuer: IssuerId,
        /// Which feed; not the directory.
        feed: FeedName,
        /// The state it is in now.
        state: FeedState,
        /// The thing itself.
        blob: &'a [u8],
    },
    /// A step to a new state, laid over what is stored.
    Step {
        /// Whose feed.
        issuer: IssuerId,
        /// Which feed; not the directory.
        feed: FeedName,
        /// Epoch and sequence the step starts from.
        from: (u32, u32),
        /// The state after it, of the same epoch.
        state: FeedState,
        /// The step itself.
        step: &'a [u8],
    },
    /// A new head vouches for the stored state: only its age changes. A feed that is not
    /// stored stays so.
    Confirmed {
        /// Whose feed.
        issuer: IssuerId,
        /// Which feed.
        feed: FeedName,
        /// The issue time of the head.
        as_of: Timestamp,
    },
    /// The same of a directory of a city.
    CityConfirmed {
        /// Whose city.
        issuer: IssuerId,
        /// Which city.
        city: u16,
        /// The issue time of the head.
        as_of: Timestamp,
    },
    /// A directory of a city is taken away.
    CityForgotten {
        /// Whose city.
        issuer: IssuerId,
        /// Which city.
        city: u16,
    },
    /// A directory snapshot that was built beside: replaces all rows.
    DirectoryBase {
        /// Which directory.
        of: DirectoryOf,
        /// The state it is in now.
        state: FeedState,
        /// Every row, from [`Store::pack_directory`].
        base: PackedBase,
    },
    /// The same for a few rows: they are gathered, sorted and built while every other write
    /// waits.
    DirectoryWhole {
        /// Whose directory.
        issuer: IssuerId,
        /// The state it is in now.
        state: FeedState,
        /// Every row, in any order; of several with one hash the last counts.
        rows: Box<dyn Iterator<Item = DirectoryRow> + 'a>,
    },
    /// A directory delta.
    DirectoryChange {
        /// Which directory.
        of: DirectoryOf,
        /// Epoch and sequence the delta starts from.
        from: (u32, u32),
        /// The state after it.
        state: FeedState,
        /// Rows that are new or point elsewhere now.
        added: &'a [DirectoryRow],
        /// Documents that are gone.
        removed: &'a [DocumentHash],
    },
    /// A setting that belongs to the new state, in the place of the one that is there; without
    /// one nothing is set.
    Setting {
        /// Its key.
        key: &'a str,
        /// Its value, as JSON.
        value: &'a str,
    },
    /// A policy version to keep for replay.
    Policy {
        /// The policy's id.
        id: &'a str,
        /// Its version.
        version: u32,
        /// Its body.
        body: &'a [u8],
    },
}

impl Store {
    /// Applies all `writes`, in their order and in one transaction: any reader sees the
    /// state before all of them or after all of them, also after a power cut.
    ///
    /// Signatures, hashes and roots are the caller's to verify. This is the last guard
    /// against going back: a head may not undercut the newest one, a delta must start at the
    /// stored state.
    ///
    /// # Errors
    ///
    /// [`StoreError::RolledBack`], [`StoreError::FeedGap`], or as any write; nothing was
    /// applied then.
    pub fn apply_feeds<'a>(
        &self,
        writes: impl IntoIterator<Item = FeedWrite<'a>>,
    ) -> Result<(), StoreError> {
        let (mut bases, mut replaced) = (Vec::new(), Replaced::default());
        self.write(|db| {
            let mut each = writes.into_iter();
            each.try_for_each(|write| self.apply(db, write, &mut bases, &mut replaced))
        })?;
        bases.into_iter().for_each(PackedBase::keep);
        self.tidy_after(&replaced);
        Ok(())
    }

    /// The state of every stored feed, by issuer; reads none of the blobs.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn feed_states(&self) -> Result<Vec<(IssuerId, FeedName, FeedState)>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(
                "SELECT issuer, feed, epoch, sequence, root, as_of FROM feeds ORDER BY issuer, feed",
            )?;
            let found = read
                .query_map([], |row| Ok((IssuerId(row.get(0)?), row.get(1)?, state_at(row, 2)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// One feed with its blob, or `None` when none was applied yet.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn feed(&self, issuer: IssuerId, feed: FeedName) -> Result<Option<Feed>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(
                "SELECT epoch, sequence, root, as_of FROM feeds WHERE issuer = ?1 AND feed = ?2",
            )?;
            let found = read.query_row((issuer.0, feed), |row| state_at(row, 0)).optional()?;
            let Some(state) = found else { return Ok(None) };
            let (blob, steps) = parts::of(db, issuer, feed)?;
            Ok(Some(Feed { state, blob, steps }))
        })
    }

    /// The newest heads and the highest authority time ever applied.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn high_water(&self) -> Result<HighWater, StoreError> {
        let heads = self.read(|db| {
            let mut read = db.prepare_cached("SELECT issuer, number, issued_at FROM heads")?;
            let found = read.query_map([], |row| Ok((IssuerId(row.get(0)?), mark_at(row, 1)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })?;
        Ok(HighWater { heads, authority_time: self.clock()?.authority })
    }

    fn apply(
        &self,
        db: &Transaction<'_>,
        write: FeedWrite<'_>,
        bases: &mut Vec<PackedBase>,
        replaced: &mut Replaced,
    ) -> Result<(), StoreError> {
        match write {
            FeedWrite::Head { issuer, mark } => {
                raise_head(db, issuer, mark)?;
                clock::raise(db, "authority", mark.issued_at)
            }
            FeedWrite::RegionHead { issuer, mark } => raise_head(db, issuer, mark),
            FeedWrite::Whole { issuer, feed, state, blob } => {
                put_state(db, issuer, feed, state)?;
                parts::put(db, issuer, feed, blob)
            }
            FeedWrite::Step { issuer, feed, from, state, step } => {
                must_start_from(db, issuer, feed, from)?;
                put_state(db, issuer, feed, state)?;
                parts::lay(db, issuer, feed, step)
            }
            FeedWrite::Confirmed { issuer, feed, as_of } => {
                db.prepare_cached(
                    "UPDATE feeds SET as_of = max(as_of, ?3) WHERE issuer = ?1 AND feed = ?2",
                )?
                .execute((issuer.0, feed, Micros(as_of)))?;
                Ok(())
            }
            FeedWrite::CityConfirmed { issuer, city, as_of } => {
                db.prepare_cached(
                    "UPDATE city_feeds SET as_of = max(as_of, ?3) WHERE issuer = ?1 AND city = ?2",
                )?
                .execute((issuer.0, city, Micros(as_of)))?;
                Ok(())
            }
            FeedWrite::CityForgotten { issuer, city } => {
                directory::forget(db, DirectoryOf { issuer, city: Some(city) }, replaced)
            }
            FeedWrite::DirectoryBase { of, state, base } => {
                directory::put_base(db, of, &base, replaced)?;
                bases.push(base);
                put_directory_state(db, of, state)
            }
            FeedWrite::DirectoryWhole { issuer, state, rows } => {
                let rows: BTreeMap<u64, DirectoryRow> =
                    rows.map(|row| (row.hash.as_u64(), row)).collect();
                let base = self.pack_directory(|packer| {
                    rows.into_values().try_for_each(|row| packer.push(row))
                })?;
                let of = issuer.into();
                self.apply(db, FeedWrite::DirectoryBase { of, state, base }, bases, replaced)
            }
            FeedWrite::DirectoryChange { of, from, state, added, removed } => {
                let stored = directory::state_of(db, of)?;
                if stored.map(|state| (state.epoch, state.sequence)) != Some(from) {
                    let (issuer, feed) = (of.issuer, FeedName::Directory);
                    return Err(StoreError::FeedGap { issuer, feed });
                }
                directory::apply(db, of, added, removed)?;
                put_directory_state(db, of, state)
            }
            FeedWrite::Setting { key, value } => {
                db.prepare_cached("UPDATE settings SET value = ?2 WHERE key = ?1")?
                    .execute([key, value])?;
                Ok(())
            }
            FeedWrite::Policy { id, version, body } => {
                policies::keep(db, id, version, body).map(|_is_new| ())
            }
        }
    }
}

fn raise_head(db: &Transaction<'_>, issuer: IssuerId, mark: HeadMark) -> Result<(), StoreError> {
    let applied = db
        .prepare_cached("SELECT number, issued_at FROM heads WHERE issuer = ?1")?
        .query_row([issuer.0], |row| mark_at(row, 0))
        .optional()?;
    if let Some(applied) = applied {
        let (offered, applied_at) = (mark.number, applied.issued_at.as_microsecond());
        if offered < applied.number {
            return Err(StoreError::RolledBack { issuer, offered, applied: applied.number });
        }
        if mark.issued_at.as_microsecond() < applied_at {
            age_before(db, issuer, mark.issued_at)?;
        }
    }
    db.prepare_cached(
        "INSERT OR REPLACE INTO heads (issuer, number, issued_at) VALUES (?1, ?2, ?3)",
    )?
    .execute((issuer.0, Bits64(mark.number), Micros(mark.issued_at)))?;
    Ok(())
}

/// The issuer's clock was ahead and was put right: what it vouched for until then is older than
/// `instant`, whatever it said.
fn age_before(
    db: &Transaction<'_>,
    issuer: IssuerId,
    instant: Timestamp,
) -> Result<(), StoreError> {
    for table in ["feeds", "city_feeds"] {
        let sql = format!("UPDATE {table} SET as_of = min(as_of, ?2 - 1) WHERE issuer = ?1");
        db.execute(&sql, (issuer.0, Micros(instant)))?;
    }
    Ok(())
}

/// Refuses what does not start at the stored state.
fn must_start_from(
    db: &Transaction<'_>,
    issuer: IssuerId,
    feed: FeedName,
    from: (u32, u32),
) -> Result<(), StoreError> {
    let stored: Option<(u32, u32)> = db
        .prepare_cached("SELECT epoch, sequence FROM feeds WHERE issuer = ?1 AND feed = ?2")?
        .query_row((issuer.0, feed), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if stored == Some(from) { Ok(()) } else { Err(StoreError::FeedGap { issuer, feed }) }
}

fn put_state(
    db: &Transaction<'_>,
    issuer: IssuerId,
    feed: FeedName,
    state: FeedState,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO feeds (issuer, feed, epoch, sequence, root, as_of)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (issuer, feed) DO UPDATE SET epoch = excluded.epoch,
             sequence = excluded.sequence, root = excluded.root, as_of = excluded.as_of",
    )?
    .execute((
        issuer.0,
        feed,
        state.epoch,
        state.sequence,
        state.root,
        Micros(state.as_of),
    ))?;
    Ok(())
}

fn put_directory_state(
    db: &Transaction<'_>,
    of: DirectoryOf,
    state: FeedState,
) -> Result<(), StoreError> {
    match of.city {
        None => put_state(db, of.issuer, FeedName::Directory, state),
        Some(city) => directory::put_city_state(db, (of.issuer, city), state),
    }
}

pub(crate) fn state_at(row: &Row<'_>, first: usize) -> rusqlite::Result<FeedState> {
    Ok(FeedState {
        epoch: row.get(first)?,
        sequence: row.get(first + 1)?,
        root: row.get(first + 2)?,
        as_of: row.get(first + 3).map(|Micros(at)| at)?,
    })
}

fn mark_at(row: &Row<'_>, first: usize) -> rusqlite::Result<HeadMark> {
    Ok(HeadMark {
        number: row.get(first).map(|Bits64(number)| number)?,
        issued_at: row.get(first + 1).map(|Micros(at)| at)?,
    })
}

#[cfg(test)]
mod tests;
