//! `import` and `arrivals`

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use yanma_authority::Clock;
use yanma_authority::database::{Database, DatabaseUrl};
use yanma_authority::register::{ImportedRow, Register, import_by_hand};

use super::say;

/// Imports a file, prints a line for each row and one with the sums at the end; the exit
/// code is 2 when a row was rejected.
pub(super) async fn run(
    url: &DatabaseUrl,
    register: Register,
    file: &Path,
) -> anyhow::Result<ExitCode> {
    let from: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(File::open(file).with_context(|| file.display().to_string())?)
    };
    let database = Database::open(url)?;
    let mut said = Ok(());
    let report = |row: ImportedRow| {
        if said.is_ok() {
            said = say(&row);
        }
    };
    let now = Clock::system().now();
    let counts = import_by_hand(&database, register, BufReader::new(from), now, report).await?;
    said?;
    say(&counts)?;
    Ok(if counts.rejected == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
