//! `statistics`

use std::io::Write;

use clap::Args;
use yanma_authority::Clock;
use yanma_authority::database::{Database, DatabaseUrl};
use yanma_authority::statistics::figures;
use yanma_authority::statistics::words::{in_units, percent};
use yanma_domain::IssuerId;

use super::say;

/// Prints the figures.
#[derive(Debug, Args)]
pub(super) struct Statistics {
    /// As one line of JSON
    #[arg(long)]
    json: bool,
}

impl Statistics {
    pub(super) async fn run(self, url: &DatabaseUrl, issuer: IssuerId) -> anyhow::Result<()> {
        let figures = figures(&Database::open(url)?, issuer, Clock::system().now()).await?;
        if self.json {
            return say(&figures);
        }
        let mut out = std::io::stdout().lock();
        writeln!(out, "累计发放 issued\t{}", in_units(figures.codes_issued))?;
        writeln!(out, "省外入闽 from other provinces\t{}", in_units(figures.from_other_provinces))?;
        writeln!(out, "境外入闽 from abroad\t{}", in_units(figures.from_abroad))?;
        writeln!(out, "亮码次数 times shown\t{}", in_units(figures.times_shown))?;
        if !figures.cities.is_empty() {
            writeln!(out, "领码率 claim ratio\t{}", percent(figures.claim_ratio))?;
        }
        for city in &figures.cities {
            let (name, ratio) = (&city.name, percent(city.claim_ratio));
            let (residents, population) = (in_units(city.residents), in_units(city.population));
            writeln!(out, "  {} {}\t{ratio}\t{residents} / {population}", name.zh, name.en)?;
        }
        Ok(())
    }
}
