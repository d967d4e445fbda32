//! The schema in PostgreSQL.

use std::collections::BTreeSet;
use std::path::Path;

use yanma_authority::Error;
use yanma_authority::database::{Database, DatabaseUrl, SCHEMA_VERSION};

use crate::place;

fn url(folder: &tempfile::TempDir) -> DatabaseUrl {
    place::url(folder.path()).parse().unwrap()
}

#[test]
fn several_processes_may_start_on_an_empty_database_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let url = url(&folder);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| drop(Database::open(&url).unwrap()));
        }
    });
    let versions = place::ask(folder.path(), "SELECT count(*), max(version) FROM schema_version");
    assert_eq!(versions, format!("{SCHEMA_VERSION}|{SCHEMA_VERSION}"));
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(Database::open(&url(&folder)).unwrap());
    let newer = SCHEMA_VERSION + 1;
    place::ask(folder.path(), &format!("INSERT INTO schema_version VALUES ({newer})"));
    let refused = Database::open(&url(&folder)).err();
    assert!(matches!(refused, Some(Error::SchemaTooNew { found, known })
            if found == newer && known == SCHEMA_VERSION));
    assert_eq!(
        place::ask(folder.path(), "SELECT max(version) FROM schema_version"),
        newer.to_string()
    );
}

/// The tables that grow or change with what holders do, and the column by which a distributed
/// database would spread each (docs/decisions/0008-distributed-by-holder.md).
const DISTRIBUTED: &[(&str, &str)] = &[
    ("holders", "shard"),
    ("declarations", "shard"),
    ("papers", "shard"),
    ("facts", "shard"),
    ("cleared_facts", "shard"),
    ("colour_changes", "shard"),
    ("shards", "shard"),
    ("shown_by_day", "shard"),
    ("claim_counts", "shard"),
    ("tallies", "shard"),
    ("entries", "id"),
    ("verifications", "id"),
    ("verification_pages", "id"),
    ("shows", "id"),
];

/// The other tables, and why each is spread by nothing: small tables lie on every machine
/// alike, and what is looked up by person or account is not touched by claims of others, by
/// flips, shows, entries or answers to desks.
const NOT_DISTRIBUTED: &[(&str, &str)] = &[
    ("persons", "a row each, looked up by document; what would have to change is in 0008"),
    ("entrants", "by person, when somebody from abroad claims"),
    ("accounts", "by telephone or id, when somebody logs in"),
    ("sessions", "by token, and remembered for a second"),
    ("proofs", "by account: a row or two of somebody who proves who they are, once"),
    ("appeals", "by account, person or age: as many as clerks can read"),
    ("home_colours", "by person and region: who came from elsewhere, for fourteen days"),
    ("home_answers", "by region and nonce: what was told of people who travel, for thirty days"),
    ("clerks", "some hundreds"),
    ("clerk_sites", "some hundreds"),
    ("clerk_kinds", "some hundreds"),
    ("department_keys", "some dozens"),
    ("recovery_codes", "ten of each administrator"),
    ("console_sessions", "some hundreds"),
    ("audit", "one chain, by purpose"),
    ("sites", "some thousands"),
    ("stations", "some thousands"),
    ("enrolments", "some thousands"),
    ("stations_seen", "a row a station, each half minute at most"),
    ("policies", "some dozens"),
    ("regions", "some dozens"),
    ("published", "one row, once a publication"),
    ("colour_scheme", "one row"),
    ("colour_schemes", "a row for each scheme that was in force"),
    ("issuing", "one row: the key of the shuffle, which nothing changes any more"),
    ("show_total", "one row, which nothing is added to any more"),
    ("fills", "one row"),
    ("schema_version", "a row for each step"),
];

#[test]
fn every_table_is_spread_or_it_is_said_why_not() {
    let folder = tempfile::tempdir().unwrap();
    drop(Database::open(&url(&folder)).unwrap());
    let found = place::ask(
        folder.path(),
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
             AND relnamespace = CAST ('public' AS regnamespace)",
    );
    let found: BTreeSet<&str> = found.lines().collect();
    let told: Vec<&str> =
        DISTRIBUTED.iter().chain(NOT_DISTRIBUTED).map(|(table, _)| *table).collect();
    let once: BTreeSet<&str> = told.iter().copied().collect();
    assert_eq!(told.len(), once.len(), "each in one list");
    assert_eq!(once, found);
}

/// What of the schema does not fit a distributed database, one finding a line.
fn misfits(folder: &Path) -> Vec<String> {
    let names: Vec<_> =
        DISTRIBUTED.iter().map(|(table, by)| format!("('{table}', '{by}')")).collect();
    let found = place::ask(
        folder,
        &format!(
            "WITH distributed AS (
                 SELECT name, by, CAST (name AS regclass) AS id, attnum AS place
                 FROM (VALUES {}) AS named (name, by)
                 LEFT JOIN pg_attribute ON attrelid = CAST (name AS regclass)
                     AND attname = by AND attnotnull
             )
             SELECT name || ': no column ' || by FROM distributed WHERE place IS NULL
             UNION ALL
             SELECT 'unique without the shard: ' || CAST (indexrelid AS regclass)
             FROM distributed JOIN pg_index ON indrelid = id
             WHERE (indisunique OR indisexclusion) AND NOT place = ANY (indkey)
             UNION ALL
             SELECT 'numbered by a sequence: ' || name || '.' || attname
             FROM distributed JOIN pg_attribute ON attrelid = id
             LEFT JOIN pg_attrdef ON adrelid = id AND adnum = attnum
             WHERE attidentity <> '' OR pg_get_expr(adbin, adrelid) LIKE '%nextval%'
             UNION ALL
             SELECT 'refers to another distribution: ' || conname
             FROM distributed AS one JOIN pg_constraint ON conrelid = one.id
             LEFT JOIN distributed AS other ON confrelid = other.id
             WHERE contype = 'f' AND conparentid = 0 AND NOT coalesce(
                 one.by = other.by AND one.place = ANY (conkey) AND other.place = ANY (confkey),
                 FALSE)
             UNION ALL
             SELECT 'is referred to from elsewhere: ' || conname
             FROM distributed AS one JOIN pg_constraint ON confrelid = one.id
             WHERE contype = 'f' AND conrelid NOT IN (SELECT id FROM distributed)
                 AND conparentid = 0
             UNION ALL
             SELECT 'has a trigger: ' || tgname
             FROM distributed JOIN pg_trigger ON tgrelid = id WHERE NOT tgisinternal
             UNION ALL
             SELECT 'notifies: ' || proname FROM pg_proc
             WHERE pronamespace = CAST ('public' AS regnamespace)
                 AND prosrc ILIKE '%notify%'",
            names.join(", ")
        ),
    );
    found.lines().map(str::to_owned).collect()
}

#[test]
fn the_schema_fits_a_distributed_database() {
    let folder = tempfile::tempdir().unwrap();
    drop(Database::open(&url(&folder)).unwrap());
    let none: [String; 0] = [];
    assert_eq!(misfits(folder.path()), none);
    for (wrong, expect) in [
        ("CREATE UNIQUE INDEX a ON holders (person)", "unique without the shard: a"),
        ("CREATE UNIQUE INDEX b ON entries (place, id)", ""),
        (
            "ALTER TABLE facts ADD COLUMN n BIGINT GENERATED ALWAYS AS IDENTITY",
            "numbered by a sequence: facts.n",
        ),
        ("ALTER TABLE shows ADD COLUMN n BIGSERIAL", "numbered by a sequence: shows.n"),
        (
            "ALTER TABLE holders ADD CONSTRAINT c FOREIGN KEY (person) REFERENCES persons (id)",
            "refers to another distribution: c",
        ),
        (
            "CREATE TABLE d (shard BIGINT, holder BIGINT,
                 CONSTRAINT d FOREIGN KEY (holder, shard) REFERENCES holders (status_index, shard))",
            "is referred to from elsewhere: d",
        ),
        (
            "CREATE FUNCTION e() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN PERFORM pg_notify('a', 'b'); RETURN NULL; END $$;
             CREATE TRIGGER e AFTER INSERT ON facts EXECUTE FUNCTION e()",
            "has a trigger: e\nnotifies: e",
        ),
        (
            "ALTER TABLE claim_counts DROP CONSTRAINT claim_counts_pkey,
                 ALTER COLUMN shard DROP NOT NULL",
            "claim_counts: no column shard",
        ),
    ] {
        let before = misfits(folder.path());
        place::ask(folder.path(), wrong);
        let mut found = misfits(folder.path());
        found.retain(|misfit| !before.contains(misfit));
        assert_eq!(found.join("\n"), expect, "{wrong}");
    }
}

#[test]
fn both_databases_have_the_same_tables_and_columns() {
    let folder = tempfile::tempdir().unwrap();
    drop(Database::open(&url(&folder)).unwrap());
    let found = place::ask(
        folder.path(),
        "SELECT table_name || '.' || column_name || ' ' || is_nullable
         FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name <> 'schema_version'
             AND table_name NOT LIKE '%_other' AND table_name !~ '_[0-9]{8}$'",
    );
    let on_postgres: BTreeSet<String> = found.lines().map(str::to_owned).collect();

    let file = folder.path().join("a.db");
    drop(Database::open(&DatabaseUrl::sqlite(&file)).unwrap());
    let connection = rusqlite::Connection::open(&file).unwrap();
    let mut question = connection
        .prepare(
            "SELECT m.name || '.' || c.name || ' ' || iif(c.\"notnull\" OR c.pk, 'NO', 'YES')
             FROM sqlite_schema m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
        )
        .unwrap();
    let rows = question.query_map([], |row| row.get(0)).unwrap();
    let in_sqlite: BTreeSet<String> = rows.map(Result::unwrap).collect();
    assert_eq!(on_postgres, in_sqlite);
}
