//! The schema, step by step. A released step is never edited; a change is a new step.

use rusqlite::{Connection, TransactionBehavior};

use super::{Change, DatabaseError, Ddl, Session, postgres};
use crate::error::Error;
use crate::{
    accounts, appeals, audit, claims, clerks, colour, entries, facts, homes, identity, lists,
    papers, policies, publishing, regions, register, second_factor, shows, simulate, stations,
    statistics, traces, verify,
};

/// The tables' own parts of a step, in the order in which they refer to each other; and what
/// SQL has no words for, done in the same transaction.
struct Step {
    parts: &'static [Ddl],
    then: Option<Then>,
}

type Then = fn(&Change<'_>) -> Result<(), Error>;

const fn step(parts: &'static [Ddl]) -> Step {
    Step { parts, then: None }
}

const STEPS: &[Step] = &[
    step(&[
        register::TABLE_1,
        accounts::TABLE_1,
        accounts::SESSIONS_1,
        lists::issuing::TABLE_1,
        claims::HOLDERS_1,
        clerks::TABLE_1,
        facts::TABLE_1,
        stations::SITES_1,
        stations::ENROLMENTS_1,
        stations::STATIONS_1,
        entries::TABLE_1,
    ]),
    step(&[
        publishing::TABLE_2,
        entries::TABLE_2,
        register::TABLE_2,
        register::ARRIVALS_2,
        claims::HOLDERS_2,
        claims::DECLARATIONS_2,
        identity::proofs::TABLE_2,
        colour::TABLE_2,
        clerks::TABLE_2,
        audit::TABLE_2,
        facts::TABLE_2,
        facts::KEYS_2,
        statistics::TABLE_2,
        simulate::TABLE_2,
        verify::TABLE_2,
        appeals::TABLE_2,
        regions::TABLE_2,
        shows::TABLE_2,
        traces::TABLE_2,
        stations::SEEN_2,
        policies::TABLE_2,
    ]),
    step(&[verify::TABLE_3]),
    step(&[statistics::TABLE_4]),
    step(&[second_factor::TABLE_5]),
    step(&[homes::TABLE_6, homes::ANSWERS_6, appeals::INDEX_6]),
    Step {
        parts: &[
            lists::issuing::TABLE_7,
            claims::HOLDERS_7,
            facts::TABLE_7,
            entries::TABLE_7,
            statistics::COUNTS_7,
            statistics::TALLIES_7,
        ],
        then: Some(facts::give_shards),
    },
    step(&[colour::TABLE_8, colour::CHANGES_8]),
    step(&[claims::HOLDERS_9]),
    step(&[regions::HEADS_10]),
    step(&[facts::CLEARED_11, papers::TABLE_11]),
    step(&[clerks::KINDS_12]),
];

/// The schema that this program writes.
pub const SCHEMA_VERSION: u32 = STEPS.len() as u32;

/// The statements that made the tables of an earlier step of the schema in an empty database:
/// SQLite's, and PostgreSQL's. They are for looking at, and for tests of what is brought
/// forward; what a step does beside them ([`Step::then`]) is not in them.
pub fn statements_up_to(step: u32) -> [String; 2] {
    let parts = || STEPS.iter().take(step as usize).flat_map(|step| step.parts);
    [parts().map(|part| part.sqlite).collect(), parts().map(|part| part.postgres).collect()]
}

/// Brings the database up to [`SCHEMA_VERSION`]: all missing steps, or none.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), Error> {
    migrate_with(connection, STEPS)
}

/// The same in PostgreSQL, where several processes may start at once.
pub(super) fn migrate_postgres(connection: &mut postgres::Writing) -> Result<(), Error> {
    let known = SCHEMA_VERSION;
    let found = connection.alone_with_schema(|link| {
        link.batch("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")?;
        let found = link.word("SELECT max(version) FROM schema_version")?;
        let found = found.and_then(|version| version.parse().ok()).unwrap_or(0);
        for (step, version) in STEPS.iter().zip(1..).skip(found as usize) {
            for part in step.parts {
                link.batch(part.postgres)?;
            }
            if let Some(then) = step.then {
                then(&Change::new(Session::postgres(link)))?;
            }
            link.batch(&format!("INSERT INTO schema_version VALUES ({version})"))?;
        }
        Ok(found)
    })?;
    check(found, known)
}

fn migrate_with(connection: &mut Connection, steps: &[Step]) -> Result<(), Error> {
    let known = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    let found = run(connection, steps, known)?;
    check(found, known)
}

fn check(found: u32, known: u32) -> Result<(), Error> {
    if found > known { Err(Error::SchemaTooNew { found, known }) } else { Ok(()) }
}

/// Returns the version that was found. A newer one is left alone.
fn run(connection: &mut Connection, steps: &[Step], known: u32) -> Result<u32, Error> {
    // The version is read inside the transaction: two processes may start at once.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(DatabaseError::from)?;
    let found = transaction
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(DatabaseError::from)?;
    if found > known {
        return Ok(found);
    }
    for step in steps.iter().skip(found as usize) {
        for part in step.parts {
            transaction.execute_batch(part.sqlite).map_err(DatabaseError::from)?;
        }
        if let Some(then) = step.then {
            then(&Change::new(Session::sqlite(&transaction)))?;
        }
    }
    transaction.pragma_update(None, "user_version", known).map_err(DatabaseError::from)?;
    transaction.commit().map_err(DatabaseError::from)?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn migrating_twice_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        let tables = |c: &Connection| -> Vec<String> {
            let mut question =
                c.prepare("SELECT sql FROM sqlite_schema WHERE sql NOTNULL").unwrap();
            let rows = question.query_map([], |row| row.get(0)).unwrap();
            rows.map(Result::unwrap).collect()
        };
        let before = tables(&connection);
        migrate(&mut connection).unwrap();
        assert_eq!(before, tables(&connection));
    }

    /// Databases are about that have these steps behind them, each by the hash of its
    /// statements in SQLite and in PostgreSQL.
    const RELEASED: [[&str; 2]; 11] = [
        [
            "08f852270e3c8b46b36b0d618ec4687b66587ab533524c1088e9e514f504a76b",
            "733e71f0aca96b66d4d57a1496e7c0c0fd36455743fadf02a11db68b009cd26c",
        ],
        [
            "6f44f11349423a171b8830d1b010022ff5439510c70a97e611a89f2bb6861431",
            "f2b46f1e3d533323f98e9ad075da491c0df53d5b91cb64e4bc6666870554c419",
        ],
        [
            "afc559d6285d5425859cadbab0a3fd9a2f1f9b0c173097963b1854c1204aa639",
            "961f119ced4d78aa5629dae861d1a172c54d52b0f18818813939f80514b8fd34",
        ],
        [
            "87a4773e3e2a907ff27ccefe14930cf3b06655d5cd679d97030ab870478dd766",
            "978ced794688e8b8cfffde7ac5d92704ed77b5d60dd44c72b1e2ecf8a893f5d2",
        ],
        [
            "d8737c12ac83b8c8524d3af5f7d9d381b917d56ed04664ba94ea5644f2004ab2",
            "edd15bdd4ba2afe9bd607a9e7cd014d5f9a0ec3f07c010dff7948b61460644a4",
        ],
        [
            "878fd31f3278d3264f30918b7e99db3274ba47ba06528353d598790e72b3223d",
            "432aa018017529568437d52194f685ed27f0a6785a7c1e972cf270d8bcda8084",
        ],
        [
            "3d4d6c8d317e9068c5bf50aa97262c17a0af178057a3d60385c822136f2702c0",
            "2b41be97a8b2bc049ae58a1a6573d2f74421d277dbb7ce14ce823fcd50689566",
        ],
        [
            "505702ee858d1b8e408b01185fc380fcdedde4efe795afc88a0d16b99754b653",
            "a2e246f77257bccb6ff0ea42124a958ffc8ba17410143fef5c822c47b51ca574",
        ],
        [
            "486f9961b55827111055cde8b4744eaa5de65561b81a0178389381b235adfba6",
            "486f9961b55827111055cde8b4744eaa5de65561b81a0178389381b235adfba6",
        ],
        [
            "7f5d4e2d4142efe852d4160df2d8eac69cf6d5157e95d5e74a3644ec53d2a453",
            "3821b0a164bcdfdc63026a131b8e9fdc6b8d8b3408713714829f83a8f4199337",
        ],
        [
            "ed6b0c21a8c21fe3fa80c2abd264501fa4fe369056f63327d64eaf520934eb01",
            "e75b9f0d5ce5f087f4e0c04cdc4a76572f5c45f6876cdbde344e4a5c9b798f1d",
        ],
    ];

    #[test]
    fn a_released_step_is_what_it_was() {
        let hash = |text: String| hex::encode(Sha256::digest(text));
        let found: Vec<[String; 2]> = STEPS
            .iter()
            .take(RELEASED.len())
            .map(|step| {
                let sqlite: String = step.parts.iter().map(|part| part.sqlite).collect();
                let postgres: String = step.parts.iter().map(|part| part.postgres).collect();
                [hash(sqlite), hash(postgres)]
            })
            .collect();
        assert_eq!(found, RELEASED);
        assert!(
            STEPS.len() <= RELEASED.len() + 1,
            "only the newest step may still change: pin the one before it"
        );
        let mut released = STEPS.iter().take(RELEASED.len());
        assert_eq!(released.position(|step| step.then.is_some()), Some(6), "the seventh alone");
    }

    #[test]
    fn a_file_of_the_first_release_is_brought_up_to_date() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "foreign_keys", "ON").unwrap();
        migrate_with(&mut connection, &STEPS[..1]).unwrap();
        connection
            .execute_batch(
                "INSERT INTO sites VALUES ('gate-1', '一', 'A', 'hotel');
                 INSERT INTO stations VALUES ('desk-1', 'gate-1', 'A', 'hotel', x'00', 0, NULL);
                 INSERT INTO clerks VALUES (7, 'A', 'department', x'01', 5);
                 INSERT INTO facts VALUES
                     (randomblob(16), 1, '350100190001010004', 'antipyretic', 0, 0, 7);
                 INSERT INTO entries VALUES (41, randomblob(16), 'desk-1', 0, 0, NULL, NULL, '');
                 INSERT INTO entries VALUES (40, randomblob(16), 'desk-1', 57600000, 172800000,
                     NULL, NULL, '{\"decision\":\"refuse\"}');
                 INSERT INTO entries VALUES (39, randomblob(16), 'desk-1', 172800001, 172800000,
                     NULL, NULL, '{\"decision\":\"refuse\"}');",
            )
            .unwrap();
        migrate(&mut connection).unwrap();
        let places: String = connection
            .query_row(
                "SELECT group_concat(place) FROM (SELECT place FROM entries ORDER BY place)",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(places, "39,40,41", "entries keep their order");
        let tallies: String = connection
            .query_row(
                "SELECT group_concat(figure || ' ' || period || ' ' || count, ', ')
                 FROM (SELECT * FROM tallies ORDER BY figure, period)",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(tallies, "refuse 1 1, refuse 2 1, reported 0 1", "what is there is counted");
        let reporters: i64 = connection
            .query_row(
                "SELECT count(*) FROM facts JOIN clerks ON clerks.id = facts.reporter
                 WHERE clerks.name = 'A' AND role = 'department' AND token_hash = x'01'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(reporters, 1, "whoever reported is still there");
        connection.execute("UPDATE clerks SET role = 'auditor' WHERE id = 7", []).unwrap();
        connection.execute("DELETE FROM clerks WHERE id = 7", []).unwrap_err();
    }

    #[test]
    fn facts_and_figures_keep_what_they_had_when_they_are_given_shards() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate_with(&mut connection, &STEPS[..6]).unwrap();
        connection
            .execute_batch(
                "INSERT INTO clerks (id, name, role, token_hash, created_at)
                     VALUES (7, 'A', 'department', x'01', 5);
                 INSERT INTO facts (id, document_type, number, kind, occurred_at, received_at,
                     reporter, ends_at)
                     VALUES (randomblob(16), 1, '350100190001010004', 'arrival', 3, 4, 7, 99);
                 INSERT INTO tallies VALUES ('claimed', 18000, 21), ('in-force-0', 0, 19);",
            )
            .unwrap();
        migrate(&mut connection).unwrap();
        let ask =
            |sql: &str| -> String { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
        assert_eq!(
            ask("SELECT occurred_at || ' ' || ends_at || ' ' || reporter FROM facts"),
            "3 99 7"
        );
        let claimed = ask("SELECT sum(count) || '' FROM tallies WHERE figure = 'claimed'");
        assert_eq!(claimed, "21");
        let figures = ask("SELECT count(*) || '' FROM tallies WHERE shard = 0");
        assert!(figures.parse::<u32>().unwrap() >= 2, "what was counted before is in shard 0");
    }

    #[test]
    fn the_rules_in_force_are_the_first_that_are_kept() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate_with(&mut connection, &STEPS[..7]).unwrap();
        connection
            .execute_batch("INSERT INTO colour_scheme VALUES (1, 3, '{}', 55, 4, 'x');")
            .unwrap();
        migrate(&mut connection).unwrap();
        let kept: String = connection
            .query_row(
                "SELECT generation || ' ' || rules || ' ' || since || ' ' || (until IS NULL)
                     || ' ' || done_type || ' ' || done_number
                 FROM colour_scheme JOIN colour_schemes USING (generation)",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(kept, "3 {} 55 1 4 x", "and how far a change of them has come");
    }

    #[test]
    fn a_newer_file_is_refused_and_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        let newer = SCHEMA_VERSION + 1;
        connection.pragma_update(None, "user_version", newer).unwrap();
        let refused = migrate(&mut connection).unwrap_err();
        assert!(matches!(refused, Error::SchemaTooNew { found, known }
                if found == newer && known == SCHEMA_VERSION));
        let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(found, newer);
    }

    #[test]
    fn a_step_that_fails_leaves_nothing_behind() {
        let mut connection = Connection::open_in_memory().unwrap();
        const fn part(sqlite: &'static str) -> Ddl {
            Ddl { sqlite, postgres: "" }
        }
        const PARTS: &[Ddl] =
            &[part("CREATE TABLE a (x INTEGER) STRICT;"), part("CREATE NONSENSE;")];
        migrate_with(&mut connection, &[step(PARTS)]).unwrap_err();
        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .unwrap();
        assert_eq!(tables, 0);
    }
}
