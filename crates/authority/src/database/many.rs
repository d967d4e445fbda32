//! Many rows with few statements: each statement is a journey to the server and back.

use super::session::{Change, Row, Session};
use super::value::{ToValue, Value};
use crate::error::Error;

/// How many rows a statement takes. Few sizes, so that few statements are kept prepared; and
/// both databases take as many values as this with dozens of columns.
const SIZES: [usize; 3] = [64, 8, 1];

impl Change<'_> {
    /// Inserts rows; returns what `RETURNING` at the end of `then` finds, in no order.
    ///
    /// # Errors
    ///
    /// As [`returning`](Self::returning); [`Error::Damaged`] for a row that has another number
    /// of values than there are columns.
    pub fn insert_all<T>(
        &self,
        table: &'static str,
        columns: &[&'static str],
        rows: &[Vec<Value>],
        then: &str,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        if rows.iter().any(|row| row.len() != columns.len()) {
            return Err(Error::Damaged(table));
        }
        let mut found = Vec::new();
        let mut left = rows;
        for size in SIZES {
            let sql = format!(
                "INSERT INTO {table} ({}) VALUES {} {then}",
                columns.join(", "),
                placeholders(size, columns.len())
            );
            while let Some((now, later)) = left.split_at_checked(size) {
                found.extend(self.rows(&sql, &now.concat(), &mut read)?);
                left = later;
            }
        }
        Ok(found)
    }
}

impl Session<'_> {
    /// Asks about many values of one column at once: `sql` ends in `… IN `.
    ///
    /// # Errors
    ///
    /// As [`rows`](Session::rows).
    pub fn rows_in<T>(
        &self,
        sql: &str,
        values: &[impl ToValue],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut found = Vec::new();
        let mut left = values;
        for size in SIZES {
            let sql = format!("{sql} {}", placeholders(1, size));
            while let Some((now, later)) = left.split_at_checked(size) {
                let now: Vec<Value> = now.iter().map(ToValue::to_value).collect();
                found.extend(self.rows(&sql, &now, &mut read)?);
                left = later;
            }
        }
        Ok(found)
    }

    /// Asks about many things at once. `sql` reads from a table `given`, whose columns, with
    /// their types (`BIGINT` or `TEXT`), and rows are given; it is asked about some of the
    /// rows at a time, so it must not sort or count over all of them.
    ///
    /// # Errors
    ///
    /// As [`rows`](Session::rows).
    pub fn rows_among<T>(
        &self,
        columns: &[(&'static str, &'static str)],
        given: &[Vec<Value>],
        sql: &str,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut found = Vec::new();
        let mut left = given;
        for size in SIZES {
            let sql = format!("{} {sql}", with_given(columns, size));
            while let Some((now, later)) = left.split_at_checked(size) {
                found.extend(self.rows(&sql, &now.concat(), &mut read)?);
                left = later;
            }
        }
        Ok(found)
    }
}

impl Change<'_> {
    /// Changes many rows at once, from a table `given` as in
    /// [`rows_among`](Session::rows_among).
    ///
    /// # Errors
    ///
    /// As [`execute`](Change::execute).
    pub fn execute_among(
        &self,
        columns: &[(&'static str, &'static str)],
        given: &[Vec<Value>],
        sql: &str,
    ) -> Result<u64, Error> {
        let mut touched = 0;
        let mut left = given;
        for size in SIZES {
            let sql = format!("{} {sql}", with_given(columns, size));
            while let Some((now, later)) = left.split_at_checked(size) {
                touched += self.execute(&sql, &now.concat())?;
                left = later;
            }
        }
        Ok(touched)
    }
}

/// `WITH given (a, b) AS (VALUES (CAST ($1 AS BIGINT), CAST ($2 AS TEXT)), …)`
fn with_given(columns: &[(&'static str, &'static str)], rows: usize) -> String {
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    let row = |row: usize| {
        let places = columns.iter().zip(1..).map(|((_, of_type), column)| {
            format!("CAST (${} AS {of_type})", row * columns.len() + column)
        });
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    let rows: Vec<_> = (0..rows).map(row).collect();
    format!("WITH given ({}) AS (VALUES {})", names.join(", "), rows.join(", "))
}

impl Session<'_> {
    /// Every row that a question finds for some of the keys; `sql` ends in the column that
    /// they stand in. As [`rows`](Self::rows) otherwise, and in no order.
    ///
    /// # Errors
    ///
    /// As [`rows`](Self::rows).
    pub(crate) fn rows_for<T>(
        &self,
        sql: &str,
        keys: &[impl ToValue],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let keys: Vec<_> = keys.iter().map(ToValue::to_value).collect();
        let mut found = Vec::new();
        let mut left = keys.as_slice();
        for size in SIZES {
            let sql = format!("{sql} IN {}", placeholders(1, size));
            while let Some((now, later)) = left.split_at_checked(size) {
                found.extend(self.rows(&sql, now, &mut read)?);
                left = later;
            }
        }
        Ok(found)
    }
}

/// `($1, $2), ($3, $4)`
fn placeholders(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places = (1..=columns).map(|column| format!("${}", row * columns + column));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::params;
    use crate::database::testing::with_change;

    #[test]
    fn placeholders_are_numbered_through() {
        assert_eq!(placeholders(1, 1), "($1)");
        assert_eq!(placeholders(2, 3), "($1, $2, $3), ($4, $5, $6)");
    }

    #[test]
    fn any_number_of_rows_is_inserted_once() {
        for count in [0, 1, 7, 8, 9, 63, 64, 65, 200] {
            with_change(|change| {
                let rows: Vec<_> = (0..count)
                    .map(|at| params![format!("site-{at}"), "一", "A", "hotel"].to_vec())
                    .collect();
                let columns = ["id", "name_zh", "name_en", "scene"];
                let insert = || {
                    let then = "ON CONFLICT DO NOTHING RETURNING id";
                    change.insert_all("sites", &columns, &rows, then, |row| row.get::<String>("id"))
                };
                let mut found = insert().unwrap();
                found.sort_unstable();
                found.dedup();
                assert_eq!(found.len(), count);
                assert!(insert().unwrap().is_empty(), "they are there already");
            });
        }
    }

    #[test]
    fn a_row_with_too_few_values_is_refused() {
        with_change(|change| {
            let rows = [params!["a", "一"].to_vec()];
            let refused = change.insert_all("sites", &["id"], &rows, "", |_| Ok(()));
            assert!(matches!(refused, Err(Error::Damaged("sites"))));
        });
    }
}
