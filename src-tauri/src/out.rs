//! What goes out of the desk: a turnstile that is opened, and slips that are printed. Nobody
//! waits for either; what came of it is told to the page when it is known.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, State};
use tauri_specta::Event;
use uuid::Uuid;
use yanma_devices::DeviceId;
use yanma_devices::printer::{
    self, Page, Printed, PrinterEvent, PrinterHandle, PrinterOptions, Trouble,
};
use yanma_devices::turnstile::{self, Passage, TurnstileEvent, TurnstileHandle, TurnstileOptions};
use yanma_station::slip::Dots;
use yanma_station::{Desk, DeskError};

use crate::commands::{Answer, CommandError};
use crate::devices::{self, Devices, Shown};
use crate::settings::Settings;
use crate::shell::{Shell, tell};
use crate::views::{DeviceKind, DeviceView, WordsView};

/// A device that is open, and how it was asked for.
type Slot<O, H> = Mutex<Option<(O, H)>>;

/// The devices that are open.
#[derive(Default)]
pub(crate) struct Out {
    turnstile: Slot<TurnstileOptions, TurnstileHandle>,
    printer: Slot<PrinterOptions, PrinterHandle>,
}

/// What the arm of the turnstile did for whom it was opened on this entry.
#[derive(Clone, Debug, Serialize, Deserialize, Type, Event)]
#[serde(rename_all = "camelCase")]
#[tauri_specta(event_name = "passage")]
pub(crate) struct PassageEvent {
    entry: String,
    passage: PassageView,
    /// What was written down could not be kept, and why.
    problem: Option<String>,
}

/// What came of opening.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum PassageView {
    Opened,
    Turned,
    NotTurned,
    Late,
    Failed,
}

impl From<Passage> for PassageView {
    fn from(passage: Passage) -> Self {
        match passage {
            Passage::Opened => Self::Opened,
            Passage::Turned => Self::Turned,
            Passage::NotTurned => Self::NotTurned,
            Passage::Late => Self::Late,
            Passage::Failed => Self::Failed,
        }
    }
}

/// What came of the slip of an entry.
#[derive(Clone, Debug, Serialize, Deserialize, Type, Event)]
#[serde(rename_all = "camelCase")]
#[tauri_specta(event_name = "slip")]
pub(crate) struct SlipEvent {
    entry: String,
    printed: PrintedView,
    /// What is wrong and what to do.
    trouble: Option<WordsView>,
}

/// How far a slip came.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum PrintedView {
    Printed,
    Sent,
    Failed,
}

/// Which turnstile the settings ask for.
///
/// # Errors
/// What is wrong with how it is written.
fn turnstile_of(settings: &Settings) -> Result<Option<TurnstileOptions>, CommandError> {
    let text = settings.turnstile.as_deref().filter(|text| !text.trim().is_empty());
    let bad =
        |error: turnstile::OptionsError| CommandError::bad_field("turnstile", &error.to_string());
    text.map(|text| text.parse().map_err(bad)).transpose()
}

/// The same of the printer.
fn printer_of(settings: &Settings) -> Result<Option<PrinterOptions>, CommandError> {
    let text = settings.printer.as_deref().filter(|text| !text.trim().is_empty());
    let bad = |error: printer::PrinterOptionsError| {
        CommandError::bad_field("printer", &error.to_string())
    };
    text.map(|text| text.parse().map_err(bad)).transpose()
}

/// Checks what the settings say before they are kept.
///
/// # Errors
/// What cannot be read, or a port that another device has.
pub(crate) fn check(settings: &Settings) -> Result<(), CommandError> {
    let (turnstile, printer) = (turnstile_of(settings)?, printer_of(settings)?);
    let serial = devices::serial_of(settings)?;
    let reader = settings.card_reader.as_deref().map(str::trim);
    let mut taken: Vec<&str> = serial.iter().map(|one| one.port.as_str()).chain(reader).collect();
    let places = [
        ("turnstile", turnstile.as_ref().and_then(TurnstileOptions::serial_port)),
        ("printer", printer.as_ref().and_then(PrinterOptions::serial_port)),
    ];
    for (field, port) in places {
        let Some(port) = port else { continue };
        if taken.contains(&port) {
            return Err(CommandError::bad_field(field, "another device is set to this port"));
        }
        taken.push(port);
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes out what is open and not what is wanted; true when what is wanted is to be opened.
fn change<O: PartialEq, H>(slot: &Slot<O, H>, wanted: Option<&O>) -> (bool, Option<(O, H)>) {
    let mut slot = lock(slot);
    if slot.as_ref().map(|(options, _)| options) == wanted {
        return (false, None);
    }
    (wanted.is_some(), slot.take())
}

impl Out {
    /// Opens what the settings ask for and closes the rest; what stays the same goes on.
    pub(crate) fn watch(
        &self,
        settings: &Settings,
        devices: &Devices,
        shell: &Arc<Shell>,
        app: &AppHandle,
    ) {
        // Settings are checked when they are saved; what was saved by hand has none.
        let wanted = turnstile_of(settings).unwrap_or_default();
        // Closing waits for a thread, so that it is done without the lock.
        let (opens, old) = change(&self.turnstile, wanted.as_ref());
        if let Some((options, handle)) = old {
            handle.stop();
            devices.forget(&options.id());
        }
        if let Some(options) = wanted.filter(|_| opens) {
            devices.note(&options.id(), DeviceKind::Turnstile);
            let handle = open_turnstile(&options, devices.shown_by_threads(), shell, app);
            *lock(&self.turnstile) = Some((options, handle));
        }
        let wanted = printer_of(settings).unwrap_or_default();
        let (opens, old) = change(&self.printer, wanted.as_ref());
        if let Some((options, handle)) = old {
            handle.stop();
            devices.forget(&options.id());
        }
        if let Some(options) = wanted.filter(|_| opens) {
            devices.note(&options.id(), DeviceKind::Printer);
            let handle = open_printer(&options, devices.shown_by_threads(), shell, app);
            *lock(&self.printer) = Some((options, handle));
        }
    }

    /// Opens the turnstile, where there is one, for whom this entry is of.
    pub(crate) fn let_through(&self, app: &AppHandle, desk: &Arc<Desk>, entry: Uuid) {
        let (ticket, of) = (entry.to_string(), Arc::clone(desk));
        let given = lock(&self.turnstile)
            .as_ref()
            .map(|(_, handle)| handle.open(ticket.clone(), move || of.still_opens(entry)));
        if given == Some(false) {
            desk.did_not_open(entry);
            let passage = PassageView::Late;
            tell(PassageEvent { entry: ticket, passage, problem: None }.emit(app));
        }
    }

    /// How wide the printer's paper is, in dots, where there is one.
    pub(crate) fn paper(&self) -> Option<u16> {
        lock(&self.printer).as_ref().map(|(options, _)| options.width_dots)
    }

    /// Hands a slip to the printer.
    pub(crate) fn print(&self, app: &AppHandle, entry: Uuid, dots: Dots) {
        let page = Page::new(dots.bytes_a_row, dots.rows);
        let ticket = entry.to_string();
        let given =
            lock(&self.printer).as_ref().map(|(_, handle)| handle.print(ticket.clone(), page));
        if given == Some(false) {
            tell(SlipEvent::of(ticket, Printed::Failed(Trouble::Offline)).emit(app));
        }
    }
}

impl SlipEvent {
    fn of(entry: String, printed: Printed) -> Self {
        let (printed, trouble) = match printed {
            Printed::Done => (PrintedView::Printed, None),
            Printed::Sent => (PrintedView::Sent, Some(Trouble::Silent)),
            Printed::Failed(trouble) => (PrintedView::Failed, Some(trouble)),
        };
        Self { entry, printed, trouble: trouble.map(words) }
    }

    /// A slip that could not be drawn.
    pub(crate) fn undrawn(entry: Uuid) -> Self {
        let words = WordsView::new(
            "纸条无法生成：本机没有中文字体，请安装 Noto Sans CJK",
            "The slip could not be drawn: install a font with Chinese characters, Noto Sans CJK",
        );
        Self { entry: entry.to_string(), printed: PrintedView::Failed, trouble: Some(words) }
    }
}

fn words(trouble: Trouble) -> WordsView {
    WordsView::new(trouble.in_chinese(), trouble.in_english())
}

/// Changes how a device is shown, and tells the page. Called from the device's thread.
fn show(
    shown: &Shown,
    id: &DeviceId,
    shell: Arc<Shell>,
    app: &AppHandle,
    change: impl FnOnce(&mut DeviceView),
) {
    if let Some(view) = shown.lock().unwrap_or_else(PoisonError::into_inner).get_mut(id) {
        change(view);
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move { shell.show_station(&app) });
}

fn open_turnstile(
    options: &TurnstileOptions,
    shown: Shown,
    shell: &Arc<Shell>,
    app: &AppHandle,
) -> TurnstileHandle {
    let id = options.id();
    let (shell, app) = (Arc::downgrade(shell), app.clone());
    let sink = move |event| {
        let Some(shell) = shell.upgrade() else { return };
        match event {
            TurnstileEvent::State(state) => {
                show(&shown, &id, shell, &app, |view| view.state = state.into());
            }
            TurnstileEvent::Passage { ticket, passage } => {
                let app = app.clone();
                tauri::async_runtime::spawn(async move {
                    let entry = ticket.clone();
                    let kept = shell.work(move |shell| write_down(shell, &entry, passage)).await;
                    let problem = kept.err().map(|error| format!("{error:?}"));
                    let passage = passage.into();
                    tell(PassageEvent { entry: ticket, passage, problem }.emit(&app));
                    shell.show_station(&app);
                });
            }
        }
    };
    turnstile::run(options.clone(), Arc::new(sink))
}

/// Hands the arm's word to the desk.
fn write_down(shell: &Shell, ticket: &str, passage: Passage) -> Result<(), DeskError> {
    let entry = ticket.parse().map_err(|_| DeskError::NoSuchEntry)?;
    match passage {
        Passage::Turned => shell.desk.went_through(entry).map(drop),
        Passage::NotTurned => shell.desk.stayed_outside(entry).map(drop),
        Passage::Late | Passage::Failed => {
            shell.desk.did_not_open(entry);
            Ok(())
        }
        Passage::Opened => Ok(()),
    }
}

fn open_printer(
    options: &PrinterOptions,
    shown: Shown,
    shell: &Arc<Shell>,
    app: &AppHandle,
) -> PrinterHandle {
    let id = options.id();
    let (shell, app) = (Arc::downgrade(shell), app.clone());
    let sink = move |event| {
        let Some(shell) = shell.upgrade() else { return };
        match event {
            PrinterEvent::State(state) => {
                show(&shown, &id, shell, &app, |view| view.state = state.into());
            }
            PrinterEvent::Trouble(trouble) => {
                show(&shown, &id, shell, &app, |view| view.trouble = trouble.map(words));
            }
            PrinterEvent::Job { ticket, printed } => {
                tell(SlipEvent::of(ticket, printed).emit(&app));
            }
        }
    };
    printer::run(options.clone(), Arc::new(sink))
}

/// Prints the slip of an entry once more, as when there was no paper.
#[tauri::command]
#[specta::specta]
pub(crate) async fn print_slip(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    entry: String,
) -> Answer<()> {
    let entry = entry.parse().map_err(|_| CommandError::bad_field("entry", "not an entry's id"))?;
    Ok(Arc::clone(&shell).print_slip(&app, entry).await?)
}
