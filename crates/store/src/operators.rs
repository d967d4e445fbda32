//! The people who may work at this desk. Pins and badges are digests here; what a role may do
//! is not this crate's business.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};

use crate::values::Micros;
use crate::{Store, StoreError};

pub(crate) const V2: &str = "
CREATE TABLE operators (
    id       TEXT    NOT NULL PRIMARY KEY,
    name     TEXT    NOT NULL,
    role     TEXT    NOT NULL,
    -- a password hash in the PHC string format
    pin      TEXT    NOT NULL,
    badge    BLOB    UNIQUE CHECK (length(badge) = 32),
    wrong    INTEGER NOT NULL DEFAULT 0,
    wrong_at INTEGER,
    retired  INTEGER NOT NULL DEFAULT 0
);
";

/// Somebody who may work at this desk.
#[derive(Clone, PartialEq, Eq)]
pub struct OperatorRow {
    /// The name for programs and in entries.
    pub id: String,
    /// The name on screen.
    pub name: String,
    /// `operator`, `supervisor` or `administrator`.
    pub role: String,
    /// A password hash in the PHC string format.
    pub pin: String,
    /// The digest of the badge, if there is one.
    pub badge: Option<[u8; 32]>,
    /// Wrong pins in a row.
    pub wrong: u32,
    /// When the last of them was.
    pub wrong_at: Option<Timestamp>,
    /// Whether they may not sign in any more.
    pub retired: bool,
}

/// Shows neither the pin's hash nor the name.
impl std::fmt::Debug for OperatorRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OperatorRow")
            .field("id", &self.id)
            .field("role", &self.role)
            .field("wrong", &self.wrong)
            .field("retired", &self.retired)
            .finish_non_exhaustive()
    }
}

const SELECT: &str = "SELECT id, name, role, pin, badge, wrong, wrong_at, retired FROM operators";

impl Store {
    /// Adds somebody, or replaces what is kept of them.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadgeTaken`] when the badge is somebody else's; else as any write.
    pub fn put_operator(&self, row: &OperatorRow) -> Result<(), StoreError> {
        self.write(|db| {
            let taken: bool = db.query_row(
                "SELECT EXISTS (SELECT 1 FROM operators WHERE badge = ?1 AND id <> ?2)",
                (row.badge, &row.id),
                |row| row.get(0),
            )?;
            if taken {
                return Err(StoreError::BadgeTaken);
            }
            db.execute(
                "INSERT INTO operators (id, name, role, pin, badge, wrong, wrong_at, retired)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role,
                     pin = excluded.pin, badge = excluded.badge, wrong = excluded.wrong,
                     wrong_at = excluded.wrong_at, retired = excluded.retired",
                (
                    &row.id,
                    &row.name,
                    &row.role,
                    &row.pin,
                    row.badge,
                    row.wrong,
                    row.wrong_at.map(Micros),
                    row.retired,
                ),
            )?;
            Ok(())
        })
    }

    /// Everybody, by their name for programs.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn operators(&self) -> Result<Vec<OperatorRow>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(&format!("{SELECT} ORDER BY id"))?;
            Ok(read.query_map([], from_row)?.collect::<Result<_, _>>()?)
        })
    }

    /// The one of this name.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn operator(&self, id: &str) -> Result<Option<OperatorRow>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?;
            Ok(read.query_row([id], from_row).optional()?)
        })
    }

    /// The one with this badge.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn operator_of_badge(&self, badge: &[u8; 32]) -> Result<Option<OperatorRow>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(&format!("{SELECT} WHERE badge = ?1"))?;
            Ok(read.query_row([badge], from_row).optional()?)
        })
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<OperatorRow> {
    Ok(OperatorRow {
        id: row.get(0)?,
        name: row.get(1)?,
        role: row.get(2)?,
        pin: row.get(3)?,
        badge: row.get(4)?,
        wrong: row.get(5)?,
        wrong_at: row.get::<_, Option<Micros>>(6)?.map(|Micros(at)| at),
        retired: row.get(7)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, fresh};

    fn operator(id: &str, badge: u8) -> OperatorRow {
        OperatorRow {
            id: id.to_owned(),
            name: format!("王{id}"),
            role: "operator".to_owned(),
            pin: "$argon2id$…".to_owned(),
            badge: Some([badge; 32]),
            wrong: 0,
            wrong_at: None,
            retired: false,
        }
    }

    #[test]
    fn an_operator_is_kept_changed_and_found_by_badge() {
        let (_folder, store) = fresh();
        assert_eq!(store.operators().unwrap(), []);
        let first = operator("a-1", 1);
        store.put_operator(&first).unwrap();
        let changed = OperatorRow { wrong: 3, wrong_at: Some(at(5)), retired: true, ..first };
        store.put_operator(&changed).unwrap();
        store.put_operator(&operator("a-2", 2)).unwrap();
        assert_eq!(store.operators().unwrap(), [changed.clone(), operator("a-2", 2)]);
        assert_eq!(store.operator("a-1").unwrap(), Some(changed.clone()));
        assert_eq!(store.operator("a-3").unwrap(), None);
        assert_eq!(store.operator_of_badge(&[1; 32]).unwrap(), Some(changed));
        assert_eq!(store.operator_of_badge(&[3; 32]).unwrap(), None);
    }

    #[test]
    fn a_badge_is_one_persons() {
        let (_folder, store) = fresh();
        store.put_operator(&operator("a-1", 1)).unwrap();
        let taken = store.put_operator(&operator("a-2", 1));
        assert!(matches!(taken, Err(StoreError::BadgeTaken)), "{taken:?}");
        assert_eq!(store.operators().unwrap().len(), 1);
        let none = |id: &str| OperatorRow { badge: None, ..operator(id, 0) };
        store.put_operator(&none("a-3")).unwrap();
        store.put_operator(&none("a-4")).expect("no badge is nobody's badge");
    }

    #[test]
    fn debug_shows_no_name_and_no_pin() {
        let shown = format!("{:?}", operator("a-1", 1));
        assert!(!shown.contains('王') && !shown.contains("argon2"), "{shown}");
    }
}
