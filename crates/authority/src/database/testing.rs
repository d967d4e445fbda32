//! A database in memory, for the rooms' own tests.

use rusqlite::Connection;

use super::{Change, Session, migrations};

/// Runs a test on an empty database.
pub(crate) fn with_change(test: impl FnOnce(&Change<'_>)) {
    let mut connection = Connection::open_in_memory().unwrap();
    migrations::migrate(&mut connection).unwrap();
    test(&Change::new(Session::sqlite(&connection)));
}
