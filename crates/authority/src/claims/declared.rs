//! The table `declarations`: what people from other provinces and from abroad declared with
//! their claim.

use jiff::Timestamp;
use yanma_domain::StatusIndex;
use yanma_protocol::Secret;
use yanma_protocol::claims::Origin;

use crate::database::stored::ms;
use crate::database::{Change, Ddl, params};
use crate::error::Error;
use crate::lists::Shard;

pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
CREATE TABLE declarations (
    holder      INTEGER PRIMARY KEY REFERENCES holders (serial),
    -- From another province: six digits of GB/T 2260.
    departure   TEXT,
    household   TEXT,
    -- From abroad: a telephone number, if not the account's own.
    contact     TEXT,
    declared_at INTEGER NOT NULL
) STRICT;
",
    postgres: "
CREATE TABLE declarations (
    holder      BIGINT PRIMARY KEY REFERENCES holders (serial),
    departure   TEXT,
    household   TEXT,
    contact     TEXT,
    declared_at BIGINT NOT NULL
);
",
};

/// Keeps what was declared with a claim; residents declare nothing.
pub(super) fn insert(
    change: &Change<'_>,
    holder: StatusIndex,
    from: &Origin,
    now: Timestamp,
) -> Result<(), Error> {
    let (departure, household, contact) = match from {
        Origin::Resident {} => return Ok(()),
        Origin::OtherProvince { departure, household, home_code: _ } => {
            (Some(departure.as_str()), Some(household.as_str()), None)
        }
        Origin::Abroad { contact } => (None, None, contact.as_ref().map(Secret::reveal)),
    };
    change.execute(
        "INSERT INTO declarations (shard, holder, departure, household, contact, declared_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![Shard::of(holder), holder.0, departure, household, contact, ms(now)],
    )?;
    Ok(())
}
