//! What the page may ask. Each command is an outlet: it takes the question to the desk and
//! turns the answer into a view.

use std::fs::File;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use tauri_specta::{Builder, collect_commands, collect_events};
use yanma_station::domain::document::DocumentType;
use yanma_station::lists::ListError;
use yanma_station::operators::SignInError;
use yanma_station::store::{EntryNumber, Filter, StoreError};
use yanma_station::{Desk, DeskError, Duty, Input, Reading, Via};

use crate::devices::controls;
use crate::family;
use crate::guest_screen;
use crate::guests;
use crate::keyboard;
use crate::kiosk;
use crate::lists;
use crate::nearby;
use crate::out;
use crate::preview::{AdviceEvent, FoundEvent, JpegFrame, Side};
use crate::programs;
use crate::scene;
use crate::settings::Settings;
use crate::shell::{self, Shell};
use crate::staff::{self, RoleView};
use crate::sticks;
use crate::subscription;
use crate::trial;
use crate::updates;
use crate::verdicts::UncheckedEvent;
use crate::views::{
    DecisionView, DeviceView, EntryRow, StationEvent, StationView, VerdictEvent, VerdictView,
};

/// Rows of the log at once, at most.
const MAX_ROWS: u32 = 500;

/// Every command and event, with their types for the page.
pub(crate) fn builder() -> Builder<tauri::Wry> {
    Builder::new()
        .commands(collect_commands![
            open_desk,
            station,
            settings,
            save_settings,
            present_text,
            present_number,
            last_verdicts,
            search_log,
            export_log,
            export_sealed_log,
            enrol,
            sync_now,
            devices,
            start_preview,
            ack_frame,
            controls::camera_controls,
            controls::set_camera_control,
            controls::reset_camera,
            trial::scanner_families,
            scene::scene,
            scene::scenes,
            scene::finish,
            scene::inside,
            guest_screen::open_guest_window,
            guest_screen::screens,
            out::print_slip,
            staff::staff,
            staff::sign_in,
            staff::sign_in_by_badge,
            staff::sign_out,
            staff::set_operator,
            staff::retire_operator,
            staff::issue_badge,
            staff::hours,
            staff::audit,
            staff::export_day,
            lists::take_list,
            lists::lists,
            lists::listed,
            lists::check_list,
            lists::present_listed,
            lists::forget_list,
            lists::export_list,
            lists::flights,
            lists::missing,
            guests::guest_draft,
            guests::companion_draft,
            guests::check_out_party,
            guests::guests,
            guests::guest,
            guests::check_in,
            guests::change_guest,
            guests::check_out,
            guests::note_reported,
            guests::export_guests,
            kiosk::leave_full_screen,
            sticks::sticks,
            sticks::take_from_stick,
            sticks::write_onto_stick,
            sticks::seal_onto_stick,
            nearby::nearby,
            nearby::save_nearby,
            nearby::make_lane_key,
            nearby::set_lane_key,
            subscription::subscription,
            subscription::save_subscription,
            updates::updates,
            updates::save_updates,
            updates::look_for_update,
            updates::install_update,
            programs::programs,
            programs::save_programs,
            programs::make_program_token,
            programs::add_web_hook,
            programs::remove_web_hook,
        ])
        .events(collect_events![
            VerdictEvent,
            StationEvent,
            FoundEvent,
            AdviceEvent,
            keyboard::KeysEvent,
            trial::TriedEvent,
            lists::ListProgressEvent,
            updates::UpdateProgressEvent,
            scene::GuestEvent,
            out::PassageEvent,
            out::SlipEvent,
            scene::FilledEvent,
            family::FamilyEvent,
            UncheckedEvent
        ])
}

/// Why a command did nothing. The page has the words; `detail` is for whoever helps.
#[derive(Debug, Serialize, Type)]
#[serde(tag = "kind", content = "detail", rename_all = "camelCase")]
pub(crate) enum CommandError {
    NotEnrolled,
    NoFeedKey,
    Closed {
        why: Closed,
        folder: String,
    },
    BadField {
        field: String,
        reason: String,
    },
    NotAllowed {
        right: String,
        least: RoleView,
    },
    SignIn(SignInView),
    OverrideNeeded,
    /// A file that should be a list is none: `encoding`, `workbook`, …
    NoList {
        why: NoListView,
    },
    GuestIsHere,
    /// A camera was not set, or not asked.
    Camera {
        why: controls::CameraTrouble,
    },
    /// A new version was not installed.
    Update(updates::Trouble),
    Store(String),
    Authority(String),
    Io(String),
}

/// Why somebody could not sign in, or be set up.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(tag = "why", rename_all = "camelCase")]
pub(crate) enum SignInView {
    Wrong,
    Wait { seconds: u32 },
    WeakPin,
    NoAdministrator,
}

impl From<SignInError> for SignInView {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Wrong => Self::Wrong,
            SignInError::Wait { seconds } => Self::Wait { seconds },
            SignInError::WeakPin => Self::WeakPin,
            SignInError::NoAdministrator => Self::NoAdministrator,
        }
    }
}

/// Why a file is no list.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum NoListView {
    Empty,
    TooLarge,
    Encoding,
    Workbook,
    NoNameColumn,
    ColumnTwice,
}

impl From<ListError> for NoListView {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Empty => Self::Empty,
            ListError::TooLarge => Self::TooLarge,
            ListError::Encoding => Self::Encoding,
            ListError::Workbook => Self::Workbook,
            ListError::NoNameColumn => Self::NoNameColumn,
            ListError::ColumnTwice(_) => Self::ColumnTwice,
        }
    }
}

impl CommandError {
    pub(crate) fn bad_field(field: &str, reason: &str) -> Self {
        Self::BadField { field: field.to_owned(), reason: reason.to_owned() }
    }
}

/// Why the desk could not be opened. Nothing that was kept is lost by any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Closed {
    KeyMissing,
    WrongKey,
    NewerSchema,
    DiskFull,
    NotWritable,
    Damaged,
    Other,
}

impl From<&DeskError> for Closed {
    fn from(error: &DeskError) -> Self {
        match error {
            DeskError::KeyMissing => Self::KeyMissing,
            DeskError::Key(_) | DeskError::Store(StoreError::WrongKey) => Self::WrongKey,
            DeskError::Store(StoreError::NewerSchema { .. }) => Self::NewerSchema,
            DeskError::Store(StoreError::DiskFull) => Self::DiskFull,
            DeskError::Store(StoreError::NotWritable) => Self::NotWritable,
            DeskError::Store(StoreError::Damaged) => Self::Damaged,
            _ => Self::Other,
        }
    }
}

/// The one place where the desk's errors become the page's.
impl From<DeskError> for CommandError {
    fn from(error: DeskError) -> Self {
        let text = error.to_string();
        match error {
            DeskError::NotEnrolled => Self::NotEnrolled,
            DeskError::NoFeedKey => Self::NoFeedKey,
            DeskError::Field(error) => {
                Self::BadField { field: error.field.clone(), reason: error.problem.to_string() }
            }
            DeskError::Url(_) => Self::BadField { field: "url".to_owned(), reason: text },
            DeskError::NotAllowed(right) => {
                let least = right.least().into();
                Self::NotAllowed { right: right.as_str().to_owned(), least }
            }
            DeskError::SignIn(error) => Self::SignIn(error.into()),
            DeskError::OverrideNeeded => Self::OverrideNeeded,
            DeskError::List(error) => Self::NoList { why: error.into() },
            DeskError::GuestIsHere => Self::GuestIsHere,
            DeskError::Answer(error) => {
                Self::BadField { field: error.field, reason: error.problem.to_string() }
            }
            DeskError::NoPolicy => Self::BadField { field: "scene".to_owned(), reason: text },
            DeskError::Authority(_) | DeskError::Feed(_) => Self::Authority(text),
            _ => Self::Store(text),
        }
    }
}

pub(crate) type Answer<T> = Result<T, CommandError>;

/// Opens the desk unless it is open: asked first, and again when somebody has put right what
/// kept it closed.
#[tauri::command]
#[specta::specta]
async fn open_desk(app: AppHandle) -> Answer<()> {
    let folder = crate::data_folder().map_err(|error| CommandError::Io(error.to_string()))?;
    shell::open(&app, &folder).map_err(|error| CommandError::Closed {
        why: Closed::from(&error),
        folder: folder.display().to_string(),
    })
}

#[tauri::command]
#[specta::specta]
async fn station(shell: State<'_, Arc<Shell>>) -> Answer<StationView> {
    Ok(shell.view()?)
}

#[tauri::command]
#[specta::specta]
async fn settings(shell: State<'_, Arc<Shell>>) -> Answer<Settings> {
    Ok(shell.settings()?)
}

#[tauri::command]
#[specta::specta]
async fn save_settings(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    settings: Settings,
) -> Answer<Settings> {
    settings.check()?;
    // Only a scene that somebody chose is kept over the one that the authority gave.
    let chosen = !settings.scene.is_empty() && settings.scene != shell.desk.scene();
    let scene = if chosen { Some(settings.scene.clone()) } else { shell.desk.duty().scene };
    let operator = settings.operator.clone().filter(|name| !name.trim().is_empty());
    shell.desk.set_duty(Duty { scene, operator })?;
    shell.keep_settings(&settings)?;
    shell.watch_devices(&app)?;
    shell.show_station(&app);
    Ok(shell.settings()?)
}

#[derive(Clone, Copy, Debug, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
enum TextSource {
    Wedge,
    Typed,
}

#[tauri::command]
#[specta::specta]
async fn present_text(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    text: String,
    source: TextSource,
) -> Answer<Option<VerdictView>> {
    let via = match source {
        TextSource::Wedge => Via::Scanner,
        TextSource::Typed => Via::Keyboard,
    };
    let reading = shell.bare(Reading { input: Input::Text(text), via });
    if shell.take_aside(&app, &reading).await {
        return Ok(None);
    }
    Ok(Some(Arc::clone(&shell).take(&app, reading).await?))
}

#[tauri::command]
#[specta::specta]
async fn present_number(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    document_type: String,
    number: String,
) -> Answer<VerdictView> {
    let document_type: DocumentType = document_type.parse().map_err(|_| {
        let reason = "not a kind of document known here".to_owned();
        CommandError::BadField { field: "documentType".to_owned(), reason }
    })?;
    let reading = Reading { input: Input::Number(document_type, number), via: Via::Keyboard };
    Ok(Arc::clone(&shell).take(&app, reading).await?)
}

#[tauri::command]
#[specta::specta]
async fn last_verdicts(shell: State<'_, Arc<Shell>>, limit: u32) -> Answer<Vec<VerdictView>> {
    let entries = shell.desk.just_seen(limit)?;
    // One that this program cannot read is in the log, and keeps nobody from working.
    let readable = |entry| match VerdictView::of_entry(entry) {
        Ok(view) => Some(view),
        Err(error) => {
            tracing::warn!(%error, "one of the last verdicts is not shown");
            None
        }
    };
    Ok(entries.iter().filter_map(readable).collect())
}

/// Which entries of the log.
#[derive(Debug, Deserialize, Type)]
pub(crate) struct LogFilter {
    text: Option<String>,
    decision: Option<DecisionView>,
    /// A day, YYYY-MM-DD.
    from: Option<String>,
    to: Option<String>,
    /// A time on the first day, HH:MM, and one on the last, exclusive.
    since: Option<String>,
    until: Option<String>,
    /// Entry number; rows older than it are given.
    before: Option<f64>,
    limit: u32,
}

impl LogFilter {
    fn parse(self) -> Answer<Filter> {
        Ok(Filter {
            text: self.text.filter(|text| !text.trim().is_empty()),
            decision: self.decision.map(|decision| decision.as_str().to_owned()),
            since: instant("from", self.from.as_deref(), self.since)?,
            until: instant("to", self.to.as_deref(), self.until)?,
            from: day("from", self.from)?,
            to: day("to", self.to)?,
            before: self.before.map(number),
            limit: self.limit.clamp(1, MAX_ROWS),
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the page only gives back numbers it was given; others saturate"
)]
fn number(number: f64) -> EntryNumber {
    EntryNumber(number as u64)
}

fn day(field: &str, text: Option<String>) -> Answer<Option<jiff::civil::Date>> {
    text.filter(|text| !text.is_empty()).map(|text| day_of(field, &text)).transpose()
}

/// A time on a day, where the desk stands; a time without its day is none.
fn instant(
    field: &str,
    day: Option<&str>,
    time: Option<String>,
) -> Answer<Option<jiff::Timestamp>> {
    let day = day.filter(|day| !day.is_empty());
    let time = time.filter(|time| !time.is_empty());
    let Some((day, time)) = day.zip(time) else { return Ok(None) };
    let wrong = || CommandError::bad_field(field, "not a time such as 14:30");
    let time: jiff::civil::Time = time.parse().map_err(|_| wrong())?;
    let zone = jiff::tz::TimeZone::system();
    let at = day_of(field, day)?.to_datetime(time).to_zoned(zone).map_err(|_| wrong())?;
    Ok(Some(at.timestamp()))
}

/// A day that the page names.
pub(crate) fn day_of(field: &str, text: &str) -> Answer<jiff::civil::Date> {
    text.parse().map_err(|_| CommandError::bad_field(field, "not a day such as 2026-07-01"))
}

#[tauri::command]
#[specta::specta]
async fn search_log(shell: State<'_, Arc<Shell>>, filter: LogFilter) -> Answer<Vec<EntryRow>> {
    let entries = shell.desk.search(&filter.parse()?)?;
    Ok(entries.iter().map(EntryRow::of).collect::<Result<_, _>>()?)
}

#[tauri::command]
#[specta::specta]
async fn export_log(shell: State<'_, Arc<Shell>>, filter: LogFilter) -> Answer<String> {
    let filter = filter.parse()?;
    let write = move |desk: &Desk, out: &mut File| desk.export_csv(&filter, out).map(drop);
    shell.export("log", "csv", write).await
}

#[tauri::command]
#[specta::specta]
async fn export_sealed_log(shell: State<'_, Arc<Shell>>, filter: LogFilter) -> Answer<String> {
    let filter = filter.parse()?;
    let write = move |desk: &Desk, out: &mut File| desk.export_sealed(&filter, out).map(drop);
    shell.export("log", "yanmalog", write).await
}

#[tauri::command]
#[specta::specta]
async fn enrol(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    url: String,
    code: String,
    station_name: String,
) -> Answer<StationView> {
    shell.desk.enrol_by_code(&url, &code, &station_name).await?;
    if let Err(error) = shell.desk.sync().await {
        tracing::warn!(%error, "enrolled, but not in step yet");
    }
    shell.show_station(&app);
    Ok(shell.view()?)
}

#[tauri::command]
#[specta::specta]
async fn sync_now(app: AppHandle, shell: State<'_, Arc<Shell>>) -> Answer<StationView> {
    let synced = shell.desk.sync().await;
    shell.show_station(&app);
    synced?;
    shell.desk.flush().await?;
    Ok(shell.view()?)
}

#[tauri::command]
#[specta::specta]
async fn devices(shell: State<'_, Arc<Shell>>) -> Answer<Vec<DeviceView>> {
    let shell = Arc::clone(&shell);
    let listed = tauri::async_runtime::spawn_blocking(move || shell.list_devices()).await;
    Ok(listed.map_err(|_| DeskError::Interrupted)??)
}

#[tauri::command]
#[specta::specta]
async fn start_preview(
    shell: State<'_, Arc<Shell>>,
    side: Side,
    channel: Channel<JpegFrame>,
) -> Answer<()> {
    shell.start_preview(side, channel);
    Ok(())
}

#[tauri::command]
#[specta::specta]
async fn ack_frame(shell: State<'_, Arc<Shell>>, side: Side) -> Answer<()> {
    shell.acknowledge_frame(side);
    Ok(())
}

#[cfg(test)]
mod tests {
    /// The page's types are generated; a change here must be committed there.
    #[test]
    fn bindings_are_up_to_date() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../ui/station/src/platform/bindings.ts");
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        super::builder()
            .export(specta_typescript::Typescript::default(), &path)
            .expect("the bindings can be written");
        let generated = std::fs::read_to_string(&path).expect("they were just written");
        assert!(committed == generated, "bindings.ts was out of date; commit the new one");
    }
}
