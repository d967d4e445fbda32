//! The tables `clerks`, `clerk_sites` and `clerk_kinds`.

use std::collections::HashMap;

use jiff::Timestamp;
use yanma_protocol::clerks::{ClerkRecord, Role, SecondFactor};
use yanma_protocol::facts::FactKind;

use super::Clerk;
use crate::database::stored::{instant, instant_or_none, ms};
use crate::database::{Change, Ddl, Row, Session, params};
use crate::error::Error;
use crate::secret::TokenHash;

pub(crate) const TABLE_1: Ddl = Ddl {
    sqlite: "
CREATE TABLE clerks (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL CHECK (role IN ('clerk', 'department')),
    -- NULL: cannot log in, such as the command line.
    token_hash BLOB UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX clerks_by_name ON clerks (name);
",
    postgres: "
CREATE TABLE clerks (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL CHECK (role IN ('clerk', 'department')),
    token_hash BYTEA UNIQUE,
    created_at BIGINT NOT NULL
);
CREATE INDEX clerks_by_name ON clerks (name);
",
};

/// More roles, an end, the secret of one-time passwords, and sites. SQLite cannot change a
/// `CHECK`: the table is made anew under its own name, because facts refer to it by that
/// name; their references are looked at when the step is through.
pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
PRAGMA defer_foreign_keys = ON;
CREATE TABLE clerks_before AS SELECT id, name, role, token_hash, created_at FROM clerks;
DROP TABLE clerks;
CREATE TABLE clerks (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL,
    role           TEXT NOT NULL CHECK (role IN ('clerk', 'department', 'epidemiologist',
        'site-manager', 'administrator', 'auditor')),
    -- NULL: cannot log in, such as the command line.
    token_hash     BLOB UNIQUE,
    created_at     INTEGER NOT NULL,
    revoked_at     INTEGER,
    -- What the secret of one-time passwords is made from; NULL: none are set up.
    otp_seed       BLOB,
    -- When the first password was shown; until then they do not count.
    otp_since      INTEGER,
    -- The step of the last password that was taken: none is taken twice.
    otp_last_step  INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO clerks (id, name, role, token_hash, created_at)
    SELECT id, name, role, token_hash, created_at FROM clerks_before;
DROP TABLE clerks_before;
CREATE INDEX clerks_by_name ON clerks (name);
CREATE TABLE clerk_sites (
    clerk INTEGER NOT NULL REFERENCES clerks (id),
    site  TEXT NOT NULL REFERENCES sites (id),
    PRIMARY KEY (clerk, site)
) STRICT, WITHOUT ROWID;
",
    postgres: "
ALTER TABLE clerks
    DROP CONSTRAINT clerks_role_check,
    ADD CONSTRAINT clerks_role_check CHECK (role IN ('clerk', 'department', 'epidemiologist',
        'site-manager', 'administrator', 'auditor')),
    ADD COLUMN revoked_at BIGINT,
    ADD COLUMN otp_seed BYTEA,
    ADD COLUMN otp_since BIGINT,
    ADD COLUMN otp_last_step BIGINT NOT NULL DEFAULT 0;
CREATE TABLE clerk_sites (
    clerk BIGINT NOT NULL REFERENCES clerks (id),
    site  TEXT NOT NULL REFERENCES sites (id),
    PRIMARY KEY (clerk, site)
);
",
};

/// The kinds of facts that a department is bound to; of one without a row, every kind.
pub(crate) const KINDS_12: Ddl = Ddl {
    sqlite: "
CREATE TABLE clerk_kinds (
    clerk INTEGER NOT NULL REFERENCES clerks (id),
    kind  TEXT NOT NULL,
    PRIMARY KEY (clerk, kind)
) STRICT, WITHOUT ROWID;
",
    postgres: "
CREATE TABLE clerk_kinds (
    clerk BIGINT NOT NULL REFERENCES clerks (id),
    kind  TEXT NOT NULL,
    PRIMARY KEY (clerk, kind)
);
",
};

pub(super) fn insert(
    change: &Change<'_>,
    name: &str,
    role: Role,
    token: Option<&TokenHash>,
    now: Timestamp,
) -> Result<i64, Error> {
    let id = change.returning(
        "INSERT INTO clerks (name, role, token_hash, created_at) VALUES ($1, $2, $3, $4)
         RETURNING id",
        params![name, role.as_str(), token, ms(now)],
        |row| row.get("id"),
    )?;
    id.ok_or(Error::Damaged("clerk"))
}

/// Binds a clerk to sites.
pub(super) fn bind_to_sites(
    change: &Change<'_>,
    clerk: i64,
    sites: &[String],
) -> Result<(), Error> {
    for site in sites {
        change.execute(
            "INSERT INTO clerk_sites (clerk, site) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            params![clerk, site],
        )?;
    }
    Ok(())
}

/// Binds a department to kinds of facts.
pub(super) fn bind_to_kinds(
    change: &Change<'_>,
    clerk: i64,
    kinds: &[FactKind],
) -> Result<(), Error> {
    for kind in kinds {
        change.execute(
            "INSERT INTO clerk_kinds (clerk, kind) VALUES ($1, $2)",
            params![clerk, kind.as_str()],
        )?;
    }
    Ok(())
}

pub(super) fn revoke(change: &Change<'_>, id: i64, now: Timestamp) -> Result<(), Error> {
    change.execute(
        "UPDATE clerks SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1",
        params![id, ms(now)],
    )?;
    Ok(())
}

/// A clerk of this name who cannot log in.
pub(super) fn without_token(session: &Session<'_>, name: &str) -> Result<Option<i64>, Error> {
    session.row(
        "SELECT id FROM clerks WHERE name = $1 AND token_hash IS NULL",
        params![name],
        |row| row.get("id"),
    )
}

/// The clerk with this token, without what they are bound to.
pub(super) fn find(session: &Session<'_>, token: &TokenHash) -> Result<Option<Clerk>, Error> {
    session.row(
        &format!("{CLERK} WHERE token_hash = $1 AND revoked_at IS NULL"),
        params![token],
        read,
    )
}

/// The clerk of this number whose token was not ended, without what they are bound to.
pub(super) fn find_by_id(session: &Session<'_>, id: i64) -> Result<Option<Clerk>, Error> {
    session.row(&format!("{CLERK} WHERE id = $1 AND revoked_at IS NULL"), params![id], read)
}

const CLERK: &str = "SELECT id, name, role, otp_since FROM clerks";

fn read(row: &Row<'_>) -> Result<Clerk, Error> {
    let set_up = row.get::<Option<i64>>("otp_since")?.is_some();
    Ok(Clerk {
        id: row.get("id")?,
        name: row.get("name")?,
        role: role(row)?,
        sites: Vec::new(),
        kinds: Vec::new(),
        second_factor: if set_up { SecondFactor::ToShow } else { SecondFactor::ToSetUp },
    })
}

/// The sites that a clerk is bound to.
pub(super) fn sites_of(session: &Session<'_>, clerk: i64) -> Result<Vec<String>, Error> {
    let sql = "SELECT site FROM clerk_sites WHERE clerk = $1 ORDER BY site";
    session.rows(sql, params![clerk], |row| row.get("site"))
}

/// The kinds of facts that a department is bound to.
pub(super) fn kinds_of(session: &Session<'_>, clerk: i64) -> Result<Vec<FactKind>, Error> {
    let sql = "SELECT kind FROM clerk_kinds WHERE clerk = $1 ORDER BY kind";
    session.rows(sql, params![clerk], kind)
}

fn kind(row: &Row<'_>) -> Result<FactKind, Error> {
    let name: String = row.get("kind")?;
    FactKind::from_name(&name).ok_or(Error::Damaged("kind"))
}

/// Everybody who ever had a token; the command line has none.
pub(crate) fn all(session: &Session<'_>) -> Result<Vec<ClerkRecord>, Error> {
    let mut clerks = session.rows(
        &format!("{RECORD} WHERE token_hash IS NOT NULL ORDER BY id"),
        params![],
        read_record,
    )?;
    let mut sites: HashMap<i64, Vec<String>> = HashMap::new();
    let bound = session.rows(
        "SELECT clerk, site FROM clerk_sites ORDER BY clerk, site",
        params![],
        |row| Ok((row.get("clerk")?, row.get("site")?)),
    )?;
    for (clerk, site) in bound {
        sites.entry(clerk).or_default().push(site);
    }
    let mut kinds: HashMap<i64, Vec<FactKind>> = HashMap::new();
    let bound = session.rows(
        "SELECT clerk, kind FROM clerk_kinds ORDER BY clerk, kind",
        params![],
        |row| Ok((row.get("clerk")?, kind(row)?)),
    )?;
    for (clerk, kind) in bound {
        kinds.entry(clerk).or_default().push(kind);
    }
    for clerk in &mut clerks {
        clerk.sites = sites.remove(&clerk.id).unwrap_or_default();
        clerk.kinds = kinds.remove(&clerk.id).unwrap_or_default();
    }
    Ok(clerks)
}

/// One of them.
pub(super) fn record(session: &Session<'_>, id: i64) -> Result<Option<ClerkRecord>, Error> {
    let found = session.row(&format!("{RECORD} WHERE id = $1"), params![id], read_record)?;
    let Some(mut record) = found else {
        return Ok(None);
    };
    record.sites = sites_of(session, id)?;
    record.kinds = kinds_of(session, id)?;
    Ok(Some(record))
}

const RECORD: &str = "SELECT id, name, role, created_at, revoked_at, otp_since FROM clerks";

fn read_record(row: &Row<'_>) -> Result<ClerkRecord, Error> {
    Ok(ClerkRecord {
        id: row.get("id")?,
        name: row.get("name")?,
        role: role(row)?,
        sites: Vec::new(),
        kinds: Vec::new(),
        created_at: instant(row, "created_at")?,
        revoked_at: instant_or_none(row, "revoked_at")?,
        second_factor: row.get::<Option<i64>>("otp_since")?.is_some(),
    })
}

fn role(row: &Row<'_>) -> Result<Role, Error> {
    let role: String = row.get("role")?;
    Role::from_name(&role).ok_or(Error::Damaged("role"))
}
