//! Who works at the desk, as the page shows and changes it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, State};
use yanma_station::DeskError;
use yanma_station::operators::Operator;
use yanma_station::report::ReportFormat;
use yanma_station::rights::{Right, Role};

use crate::commands::{Answer, day_of};
use crate::shell::Shell;

/// Somebody who may work here.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperatorView {
    id: String,
    name: String,
    role: RoleView,
    has_badge: bool,
    retired: bool,
}

/// What somebody is at this desk.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RoleView {
    Operator,
    Supervisor,
    Administrator,
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        match role {
            Role::Operator => Self::Operator,
            Role::Supervisor => Self::Supervisor,
            Role::Administrator => Self::Administrator,
        }
    }
}

impl From<RoleView> for Role {
    fn from(role: RoleView) -> Self {
        match role {
            RoleView::Operator => Self::Operator,
            RoleView::Supervisor => Self::Supervisor,
            RoleView::Administrator => Self::Administrator,
        }
    }
}

impl From<Operator> for OperatorView {
    fn from(operator: Operator) -> Self {
        Self {
            role: operator.role.into(),
            has_badge: operator.has_badge,
            retired: operator.retired,
            id: operator.id,
            name: operator.name,
        }
    }
}

/// Everybody, and who is at work.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StaffView {
    operators: Vec<OperatorView>,
    signed_in: Option<OperatorView>,
    /// Rights of whoever is at the desk, by name.
    rights: Vec<String>,
}

impl StaffView {
    fn of(shell: &Shell) -> Result<Self, DeskError> {
        let desk = &shell.desk;
        Ok(Self {
            operators: desk.operators()?.into_iter().map(OperatorView::from).collect(),
            signed_in: desk.signed_in().map(OperatorView::from),
            rights: Right::ALL
                .into_iter()
                .filter(|right| desk.allow(*right).is_ok())
                .map(|right| right.as_str().to_owned())
                .collect(),
        })
    }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn staff(shell: State<'_, Arc<Shell>>) -> Answer<StaffView> {
    Ok(StaffView::of(&shell)?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    id: String,
    pin: String,
) -> Answer<StaffView> {
    shell.work(move |shell| shell.desk.sign_in(&id, &pin)).await?;
    shell.show_station(&app);
    Ok(StaffView::of(&shell)?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in_by_badge(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    badge: String,
) -> Answer<StaffView> {
    shell.desk.sign_in_by_badge(&badge)?;
    shell.show_station(&app);
    Ok(StaffView::of(&shell)?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_out(app: AppHandle, shell: State<'_, Arc<Shell>>) -> Answer<StaffView> {
    shell.desk.sign_out()?;
    shell.show_station(&app);
    Ok(StaffView::of(&shell)?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_operator(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    id: String,
    name: String,
    role: RoleView,
    pin: Option<String>,
) -> Answer<StaffView> {
    let set = move |shell: &Shell| shell.desk.set_operator(&id, &name, role.into(), pin.as_deref());
    shell.work(set).await?;
    shell.show_station(&app);
    Ok(StaffView::of(&shell)?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn retire_operator(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    id: String,
) -> Answer<StaffView> {
    shell.desk.retire_operator(&id)?;
    shell.show_station(&app);
    Ok(StaffView::of(&shell)?)
}

/// Answers the text of the new badge: shown once, to be printed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn issue_badge(shell: State<'_, Arc<Shell>>, id: String) -> Answer<String> {
    Ok(shell.desk.issue_badge(&id)?)
}

/// How many came in one hour, with one outcome, to one operator.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct HourView {
    /// Seconds since 1970 at which the hour begins.
    from: f64,
    decision: String,
    operator: Option<String>,
    count: f64,
    unread: f64,
}

/// How long people took in one hour, from the first reading to the word on what was done.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct PaceView {
    /// Seconds since 1970 at which the hour begins.
    from: f64,
    /// The median.
    seconds: f64,
}

/// The figures of some days.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FiguresView {
    hours: Vec<HourView>,
    /// Only hours in which something was done.
    pace: Vec<PaceView>,
    /// The median of all of it, where something was done.
    median_seconds: Option<f64>,
}

#[tauri::command]
#[specta::specta]
#[expect(clippy::cast_precision_loss, reason = "hours and counts are far below 2^53")]
pub(crate) async fn hours(
    shell: State<'_, Arc<Shell>>,
    from: String,
    to: String,
) -> Answer<FiguresView> {
    let (from, to) = (day_of("from", &from)?, day_of("to", &to)?);
    let hours = shell.desk.hours(from, to)?.into_iter().map(|hour| HourView {
        from: (hour.hour * 3600) as f64,
        decision: hour.decision,
        operator: hour.operator,
        count: hour.count as f64,
        unread: hour.unread as f64,
    });
    let pace = shell.desk.pace(from, to)?;
    let of_hour = pace.hours.into_iter().map(|(hour, median)| PaceView {
        from: (hour * 3600) as f64,
        seconds: median.as_secs_f64(),
    });
    Ok(FiguresView {
        hours: hours.collect(),
        pace: of_hour.collect(),
        median_seconds: pace.whole.map(|median| median.as_secs_f64()),
    })
}

/// How a day's report is written.
#[derive(Clone, Copy, Debug, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ReportFormatView {
    Csv,
    Pdf,
}

/// Writes the figures of a day; answers where the file lies.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_day(
    shell: State<'_, Arc<Shell>>,
    day: String,
    format: ReportFormatView,
) -> Answer<String> {
    let day = day_of("day", &day)?;
    let (ending, format) = match format {
        ReportFormatView::Csv => ("csv", ReportFormat::Csv),
        ReportFormatView::Pdf => ("pdf", ReportFormat::Pdf),
    };
    shell.export("day", ending, move |desk, out| desk.export_day(day, format, out)).await
}

/// A line of the audit.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct AuditView {
    number: f64,
    at: String,
    operator: Option<String>,
    act: String,
    subject: Option<String>,
    detail: Option<String>,
}

#[tauri::command]
#[specta::specta]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the page only gives back numbers it was given; others saturate"
)]
pub(crate) async fn audit(
    shell: State<'_, Arc<Shell>>,
    before: Option<f64>,
    limit: u32,
) -> Answer<Vec<AuditView>> {
    let rows = shell.desk.audit(before.map(|number| number as u64), limit.clamp(1, 500))?;
    Ok(rows
        .into_iter()
        .map(|row| AuditView {
            number: row.number as f64,
            at: row.at.to_string(),
            operator: row.operator,
            act: row.act,
            subject: row.subject,
            detail: row.detail,
        })
        .collect())
}
