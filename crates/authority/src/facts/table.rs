//! The table `facts`: append-only.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, Savepoint, params};
use uuid::Uuid;
use yanma_domain::document::DocumentNumber;
use yanma_protocol::facts::FactKind;

use crate::colour::Fact;
use crate::database::stored::{damaged, document, instant, ms};
use crate::error::Error;

pub(crate) const TABLE_1: &str = "
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
";

pub(super) fn insert(
    change: &Savepoint<'_>,
    id: Uuid,
    document: &DocumentNumber,
    fact: &Fact,
    reporter: i64,
    now: Timestamp,
) -> Result<(), Error> {
    change
        .prepare_cached(
            "INSERT INTO facts (id, document_type, number, kind, occurred_at, received_at, reporter)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            id.as_bytes(),
            document.document_type().code(),
            document.reveal(),
            fact.kind.as_str(),
            ms(fact.occurred_at),
            ms(now),
            reporter
        ])?;
    Ok(())
}

pub(super) fn find(
    connection: &Connection,
    id: Uuid,
) -> Result<Option<(DocumentNumber, Fact)>, Error> {
    let mut question = connection.prepare_cached(
        "SELECT document_type, number, kind, occurred_at FROM facts WHERE id = ?1",
    )?;
    let found = question.query_row([id.as_bytes()], |row| Ok((document(row)?, read(row)?)));
    Ok(found.optional()?)
}

pub(super) fn about(
    connection: &Connection,
    document: &DocumentNumber,
) -> Result<Vec<Fact>, Error> {
    let mut question = connection.prepare_cached(
        "SELECT kind, occurred_at FROM facts
         WHERE document_type = ?1 AND number = ?2 ORDER BY occurred_at, id",
    )?;
    let key = params![document.document_type().code(), document.reveal()];
    let rows = question.query_map(key, read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Fact> {
    let kind: String = row.get("kind")?;
    Ok(Fact {
        kind: FactKind::from_name(&kind).ok_or_else(|| damaged(Type::Text))?,
        occurred_at: instant(row, "occurred_at")?,
    })
}
