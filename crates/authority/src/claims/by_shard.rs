//! The tables `holders` and `declarations` by shard: the seventh step of the schema.

use crate::database::Ddl;

/// By shard: every unique index has the shard in it, and no row of another distribution is
/// referred to in PostgreSQL. The order of issue is not kept any more.
pub(crate) const TABLE_7: Ddl = Ddl {
    sqlite: "
CREATE TABLE declared_before AS
    SELECT status_index, departure, household, contact, declared_at
    FROM declarations JOIN holders ON serial = holder;
DROP TABLE declarations;
CREATE TABLE holders_by_shard (
    -- The rest of the index by 64.
    shard          INTEGER NOT NULL CHECK (shard = (status_index & 63)),
    status_index   INTEGER NOT NULL,
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
    -- Of its shard.
    revision       INTEGER NOT NULL,
    -- 1 resident, 2 from another province, 3 from abroad.
    claim_group    INTEGER NOT NULL DEFAULT 1 CHECK (claim_group BETWEEN 1 AND 3),
    -- To the account that claimed it: 0 self, 1 parent, 2 child, 3 spouse, 4 relative.
    relation       INTEGER NOT NULL DEFAULT 0 CHECK (relation BETWEEN 0 AND 4),
    -- The city in whose figures it counts: the first four digits of GB/T 2260.
    city           INTEGER,
    -- 0 on a phone; 1 on paper, with an index of its own.
    medium         INTEGER NOT NULL DEFAULT 0 CHECK (medium IN (0, 1)),
    PRIMARY KEY (status_index, shard)
) STRICT;
INSERT INTO holders_by_shard
    SELECT status_index & 63, status_index, person, account, document_hash, colour,
        colour_since, next_change_at, claimed_at, withdrawn_at, shown_count, revision,
        claim_group, relation, city, medium
    FROM holders ORDER BY serial;
DROP TABLE holders;
ALTER TABLE holders_by_shard RENAME TO holders;
CREATE UNIQUE INDEX holders_in_force ON holders (person, medium, shard)
    WHERE withdrawn_at IS NULL;
CREATE INDEX holders_by_person ON holders (person);
CREATE UNIQUE INDEX holders_by_revision ON holders (shard, revision);
CREATE INDEX holders_due ON holders (next_change_at)
    WHERE next_change_at IS NOT NULL AND withdrawn_at IS NULL;
CREATE INDEX holders_of_account ON holders (account) WHERE withdrawn_at IS NULL;
CREATE TABLE declarations (
    shard       INTEGER NOT NULL,
    -- The status index of the code.
    holder      INTEGER NOT NULL,
    -- From another province: six digits of GB/T 2260.
    departure   TEXT,
    household   TEXT,
    -- From abroad: a telephone number, if not the account's own.
    contact     TEXT,
    declared_at INTEGER NOT NULL,
    PRIMARY KEY (holder, shard),
    FOREIGN KEY (holder, shard) REFERENCES holders (status_index, shard)
) STRICT, WITHOUT ROWID;
INSERT INTO declarations
    SELECT status_index & 63, status_index, departure, household, contact, declared_at
    FROM declared_before;
DROP TABLE declared_before;
",
    postgres: "
ALTER TABLE declarations
    DROP CONSTRAINT declarations_holder_fkey,
    DROP CONSTRAINT declarations_pkey,
    ADD COLUMN shard BIGINT;
UPDATE declarations SET holder = status_index, shard = status_index & 63
    FROM holders WHERE serial = holder;
ALTER TABLE holders
    DROP CONSTRAINT holders_pkey,
    DROP CONSTRAINT holders_status_index_key,
    DROP CONSTRAINT holders_person_fkey,
    DROP CONSTRAINT holders_account_fkey,
    DROP COLUMN serial,
    ADD COLUMN shard BIGINT;
DROP INDEX holders_in_force;
DROP INDEX holders_by_revision;
ALTER TABLE holders ALTER COLUMN shard TYPE BIGINT USING status_index & 63;
ALTER TABLE holders
    ADD PRIMARY KEY (status_index, shard),
    ADD CONSTRAINT holders_shard_check CHECK (shard = (status_index & 63));
CREATE UNIQUE INDEX holders_in_force ON holders (person, medium, shard)
    WHERE withdrawn_at IS NULL;
CREATE UNIQUE INDEX holders_by_revision ON holders (shard, revision);
ALTER TABLE declarations
    ADD PRIMARY KEY (holder, shard),
    ADD FOREIGN KEY (holder, shard) REFERENCES holders (status_index, shard);
",
};
