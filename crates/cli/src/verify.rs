//! `yanma verify`: one encounter, one verdict, one entry.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{ArgMatches, FromArgMatches};
use yanma_station::{Checked, Desk, Input, Mode, Reading, Via};

use crate::{Context, decode, desk, output, verdict_line};

/// Checks what one person presents, and keeps an entry. Several inputs in one call are one
/// encounter, in the order given.
#[derive(Debug)]
pub(crate) struct Verify {
    json: bool,
    offline: bool,
    inputs: Vec<Presented>,
}

#[derive(Clone, Debug)]
enum Presented {
    Picture(PathBuf),
    Text(String),
    Card(String),
}

/// The arguments as clap sees them; their order among each other is taken from the indices.
#[derive(clap::Args)]
struct Arguments {
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// Do not ask the authority; judge by what this desk knows.
    #[arg(long)]
    offline: bool,
    /// A picture with a code or card slip in it.
    #[arg(long, value_name = "PATH")]
    picture: Vec<PathBuf>,
    /// What a scanner typed, or a number.
    #[arg(long, value_name = "TEXT")]
    text: Vec<String>,
    /// The answer of a card reader, in hexadecimal.
    #[arg(long, value_name = "HEX")]
    card: Vec<String>,
}

impl clap::Args for Verify {
    fn augment_args(command: clap::Command) -> clap::Command {
        Arguments::augment_args(command)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Arguments::augment_args_for_update(command)
    }
}

impl FromArgMatches for Verify {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let arguments = Arguments::from_arg_matches(matches)?;
        let indices = |name| matches.indices_of(name).into_iter().flatten();
        let mut inputs: Vec<(usize, Presented)> = Vec::new();
        inputs
            .extend(indices("picture").zip(arguments.picture.into_iter().map(Presented::Picture)));
        inputs.extend(indices("text").zip(arguments.text.into_iter().map(Presented::Text)));
        inputs.extend(indices("card").zip(arguments.card.into_iter().map(Presented::Card)));
        inputs.sort_by_key(|(index, _)| *index);
        Ok(Self {
            json: arguments.json,
            offline: arguments.offline,
            inputs: inputs.into_iter().map(|(_, input)| input).collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Verify {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<ExitCode> {
        anyhow::ensure!(
            !self.inputs.is_empty(),
            "nothing was presented: give --picture, --text or --card"
        );
        let mut readings = Vec::new();
        for input in &self.inputs {
            readings.extend(input.readings()?);
        }
        if readings.is_empty() {
            // An unreadable picture is not a verdict at all.
            anyhow::bail!("no symbol was found in the picture: hold it closer, and show it again");
        }
        let opened = desk::open(context, Mode::Work)?;
        let checked = opened.desk.present(&readings)?;
        let checked = if self.offline { checked } else { confirmed(&opened.desk, checked)? };
        if !checked.recorded {
            output::complain(&anyhow::anyhow!("the disk is full: the entry was not kept"));
        }
        verdict_line::show(&opened.desk, &checked, self.json, context.language)?;
        Ok(if checked.recorded { ExitCode::SUCCESS } else { ExitCode::from(4) })
    }
}

impl Presented {
    fn readings(&self) -> anyhow::Result<Vec<Reading>> {
        Ok(match self {
            Self::Picture(path) => decode::symbols_in(path)
                .with_context(|| path.display().to_string())?
                .into_iter()
                .map(|symbol| Reading { input: Input::Text(symbol.text), via: Via::Camera })
                .collect(),
            Self::Text(text) => {
                vec![Reading { input: Input::Text(text.clone()), via: Via::Scanner }]
            }
            Self::Card(text) => {
                let frame = hex::decode(text.trim())
                    .map_err(|_| anyhow::anyhow!("--card: not hexadecimal"))?;
                vec![Reading::of_card(&frame).context("--card")?]
            }
        })
    }
}

/// Asks the authority, and sends the entries while it is there. An authority that does not
/// answer changes nothing.
fn confirmed(desk: &Desk, checked: Checked) -> anyhow::Result<Checked> {
    if desk.enrolment().is_none() {
        return Ok(checked);
    }
    desk::runtime()?.block_on(async {
        let later = match desk.ask(&checked).await {
            Ok(later) => later,
            Err(error) => {
                tracing::info!(%error, "not confirmed");
                return Ok(checked);
            }
        };
        if let Err(error) = desk.upload().await {
            tracing::info!(%error, "the entries wait");
        }
        Ok(later.unwrap_or(checked))
    })
}
