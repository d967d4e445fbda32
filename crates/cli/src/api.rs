//! `yanma api`: what the desk has for other programs on the same computer.

use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;
use tokio::runtime::Runtime;
use yanma_local::{
    Service, Settings, StartError, State, Take, Trouble, add_hook, hooks, make_token, remove_hook,
};
use yanma_station::{Checked, Desk, DeskError, Mode};

use crate::{Context, desk, output};

/// Programs on the same computer that have somebody checked: `docs/desk-api.md`.
#[derive(clap::Subcommand)]
pub(crate) enum Api {
    /// Makes the token of this desk and shows it once; the one before counts no more.
    Token {
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Adds an address that is told what happens (a web hook), and shows its secret once.
    AddHook {
        /// https://…, or http:// on this computer or a private address.
        url: String,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Takes an address away.
    RemoveHook {
        /// Its id, as `hooks` lists it.
        id: String,
    },
    /// Lists the addresses, and how far they were told.
    Hooks {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Prints the description of the interface (OpenAPI).
    Describe,
}

impl Api {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<ExitCode> {
        match self {
            Self::Token { json } => {
                let opened = desk::open(context, Mode::Work)?;
                let token = make_token(&opened.desk)?;
                if *json {
                    output::json(&json!({ "token": token }))?;
                } else {
                    output::line(&token)?;
                }
            }
            Self::AddHook { url, json } => {
                let opened = desk::open(context, Mode::Work)?;
                let (hook, secret) = add_hook(&opened.desk, url)?;
                if *json {
                    output::json(&json!({ "id": hook.id, "url": hook.url, "secret": secret }))?;
                } else {
                    output::line(&format!("{}  {}\n{secret}", hook.id, hook.url))?;
                }
            }
            Self::RemoveHook { id } => {
                let opened = desk::open(context, Mode::Work)?;
                anyhow::ensure!(remove_hook(&opened.desk, id)?, "there is no such hook");
            }
            Self::Hooks { json } => {
                let opened = desk::open(context, Mode::Look)?;
                for hook in hooks(&opened.desk)? {
                    let trouble = hook.trouble.map(trouble_words);
                    if *json {
                        output::json(&json!({
                            "id": hook.id,
                            "url": hook.url,
                            "waiting": hook.waiting,
                            "trouble": trouble,
                            "given_up": hook.given_up,
                        }))?;
                    } else {
                        let trouble = trouble.unwrap_or_else(|| "all is well".to_owned());
                        output::line(&format!(
                            "{}  {}  {trouble}, {} waiting",
                            hook.id, hook.url, hook.waiting
                        ))?;
                    }
                }
            }
            Self::Describe => output::line(yanma_local::openapi().trim_end())?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Tells the addresses that are set, and answers other programs if there is a port for it, for as
/// long as what is given lives. `checked` hears of each verdict.
pub(crate) fn answer(
    desk: &Arc<Desk>,
    runtime: &Runtime,
    port: Option<u16>,
    checked: impl Fn(Checked) + Clone + Send + Sync + 'static,
) -> anyhow::Result<(Service, Option<u16>)> {
    let of = Arc::clone(desk);
    let take: Take = Arc::new(move |readings, asked| {
        let (desk, checked) = (Arc::clone(&of), checked.clone());
        Box::pin(async move {
            let present = move || desk.present_asked(&readings, Some(asked));
            let taken = tokio::task::spawn_blocking(present).await;
            let taken = taken.map_err(|_| DeskError::Interrupted)??;
            checked(taken.clone());
            Ok(taken)
        })
    });
    let service = Service::new(Arc::clone(desk), take);
    let kept = Settings::of(desk)?;
    let settings = Settings { on: port.is_some(), port: port.unwrap_or(kept.port), ..kept };
    match runtime.block_on(service.apply(&settings)) {
        State::On { port } => Ok((service, Some(port))),
        State::Off => Ok((service, None)),
        State::Failed(StartError::NoToken) => {
            anyhow::bail!("--api needs a token: make one with `yanma api token`")
        }
        State::Failed(error) => anyhow::bail!("--api: {error}"),
    }
}

fn trouble_words(trouble: Trouble) -> String {
    match trouble {
        Trouble::Unreachable => "cannot be reached".to_owned(),
        Trouble::Status(status) => format!("answers {status}"),
        Trouble::Ended => "says that it is gone; nothing more is sent there".to_owned(),
    }
}
