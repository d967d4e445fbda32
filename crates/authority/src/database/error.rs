//! Why a database did not do what it was asked.

/// What a database said, without any value that was in a statement or a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// Another process is writing for too long. Trying again helps.
    #[error("the database is busy")]
    Busy,
    /// There is no room to write.
    #[error("the disk of the database is full")]
    Full,
    /// A row breaks a rule of its table.
    #[error("a row breaks a rule of its table: {0}")]
    Constraint(String),
    /// Anything else: the file is damaged, may not be opened, or a statement is wrong.
    #[error("{0}")]
    Other(String),
}
