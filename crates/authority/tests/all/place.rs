//! Where the authority of a test keeps its data: here a SQLite file.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::Value;

/// The address of the database that belongs to a folder.
pub(crate) fn url(folder: &Path) -> String {
    format!("sqlite:{}", file(folder).display())
}

/// What a question to that database finds, one row a line.
pub(crate) fn ask(folder: &Path, sql: &str) -> String {
    let connection = Connection::open(file(folder)).unwrap();
    let mut question = connection.prepare(sql).unwrap();
    let columns = question.column_count();
    let cell = |value: Value| match value {
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text,
        other => panic!("{other:?}"),
    };
    let rows = question.query_map([], |row| {
        let cells = (0..columns).map(|column| Ok(cell(row.get(column)?)));
        Ok(cells.collect::<rusqlite::Result<Vec<_>>>()?.join("|"))
    });
    rows.unwrap().map(Result::unwrap).collect::<Vec<_>>().join("\n")
}

/// Makes the database as a step of the schema left it, with these rows.
pub(crate) fn load_step(folder: &Path, step: u32, rows: &str) {
    let [sqlite, _] = yanma_authority::database::statements_up_to(step);
    let connection = Connection::open(file(folder)).unwrap();
    connection.execute_batch(&format!("BEGIN;{sqlite}{rows}COMMIT;")).unwrap();
    connection.pragma_update(None, "user_version", step).unwrap();
}

/// Bytes as the database has them written.
pub(crate) fn bytes(hex: &str) -> String {
    format!("X'{hex}'")
}

/// Makes the database as the second step of the schema left it, with people in it.
pub(crate) fn load_second_step(folder: &Path) {
    let connection = Connection::open(file(folder)).unwrap();
    connection.execute_batch(include_str!("../schemas/2.sqlite.sql")).unwrap();
}

fn file(folder: &Path) -> PathBuf {
    folder.join("authority.db")
}
