//! `sealed-log`

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use yanma_authority::Authority;
use yanma_protocol::sealed_log::{Header, LoggedEntry};

use super::say;

/// Logs that desks sealed for this authority.
#[derive(Debug, Subcommand)]
pub(super) enum SealedLog {
    /// Print the entries, a line of JSON each. That somebody read them, and why, is noted in the
    /// audit first
    Read {
        /// The file
        file: PathBuf,
        /// Why it is read
        #[arg(long)]
        reason: String,
    },
    /// Take the entries in as if the desk had uploaded them; those that are known already count
    /// once. The exit code is 2 when some were rejected
    TakeIn {
        /// The file
        file: PathBuf,
    },
}

impl SealedLog {
    pub(super) async fn run(self, authority: &Authority) -> anyhow::Result<ExitCode> {
        match self {
            Self::Read { file, reason } => {
                let mut out = std::io::BufWriter::new(std::io::stdout());
                let mut written = Ok(());
                let take = |_: &Header, entry: LoggedEntry| {
                    let line = serde_json::to_string(&entry).map_err(std::io::Error::from);
                    written = line.and_then(|line| writeln!(out, "{line}"));
                    // Whoever reads may have gone away.
                    written.is_ok()
                };
                let read = authority.read_sealed_log(open(&file)?, &reason, take).await;
                out.flush()?;
                read.with_context(|| file.display().to_string())?;
                written?;
                Ok(ExitCode::SUCCESS)
            }
            Self::TakeIn { file } => {
                let taken = authority.take_in_sealed_log(open(&file)?).await;
                let taken = taken.with_context(|| file.display().to_string())?;
                say(&taken)?;
                Ok(ExitCode::from(if taken.rejected.is_empty() { 0 } else { 2 }))
            }
        }
    }
}

fn open(file: &PathBuf) -> anyhow::Result<BufReader<File>> {
    Ok(BufReader::new(File::open(file).with_context(|| file.display().to_string())?))
}
