//! Whose turn it is to publish.

use super::{Link, Lock, Server};
use crate::database::error::DatabaseError;

/// The right to publish: a lock on a connection of its own. The server takes it back when
/// the connection ends, however that happens.
pub(in crate::database) struct Turn {
    link: Link,
}

impl Turn {
    /// Takes the turn, unless another process has it.
    pub(in crate::database) fn take(server: &Server) -> Result<Option<Self>, DatabaseError> {
        let mut link = Link::open(server)?;
        let sql = format!("SELECT pg_try_advisory_lock({})", Lock::Publishing.key());
        let taken = link.word(&sql)?.is_some_and(|word| word == "t");
        Ok(taken.then_some(Self { link }))
    }

    /// Whether it is still this process's turn.
    pub(in crate::database) fn lasts(&mut self) -> bool {
        self.link.word("SELECT 1").is_ok()
    }

    /// Gives the turn back; it is free for another process when this returns.
    pub(in crate::database) fn give_back(mut self) -> Result<(), DatabaseError> {
        self.link.batch(&format!("SELECT pg_advisory_unlock({})", Lock::Publishing.key()))
    }
}
