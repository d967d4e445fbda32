//! Rows by the hundred thousand: `COPY` in PostgreSQL, one prepared statement in SQLite.

use super::session::Change;
use super::value::{ToValue, Value};
use crate::error::Error;

/// Rows of one table that are to be loaded.
#[derive(Debug)]
pub struct Rows {
    table: &'static str,
    columns: &'static [&'static str],
    cells: Vec<Value>,
}

impl Rows {
    /// No rows yet.
    pub fn new(table: &'static str, columns: &'static [&'static str]) -> Self {
        Self { table, columns, cells: Vec::new() }
    }

    /// Adds a row, which must have a value for each column.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when it has another number of values.
    pub fn push<const N: usize>(&mut self, row: [Value; N]) -> Result<(), Error> {
        if N != self.columns.len() {
            return Err(Error::Damaged(self.table));
        }
        self.cells.extend(row);
        Ok(())
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.cells.len() / self.columns.len().max(1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The table.
    pub fn table(&self) -> &'static str {
        self.table
    }

    /// The columns.
    pub fn columns(&self) -> &'static [&'static str] {
        self.columns
    }

    /// Every row, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[Value]> {
        self.cells.chunks_exact(self.columns.len().max(1))
    }

    /// The rows as PostgreSQL's binary `COPY` takes them (PostgreSQL 15, "COPY", File Formats).
    /// Every number is a `BIGINT`.
    pub fn to_copy(&self) -> Vec<u8> {
        let mut out = b"PGCOPY\n\xff\r\n\0".to_vec();
        out.extend([0; 8]);
        let columns = u16::try_from(self.columns.len()).unwrap_or(u16::MAX);
        for row in self.iter() {
            out.extend(columns.to_be_bytes());
            for cell in row {
                match cell {
                    Value::Null => out.extend((-1i32).to_be_bytes()),
                    Value::Integer(number) => sized(&mut out, &number.to_be_bytes()),
                    Value::Text(text) => sized(&mut out, text.as_bytes()),
                    Value::Blob(bytes) => sized(&mut out, bytes),
                }
            }
        }
        out.extend((-1i16).to_be_bytes());
        out
    }
}

fn sized(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend(bytes);
}

impl Change<'_> {
    /// Loads rows with as little ceremony as the database allows; the rules of the table hold
    /// for them as for any other.
    ///
    /// # Errors
    ///
    /// As [`execute`](Change::execute).
    pub fn load(&self, rows: &Rows) -> Result<(), Error> {
        self.load_rows(rows)
    }

    /// Adds some hundred rows to a table that is in use, with as little ceremony.
    ///
    /// # Errors
    ///
    /// As [`execute`](Change::execute).
    pub(crate) fn append(&self, rows: &Rows) -> Result<(), Error> {
        if rows.is_empty() { Ok(()) } else { self.append_rows(rows) }
    }

    /// The ids from `first` on were loaded together with their rows: the table's own next id
    /// comes after them.
    ///
    /// # Errors
    ///
    /// As [`execute`](Change::execute).
    pub(crate) fn continue_ids(&self, table: &'static str, last: i64) -> Result<(), Error> {
        if self.has_sequences() {
            let sql = "SELECT setval(pg_get_serial_sequence($1, 'id'), $2) AS id";
            self.row(sql, &[table.to_value(), last.to_value()], |_| Ok(()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::params;
    use crate::database::testing::with_change;

    #[test]
    fn rows_are_written_as_copy_reads_them() {
        let mut rows = Rows::new("sites", &["a", "b", "c", "d"]);
        rows.push([
            Value::Integer(258),
            Value::Text("é".into()),
            Value::Blob(vec![7]),
            Value::Null,
        ])
        .unwrap();
        let expect = [
            &b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0"[..],
            b"\0\x04\0\0\0\x08\0\0\0\0\0\0\x01\x02\0\0\0\x02\xc3\xa9\0\0\0\x01\x07\xff\xff\xff\xff",
            b"\xff\xff",
        ];
        assert_eq!(rows.to_copy(), expect.concat());
        assert_eq!(rows.len(), 1);
    }

    #[test]
    fn loaded_rows_are_there_and_the_rules_hold() {
        with_change(|change| {
            let mut rows = Rows::new("sites", &["id", "name_zh", "name_en", "scene"]);
            for at in 0..100 {
                let id = format!("site-{at}");
                rows.push([id.to_value(), "一".to_value(), "A".to_value(), "hotel".to_value()])
                    .unwrap();
            }
            change.load(&rows).unwrap();
            let sql = "SELECT id FROM sites WHERE name_zh = $1";
            let found = change.rows(sql, params!["一"], |_| Ok(())).unwrap();
            assert_eq!(found.len(), 100);
            assert!(change.load(&rows).is_err(), "an id is there once");
        });
        let mut rows = Rows::new("sites", &["id", "scene"]);
        assert!(rows.push([Value::Null]).is_err());
    }
}
