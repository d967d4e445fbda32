//! The table `papers`: the codes on papers, as they were signed.

use yanma_domain::StatusIndex;
use yanma_domain::code::DecodedCode;

use crate::database::{Change, Ddl, Session, params};
use crate::error::Error;
use crate::lists::Shard;

/// A code is kept because it cannot be signed again: its key may have been rotated since.
/// Papers from before this step have no row.
pub(crate) const TABLE_11: Ddl = Ddl {
    sqlite: "
CREATE TABLE papers (
    shard  INTEGER NOT NULL CHECK (shard = (holder & 63)),
    -- The status index of the paper.
    holder INTEGER NOT NULL,
    -- Body and signature (docs/health-code.md).
    code   BLOB NOT NULL,
    PRIMARY KEY (holder, shard)
) STRICT, WITHOUT ROWID;
",
    postgres: "
CREATE TABLE papers (
    shard  BIGINT NOT NULL CHECK (shard = (holder & 63)),
    holder BIGINT NOT NULL,
    code   BYTEA NOT NULL,
    PRIMARY KEY (holder, shard)
);
",
};

pub(super) fn insert(
    change: &Change<'_>,
    holder: StatusIndex,
    code: &DecodedCode,
) -> Result<(), Error> {
    change.execute(
        "INSERT INTO papers (shard, holder, code) VALUES ($1, $2, $3)",
        params![Shard::of(holder), holder.0, code.bytes().to_vec()],
    )?;
    Ok(())
}

pub(super) fn find(
    session: &Session<'_>,
    holder: StatusIndex,
) -> Result<Option<DecodedCode>, Error> {
    let sql = "SELECT code FROM papers WHERE holder = $1 AND shard = $2";
    let code: Option<Vec<u8>> =
        session.row(sql, params![holder.0, Shard::of(holder)], |row| row.get("code"))?;
    code.map(|code| DecodedCode::from_bytes(&code).map_err(|_| Error::Damaged("papers")))
        .transpose()
}
