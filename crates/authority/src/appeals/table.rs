//! The table `appeals`. A row is never deleted, and decided once: an appeal whose grant is set
//! aside has a second row, of the same person and instant, which is declined.

use jiff::Timestamp;
use uuid::Uuid;
use yanma_protocol::Secret;
use yanma_protocol::appeals::{Appeal, AppealState, ContestedFact, Decision};
use yanma_protocol::claims::MemberId;
use yanma_protocol::facts::FactKind;

use crate::database::stored::{instant, instant_or_none, ms};
use crate::database::{Change, Ddl, Row, Session, params};
use crate::error::Error;

pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
CREATE TABLE appeals (
    -- Of version 7: in the order of opening.
    id         BLOB PRIMARY KEY CHECK (length(id) = 16),
    account    INTEGER NOT NULL REFERENCES accounts (id),
    person     INTEGER NOT NULL REFERENCES persons (id),
    -- The member's status index; NULL for the account's own person.
    member     INTEGER,
    words      TEXT NOT NULL,
    opened_at  INTEGER NOT NULL,
    -- 0 open, 1 granted, 2 declined.
    state      INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
    answer     TEXT,
    decided_by INTEGER REFERENCES clerks (id),
    decided_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX appeals_open ON appeals (person) WHERE state = 0;
CREATE INDEX appeals_by_account ON appeals (account, id);
",
    postgres: "
CREATE TABLE appeals (
    id         BYTEA PRIMARY KEY CHECK (octet_length(id) = 16),
    account    BIGINT NOT NULL REFERENCES accounts (id),
    person     BIGINT NOT NULL REFERENCES persons (id),
    member     BIGINT,
    words      TEXT NOT NULL,
    opened_at  BIGINT NOT NULL,
    state      BIGINT NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
    answer     TEXT,
    decided_by BIGINT REFERENCES clerks (id),
    decided_at BIGINT
);
CREATE UNIQUE INDEX appeals_open ON appeals (person) WHERE state = 0;
CREATE INDEX appeals_by_account ON appeals (account, id);
",
};

/// What was decided about a person before is told beside a new appeal.
pub(crate) const INDEX_6: Ddl = Ddl {
    sqlite: "CREATE INDEX appeals_by_person ON appeals (person);",
    postgres: "CREATE INDEX appeals_by_person ON appeals (person);",
};

/// Most appeals of one account that are shown; more take years of contesting.
const MOST_SHOWN: u32 = 100;

const COLUMNS: &str = "id, member, words, opened_at, state, answer, decided_at";

/// Whether it was granted and set aside.
const SET_ASIDE: &str = "CASE WHEN appeals.state = 1 AND EXISTS (SELECT 1 FROM appeals AS later
        WHERE later.person = appeals.person AND later.opened_at = appeals.opened_at
            AND later.id > appeals.id) THEN 1 ELSE 0 END AS set_aside";

/// Opens an appeal; `false` when one about this person is open already.
pub(super) fn insert(
    change: &Change<'_>,
    appeal: &Appeal,
    account: i64,
    person: i64,
) -> Result<bool, Error> {
    let added = change.execute(
        "INSERT INTO appeals (id, account, person, member, words, opened_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        params![
            appeal.id,
            account,
            person,
            appeal.member.map(|member| member.0),
            appeal.words.reveal(),
            ms(appeal.opened_at)
        ],
    )?;
    Ok(added == 1)
}

/// The appeals that the account opened about whoever's code it has now, and all that are about its
/// own person unless somebody else has that code, the newest first. An appeal follows the code to
/// its own person, whoever opened it; to anybody else its words are not told. What was opened with
/// an account that was ended is not told to whoever has opened it again. Each is named as the account
/// names them now.
pub(crate) fn of_account(session: &Session<'_>, account: i64) -> Result<Vec<Appeal>, Error> {
    let sql = format!(
        "SELECT id, CASE WHEN relation > 0 THEN status_index END AS member, words, opened_at,
            state, answer, decided_at, {SET_ASIDE}
        FROM appeals LEFT JOIN holders ON holders.person = appeals.person
            AND medium = 0 AND withdrawn_at IS NULL
        WHERE appeals.person IN (
                SELECT person FROM holders WHERE account = $1 AND withdrawn_at IS NULL
                UNION SELECT person FROM accounts WHERE id = $1)
            AND coalesce(holders.account, $1) = $1
            AND (appeals.account = $1 OR coalesce(relation, 0) = 0)
            AND (appeals.account <> $1
                OR opened_at >= (SELECT created_at FROM accounts WHERE id = $1))
        ORDER BY id DESC LIMIT $2"
    );
    session.rows(&sql, params![account, MOST_SHOWN], read)
}

/// Open appeals after an id with their persons, the oldest first.
pub(super) fn open_after(
    session: &Session<'_>,
    after: Uuid,
    limit: u32,
) -> Result<Vec<(Appeal, i64)>, Error> {
    let sql = format!(
        "SELECT {COLUMNS}, person, 0 AS set_aside FROM appeals
         WHERE state = 0 AND id > $1 ORDER BY id LIMIT $2"
    );
    session.rows(&sql, params![after, limit], |row| Ok((read(row)?, row.get("person")?)))
}

/// Decided appeals that were opened before an id, with their persons and who decided, the
/// newest first.
pub(super) fn decided_before(
    session: &Session<'_>,
    before: Uuid,
    limit: u32,
) -> Result<Vec<(Appeal, i64, String)>, Error> {
    let sql = format!(
        "SELECT appeals.id, member, words, opened_at, state, answer, decided_at, person,
             clerks.name AS clerk, {SET_ASIDE}
         FROM appeals JOIN clerks ON clerks.id = appeals.decided_by
         WHERE state <> 0 AND appeals.id < $1 ORDER BY appeals.id DESC LIMIT $2"
    );
    session.rows(&sql, params![before, limit], |row| {
        Ok((read(row)?, row.get("person")?, row.get("clerk")?))
    })
}

/// What was decided about these persons, the newest first.
pub(super) fn decided_about(
    session: &Session<'_>,
    persons: &[i64],
) -> Result<Vec<(i64, Appeal)>, Error> {
    let sql =
        format!("SELECT {COLUMNS}, person, {SET_ASIDE} FROM appeals WHERE state <> 0 AND person");
    let mut found = session.rows_for(&sql, persons, |row| Ok((row.get("person")?, read(row)?)))?;
    found.sort_unstable_by_key(|(_, appeal): &(i64, Appeal)| std::cmp::Reverse(appeal.id));
    Ok(found)
}

/// Facts as they were reported, in the order of happening.
pub(super) fn reported(session: &Session<'_>, facts: &[Uuid]) -> Result<Vec<ContestedFact>, Error> {
    let sql = "SELECT facts.kind, facts.occurred_at, facts.detail, clerks.name AS reporter
         FROM facts JOIN clerks ON clerks.id = facts.reporter WHERE facts.id IN ";
    let mut found = session.rows_in(sql, facts, |row| {
        let kind: String = row.get("kind")?;
        let detail: Option<String> = row.get("detail")?;
        Ok(ContestedFact {
            kind: FactKind::from_name(&kind).ok_or(Error::Damaged("kind"))?,
            occurred_at: instant(row, "occurred_at")?,
            reporter: row.get("reporter")?,
            detail: detail.map(Secret::new),
        })
    })?;
    found.sort_by_key(|fact| (fact.occurred_at, fact.kind));
    Ok(found)
}

/// An appeal with its person.
pub(super) fn find(session: &Session<'_>, id: Uuid) -> Result<Option<(Appeal, i64)>, Error> {
    let sql = format!("SELECT {COLUMNS}, person, {SET_ASIDE} FROM appeals WHERE id = $1");
    session.row(&sql, params![id], |row| Ok((read(row)?, row.get("person")?)))
}

/// Decides an open appeal; `false` when it was decided before.
pub(super) fn decide(
    change: &Change<'_>,
    id: Uuid,
    decision: Decision,
    answer: &str,
    clerk: i64,
    now: Timestamp,
) -> Result<bool, Error> {
    let state: u8 = match decision {
        Decision::Granted => 1,
        Decision::Declined => 2,
    };
    let decided = change.execute(
        "UPDATE appeals SET state = $2, answer = $3, decided_by = $4, decided_at = $5
         WHERE id = $1 AND state = 0",
        params![id, state, answer, clerk, ms(now)],
    )?;
    Ok(decided == 1)
}

/// Sets the grant of an appeal aside: it is decided a second time, as declined. `false` when it
/// is not granted, or was set aside before.
pub(super) fn set_aside(
    change: &Change<'_>,
    (granted, declined): (Uuid, Uuid),
    reason: &str,
    clerk: i64,
    now: Timestamp,
) -> Result<bool, Error> {
    let added = change.execute(
        "INSERT INTO appeals (id, account, person, member, words, opened_at, state, answer,
             decided_by, decided_at)
         SELECT $2, account, person, member, words, opened_at, 2, $3, $4, $5
         FROM appeals WHERE id = $1 AND state = 1 ON CONFLICT DO NOTHING",
        params![granted, declined, reason, clerk, ms(now)],
    )?;
    Ok(added == 1)
}

fn read(row: &Row<'_>) -> Result<Appeal, Error> {
    let member: Option<u32> = row.get("member")?;
    let answer: Option<String> = row.get("answer")?;
    Ok(Appeal {
        id: row.get("id")?,
        member: member.map(MemberId),
        state: match row.get("state")? {
            0u8 => AppealState::Open,
            1 => AppealState::Granted,
            2 => AppealState::Declined,
            _ => return Err(Error::Damaged("state")),
        },
        words: Secret::new(row.get::<String>("words")?),
        opened_at: instant(row, "opened_at")?,
        decided_at: instant_or_none(row, "decided_at")?,
        answer: answer.map(Secret::new),
        set_aside: row.get("set_aside")?,
    })
}
