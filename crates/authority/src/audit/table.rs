//! The table `audit`.

use yanma_protocol::Digest;
use yanma_protocol::audit::{AuditPage, AuditQuery, AuditRecord};
use yanma_protocol::clerks::Role;

use super::chain;
use crate::database::stored::{instant, ms};
use crate::database::{Change, Ddl, Row, Session, ToValue, Value, params};
use crate::error::Error;

pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
CREATE TABLE audit (
    -- From 1, without gaps.
    place    INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    clerk    INTEGER NOT NULL REFERENCES clerks (id),
    -- As they were at that time.
    name     TEXT NOT NULL,
    role     TEXT NOT NULL,
    deed     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    reason   TEXT,
    -- A JSON object of texts.
    detail   TEXT NOT NULL,
    hash     BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX audit_by_clerk ON audit (clerk, place);
CREATE INDEX audit_by_deed ON audit (deed, place);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    BEGIN SELECT raise(ABORT, 'the audit is only added to'); END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit
    BEGIN SELECT raise(ABORT, 'the audit is only added to'); END;
",
    postgres: "
CREATE TABLE audit (
    place    BIGINT PRIMARY KEY,
    at       BIGINT NOT NULL,
    clerk    BIGINT NOT NULL REFERENCES clerks (id),
    name     TEXT NOT NULL,
    role     TEXT NOT NULL,
    deed     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    reason   TEXT,
    detail   TEXT NOT NULL,
    hash     BYTEA NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE INDEX audit_by_clerk ON audit (clerk, place);
CREATE INDEX audit_by_deed ON audit (deed, place);
CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit is only added to'; END $$;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
",
};

const SELECT: &str =
    "SELECT place, at, clerk, name, role, deed, subject, reason, detail, hash FROM audit";

/// The last place that is taken, and its hash. Changes come one after the other, also those
/// of several processes, so nobody else takes the next one.
pub(super) fn end(session: &Session<'_>) -> Result<(u64, Digest), Error> {
    let sql = "SELECT place, hash FROM audit ORDER BY place DESC LIMIT 1";
    let found = session.row(sql, params![], |row| {
        Ok((row.get::<i64>("place")?.unsigned_abs(), Digest(row.get("hash")?)))
    })?;
    Ok(found.unwrap_or((0, chain::BEGIN)))
}

pub(super) fn insert(change: &Change<'_>, record: &AuditRecord) -> Result<(), Error> {
    let detail = serde_json::to_string(&record.detail).map_err(|_| Error::Damaged("detail"))?;
    change.execute(
        "INSERT INTO audit (place, at, clerk, name, role, deed, subject, reason, detail, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            place(record.place),
            ms(record.at),
            record.clerk,
            record.name,
            record.role.as_str(),
            record.deed,
            record.subject,
            record.reason,
            detail,
            record.hash.0,
        ],
    )?;
    Ok(())
}

pub(super) fn page(
    session: &Session<'_>,
    query: &AuditQuery,
    limit: usize,
) -> Result<AuditPage, Error> {
    let mut key: Vec<Value> = vec![place(query.before.unwrap_or(u64::MAX)).to_value()];
    let mut sql = format!("{SELECT} WHERE place < $1");
    for (column, value) in [
        ("clerk", query.clerk.map(|clerk| clerk.to_value())),
        ("deed", query.deed.as_ref().map(ToValue::to_value)),
    ] {
        if let Some(value) = value {
            key.push(value);
            sql.push_str(&format!(" AND {column} = ${}", key.len()));
        }
    }
    // One more than asked for tells whether there is a next page.
    key.push(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1).to_value());
    sql.push_str(&format!(" ORDER BY place DESC LIMIT ${}", key.len()));
    let mut records = session.rows(&sql, &key, read)?;
    let more = records.len() > limit;
    records.truncate(limit);
    let next = records.last().filter(|_| more).map(|record| record.place);
    Ok(AuditPage { records, next })
}

/// Records after a place, in order.
pub(super) fn after(
    session: &Session<'_>,
    after: u64,
    limit: usize,
) -> Result<Vec<AuditRecord>, Error> {
    let key = params![place(after), i64::try_from(limit).unwrap_or(i64::MAX)];
    session.rows(&format!("{SELECT} WHERE place > $1 ORDER BY place LIMIT $2"), key, read)
}

fn place(place: u64) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

fn read(row: &Row<'_>) -> Result<AuditRecord, Error> {
    let (role, detail): (String, String) = (row.get("role")?, row.get("detail")?);
    Ok(AuditRecord {
        place: row.get::<i64>("place")?.unsigned_abs(),
        at: instant(row, "at")?,
        clerk: row.get("clerk")?,
        name: row.get("name")?,
        role: Role::from_name(&role).ok_or(Error::Damaged("role"))?,
        deed: row.get("deed")?,
        subject: row.get("subject")?,
        reason: row.get("reason")?,
        detail: serde_json::from_str(&detail).map_err(|_| Error::Damaged("detail"))?,
        hash: Digest(row.get("hash")?),
    })
}
