//! The table `facts`: append-only.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use uuid::Uuid;
use yanma_domain::document::DocumentNumber;
use yanma_protocol::facts::FactKind;

use crate::colour::{Fact, KnownFact};
use crate::database::stored::{document, instant, instant_or_none, ms};
use crate::database::{Change, Ddl, Row, Session, Value, params};
use crate::error::Error;
use crate::lists::issuing::ShardKey;

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

/// Notes, and retractions: a fact that one of these names counts no more.
pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
ALTER TABLE facts ADD COLUMN detail TEXT;
ALTER TABLE facts ADD COLUMN retracts BLOB CHECK (length(retracts) = 16);
CREATE UNIQUE INDEX facts_retracted ON facts (retracts) WHERE retracts IS NOT NULL;
",
    postgres: "
ALTER TABLE facts
    ADD COLUMN detail TEXT,
    ADD COLUMN retracts BYTEA CHECK (octet_length(retracts) = 16);
CREATE UNIQUE INDEX facts_retracted ON facts (retracts) WHERE retracts IS NOT NULL;
",
};

/// By shard of the document. Those that are there are given their shards by
/// [`give_shards`].
pub(crate) const TABLE_7: Ddl = Ddl {
    sqlite: "
CREATE TABLE facts_by_shard (
    -- Of the document.
    shard         INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 63),
    -- Made by the reporter; sent twice it counts once.
    id            BLOB NOT NULL CHECK (length(id) = 16),
    -- Of anybody, in the register or not.
    document_type INTEGER NOT NULL CHECK (document_type BETWEEN 1 AND 15),
    number        TEXT NOT NULL,
    kind          TEXT NOT NULL,
    occurred_at   INTEGER NOT NULL,
    received_at   INTEGER NOT NULL,
    reporter      INTEGER NOT NULL REFERENCES clerks (id),
    detail        TEXT,
    retracts      BLOB CHECK (length(retracts) = 16),
    ends_at       INTEGER,
    PRIMARY KEY (id, shard)
) STRICT, WITHOUT ROWID;
INSERT INTO facts_by_shard
    SELECT 0, id, document_type, number, kind, occurred_at, received_at, reporter, detail,
        retracts, ends_at
    FROM facts;
DROP TABLE facts;
ALTER TABLE facts_by_shard RENAME TO facts;
CREATE INDEX facts_by_document ON facts (document_type, number, occurred_at);
CREATE UNIQUE INDEX facts_retracted ON facts (retracts, shard) WHERE retracts IS NOT NULL;
",
    postgres: "
ALTER TABLE facts
    DROP CONSTRAINT facts_pkey,
    DROP CONSTRAINT facts_reporter_fkey,
    ADD COLUMN shard BIGINT NOT NULL DEFAULT 0 CHECK (shard BETWEEN 0 AND 63);
ALTER TABLE facts ALTER COLUMN shard DROP DEFAULT, ADD PRIMARY KEY (id, shard);
DROP INDEX facts_retracted;
CREATE UNIQUE INDEX facts_retracted ON facts (retracts, shard) WHERE retracts IS NOT NULL;
",
};

/// Documents that are given their shards at a time.
const AT_ONCE: u32 = 1_000;

/// Puts every fact in the shard of its document.
pub(crate) fn give_shards(change: &Change<'_>) -> Result<(), Error> {
    let mut after = (0, String::new());
    loop {
        let documents = documents_after(change, (after.0, &after.1), AT_ONCE)?;
        let Some(last) = documents.last() else {
            return Ok(());
        };
        after = (last.document_type().code(), last.reveal().to_owned());
        let given = in_shards(change, &documents)?;
        change.execute_among(
            &[("shard", "BIGINT"), ("document_type", "BIGINT"), ("number", "TEXT")],
            &given,
            "UPDATE facts SET shard = given.shard FROM given
             WHERE facts.document_type = given.document_type AND facts.number = given.number",
        )?;
    }
}

/// Documents as values: shard, type, number.
fn in_shards(
    session: &Session<'_>,
    documents: &[DocumentNumber],
) -> Result<Vec<Vec<Value>>, Error> {
    let key = ShardKey::read(session)?;
    let row = |number: &DocumentNumber| {
        let shard = key.shard_of(number);
        params![shard, number.document_type().code(), number.reveal()].to_vec()
    };
    Ok(documents.iter().map(row).collect())
}

/// A fact as it was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reported {
    pub(super) id: Uuid,
    pub(super) document: DocumentNumber,
    pub(super) fact: Fact,
    pub(super) detail: Option<String>,
    pub(super) retracts: Option<Uuid>,
}

pub(super) fn insert(
    change: &Change<'_>,
    facts: &[Reported],
    reporter: i64,
    now: Timestamp,
) -> Result<(), Error> {
    let columns = [
        "shard",
        "id",
        "document_type",
        "number",
        "kind",
        "occurred_at",
        "received_at",
        "reporter",
        "detail",
        "retracts",
        "ends_at",
    ];
    let key = ShardKey::read(change)?;
    let rows: Vec<_> = facts
        .iter()
        .map(|reported| {
            let Reported { id, document, fact, detail, retracts } = reported;
            params![
                key.shard_of(document),
                id,
                document.document_type().code(),
                document.reveal(),
                fact.kind.as_str(),
                ms(fact.occurred_at),
                ms(now),
                reporter,
                detail,
                retracts,
                fact.ends_at.map(ms)
            ]
            .to_vec()
        })
        .collect();
    change.insert_all("facts", &columns, &rows, "RETURNING 1 AS one", |_| Ok(())).map(drop)
}

/// The facts of these ids, each with its reporter.
pub(super) fn find_all(
    session: &Session<'_>,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, (Reported, i64)>, Error> {
    let sql =
        "SELECT id, document_type, number, kind, occurred_at, ends_at, detail, retracts, reporter
         FROM facts WHERE id IN ";
    let found = session.rows_in(sql, ids, |row| {
        let reported = Reported {
            id: row.get("id")?,
            document: document(row)?,
            fact: read(row)?,
            detail: row.get("detail")?,
            retracts: row.get("retracts")?,
        };
        Ok((reported.id, (reported, row.get("reporter")?)))
    })?;
    Ok(found.into_iter().collect())
}

/// Which of these facts were taken back.
pub(super) fn retracted(session: &Session<'_>, ids: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
    let sql = "SELECT retracts FROM facts WHERE retracts IN ";
    Ok(session.rows_in(sql, ids, |row| row.get("retracts"))?.into_iter().collect())
}

/// What was neither taken back nor cleared by an appeal, and takes nothing back.
const COUNTS: &str = "facts.retracts IS NULL
    AND NOT EXISTS (SELECT 1 FROM facts AS later WHERE later.retracts = facts.id
        AND later.shard = facts.shard)
    AND NOT EXISTS (SELECT 1 FROM cleared_facts WHERE cleared_facts.fact = facts.id
        AND cleared_facts.shard = facts.shard)";

/// The facts about the owner of a document, in the order of happening.
pub(super) fn about(
    session: &Session<'_>,
    document: &DocumentNumber,
) -> Result<Vec<KnownFact>, Error> {
    let sql = format!(
        "SELECT id, kind, occurred_at, ends_at FROM facts
         WHERE document_type = $1 AND number = $2 AND shard = $3 AND {COUNTS}
         ORDER BY occurred_at, id"
    );
    let shard = ShardKey::read(session)?.shard_of(document);
    session.rows(&sql, params![document.document_type().code(), document.reveal(), shard], known)
}

/// The facts about the owners of documents, each in the order of happening. Who has none is
/// not among them.
pub(crate) fn about_all(
    session: &Session<'_>,
    documents: &[DocumentNumber],
) -> Result<HashMap<DocumentNumber, Vec<KnownFact>>, Error> {
    let given = in_shards(session, documents)?;
    let columns = [("shard", "BIGINT"), ("document_type", "BIGINT"), ("number", "TEXT")];
    let sql = format!(
        "SELECT document_type, number, id, kind, occurred_at, ends_at
         FROM given JOIN facts USING (shard, document_type, number) WHERE {COUNTS}"
    );
    let mut found: HashMap<DocumentNumber, Vec<KnownFact>> = HashMap::new();
    for (number, fact) in
        session.rows_among(&columns, &given, &sql, |row| Ok((document(row)?, known(row)?)))?
    {
        found.entry(number).or_default().push(fact);
    }
    for facts in found.values_mut() {
        facts.sort_unstable_by_key(|known| (known.fact.occurred_at, known.fact.kind, known.id));
    }
    Ok(found)
}

/// How many facts a reporter has reported about the owners of documents, whether they count or
/// not. Who has none is not among them.
pub(super) fn counts(
    session: &Session<'_>,
    documents: &[DocumentNumber],
    reporter: i64,
) -> Result<HashMap<DocumentNumber, u32>, Error> {
    let mut given = in_shards(session, documents)?;
    for row in &mut given {
        row.extend(params![reporter].to_vec());
    }
    let columns = [
        ("shard", "BIGINT"),
        ("document_type", "BIGINT"),
        ("number", "TEXT"),
        ("reporter", "BIGINT"),
    ];
    let sql = "SELECT document_type, number, count(*) AS facts
         FROM given JOIN facts USING (shard, document_type, number, reporter)
         GROUP BY document_type, number";
    let counts = session
        .rows_among(&columns, &given, sql, |row| Ok((document(row)?, row.get::<u32>("facts")?)))?;
    Ok(counts.into_iter().collect())
}

/// The documents after one that something was reported about, in order, `limit` at most.
pub(crate) fn documents_after(
    session: &Session<'_>,
    after: (u8, &str),
    limit: u32,
) -> Result<Vec<DocumentNumber>, Error> {
    session.rows(
        "SELECT DISTINCT document_type, number FROM facts
         WHERE (document_type, number) > ($1, $2)
         ORDER BY document_type, number LIMIT $3",
        params![after.0, after.1, limit],
        document,
    )
}

fn known(row: &Row<'_>) -> Result<KnownFact, Error> {
    Ok(KnownFact { id: row.get("id")?, fact: read(row)? })
}

fn read(row: &Row<'_>) -> Result<Fact, Error> {
    let kind: String = row.get("kind")?;
    Ok(Fact {
        kind: FactKind::from_name(&kind).ok_or(Error::Damaged("kind"))?,
        occurred_at: instant(row, "occurred_at")?,
        ends_at: instant_or_none(row, "ends_at")?,
    })
}
