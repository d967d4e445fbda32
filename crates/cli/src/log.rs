//! `yanma log`: looking back.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::{Value, json};
use uuid::Uuid;
use yanma_station::domain::verdict;
use yanma_station::log::{Shown, upload_word};
use yanma_station::store::{Entry, Filter};
use yanma_station::{Desk, LogCheck, Mode, private};

use crate::{Context, desk, output};

/// Exit code when the log is not as it was written, or an entry judges otherwise today.
const NOT_THE_SAME: u8 = 2;

/// Looks back.
#[derive(clap::Subcommand)]
pub(crate) enum Log {
    /// Lists entries, newest first.
    List(List),
    /// Writes entries as CSV, or sealed for the authority.
    Export(Export),
    /// Checks that no entry was altered, taken out or moved.
    Check(Check),
    /// Lists the days of the log: what of each is still kept, and the hash that stays.
    Days(Days),
    /// Judges entries again from what they were judged on.
    Replay(Replay),
    /// Lists what was done with this desk, newest first: who signed in, looked, exported, changed.
    Audit(Audit),
}

/// Which entries.
#[derive(clap::Args)]
struct Which {
    /// Part of a masked name or number.
    #[arg(long)]
    text: Option<String>,
    /// admit, refuse or refer.
    #[arg(long)]
    verdict: Option<String>,
    /// From this day on (YYYY-MM-DD).
    #[arg(long)]
    from: Option<jiff::civil::Date>,
    /// Up to this day.
    #[arg(long)]
    to: Option<jiff::civil::Date>,
}

impl Which {
    fn filter(&self, limit: u32) -> Filter {
        Filter {
            text: self.text.clone(),
            decision: self.verdict.clone(),
            from: self.from,
            to: self.to,
            limit,
            ..Filter::default()
        }
    }
}

/// Lists entries, newest first.
#[derive(clap::Args)]
pub(crate) struct List {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    which: Which,
    /// How many at most.
    #[arg(long, default_value_t = 20)]
    limit: u32,
}

/// Writes entries as CSV, or sealed for the authority.
#[derive(clap::Args)]
pub(crate) struct Export {
    /// So that only the authority can read it, whoever carries it; `yanma-authority sealed-log`
    /// opens it. Needs --to-file.
    #[arg(long, requires = "to_file")]
    sealed: bool,
    /// The file to write; standard output when left out.
    #[arg(long, value_name = "PATH")]
    to_file: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
}

/// Checks that no entry was altered, taken out or moved, and that those that are gone went when
/// their retention ended.
#[derive(clap::Args)]
pub(crate) struct Check {
    /// The head that an earlier check told and that was kept elsewhere: the log must still have
    /// it, or its newest entries were taken out.
    #[arg(long, value_parser = head)]
    head: Option<[u8; 32]>,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

/// Lists the days of the log: what of each is still kept, and the hash that stays.
#[derive(clap::Args)]
pub(crate) struct Days {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Judges entries again from what they were judged on.
#[derive(clap::Args)]
pub(crate) struct Replay {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// An entry; the newest ones when left out.
    entry: Option<Uuid>,
    /// How many of the newest.
    #[arg(long, default_value_t = 20)]
    limit: u32,
}

/// Lists what was done with this desk, newest first.
#[derive(clap::Args)]
pub(crate) struct Audit {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// How many at most.
    #[arg(long, default_value_t = 20)]
    limit: u32,
}

impl Log {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<ExitCode> {
        let opened = desk::open(context, Mode::Look)?;
        match self {
            Self::List(list) => list.run(&opened.desk),
            Self::Export(export) => export.run(&opened.desk),
            Self::Check(check) => check.run(&opened.desk),
            Self::Days(days) => days.run(&opened.desk),
            Self::Replay(replay) => replay.run(&opened.desk),
            Self::Audit(audit) => audit.run(&opened.desk),
        }
    }
}

impl List {
    fn run(&self, desk: &Desk) -> anyhow::Result<ExitCode> {
        for entry in desk.search(&self.which.filter(self.limit))? {
            let row = row(&entry)?;
            if self.json {
                output::json(&row)?;
            } else {
                let shown = Shown::of_entry(&entry)?;
                output::line(&format!(
                    "{:>6}  {}  {:<7} {:<10} {}  {}  {}",
                    entry.number.0,
                    entry.at,
                    entry.decision.to_uppercase(),
                    entry.colour.as_deref().unwrap_or("-"),
                    shown.name.as_deref().unwrap_or("-"),
                    entry.reasons.join(" "),
                    upload_word(&entry),
                ))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn row(entry: &Entry) -> anyhow::Result<Value> {
    let shown = Shown::of_entry(entry)?;
    Ok(json!({
        "number": entry.number.0,
        "entry": entry.id,
        "at": entry.at,
        "verdict": entry.decision,
        "reasons": entry.reasons,
        "colour": entry.colour,
        "name": shown.name,
        "document": shown.document,
        "document_type": shown.document_type,
        "methods": entry.methods,
        "site": entry.site,
        "operator": entry.operator,
        "amends": entry.amends,
        "upload": upload_word(entry),
    }))
}

impl Export {
    fn run(&self, desk: &Desk) -> anyhow::Result<ExitCode> {
        let filter = self.which.filter(u32::MAX);
        match &self.to_file {
            Some(path) => {
                let mut file =
                    private::make_file(path).with_context(|| path.display().to_string())?;
                let rows = if self.sealed {
                    desk.export_sealed(&filter, &mut file)?
                } else {
                    desk.export_csv(&filter, &mut file)?
                };
                file.sync_all()?;
                output::line(&format!("{rows} entries in {}", path.display()))?;
            }
            None => {
                desk.export_csv(&filter, &mut std::io::stdout().lock())?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn head(text: &str) -> Result<[u8; 32], String> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).map_err(|_| "64 hexadecimal digits".to_owned())?;
    Ok(hash)
}

impl Check {
    fn run(&self, desk: &Desk) -> anyhow::Result<ExitCode> {
        let check = match desk.check_log(self.head.as_ref()) {
            Ok(check) => check,
            Err(error) => {
                if self.json {
                    output::json(&json!({ "ok": false, "error": error.to_string() }))?;
                } else {
                    output::line(&error.to_string())?;
                }
                return Ok(ExitCode::from(NOT_THE_SAME));
            }
        };
        if self.json {
            output::json(&json!({
                "ok": check.is_whole(),
                "entries": check.chain.entries,
                "details": check.chain.details,
                "retired": check.chain.retired,
                "lost": check.lost().iter().map(|run| [run.start(), run.end()]).collect::<Vec<_>>(),
                "unexplained": check.unexplained,
                "has_earlier_head": check.has_earlier_head,
                "audit_lines": check.audit.ok(),
                "audit_broken_at": check.audit.err(),
                "head": hex::encode(check.chain.head),
            }))?;
        } else {
            said(&check, self.head.is_some())?;
        }
        Ok(if check.is_whole() { ExitCode::SUCCESS } else { ExitCode::from(NOT_THE_SAME) })
    }
}

/// What a check found, in words: what is there first, then each thing that is not.
fn said(check: &LogCheck, asked: bool) -> anyhow::Result<()> {
    let LogCheck { chain, .. } = check;
    let retired = match chain.retired {
        0 => String::new(),
        retired => format!("; {retired} more were deleted at the end of their retention"),
    };
    let head = hex::encode(chain.head);
    output::line(&format!("{} entries, all as written{retired}; head {head}", chain.entries))?;
    for run in check.lost() {
        let (first, last) = (run.start(), run.end());
        output::line(&format!("{first}-{last} were lost with a damaged file"))?;
    }
    for day in &check.unexplained {
        output::line(&format!(
            "the entries of {day} are gone, and the audit does not say that their retention ended"
        ))?;
    }
    if let Err(number) = check.audit {
        output::line(&format!("line {number} of the audit is not as it was written, or is lost"))?;
    }
    match check.has_earlier_head {
        Some(false) => {
            output::line("the earlier head is not in this log: its newest entries were taken out")?;
        }
        None if asked => output::line(
            "the earlier head is not in this log, and may have been of a day that is gone",
        )?,
        _ => {}
    }
    Ok(())
}

impl Days {
    fn run(&self, desk: &Desk) -> anyhow::Result<ExitCode> {
        for day in desk.store().days()? {
            let (first, last) = (day.first.0, day.last.0);
            let head = hex::encode(day.head);
            if self.json {
                output::json(&json!({
                    "day": day.day,
                    "first": first,
                    "last": last,
                    "entries": day.entries(),
                    "entries_kept": day.entries_kept,
                    "personal_parts_kept": day.details_kept,
                    "uploads_owed": day.owed,
                    "head": head,
                }))?;
                continue;
            }
            let kept = match (day.entries_kept, day.details_kept) {
                (false, _) => "deleted",
                (true, false) => "without personal parts",
                (true, true) => "kept",
            };
            let owed = if day.owed { ", still to be sent" } else { "" };
            output::line(&format!("{}  {first}-{last}  {kept}{owed}  {head}", day.day))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Replay {
    fn run(&self, desk: &Desk) -> anyhow::Result<ExitCode> {
        let entries = match self.entry {
            Some(entry) => vec![entry],
            None => desk.store().last(self.limit)?.iter().map(|entry| entry.id).collect(),
        };
        let mut all_same = true;
        for entry in entries {
            let replayed = desk.replay(entry)?;
            all_same &= replayed.same;
            let now = replayed.verdict.decision;
            let then = replayed.recorded.decision;
            let reasons = codes(&replayed.verdict.findings);
            if self.json {
                output::json(&json!({
                    "entry": entry,
                    "same": replayed.same,
                    "verdict": now,
                    "recorded": then,
                    "reasons": reasons,
                    "policy": replayed.recorded.basis.policy.to_string(),
                }))?;
            } else {
                let word = if replayed.same { "same" } else { "DIFFERENT" };
                output::line(&format!("{entry}  {word}  {}", now.as_str().to_uppercase()))?;
            }
        }
        Ok(if all_same { ExitCode::SUCCESS } else { ExitCode::from(NOT_THE_SAME) })
    }
}

impl Audit {
    fn run(&self, desk: &Desk) -> anyhow::Result<ExitCode> {
        for row in desk.audit(None, self.limit)? {
            if self.json {
                output::json(&json!({
                    "number": row.number,
                    "at": row.at,
                    "by": row.operator,
                    "act": row.act,
                    "subject": row.subject,
                    "detail": row.detail,
                }))?;
            } else {
                output::line(&format!(
                    "{:>6}  {}  {:<16} {}  {}  {}",
                    row.number,
                    row.at,
                    row.operator.as_deref().unwrap_or("-"),
                    row.act,
                    row.subject.as_deref().unwrap_or(""),
                    row.detail.as_deref().unwrap_or(""),
                ))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn codes(findings: &[verdict::Finding]) -> Vec<&'static str> {
    verdict::reasons(findings).iter().map(|reason| reason.code()).collect()
}
