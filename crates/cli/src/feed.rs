//! `yanma feed`: the lists on a stick, from a desk that has a network to one that has none.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;
use yanma_station::{DeskError, Mode};

use crate::{Context, desk, output};

/// Carries the lists to a desk without a network.
#[derive(clap::Subcommand)]
pub(crate) enum Feed {
    /// Puts the newest signed files into a folder, at an enrolled desk with a network. It
    /// may run beside the window; run again, it goes on where it was.
    Export(Carry),
    /// Takes over the files in a folder, each verified, at an enrolled desk without a
    /// network. Older files than those at hand are refused.
    Import(Carry),
}

/// Which folder.
#[derive(clap::Args)]
pub(crate) struct Carry {
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// The folder, such as one on a stick: it holds head.yf and files.
    folder: PathBuf,
}

impl Feed {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<ExitCode> {
        match self {
            Self::Export(carry) => carry.export(context),
            Self::Import(carry) => carry.import(context),
        }
    }
}

impl Carry {
    fn export(&self, context: &Context) -> anyhow::Result<ExitCode> {
        let opened = desk::open(context, Mode::Look)?;
        let work = opened.desk.export(&self.folder);
        let exported = desk::watched(&opened.desk, &desk::runtime()?, work)
            .with_context(|| format!("nothing new is in force in {}", self.folder.display()))?;
        if self.json {
            output::json(&json!({
                "head": exported.head,
                "issued_at": exported.issued_at,
                "written": exported.written,
                "there": exported.there,
                "bytes": exported.bytes,
            }))?;
        } else {
            output::line(&format!(
                "head {} of {}: {} files written, {} there already ({} bytes in all)",
                exported.head, exported.issued_at, exported.written, exported.there, exported.bytes,
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn import(&self, context: &Context) -> anyhow::Result<ExitCode> {
        let opened = desk::open(context, Mode::Work)?;
        let desk = &opened.desk;
        let imported = match desk::watched(desk, &desk::runtime()?, desk.import(&self.folder)) {
            Err(DeskError::Feed(error)) => return desk::refused(desk, error, self.json),
            imported => imported
                .context("not all was taken over; what is at hand of the rest stays in force")?,
        };
        let standing = desk.standing()?;
        if self.json {
            output::json(&json!({
                "head": imported.head,
                "issued_at": imported.issued_at,
                "files": imported.files,
                "bytes": imported.bytes,
                "lacks_directory_key": imported.lacks_directory_key,
                "holders": standing.holders,
                "position": standing.position,
                "age_seconds": standing.age_seconds,
            }))?;
        } else {
            output::line(&format!(
                "in step with head {} of {}: {} holders, {} files ({} bytes)",
                imported.head, imported.issued_at, standing.holders, imported.files, imported.bytes,
            ))?;
            desk::say_lacking(&imported)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
