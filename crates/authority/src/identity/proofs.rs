//! The table `proofs`: how well the person behind an account was identified, beside the match
//! in the register that every account begins with.

use jiff::Timestamp;
use yanma_protocol::accounts::AccountLevel;

use crate::database::stored::ms;
use crate::database::{Change, Ddl, params};
use crate::error::Error;

pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
CREATE TABLE proofs (
    account   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- 2 a code by SMS, 3 a live face; higher is better.
    level     INTEGER NOT NULL CHECK (level IN (2, 3)),
    proven_at INTEGER NOT NULL,
    PRIMARY KEY (account, level)
) STRICT, WITHOUT ROWID;
",
    postgres: "
CREATE TABLE proofs (
    account   BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    level     BIGINT NOT NULL CHECK (level IN (2, 3)),
    proven_at BIGINT NOT NULL,
    PRIMARY KEY (account, level)
);
",
};

/// The best proof of an account, for a question about `accounts`: NULL, 2 or 3.
pub(crate) const BEST: &str =
    "(SELECT max(level) FROM proofs WHERE account = accounts.id) AS proof";

/// Reads what [`BEST`] found.
pub(crate) fn level(proof: Option<u8>) -> Result<AccountLevel, Error> {
    match proof {
        None => Ok(AccountLevel::RegisterMatch),
        Some(2) => Ok(AccountLevel::Sms),
        Some(3) => Ok(AccountLevel::Face),
        Some(_) => Err(Error::Damaged("proof")),
    }
}

/// Keeps a proof; a later one of the same kind replaces it.
pub(super) fn put(
    change: &Change<'_>,
    account: i64,
    level: AccountLevel,
    now: Timestamp,
) -> Result<(), Error> {
    let code: u8 = match level {
        AccountLevel::RegisterMatch => return Ok(()),
        AccountLevel::Sms => 2,
        AccountLevel::Face => 3,
    };
    change.execute(
        "INSERT INTO proofs (account, level, proven_at) VALUES ($1, $2, $3)
         ON CONFLICT (account, level) DO UPDATE SET proven_at = excluded.proven_at",
        params![account, code, ms(now)],
    )?;
    Ok(())
}

/// Forgets the proofs of an account that ends.
pub(crate) fn remove(change: &Change<'_>, account: i64) -> Result<(), Error> {
    change.execute("DELETE FROM proofs WHERE account = $1", params![account])?;
    Ok(())
}
