//! `yanma sync` and `yanma enrol`, and the desk of a folder.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::json;
use tokio::runtime::Runtime;
use yanma_station::store::StoreError;
use yanma_station::sync::{Progress, Stage, SyncError, Synced};
use yanma_station::{Desk, DeskError, Mode, Opened, SystemClock};

use crate::{Context, output};

const PATIENCE: Duration = Duration::from_secs(3);
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// How often a terminal is told how far it is.
const SAY_EVERY: Duration = Duration::from_millis(300);

/// Where a desk lies when nobody says otherwise.
pub(crate) fn usual_folder() -> anyhow::Result<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "yanma")
        .context("there is no home folder; give --data")?;
    Ok(folders.data_dir().to_owned())
}

/// Opens the desk, and says what was found on the way.
pub(crate) fn open(context: &Context, mode: Mode) -> anyhow::Result<Opened> {
    let opened = when_free(|| Desk::at(&context.data, mode, Arc::new(SystemClock)))
        .with_context(|| format!("the desk in {}", context.data.display()))?;
    if let Some(set_aside) = &opened.report.set_aside {
        tracing::warn!(?set_aside, "the desk's file was damaged and has been set aside");
    }
    opened.desk.at_terminal(system_user());
    Ok(opened)
}

/// Who runs this program, by the system's word: variables say what anybody writes into them.
#[cfg(unix)]
fn system_user() -> String {
    let id = rustix::process::getuid().as_raw();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("uid {id}"))
}

/// Who runs this program, as Windows tells programs.
#[cfg(not(unix))]
fn system_user() -> String {
    std::env::var("USERNAME").unwrap_or_else(|_| "unknown".to_owned())
}

/// Waits for another command that works with the desk: each is done in a blink, and a gate
/// may start two at once. A window stays, and is told of after three seconds.
fn when_free(open: impl Fn() -> Result<Opened, DeskError>) -> Result<Opened, DeskError> {
    let started = Instant::now();
    loop {
        match open() {
            Err(DeskError::Store(StoreError::InUse)) if started.elapsed() < PATIENCE => {
                std::thread::sleep(LOOK_AGAIN);
            }
            other => return other,
        }
    }
}

/// A runtime for the one thing that a command does.
pub(crate) fn runtime() -> anyhow::Result<Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Does something that may take long, and says on a terminal how far it is.
pub(crate) fn watched<T>(desk: &Desk, runtime: &Runtime, work: impl Future<Output = T>) -> T {
    if !output::terminal() {
        return runtime.block_on(work);
    }
    // Beside the runtime: a snapshot is written while nothing else runs there.
    let (end, ended) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut shown = false;
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(SAY_EVERY) {
                if let Some(progress) = desk.progress() {
                    shown = true;
                    output::passing(&progress_words(&progress));
                }
            }
            if shown {
                output::passing("");
            }
        });
        let done = runtime.block_on(work);
        drop(end);
        done
    })
}

fn progress_words(progress: &Progress) -> String {
    let Progress { feed, stage, done, total } = progress;
    match stage {
        Stage::Fetch => {
            let mb = |bytes: &u64| format!("{}.{}", bytes / 1_000_000, bytes / 100_000 % 10);
            format!("{}: {} of {} MB", feed.as_str(), mb(done), mb(total))
        }
        Stage::Build => format!("{}: {done} of {total} rows", feed.as_str()),
        Stage::Show => format!("{}: {done} of {total} symbols", feed.as_str()),
    }
}

/// Fetches the newest lists and sends the entries.
#[derive(clap::Args)]
pub(crate) struct Sync {
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

impl Sync {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<ExitCode> {
        let opened = open(context, Mode::Work)?;
        let desk = &opened.desk;
        let runtime = runtime()?;
        let synced = match watched(desk, &runtime, desk.sync()) {
            Err(DeskError::Feed(error)) => return refused(desk, error, self.json),
            synced => synced?,
        };
        let uploaded = runtime.block_on(desk.flush())?;
        let ended = runtime.block_on(desk.end_retention())?;
        let standing = desk.standing()?;
        if self.json {
            output::json(&json!({
                "head": synced.head,
                "issued_at": synced.issued_at,
                "files": synced.files,
                "bytes": synced.bytes,
                "lacks_directory_key": synced.lacks_directory_key,
                "holders": standing.holders,
                "position": standing.position,
                "sent": uploaded.sent,
                "rejected": uploaded.rejected,
                "entries_ended": ended.entries,
                "personal_parts_ended": ended.personal_parts,
            }))?;
        } else {
            output::line(&format!(
                "in step with head {}: {} holders, {} files ({} bytes); {} entries sent, {} rejected",
                synced.head,
                standing.holders,
                synced.files,
                synced.bytes,
                uploaded.sent,
                uploaded.rejected,
            ))?;
            say_lacking(&synced)?;
            if ended.entries + ended.personal_parts > 0 {
                output::line(&format!(
                    "kept no longer: {} entries, {} personal parts",
                    ended.entries, ended.personal_parts,
                ))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Says which file was refused, why, and what the desk does instead.
pub(crate) fn refused(desk: &Desk, error: SyncError, json: bool) -> anyhow::Result<ExitCode> {
    let Some(refusal) = error.refusal(desk.now()) else { return Err(error.into()) };
    let kept = desk.kept_as_of(&refusal);
    let age_seconds = kept.map(|as_of| (desk.now().as_second() - as_of.as_second()).max(0));
    if json {
        output::json(&json!({
            "refused": refusal,
            "kept_as_of": kept,
            "age_seconds": age_seconds,
        }))?;
        return Ok(ExitCode::from(1));
    }
    Err(anyhow::Error::from(error).context(format!(
        "{}; {}",
        kept_words(kept, age_seconds),
        refusal.instead.in_english()
    )))
}

/// What stays in force, with its age.
pub(crate) fn kept_words(as_of: Option<Timestamp>, age_seconds: Option<i64>) -> String {
    match (as_of, age_seconds) {
        (Some(as_of), Some(age)) => {
            format!("what is at hand of {as_of:.0} stays in force, {} min old", age / 60)
        }
        _ => "there is nothing at hand in its place".to_owned(),
    }
}

/// Says that the directory stayed as it was, if it did.
pub(crate) fn say_lacking(synced: &Synced) -> anyhow::Result<()> {
    let Some(key) = synced.lacks_directory_key else { return Ok(()) };
    output::line(&format!(
        "the directory stays as it was: the new one is under key {key}, which only the authority \
         itself gives; connect this desk to it",
    ))
}

/// Makes this the desk of an authority.
#[derive(clap::Args)]
pub(crate) struct Enrol {
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// Address of the authority.
    #[arg(long)]
    url: String,
    /// The one-time code that the authority's clerk gave out.
    #[arg(long)]
    code: String,
    /// What people call this desk.
    #[arg(long, default_value = "Desk 1")]
    name: String,
}

impl Enrol {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<ExitCode> {
        let opened = open(context, Mode::Work)?;
        let runtime = runtime()?;
        let desk = &opened.desk;
        runtime.block_on(desk.enrol_by_code(&self.url, &self.code, &self.name))?;
        let enrolment = desk.enrolment().context("the desk was just enrolled")?;
        let synced = watched(desk, &runtime, desk.sync());
        if self.json {
            output::json(&json!({
                "station": enrolment.station,
                "site": enrolment.site,
                "scene": enrolment.scene,
                "issuer": enrolment.issuer,
                "synced": synced.is_ok(),
            }))?;
        } else {
            let site = &enrolment.site.name;
            output::line(&format!("{} at {} ({})", enrolment.station, site.en, site.zh))?;
        }
        synced.context("enrolled, but the lists could not be fetched yet")?;
        Ok(ExitCode::SUCCESS)
    }
}

#[cfg(test)]
mod tests {
    use yanma_station::protocol::file_name::FeedName;

    use super::*;

    #[test]
    fn how_far_it_is_is_said_in_megabytes_and_rows() {
        let feed = FeedName::Directory;
        let fetch = Progress { feed, stage: Stage::Fetch, done: 9_876_543, total: 171_301_253 };
        assert_eq!(progress_words(&fetch), "directory: 9.8 of 171.3 MB");
        let build = Progress { feed, stage: Stage::Build, done: 65_536, total: 20_710_000 };
        assert_eq!(progress_words(&build), "directory: 65536 of 20710000 rows");
    }
}
