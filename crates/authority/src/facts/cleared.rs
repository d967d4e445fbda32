//! The table `cleared_facts`: facts that count no longer because a granted appeal says so. They
//! stay on file.
//!
//! An appeal clears what its clerk was shown, fact by fact. A clearance that a department
//! reports is a fact itself, which ends whatever happened before it; by that, something that
//! is reported only after the decision would be cleared unseen, for having happened before.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;
use yanma_domain::document::DocumentNumber;
use yanma_protocol::facts::FactKind;

use crate::claims;
use crate::colour::{InForce, Report, TakenBack};
use crate::database::{Change, Ddl, params};
use crate::error::Error;
use crate::lists::issuing::ShardKey;

pub(crate) const TABLE_11: Ddl = Ddl {
    sqlite: "
CREATE TABLE cleared_facts (
    -- Of the document, as the fact's.
    shard  INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 63),
    fact   BLOB NOT NULL CHECK (length(fact) = 16),
    -- By which it was cleared.
    appeal BLOB NOT NULL CHECK (length(appeal) = 16),
    PRIMARY KEY (fact, shard)
) STRICT, WITHOUT ROWID;
",
    postgres: "
CREATE TABLE cleared_facts (
    shard  BIGINT NOT NULL CHECK (shard BETWEEN 0 AND 63),
    fact   BYTEA NOT NULL CHECK (octet_length(fact) = 16),
    appeal BYTEA NOT NULL CHECK (octet_length(appeal) = 16),
    PRIMARY KEY (fact, shard)
);
",
};

/// Clears facts about the owner of a document, by an appeal, and colours whoever it is anew.
pub(crate) fn clear(
    change: &Change<'_>,
    scheme: &InForce,
    appeal: Uuid,
    document: &DocumentNumber,
    facts: &[Uuid],
    now: Timestamp,
) -> Result<(), Error> {
    let shard = ShardKey::read(change)?.shard_of(document);
    let rows: Vec<_> = facts.iter().map(|fact| params![shard, fact, appeal].to_vec()).collect();
    let columns = ["shard", "fact", "appeal"];
    change.insert_all("cleared_facts", &columns, &rows, "RETURNING 1 AS one", |_| Ok(()))?;
    let report = Report { id: appeal, kind: FactKind::Cleared, at: now, takes_back: None };
    let reports = HashMap::from([(document.clone(), vec![report])]);
    claims::recolour_reported(change, &reports, scheme, now)?;
    Ok(())
}

/// Takes a clearance by an appeal back, in a second decision: what it cleared counts again.
/// Colours whoever it is anew, and returns how many facts those are.
pub(crate) fn count_again(
    change: &Change<'_>,
    scheme: &InForce,
    (appeal, cleared_at): (Uuid, Timestamp),
    second: Uuid,
    document: &DocumentNumber,
    now: Timestamp,
) -> Result<u64, Error> {
    let shard = ShardKey::read(change)?.shard_of(document);
    let counting = change.execute(
        "DELETE FROM cleared_facts WHERE appeal = $1 AND shard = $2 AND fact IN (
             SELECT id FROM facts WHERE document_type = $3 AND number = $4 AND shard = $2)",
        params![appeal, shard, document.document_type().code(), document.reveal()],
    )?;
    let cleared = TakenBack { id: appeal, kind: FactKind::Cleared, at: cleared_at };
    let kind = FactKind::Retraction;
    let report = Report { id: second, kind, at: now, takes_back: Some(cleared) };
    let reports = HashMap::from([(document.clone(), vec![report])]);
    claims::recolour_reported(change, &reports, scheme, now)?;
    Ok(counting)
}

/// Clears a fact that is about to take the place of another one and says the same, if that one
/// is cleared.
pub(super) fn hand_on(
    change: &Change<'_>,
    document: &DocumentNumber,
    before: Uuid,
    renewed: Uuid,
) -> Result<(), Error> {
    let shard = ShardKey::read(change)?.shard_of(document);
    change.execute(
        "INSERT INTO cleared_facts (shard, fact, appeal)
         SELECT shard, $3, appeal FROM cleared_facts WHERE fact = $1 AND shard = $2",
        params![before, shard, renewed],
    )?;
    Ok(())
}
