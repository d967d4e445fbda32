//! `yanma feed`: the lists from a desk that reaches the authority to one that does not, on a
//! stick or over the network that both are in.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;
use yanma_barcode::draw;
use yanma_nearby::{TakeError, Where, take_once};
use yanma_station::sync::Synced;
use yanma_station::{Desk, DeskError, Mode};

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
    /// Takes over the files of another desk in this network that gives them, each verified;
    /// looks for some seconds.
    Nearby(Nearby),
    /// Writes the newest lists, but for the directory, as a series of pictures: symbols to be shown
    /// in turn to the camera of a desk without a network.
    Symbols(Symbols),
}

/// As a series of symbols.
#[derive(clap::Args)]
pub(crate) struct Symbols {
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// With the whole status list, for a desk that was away for long.
    #[arg(long)]
    whole: bool,
    /// The folder for 0001.png and so on; made when it is not there.
    folder: PathBuf,
}

/// From another desk in this network.
#[derive(clap::Args)]
pub(crate) struct Nearby {
    /// One JSON object.
    #[arg(long)]
    json: bool,
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
            Self::Nearby(nearby) => nearby.run(context),
            Self::Symbols(symbols) => symbols.run(context),
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
        tell(desk, &imported, self.json)
    }
}

impl Nearby {
    fn run(&self, context: &Context) -> anyhow::Result<ExitCode> {
        let opened = desk::open(context, Mode::Work)?;
        let desk = &opened.desk;
        let taking = take_once(desk, Where::default());
        let took = match desk::watched(desk, &desk::runtime()?, taking) {
            Err(TakeError::Desk(DeskError::Feed(error))) => {
                return desk::refused(desk, error, self.json);
            }
            took => took.context("nothing was taken over; the lists at hand stay in force")?,
        };
        tell(desk, &took.synced, self.json)
    }
}

impl Symbols {
    fn run(&self, context: &Context) -> anyhow::Result<ExitCode> {
        let opened = desk::open(context, Mode::Look)?;
        let desk = &opened.desk;
        let texts = match desk::watched(desk, &desk::runtime()?, desk.symbols(self.whole)) {
            Err(DeskError::Feed(error)) => return desk::refused(desk, error, self.json),
            texts => texts?,
        };
        let place = || self.folder.display().to_string();
        std::fs::create_dir_all(&self.folder).with_context(place)?;
        for (number, text) in (1..).zip(&texts) {
            let picture = draw::qr(text)?.to_png();
            let path = self.folder.join(format!("{number:04}.png"));
            std::fs::write(&path, picture).with_context(|| path.display().to_string())?;
        }
        if self.json {
            output::json(&json!({ "symbols": texts.len() }))?;
        } else {
            output::line(&format!("{} symbols in {}", texts.len(), place()))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Says what the desk knows now.
fn tell(desk: &Desk, taken: &Synced, as_json: bool) -> anyhow::Result<ExitCode> {
    let standing = desk.standing()?;
    if as_json {
        output::json(&json!({
            "head": taken.head,
            "issued_at": taken.issued_at,
            "files": taken.files,
            "bytes": taken.bytes,
            "lacks_directory_key": taken.lacks_directory_key,
            "holders": standing.holders,
            "position": standing.position,
            "age_seconds": standing.age_seconds,
        }))?;
    } else {
        output::line(&format!(
            "in step with head {} of {}: {} holders, {} files ({} bytes)",
            taken.head, taken.issued_at, standing.holders, taken.files, taken.bytes,
        ))?;
        desk::say_lacking(taken)?;
    }
    Ok(ExitCode::SUCCESS)
}
