-- Schema 11: the tables of schema 10, and directories of cities. Never changed: files in the field look like this.

CREATE TABLE settings (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE entries (
    number   INTEGER NOT NULL PRIMARY KEY,
    id       BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    at       INTEGER NOT NULL,
    day      TEXT    NOT NULL,
    decision TEXT    NOT NULL,
    colour   TEXT,
    reasons  TEXT    NOT NULL,
    methods  TEXT    NOT NULL,
    operator TEXT,
    site     TEXT,
    amends   BLOB,
    body     BLOB    NOT NULL,
    details_digest BLOB NOT NULL CHECK (length(details_digest) = 32),
    previous BLOB    NOT NULL CHECK (length(previous) = 32),
    hash     BLOB    NOT NULL CHECK (length(hash) = 32)
);
CREATE TABLE details (
    number  INTEGER NOT NULL PRIMARY KEY REFERENCES entries (number),
    salt    BLOB    NOT NULL CHECK (length(salt) = 16),
    receipt BLOB    NOT NULL,
    search  TEXT    NOT NULL
);
CREATE TABLE segments (
    first    INTEGER NOT NULL PRIMARY KEY,
    last     INTEGER NOT NULL CHECK (last >= first),
    day      TEXT    NOT NULL,
    previous BLOB    NOT NULL CHECK (length(previous) = 32),
    head     BLOB    NOT NULL CHECK (length(head) = 32),
    entries_kept  INTEGER NOT NULL DEFAULT 1,
    details_whole INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE losses (
    first INTEGER NOT NULL PRIMARY KEY,
    last  INTEGER NOT NULL CHECK (last >= first),
    at    INTEGER NOT NULL
);
CREATE TABLE text_blocks (
    first INTEGER NOT NULL PRIMARY KEY,
    grams BLOB    NOT NULL
);
CREATE TABLE outbox (
    number INTEGER NOT NULL PRIMARY KEY REFERENCES entries (number),
    -- 0 pending, 1 sent, 2 rejected
    state  INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),
    attempts INTEGER NOT NULL DEFAULT 0,
    -- NULL: at once
    next_attempt_at INTEGER,
    reason TEXT
);
CREATE TABLE feeds (
    issuer   INTEGER NOT NULL,
    feed     TEXT    NOT NULL CHECK (feed IN ('trust', 'policy', 'status', 'directory')),
    epoch    INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    root     BLOB    NOT NULL CHECK (length(root) = 32),
    as_of    INTEGER NOT NULL,
    PRIMARY KEY (issuer, feed)
);
CREATE TABLE heads (
    issuer    INTEGER NOT NULL PRIMARY KEY,
    number    INTEGER NOT NULL,
    issued_at INTEGER NOT NULL
);
CREATE TABLE clock (
    source TEXT    NOT NULL PRIMARY KEY CHECK (source IN ('machine', 'authority')),
    highest INTEGER NOT NULL
);
CREATE TABLE policies (
    id      TEXT    NOT NULL,
    version INTEGER NOT NULL,
    body    BLOB    NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE INDEX entries_amends ON entries (amends) WHERE amends IS NOT NULL;
CREATE TABLE operators (
    id       TEXT    NOT NULL PRIMARY KEY,
    name     TEXT    NOT NULL,
    role     TEXT    NOT NULL,
    pin      TEXT    NOT NULL,
    badge    BLOB    UNIQUE CHECK (length(badge) = 32),
    wrong    INTEGER NOT NULL DEFAULT 0,
    wrong_at INTEGER,
    retired  INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE shifts (
    number   INTEGER NOT NULL PRIMARY KEY,
    operator TEXT    NOT NULL,
    began    INTEGER NOT NULL,
    ended    INTEGER
);
CREATE UNIQUE INDEX shifts_one_open ON shifts (ended IS NULL) WHERE ended IS NULL;
CREATE TABLE audit (
    number   INTEGER NOT NULL PRIMARY KEY,
    at       INTEGER NOT NULL,
    operator TEXT,
    act      TEXT    NOT NULL,
    subject  TEXT,
    detail   TEXT,
    previous BLOB    NOT NULL CHECK (length(previous) = 32),
    hash     BLOB    NOT NULL CHECK (length(hash) = 32)
);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TABLE "bases" (
    number INTEGER NOT NULL PRIMARY KEY,
    issuer INTEGER NOT NULL,
    -- the first four digits of GB/T 2260, 0 for whoever is in no city; -1 for the whole directory
    city   INTEGER NOT NULL,
    packed INTEGER NOT NULL,
    rows   INTEGER NOT NULL,
    laid   INTEGER NOT NULL,
    form   INTEGER NOT NULL,
    UNIQUE (issuer, city)
);
-- As the row of the whole directory in feeds.
CREATE TABLE city_feeds (
    issuer   INTEGER NOT NULL,
    city     INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    root     BLOB    NOT NULL CHECK (length(root) = 32),
    as_of    INTEGER NOT NULL,
    PRIMARY KEY (issuer, city)
);
CREATE TABLE overlay (
    base  INTEGER NOT NULL,
    hash  INTEGER NOT NULL,
    place INTEGER,
    PRIMARY KEY (base, hash)
) WITHOUT ROWID;
CREATE TABLE lists (
    number  INTEGER NOT NULL PRIMARY KEY,
    id      BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    name    TEXT    NOT NULL,
    -- the day on which the people are expected; the list goes some days after it
    day     TEXT    NOT NULL,
    made_at INTEGER NOT NULL
);
CREATE TABLE listed (
    list          INTEGER NOT NULL REFERENCES lists (number) ON DELETE CASCADE,
    line          INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    document_type TEXT,
    document      TEXT,
    -- the keyed hash of the document
    hash          INTEGER,
    room          TEXT,
    nights        INTEGER,
    note          TEXT,
    problem       TEXT,
    decision      TEXT,
    reasons       TEXT    NOT NULL DEFAULT '',
    checked_at    INTEGER,
    entry         BLOB    CHECK (length(entry) = 16),
    arrived_at    INTEGER, flight TEXT, seat TEXT,
    UNIQUE (list, line)
);
CREATE INDEX listed_hash ON listed (hash) WHERE hash IS NOT NULL;
CREATE INDEX listed_flight ON listed (flight) WHERE flight IS NOT NULL;
CREATE TABLE flight_checks (
    number INTEGER NOT NULL PRIMARY KEY,
    -- the entry that says they were let through
    entry  BLOB    NOT NULL UNIQUE CHECK (length(entry) = 16),
    day    TEXT    NOT NULL,
    flight TEXT    NOT NULL,
    -- the keyed hash of a document; the same person counts once
    person INTEGER,
    -- passenger, crew, staff
    who    TEXT    NOT NULL,
    -- whether a list of the day has them
    listed INTEGER NOT NULL, seat TEXT,
    UNIQUE (day, flight, person)
);
CREATE TABLE inside (
    number   INTEGER NOT NULL PRIMARY KEY,
    -- the entry that says they came in
    entry    BLOB    NOT NULL UNIQUE CHECK (length(entry) = 16),
    -- the keyed hash of a document
    person   INTEGER,
    -- masked, as a screen shows them
    name     TEXT,
    document TEXT,
    came_at  INTEGER NOT NULL,
    -- the entry that says they left, and when
    went     BLOB    UNIQUE CHECK (length(went) = 16),
    left_at  INTEGER
);
CREATE INDEX inside_now ON inside (person) WHERE left_at IS NULL;
CREATE TABLE guests (
    number        INTEGER NOT NULL PRIMARY KEY,
    id            BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    -- the first guest of those who came together
    party         BLOB    NOT NULL CHECK (length(party) = 16),
    name          TEXT    NOT NULL,
    sex           TEXT,
    ethnicity     TEXT,
    born          TEXT,
    nationality   TEXT    NOT NULL,
    document_type TEXT    NOT NULL,
    document      TEXT    NOT NULL,
    address       TEXT    NOT NULL,
    room          TEXT    NOT NULL,
    arrived_at    INTEGER NOT NULL,
    due           TEXT    NOT NULL,
    left_at       INTEGER,
    -- when the police were told of a foreigner
    reported_at   INTEGER,
    operator      TEXT
);
CREATE INDEX guests_here ON guests (room) WHERE left_at IS NULL;
CREATE INDEX guests_left ON guests (left_at) WHERE left_at IS NOT NULL;
CREATE TABLE left_elsewhere (
    number  INTEGER NOT NULL PRIMARY KEY,
    -- the entry that says so
    went    BLOB    NOT NULL UNIQUE CHECK (length(went) = 16),
    person  INTEGER NOT NULL,
    left_at INTEGER NOT NULL
);
CREATE TABLE lanes (
    -- the station, as the authority names it
    id       TEXT    NOT NULL PRIMARY KEY,
    name     TEXT    NOT NULL,
    heard_at INTEGER NOT NULL,
    -- keyed hashes and instants, as the station crate writes them
    state    BLOB    NOT NULL
);
CREATE TABLE feed_parts (
    issuer INTEGER NOT NULL,
    feed   TEXT    NOT NULL,
    -- 0 is the blob, 1 and on are the steps
    part   INTEGER NOT NULL,
    bytes  BLOB    NOT NULL,
    PRIMARY KEY (issuer, feed, part),
    FOREIGN KEY (issuer, feed) REFERENCES feeds (issuer, feed) ON DELETE CASCADE
);

INSERT INTO settings (key, value)
VALUES ('scene', '"hotel"');
INSERT INTO entries (number, id, at, day, decision, colour, reasons, methods, operator, site, amends, body, details_digest, previous, hash)
VALUES (2, X'0172B9C0000070008000000000000002', 1592265602000000, '2020-06-17', 'refuse', 'orange', 'C-ORA D-OLD', 'code card', 'op-1', 'hotel-1', NULL, X'7B226E223A327D', X'ADBC1EB6E147ACC72888A594C129F6202D5C2CF8B42D518266BA11726E4F9431', X'78889851F3BBA471B0AE13FAFEEAE830378119EBD42DA5E369453633D319301E', X'ED84041D28CC02F5FC94F3EE2194DE36F75A0E0C941698EE6F5A705AB10C4946');
INSERT INTO details (number, salt, receipt, search)
VALUES (2, X'01010101010101010101010101010101', X'72656365697074', '张*明
3501**1234');
INSERT INTO segments (first, last, day, previous, head, entries_kept, details_whole)
VALUES (1, 1, '2020-06-16', X'0000000000000000000000000000000000000000000000000000000000000000', X'78889851F3BBA471B0AE13FAFEEAE830378119EBD42DA5E369453633D319301E', 0, 0);
INSERT INTO segments (first, last, day, previous, head, entries_kept, details_whole)
VALUES (2, 2, '2020-06-17', X'78889851F3BBA471B0AE13FAFEEAE830378119EBD42DA5E369453633D319301E', X'ED84041D28CC02F5FC94F3EE2194DE36F75A0E0C941698EE6F5A705AB10C4946', 1, 1);
INSERT INTO feeds (issuer, feed, epoch, sequence, root, as_of)
VALUES (35, 'status', 1, 4, X'0202020202020202020202020202020202020202020202020202020202020202', 1592265603000000);
INSERT INTO feeds (issuer, feed, epoch, sequence, root, as_of)
VALUES (35, 'directory', 1, 4, X'0202020202020202020202020202020202020202020202020202020202020202', 1592265603000000);
INSERT INTO feed_parts (issuer, feed, part, bytes)
VALUES (35, 'status', 0, X'63656C6C73');
INSERT INTO feed_parts (issuer, feed, part, bytes)
VALUES (35, 'status', 1, X'7374657073');
INSERT INTO heads (issuer, number, issued_at)
VALUES (35, 4, 1592265603000000);
INSERT INTO bases (number, issuer, city, packed, rows, laid, form)
VALUES (35, 35, -1, 0, 1, 2, 1);
INSERT INTO overlay (base, hash, place)
VALUES (35, -8, NULL);
INSERT INTO overlay (base, hash, place)
VALUES (35, 7, 1);
INSERT INTO clock (source, highest)
VALUES ('machine', 1592265609000000);
INSERT INTO clock (source, highest)
VALUES ('authority', 1592265603000000);
INSERT INTO policies (id, version, body)
VALUES ('hotel', 1, X'7B7D');

CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER entries_go_by_the_day BEFORE DELETE ON entries
WHEN (SELECT entries_kept FROM segments WHERE first <= OLD.number ORDER BY first DESC LIMIT 1)
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE INDEX outbox_rejected ON outbox (number) WHERE state = 2;
