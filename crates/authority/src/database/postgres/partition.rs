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
    let other = format!("SELECT 1 FROM {table}_other WHERE id >= $1 AND id < $2 LIMIT 1");
    if finds(link, there, &[name.to_value()])?
        || finds(link, &other, &[from.to_value(), below.to_value()])?
    {
        return Ok(());
    }
    let (from, below) = (hex::encode(from), hex::encode(below));
    let bounds = format!("FROM ('\\x{from}') TO ('\\x{below}')");
    Ok(link.batch(&format!("CREATE TABLE {name} PARTITION OF {table} FOR VALUES {bounds}"))?)
}

fn finds(link: &mut Link, sql: &str, params: &[Value]) -> Result<bool, DatabaseError> {
    Ok(link.execute(sql, params)? > 0)
}
