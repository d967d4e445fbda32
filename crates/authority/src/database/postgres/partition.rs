//! Partitions of a table, by ranges of its column `id`. What lies in no range is in the
//! table's default partition, `…_other`.

use super::Link;
use crate::database::error::DatabaseError;
use crate::database::value::{ToValue, Value};
use crate::error::Error;

/// Adds a partition for the ids from `from` up to `below`, unless it is there, or rows of the
/// range lie in the default partition already.
pub(in crate::database) fn add(
    link: &mut Link,
    table: &str,
    name: &str,
    from: &[u8],
    below: &[u8],
) -> Result<(), Error> {
    let there = "SELECT 1 WHERE to_regclass($1) IS NOT NULL";
    let other = other(table);
    let other = format!("SELECT 1 FROM {other} WHERE id >= $1 AND id < $2 LIMIT 1");
    if finds(link, there, &[name.to_value()])?
        || finds(link, &other, &[from.to_value(), below.to_value()])?
    {
        return Ok(());
    }
    let (from, below) = (hex::encode(from), hex::encode(below));
    let bounds = format!("FROM ('\\x{from}') TO ('\\x{below}')");
    Ok(link.batch(&format!("CREATE TABLE {name} PARTITION OF {table} FOR VALUES {bounds}"))?)
}

/// The default partition of a table.
pub(in crate::database) fn other(table: &str) -> String {
    format!("{table}_other")
}

/// Removes a partition, with its rows. It waits a second at most for those who read the
/// table: whoever comes after it waits as long.
pub(in crate::database) fn remove(
    link: &mut Link,
    table: &str,
    name: &str,
) -> Result<(), DatabaseError> {
    // A name of ours, such as `entries_20200701`: nothing to be quoted.
    let is_ours = name
        .strip_prefix(table)
        .is_some_and(|day| day.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()));
    if !is_ours {
        return Err(DatabaseError::Other("a partition has a name of somebody else".to_owned()));
    }
    link.batch(&format!(
        "SET LOCAL lock_timeout = '1s'; DROP TABLE {name}; SET LOCAL lock_timeout = '5s'"
    ))
}

fn finds(link: &mut Link, sql: &str, params: &[Value]) -> Result<bool, DatabaseError> {
    Ok(link.execute(sql, params)? > 0)
}
