//! The table `published`, one row: the number of the last head that went out.
//!
//! The folder of published files may be put back from an old copy, or be tampered with; the
//! database then knows better how far desks have come.

use rusqlite::{Connection, Savepoint};

use crate::error::Error;

pub(crate) const TABLE_2: &str = "
CREATE TABLE published (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    head_number INTEGER NOT NULL
) STRICT;
INSERT INTO published VALUES (1, 0);
";

/// The number of the last head that went out; 0 when none did.
pub(super) fn head_number(connection: &Connection) -> Result<u64, Error> {
    let number: i64 = connection
        .prepare_cached("SELECT head_number FROM published")?
        .query_row([], |row| row.get(0))?;
    Ok(number.unsigned_abs())
}

/// Keeps the number of a head that went out.
pub(super) fn set_head_number(change: &Savepoint<'_>, number: u64) -> Result<(), Error> {
    let number = i64::try_from(number).map_err(|_| Error::Damaged("head number"))?;
    change
        .prepare_cached("UPDATE published SET head_number = max(head_number, ?1)")?
        .execute([number])?;
    Ok(())
}
