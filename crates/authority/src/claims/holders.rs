//! The table `holders`: one row for each code that was ever issued.

use jiff::Timestamp;
use yanma_domain::document::{DirectoryKey, DocumentHash, DocumentNumber};
use yanma_domain::name::MaskedName;
use yanma_domain::{Colour, StatusIndex};
use yanma_protocol::claims::{ClaimGroup, Relation};

use crate::database::stored::{colour, document, instant, instant_or_none, ms, name};
use crate::database::{Change, Ddl, Row, Session, params};
use crate::error::Error;
use crate::lists::{Shard, issuing};
use crate::register::Person;
use crate::statistics::{self, tallies};

pub(crate) const TABLE_1: Ddl = Ddl {
    sqlite: "
CREATE TABLE holders (
    -- The order of issue; not shown to anybody.
    serial         INTEGER PRIMARY KEY,
    status_index   INTEGER NOT NULL UNIQUE,
    person         INTEGER NOT NULL REFERENCES persons (id),
    account        INTEGER NOT NULL REFERENCES accounts (id),
    -- The directory's keyed hash, as a signed 64-bit number.
    document_hash  INTEGER NOT NULL,
    -- The two bits of the status list.
    colour         INTEGER NOT NULL CHECK (colour BETWEEN 0 AND 3),
    colour_since   INTEGER NOT NULL,
    -- When the colour may change by the passing of time.
    next_change_at INTEGER,
    claimed_at     INTEGER NOT NULL,
    withdrawn_at   INTEGER,
    shown_count    INTEGER NOT NULL DEFAULT 0,
    revision       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX holders_in_force ON holders (person) WHERE withdrawn_at IS NULL;
CREATE INDEX holders_by_person ON holders (person);
CREATE UNIQUE INDEX holders_by_revision ON holders (revision);
CREATE INDEX holders_due ON holders (next_change_at)
    WHERE next_change_at IS NOT NULL AND withdrawn_at IS NULL;
",
    postgres: "
CREATE TABLE holders (
    serial         BIGINT PRIMARY KEY,
    status_index   BIGINT NOT NULL UNIQUE,
    person         BIGINT NOT NULL REFERENCES persons (id),
    account        BIGINT NOT NULL REFERENCES accounts (id),
    document_hash  BIGINT NOT NULL,
    colour         BIGINT NOT NULL CHECK (colour BETWEEN 0 AND 3),
    colour_since   BIGINT NOT NULL,
    next_change_at BIGINT,
    claimed_at     BIGINT NOT NULL,
    withdrawn_at   BIGINT,
    shown_count    BIGINT NOT NULL DEFAULT 0,
    revision       BIGINT NOT NULL
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX holders_in_force ON holders (person) WHERE withdrawn_at IS NULL;
CREATE INDEX holders_by_person ON holders (person);
CREATE UNIQUE INDEX holders_by_revision ON holders (revision);
CREATE INDEX holders_due ON holders (next_change_at)
    WHERE next_change_at IS NOT NULL AND withdrawn_at IS NULL;
",
};

/// Which group a code was claimed in, for whom, and where it counts.
pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
-- 1 resident, 2 from another province, 3 from abroad.
ALTER TABLE holders ADD COLUMN claim_group INTEGER NOT NULL DEFAULT 1
    CHECK (claim_group BETWEEN 1 AND 3);
-- To the account that claimed it: 0 self, 1 parent, 2 child, 3 spouse, 4 relative.
ALTER TABLE holders ADD COLUMN relation INTEGER NOT NULL DEFAULT 0
    CHECK (relation BETWEEN 0 AND 4);
-- The city in whose figures it counts: the first four digits of GB/T 2260.
ALTER TABLE holders ADD COLUMN city INTEGER;
-- 0 on a phone; 1 on paper, with an index of its own.
ALTER TABLE holders ADD COLUMN medium INTEGER NOT NULL DEFAULT 0 CHECK (medium IN (0, 1));
DROP INDEX holders_in_force;
CREATE UNIQUE INDEX holders_in_force ON holders (person, medium) WHERE withdrawn_at IS NULL;
CREATE INDEX holders_of_account ON holders (account) WHERE withdrawn_at IS NULL;
",
    postgres: "
ALTER TABLE holders
    ADD COLUMN claim_group BIGINT NOT NULL DEFAULT 1 CHECK (claim_group BETWEEN 1 AND 3),
    ADD COLUMN relation BIGINT NOT NULL DEFAULT 0 CHECK (relation BETWEEN 0 AND 4),
    ADD COLUMN city BIGINT,
    ADD COLUMN medium BIGINT NOT NULL DEFAULT 0 CHECK (medium IN (0, 1));
DROP INDEX holders_in_force;
CREATE UNIQUE INDEX holders_in_force ON holders (person, medium) WHERE withdrawn_at IS NULL;
CREATE INDEX holders_of_account ON holders (account) WHERE withdrawn_at IS NULL;
",
};

/// Documents are hashed under the directory key of the day as they are read: a hash that is
/// kept would be one under an earlier key after a rotation.
pub(crate) const TABLE_9: Ddl = Ddl {
    sqlite: "
ALTER TABLE holders DROP COLUMN document_hash;
",
    postgres: "
ALTER TABLE holders DROP COLUMN document_hash;
",
};

/// A code that has not been withdrawn.
#[derive(Debug, Clone)]
pub(crate) struct HolderRow {
    pub(crate) index: StatusIndex,
    /// Who claimed it.
    pub(crate) account: i64,
    pub(crate) group: ClaimGroup,
    /// What the person is to the account's own; `None` for that person.
    pub(crate) relation: Option<Relation>,
    pub(crate) city: Option<u16>,
    pub(crate) medium: Medium,
    pub(crate) person: Person,
    pub(crate) colour: Colour,
    pub(crate) colour_since: Timestamp,
    pub(crate) next_change_at: Option<Timestamp>,
    pub(crate) claimed_at: Timestamp,
    pub(crate) shown_count: u32,
}

/// What a code is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Medium {
    /// A phone: a code of a minute, signed anew each time.
    Phone,
    /// Paper: a code of months, which has an index of its own so that it can be withdrawn.
    Paper,
}

impl Medium {
    const fn code(self) -> u8 {
        match self {
            Self::Phone => 0,
            Self::Paper => 1,
        }
    }
}

/// What the lists need to know of a changed row.
#[derive(Debug)]
pub(crate) struct ListChange {
    pub(crate) index: StatusIndex,
    /// The document whose code it is; `None` for a paper code, which no card stands for.
    pub(crate) document: Option<DocumentHash>,
    pub(crate) colour: Colour,
    pub(crate) name: MaskedName,
    /// In whose directory the document is.
    pub(crate) city: Option<u16>,
}

const SELECT: &str = "
    SELECT status_index, account, claim_group, relation, city, medium, person,
           colour, colour_since, next_change_at, claimed_at, shown_count,
           document_type, number, name
    FROM holders JOIN persons ON persons.id = holders.person
    WHERE withdrawn_at IS NULL AND ";

pub(super) fn insert(change: &Change<'_>, holder: &HolderRow, revision: i64) -> Result<(), Error> {
    change.execute(
        "INSERT INTO holders (shard, status_index, person, account, colour, colour_since,
             next_change_at, claimed_at, revision, claim_group, relation, city, medium)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        params![
            Shard::of(holder.index),
            holder.index.0,
            holder.person.id,
            holder.account,
            holder.colour.bits(),
            ms(holder.colour_since),
            holder.next_change_at.map(ms),
            ms(holder.claimed_at),
            revision,
            group_code(holder.group),
            relation_code(holder.relation),
            holder.city,
            holder.medium.code(),
        ],
    )?;
    if holder.medium == Medium::Phone {
        let (shard, now) = (Shard::of(holder.index), holder.claimed_at);
        statistics::count_claims(change, shard, holder.group, holder.city, 1)?;
        tallies::count(change, shard, tallies::Figure::Claimed, tallies::day(now), 1)?;
        tallies::count_colours(change, shard, None, Some(holder.colour), 1, now)?;
    }
    Ok(())
}

/// The code in force of a person, on a phone.
pub(crate) fn find_by_person(
    session: &Session<'_>,
    person: i64,
) -> Result<Option<HolderRow>, Error> {
    session.row(&format!("{SELECT} person = $1 AND medium = 0"), params![person], read)
}

/// The code in force at a place of the status list, on a phone or on paper.
pub(super) fn at(session: &Session<'_>, index: StatusIndex) -> Result<Option<HolderRow>, Error> {
    let sql = format!("{SELECT} status_index = $1 AND shard = $2");
    session.row(&sql, params![index.0, Shard::of(index)], read)
}

/// The paper code in force of a person.
pub(crate) fn paper_of(session: &Session<'_>, person: i64) -> Result<Option<HolderRow>, Error> {
    session.row(&format!("{SELECT} person = $1 AND medium = 1"), params![person], read)
}

/// The codes in force that an account claimed, on phones, in the order of claiming.
pub(crate) fn of_account(session: &Session<'_>, account: i64) -> Result<Vec<HolderRow>, Error> {
    let sql = format!("{SELECT} account = $1 AND medium = 0 ORDER BY claimed_at, status_index");
    session.rows(&sql, params![account], read)
}

/// The same for many accounts; one without a code is left out.
pub(crate) fn of_accounts(
    session: &Session<'_>,
    accounts: &[i64],
) -> Result<Vec<(i64, Vec<HolderRow>)>, Error> {
    let sql = format!("{SELECT} medium = 0 AND account");
    let mut holders = session.rows_for(&sql, accounts, read)?;
    holders.sort_unstable_by_key(|holder| (holder.account, holder.claimed_at, holder.index));
    let of_one = holders.chunk_by(|one, other| one.account == other.account);
    Ok(of_one.filter_map(|codes| Some((codes.first()?.account, codes.to_vec()))).collect())
}

/// Keeps whose code it is since it was claimed anew, what they are to each other, and where it
/// counts; of the paper as well.
pub(super) fn claim_anew(
    change: &Change<'_>,
    before: &HolderRow,
    anew: &HolderRow,
) -> Result<(), Error> {
    let claimed = |row: &HolderRow| (row.account, row.relation, row.group, row.city);
    if claimed(before) == claimed(anew) {
        return Ok(());
    }
    change.execute(
        "UPDATE holders SET account = $2, relation = $3, claim_group = $4, city = $5
         WHERE person = $1 AND withdrawn_at IS NULL",
        params![
            anew.person.id,
            anew.account,
            relation_code(anew.relation),
            group_code(anew.group),
            anew.city,
        ],
    )?;
    let shard = Shard::of(anew.index);
    if (before.group, before.city) != (anew.group, anew.city) {
        statistics::count_claims(change, shard, before.group, before.city, -1)?;
        statistics::count_claims(change, shard, anew.group, anew.city, 1)?;
    }
    if before.city != anew.city {
        // The lists follow by the revisions, and have the cities.
        let revision = issuing::next_revision(change, anew.index)?;
        change.execute(
            "UPDATE holders SET revision = $2 WHERE status_index = $1 AND shard = $3",
            params![anew.index.0, revision, shard],
        )?;
    }
    Ok(())
}

/// The codes in force of whoever has one of these documents, in no order.
pub(super) fn find_by_documents(
    session: &Session<'_>,
    documents: &[DocumentNumber],
) -> Result<Vec<HolderRow>, Error> {
    let given: Vec<_> = documents
        .iter()
        .map(|number| params![number.document_type().code(), number.reveal()].to_vec())
        .collect();
    let sql = SELECT.replace(
        "FROM holders JOIN persons ON",
        "FROM given JOIN persons USING (document_type, number) JOIN holders ON",
    );
    let columns = [("document_type", "BIGINT"), ("number", "TEXT")];
    session.rows_among(&columns, &given, &format!("{sql} TRUE"), read)
}

/// When the person's `nth` newest code was claimed of those that an account claimed since it was
/// opened, counted from 1, papers and withdrawn ones included.
pub(super) fn nth_newest(
    session: &Session<'_>,
    (person, account): (i64, i64),
    nth: u32,
) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT claimed_at FROM holders
               WHERE person = $1 AND account = $2
                   AND claimed_at >= (SELECT created_at FROM accounts WHERE id = $2)
               ORDER BY claimed_at DESC LIMIT 1 OFFSET $3";
    let key = params![person, account, nth.saturating_sub(1)];
    session.row(sql, key, |row| instant(row, "claimed_at"))
}

/// Whether the person ever had a code, withdrawn ones included.
pub(crate) fn ever_claimed(session: &Session<'_>, person: i64) -> Result<bool, Error> {
    session.exists("SELECT 1 FROM holders WHERE person = $1", params![person])
}

/// Codes whose colour may have changed by `now`, the longest due first, `limit` at most.
pub(crate) fn due(
    session: &Session<'_>,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<HolderRow>, Error> {
    let sql = format!("{SELECT} next_change_at <= $1 ORDER BY next_change_at LIMIT $2");
    session.rows(&sql, params![ms(now), limit], read)
}

const FOR_LISTS: &str = "
    SELECT shard, revision, status_index, medium, city, colour, document_type, number, name
    FROM holders JOIN persons ON persons.id = holders.person";

/// Rows of a shard that changed after a revision, in order, `limit` at most, each with its
/// revision. Withdrawn ones are among them.
pub(crate) fn changed_after(
    session: &Session<'_>,
    shard: Shard,
    revision: i64,
    limit: u32,
    key: &DirectoryKey,
) -> Result<Vec<(i64, ListChange)>, Error> {
    let sql = format!("{FOR_LISTS} WHERE shard = $1 AND revision > $2 ORDER BY revision LIMIT $3");
    session.rows(&sql, params![shard, revision, limit], |row| {
        Ok((row.get("revision")?, list_change(row, key)?))
    })
}

/// Calls `take` with every row, in no order. Withdrawn ones are among them.
pub(crate) fn each_for_lists(
    session: &Session<'_>,
    key: &DirectoryKey,
    mut take: impl FnMut(ListChange) -> Result<(), Error>,
) -> Result<(), Error> {
    session.each_row(FOR_LISTS, params![], |row| take(list_change(row, key)?))
}

fn list_change(row: &Row<'_>, key: &DirectoryKey) -> Result<ListChange, Error> {
    Ok(ListChange {
        index: StatusIndex(row.get("status_index")?),
        document: match medium(row)? {
            Medium::Phone => Some(key.hash(&document(row)?)),
            Medium::Paper => None,
        },
        colour: colour(row, "colour")?,
        name: name(row)?.mask(),
        city: row.get("city")?,
    })
}

pub(super) fn set_next_change(change: &Change<'_>, holder: &HolderRow) -> Result<(), Error> {
    change.execute(
        "UPDATE holders SET next_change_at = $2 WHERE status_index = $1 AND shard = $3",
        params![holder.index.0, holder.next_change_at.map(ms), Shard::of(holder.index)],
    )?;
    Ok(())
}

pub(super) fn withdraw(
    change: &Change<'_>,
    holder: &HolderRow,
    revision: i64,
    now: Timestamp,
) -> Result<(), Error> {
    let shard = Shard::of(holder.index);
    change.execute(
        "UPDATE holders SET colour = $2, colour_since = $3, withdrawn_at = $3,
             next_change_at = NULL, revision = $4
         WHERE status_index = $1 AND shard = $5",
        params![holder.index.0, Colour::Withdrawn.bits(), ms(now), revision, shard],
    )?;
    if holder.medium == Medium::Phone {
        statistics::count_withdrawal(change, shard, holder.group, holder.city)?;
        tallies::count_colours(change, shard, Some(holder.colour), None, 1, now)?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> Result<HolderRow, Error> {
    Ok(HolderRow {
        index: StatusIndex(row.get("status_index")?),
        account: row.get("account")?,
        group: group(row)?,
        relation: relation(row)?,
        city: row.get("city")?,
        medium: medium(row)?,
        person: Person { id: row.get("person")?, document: document(row)?, name: name(row)? },
        colour: colour(row, "colour")?,
        colour_since: instant(row, "colour_since")?,
        next_change_at: instant_or_none(row, "next_change_at")?,
        claimed_at: instant(row, "claimed_at")?,
        shown_count: row.get("shown_count")?,
    })
}

fn medium(row: &Row<'_>) -> Result<Medium, Error> {
    match row.get("medium")? {
        0u8 => Ok(Medium::Phone),
        1 => Ok(Medium::Paper),
        _ => Err(Error::Damaged("medium")),
    }
}

const fn group_code(group: ClaimGroup) -> u8 {
    match group {
        ClaimGroup::Resident => 1,
        ClaimGroup::OtherProvince => 2,
        ClaimGroup::Abroad => 3,
    }
}

fn group(row: &Row<'_>) -> Result<ClaimGroup, Error> {
    match row.get("claim_group")? {
        1u8 => Ok(ClaimGroup::Resident),
        2 => Ok(ClaimGroup::OtherProvince),
        3 => Ok(ClaimGroup::Abroad),
        _ => Err(Error::Damaged("claim_group")),
    }
}

const fn relation_code(relation: Option<Relation>) -> u8 {
    match relation {
        None => 0,
        Some(Relation::Parent) => 1,
        Some(Relation::Child) => 2,
        Some(Relation::Spouse) => 3,
        Some(Relation::Relative) => 4,
    }
}

fn relation(row: &Row<'_>) -> Result<Option<Relation>, Error> {
    Ok(match row.get("relation")? {
        0u8 => None,
        1 => Some(Relation::Parent),
        2 => Some(Relation::Child),
        3 => Some(Relation::Spouse),
        4 => Some(Relation::Relative),
        _ => return Err(Error::Damaged("relation")),
    })
}
