//! Fills the log of an enrolled desk that has none with a million entries of the 28 days from a
//! day on: `fill_log FOLDER YYYY-MM-DD`. For measuring; the chain of such a log does not hold.

use std::error::Error;
use std::path::PathBuf;

#[path = "../benches/million/mod.rs"]
mod million;

/// Days that an entry's personal part is kept for at the least.
const DAYS: i64 = 28;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("the folder of the desk")?);
    let begin = arguments.next().ok_or("the first day")?.parse()?;
    let key = std::fs::read_to_string(folder.join("desk.key"))?;
    let db = rusqlite::Connection::open(folder.join("desk.db"))?;
    db.execute_batch(&format!("PRAGMA key = \"x'{}'\"", key.trim()))?;
    million::Log { begin, a_day: million::ENTRIES / DAYS }.fill(db)?;
    Ok(())
}
