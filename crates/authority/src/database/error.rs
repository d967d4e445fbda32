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
    /// The server cannot be reached, or ended the connection. It is tried again by itself.
    #[error("there is no connection to the database: {0}")]
    Lost(String),
    /// The connection ended during a commit, and the server could not be asked in time what
    /// became of it.
    #[error("the connection to the database was lost during a commit")]
    Unsure,
    /// A row breaks a rule of its table.
    #[error("a row breaks a rule of its table: {0}")]
    Constraint(String),
    /// Anything else: the file is damaged, may not be opened, or a statement is wrong.
    #[error("{0}")]
    Other(String),
}

impl DatabaseError {
    /// The connection was lost before.
    pub(super) fn lost() -> Self {
        Self::Lost("it was lost before".to_owned())
    }
}
