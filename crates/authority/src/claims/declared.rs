//! The table `declarations`: what people from other provinces and from abroad declared with
//! their claim.

use jiff::Timestamp;
use yanma_domain::StatusIndex;
use yanma_protocol::Secret;
use yanma_protocol::claims::{ClaimGroup, Origin};

use crate::database::stored::ms;
use crate::database::{Change, Ddl, Session, params};
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

/// What was declared with the last claim of a code, which was in this group; `None` when it is
/// not on file.
pub(crate) fn find(
    session: &Session<'_>,
    holder: StatusIndex,
    group: ClaimGroup,
) -> Result<Option<Origin>, Error> {
    if group == ClaimGroup::Resident {
        return Ok(Some(Origin::Resident {}));
    }
    let sql = "SELECT departure, household, contact FROM declarations
         WHERE holder = $1 AND shard = $2";
    session.row(sql, params![holder.0, Shard::of(holder)], |row| {
        if group == ClaimGroup::Abroad {
            let contact: Option<String> = row.get("contact")?;
            return Ok(Origin::Abroad { contact: contact.map(Secret::new) });
        }
        let (departure, household) = (row.get("departure")?, row.get("household")?);
        Ok(Origin::OtherProvince { departure, household, home_code: None })
    })
}

/// Keeps what is declared with a claim in the place of what was; residents declare nothing.
pub(super) fn put(
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
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (holder, shard) DO UPDATE SET departure = excluded.departure,
             household = excluded.household, contact = excluded.contact,
             declared_at = excluded.declared_at",
        params![Shard::of(holder), holder.0, departure, household, contact, ms(now)],
    )?;
    Ok(())
}

/// Forgets what was declared: the person lives here.
pub(super) fn remove(change: &Change<'_>, holder: StatusIndex) -> Result<(), Error> {
    let sql = "DELETE FROM declarations WHERE holder = $1 AND shard = $2";
    change.execute(sql, params![holder.0, Shard::of(holder)])?;
    Ok(())
}
