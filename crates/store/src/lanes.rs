//! What other desks of the site said last, each a lane of one place (通道).

use jiff::Timestamp;

use crate::values::Micros;
use crate::{Store, StoreError};

pub(crate) const V10: &str = "
CREATE TABLE lanes (
    -- the station, as the authority names it
    id       TEXT    NOT NULL PRIMARY KEY,
    name     TEXT    NOT NULL,
    heard_at INTEGER NOT NULL,
    -- keyed hashes and instants, as the station crate writes them
    state    BLOB    NOT NULL
);
";

/// Another desk, and what it said last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneRow {
    /// The station, as the authority names it.
    pub id: String,
    /// What the people at the site call it.
    pub name: String,
    /// When it was heard last, by this desk's clock.
    pub heard_at: Timestamp,
    /// What it said.
    pub state: Vec<u8>,
}

impl Store {
    /// Keeps what another desk said, in the place of what it had said before.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn put_lane(&self, lane: &LaneRow) -> Result<(), StoreError> {
        self.write(|db| {
            db.execute(
                "INSERT OR REPLACE INTO lanes (id, name, heard_at, state) VALUES (?1, ?2, ?3, ?4)",
                (&lane.id, &lane.name, Micros(lane.heard_at), &lane.state),
            )?;
            Ok(())
        })
    }

    /// Every desk that was heard, by its name.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn lanes(&self) -> Result<Vec<LaneRow>, StoreError> {
        self.read(|db| {
            let mut read =
                db.prepare_cached("SELECT id, name, heard_at, state FROM lanes ORDER BY name, id")?;
            let found = read.query_map([], |row| {
                Ok(LaneRow {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    heard_at: row.get(2).map(|Micros(at)| at)?,
                    state: row.get(3)?,
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Forgets the desks that were last heard before `before`.
    ///
    /// # Errors
    ///
    /// As any write.
    pub fn forget_lanes(&self, before: Timestamp) -> Result<(), StoreError> {
        self.write(|db| {
            db.execute("DELETE FROM lanes WHERE heard_at < ?1", [Micros(before)])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, fresh, reopen};

    #[test]
    fn what_a_lane_said_last_is_kept_until_it_is_forgotten() {
        let (folder, store) = fresh();
        let lane = |id: &str, heard: u64, state: &[u8]| LaneRow {
            id: id.to_owned(),
            name: format!("Lane {id}"),
            heard_at: at(heard),
            state: state.to_vec(),
        };
        store.put_lane(&lane("b", 1, b"one")).unwrap();
        store.put_lane(&lane("a", 2, b"two")).unwrap();
        store.put_lane(&lane("b", 3, b"three")).unwrap();
        drop(store);
        let store = reopen(&folder);
        assert_eq!(store.lanes().unwrap(), [lane("a", 2, b"two"), lane("b", 3, b"three")]);
        store.forget_lanes(at(3)).unwrap();
        assert_eq!(store.lanes().unwrap(), [lane("b", 3, b"three")]);
    }
}
