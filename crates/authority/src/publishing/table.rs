//! The table `published`, one row: the number of the last head that went out.
//!
//! The folder of published files may be put back from an old copy, or be tampered with; the
//! database then knows better how far desks have come.

use crate::database::{Change, Ddl, Session, params};
use crate::error::Error;

pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
CREATE TABLE published (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    head_number INTEGER NOT NULL
) STRICT;
INSERT INTO published VALUES (1, 0);
",
    postgres: "
CREATE TABLE published (
    id          BIGINT PRIMARY KEY CHECK (id = 1),
    head_number BIGINT NOT NULL
);
INSERT INTO published VALUES (1, 0);
",
};

/// The number of the last head that went out; 0 when none did.
pub(super) fn head_number(session: &Session<'_>) -> Result<u64, Error> {
    let number = session
        .row("SELECT head_number FROM published", params![], |row| row.get::<i64>("head_number"))?;
    Ok(number.ok_or(Error::Damaged("published"))?.unsigned_abs())
}

/// Keeps the number of a head that went out.
pub(super) fn set_head_number(change: &Change<'_>, number: u64) -> Result<(), Error> {
    let number = i64::try_from(number).map_err(|_| Error::Damaged("head number"))?;
    change
        .execute("UPDATE published SET head_number = $1 WHERE head_number < $1", params![number])?;
    Ok(())
}
