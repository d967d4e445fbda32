//! `yanma chip`: what the chip of a passport or a card says, and whether a country vouches for it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use yanma_devices::chip::{ChipFiles, ChipKey, ChipReader, chip_readers};
use yanma_station::domain::certificate::{Chip as ReadChip, check_chip};
use yanma_station::domain::document::Zone;
use yanma_station::{Clock, SystemClock};

use crate::{Context, certificates, input, output, read};

/// Reads the chip of a passport or an identity card on a smart-card reader; no verdict.
#[derive(clap::Args)]
pub(crate) struct Chip {
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// Part of the name of the reader; the first that holds a chip when left out.
    #[arg(long, default_value = "", hide_default_value = true)]
    reader: String,
    /// Folder with the certificates of the countries that are trusted (DER, a file each);
    /// without, no chip can be checked.
    #[arg(long, value_name = "DIR")]
    countries: Option<PathBuf>,
    /// The instant at which the chip is checked; now when left out.
    #[arg(long)]
    at: Option<Timestamp>,
    /// The zone that is printed in the document, which opens the chip; `-` reads it, in one
    /// line, from standard input.
    zone: String,
}

impl Chip {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<ExitCode> {
        let at = self.at.unwrap_or_else(|| SystemClock.now());
        let countries = match &self.countries {
            Some(folder) => certificates_in(folder)?,
            None => Vec::new(),
        };
        input::each_of(std::slice::from_ref(&self.zone), |printed| {
            self.one(context, printed, &countries, at)
        })?;
        Ok(ExitCode::SUCCESS)
    }

    fn one(
        &self,
        context: &Context,
        printed: &str,
        countries: &[Vec<u8>],
        at: Timestamp,
    ) -> anyhow::Result<()> {
        let printed = Zone::read(printed).context("the zone that was given")?;
        let key = printed.reveal_chip_key();
        let key = key.context("documents with such a zone have no chip of this kind")?;
        if chip_readers()
            .context("the smart-card service does not answer; is pcscd running?")?
            .is_empty()
        {
            bail!("no smart-card reader is plugged in");
        }
        let mut reader =
            ChipReader::connect(&self.reader).context("no chip lies on a smart-card reader")?;
        let files = reader.read(&ChipKey::from_zone(&key))?;
        let countries: Vec<_> = countries.iter().map(Vec::as_slice).collect();
        let outcome = check_chip(&files.dg1, &files.security_object, &countries, at);
        let ChipFiles { dg1, security_object } = files;
        let chip = ReadChip { printed, dg1, security_object };
        let zone = chip.zone().context("the zone on the chip cannot be read")?;
        let agrees = chip.agrees();
        let mut problems = Vec::new();
        if !agrees {
            problems.push("chip and page do not say the same".to_owned());
        }
        problems.extend(certificates::problem_of(outcome, context.language));
        let today = at.to_zoned(TimeZone::system()).date();
        let report = json!({
            "kind": "chip",
            "zone": read::zone_report(&zone, today),
            "same_as_printed": agrees,
            "checked": certificates::word_of(outcome),
            "reason": outcome.reason().map(|reason| reason.code()),
            "problems": problems,
        });
        if self.json {
            return output::json(&report);
        }
        let mut words = vec![format!("chip {}", report["zone"]), format!("{}", report["checked"])];
        words.extend(problems);
        output::line(&words.join(" "))
    }
}

/// Every file of a folder.
fn certificates_in(folder: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let unread = || format!("{} cannot be read", folder.display());
    let entries = std::fs::read_dir(folder).with_context(unread)?;
    entries.map(|entry| Ok(std::fs::read(entry.with_context(unread)?.path())?)).collect()
}
