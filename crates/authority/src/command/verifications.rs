//! `verifications`

use std::io::Write;

use clap::Args;
use jiff::Timestamp;
use yanma_authority::Authority;
use yanma_authority::verify::Recorded;

/// Prints the record of every answer to a station, a line of JSON each. That somebody read
/// it, and why, is noted in the audit first.
#[derive(Debug, Args)]
pub(super) struct Verifications {
    /// From this instant on, such as 2020-07-01T00:00:00Z
    #[arg(long)]
    from: Timestamp,
    /// Up to this instant
    #[arg(long)]
    until: Timestamp,
    /// Only those of this station
    #[arg(long)]
    station: Option<String>,
    /// Why they are read
    #[arg(long)]
    reason: String,
}

impl Verifications {
    pub(super) async fn run(self, authority: &Authority) -> anyhow::Result<()> {
        let mut out = std::io::BufWriter::new(std::io::stdout());
        let mut written = Ok(());
        let take = |record: Recorded| {
            if self.station.as_ref().is_none_or(|station| *station == record.station) {
                let line = serde_json::to_string(&record).map_err(std::io::Error::from);
                written = line.and_then(|line| writeln!(out, "{line}"));
            }
            // Whoever reads may have gone away.
            written.is_ok()
        };
        authority.verifications(self.from, self.until, &self.reason, take).await?;
        written?;
        out.flush()?;
        Ok(())
    }
}
