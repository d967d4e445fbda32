//! The schema in PostgreSQL.

use std::collections::BTreeSet;

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
