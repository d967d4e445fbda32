//! `yanma update`: what newer version there is, and putting it in the place of this one.

use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;
use yanma_station::Mode;
use yanma_updates::{Bundle, Found, Release, Settings, Source, this_version};

use crate::{Context, desk, output};

/// Says whether there is a newer version; installs it only when that is asked for.
#[derive(clap::Args)]
pub(crate) struct Update {
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// Fetch it, see that the publisher signed it, and put it in the place of this one.
    #[arg(long)]
    install: bool,
    /// Where the description of the newest version lies, instead of what is set in the desk; then
    /// no desk is needed, and whoever may replace the program may do this.
    #[arg(long, value_name = "URL", requires = "key")]
    address: Option<String>,
    /// The publisher's public key.
    #[arg(long, value_name = "KEY", requires = "address")]
    key: Option<String>,
}

impl Update {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<ExitCode> {
        let opened = match self.address {
            Some(_) => None,
            None => Some(desk::open(context, Mode::Look)?),
        };
        let settings = match &opened {
            Some(opened) => Settings::of(&opened.desk)?,
            None => Settings { address: self.address.clone(), key: self.key.clone() },
        };
        let source = settings.source()?.context(
            "no updates are looked for: set their address and key in the window's settings",
        )?;
        let runtime = desk::runtime()?;
        let found = runtime.block_on(source.look(&this_version()))?;
        self.say(&found)?;
        let (Found::Newer(release), true) = (&found, self.install) else {
            return Ok(ExitCode::SUCCESS);
        };
        if let Some(opened) = &opened {
            opened.desk.begin_update(&release.version.to_string())?;
        }
        let fetched = runtime.block_on(install(&source, release))?;
        if !self.json {
            output::line(&format!("{fetched}; programs that run are to be started again"))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn say(&self, found: &Found) -> anyhow::Result<()> {
        let this = this_version();
        let (newer, older) = match found {
            Found::Same => (None, None),
            Found::Older(version) => (None, Some(version)),
            Found::Newer(release) => (Some(release), None),
        };
        if self.json {
            return output::json(&json!({
                "version": this.to_string(),
                "newer": newer.map(|release| release.version.to_string()),
                "older": older.map(ToString::to_string),
                "date": newer.and_then(|release| release.date),
                "notes": newer.map(|release| &release.notes),
                "installs": self.install && newer.is_some(),
            }));
        }
        output::line(&match found {
            Found::Same => format!("{this} is the newest"),
            Found::Older(version) => format!("the server has {version}, older than {this}"),
            Found::Newer(release) => {
                let notes = release.notes.trim();
                format!("{} is there; this is {this}\n{notes}", release.version).trim().to_owned()
            }
        })
    }
}

async fn install(source: &Source, release: &Release) -> anyhow::Result<String> {
    let bundle = Bundle::of_this_program();
    // Not where the desk lies: whoever runs this may have none.
    let folder = tempfile::tempdir()?;
    let mut tenths = 0;
    let progress = |done: u64, total: Option<u64>| {
        let now = total.map_or(0, |total| done * 10 / total.max(1));
        if output::terminal() && now != tenths {
            tenths = now;
            output::passing(&format!("{now}0 % of {}", release.version));
        }
    };
    let file = source.fetch(release, &bundle, folder.path(), progress).await?;
    bundle.install(&file, &[])?;
    Ok(format!("{} is installed", release.version))
}
