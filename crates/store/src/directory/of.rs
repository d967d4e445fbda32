//! Which directory: the whole one of an issuer, or that of one of its cities.

use std::fmt;

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Transaction};
use yanma_domain::IssuerId;

use crate::feeds::state_at;
use crate::values::Micros;
use crate::{FeedState, Store, StoreError};

/// Beside the whole directory of an issuer there may be those of its cities, each with a base,
/// an overlay and a state of its own. A file of before has the whole one alone.
pub(crate) const V11: &str = "
CREATE TABLE bases_11 (
    number INTEGER NOT NULL PRIMARY KEY,
    issuer INTEGER NOT NULL,
    -- the first four digits of GB/T 2260, 0 for whoever is in no city; -1 for the whole directory
    city   INTEGER NOT NULL,
    packed INTEGER NOT NULL,
    rows   INTEGER NOT NULL,
    laid   INTEGER NOT NULL,
    form   INTEGER NOT NULL,
    UNIQUE (issuer, city)
);
INSERT INTO bases_11 SELECT number, issuer, -1, packed, rows, laid, form FROM bases;
DROP TABLE bases;
ALTER TABLE bases_11 RENAME TO bases;
-- As the row of the whole directory in feeds.
CREATE TABLE city_feeds (
    issuer   INTEGER NOT NULL,
    city     INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    root     BLOB    NOT NULL CHECK (length(root) = 32),
    as_of    INTEGER NOT NULL,
    PRIMARY KEY (issuer, city)
);
";

/// The whole directory of an issuer, or that of one of its cities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DirectoryOf {
    /// Whose directory.
    pub issuer: IssuerId,
    /// Of which city, by the first four digits of GB/T 2260; 0 for whoever is in none. `None` for
    /// the whole directory.
    pub city: Option<u16>,
}

impl From<IssuerId> for DirectoryOf {
    fn from(issuer: IssuerId) -> Self {
        Self { issuer, city: None }
    }
}

impl fmt::Display for DirectoryOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "issuer {}", self.issuer)?;
        self.city.map_or(Ok(()), |city| write!(f, ", city {city}"))
    }
}

/// The column `city` of the table `bases`.
pub(super) struct CityColumn(pub(super) Option<u16>);

impl ToSql for CityColumn {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.map_or(-1, i64::from).into())
    }
}

impl FromSql for CityColumn {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(u16::try_from(value.as_i64()?).ok()))
    }
}

impl Store {
    /// The state of every directory of a city that is stored, by rising city.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn city_states(&self, issuer: IssuerId) -> Result<Vec<(u16, FeedState)>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(
                "SELECT city, epoch, sequence, root, as_of FROM city_feeds
                 WHERE issuer = ?1 ORDER BY city",
            )?;
            let found = read.query_map([issuer.0], |row| Ok((row.get(0)?, state_at(row, 1)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// The state of a directory; `None` when there is none.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn directory_state(
        &self,
        of: impl Into<DirectoryOf>,
    ) -> Result<Option<FeedState>, StoreError> {
        let of = of.into();
        self.read(|db| state_of(db, of))
    }
}

pub(crate) fn state_of(
    db: &Connection,
    DirectoryOf { issuer, city }: DirectoryOf,
) -> Result<Option<FeedState>, StoreError> {
    let found = match city {
        None => db
            .prepare_cached(
                "SELECT epoch, sequence, root, as_of FROM feeds
                 WHERE issuer = ?1 AND feed = 'directory'",
            )?
            .query_row([issuer.0], |row| state_at(row, 0)),
        Some(city) => db
            .prepare_cached(
                "SELECT epoch, sequence, root, as_of FROM city_feeds
                 WHERE issuer = ?1 AND city = ?2",
            )?
            .query_row((issuer.0, city), |row| state_at(row, 0)),
    };
    Ok(found.optional()?)
}

pub(crate) fn put_city_state(
    db: &Transaction<'_>,
    (issuer, city): (IssuerId, u16),
    state: FeedState,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO city_feeds (issuer, city, epoch, sequence, root, as_of)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        issuer.0,
        city,
        state.epoch,
        state.sequence,
        state.root,
        Micros(state.as_of),
    ))?;
    Ok(())
}
