//! The register of guests, as the page shows and changes it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use yanma_station::domain::document::DocumentNumber;
use yanma_station::guests::{GuestForm, GuestFormat, report_due};
use yanma_station::store::{GuestFilter, GuestRow};

use crate::commands::{Answer, day_of};
use crate::lists::id;
use crate::shell::Shell;

/// Most guests at once.
const MAX_GUESTS: u32 = 2000;

/// What is written of a guest, as it was typed.
#[derive(Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GuestFormView {
    name: String,
    document_type: String,
    document: String,
    sex: String,
    born: String,
    nationality: String,
    ethnicity: String,
    address: String,
    room: String,
    nights: String,
}

/// Never shows anybody.
impl std::fmt::Debug for GuestFormView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuestFormView").finish_non_exhaustive()
    }
}

impl From<GuestForm> for GuestFormView {
    fn from(form: GuestForm) -> Self {
        Self {
            name: form.name,
            document_type: form.document_type,
            document: form.document,
            sex: form.sex,
            born: form.born,
            nationality: form.nationality,
            ethnicity: form.ethnicity,
            address: form.address,
            room: form.room,
            nights: form.nights,
        }
    }
}

impl From<GuestFormView> for GuestForm {
    fn from(form: GuestFormView) -> Self {
        Self {
            name: form.name,
            document_type: form.document_type,
            document: form.document,
            sex: form.sex,
            born: form.born,
            nationality: form.nationality,
            ethnicity: form.ethnicity,
            address: form.address,
            room: form.room,
            nights: form.nights,
        }
    }
}

/// A guest of the register; the number is masked.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GuestView {
    id: String,
    party: String,
    name: String,
    document_type: String,
    document: String,
    nationality: String,
    room: String,
    arrived_at: String,
    due: String,
    left_at: Option<String>,
    /// By when the police must be told; citizens need no report.
    report_due_at: Option<String>,
    reported_at: Option<String>,
}

impl From<GuestRow> for GuestView {
    fn from(guest: GuestRow) -> Self {
        let kind = guest.document_type.parse().ok();
        let number = kind.and_then(|kind| DocumentNumber::parse(kind, &guest.document).ok());
        Self {
            report_due_at: report_due(&guest).map(|at| at.to_string()),
            id: guest.id.to_string(),
            party: guest.party.to_string(),
            name: guest.name,
            document_type: guest.document_type,
            document: number.map(|number| number.masked()).unwrap_or_default(),
            nationality: guest.nationality,
            room: guest.room,
            arrived_at: guest.arrived_at.to_string(),
            due: guest.due.to_string(),
            left_at: guest.left_at.map(|at| at.to_string()),
            reported_at: guest.reported_at.map(|at| at.to_string()),
        }
    }
}

/// How the register is taken out.
#[derive(Clone, Copy, Debug, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum GuestFormatView {
    Csv,
    Json,
}

/// What whoever was last at the desk showed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn guest_draft(shell: State<'_, Arc<Shell>>) -> Answer<Option<GuestFormView>> {
    Ok(shell.desk.guest_draft()?.map(GuestFormView::from))
}

/// Who is here, or ever was, the newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn guests(
    shell: State<'_, Arc<Shell>>,
    text: Option<String>,
    here: bool,
) -> Answer<Vec<GuestView>> {
    let filter = GuestFilter { text, here, limit: MAX_GUESTS, ..GuestFilter::default() };
    let guests = shell.work(move |shell| shell.desk.guests(&filter)).await?;
    Ok(guests.into_iter().map(GuestView::from).collect())
}

/// One guest whole, to be read or put right.
#[tauri::command]
#[specta::specta]
pub(crate) async fn guest(shell: State<'_, Arc<Shell>>, guest: String) -> Answer<GuestFormView> {
    Ok(shell.desk.guest_form(id("guest", &guest)?)?.into())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn check_in(
    shell: State<'_, Arc<Shell>>,
    form: GuestFormView,
    party: Option<String>,
) -> Answer<GuestView> {
    let party = party.map(|party| id("party", &party)).transpose()?;
    let form = GuestForm::from(form);
    Ok(shell.work(move |shell| shell.desk.check_in(&form, party)).await?.into())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn change_guest(
    shell: State<'_, Arc<Shell>>,
    guest: String,
    form: GuestFormView,
) -> Answer<GuestView> {
    Ok(shell.desk.change_guest(id("guest", &guest)?, &form.into())?.into())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn check_out(shell: State<'_, Arc<Shell>>, guest: String) -> Answer<GuestView> {
    Ok(shell.desk.check_out(id("guest", &guest)?)?.into())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn note_reported(
    shell: State<'_, Arc<Shell>>,
    guest: String,
) -> Answer<GuestView> {
    Ok(shell.desk.note_reported(id("guest", &guest)?)?.into())
}

/// Answers where the file lies.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_guests(
    shell: State<'_, Arc<Shell>>,
    from: String,
    to: String,
    format: GuestFormatView,
) -> Answer<String> {
    let (from, to) = (day_of("from", &from)?, day_of("to", &to)?);
    let (ending, format) = match format {
        GuestFormatView::Csv => ("csv", GuestFormat::Csv),
        GuestFormatView::Json => ("json", GuestFormat::Json),
    };
    let write = move |desk: &yanma_station::Desk, out: &mut std::fs::File| {
        desk.export_guests(from, to, format, out).map(drop)
    };
    shell.export("guests", ending, write).await
}

/// What a companion of a guest is written with.
#[tauri::command]
#[specta::specta]
pub(crate) async fn companion_draft(
    shell: State<'_, Arc<Shell>>,
    guest: String,
) -> Answer<GuestFormView> {
    let first = id("guest", &guest)?;
    let form = shell.work(move |shell| shell.desk.companion_draft(first)).await?;
    Ok(form.into())
}

/// Answers how many have left.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_out_party(shell: State<'_, Arc<Shell>>, guest: String) -> Answer<u32> {
    let first = id("guest", &guest)?;
    let left = shell.work(move |shell| shell.desk.check_out_party(first)).await?;
    Ok(u32::try_from(left).unwrap_or(u32::MAX))
}
