//! `yanma done`: what was done with the person of an entry.

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde_json::json;
use uuid::Uuid;
use yanma_station::domain::scene::Action;
use yanma_station::rights::Right;
use yanma_station::{Done as WhatWasDone, Mode};

use crate::{Context, desk, output};

/// Says what was done with the person of an entry, as the scene asks.
#[derive(clap::Args)]
pub(crate) struct Done {
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// The entry.
    entry: Uuid,
    /// admitted, sent, turned-away or left; what the scene does first when left out.
    #[arg(long, value_parser = action)]
    action: Option<Action>,
    /// A field of the scene and its answer, such as room=1208.
    #[arg(long, value_name = "FIELD=ANSWER", value_parser = answer)]
    answer: Vec<(String, String)>,
    /// Why somebody is let in against a refusal; on a desk where people sign in, also
    /// --supervisor, whose pin is read from YANMA_PIN.
    #[arg(long)]
    reason: Option<String>,
    /// Who allows it.
    #[arg(long, requires = "reason")]
    supervisor: Option<String>,
}

impl Done {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<ExitCode> {
        let opened = desk::open(context, Mode::Work)?;
        let desk = &opened.desk;
        let overriding = match &self.reason {
            Some(reason) => {
                let pin = std::env::var("YANMA_PIN").unwrap_or_default();
                let who = self.supervisor.as_deref().unwrap_or_default();
                Some((desk.approve(Right::Override, who, &pin)?, reason.clone()))
            }
            None => None,
        };
        let answers: BTreeMap<_, _> = self.answer.iter().cloned().collect();
        let done = WhatWasDone { action: self.action, answers, overriding };
        let finished = desk.finish(self.entry, &done)?;
        if self.json {
            output::json(&json!({
                "entry": finished.entry,
                "completes": finished.completes,
                "action": finished.action,
                "fever": finished.fever,
            }))?;
        } else {
            let fever = if finished.fever { "  FEVER" } else { "" };
            output::line(&format!("{}  {}{fever}", finished.entry, finished.action.as_str()))?;
        }
        if !finished.recorded {
            output::complain(&anyhow::anyhow!("the disk is full: the entry was not kept"));
        }
        Ok(if finished.recorded { ExitCode::SUCCESS } else { ExitCode::from(4) })
    }
}

fn action(text: &str) -> Result<Action, String> {
    let known = Action::ALL.into_iter().find(|action| action.as_str() == text);
    known.ok_or_else(|| "admitted, sent, turned-away or left".to_owned())
}

fn answer(text: &str) -> Result<(String, String), String> {
    let (field, answer) = text.split_once('=').ok_or("FIELD=ANSWER")?;
    Ok((field.to_owned(), answer.to_owned()))
}
