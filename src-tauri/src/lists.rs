//! Lists of expected people, as the page shows them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, State};
use tauri_specta::Event;
use uuid::Uuid;
use yanma_station::flights::Missing;
use yanma_station::lists::{Expectation, masked};
use yanma_station::store::{FlightCount, ListRow, ListedRow};

use crate::commands::{Answer, CommandError, day_of};
use crate::shell::{Shell, tell};
use crate::views::VerdictView;

/// A list that was taken in.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct TakenView {
    list: String,
    encoding: String,
    people: u32,
    problems: u32,
    twice: u32,
}

/// A list, and how far it is.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ListView {
    id: String,
    name: String,
    day: String,
    people: u32,
    checked: u32,
    arrived: u32,
}

/// Somebody on a list.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedView {
    line: u32,
    name: String,
    document_type: Option<String>,
    document: Option<String>,
    room: Option<String>,
    nights: Option<u32>,
    flight: Option<String>,
    seat: Option<String>,
    note: Option<String>,
    /// `name`, `no-document`, `document`, `which-document`, `document-type`, `stay`, `flight`,
    /// `twice N`.
    problem: Option<String>,
    decision: Option<String>,
    reasons: Vec<String>,
    arrived_at: Option<String>,
}

/// A flight of the day: people of the lists, and who came.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct FlightView {
    flight: String,
    expected: u32,
    checked: u32,
    missing: u32,
    unlisted: u32,
    crew: u32,
    staff: u32,
}

/// Somebody of a flight's lists who has not come, masked.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct MissingView {
    name: String,
    document: Option<String>,
    seat: Option<String>,
}

/// How far checking a list ahead is.
#[derive(Clone, Debug, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "list-progress")]
pub(crate) struct ListProgressEvent {
    list: String,
    done: u32,
    total: u32,
}

/// Whether somebody at the desk is on a list of today.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum ExpectationView {
    WalkIn,
    Expected {
        list: String,
        name: String,
        room: Option<String>,
        nights: Option<u32>,
        flight: Option<String>,
        seat: Option<String>,
        note: Option<String>,
    },
    CameBefore {
        list: String,
        name: String,
        room: Option<String>,
        flight: Option<String>,
        seat: Option<String>,
        arrived_at: String,
    },
}

impl ExpectationView {
    /// `None` where there is no list for today.
    pub(crate) fn of(expectation: Expectation) -> Option<Self> {
        match expectation {
            Expectation::NoList => None,
            Expectation::WalkIn => Some(Self::WalkIn),
            Expectation::Expected(list, one) => {
                let ListedRow { name, room, nights, flight, seat, note, .. } = *one;
                Some(Self::Expected { list, name, room, nights, flight, seat, note })
            }
            Expectation::CameBefore(list, one) => {
                let arrived_at = one.arrived_at.map(|at| at.to_string()).unwrap_or_default();
                let ListedRow { name, room, flight, seat, .. } = *one;
                Some(Self::CameBefore { list, name, room, flight, seat, arrived_at })
            }
        }
    }
}

impl From<ListRow> for ListView {
    fn from(list: ListRow) -> Self {
        Self {
            id: list.id.to_string(),
            name: list.name,
            day: list.day.to_string(),
            people: list.people,
            checked: list.checked,
            arrived: list.arrived,
        }
    }
}

impl From<FlightCount> for FlightView {
    fn from(count: FlightCount) -> Self {
        let missing = count.missing();
        let FlightCount { flight, expected, checked, unlisted, crew, staff } = count;
        Self { flight, expected, checked, missing, unlisted, crew, staff }
    }
}

impl From<Missing> for MissingView {
    fn from(one: Missing) -> Self {
        let name = one.name.map(|name| name.to_string()).unwrap_or_default();
        Self { name, document: one.document, seat: one.seat }
    }
}

impl From<ListedRow> for ListedView {
    fn from(one: ListedRow) -> Self {
        Self {
            document: masked(&one),
            line: one.line,
            name: one.name,
            document_type: one.document_type,
            room: one.room,
            nights: one.nights,
            flight: one.flight,
            seat: one.seat,
            note: one.note,
            problem: one.problem,
            decision: one.decision,
            reasons: one.reasons,
            arrived_at: one.arrived_at.map(|at| at.to_string()),
        }
    }
}

/// An id that the page was given.
pub(crate) fn id(field: &str, text: &str) -> Answer<Uuid> {
    text.parse().map_err(|_| CommandError::bad_field(field, "not an id"))
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn take_list(
    shell: State<'_, Arc<Shell>>,
    name: String,
    day: String,
    bytes: Vec<u8>,
) -> Answer<TakenView> {
    let day = day_of("day", &day)?;
    let taken = shell.work(move |shell| shell.desk.take_list(&name, day, &bytes)).await?;
    Ok(TakenView {
        list: taken.list.to_string(),
        encoding: taken.encoding.to_owned(),
        people: small(taken.people),
        problems: small(taken.problems),
        twice: small(taken.twice),
    })
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn lists(shell: State<'_, Arc<Shell>>) -> Answer<Vec<ListView>> {
    Ok(shell.desk.lists()?.into_iter().map(ListView::from).collect())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn listed(shell: State<'_, Arc<Shell>>, list: String) -> Answer<Vec<ListedView>> {
    let list = id("list", &list)?;
    let people = shell.work(move |shell| shell.desk.listed(list)).await?;
    Ok(people.into_iter().map(ListedView::from).collect())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn check_list(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    list: String,
) -> Answer<()> {
    let known = id("list", &list)?;
    let check = move |shell: &Shell| {
        shell.desk.check_list(known, |done, total| {
            let event =
                ListProgressEvent { list: list.clone(), done: small(done), total: small(total) };
            tell(event.emit(&app));
        })
    };
    shell.work(check).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn present_listed(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    list: String,
    line: u32,
) -> Answer<VerdictView> {
    let list = id("list", &list)?;
    let present = move |desk: &yanma_station::Desk| desk.present_listed(list, line);
    Ok(Arc::clone(&shell).take_by(&app, present).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn forget_list(shell: State<'_, Arc<Shell>>, list: String) -> Answer<()> {
    Ok(shell.desk.forget_list(id("list", &list)?)?)
}

/// Answers where the file lies.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_list(shell: State<'_, Arc<Shell>>, list: String) -> Answer<String> {
    let list = id("list", &list)?;
    shell.export("list", "csv", move |desk, out| desk.export_list(list, out)).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn flights(shell: State<'_, Arc<Shell>>) -> Answer<Vec<FlightView>> {
    let flights = shell.work(|shell| shell.desk.flights()).await?;
    Ok(flights.into_iter().map(FlightView::from).collect())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn missing(
    shell: State<'_, Arc<Shell>>,
    flight: String,
) -> Answer<Vec<MissingView>> {
    let missing = shell.work(move |shell| shell.desk.missing(&flight)).await?;
    Ok(missing.into_iter().map(MissingView::from).collect())
}
