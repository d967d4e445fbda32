//! The table `facts`: append-only.

use jiff::Timestamp;
use uuid::Uuid;
use yanma_domain::document::DocumentNumber;
use yanma_protocol::facts::FactKind;

use crate::colour::Fact;
use crate::database::stored::{document, instant, ms};
use crate::database::{Change, Ddl, Row, Session, params};
use crate::error::Error;

pub(crate) const TABLE_1: Ddl = Ddl {
    sqlite: "
CREATE TABLE facts (
    -- Made by the reporter; sent twice it counts once.
    id            BLOB PRIMARY KEY CHECK (length(id) = 16),
    -- Of anybody, in the register or not.
    document_type INTEGER NOT NULL CHECK (document_type BETWEEN 1 AND 15),
    number        TEXT NOT NULL,
    kind          TEXT NOT NULL,
    occurred_at   INTEGER NOT NULL,
    received_at   INTEGER NOT NULL,
    reporter      INTEGER NOT NULL REFERENCES clerks (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX facts_by_document ON facts (document_type, number, occurred_at);
",
    postgres: "
CREATE TABLE facts (
    id            BYTEA PRIMARY KEY CHECK (octet_length(id) = 16),
    document_type BIGINT NOT NULL CHECK (document_type BETWEEN 1 AND 15),
    number        TEXT NOT NULL,
    kind          TEXT NOT NULL,
    occurred_at   BIGINT NOT NULL,
    received_at   BIGINT NOT NULL,
    reporter      BIGINT NOT NULL REFERENCES clerks (id)
);
CREATE INDEX facts_by_document ON facts (document_type, number, occurred_at);
",
};

pub(super) fn insert(
    change: &Change<'_>,
    id: Uuid,
    document: &DocumentNumber,
    fact: &Fact,
    reporter: i64,
    now: Timestamp,
) -> Result<(), Error> {
    change.execute(
        "INSERT INTO facts (id, document_type, number, kind, occurred_at, received_at, reporter)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            id,
            document.document_type().code(),
            document.reveal(),
            fact.kind.as_str(),
            ms(fact.occurred_at),
            ms(now),
            reporter
        ],
    )?;
    Ok(())
}

pub(super) fn find(
    session: &Session<'_>,
    id: Uuid,
) -> Result<Option<(DocumentNumber, Fact)>, Error> {
    session.row(
        "SELECT document_type, number, kind, occurred_at FROM facts WHERE id = $1",
        params![id],
        |row| Ok((document(row)?, read(row)?)),
    )
}

pub(super) fn about(session: &Session<'_>, document: &DocumentNumber) -> Result<Vec<Fact>, Error> {
    session.rows(
        "SELECT kind, occurred_at FROM facts
         WHERE document_type = $1 AND number = $2 ORDER BY occurred_at, id",
        params![document.document_type().code(), document.reveal()],
        read,
    )
}

fn read(row: &Row<'_>) -> Result<Fact, Error> {
    let kind: String = row.get("kind")?;
    Ok(Fact {
        kind: FactKind::from_name(&kind).ok_or(Error::Damaged("kind"))?,
        occurred_at: instant(row, "occurred_at")?,
    })
}
