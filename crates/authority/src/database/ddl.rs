//! A table's own part of a schema step, for both databases.

/// The statements that make a table.
#[derive(Debug, Clone, Copy)]
pub struct Ddl {
    /// For SQLite: `STRICT` tables.
    pub sqlite: &'static str,
    /// For PostgreSQL: every number is a `BIGINT`, bytes are `BYTEA`.
    pub postgres: &'static str,
}
