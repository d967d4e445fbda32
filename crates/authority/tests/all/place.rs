//! Where the authority of a test keeps its data: here a SQLite file.

use std::path::Path;

/// The address of the database that belongs to a folder.
pub(crate) fn url(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("authority.db").display())
}
