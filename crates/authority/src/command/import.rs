//! `import` and `arrivals`

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;
use yanma_authority::Clock;
use yanma_authority::database::{Database, DatabaseUrl};
use yanma_authority::register::{ImportOutcome, import, import_arrivals};

use super::say;

/// Which register a file is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Register {
    /// Who lives in the country.
    Population,
    /// Who entered from abroad.
    Arrivals,
}

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
    let (mut added, mut renamed, mut unchanged, mut rejected) = (0u64, 0u64, 0u64, 0u64);
    let mut said = Ok(());
    let report = |row: yanma_authority::register::ImportedRow| {
        *match row.outcome {
            ImportOutcome::Added => &mut added,
            ImportOutcome::Renamed => &mut renamed,
            ImportOutcome::Unchanged => &mut unchanged,
            ImportOutcome::Rejected { .. } => &mut rejected,
        } += 1;
        if said.is_ok() {
            said = say(&row);
        }
    };
    let now = Clock::system().now();
    let from = BufReader::new(from);
    match register {
        Register::Population => import(&database, from, now, report).await?,
        Register::Arrivals => import_arrivals(&database, from, now, report).await?,
    }
    said?;
    say(&json!({
        "added": added,
        "renamed": renamed,
        "unchanged": unchanged,
        "rejected": rejected,
    }))?;
    Ok(if rejected == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
